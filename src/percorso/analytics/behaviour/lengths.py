"""Lengths of time as people write them: 30m, 24h, 7d."""

import re

from percorso.errors import BadQuestion
from percorso.i18n import mark

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def seconds_of(text: str) -> float:
    """Return a length of time as people write it (7d, 24h, 30m) in seconds.

    Raises
    ------
    BadQuestion : it is written in another way.

    Examples
    --------
    >>> seconds_of("7d"), seconds_of("1.5 h")
    (604800.0, 5400.0)
    """
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)\s*([smhdw])", text.strip().lower(), re.ASCII)
    if found is None:
        raise BadQuestion(mark("Write a length of time as 30m, 24h, 7d or 2w, not {text}."), text=text)
    return float(found[1]) * SECONDS[found[2]]


def length_of(seconds: float) -> str:
    """Return seconds as `seconds_of` reads them, in the largest unit in which they are whole.

    Examples
    --------
    >>> length_of(604800), length_of(172800), length_of(5400)
    ('1w', '2d', '90m')
    """
    unit = next((u for u in ("w", "d", "h", "m") if seconds and seconds % SECONDS[u] == 0), "s")
    return f"{seconds / SECONDS[unit]:.15g}{unit}"
