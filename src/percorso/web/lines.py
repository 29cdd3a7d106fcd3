"""Log lines without personal data.

Never told: query strings, bodies, paths (they hold ids of customers), e-mail addresses, IP addresses, values in errors.
"""

import json
import logging
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest

# Of these errors the message names code or a server and no values of people.
TOLD = (OperationalError, InterfaceError, ImportError, AttributeError, TypeError, NameError)

request_id: ContextVar[str] = ContextVar("request_id", default="")


class Lines(logging.Formatter):
    """One line a message, as text or as JSON, with the id of the request that it belongs to."""

    def __init__(self, form: str = "text") -> None:
        super().__init__()
        self.json = form == "json"

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record; below it, or in `error`, where an exception came from."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        error = "\n".join(_told(record.exc_info[1])) if record.exc_info and record.exc_info[1] else ""
        request = request_id.get()
        if not self.json:
            line = f"{at} {record.levelname} {record.name} {_message(record)}" + (f" [{request}]" if request else "")
            return f"{line}\n{error}" if error else line
        values = {"at": at, "level": record.levelname, "logger": record.name, "message": _message(record)}
        more: dict[str, Any] = getattr(record, "values", {})
        optional = {name: value for name, value in (("request", request), ("error", error)) if value}
        return json.dumps(values | more | optional, ensure_ascii=False, default=str)


def _message(record: logging.LogRecord) -> str:
    """Return the message; Django's own name the path of the request, in its place comes the route."""
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
        paths = (request.path, request.get_full_path())
        return str(record.msg) % tuple(route_of(request) if arg in paths else arg for arg in record.args)
    return record.getMessage()


def _told(error: BaseException) -> Iterator[str]:
    """Yield where an error came from and what kind it is, its cause first; without its values."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _told(before)
    yield from (line.rstrip() for line in traceback.format_tb(error.__traceback__))
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, OSError) and error.strerror:
        yield f"{kind}: {error.strerror}"
    elif isinstance(error, TOLD):
        yield f"{kind}: {str(error).partition(chr(10))[0]}"
    else:
        yield kind


def route_of(request: HttpRequest) -> str:
    """Return the name of a request's route: `static`, or `none` when there is no such address."""
    if request.resolver_match:
        return request.resolver_match.view_name or "unnamed"
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"
