"""The local calendar on UTC instants: periods, days, weeks and months, right through every change of the clocks.

Instants go in as datetimes (without a zone they are UTC) or ISO text and come out as datetimes in UTC. Days are dates
or "YYYY-MM-DD". No day is ever reached by adding 24 hours. What `clocks`, `schedule` and `business_time` offer to
others can be imported from here.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from percorso.analytics.business_time import Cumulative, business_seconds, cumulative, deadline
from percorso.analytics.clocks import (
    EPOCH,
    HOUR,
    CalendarError,
    Day,
    Instant,
    day_start,
    from_micros,
    instant,
    local_seconds_to_utc,
    offsets,
    pieces_between,
    seconds_of_day,
    to_micros,
    zone,
)
from percorso.analytics.schedule import Schedule
from percorso.i18n import mark

__all__ = [
    "Bounds",
    "Bucket",
    "CalendarError",
    "Cumulative",
    "Day",
    "Grain",
    "Instant",
    "Schedule",
    "bucket",
    "bucket_starts",
    "business_seconds",
    "cumulative",
    "day_start",
    "deadline",
    "instant",
    "label",
    "offsets",
    "period_bounds",
    "zone",
]

Grain = Literal["hour", "day", "week", "month", "quarter", "year"]


class Bounds(NamedTuple):
    """A period in UTC: the first instant inside and the first after it."""

    start: datetime
    end: datetime

    @property
    def hours(self) -> float:
        """Its length; a local day has 23 or 25 where the clocks change."""
        return (self.end - self.start) / timedelta(hours=1)


def period_bounds(start: Day, end: Day, tz: str) -> Bounds:
    """Bounds of the local days from `start` until before `end`.

    Parameters
    ----------
    start, end
        First day, and the day after the last.
    tz
        IANA name.

    Returns
    -------
    Bounds
        The first instants whose local date has reached each day (specification, 1.4).

    Examples
    --------
    São Paulo skipped the first hour of 4 November 2018.

    >>> day = period_bounds("2018-11-04", "2018-11-05", "America/Sao_Paulo")
    >>> day.start.isoformat(), day.hours
    ('2018-11-04T03:00:00+00:00', 23.0)
    """
    return Bounds(day_start(start, tz), day_start(end, tz))


class Bucket(NamedTuple):
    """The labels of the local hour, day, ISO week, month, quarter and year of an instant."""

    hour: str
    day: str
    week: str
    month: str
    quarter: str
    year: str


def bucket(moment: Instant, tz: str) -> Bucket:
    """Labels of the calendar buckets that hold an instant.

    Parameters
    ----------
    moment
        The instant.
    tz
        IANA name.

    Returns
    -------
    Bucket
        Weeks are ISO weeks with their ISO year. The hour carries its offset, for the hour that comes twice.

    Examples
    --------
    >>> bucket("2024-12-30T12:00:00Z", "America/Sao_Paulo").week
    '2025-W01'
    >>> bucket("2025-10-26T01:30:00Z", "Europe/Rome").hour
    '2025-10-26T02:00+01:00'
    """
    local = instant(moment).astimezone(zone(tz))
    iso, text = local.isocalendar(), local.isoformat(timespec="minutes")
    return Bucket(
        hour=f"{text[:14]}00{text[16:]}",
        day=text[:10],
        week=f"{iso.year:04d}-W{iso.week:02d}",
        month=text[:7],
        quarter=f"{text[:4]}-Q{(local.month + 2) // 3}",
        year=text[:4],
    )


def label(moment: Instant, tz: str, grain: Grain) -> str:
    """Label of the one bucket of size `grain` that holds an instant; see `bucket`."""
    text: str = getattr(bucket(moment, tz), grain)
    return text


def bucket_starts(start: Instant | date, end: Instant | date, tz: str, grain: Grain) -> list[datetime]:
    """Return the first instants of the calendar buckets that a range touches.

    Parameters
    ----------
    start, end
        Instants, or local days: the range is from `start` until before `end`.
    tz
        IANA name.
    grain
        Size of the buckets. Local hours: one that comes twice is two buckets, one that is skipped is none.

    Returns
    -------
    list of datetime
        Ascending, all before `end`; the first bucket holds `start` and may begin before it.

    Examples
    --------
    >>> [s.isoformat() for s in bucket_starts("2025-03-05T12:00Z", "2025-04-10", "Europe/Rome", "month")]
    ['2025-02-28T23:00:00+00:00', '2025-03-31T22:00:00+00:00']
    """
    first, last = _micros_of_either(start, tz), _micros_of_either(end, tz)
    if first >= last:
        return []
    if grain == "hour":
        starts: Iterable[int] = _hour_starts(first // 10**6, -(-last // 10**6), tz)
    else:
        starts = (local_seconds_to_utc(seconds_of_day(d), tz) for d in _first_days(first, tz, grain))
    result: list[int] = []
    for second in starts:
        if second * 10**6 >= last:
            break
        # Where a whole day is skipped (Samoa, 30 December 2011) two buckets would start together.
        if not result or second > result[-1]:
            result.append(second)
    return [EPOCH + timedelta(seconds=s) for s in result]


def _micros_of_either(value: Instant | date, tz: str) -> int:
    if isinstance(value, date) and not isinstance(value, datetime):
        return to_micros(day_start(value, tz))
    return to_micros(value)


def _hour_starts(first: int, end: int, tz: str) -> Iterator[int]:
    pieces = pieces_between(first - 2 * HOUR, end, tz)
    starts: list[int] = []
    for (since, offset), (until, _) in zip(pieces, [*pieces[1:], (end, 0)], strict=True):
        aligned = since + -(since + offset) % HOUR
        if aligned != since and since != pieces[0][0]:
            starts.append(since)
        starts.extend(range(aligned, until, HOUR))
    return iter(starts[bisect_right(starts, first) - 1 :])


def _first_days(first: int, tz: str, grain: Grain) -> Iterator[date]:
    day = from_micros(first).astimezone(zone(tz)).date()
    if grain == "day":
        step = 1
    elif grain == "week":
        step, day = 7, day - timedelta(days=day.weekday())
    elif grain in ("month", "quarter", "year"):
        yield from _first_months(day, {"month": 1, "quarter": 3, "year": 12}[grain])
        return
    else:
        raise CalendarError(
            mark("There is no grain {grain}. Choose hour, day, week, month, quarter or year."),
            grain=repr(grain),
        )
    while True:
        yield day
        day += timedelta(days=step)


def _first_months(day: date, step: int) -> Iterator[date]:
    months = (day.year * 12 + day.month - 1) // step * step
    while True:
        yield date(months // 12, months % 12 + 1, 1)
        months += step
