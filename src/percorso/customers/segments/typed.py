"""Numbers as people type them."""

import math
from typing import Any

from percorso.errors import BadQuestion
from percorso.i18n import mark


def number_of(text: str) -> float:
    """Return the number that a text says; the decimal sign is a point or a comma.

    Raises
    ------
    BadQuestion : it is none.
    """
    try:
        found = float(text.strip().replace(",", "."))
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise BadQuestion(mark("Give a number."))
    return found


def typed(value: Any) -> str:
    """Return a value as it is typed; nothing is typed of None."""
    return "" if value is None else f"{value:.15g}" if isinstance(value, int | float) else str(value)


def line_of(text: str) -> str:
    """Return what a field of one line keeps of a text."""
    return "".join(text.splitlines()).strip()
