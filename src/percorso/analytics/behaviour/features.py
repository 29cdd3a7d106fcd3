"""What people use: every feature with its users, how that changed, how it goes over time, and what nobody uses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics import frames
from percorso.analytics.behaviour.bits import counted, places_of, words_of
from percorso.analytics.behaviour.events import answer, ask_of
from percorso.analytics.behaviour.groups import events_in, in_group, texts_of, with_inside
from percorso.analytics.behaviour.shares import Share, share_of
from percorso.analytics.calendar import zone
from percorso.analytics.frames import Frame
from percorso.analytics.methods.base import Ask, marker
from percorso.analytics.query import Grain, Period, Query, Segment
from percorso.analytics.statistics.comparisons import Comparison, benjamini_hochberg, two_proportions
from percorso.analytics.store import Store

EVENT, COLUMN = "Feature Used", "properties.feature"
# Of more features the ranking is cut: names that a program makes up are no features.
MOST = 1000


@dataclass(frozen=True)
class FeatureQuery:
    """A question about the use of features.

    Parameters
    ----------
    event : name of the event that tells the use of a feature; empty: any event. column : which of its columns names the
        feature: ``properties.…``, ``name``, ``page``, ``touchpoint``.
    core : features that are listed even when nobody ever used them. period : the local days. before : the days that are
        compared with. grain : steps of the series; None for none. top : how many features have a series.
    segment : column -> allowed values. as_of : what was known at that instant; None means now. q : false discovery rate.
    """

    workspace: str
    period: Period
    before: Period | None = None
    grain: Grain | None = None
    event: str = EVENT
    column: str = COLUMN
    core: tuple[str, ...] = ()
    segment: Segment = field(default_factory=dict)
    top: int = 50
    as_of: datetime | None = None
    confidence: float = 0.95
    q: float = 0.05

    @property
    def names(self) -> tuple[str, ...]:
        """The names of events that the SQL says."""
        return (self.event,) if self.event else ()


@dataclass(frozen=True)
class FeatureUse:
    """One feature: who used it of the active people (`adoption`), how often, since when, and step by step.

    `change` compares it with the days before; `differs` says whether its p-value, adjusted for the number of features,
    is at most q. `first_at` and `last_at` are of everybody and of all time until the end of the period; None where nobody
    ever used it.
    """

    feature: str
    users: int
    uses: int
    adoption: Share
    before: Share | None
    change: Comparison | None
    adjusted_p: float | None
    differs: bool
    first_at: datetime | None
    last_at: datetime | None
    series: tuple[Share, ...] = ()


@dataclass(frozen=True)
class FeatureResult:
    """The features, the most used first and those that nobody used last, the active people, and the SQL that ran."""

    query: FeatureQuery
    active: int
    active_before: int | None
    features: tuple[FeatureUse, ...]
    starts: tuple[date, ...] = ()
    sql: str = field(default="", repr=False)

    @property
    def unused(self) -> tuple[FeatureUse, ...]:
        """The features that nobody used in the period."""
        return tuple(f for f in self.features if not f.users)


def features(store: Store, query: FeatureQuery, customers: ir.Table | None = None) -> FeatureResult:
    """Answer which features are used, by how many of the active people, and which by nobody (specification 4.5).

    Parameters
    ----------
    customers : a table with a column ``customer``; only they count. None: everybody.

    Notes
    -----
    Active is who did anything in the period, with a feature or without. A feature is listed when anybody ever used it,
    or when it is in `core`; the order is by users, uses, name.
    """
    ask = ask_of(store, query.workspace, query.as_of, query.confidence)
    frame = frames.frame_of(Query((), query.workspace, query.period, query.grain), query.period)
    asked = _Asked(query, frame, ask, customers)
    used, used_sql = asked.rows("used", _used)
    active, active_sql = asked.rows("active", _active)
    now, before, in_steps = _counted(active, len(frame.buckets))
    ranked = _ranked(query, used.to_pylist())
    begun = [i for i, bucket in enumerate(frame.buckets) if bucket.start <= ask.as_of]
    series, series_sql = _series(asked, ranked, begun, in_steps)
    made = _tested(query, ranked, series, now, before)
    tz = zone(query.period.tz)
    starts = tuple(frame.buckets[i].start.astimezone(tz).date() for i in begun) if series else ()
    sql = ";\n\n".join(s for s in (used_sql, active_sql, series_sql) if s)
    return FeatureResult(query, now, before if query.before else None, made, starts, sql)


@dataclass(frozen=True)
class _Asked:
    """A question with the steps of its series, and whom it is of."""

    query: FeatureQuery
    frame: Frame
    ask: Ask
    customers: ir.Table | None

    @cached_property
    def moments(self) -> dict[str, datetime]:
        """The instants of the SQL by their roles: the period, the days before, and the series, whose first step is whole."""
        made = self.frame.moments(self.ask.as_of)
        made["series_from"], _ = self.frame.span or self.query.period.bounds
        made["start"], made["end"] = self.query.period.bounds
        made["first"] = min(made["series_from"], made["start"])
        if self.query.before is not None:
            made["before_from"], made["before_to"] = self.query.before.bounds
            made["first"] = min(made["first"], made["before_from"])
        return made

    def rows(self, what: str, build: Callable[["_Asked"], ir.Table], shown: Sequence[str] = ()) -> tuple[pa.Table, str]:
        """Return the rows of a part of the question; `shown` are the features that it names."""
        q = self.query
        shape = q.workspace, q.column, bool(q.event), frames.segment_shape(q.segment), q.grain, len(shown)
        key = None if self.customers is not None else (what, *shape, len(self.frame.buckets), *self.moments)
        texts = texts_of(q.segment, q.names, self.ask)
        texts |= {f"feature_{i}": self.ask.engine.escaped(name) for i, name in enumerate(shown)}
        return answer(self.ask, key, lambda: build(self), self.moments, texts)


def _during(t: ir.Table, ask: Ask) -> ir.BooleanValue:
    return (t.moment >= ask.instant("start")) & (t.moment < ask.instant("end"))


def _earlier(t: ir.Table, query: FeatureQuery, ask: Ask) -> ir.BooleanValue:
    if query.before is None:
        return ibis.literal(False)
    return (t.moment >= ask.instant("before_from")) & (t.moment < ask.instant("before_to"))


def _uses(query: FeatureQuery, ask: Ask, customers: ir.Table | None) -> ir.Table:
    """Return the events that are the use of a feature, with `feature`, until the end of the period."""
    t = events_in(ask, {}, [marker("name_0")] if query.event else None, customers)
    t = t.filter(t.moment < ask.instant("end"))
    t = frames.with_columns(t, [query.column], "feature_", ask)
    t = t.filter(t.feature_0.notnull(), t.feature_0 != "")
    return t.mutate(feature=t.feature_0)


def _used(asked: _Asked) -> ir.Table:
    """Return every feature that anybody ever used, with its users and uses in the group."""
    query, ask = asked.query, asked.ask
    t = with_inside(_uses(query, ask, None), query.segment, asked.customers, ask)
    now, before = t.inside & _during(t, ask), t.inside & _earlier(t, query, ask)
    found = t.group_by("feature").aggregate(
        first_at=t.moment.min(),
        last_at=t.moment.max(),
        users=t.user.nunique(where=now),
        uses=t.count(where=now),
        users_before=t.user.nunique(where=before),
    )
    return found.order_by(ibis.desc("users"), ibis.desc("uses"), "feature").limit(MOST)


def _active(asked: _Asked) -> ir.Table:
    """Return how many people were active in the same steps, in the period, and in the days before."""
    query, ask, frame = asked.query, asked.ask, asked.frame
    t = events_in(ask, query.segment, None, asked.customers)
    t = t.filter(t.moment >= ask.instant("first"), t.moment < ask.instant("end"))
    t = t.mutate(now=_during(t, ask).cast("int64"), before=_earlier(t, query, ask).cast("int64"))
    made: dict[str, ir.Scalar] = {"now": t.now.max(), "before": t.before.max()}
    if frame.buckets:
        # One step alone would be no column, but a number.
        t = t.mutate(place=frames.bucket_of(t.moment, frame, ask), counts=t.moment >= ask.instant("series_from"))
        made |= words_of(t.place, len(frame.buckets), t.counts)
    return counted(t.group_by("user").aggregate(**made), ("now", "before"))


def _counted(rows: pa.Table, steps: int) -> tuple[int, int, list[int]]:
    """Return how many people were active in the period, in the days before, and in each step."""
    people, now, before = (rows[name].to_numpy().astype(np.int64) for name in ("people", "now", "before"))
    active = np.zeros(steps, dtype=np.int64)
    if steps:
        for found in places_of(rows):
            np.add.at(active, found.place, found.people[found.row])
    return int(people[now > 0].sum()), int(people[before > 0].sum()), active.tolist()


def _ranked(query: FeatureQuery, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the features by users, uses, name; the core ones that nobody ever used among them."""
    known = {row["feature"] for row in rows}
    none = {"users": 0, "uses": 0, "users_before": 0, "first_at": None, "last_at": None}
    rows = rows + [{"feature": name, **none} for name in dict.fromkeys(query.core) if name not in known]
    return sorted(rows, key=lambda row: (-row["users"], -row["uses"], row["feature"]))


