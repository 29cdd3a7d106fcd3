"""The steps of each path, in order: what all questions about ways begin with (specification 5.4)."""

from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from percorso.analytics import frames
from percorso.analytics.behaviour.events import arrival, events_of
from percorso.analytics.behaviour.path_query import NAMES, PathQuery
from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.base import Ask, marker

SEPARATOR = " · "
PATH = ("user", "visit")


def walked(query: PathQuery, ask: Ask, customers: ir.Table | None) -> ir.Table:
    """Return the steps of each path: `user`, `visit`, `place`, `node`, `t` (µs since 1970), `begins` (whether it is the first).

    Of the path's next step there are `following` and `reached`, of the one after it `third`; null where there is none. `place`
    1 is the first position that is shown; of paths to a touchpoint those before it are there, too, and so are the steps
    that follow the last one that is shown.
    """
    t = _in_visits(query, ask, customers)
    t = t.filter(t.node.notnull())
    for node in query.without:
        t = t.filter(~is_at(t, node, query))
    in_turn = ibis.window(group_by=PATH, order_by="turn")
    if query.collapse:
        t = t.mutate(before=nullable(t.node).lag().over(in_turn))
        t = t.filter((t.before != t.node).fill_null(True))
    # All in one window: every further one sorts the facts once more.
    node = nullable(t.node)
    t = t.mutate(
        place=ibis.row_number().over(in_turn) + 1,
        following=node.lead().over(in_turn),
        third=node.lead(2).over(in_turn),
        reached=nullable(t.t).lead().over(in_turn),
    )
    return _cut(t, query)


def is_at(t: ir.Table, node: str, query: PathQuery) -> ir.BooleanValue:
    """Return whether a step is at a touchpoint; one of any channel goes by its name alone."""
    text = marker(query.roles[node])
    return (t.node == text) | (t.plain == text) if query.by_channel else t.node == text


def _in_visits(query: PathQuery, ask: Ask, customers: ir.Table | None) -> ir.Table:
    """Return `user`, `visit`, `turn` (the order of the user's facts), `t` and `node` of the facts of the period."""
    t, kept = facts_of(query, ask, customers), ("user", "turn", "t", "node", *(("plain",) if query.by_channel else ()))
    whose = ibis.window(group_by="user", order_by=["t", "arrived", "id"])
    # Ordered by many texts once, and by a number from then on.
    t = t.mutate(turn=ibis.row_number().over(whose), earlier=nullable(t.t).lag().over(whose))
    if query.unit == "user":
        return t.select(*kept, visit=ibis.literal(0, "int64"))
    t = t.mutate(opens=(t.earlier.isnull() | (t.t - t.earlier >= round(query.gap_seconds * 1_000_000))).cast("int64"))
    so_far = ibis.cumulative_window(group_by="user", order_by="turn")
    return t.select(*kept, visit=t.opens.sum().over(so_far))


def facts_of(query: PathQuery, ask: Ask, customers: ir.Table | None) -> ir.Table:
    """Return what people did in the period: `user`, `t`, `arrived`, `id`, `node` (null where the column is empty)."""
    named = [table for table in query.tables if table == "events" or not query.names or NAMES[table] in query.names]
    parts = [_of_table(table, query, ask, customers) for table in named or ("events",)]
    if len(parts) == 1:
        return parts[0]
    # ClickHouse tells apart what can be null in one table and cannot in another.
    return ibis.union(*(t.select(**{name: nullable(t[name]) for name in t.columns}) for t in parts))


def _of_table(table: str, query: PathQuery, ask: Ask, customers: ir.Table | None) -> ir.Table:
    """Return one table's part of `facts_of`."""
    if table == "events":
        t = events_of(ask, [marker(query.roles[name]) for name in query.names] or None, customers)
    else:
        t = _with_customers(events_of(ask, None, customers, table)).mutate(name=ibis.literal(NAMES[table]))
    t = t.filter(ask.known(t.moment))
    if query.period is not None:
        t = t.filter(t.moment >= ask.instant("start"), t.moment < ask.instant("end"))
    t = _with_node(_of_group(t, query, ask), table, query, ask)
    # Only events say when they arrived; ids are one table's own.
    events = table == "events"
    number = t.id if events else ibis.literal(f"{table} ") + t.id
    plain = {"plain": t.plain} if query.by_channel else {}
    return t.select("user", "t", arrived=arrival(t, ask)["arrived"] if events else t.t, id=number, node=t.node, **plain)


def _with_customers(t: ir.Table) -> ir.Table:
    """Return the rows in which a customer and the company met: not employees' answers, nor what was never sent."""
    if "population" in t.columns:
        t = t.filter(t.population.fill_null("customer") == "customer")
    return t.filter(~t.holdout.fill_null(False)) if "holdout" in t.columns else t


def _with_node(t: ir.Table, table: str, query: PathQuery, ask: Ask) -> ir.Table:
    """Return `t` with the touchpoint, `node`; where channels are told apart, also without its channel, `plain`."""
    if table != "events" and query.node not in t.columns and "." not in query.node:
        t = t.mutate(node_0=ibis.null("string"))  # a column that only events have
    else:
        t = frames.with_columns(t, [query.node], "node_", ask)
    plain = nullable(t.node_0).nullif("")
    if not query.by_channel:
        return t.mutate(node=plain)
    channel = t.channel.fill_null("")
    return t.mutate(plain=plain, node=ibis.ifelse(channel == "", plain, channel + SEPARATOR + plain))


def _of_group(t: ir.Table, query: PathQuery, ask: Ask) -> ir.Table:
    """Return the facts of the group that is asked about: inside of segment and rule, or outside."""
    if not query.segment and query.within is None:
        return t
    t = frames.with_columns(t, query.segment, "segment_", ask)
    inside = frames.in_segment(t, query.segment, "segment_")
    if query.within is not None:
        t = frames.with_members(t, query.within, "inside", ask)
        inside = inside & t.inside
    return t.filter(~inside if query.outside else inside)


def _cut(t: ir.Table, query: PathQuery) -> ir.Table:
    """Return the part of each path that is asked about, counted anew: 1 is the first position that is shown."""
    whole = ibis.window(group_by=PATH)
    if query.start_node is not None:
        here = is_at(t, query.start_node, query)
        t = t.mutate(first=ibis.ifelse(here, nullable(t.place), ibis.null("int64")).min().over(whole))
        t = t.filter((t.place >= t.first).fill_null(False))
        t = t.mutate(place=t.place - t.first + 1)
    t = t.mutate(begins=t.place == 1)
    if query.end_node is not None:
        here = is_at(t, query.end_node, query)
        t = t.mutate(final=ibis.ifelse(here, nullable(t.place), ibis.null("int64")).max().over(whole))
        t = t.filter((t.place <= t.final).fill_null(False))
        longer = t.final - query.max_steps
        t = t.mutate(
            following=ibis.ifelse(t.place < t.final, t.following, ibis.null("string")),
            third=ibis.ifelse(t.place < t.final - 1, t.third, ibis.null("string")),
            reached=ibis.ifelse(t.place < t.final, t.reached, ibis.null("int64")),
            place=t.place - (longer if query.backwards else ibis.greatest(longer, 0)),
        )
    return t


def plain(rows: pa.Table) -> list[dict[str, Any]]:
    """Return rows with their whole numbers as such: DuckDB adds them up to a type of 128 bits, which Arrow has not."""
    return [{k: int(v) if isinstance(v, Decimal) else v for k, v in row.items()} for row in rows.to_pylist()]
