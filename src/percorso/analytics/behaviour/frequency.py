"""How often people come: how many were there in a day, a week, a month, who is new, who is back, who stays away.

Somebody who is active in a bucket is **new** when it is the first one of all time, **returning** when active in the bucket
before too, and **resurrected** when active earlier but not in the bucket before. Who was active in the bucket before and
is not in this one is **dormant**. So active = new + returning + resurrected, and the active of the bucket before =
returning + dormant: nobody is counted twice, nobody is lost.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics import frames
from percorso.analytics.behaviour.bits import Ints, counted, places_of, words_of
from percorso.analytics.behaviour.events import answer, ask_of
from percorso.analytics.behaviour.groups import events_in, markers_of, texts_of
from percorso.analytics.behaviour.shares import Share, share_of
from percorso.analytics.calendar import zone
from percorso.analytics.frames import Frame
from percorso.analytics.methods.base import Ask, marker
from percorso.analytics.methods.local_days import day_moments, local_day
from percorso.analytics.query import Period, Query, Segment
from percorso.analytics.store import Store
from percorso.errors import BadQuestion
from percorso.i18n import mark

Grain = Literal["day", "week", "month", "quarter", "year"]
GRAINS: tuple[Grain, ...] = ("day", "week", "month", "quarter", "year")
WEEK, MONTH = 7, 28
EPOCH_DAY = date(1970, 1, 1)


@dataclass(frozen=True)
class FrequencyQuery:
    """A question about how often people come.

    Parameters
    ----------
    period : the local days. grain : size of the buckets of the lifecycle.
    names : names of the events that show that somebody was there; empty: any event. segment : column -> allowed values.
    as_of : what was known at that instant; None means now. confidence : of the intervals.
    """

    workspace: str
    period: Period
    grain: Grain = "week"
    names: tuple[str, ...] = ()
    segment: Segment = field(default_factory=dict)
    as_of: datetime | None = None
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if self.grain not in GRAINS:
            raise BadQuestion(
                mark("There is no grain {grain}. Choose one of: {known}."), grain=self.grain, known=", ".join(GRAINS)
            )


@dataclass(frozen=True)
class Reach:
    """How many people were active on a local day, in the 7 days that end with it, and in the 28.

    28 days hold every weekday four times, so that the month does not sway with its weekends.
    """

    day: date
    daily: int
    weekly: int
    monthly: int


@dataclass(frozen=True)
class Lifecycle:
    """Who was active in one bucket; see the module. `kept` is returning of those active in the bucket before.

    `dormant` and `kept` are None while the bucket is not over: whoever is missing may still come.
    """

    start: date
    active: int
    new: int
    returning: int
    resurrected: int
    dormant: int | None
    kept: Share | None

    @property
    def quick_ratio(self) -> float | None:
        """People won (new and resurrected) for each one lost (dormant); above 1 the number of active people grows."""
        return (self.new + self.resurrected) / self.dormant if self.dormant else None


@dataclass(frozen=True)
class FrequencyResult:
    """Active people day by day, their lifecycle bucket by bucket, and the SQL that ran."""

    query: FrequencyQuery
    reach: tuple[Reach, ...]
    lifecycle: tuple[Lifecycle, ...]
    sql: str = field(default="", repr=False)


def frequency(store: Store, query: FrequencyQuery, customers: ir.Table | None = None) -> FrequencyResult:
    """Answer how often people come.

    Parameters
    ----------
    customers : a table with a column ``customer``; only they count. None: everybody.

    Raises
    ------
    BadQuestion : a column of the segment does not exist; see also `FrequencyQuery`.

    Notes
    -----
    Growth accounting as by J. Hsu (2015), Diligence at Social Capital, part 1.
    """
    ask = ask_of(store, query.workspace, query.as_of, query.confidence)
    steps = frames.frame_of(Query((), query.workspace, query.period, query.grain, compare="previous"), query.period)
    reach = replace(query.period, start=_first_day(query, steps))
    days = frames.frame_of(Query((), query.workspace, reach), reach)
    asked = replace(ask, frame=days)
    moments = days.moments(ask.as_of) | day_moments(asked)
    texts = texts_of(query.segment, query.names, ask) | {"first_day": str((reach.start - EPOCH_DAY).days)}
    length = (reach.end - reach.start).days
    shape = query.workspace, len(query.names), frames.segment_shape(query.segment), length
    key = None if customers is not None else ("frequency", *shape, *moments)
    rows, sql = answer(asked, key, lambda: _people(query, length, asked, customers), moments, texts)
    gaps, turns = _counted(query, rows, length, _step_of_days(reach, steps))
    return FrequencyResult(query, _reach(query, reach.start, gaps, ask), _lifecycle(query, turns, steps, ask), sql)


def _first_day(query: FrequencyQuery, steps: Frame) -> date:
    """Return the first local day that matters: of the month before the period, or of the step before its first."""
    before = steps.buckets[0].start.astimezone(zone(query.period.tz)).date()
    return min(before, query.period.start - timedelta(days=MONTH - 1))


def _people(query: FrequencyQuery, length: int, ask: Ask, customers: ir.Table | None) -> ir.Table:
    """Return how many people came on the same days of the reach, and whether they came earlier."""
    t = events_in(ask, query.segment, markers_of(query.names) or None, customers)
    t = t.filter(t.moment < ask.instant("end"))
    t = t.mutate(place=local_day(t.moment, ask) - ibis.literal(marker("first_day")).cast("int64"))
    inside = t.moment >= ask.instant("start")
    people = t.group_by("user").aggregate(
        earlier=(~inside).cast("int64").max(), **words_of(t.place, length, inside)
    )  # fmt: skip
    return counted(people, ("earlier",))


def _step_of_days(reach: Period, steps: Frame) -> Ints:
    """Return the number of the step that holds each day of the reach; -1 for days before the first."""
    tz = zone(reach.tz)
    starts = [(bucket.start.astimezone(tz).date() - reach.start).days for bucket in steps.buckets]
    days = np.arange((reach.end - reach.start).days)
    return np.searchsorted(np.array(starts), days, side="right") - 1


def _counted(query: FrequencyQuery, rows: pa.Table, length: int, step_of: Ints) -> tuple[Ints, Ints]:
    """Return how many people came on each day, by how many days later they came next (`MONTH` at most); and how many
    were active in each step as new, returning and resurrected ones, and how many of them were so in the next one, too."""
    gaps = np.zeros((length, MONTH + 1), dtype=np.int64)
    turns = np.zeros((int(step_of.max()) + 1, 4), dtype=np.int64)
    for days in places_of(rows, ("earlier",)):
        gap = np.where(days.after < 0, MONTH, np.minimum(days.after - days.place, MONTH))
        np.add.at(gaps, (days.place, gap), days.people[days.row])
        earlier = days.keys["earlier"].copy()
        earlier[days.row[step_of[days.place] < 0]] = 1
        steps = days.among(step_of)
        people, before = steps.people[steps.row], steps.before
        was = np.where(before >= 0, np.where(before == steps.place - 1, 1, 2), np.where(earlier[steps.row] > 0, 2, 0))
        np.add.at(turns, (steps.place, was), people)
        np.add.at(turns[:, 3], steps.place, people * (steps.after == steps.place + 1))
    return gaps, turns


def _reach(query: FrequencyQuery, first: date, gaps: Ints, ask: Ask) -> tuple[Reach, ...]:
    """Return the people of each day: who came on a day is there until the next time, for as long as the window lasts."""
    there = {}
    for window in (1, WEEK, MONTH):
        change = np.zeros(len(gaps) + MONTH + 1, dtype=np.int64)
        change[: len(gaps)] += gaps.sum(axis=1)
        day, gap = np.nonzero(gaps)
        np.add.at(change, day + np.minimum(gap, window), -gaps[day, gap])
        there[window] = np.cumsum(change)
    # Days after the one of `as_of` have not come.
    last = min(query.period.end, ask.as_of.astimezone(zone(query.period.tz)).date() + timedelta(days=1))
    days = range((query.period.start - first).days, (last - first).days)
    return tuple(Reach(first + timedelta(days=n), *(int(there[w][n]) for w in (1, WEEK, MONTH))) for n in days)


def _lifecycle(query: FrequencyQuery, turns: Ints, steps: Frame, ask: Ask) -> tuple[Lifecycle, ...]:
    tz, stop, made = zone(query.period.tz), query.period.bounds[1], []
    for place in range(steps.first, len(steps.buckets)):
        bucket = steps.buckets[place]
        if bucket.start >= ask.as_of:
            break
        new, returning, resurrected = turns[place, :3].tolist()
        was = int(turns[place - 1, :3].sum())
        gone, over = was - int(turns[place - 1, 3]), bucket.end <= min(ask.as_of, stop)
        kept = share_of(returning, was, query.confidence) if over else None
        active = new + returning + resurrected
        start = bucket.start.astimezone(tz).date()
        made.append(Lifecycle(start, active, new, returning, resurrected, gone if over else None, kept))
    return tuple(made)
