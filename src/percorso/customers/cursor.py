"""Places in a long list, as an address carries them: the next page begins behind the last row that was seen."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any

from percorso.errors import BadQuestion
from percorso.i18n import mark

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - instants of facts are UTC without saying so


def pack(at: datetime, *more: str) -> str:
    """Return the place of a row as text: its instant (UTC), and what tells it from others of the same instant."""
    microseconds = (at.replace(tzinfo=None) - EPOCH) // timedelta(microseconds=1)
    return urlsafe_b64encode(json.dumps([microseconds, *more]).encode()).decode().rstrip("=")


def unpack(text: str, length: int) -> tuple[Any, ...] | None:
    """Return the place that `pack` wrote, of `length` parts; None for an empty text.

    Raises
    ------
    BadQuestion : the text is no place.
    """
    if not text:
        return None
    try:
        found = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        microseconds, *more = found
        if len(found) != length or not all(isinstance(part, str) for part in more):
            raise ValueError(text)
        return (EPOCH + timedelta(microseconds=int(microseconds)), *more)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadQuestion(mark("This address points to no place in the list. Start from its beginning.")) from error
