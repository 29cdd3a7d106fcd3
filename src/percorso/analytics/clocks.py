"""From UTC to what the clock on the wall shows and back, in every time zone, exact to the second."""

from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from percorso.errors import UserError
from percorso.i18n import mark

Instant = datetime | str
Day = date | str

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MINUTE, HOUR, DAY = 60, 3600, 86400
# No zone is further from UTC than this.
FARTHEST = 15 * HOUR


class CalendarError(UserError, ValueError):
    """A time zone, day, instant or opening hour that cannot be understood."""


@lru_cache(maxsize=1024)
def zone(tz: str) -> ZoneInfo:
    """Return the time zone of an IANA name.

    Raises
    ------
    CalendarError
        When there is none of that name; the message suggests one.
    """
    try:
        return ZoneInfo(tz)
    except (KeyError, ValueError, OSError, TypeError):
        names = {name.casefold(): name for name in available_timezones()}
        near = get_close_matches(str(tz).casefold().replace(" ", "_"), names, n=1)
        guess = names[near[0]] if near else "America/Sao_Paulo"
        raise CalendarError(
            mark("There is no time zone {tz}. Give a name from the IANA list, such as {guess}."),
            tz=repr(tz),
            guess=guess,
        ) from None


def instant(value: Instant) -> datetime:
    """Return an instant as a datetime in UTC; without a zone it is taken as UTC.

    Raises
    ------
    CalendarError
        When text is not ISO 8601.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise CalendarError(
                mark("{value} is no point in time. Write it like 2025-03-07T20:30:00Z."), value=repr(value)
            ) from None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def local_day(value: Day) -> date:
    """Return a date, or text such as "2025-03-01", as a date.

    Raises
    ------
    CalendarError
        When it is neither, or in the year 1 or 9999.
    """
    if not isinstance(value, date) or isinstance(value, datetime):
        try:
            value = date.fromisoformat(value)  # type: ignore[arg-type]
        except (ValueError, TypeError):
            raise CalendarError(mark("{value} is no day. Write it like 2025-03-01."), value=repr(value)) from None
    if not 1 < value.year < 9999:
        # Its first instant may lie outside of what a datetime can hold.
        raise CalendarError(mark("The day {value} is out of range. Check its year."), value=value.isoformat())
    return value


def to_micros(value: Instant) -> int:
    """Microseconds since 1970 of an instant: whole numbers, so that sums of times are exact."""
    return (instant(value) - EPOCH) // MICROSECOND


def from_micros(value: int) -> datetime:
    """The instant of so many microseconds since 1970."""
    return EPOCH + value * MICROSECOND


def day_start(day: Day, tz: str) -> datetime:
    """Return the first instant whose local date is `day` or later."""
    return EPOCH + timedelta(seconds=local_seconds_to_utc(seconds_of_day(local_day(day)), tz))


def seconds_of_day(day: date) -> int:
    """Seconds from 1 January 1970 to the midnight of `day` on one and the same clock."""
    return (day.toordinal() - EPOCH.toordinal()) * DAY


def local_seconds_to_utc(local: int, tz: str) -> int:
    """Return the first UTC second at which the local clock shows `local` or later, both in seconds since 1970.

    A local time that is skipped becomes the end of the gap, one that comes twice the first of the two.
    """
    pieces = pieces_between(local - FARTHEST, local + DAY + FARTHEST, tz)
    ends = [since for since, _ in pieces[1:]] + [local + 3 * DAY]
    reached = (max(since, local - offset) for since, offset in pieces)
    return next(second for second, until in zip(reached, ends, strict=True) if second < until)


def offsets(start: Instant, end: Instant, tz: str) -> list[tuple[datetime, int]]:
    """Return what to add to UTC for local time, from when to when.

    Parameters
    ----------
    start, end
        The range to cover.
    tz
        IANA name.

    Returns
    -------
    list of (instant, seconds)
        From that instant on local time is UTC plus so many seconds. The first instant is `start`; exact to the second.

    Examples
    --------
    >>> [(since.isoformat(), s) for since, s in offsets("2025-03-01", "2025-04-01", "Europe/Rome")]
    [('2025-03-01T00:00:00+00:00', 3600), ('2025-03-30T01:00:00+00:00', 7200)]
    """
    first, last = to_micros(start), to_micros(end)
    pieces = pieces_between(first // 10**6, -(-last // 10**6), tz)
    return [(instant(start), pieces[0][1])] + [(EPOCH + timedelta(seconds=s), o) for s, o in pieces[1:]]


def pieces_between(first: int, end: int, tz: str) -> list[tuple[int, int]]:
    """(second since 1970, offset from then on): the one in force at `first`, then each change before `end`."""
    pieces = [(first, _offset(zone(tz), first))]
    for year in range(_year(first), _year(end) + 1):
        pieces.extend(change for change in _changes(tz, year) if first < change[0] < end)
    return pieces


def _year(seconds: int) -> int:
    day = EPOCH.toordinal() + seconds // DAY
    return date.fromordinal(min(max(day, date.min.toordinal()), date.max.toordinal())).year


@lru_cache(maxsize=16384)
def _changes(tz: str, year: int) -> tuple[tuple[int, int], ...]:
    """Every change of the offset within a UTC year: looked for from day to day, then halved to the second."""
    place = zone(tz)
    start = seconds_of_day(date(year, 1, 1)) - 1
    found: list[tuple[int, int]] = []
    known = _offset(place, start)
    for day in range(date(year, 12, 31).timetuple().tm_yday):
        low, high = start + day * DAY, start + (day + 1) * DAY
        while known != _offset(place, high):
            low = _first_other(place, low, high, known)
            known = _offset(place, low)
            found.append((low, known))
    return tuple(found)


def _first_other(place: ZoneInfo, low: int, high: int, known: int) -> int:
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(place, middle) == known else (low, middle)
    return high


def _offset(place: ZoneInfo, seconds: int) -> int:
    edge = 2 * DAY
    inside = min(max(seconds, seconds_of_day(date.min) + edge), seconds_of_day(date.max) - edge)
    local = (EPOCH + timedelta(seconds=inside)).astimezone(place)
    return int((local.utcoffset() or timedelta()).total_seconds())
