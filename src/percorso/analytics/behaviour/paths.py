"""Which ways people take: from touchpoint to touchpoint, step by step, as far as one looks (specification 5.4)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import ibis
import ibis.expr.types as ir

from percorso.analytics import frames
from percorso.analytics.behaviour.events import answer, arrival, ask_of, events_of, roles_of, written_texts
from percorso.analytics.behaviour.shares import Share, share_of
from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.base import Ask, marker
from percorso.analytics.query import Period
from percorso.analytics.statistics.comparisons import Comparison, benjamini_hochberg, two_proportions
from percorso.analytics.store import Store
from percorso.errors import BadQuestion
from percorso.i18n import mark

Unit = Literal["session", "user"]
UNITS: Mapping[Unit, str] = {"session": mark("Each visit"), "user": mark("Each customer")}
OTHER, EXIT, MORE = "(other)", "(exit)", "(more)"
LONGEST = 50


@dataclass(frozen=True)
class PathQuery:
    """A question about paths.

    Parameters
    ----------
    node : the column whose values are the touchpoints: ``name`` of the event, ``page``, ``channel``, ``properties.…``.
    names : only events of these names; empty for all. unit : what one path is of. gap_seconds : so long without an event,
        or longer, and the next one begins a new visit. collapse : touchpoints that follow themselves count once.
    start_node : paths begin at its first occurrence; those without it are left out. end_node : they end at its last one,
        and of a longer path the last `max_steps` are shown. max_steps : how many positions are shown. top_k : so many
        touchpoints a position, the others become one; None for all.
    as_of : what was known at that instant; None means now.
    """

    workspace: str = ""
    period: Period | None = None
    node: str = "name"
    names: tuple[str, ...] = ()
    unit: Unit = "session"
    gap_seconds: float = 1800
    collapse: bool = True
    start_node: str | None = None
    end_node: str | None = None
    max_steps: int = 5
    top_k: int | None = None
    as_of: datetime | None = None
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise BadQuestion(
                mark("There is no unit {name}. Choose one of: {known}."), name=self.unit, known=", ".join(UNITS)
            )
        if not 1 <= self.max_steps <= LONGEST:
            raise BadQuestion(mark("A path is shown with 1 to {most} steps."), most=LONGEST)
        if self.top_k is not None and self.top_k < 1:
            raise BadQuestion(mark("Show at least one touchpoint a step."))
        if not 0 < self.gap_seconds < 10**9:
            raise BadQuestion(mark("The gap between two visits is a number of seconds, more than 0."))

    @property
    def roles(self) -> dict[str, str]:
        """The roles of its texts in the SQL."""
        return roles_of((), (*self.names, *(node for node in (self.start_node, self.end_node) if node is not None)))


@dataclass(frozen=True)
class Link:
    """How many paths go from `source` at position `step` (the first is 1) to `target` at the next; `share` of the source's.

    A path that ends goes to ``(exit)``, one that is longer than what is shown to ``(more)``.
    """

    step: int
    source: str
    target: str
    count: int
    share: Share


@dataclass(frozen=True)
class PathResult:
    """How many paths there are, how many are at each touchpoint of each position, where they go, and the SQL that ran."""

    query: PathQuery
    n_paths: int
    nodes: Mapping[int, Mapping[str, int]]
    links: tuple[Link, ...]
    sql: str = field(default="", repr=False)


@dataclass(frozen=True)
class LinkContrast:
    """The share of one way in two groups of paths. `differs` says whether the adjusted p-value is at most q."""

    step: int
    source: str
    target: str
    one: Share
    other: Share
    test: Comparison
    adjusted_p: float | None
    differs: bool


def paths(store: Store, query: PathQuery, customers: ir.Table | None = None) -> PathResult:
    """Answer a question about paths.

    Parameters
    ----------
    customers : a table with a column ``customer``; only they count. None: everybody.

    Raises
    ------
    BadQuestion : the column of the touchpoints does not exist; see also `PathQuery`.
    """
    ask = ask_of(store, query.workspace, query.as_of, query.confidence)
    moments = {"as_of": ask.as_of}
    if query.period is not None:
        moments["start"], moments["end"] = query.period.bounds
    key = None if customers is not None else _shape(query)
    rows, sql = answer(ask, key, lambda: _links(query, ask, customers), moments, written_texts(query.roles, ask))
    counted = Counter[tuple[int, str, str]]()
    columns = (rows[name].to_pylist() for name in ("place", "node", "target", "paths"))
    for place, node, target, count in zip(*columns, strict=True):
        counted[place, node, target] += count
    return _result(query, counted, sql)


def contrasts(one: PathResult, other: PathResult, q: float = 0.1) -> tuple[LinkContrast, ...]:
    """Return where the ways of two groups differ: each way that either takes, all of them one family of tests.

    Touchpoints that one of both shows as ``(other)`` are compared as such: ask both with the same `top_k`, or none.
    """
    a, b = ({(link.step, link.source, link.target): link.share for link in r.links} for r in (one, other))
    leaving = [defaultdict[tuple[int, str], int](int) for _ in range(2)]
    for shares, total in zip((a, b), leaving, strict=True):
        total |= {(step, source): share.n for (step, source, _), share in shares.items()}
    ways, confidence = sorted({*a, *b}), one.query.confidence
    pairs = []
    for way in ways:
        n, m = leaving[0][way[:2]], leaving[1][way[:2]]
        pairs.append((a.get(way) or share_of(0, n, confidence), b.get(way) or share_of(0, m, confidence)))
    tests = [two_proportions(x.count, x.n, y.count, y.n, confidence) for x, y in pairs]
    adjusted = benjamini_hochberg([test.p_value for test in tests], q)
    found = zip(ways, pairs, tests, adjusted.adjusted, adjusted.rejected, strict=True)
    return tuple(LinkContrast(*way, x, y, test, p, bool(rejected)) for way, (x, y), test, p, rejected in found)


def _shape(query: PathQuery) -> tuple[object, ...]:
    ends = query.start_node is None, query.end_node is None, query.start_node == query.end_node
    how = query.node, len(query.roles), len(query.names), query.unit, query.gap_seconds, query.collapse, query.max_steps
    return ("paths", query.workspace, query.period is None, *ends, *how, tuple(query.roles.values()))


def _links(query: PathQuery, ask: Ask, customers: ir.Table | None) -> ir.Table:
    """Return how many paths go from each touchpoint of each position to each next one."""
    t = _in_order(query, ask, customers)
    t = t.filter(t.node.notnull())
    if query.collapse:
        unit = ibis.window(group_by=["user", "visit"], order_by=_order(t))
        t = t.mutate(before=nullable(t.node).lag().over(unit))
        t = t.filter((t.before != t.node).fill_null(True))
    t = t.mutate(place=ibis.row_number().over(group_by=["user", "visit"], order_by=_order(t)) + 1)
    t = _cut(t, query)
    unit = ibis.window(group_by=["user", "visit"], order_by="place")
    t = t.mutate(following=nullable(t.node).lead().over(unit))
    t = t.filter(t.place >= 1, t.place <= query.max_steps)
    last = ibis.ifelse((t.place == query.max_steps) & t.following.notnull(), MORE, EXIT)
    goes_on = t.following.notnull() & (t.place < query.max_steps)
    t = t.mutate(target=ibis.ifelse(goes_on, t.following.fill_null(""), last))
    return t.group_by(["place", "node", "target"]).aggregate(paths=t.count())


def _in_order(query: PathQuery, ask: Ask, customers: ir.Table | None) -> ir.Table:
    """Return the events of the period with `node`, what puts them into order, and the `visit` of the user they are of."""
    names = [marker(query.roles[name]) for name in query.names] or None
    t = events_of(ask, names, customers)
    t = t.filter(ask.known(t.moment))
    if query.period is not None:
        t = t.filter(t.moment >= ask.instant("start"), t.moment < ask.instant("end"))
    t = frames.with_columns(t, [query.node], "node_", ask)
    t = t.mutate(arrived=arrival(t, ask)["arrived"])
    t = t.select("user", "t", "arrived", "id", node=t.node_0)
    if query.unit == "user":
        return t.mutate(visit=ibis.literal(0, "int64"))
    whose = ibis.window(group_by=t.user, order_by=_order(t))
    t = t.mutate(earlier=nullable(t.t).lag().over(whose))
    begins = (t.earlier.isnull() | (t.t - t.earlier >= round(query.gap_seconds * 1_000_000))).cast("int64")
    so_far = ibis.cumulative_window(group_by="user", order_by=["t", "arrived", "id"])
    return t.mutate(visit=begins.sum().over(so_far))


def _order(t: ir.Table) -> list[ir.Column]:
    return [t.t, t.arrived, t.id]


def _cut(t: ir.Table, query: PathQuery) -> ir.Table:
    """Return the part of each path that is asked about, counted anew: 1 is the first position that is shown."""
    whole = ibis.window(group_by=["user", "visit"])
    if query.start_node is not None:
        here = t.node == marker(query.roles[query.start_node])
        t = t.mutate(first=ibis.ifelse(here, nullable(t.place), ibis.null("int64")).min().over(whole))
        t = t.filter((t.place >= t.first).fill_null(False))
        t = t.mutate(place=t.place - t.first + 1)
    if query.end_node is not None:
        here = t.node == marker(query.roles[query.end_node])
        t = t.mutate(final=ibis.ifelse(here, nullable(t.place), ibis.null("int64")).max().over(whole))
        t = t.filter((t.place <= t.final).fill_null(False))
        t = t.mutate(place=t.place - ibis.greatest(t.final - query.max_steps, 0))
    return t


def _result(query: PathQuery, counted: Mapping[tuple[int, str, str], int], sql: str) -> PathResult:
    at: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for (place, node, _), count in counted.items():
        at[place][node] += count
    shown = {place: _most(nodes, query.top_k) for place, nodes in at.items()}
    ways = Counter[tuple[int, str, str]]()
    for (place, node, target), count in counted.items():
        ends = target in (EXIT, MORE) and target not in at.get(place + 1, ())
        ways[place, _name(node, shown[place]), target if ends else _name(target, shown.get(place + 1, ()))] += count
    nodes = {place: Counter[str]() for place in sorted(at)}
    for (place, source, _), count in ways.items():
        nodes[place][source] += count
    links = [Link(*way, n, share_of(n, nodes[way[0]][way[1]], query.confidence)) for way, n in sorted(ways.items())]
    return PathResult(query, sum(nodes.get(1, {}).values()), nodes, tuple(links), sql)


def _most(nodes: Mapping[str, int], top_k: int | None) -> list[str]:
    return sorted(nodes, key=lambda name: (-nodes[name], name))[:top_k]


def _name(node: str, shown: Iterable[str]) -> str:
    return node if node in shown else OTHER
