"""What all routers of the REST interface share: problems as RFC 9457 has them, pages by cursor, examples."""

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from django.utils.translation import gettext
from ninja import Schema
from pydantic import ConfigDict, Field

from percorso.i18n import mark

T = TypeVar("T")
PAGE = 50
LONGEST_PAGE = 200

# What can go wrong, by status: the name that programs read, the title that people read.
PROBLEMS: dict[int, tuple[str, str]] = {
    400: ("bad-request", mark("The request cannot be read")),
    401: ("no-key", mark("The key is missing or does not work")),
    403: ("not-allowed", mark("The key does not allow this")),
    404: ("not-found", mark("There is no such thing")),
    405: ("wrong-method", mark("The address does not take this method")),
    409: ("conflict", mark("This cannot be done now")),
    413: ("too-large", mark("The request is too large")),
    415: ("wrong-type", mark("The body has the wrong type")),
    422: ("does-not-fit", mark("Some values do not fit")),
    429: ("too-many", mark("Too many requests")),
    500: ("our-error", mark("Something went wrong on our side")),
    503: ("try-later", mark("This is not possible at the moment")),
}


class Strict(Schema):
    """What is sent to us: a name that does not exist is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")


class Wrong(Schema):
    """One value that does not fit: where it stands, and why."""

    where: str = Field(description="path to the value, e.g. body.rows.3.score (rows count from 0)")
    detail: str = Field(description="what is wrong, in the language of Accept-Language")


class ProblemDetails(Schema):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="urn:percorso:problem:… , for programs")
    title: str
    status: int
    detail: str
    errors: list[Wrong] = Field(default_factory=list)


class Problem(Exception):
    """An answer that says what went wrong; `detail` is a marked template, translated when it is answered."""

    def __init__(
        self, status: int, detail: str = "", *, errors: Sequence[dict[str, str]] = (), headers: dict[str, str] | None = None,
        **params: Any,
    ) -> None:  # fmt: skip
        super().__init__(detail)
        self.status, self.detail, self.params, self.errors, self.headers = status, detail, params, errors, headers or {}

    def details(self) -> dict[str, Any]:
        """Return the problem as it is answered, in the language of the request."""
        name, title = PROBLEMS[self.status]
        return {
            "type": f"urn:percorso:problem:{name}",
            "title": gettext(title),
            "status": self.status,
            "detail": gettext(self.detail).format(**self.params) if self.detail else gettext(title),
            "errors": list(self.errors),
        }


class Page(Schema, Generic[T]):
    """Some of a list; `next` is the cursor of what follows, null at the end."""

    items: list[T]
    next: str | None = Field(description="give it as ?cursor= to get what follows; null at the end")


class Paging(Strict):
    """Which part of a list is wanted."""

    limit: int = Field(PAGE, ge=1, le=LONGEST_PAGE, description="how many at most")
    cursor: str | None = Field(None, max_length=2000, description="`next` of the page before")

    def after(self, kinds: type | tuple[type, ...] = (int,)) -> list[Any] | None:
        """Return the key of the last item of the page before, None at the beginning.

        Raises
        ------
        Problem : a cursor that no page has given.
        """
        if self.cursor is None:
            return None
        try:
            key = json.loads(base64.urlsafe_b64decode(self.cursor.encode() + b"=="))
        except ValueError:
            key = None
        wanted = kinds if isinstance(kinds, tuple) else (kinds,)
        fits = isinstance(key, list) and len(key) == len(wanted)
        if not fits or not all(type(part) is kind for part, kind in zip(key, wanted, strict=True)):
            raise Problem(400, mark("The cursor is not one that a page has given. Begin without one."))
        if any(isinstance(part, int) and abs(part) >= 2**63 for part in key):
            raise Problem(400, mark("The cursor is not one that a page has given. Begin without one."))
        return key


def cursor_of(*key: Any) -> str:
    """Return the cursor after an item, opaque to whoever uses it."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def page_of(rows: Iterable[Any], limit: int, key: Callable[[Any], tuple[Any, ...]]) -> dict[str, Any]:
    """Return a page of `rows`, of which one more than `limit` was asked for; `key` tells rows apart."""
    items = list(rows)
    more = len(items) > limit
    items = items[:limit]
    return {"items": items, "next": cursor_of(*key(items[-1])) if more else None}


def example(answer: Any = None, status: int = 200, *, asked: Any = None, form: Any = None) -> dict[str, Any]:
    """Return an operation's example for the OpenAPI document: what is asked, and what is answered."""
    said: dict[str, Any] = {}
    if answer is not None:
        said["responses"] = {status: {"content": {"application/json": {"example": answer}}}}
    if asked is not None:
        said["requestBody"] = {"content": {"application/json": {"example": asked}}}
    if form is not None:
        said["requestBody"] = {"content": {"multipart/form-data": {"example": form}}}
    return said
