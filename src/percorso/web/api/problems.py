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
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from percorso.base.rest import PROBLEMS, Problem
from percorso.errors import BadQuestion, UserError
from percorso.i18n import mark

log = logging.getLogger("percorso.api")
MEDIA_TYPE = "application/problem+json"

# Why a value does not fit, by pydantic's name of the reason.
REASONS = {
    "missing": mark("This is required."),
    "extra_forbidden": mark("There is no such name here."),
    "string_type": mark("Give text."),
    "string_too_long": mark("Give at most {max_length} characters."),
    "string_too_short": mark("Give at least {min_length} characters."),
    "bool_type": mark("Give true or false."),
    "bool_parsing": mark("Give true or false."),
    "int_type": mark("Give a whole number."),
    "int_parsing": mark("Give a whole number."),
    "int_from_float": mark("Give a whole number."),
    "int_parsing_size": mark("The number is too large."),
    "float_type": mark("Give a number."),
    "float_parsing": mark("Give a number."),
    "finite_number": mark("Give a number that is not infinite."),
    "greater_than_equal": mark("Give {ge} or more."),
    "greater_than": mark("Give more than {gt}."),
    "less_than_equal": mark("Give {le} or less."),
    "less_than": mark("Give less than {lt}."),
    "list_type": mark("Give a list."),
    "dict_type": mark("Give an object."),
    "model_attributes_type": mark("Give an object."),
    "model_type": mark("Give an object."),
    "too_long": mark("Give at most {max_length} entries."),
    "too_short": mark("Give at least {min_length} entries."),
    "literal_error": mark("Give one of: {expected}."),
    "date_from_datetime_parsing": mark("Give a day such as 2025-12-31."),
    "date_parsing": mark("Give a day such as 2025-12-31."),
    "date_type": mark("Give a day such as 2025-12-31."),
    "datetime_from_date_parsing": mark("Give an instant such as 2026-03-31T23:30:00Z."),
    "datetime_parsing": mark("Give an instant such as 2026-03-31T23:30:00Z."),
    "datetime_type": mark("Give an instant such as 2026-03-31T23:30:00Z."),
    "timezone_aware": mark("Give an instant with its offset, such as 2026-03-31T23:30:00Z."),
}


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
    template = REASONS.get(error["type"])
    ctx = {name: str(value) for name, value in error.get("ctx", {}).items()}
    detail = gettext(template).format(**ctx) if template else gettext("This value does not fit.")
    return {"where": ".".join(where), "detail": detail}
