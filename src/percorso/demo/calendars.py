"""A country's local time: its days, holidays, seasons, demand, delivery trouble and opening hours."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from percorso.demo.arrays import DAY, HOUR, Flags, Floats, Ints

# Orders by local hour: the shape of Brazilian shops (few at 4, a plateau from 10 to 22).
SHOP_HOURS = (
    4.0,
    2,
    0.8,
    0.5,
    0.3,
    0.3,
    1,
    2.2,
    4.5,
    8.2,
    11,
    11,
    11,
    10.6,
    10.4,
    10.6,
    11,
    10,
    10,
    10,
    11,
    10,
    9.2,
    6.6,
)
PHONE_HOURS = (0.0,) * 8 + (4.0, 9, 11, 10, 7, 8, 10, 9, 8, 6, 4, 2) + (0.0,) * 4
CHAT_HOURS = (0.0,) * 8 + (4.0, 7, 8, 8, 7, 7, 8, 8, 8, 8, 8, 9, 9, 7) + (0.0,) * 2
WEEKDAYS = (1.16, 1.1, 1.07, 1.05, 1.0, 0.79, 0.83)
ZONES = {"BR": "America/Sao_Paulo", "IT": "Europe/Rome"}
MARGIN_DAYS = 120
EPOCH = date(1970, 1, 1)


def easter(year: int) -> date:
    """Western Easter Sunday (Anonymous Gregorian algorithm, Nature 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e, f = b // 4, b % 4, (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta((3 - first.weekday()) % 7 + 21 + 1)


def holidays(country: str, year: int) -> tuple[date, ...]:
    """National holidays on which support is closed; Brazil's with Carnival Monday and Tuesday."""
    sunday = easter(year)
    if country == "BR":
        fixed: tuple[tuple[int, int], ...] = (
            (1, 1),
            (4, 21),
            (5, 1),
            (9, 7),
            (10, 12),
            (11, 2),
            (11, 15),
            (11, 20),
            (12, 25),
        )
        moving: tuple[int, ...] = (-48, -47, -2, 60)
    else:
        fixed = ((1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26))
        moving = (1,)
    return tuple(sorted([date(year, m, d) for m, d in fixed] + [sunday + timedelta(n) for n in moving]))


def _demand(country: str, day: date) -> float:
    value = WEEKDAYS[day.weekday()]
    from_friday = (day - black_friday(day.year)).days
    if from_friday == 0:
        value *= 3.0
    elif -4 <= from_friday <= 3:
        value *= 1.8
    if day.month == 12:
        value *= 1.35 if day.day <= 20 else 0.6
    if day.month == 1 and day.day <= 6:
        value *= 0.7
    if country == "BR" and -50 <= (day - easter(day.year)).days <= -46:
        value *= 0.6
    if country == "IT" and day.month == 8:
        value *= 0.5 if 10 <= day.day <= 20 else 0.72
    return value


def _late_points(country: str, day: date) -> float:
    """What the season adds to the probability of a late delivery of an order placed on `day`."""
    points = 0.0
    if 0 <= (day - black_friday(day.year)).days <= 12:
        points += 0.08
    if day.month == 12 and 8 <= day.day <= 23:
        points += 0.05
    if country == "IT" and day.month == 8:
        points += 0.06
    if country == "BR" and -54 <= (day - easter(day.year)).days <= -46:
        points += 0.05
    return points


def _load(country: str, day: date) -> float:
    """How much longer than usual everything takes in support."""
    value = 1.2 if day.weekday() == 0 else 0.95
    if 0 <= (day - black_friday(day.year)).days <= 14:
        value *= 1.6
    if (day.month == 12 and day.day >= 10) or (day.month == 1 and day.day <= 5):
        value *= 1.25
    if country == "IT" and day.month == 8:
        value *= 1.7
    return value


class Calendar:
    """One country, from `first` for `days` local days (and a margin after them)."""

    def __init__(self, country: str, first: date, days: int) -> None:
        self.country = country
        self.zone = ZoneInfo(ZONES[country])
        self.origin = (first - EPOCH).days * DAY
        self.dates = [first + timedelta(n) for n in range(days + MARGIN_DAYS)]
        free = {d for year in range(first.year, first.year + 4) for d in holidays(country, year)}
        self.demand = np.array([_demand(country, d) for d in self.dates])
        self.late_points = np.array([_late_points(country, d) for d in self.dates])
        self.load = np.array([_load(country, d) for d in self.dates])
        self.support_days = np.array([d.weekday() < 5 and d not in free for d in self.dates])
        self.phone_days = np.array([d.weekday() < 6 and d not in free for d in self.dates])
        self._offsets = self._hourly_offsets()
        self._demand_until = np.concatenate(([0.0], np.cumsum(self.demand)))
        opened = self.origin + np.flatnonzero(self.support_days) * DAY
        self._opens, self._closes = self.to_utc(opened + 9 * HOUR), self.to_utc(opened + 18 * HOUR)
        self._open_after: Ints = np.cumsum(self._closes - self._opens, dtype=np.int64)

    def _hourly_offsets(self) -> Ints:
        hours = (len(self.dates) + 2) * 24
        base = datetime.fromtimestamp(self.origin / 1e6, UTC) - timedelta(days=1)
        local = ((base + timedelta(hours=h)).astimezone(self.zone).utcoffset() for h in range(hours))
        return np.array([int(o.total_seconds()) * 1_000_000 for o in local if o is not None], dtype=np.int64)

    def _offset(self, utc: Ints) -> Ints:
        hour = (utc - (self.origin - DAY)) // HOUR
        return self._offsets[np.clip(hour, 0, len(self._offsets) - 1)]

    def to_utc(self, local: Ints) -> Ints:
        """Local wall time (microseconds) to UTC; a time that does not exist moves on with the clock."""
        guess = local - self._offset(local)
        return local - self._offset(guess)

    def to_local(self, utc: Ints) -> Ints:
        """UTC to local wall time, both in microseconds."""
        return utc + self._offset(utc)

    def day(self, utc: Ints) -> Ints:
        """The number of the local day, 0 for the first, kept inside the calendar."""
        return np.clip((self.to_local(utc) - self.origin) // DAY, 0, len(self.dates) - 1)

    def open_time(self, utc: Ints) -> Ints:
        """Support's open microseconds from the beginning to each instant (Monday to Friday 9 to 18)."""
        k = np.clip(np.searchsorted(self._opens, utc, side="right") - 1, 0, None)
        before = self._open_after[k] - (self._closes[k] - self._opens[k])
        total: Ints = before + np.clip(utc - self._opens[k], 0, self._closes[k] - self._opens[k])
        return total

    def after_open(self, utc: Ints, duration: Ints) -> Ints:
        """The instant when support has been open for `duration` microseconds since `utc`."""
        target = self.open_time(utc) + np.maximum(duration, 1)
        k = np.minimum(np.searchsorted(self._open_after, target, side="left"), len(self._opens) - 1)
        reached: Ints = self._closes[k] - (self._open_after[k] - target)
        return reached

    def demand_at(self, utc: Ints) -> Floats:
        """Demand added up from the beginning to each instant, in days of average demand."""
        days = (self.to_local(utc) - self.origin) / DAY
        return np.interp(days, np.arange(len(self._demand_until)), self._demand_until)

    def moments(self, rng: np.random.Generator, begin: Ints, end: int, rate: Floats) -> tuple[Ints, Ints]:
        """Draw a Poisson stream per row: `rate` a day of average demand, from `begin` to `end`.

        Returns the row of each moment and the moment; days follow demand, hours `SHOP_HOURS`.
        """
        low = self.demand_at(begin)
        high = self.demand_at(np.full(len(begin), end))
        counts = rng.poisson(np.maximum(rate * (high - low), 0))
        row = np.repeat(np.arange(len(begin)), counts)
        level = low[row] + rng.random(len(row)) * (high[row] - low[row])
        day = np.searchsorted(self._demand_until, level, side="right") - 1
        at = self.at_hours(rng, day, SHOP_HOURS)
        keep = (at >= begin[row]) & (at < end)
        return row[keep], at[keep]

    def at_hours(self, rng: np.random.Generator, day: Ints, hours: tuple[float, ...]) -> Ints:
        """Draw an instant on each local day with the given shape over 24 hours."""
        steps = np.concatenate(([0.0], np.cumsum(hours)))
        hour = np.interp(rng.random(len(day)) * steps[-1], steps, np.arange(25))
        return self.to_utc(self.origin + day * DAY + (hour * HOUR).astype(np.int64) // 1000 * 1000)

    def next_open(self, rng: np.random.Generator, at: Ints, open_days: Flags, hours: tuple[float, ...]) -> Ints:
        """Move each wish to get in touch to an opening time on its day, or on the next open day."""
        nearest = np.flatnonzero(open_days)
        day = self.day(at)
        drawn = self.at_hours(rng, nearest[np.searchsorted(nearest, day).clip(max=len(nearest) - 1)], hours)
        late = drawn < at
        following = nearest[np.searchsorted(nearest, day + 1).clip(max=len(nearest) - 1)]
        return np.where(late, self.at_hours(rng, following, hours), drawn)
