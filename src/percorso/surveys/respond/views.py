"""Public pages: whoever has the link may answer. No session, no cookie; a GET or HEAD never stores an answer."""

from dataclasses import replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from percorso.accounts.access import public
from percorso.surveys.answering import Closed, read_page
from percorso.surveys.flow import Step
from percorso.surveys.models import Response
from percorso.surveys.question import Refused
from percorso.surveys.respond.actions import Filled, keep, mark_scanned, note_click
from percorso.surveys.respond.ending import Ended, why_closed
from percorso.surveys.respond.forms import Sent, as_typed, lost, preselected
from percorso.surveys.respond.gate import answered, heard
from percorso.surveys.respond.languages import interface_of
from percorso.surveys.respond.look import accent_of, stylesheet
from percorso.surveys.respond.queries import personal, response_of, survey_of
from percorso.surveys.respond.seals import Seal, seal_of, sent_seal
from percorso.surveys.respond.shown import Form, ended_html, page_html, thanks_html
from percorso.surveys.respond.visits import Visit, begun

READ = ("GET", "HEAD")


@public
@csrf_exempt
@heard(*READ, "POST")
def survey_open(request: HttpRequest, key: str) -> HttpResponse:
    """Ask at the link that everybody has. Its form may be posted from a frame on another site, where no cookie of ours
    arrives: no token of a cookie guards it, but the signed seal of the page that was shown."""
    survey = survey_of(key)
    seal = sent_seal(Sent(request), survey) if request.method == "POST" else None
    visit = begun(request, survey, seal or seal_of(request, survey))
    if request.method == "POST":
        return _taken(visit, sealed=seal is not None)
    step = visit.here()
    return _page(visit, step, Form(values={}, chosen=preselected(request.GET, step)))


@public
@csrf_exempt
@heard(*READ, "POST")
def survey_personal(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Ask at the link of one invitation. Free of cookies as `survey_open` is.

    A value in the address is preselected and noted as a click; gateways open such links too, so it is no answer.
    """
    invitation = personal(key, token)
    survey = invitation.survey
    seal = sent_seal(Sent(request), survey) if request.method == "POST" else None
    if seal is not None and seal.begun and survey.anonymous:
        return _taken(_going_on(request, response_of(key, seal.key), seal, token), sealed=True)
    visit = begun(request, survey, seal or seal_of(request, survey), invitation)
    if request.method == "POST":
        return _taken(visit, sealed=seal is not None)
    if visit.response.completed_at is not None:
        raise Ended("answered", survey, visit.response.language)
    step = visit.here()
    chosen = preselected(request.GET, step)
    if chosen and not survey.anonymous:
        note_click(invitation, str(next(iter(chosen.values()))), visit.response if visit.response.pk else None)
    return _page(visit, step, Form(values=visit.response.answers, chosen=chosen))


@public
@csrf_exempt
@heard(*READ, "POST")
def survey_response(request: HttpRequest, key: str, response: str) -> HttpResponse:
    """Go on with a response, or thank for it. Free of cookies as `survey_open` is; its key stands for who gives it."""
    found = response_of(key, response)
    sealed = sent_seal(Sent(request), found.survey) if request.method == "POST" else None
    visit = _going_on(request, found, replace(sealed or seal_of(request, found.survey), key=found.key))
    if request.method == "POST":
        return _taken(visit, sealed=sealed is not None)
    if found.completed_at is not None:
        return _over(visit)
    _refuse_closed(visit)
    return _page(visit, visit.here(), Form(values=found.answers))


@public
@heard(*READ)
def survey_decoy(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Note that a program opens links: people do not see this one in their message."""
    invitation = personal(key, token)
    mark_scanned(invitation)
    raise Ended("decoy", invitation.survey, invitation.language)


@public
@heard(*READ)
def survey_look(request: HttpRequest, key: str) -> HttpResponse:
    """Serve the colour of a survey as a stylesheet; public as its pages are."""
    answer = HttpResponse(stylesheet(accent_of(survey_of(key)) or "#3f5bd8"), content_type="text/css")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


def _going_on(request: HttpRequest, response: Response, seal: Seal, token: str = "") -> Visit:
    invitation = personal(response.survey.key, token) if token else None
    return Visit(request, response.survey, response, seal, invitation)


def _taken(visit: Visit, *, sealed: bool) -> HttpResponse:
    """Keep a page that was sent and go on; show it again with what is wrong."""
    given, over = Sent(visit.request), visit.response.completed_at is not None
    if not over:
        _refuse_closed(visit)
    step = visit.sent(given.get("_page", ""))
    if not sealed:
        with override(interface_of(visit.language)):
            told = _("This page could not be trusted, so nothing was kept. Please send it once more.")
        return _over(visit, 403) if over else _again(visit, step or visit.here(), given, notice=told, status=403)
    if step is None:
        return _next(visit, visit.response) if visit.response.pk else _again(visit, visit.here(), given)
    if given.get("_language"):
        return _again(visit, step, given)
    answers, refused = read_page(visit.response, step, given)
    back = given.get("_go") == "back"
    if refused and not back:
        return _again(visit, step, given, refused | lost(answers), status=422)
    kept = {name: value for name, value in answers.items() if name not in refused}
    try:
        stored = keep(visit.response, Filled(step, kept, visit.language, back, visit.unnamed))
    except Closed as closed:
        because = why_closed(visit.survey) if closed.because == "closed" else closed.because
        raise Ended(because, visit.survey, visit.language) from closed
    return _next(visit, stored)


def _next(visit: Visit, stored: Response) -> HttpResponse:
    """Return the way to the next page; of an anonymous invitation the page itself, so that no address joins the two."""
    key = visit.survey.key
    if visit.unnamed is None:
        query = "?frame=1" if visit.seal.frame else ""
        return HttpResponseRedirect(reverse("survey_response", args=[key, stored.key]) + query, status=303)
    seal = replace(visit.seal, key=stored.key, begun=True)
    there = replace(visit, response=response_of(key, stored.key), seal=seal)
    if there.response.completed_at is not None:
        return _over(there)
    return _page(there, there.here(), Form(values=there.response.answers))


def _over(visit: Visit, status: int = 200) -> HttpResponse:
    if visit.response.over_quota:
        html = ended_html("full", visit.language, visit.sheet)
    else:
        html = thanks_html(visit.sheet)
    return answered(visit.survey, visit.language, html, status)


def _again(
    visit: Visit, step: Step, given: Sent, wrong: dict[str, Refused] | None = None, notice: str = "", status: int = 200
) -> HttpResponse:
    values = as_typed(step, given, visit.response.answers)
    return _page(visit, step, Form(values=values, wrong=wrong or {}, notice=notice), status)


def _page(visit: Visit, step: Step, form: Form, status: int = 200) -> HttpResponse:
    survey, response = visit.survey, visit.response
    saved = response.pk is not None and visit.unnamed is None
    action = reverse("survey_response", args=[survey.key, response.key]) if saved else visit.request.path
    # A device that several people share shows nobody what another one typed.
    draft = "" if survey.repeated or survey.anonymous else f"{action}#{step.page.id}"
    # Said in the address too: a form that is too large is refused before it is read, in the same language and frame.
    query = {"lang": visit.language} | ({"frame": "1"} if visit.seal.frame else {})
    form = replace(form, action=f"{action}?{urlencode(query)}", seal=visit.seal.written(survey), draft=draft)
    return answered(survey, visit.language, page_html(visit.sheet, step, form), status)


def _refuse_closed(visit: Visit) -> None:
    if not visit.survey.is_open:
        raise Ended(why_closed(visit.survey), visit.survey, visit.language)
