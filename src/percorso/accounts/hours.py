"""Business hours and holidays as people type them: ``09:00–12:00, 13:00–18:00`` a day, one date a line."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from percorso.errors import BadQuestion
from percorso.i18n import mark

SPELL = re.compile(r"(\d{1,2}:\d{2})\s*(?:–|-|—|to)\s*(\d{1,2}:\d{2})")
BETWEEN = re.compile(r"[\s,;]*")


def hours_text(spells: Sequence[Sequence[str]]) -> str:
    """Return the spells of a day as text; empty when it is closed."""
    return ", ".join(f"{opens}–{closes}" for opens, closes in spells)


def read_hours(text: str) -> list[list[str]]:
    """Return the spells of a day; none when `text` is empty.

    Raises
    ------
    BadQuestion : something in the text is no spell.
    """
    if BETWEEN.fullmatch(SPELL.sub("", text)) is None:
        raise BadQuestion(mark("{text} is not understood. Write spells like 09:00–12:00, 13:00–18:00."), text=text)
    return [[opens.zfill(5), closes.zfill(5)] for opens, closes in SPELL.findall(text)]


def holidays_text(days: Iterable[str]) -> str:
    """Return the holidays, one a line."""
    return "\n".join(sorted(days))


def read_holidays(text: str) -> list[str]:
    """Return the days as ISO dates, each once, in order.

    Raises
    ------
    BadQuestion : a line is no date.
    """
    days = set()
    for line in text.split():
        try:
            days.add(date.fromisoformat(line).isoformat())
        except ValueError as error:
            raise BadQuestion(mark("{text} is no day. Write it like 2026-12-25."), text=line) from error
    return sorted(days)


def open_days(week: Mapping[str, list[list[str]]]) -> dict[str, list[list[str]]]:
    """Return the days of a week that are open at all."""
    return {day: spells for day, spells in week.items() if spells}
