"""What all blocks of customers share (the calendar, the truth), and what makes one block its own."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from zlib import crc32

import numpy as np

from percorso.demo.arrays import DAY, Floats, Ints
from percorso.demo.calendars import Calendar
from percorso.demo.truth import Truth


def two_years_before(until: date) -> date:
    """The same day two years earlier; 29 February becomes the 28th."""
    try:
        return until.replace(year=until.year - 2)
    except ValueError:
        return until.replace(year=until.year - 2, day=28)


@dataclass(frozen=True)
class World:
    """Two years that end where `truth.until` begins in São Paulo."""

    truth: Truth
    calendars: tuple[Calendar, Calendar] = field(init=False)
    start: int = field(init=False)
    end: int = field(init=False)

    def __post_init__(self) -> None:
        first = two_years_before(self.truth.until)
        days = (self.truth.until - first).days
        brazil, italy = (Calendar(country, first, days) for country in ("BR", "IT"))
        bounds = brazil.to_utc(np.array([brazil.origin, brazil.origin + days * DAY]))
        object.__setattr__(self, "calendars", (brazil, italy))
        object.__setattr__(self, "start", int(bounds[0]))
        object.__setattr__(self, "end", int(bounds[1]))

    @cached_property
    def days(self) -> int:
        """Days from start to end."""
        return (self.truth.until - two_years_before(self.truth.until)).days

    def begins(self, days_before: int) -> Ints:
        """First instant of the local day `days_before` until, in Brazil and in Italy."""
        day = self.days - days_before
        return np.array([int(c.to_utc(np.array([c.origin + day * DAY]))[0]) for c in self.calendars])

    def open_time(self, country: Ints, at: Ints) -> Ints:
        """`Calendar.open_time` by country."""
        brazil, italy = self.calendars
        return np.where(country == 0, brazil.open_time(at), italy.open_time(at))

    def to_local(self, country: Ints, at: Ints) -> Ints:
        """`Calendar.to_local` by country."""
        brazil, italy = self.calendars
        return np.where(country == 0, brazil.to_local(at), italy.to_local(at))

    def after_open(self, country: Ints, at: Ints, duration: Ints) -> Ints:
        """`Calendar.after_open` by country."""
        brazil, italy = self.calendars
        return np.where(country == 0, brazil.after_open(at, duration), italy.after_open(at, duration))

    def daily(self, country: Ints, at: Ints, what: str) -> Floats:
        """A calendar's daily figure (load, late_points, demand) on the day of each instant."""
        values: list[Floats] = [getattr(c, what)[c.day(at)] for c in self.calendars]
        return np.where(country == 0, values[0], values[1])


@dataclass(frozen=True)
class Block:
    """Some 20,000 customers simulated together; a child of the seed, with a prefix that keeps ids unique."""

    world: World
    number: int
    size: int

    def rng(self, stage: str) -> np.random.Generator:
        """A generator for one stage: what one stage draws does not move the others."""
        return np.random.default_rng([self.world.truth.seed, self.number, crc32(stage.encode())])

    def prefix(self, letter: str) -> str:
        """The beginning of this block's ids, e.g. ``C000-``."""
        return f"{letter}{self.number:03d}-"
