"""What follows what on people's ways: how often, how soon; where they come back to, and where ways end (specification 5.4)."""

from dataclasses import dataclass, field
from typing import Any

import ibis
import ibis.expr.types as ir

from percorso.analytics.behaviour.events import answer
from percorso.analytics.behaviour.path_query import EXIT, PathQuery
from percorso.analytics.behaviour.shares import Share, share_of
from percorso.analytics.behaviour.stepped import moved, moves, stepped, visited, visits
from percorso.analytics.behaviour.walks import PATH, facts_of, plain, walked
from percorso.analytics.methods.base import Ask
from percorso.analytics.statistics.comparisons import Comparison, benjamini_hochberg, two_proportions
from percorso.analytics.store import Store

# A site of a million pages has more ways between them than anybody reads; the most frequent ones are enough.
MOST = 1000
# The touchpoints that a choice offers.
OFFERED = 200
PAIR, STOP = "pair", "stop"
Row = dict[str, Any]


@dataclass(frozen=True)
class Transition:
    """How often `target` directly follows `source`; `share` of all that follows the source, its end included.

    `median_seconds` is the exact median from reaching the source to reaching the target; None for ``(exit)``. `back` is the
    share of these that go straight back to the source: a loop.
    """

    source: str
    target: str
    count: int
    share: Share
    median_seconds: float | None
    back: Share


@dataclass(frozen=True)
class Stop:
    """A touchpoint: how often it is reached, on which share of the paths, and how often paths begin there.

    `ends` is the share of its visits after which the path ends, `test` compares it with all other touchpoints together;
    `dead_end` says that paths end here more often than elsewhere, beyond chance (adjusted for all touchpoints).
    `returning` is the share of its paths that come back to it.
    """

    node: str
    visits: int
    paths: Share
    begins: int
    ends: Share
    returning: Share
    test: Comparison
    adjusted_p: float | None
    dead_end: bool


@dataclass(frozen=True)
class TransitionResult:
    """What follows what, the most frequent first; the touchpoints, the most visited first; and the SQL that ran."""

    query: PathQuery
    n_paths: int
    transitions: tuple[Transition, ...]
    stops: tuple[Stop, ...]
    sql: str = field(default="", repr=False)

    @property
    def loops(self) -> tuple[Transition, ...]:
        """The ways that lead straight back, the most frequent first."""
        found = [t for t in self.transitions if t.back.count and t.source != t.target]
        return tuple(sorted(found, key=lambda t: (-t.back.count, t.source, t.target)))

    @property
    def dead_ends(self) -> tuple[Stop, ...]:
        """The touchpoints where paths end more often than elsewhere, most ends first; the end that was asked for is none."""
        found = [s for s in self.stops if s.dead_end and s.node != self.query.end_node]
        return tuple(sorted(found, key=lambda s: (-s.ends.count, s.node)))


def transitions(store: Store, query: PathQuery, customers: ir.Table | None = None, q: float = 0.1) -> TransitionResult:
    """Return what follows what on whole paths; `max_steps` and `top_k` of the question cut nothing off here.

    Parameters
    ----------
    customers : a table with a column ``customer``; only they count. None: everybody. q : the false discovery rate of the
        dead ends (Benjamini-Hochberg).

    Raises
    ------
    BadQuestion : as for `paths`.
    """
    ask = query.asked_of(store)
    pairs, stops, sql = _rows(query, ask, customers)
    tested, n_paths = _tested(stops, query, q)
    moved = tuple(_transition(row, query.confidence) for row in pairs)
    return TransitionResult(query, n_paths, moved, tested, sql)


def _rows(query: PathQuery, ask: Ask, customers: ir.Table | None) -> tuple[list[Row], list[Row], str]:
    """Return what follows what, the touchpoints, and the SQL that ran; the most frequent ones first."""
    if ask.engine.local:
        parts, names, sql = stepped(query, ask, customers, lambda steps: (moved(steps), visits(steps)))
        return _most(moves([m for m, _ in parts], names)), _most(visited([v for _, v in parts], names)), sql
    key = ("transitions", *query.shape) if customers is None else None
    found, sql = answer(ask, key, lambda: _counted(query, ask, customers), query.moments(ask), query.texts(ask))
    rows = plain(found)
    return [row for row in rows if row["kind"] == PAIR], [row for row in rows if row["kind"] == STOP], sql


def _most(rows: list[Row]) -> list[Row]:
    # As the SQL has it: of as many, by the names, and ends last.
    return sorted(rows, key=lambda r: (-r["times"], r["node"], r.get("target") is None, r.get("target") or ""))[:MOST]


