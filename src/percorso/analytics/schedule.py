"""When a service is open: hours of the week, holidays, days with other hours."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from percorso.analytics.clocks import DAY, HOUR, MINUTE, CalendarError, Day, local_day, zone
from percorso.i18n import mark

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Hours = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Schedule:
    """When a service is open.

    Parameters
    ----------
    tz
        IANA name of the zone in which the hours are meant.
    weekly
        For "mon" … "sun" the intervals open, such as ``[("09:00", "12:00"), ("13:00", "18:00")]``; a day not named is
        closed. "24:00" is the next midnight: hours past midnight are two intervals on two days.
    holidays
        Days on which it is closed.
    overrides
        Days with other hours, which win over `weekly` and `holidays`.

    Raises
    ------
    CalendarError
        When the zone, a weekday, a day or a time is unknown, or intervals are reversed or overlap.

    Examples
    --------
    >>> hours = [("09:00", "18:00")]
    >>> desk = Schedule("America/Sao_Paulo", {"mon": hours, "tue": hours}, holidays=["2025-04-21"])
    >>> desk.hours(date(2025, 4, 21)), desk.hours(date(2025, 4, 22))
    ((), ((32400, 64800),))
    """

    tz: str
    weekly: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    holidays: Iterable[Day] = ()
    overrides: Mapping[Day, Sequence[Sequence[str]]] = field(default_factory=dict)
    _week: tuple[Hours, ...] = field(init=False, repr=False)
    _days: Mapping[date, Hours] = field(init=False, repr=False)
    _key: tuple[object, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        zone(self.tz)
        unknown = [name for name in self.weekly if name not in WEEKDAYS]
        if unknown:
            raise CalendarError(
                mark("There is no weekday {name}. Use mon, tue, wed, thu, fri, sat and sun."),
                name=repr(unknown[0]),
            )
        holidays = tuple(local_day(day) for day in self.holidays)
        days: dict[date, Hours] = dict.fromkeys(holidays, ())
        days |= {local_day(day): _hours(hours, str(day)) for day, hours in self.overrides.items()}
        week = tuple(_hours(self.weekly.get(name, ()), name) for name in WEEKDAYS)
        # Frozen: these are set once, here. The key makes two equal schedules share what is computed for them.
        object.__setattr__(self, "holidays", holidays)
        object.__setattr__(self, "_week", week)
        object.__setattr__(self, "_days", days)
        object.__setattr__(self, "_key", (self.tz, week, tuple(sorted(days.items()))))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schedule) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def hours(self, day: date) -> Hours:
        """Return the intervals open on a local day, in seconds of its clock."""
        return self._days.get(day, self._week[day.weekday()])


def _hours(intervals: Sequence[Sequence[str]], day: str) -> Hours:
    pairs = []
    for interval in intervals:
        if isinstance(interval, str) or len(interval) != 2:
            raise CalendarError(
                mark('The hours of {day} are not understood. Give pairs such as ["09:00", "18:00"].'), day=day
            )
        opens, closes = interval
        pairs.append((_clock(opens, day), _clock(closes, day), f"{opens}–{closes}"))
    pairs.sort()
    for opens_at, closes_at, text in pairs:
        if opens_at >= closes_at:
            raise CalendarError(
                mark(
                    "The hours {hours} of {day} end before they begin. Hours past midnight are two intervals, such as"
                    " 22:00–24:00 and, on the next day, 00:00–06:00."
                ),
                hours=text,
                day=day,
            )
    for (_, closes_at, text), (opens_at, _, after) in pairwise(pairs):
        if opens_at < closes_at:
            raise CalendarError(
                mark("The hours {hours} and {after} of {day} overlap. Join them, such as 09:00–18:00."),
                hours=text,
                after=after,
                day=day,
            )
    return tuple((opens_at, closes_at) for opens_at, closes_at, _ in pairs)


def _clock(text: str, day: str) -> int:
    match = re.fullmatch(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?", str(text))
    seconds = int(match[1]) * HOUR + int(match[2]) * MINUTE + int(match[3] or 0) if match else DAY + 1
    if seconds > DAY:
        raise CalendarError(
            mark("{text} is no time of day (hours of {day}). Write it like 09:00, at most 24:00."),
            text=repr(text),
            day=day,
        )
    return seconds
