"""How many people get from one step to the next, where the others stop, and how long it takes (specification 5.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from percorso.analytics import frames
from percorso.analytics.behaviour.events import (
    Step,
    ask_of,
    roles_of,
    step_of,
)
from percorso.analytics.behaviour.outcomes import outcomes
from percorso.analytics.behaviour.shares import Share, share_of
from percorso.analytics.frames import Frame
from percorso.analytics.query import Grain, Period, Query
from percorso.analytics.statistics.distribution import Distribution
from percorso.analytics.statistics.survival import kaplan_meier
from percorso.analytics.store import Store
from percorso.errors import BadQuestion
from percorso.i18n import mark

Mode = Literal["ordered", "strict", "any"]
Anchor = Literal["first", "best"]
MODES: Mapping[Mode, str] = {
    "ordered": mark("In this order, anything in between"),
    "strict": mark("In this order, nothing in between"),
    "any": mark("In any order"),
}
ANCHORS: Mapping[Anchor, str] = {"first": mark("The first attempt counts"), "best": mark("The best attempt counts")}
MINIMUM_N = 30


@dataclass(frozen=True)
class Exclusion:
    """Attempts in which `event` happens between two steps (numbered from 1) do not count."""

    event: str
    from_step: int
    to_step: int


@dataclass(frozen=True)
class FunnelQuery:
    """A question about a funnel.

    Parameters
    ----------
    steps : what people do, in order; texts name events. window_seconds : how long an attempt may take, far edge included.
    period : attempts that begin in it count, later steps may lie after it; None asks for all time.
    mode : see `MODES`. anchor : see `ANCHORS`. exclusions : see `Exclusion`.
    by : breakdown columns (as in `Query.by`), taken from the event that begins the attempt, so that groups add up.
    grain : also a series by when attempts began. as_of : what was known at that instant; None means now.
    """

    steps: tuple[Step | str, ...]
    window_seconds: float
    workspace: str = ""
    period: Period | None = None
    mode: Mode = "ordered"
    anchor: Anchor = "first"
    exclusions: tuple[Exclusion, ...] = ()
    by: tuple[str, ...] = ()
    grain: Grain | None = None
    as_of: datetime | None = None
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if not self.steps:
            raise BadQuestion(mark("A funnel needs at least one step: name an event."))
        if self.mode not in MODES:
            raise BadQuestion(
                mark("There is no mode {name}. Choose one of: {known}."), name=self.mode, known=", ".join(MODES)
            )
        if self.anchor not in ANCHORS:
            raise BadQuestion(
                mark("There is no anchor {name}. Choose one of: {known}."), name=self.anchor, known=", ".join(ANCHORS)
            )
        if not 0 <= self.window_seconds < 10**10:
            raise BadQuestion(mark("The window is a number of seconds, 0 or more."))
        if self.mode == "any" and len(set(self.made_steps)) < len(self.steps):
            raise BadQuestion(mark("In any order, each step can be listed once only."))
        for e in self.exclusions:
            if not 1 <= e.from_step < e.to_step <= len(self.steps):
                raise BadQuestion(
                    mark("{event} cannot be excluded between steps {first} and {last}: there are {count} steps."),
                    event=e.event,
                    first=e.from_step,
                    last=e.to_step,
                    count=len(self.steps),
                )
        if self.grain is not None and self.period is None:
            raise BadQuestion(mark("Give a period: a series needs to know where it begins and ends."))

    @property
    def made_steps(self) -> tuple[Step, ...]:
        """The steps, each as a `Step`."""
        return tuple(step_of(step) for step in self.steps)

    @property
    def roles(self) -> dict[str, str]:
        """The roles of its texts in the SQL."""
        return roles_of(self.made_steps, (e.event for e in self.exclusions))

    @property
    def window_us(self) -> int:
        """The window in microseconds."""
        return round(self.window_seconds * 1_000_000)


@dataclass(frozen=True)
class Funnel:
    """What became of the people who entered: all of them, a group, or those of one bucket of time.

    Parameters
    ----------
    counts : people who got at least to each step; never rises. shares : of those who entered. step_rates : of those who
        got to the step before; the first has none. overall : from the first step to the last. finished : the same of
        those only whose window has closed. in_progress : people on the way whose window is still open; on_the_way : the same
    by the last step they got to; nobody is on the way from the last one.
    median_seconds, median_low, median_high, p90_seconds : from the first to the last step, of those who got there.
    km_median_seconds : time by which half get there, those on the way counted as not there yet (Kaplan-Meier).
    """

    by: Mapping[str, str]
    start: datetime | None
    counts: tuple[int, ...]
    shares: tuple[Share, ...]
    step_rates: tuple[Share | None, ...]
    overall: Share
    finished: Share
    in_progress: int
    on_the_way: tuple[int, ...]
    median_seconds: float | None
    median_low: float | None
    median_high: float | None
    p90_seconds: float | None
    km_median_seconds: float | None

    @property
    def n(self) -> int:
        """How many people entered."""
        return self.counts[0]

    @property
    def dropped(self) -> tuple[int, ...]:
        """How many stopped at each step: they got to it and not on to the next one before their window closed; 0 at the last."""
        after = (*self.counts[1:], self.counts[-1])
        return tuple(a - b - way for a, b, way in zip(self.counts, after, self.on_the_way, strict=True))

    @property
    def status(self) -> str:
        """``no_data``, ``low_sample`` or ``ok``."""
        return "no_data" if self.n == 0 else "low_sample" if self.n < MINIMUM_N else "ok"


@dataclass(frozen=True)
class FunnelResult:
    """The funnel of all people, of each group, and of each bucket of time (`grain`), and the SQL that ran."""

    query: FunnelQuery
    total: Funnel
    groups: tuple[Funnel, ...] = ()
    series: tuple[Funnel, ...] = ()
    sql: str = field(default="", repr=False)

    def group(self, *values: str) -> Funnel:
        """Return the group of these breakdown values; KeyError when nobody of it entered."""
        for one in self.groups:
            if tuple(one.by.values()) == values:
                return one
        raise KeyError(values)


def funnel(store: Store, query: FunnelQuery, customers: ir.Table | None = None) -> FunnelResult:
    """Answer a question about a funnel.

    Parameters
    ----------
    customers : a table with a column ``customer``; only they count. None: everybody.

    Raises
    ------
    BadQuestion : a breakdown column does not exist; see also `FunnelQuery`.
    """
    ask = ask_of(store, query.workspace, query.as_of, query.confidence)
    frame = frames.frame_of(Query((), query.workspace, query.period, query.grain), query.period)
    moments = frame.moments(ask.as_of)
    if query.period is not None:
        moments["start"], moments["end"] = query.period.bounds
        moments["until"] = moments["end"] + timedelta(seconds=query.window_seconds)
    rows, sql = outcomes(query, frame, ask, moments, customers)
    return _result(query, frame, rows, sql)


def _result(query: FunnelQuery, frame: Frame, rows: pd.DataFrame, sql: str) -> FunnelResult:
    columns = [f"by_{i}" for i in range(len(query.by))]
    groups = []
    if columns:
        for key, part in rows.groupby(columns, sort=True):
            assert isinstance(key, tuple)
            groups.append(_funnel(query, part, dict(zip(query.by, map(str, key), strict=True))))
    series = [
        _funnel(query, rows[rows["bucket"] == number], {}, bucket.start) for number, bucket in enumerate(frame.buckets)
    ]
    return FunnelResult(query, _funnel(query, rows, {}), tuple(groups), tuple(series), sql)


def _funnel(query: FunnelQuery, rows: pd.DataFrame, by: Mapping[str, str], start: datetime | None = None) -> Funnel:
    k, confidence = len(query.steps), query.confidence
    depth, people = rows["depth"].to_numpy(), rows["people"].to_numpy()
    closed, there = rows["open"].to_numpy() == 0, depth == k
    counts = tuple(int(people[depth >= step].sum()) for step in range(1, k + 1))
    on_the_way = tuple(int(people[~closed & ~there & (depth == step)].sum()) for step in range(1, k + 1))
    waited = Distribution.of(rows["waited"].to_numpy() / 1e6, people, there)
    took = waited.observed()
    median = took.quantile_interval(0.5, confidence)
    return Funnel(
        by=by,
        start=start,
        counts=counts,
        shares=tuple(share_of(count, counts[0], confidence) for count in counts),
        step_rates=(None, *(share_of(b, a, confidence) for a, b in pairwise(counts))),
        overall=share_of(counts[-1], counts[0], confidence),
        finished=share_of(int(people[closed & there].sum()), int(people[closed].sum()), confidence),
        in_progress=sum(on_the_way),
        on_the_way=on_the_way,
        median_seconds=_known(median.value),
        median_low=_known(median.low),
        median_high=_known(median.high),
        p90_seconds=_known(took.quantile(0.9)),
        km_median_seconds=kaplan_meier(waited).median if waited.n else None,
    )


def _known(value: object) -> float | None:
    number = float(value)  # type: ignore[arg-type]
    return None if np.isnan(number) else number