def _series(
    asked: _Asked, ranked: Sequence[dict[str, Any]], begun: Sequence[int], active: Sequence[int]
) -> tuple[dict[str, tuple[Share, ...]], str]:
    """Return the adoption of the most used features in each step that has begun."""
    shown = [row["feature"] for row in ranked[: asked.query.top] if row["users"]]
    if not begun or not shown:
        return {}, ""
    rows, sql = asked.rows("series", lambda asked: _by_step(asked, len(shown)), shown)
    users = {(row["feature"], int(row["bucket"])): int(row["people"]) for row in rows.to_pylist()}
    confidence = asked.query.confidence
    return {name: tuple(share_of(users.get((name, i), 0), active[i], confidence) for i in begun) for name in shown}, sql


def _by_step(asked: _Asked, shown: int) -> ir.Table:
    """Return the users of the features in each step."""
    query, ask = asked.query, asked.ask
    t = in_group(_uses(query, ask, asked.customers), query.segment, ask)
    t = t.filter(t.feature.isin([marker(f"feature_{i}") for i in range(shown)]), t.moment >= ask.instant("series_from"))
    t = t.mutate(bucket=frames.bucket_of(t.moment, asked.frame, ask))
    return t.group_by(["feature", "bucket"]).aggregate(people=t.user.nunique())


