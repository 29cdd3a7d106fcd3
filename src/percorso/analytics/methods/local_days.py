"""On which local day something happened, counted by the engine without knowing any time zone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from percorso.analytics.calendar import offsets, zone
from percorso.analytics.methods.base import Ask

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Facts of all time lie after it; earlier ones count by the offset that held then.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
DAY_US = 86_400_000_000


def zone_of(ask: Ask) -> str:
    """Return the time zone whose days count: the period's, UTC where all time is asked for."""
    period = ask.frame.period if ask.frame else None
    return period.tz if period else "UTC"


def day_moments(ask: Ask) -> dict[str, datetime]:
    """Return the instants that `local_day` asks for, by their roles: from when on a local day zero began when."""
    span = ask.frame.span if ask.frame else None
    pieces = offsets(*(span or (EARLIEST, max(ask.as_of, EARLIEST + timedelta(days=1)))), zone_of(ask))
    made = {}
    for i, (since, offset) in enumerate(pieces):
        made[f"days_since_{i}"], made[f"days_origin_{i}"] = since, EPOCH - timedelta(seconds=offset)
    return made


def local_day(moment: ir.TimestampValue, ask: Ask) -> ir.IntegerValue:
    """Return the number of the local day of an instant; 1970-01-01 is 0. The indicator must give `day_moments`."""
    at_us = ask.engine.epoch_us(moment)
    day: ir.IntegerValue | None = None
    for i in range(len(day_moments(ask)) // 2):
        counted = (at_us - ask.engine.epoch_us(ask.instant(f"days_origin_{i}"))) // DAY_US
        day = counted if day is None else ibis.ifelse(moment >= ask.instant(f"days_since_{i}"), counted, day)
    assert day is not None
    return day.cast("int64")


def days_of_cells(ask: Ask) -> list[int] | None:
    """Return how many local days each cell of a group holds, in the order of cells; None where all time is asked for.

    Days that had not begun by `as_of` are not counted: nobody can have come on them.
    """
    frame = ask.frame
    if frame is None or frame.period is None:
        return None
    if frame.buckets:
        return [_days(b.start, b.end, ask) for b in frame.buckets]
    periods = [p for p in (frame.before, frame.period) if p is not None]
    return [_days(*p.bounds, ask) for p in periods]


def _days(start: datetime, end: datetime, ask: Ask) -> int:
    last = min(end - timedelta(microseconds=1), max(ask.as_of, start))
    days: Any = [at.astimezone(zone(zone_of(ask))).date() for at in (start, last)]
    return int((days[1] - days[0]).days) + 1
