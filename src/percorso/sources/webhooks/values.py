"""How systems write instants and texts in their calls."""

from datetime import UTC, datetime
from typing import Any

from percorso.i18n import mark
from percorso.sources.webhooks.kind import Unusable


def instant_of(value: Any) -> datetime | None:
    """Return an instant: seconds since 1970, or ISO 8601 (without an offset: UTC); None for nothing.

    Raises
    ------
    Unusable : something stands there that is none.
    """
    if value in (None, ""):
        return None
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        # Fractions of a second finer than microseconds are cut off.
        found = datetime.fromisoformat(_cut(str(value).strip().replace(" UTC", "Z")))
    except (ValueError, OverflowError, OSError) as error:
        raise Unusable(mark("{value} is not a date and time that can be read."), value=str(value)[:60]) from error
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def order_of(value: Any) -> str:
    """Return an instant as text that sorts as instants do; empty for none."""
    at = instant_of(value)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f") if at else ""


def text_of(value: Any, most: int = 2000) -> str | None:
    """Return a value as text, None when it says nothing."""
    return (
        (str(value).strip()[:most] or None) if isinstance(value, (str, int)) and not isinstance(value, bool) else None
    )


def _cut(text: str) -> str:
    head, dot, rest = text.partition(".")
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return f"{head}.{rest[: min(digits, 6)]}{rest[digits:]}" if dot and digits else text