def touchpoints(store: Store, query: PathQuery, most: int = OFFERED) -> tuple[tuple[str, int], ...]:
    """Return the values that touchpoints take in the facts of a question, the most frequent first, each with its count.

    Where paths begin and end, how many steps they have and what they pass over plays no part.
    """
    ask = query.asked_of(store)

    def build() -> ir.Table:
        t = facts_of(query, ask, None)
        g = t.filter(t.node.notnull()).group_by("node").aggregate(n=lambda t: t.count())
        return g.order_by([ibis.desc("n"), "node"]).limit(most)

    rows, _ = answer(ask, ("touchpoints", most, *query.shape), build, query.moments(ask), query.texts(ask))
    return tuple(zip(rows["node"].to_pylist(), rows["n"].to_pylist(), strict=True))


def _counted(query: PathQuery, ask: Ask, customers: ir.Table | None) -> ir.Table:
    """Return the rows of `_pairs` and of `_stops` together: DuckDB then walks the ways only once."""
    t = walked(query, ask, customers)
    both = ibis.union(_pairs(t, ask), _stops(t))
    return both.order_by(["kind", ibis.desc("times"), "node", "target"])


def _pairs(t: ir.Table, ask: Ask) -> ir.Table:
    """Return each touchpoint with each that follows it: how often, how soon, how many go straight back."""
    t = t.mutate(taken=t.reached - t.t, straight=(t.third == t.node).fill_null(False).cast("int64"))
    g = t.group_by(["node", "following"]).aggregate(
        times=t.count(), taken=ask.engine.median(t.taken), back=t.straight.sum()
    )
    g = g.mutate(whole=g.times.sum().over(ibis.window(group_by="node")))
    g = g.order_by([ibis.desc("times"), "node", "following"]).limit(MOST)
    return _row(g, PAIR, target=g.following, times=g.times, taken=g.taken, back=g.back, whole=g.whole)


def _stops(t: ir.Table) -> ir.Table:
    """Return each touchpoint: visits, paths, beginnings, ends, paths that come back; and both sums over all of them."""
    t = t.mutate(first=t.begins.cast("int64"), last=t.following.isnull().cast("int64"))
    v = t.group_by([*PATH, "node"]).aggregate(visits=t.count(), begins=t["first"].sum(), ends=t["last"].sum())
    g = v.group_by("node").aggregate(
        visits=v.visits.sum(),
        paths=v.count(),
        begins=v.begins.sum(),
        ends=v.ends.sum(),
        returning=(v.visits > 1).cast("int64").sum(),
    )
    g = g.mutate(whole=g.visits.sum().over(), n_paths=g.begins.sum().over())
    g = g.order_by([ibis.desc("visits"), "node"]).limit(MOST)
    return _row(
        g, STOP, times=g.visits, whole=g.whole, paths=g.paths, begins=g.begins, ends=g.ends, returning=g.returning, n_paths=g.n_paths
    )  # fmt: skip


def _row(g: ir.Table, kind: str, **columns: ir.Column) -> ir.Table:
    """Return rows with the columns of both kinds; null where a kind has none of that name."""
    numbers = ("times", "back", "whole", "paths", "begins", "ends", "returning", "n_paths")
    empty = {"target": ibis.null("string"), "taken": ibis.null("float64")} | dict.fromkeys(numbers, ibis.null("int64"))
    told = {name: columns.get(name, value).cast(value.type()) for name, value in empty.items()}
    return g.select(kind=ibis.literal(kind), node=g.node, **told)


def _transition(row: dict[str, Any], confidence: float) -> Transition:
    taken = None if row["target"] is None or row["taken"] is None else row["taken"] / 1e6
    share, back = share_of(row["times"], row["whole"], confidence), share_of(row["back"], row["times"], confidence)
    return Transition(row["node"], EXIT if row["target"] is None else row["target"], row["times"], share, taken, back)


def _tested(rows: list[dict[str, Any]], query: PathQuery, q: float) -> tuple[tuple[Stop, ...], int]:
    """Return the touchpoints, each with whether paths end there more often than elsewhere, and the number of paths."""
    if not rows:
        return (), 0
    visits, n, confidence = rows[0]["whole"], rows[0]["n_paths"], query.confidence
    tests = [
        two_proportions(r["ends"], r["times"], n - r["ends"], visits - r["times"], confidence) for r in rows
    ]  # every path ends once
    adjusted = benjamini_hochberg([test.p_value for test in tests], q)
    return tuple(
        Stop(
            node=row["node"],
            visits=row["times"],
            paths=share_of(row["paths"], n, confidence),
            begins=row["begins"],
            ends=share_of(row["ends"], row["times"], confidence),
            returning=share_of(row["returning"], row["paths"], confidence),
            test=test,
            adjusted_p=p,
            dead_end=bool(rejected) and (test.difference or 0) > 0,
        )
        for row, test, p, rejected in zip(rows, tests, adjusted.adjusted, adjusted.rejected, strict=True)
    ), n