def _tested(
    query: FeatureQuery, ranked: Sequence[dict[str, Any]], series: dict[str, tuple[Share, ...]], now: int, before: int
) -> tuple[FeatureUse, ...]:
    tests = [_test(query, row, now, before) for row in ranked]
    adjusted = benjamini_hochberg([test.p_value if test else None for test in tests], query.q)
    found = zip(ranked, tests, adjusted.adjusted, adjusted.rejected, strict=True)
    return tuple(
        FeatureUse(
            feature=row["feature"],
            users=int(row["users"]),
            uses=int(row["uses"]),
            adoption=share_of(int(row["users"]), now, query.confidence),
            before=share_of(int(row["users_before"]), before, query.confidence) if query.before else None,
            change=test,
            adjusted_p=p,
            differs=bool(rejected),
            first_at=_utc(row["first_at"]),
            last_at=_utc(row["last_at"]),
            series=series.get(row["feature"], ()),
        )
        for row, test, p, rejected in found
    )


def _utc(at: datetime | None) -> datetime | None:
    if at is None:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _test(query: FeatureQuery, row: dict[str, Any], now: int, before: int) -> Comparison | None:
    """Compare the adoption with that of the days before; what nobody used on either side is no test."""
    if query.before is None or not (row["users"] or row["users_before"]):
        return None
    test = two_proportions(int(row["users"]), now, int(row["users_before"]), before, query.confidence)
    return test if test.difference is not None else None
