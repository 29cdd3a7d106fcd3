"""What every alert is: what it sees, what it says, and its settings."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Generic, Literal, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from percorso.analytics.statistics.intervals import FloatArray

Direction = Literal["up", "down"]
Grain = Literal["day", "week", "month"]


@dataclass(frozen=True)
class Aim:
    """A goal: the figure to reach (in the unit of the series) by a day, from a baseline at a start."""

    target: float
    by: date
    baseline: float | None = None
    start: date | None = None


@dataclass(frozen=True, eq=False)
class Series:
    """One indicator of one segment, bucket by bucket, oldest first; the last bucket is the newest complete one.

    `value`, `low`, `high`, `n` hold a figure a bucket, NaN where there is none (n: 0). `unit`, `better`, `family` and
    `table` (of facts) are the indicator's; `binomial`: whether a share is one of n yes-or-no cases. `segment` is a name of
    the segment, "" for everybody. `received_at` are the instants at which facts arrived, `shares` the share of each part
    of the whole by bucket, `goal` what is aimed at; only some alerts look at these three.
    """

    indicator: str
    starts: tuple[date, ...]
    value: FloatArray
    low: FloatArray
    high: FloatArray
    n: FloatArray
    grain: Grain = "day"
    binomial: bool = True
    better: Literal["higher", "lower"] | None = None
    unit: str = "share"
    family: str = ""
    table: str = ""
    segment: str = ""
    received_at: tuple[datetime, ...] | None = None
    shares: Mapping[str, FloatArray] | None = None
    goal: Aim | None = None

    def __len__(self) -> int:
        return len(self.starts)

    def end(self, start: date) -> date:
        """Return the first day after the bucket that begins at `start`: when its figure is known."""
        if self.grain == "month":
            return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        return start + timedelta(days=7 if self.grain == "week" else 1)

    def enough(self, minimum_n: float) -> FloatArray:
        """Return the figures; NaN where fewer than `minimum_n` facts stand behind one."""
        return np.where(self.n >= minimum_n, self.value, np.nan)

    def good(self, direction: Direction) -> bool | None:
        """Return whether a move in `direction` is wanted; None when neither is."""
        return None if self.better is None else (self.better == "higher") == (direction == "up")


@dataclass(frozen=True)
class Firing:
    """One time that an alert fires.

    Parameters
    ----------
    at : bucket whose figure made it fire: it was known when that bucket was over.
    since : bucket in which the change probably began.
    direction : of the move. good : whether it is wanted, None when neither direction is.
    chance : probability that a series in which nothing changed shows at least this in one bucket; each alert says how
        it is computed.
    message : marked template; params : what its ``{places}`` mean: figures in the indicator's unit under the names in
        `FIGURES`, shares under `SHARES`, whole numbers, dates, or text.
    size : difference from what was to be expected, in the indicator's unit.
    closed : first bucket at whose end all was as usual again; None while open.
    chances : of each bucket that alarms while it is open, by its start: among many series, chance explains some (see
        `grouped`). Empty for what is told whatever else happens.
    """

    at: date
    since: date | None
    direction: Direction
    good: bool | None
    chance: float
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    size: float | None = None
    closed: date | None = None
    chances: Mapping[date, float] = field(default_factory=dict)

    def alone(self) -> "Firing":
        """Return this firing as one that is told whatever else happens."""
        return replace(self, chances={})


# Names of params that are figures in the indicator's unit, and of those that are shares whatever the unit.
FIGURES = frozenset({"value", "expected", "limit", "before", "after", "target", "projected"})
SHARES = frozenset({"share", "share_before", "probability"})


class Settings(BaseModel):
    """Settings of an alert; its fields make the form."""

    model_config = ConfigDict(extra="forbid", frozen=True)


C = TypeVar("C", bound=Settings)


class Alert(ABC, Generic[C]):
    """One way of being told. A subclass states `label` and `about` (marked), `Config`, and how its chance is computed.

    `needs` names what a series must have beyond its figures: ``goal``, ``shares``, or nothing. `tested` : whether its
    firings are tests, of which some are noise when many series are watched; else they are told whatever else happens.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    about: ClassVar[str]
    chance: ClassVar[str]
    minimum_n: ClassVar[int] = 30
    needs: ClassVar[Literal["goal", "shares", ""]] = ""
    tested: ClassVar[bool] = True
    Config: ClassVar[type[Settings]] = Settings

    @abstractmethod
    def firings(self, series: Series, config: C) -> list[Firing]:
        """Return all firings over the series as they would have come bucket by bucket: none looks ahead.

        At most one is open in each direction; it closes after `CALM` buckets in control.
        """
