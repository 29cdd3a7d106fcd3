"""Instants, money and numbers of facts, in the language of the request."""

import json
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from babel.dates import format_skeleton, format_time
from babel.numbers import format_decimal
from django.utils.translation import gettext

from percorso.analytics.calendar import zone
from percorso.analytics.format import format_money, format_value
from percorso.base.words import day_and_time, language, locale


def instant(at: datetime | None, tz: str) -> str:
    """Return an instant (UTC) as day and time in a time zone; an en dash for none."""
    if at is None:
        return "–"
    local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone(tz))
    return day_and_time(local)


def day(of: date) -> str:
    """Return a day with its name, as a heading."""
    return str(format_skeleton("yMMMEd", of, locale=locale()))


def time_of_day(at: datetime, tz: str) -> str:
    """Return the time of an instant (UTC) in a time zone, to the minute."""
    local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone(tz))
    return _minute(local.hour, local.minute, str(locale()))


@lru_cache(maxsize=10_000)
def _minute(hour: int, minute: int, language: str) -> str:
    return str(format_time(time(hour, minute), "short", locale=language))


def money(amount: int, currency: str | None) -> str:
    """Return an amount in minor units of a currency; without one, as a plain number."""
    return format_money(amount, currency or None, language())


def number(value: float) -> str:
    """Return a number without decimals that say nothing."""
    return str(format_decimal(value, "#,##0.##", locale=locale()))


def plain(value: Any) -> str:
    """Return a value of a trait as a person reads it."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return number(value) if isinstance(value, int | float) else str(value)


def seconds(value: float) -> str:
    """Return a duration."""
    return format_value(value, "seconds", language())


def country(code: str | None) -> str:
    """Return the name of a country; its code when it has none, an empty text without a code."""
    return str(locale().territories.get((code or "").upper(), code or ""))


def spoken(code: str | None) -> str:
    """Return the name of a language."""
    name = str(locale().languages.get((code or "").partition("-")[0].lower(), code or ""))
    return name[:1].upper() + name[1:]
