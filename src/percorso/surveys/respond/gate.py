"""What stands before every public page: which requests are heard at all, and the headers that each answer bears."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.gzip import gzip_page

from percorso.surveys.models import Survey
from percorso.surveys.respond.ending import ENDINGS, Ended
from percorso.surveys.respond.forms import Sent
from percorso.surveys.respond.languages import interface_wanted, language_of
from percorso.surveys.respond.limits import too_many
from percorso.surveys.respond.queries import survey_of
from percorso.surveys.respond.shown import Sheet, ended_html

MOST_BYTES = 2**20
MOST_BYTES_WITH_FILES = 64 * 2**20
SITE = re.compile(r"https?://(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
)

View = Callable[..., HttpResponse]


def heard(*methods: str) -> Callable[[View], View]:
    """Return a decorator: within the limits, by these methods, never kept in a cache, and never an error without a page.

    Answers are compressed for who can read that: a page of all question types has 17 kB, and 4 kB on its way.
    """

    def decorate(view: View) -> View:
        @gzip_page
        @wraps(view)
        def guarded(request: HttpRequest, key: str, **more: Any) -> HttpResponse:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            try:
                if wait := too_many(request, more.get("token") or more.get("response") or ""):
                    raise Ended("busy", retry_seconds=wait)
                if request.method == "POST":
                    _refuse_large(request)
                answer = view(request, key, **more)
            except Ended as ended:
                answer = _told(request, ended, key)
            return _bearing(answer)

        return guarded

    return decorate


def answered(survey: Survey | None, language: str, html: str, status: int = 200) -> HttpResponse:
    """Return a page, which only the survey's own sites may show in a frame."""
    answer = HttpResponse(html, status=status)
    answer.headers["Content-Language"] = language
    sites = [site for site in survey.sites if SITE.fullmatch(str(site))] if survey else []
    answer.headers["Content-Security-Policy"] = POLICY + (" ".join(sites) or "'none'")
    if sites:
        answer.xframe_options_exempt = True  # type: ignore[attr-defined]
    return answer


def _bearing(answer: HttpResponse) -> HttpResponse:
    """Add the headers that hold for every answer: kept nowhere, found by no search engine, telling nobody whence."""
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers.setdefault("Content-Security-Policy", POLICY + "'none'")
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _refuse_large(request: HttpRequest) -> None:
    """Refuse what no honest form sends, before it is read as far as that can be told."""
    with_files = request.content_type == "multipart/form-data"
    told = str(request.META.get("CONTENT_LENGTH") or "0")
    if not told.isdecimal() or int(told) > (MOST_BYTES_WITH_FILES if with_files else MOST_BYTES):
        raise Ended("large")
    try:
        if Sent(request).too_long:
            raise Ended("large")
    except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent, MultiPartParserError, UnreadablePostError) as error:
        raise Ended("large") from error


def _survey_at(key: str) -> Survey | None:
    """Return the survey whose address was asked for, whatever else is wrong; so its own sites may show the page too."""
    try:
        return survey_of(key)
    except Ended:
        return None


def _told(request: HttpRequest, ended: Ended, key: str) -> HttpResponse:
    """Return the page that says why, in the survey's languages where it is known whose it is."""
    survey = ended.survey or _survey_at(key)
    wanted = [code for code in (request.GET.get("lang"), ended.language) if code]
    accepted = request.headers.get("Accept-Language", "")
    if survey is None or survey.live is None:
        language, sheet = interface_wanted(wanted, accepted), None
    else:
        language = language_of(survey.live.definition, wanted, accepted)
        sheet = Sheet(survey, survey.live.definition, language, frame=request.GET.get("frame") == "1")
    answer = answered(survey, language, ended_html(ended.because, language, sheet), ENDINGS[ended.because].status)
    if ended.retry_seconds:
        answer.headers["Retry-After"] = str(ended.retry_seconds)
    return answer
