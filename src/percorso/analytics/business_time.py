"""Open time between two instants, when a promise falls due, and the running sum of open seconds that lets an engine do
the same for millions of rows."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from percorso.analytics.clocks import (
    CalendarError,
    Instant,
    from_micros,
    local_seconds_to_utc,
    seconds_of_day,
    to_micros,
)
from percorso.analytics.schedule import Schedule
from percorso.i18n import mark

DEADLINE_YEARS = 20
NEVER = 2**62

Pause = tuple[Instant, Instant | None]


class _Year(NamedTuple):
    """The open intervals of one local year in microseconds since 1970, and the open time before each."""

    opens: list[int]
    closes: list[int]
    before: list[int]

    def until(self, moment: int) -> int:
        """Open time of the year up to a moment."""
        i = bisect_right(self.opens, moment) - 1
        return self.before[i] + min(moment, self.closes[i]) - self.opens[i] if i >= 0 else 0


@lru_cache(maxsize=512)
def _year(schedule: Schedule, year: int) -> _Year:
    result, total = _Year([], [], []), 0
    day = date(year, 1, 1)
    for _ in range(date(year, 12, 31).timetuple().tm_yday):
        midnight = seconds_of_day(day)
        for opens, closes in schedule.hours(day):
            a, b = (local_seconds_to_utc(midnight + s, schedule.tz) * 10**6 for s in (opens, closes))
            if a < b:
                result.opens.append(a)
                result.closes.append(b)
                result.before.append(total)
                total += b - a
        if day < date.max:
            day += timedelta(days=1)
    return result


def _years(start: int, end: int) -> range:
    # A local year may begin a day before or after the UTC one.
    return range(max(from_micros(start).year - 1, 1), min(from_micros(end).year + 1, 9999) + 1)


def _open_between(schedule: Schedule, start: int, end: int) -> int:
    years = (_year(schedule, y) for y in _years(start, end))
    return sum(y.until(end) - y.until(start) for y in years)


def business_seconds(start: Instant, end: Instant, schedule: Schedule, pauses: Iterable[Pause] = ()) -> float | None:
    """Open seconds between two instants.

    Parameters
    ----------
    start, end
        The instants.
    schedule
        The opening hours.
    pauses
        Spans (from, until; None: still going on) that do not count, such as waiting for the customer. They may
        overlap, and count for nothing where they end before they begin.

    Returns
    -------
    float or None
        Elapsed time in UTC, so that an hour skipped or repeated by the clocks is; None when `end` is before `start`.

    Notes
    -----
    Specification, 1.6 and conventions 4.9.

    Examples
    --------
    >>> nights = Schedule("Europe/Rome", {"sun": [("00:00", "06:00")]})
    >>> business_seconds("2026-03-28T12:00Z", "2026-03-29T12:00Z", nights) / 60  # one hour was skipped
    300.0
    """
    a, b = to_micros(start), to_micros(end)
    if b < a:
        return None
    paused = sum(
        _open_between(schedule, max(a, since), min(b, until))
        for since, until in _merged(pauses)
        if max(a, since) < min(b, until)
    )
    return (_open_between(schedule, a, b) - paused) / 1e6


def deadline(
    start: Instant, budget_seconds: float, schedule: Schedule, pauses: Iterable[Pause] = ()
) -> datetime | None:
    """Return the instant at which a budget of open seconds is used up.

    Parameters
    ----------
    start
        When the clock starts.
    budget_seconds
        Open seconds promised; 0 falls due at `start`.
    schedule
        The opening hours.
    pauses
        Spans that do not count; see `business_seconds`.

    Returns
    -------
    datetime or None
        The earliest such instant: closing time rather than the next opening. None when it is never reached: a pause
        is still going on, or the schedule does not open enough within 20 years.

    Raises
    ------
    CalendarError
        When the budget is negative.

    Examples
    --------
    >>> desk = Schedule("America/Sao_Paulo", {"mon": [("09:00", "18:00")], "fri": [("09:00", "18:00")]})
    >>> deadline("2025-03-07T20:30Z", 3600, desk).isoformat()
    '2025-03-10T12:30:00+00:00'
    """
    if not budget_seconds >= 0:
        raise CalendarError(
            mark("The time allowed is {budget} seconds. Give 0 or more, such as 3600 for one hour."),
            budget=budget_seconds,
        )
    at, rest = to_micros(start), round(budget_seconds * 1e6)
    if rest == 0:
        return from_micros(at)
    stops = _merged(pauses)
    last = NEVER if not stops or stops[-1][1] < NEVER else stops[-1][0]
    for opens, closes in _intervals(schedule, at, from_micros(at).year + DEADLINE_YEARS):
        if opens >= last:
            return None
        for a, b in _without(opens, closes, stops):
            if b - a >= rest:
                return from_micros(a + rest)
            rest -= b - a
    return None


def _intervals(schedule: Schedule, start: int, last_year: int) -> Iterator[tuple[int, int]]:
    for number in range(max(from_micros(start).year - 1, 1), min(last_year, 9999) + 1):
        year = _year(schedule, number)
        for opens, closes in zip(year.opens, year.closes, strict=True):
            if closes > start:
                yield max(opens, start), closes


def _merged(pauses: Iterable[Pause]) -> list[tuple[int, int]]:
    spans = sorted((to_micros(a), NEVER if b is None else to_micros(b)) for a, b in pauses)
    result: list[tuple[int, int]] = []
    for since, until in spans:
        if until <= since:
            continue
        if result and since <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], until))
        else:
            result.append((since, until))
    return result


def _without(opens: int, closes: int, stops: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for since, until in stops:
        if since < closes and until > opens:
            if since > opens:
                yield opens, since
            opens = until
    if opens < closes:
        yield opens, closes


class Cumulative(NamedTuple):
    """Open seconds since the first instant, at every opening and closing; each of shape (k,).

    At an instant t from the first on, with i the last row not after t, the open seconds so far are
    ``open_seconds[i] + is_open[i] * (t - instants[i])``; the difference of two is the business time between them.
    """

    instants: NDArray[np.datetime64]
    open_seconds: NDArray[np.float64]
    is_open: NDArray[np.bool_]


def cumulative(schedule: Schedule, start: Instant, end: Instant) -> Cumulative:
    """Return the running sum of open time as a table, for an ASOF join.

    Parameters
    ----------
    schedule
        The opening hours.
    start, end
        The first and last instant for which the table must be right.

    Returns
    -------
    Cumulative
        The first row is `start`; instants are UTC with microseconds, ascending, without repetition.

    Examples
    --------
    >>> desk = Schedule("UTC", {"mon": [("09:00", "12:00"), ("12:00", "18:00")]})
    >>> table = cumulative(desk, "2025-03-03", "2025-03-04")
    >>> table.instants.astype(str).tolist()
    ['2025-03-03T00:00:00.000000', '2025-03-03T09:00:00.000000', '2025-03-03T18:00:00.000000']
    >>> table.open_seconds.tolist(), table.is_open.tolist()
    ([0.0, 0.0, 32400.0], [False, True, False])
    """
    a, b = to_micros(start), to_micros(end)
    rows: list[tuple[int, int, bool]] = [(a, 0, False)]
    total = 0
    for opens, closes in _intervals(schedule, a, from_micros(b).year + 1):
        if opens > b:
            break
        if rows[-1][0] == opens:
            # The interval before closes as this one opens (or the table starts inside it): one row, still open.
            rows.pop()
        if not (rows and rows[-1][2]):
            rows.append((opens, total, True))
        total += closes - opens
        rows.append((closes, total, False))
    rows = [row for row in rows if row[0] <= b or row[0] == a]
    instants, sums, flags = zip(*rows, strict=True)
    return Cumulative(
        np.asarray(instants, dtype=np.int64).view("datetime64[us]"),
        np.asarray(sums, dtype=np.float64) / 1e6,
        np.asarray(flags, dtype=bool),
    )
