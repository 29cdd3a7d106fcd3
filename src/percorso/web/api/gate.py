"""What stands before and after every operation: size, type, allowance, repeated requests, and the form of errors."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from percorso.accounts.bearer import key_of
from percorso.accounts.models import ApiKey
from percorso.base.rest import Problem
from percorso.config import setting
from percorso.i18n import mark
from percorso.web.api.answers import answer_once
from percorso.web.api.limits import Kind, Spent, spend
from percorso.web.api.problems import answered, problem_of

View = Callable[..., HttpResponse]
JSON, FORM = "application/json", "multipart/form-data"
# POST, because a question is longer than an address may be; it changes nothing.
QUESTIONS = ("/query", "/segments/preview")


def gate(view: View) -> View:
    """Return `view` with everything around it that all operations share."""

    @wraps(view)
    def passed(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        spent: Spent | None = None
        try:
            key = key_of(request)
            if key is not None:
                spent = spend(key, _kind(request))
                if spent.over:
                    raise Problem(429, mark("Wait {seconds} seconds."), seconds=spent.reset_seconds)
                _check(request)
            answer = _carried_out(request, key, lambda: view(request, *args, **more))
        except Exception as error:
            answer = answered(problem_of(request, error))
        if answer.status_code == 405:
            answer = answered(Problem(405, headers={"Allow": answer["Allow"]}))
        for name, value in (spent.headers() if spent else {}).items():
            answer[name] = value
        return answer

    passed.access = "key"  # type: ignore[attr-defined]
    return passed


def unknown(request: HttpRequest, *args: Any) -> HttpResponse:
    """Answer an address that is none."""
    return answered(Problem(404, mark("There is no address {path}. See /api/v1/docs."), path=request.path))


unknown.csrf_exempt = True  # type: ignore[attr-defined]
unknown.access = "key"  # type: ignore[attr-defined]


def _carried_out(request: HttpRequest, key: ApiKey | None, view: Callable[[], HttpResponse]) -> HttpResponse:
    name = request.headers.get("Idempotency-Key")
    if key is None or name is None or request.method != "POST":
        return view()
    return answer_once(request, key, name, view)


def _kind(request: HttpRequest) -> Kind:
    reads = request.method in ("GET", "HEAD", "OPTIONS") or request.path.endswith(QUESTIONS)
    return "read" if reads else "write"


def _check(request: HttpRequest) -> None:
    """Refuse what no operation could read."""
    if b"\x00" in unquote_to_bytes(request.get_full_path()):
        raise Problem(400, mark("An address cannot contain the character NUL."))
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.method in ("GET", "HEAD", "OPTIONS", "DELETE", "TRACE") or not length.isdecimal() or int(length) == 0:
        return
    form = request.path.endswith("/imports")
    if request.content_type != (FORM if form else JSON):
        raise Problem(415, mark("Send the body as {expected}."), expected=FORM if form else JSON)
    limit = int(str(setting("UPLOAD_LIMIT_MB"))) * 2**20 if form else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if int(length) > limit:
        raise Problem(413, mark("Send at most {limit} megabytes at once."), limit=limit // 2**20)
