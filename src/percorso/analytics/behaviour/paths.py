"""Which ways people take: from touchpoint to touchpoint, step by step, as far as one looks (specification 5.4)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from percorso.analytics.behaviour.events import answer
from percorso.analytics.behaviour.path_query import EXIT, MORE, OTHER, PathQuery
from percorso.analytics.behaviour.shares import Share, share_of, shares_of
from percorso.analytics.behaviour.stepped import linked, links, stepped
from percorso.analytics.behaviour.walks import walked
from percorso.analytics.methods.base import Ask
from percorso.analytics.statistics.comparisons import Comparison, benjamini_hochberg, two_proportions
from percorso.analytics.store import Store
from percorso.errors import BadQuestion
from percorso.i18n import mark

# Addresses with a number in them would make as many touchpoints as there are events.
MOST_LINKS = 200_000


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
    BadQuestion : the column of the touchpoints does not exist, or has too many values; see also `PathQuery`.
    """
    ask = query.asked_of(store)
    if ask.engine.local:
        parts, names, sql = stepped(query, ask, customers, lambda steps: links(steps, query))
        return _result(query, linked(parts, names), sql)
    key = None if customers is not None else ("links", *query.shape)
    rows, sql = answer(ask, key, lambda: _links(query, ask, customers), query.moments(ask), query.texts(ask))
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


def _links(query: PathQuery, ask: Ask, customers: ir.Table | None) -> ir.Table:
    """Return how many paths go from each touchpoint of each position to each next one."""
    t = walked(query, ask, customers)
    t = t.filter(t.place >= 1, t.place <= query.max_steps)
    last = ibis.ifelse((t.place == query.max_steps) & t.following.notnull(), MORE, EXIT)
    goes_on = t.following.notnull() & (t.place < query.max_steps)
    t = t.mutate(target=ibis.ifelse(goes_on, t.following.fill_null(""), last))
    g = t.group_by(["place", "node", "target"]).aggregate(paths=t.count())
    return g.limit(MOST_LINKS + 1)


def _result(query: PathQuery, counted: Mapping[tuple[int, str, str], int], sql: str) -> PathResult:
    if len(counted) > MOST_LINKS:
        raise BadQuestion(
            mark("There are more than {most} different steps. Take a column with fewer values, or fewer steps."),
            most=MOST_LINKS,
        )
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
    told = sorted(ways.items())
    shares = shares_of([n for _, n in told], [nodes[place][source] for (place, source, _), _ in told], query.confidence)
    links = [Link(*way, n, share) for (way, n), share in zip(told, shares, strict=True)]
    everywhere = query.max_steps if query.backwards else 1
    return PathResult(query, sum(nodes.get(everywhere, {}).values()), nodes, tuple(links), sql)


def _most(nodes: Mapping[str, int], top_k: int | None) -> list[str]:
    return sorted(nodes, key=lambda name: (-nodes[name], name))[:top_k]


def _name(node: str, shown: Iterable[str]) -> str:
    return node if node in shown else OTHER
