"""Every error of the interface as application/problem+json, in the language of the request."""

import json
import logging
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from percorso.base.reasons import reason_of
from percorso.base.rest import PROBLEMS, Problem
from percorso.errors import BadQuestion, UserError
from percorso.i18n import mark

log = logging.getLogger("percorso.api")
MEDIA_TYPE = "application/problem+json"


def answered(problem: Problem) -> HttpResponse:
    """Return a problem as an answer."""
    content = json.dumps(problem.details(), ensure_ascii=False)
    return HttpResponse(content, status=problem.status, content_type=MEDIA_TYPE, headers=problem.headers)


def answer_problems(api: NinjaAPI) -> None:
    """Have `api` answer every exception as a problem."""
    for kind in (Exception, Http404, HttpError, ValidationError):
        api.add_exception_handler(kind, lambda request, error: answered(problem_of(request, error)))


def problem_of(request: HttpRequest, error: Any) -> Problem:
    """Return the problem that an exception is."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ValidationError):
        return Problem(
            422, mark("See errors for what does not fit, and where."), errors=[_wrong(e) for e in error.errors]
        )
    if isinstance(error, UserError):
        return Problem(400 if isinstance(error, BadQuestion) else 503, error.message, **error.params)
    if isinstance(error, RequestDataTooBig):
        return Problem(413, mark("Send less at once, e.g. fewer rows."))
    if isinstance(error, (SuspiciousOperation, MultiPartParserError, UnreadablePostError)):
        return Problem(400)
    if isinstance(error, PermissionDenied):
        return Problem(403)
    if isinstance(error, Http404):
        return Problem(404)
    if isinstance(error, HttpError) and error.status_code in PROBLEMS:
        return Problem(error.status_code)
    log.error("an operation failed: %s %s", request.method, request.path, exc_info=error)
    return Problem(500, mark("It has been logged. Try again; if it stays, tell whoever runs percorso."))


def _wrong(error: dict[str, Any]) -> dict[str, str]:
    """Return what pydantic found wrong, as `Wrong`."""
    loc = [str(part) for part in error["loc"]]
    # Ninja puts the name of the view's argument between the body and what is in it.
    where = [part for n, part in enumerate(loc) if not (n == 1 and loc[0] == "body" and len(loc) > 1)]
    return {"where": ".".join(where), "detail": reason_of(error)}
