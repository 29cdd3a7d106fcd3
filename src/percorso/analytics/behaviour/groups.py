"""Whose events count: those in a group of customers, told by values of columns."""

from collections.abc import Iterable

import ibis.expr.types as ir

from percorso.analytics import frames
from percorso.analytics.behaviour.events import events_of
from percorso.analytics.methods.base import Ask, marker
from percorso.analytics.query import Segment


def events_in(
    ask: Ask, segment: Segment, names: Iterable[str] | None = None, customers: ir.Table | None = None
) -> ir.Table:
    """Return the events (see `events_of`) whose columns have the values of `segment`, as far as known by `as_of`."""
    t = events_of(ask, names, customers)
    return in_group(t.filter(ask.known(t.moment)), segment, ask)


def with_inside(t: ir.Table, segment: Segment, customers: ir.Table | None, ask: Ask) -> ir.Table:
    """Return all rows, with a column `inside`: whether they are of the group and of these customers."""
    t = frames.with_columns(t, segment, "segment_", ask)
    inside = frames.in_segment(t, dict(segment), "segment_")
    if customers is not None:
        mine = customers.select(_whose=customers.customer).distinct()
        t = t.left_join(mine, t.user == mine._whose)
        # What a left join misses is '' and not null on ClickHouse; no customer is called ''.
        inside = frames.in_segment(t, dict(segment), "segment_") & (t._whose != "").fill_null(False)
    return t.mutate(inside=inside)


def in_group(t: ir.Table, segment: Segment, ask: Ask) -> ir.Table:
    """Return the rows whose columns have the values of `segment`; the values enter by `texts_of`."""
    if not segment:
        return t
    t = frames.with_columns(t, segment, "segment_", ask)
    return t.filter(frames.in_segment(t, dict(segment), "segment_"))


def texts_of(segment: Segment, named: Iterable[str], ask: Ask) -> dict[str, str]:
    """Return the values of a segment and the names of events by their roles, as they are written inside of quotes."""
    said = frames.segment_values(segment, "segment_") | {f"name_{i}": name for i, name in enumerate(named)}
    return {role: ask.engine.escaped(text) for role, text in said.items()}


def markers_of(named: Iterable[str]) -> list[str]:
    """Return what stands in the SQL for the names of events; see `texts_of`."""
    return [marker(f"name_{i}") for i, _ in enumerate(named)]
