"""The ways that most people take, from their first step to the last one that is shown (specification 5.4)."""

from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from percorso.analytics.behaviour.events import answer
from percorso.analytics.behaviour.path_query import PathQuery
from percorso.analytics.behaviour.shares import Share, share_of
from percorso.analytics.behaviour.walks import PATH, plain, walked
from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.base import Ask
from percorso.analytics.store import Store


@dataclass(frozen=True)
class Way:
    """A sequence of touchpoints, the share of all paths that take it, and how many of these go on after it."""

    nodes: tuple[str, ...]
    share: Share
    goes_on: int


@dataclass(frozen=True)
class WayResult:
    """The most frequent ways, how many different ones there are, how many paths, and the SQL that ran."""

    query: PathQuery
    n_paths: int
    n_ways: int
    ways: tuple[Way, ...]
    sql: str = field(default="", repr=False)


def ways(store: Store, query: PathQuery, most: int = 20, customers: ir.Table | None = None) -> WayResult:
    """Return the `most` frequent ways of `max_steps` touchpoints; `top_k` of the question plays no part.

    Parameters
    ----------
    customers : a table with a column ``customer``; only they count. None: everybody.

    Raises
    ------
    BadQuestion : as for `paths`.
    """
    ask = query.asked_of(store)
    key = ("ways", most, *query.shape) if customers is None else None
    rows, sql = answer(ask, key, lambda: _ways(query, ask, customers, most), query.moments(ask), query.texts(ask))
    found = plain(rows)
    n, different = (found[0]["all_paths"], found[0]["different"]) if found else (0, 0)
    made = []
    for row in found:
        nodes = tuple(node for k in range(1, query.max_steps + 1) if (node := row[f"step_{k}"]) is not None)
        made.append(Way(nodes, share_of(row["paths"], n, query.confidence), row["goes_on"]))
    return WayResult(query, n, different, tuple(made), sql)


def _ways(query: PathQuery, ask: Ask, customers: ir.Table | None, most: int) -> ir.Table:
    t = walked(query, ask, customers)
    # One step more than is shown tells whether a path goes on.
    t = t.filter(t.place >= 1, t.place <= query.max_steps + 1)
    node, steps = nullable(t.node), [f"step_{k}" for k in range(1, query.max_steps + 1)]
    t = t.mutate(shown=node)
    places = {name: t.shown.max(where=t.place == k) for k, name in enumerate(steps, 1)}
    u = t.group_by(PATH).aggregate(**places, longer=(t.place > query.max_steps).cast("int64").max())
    g = u.group_by(steps).aggregate(paths=u.count(), goes_on=u.longer.sum())
    g = g.mutate(all_paths=g.paths.sum().over(), different=g.count().over(ibis.window()))
    return g.order_by([ibis.desc("paths"), *steps]).limit(most)
