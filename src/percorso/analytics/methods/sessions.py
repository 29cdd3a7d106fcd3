"""Visits: a user's events one after the other, a new visit after half an hour without any."""

from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.occurrences import names_of, says_yes

# The instant from which events are looked at: earlier ones cannot be part of a visit that begins in the period.
ROLE = "sessions_from"
# What a visit is broken down by: what its first event said. Those that nobody asks for are not computed.
KEPT = ("channel", "touchpoint", "page", "device", "session", "properties")


def session_moments(ask: Ask, gap_seconds: float) -> dict[str, datetime]:
    """Return the instant that `sessions` asks for, by its role."""
    if ask.frame is None or ask.frame.span is None:
        return {}
    return {ROLE: ask.frame.span[0] - timedelta(seconds=gap_seconds)}


def sessions(ask: Ask, gap_seconds: float, pages: object, keys: object) -> ir.Table:
    """Return one row a visit: `KEPT` columns of its first event, `moment` (its start), `duration_us`, `pages`, `key_events`.

    Parameters
    ----------
    gap_seconds : so long without an event, or longer, and the next one begins a new visit. pages : names of the events
        that are page views, separated by commas. keys : names of key events; the property ``key_event`` makes one too.
    """
    t = ask.table("events")
    t = t.filter(ask.known(t.at))
    if session_moments(ask, gap_seconds):
        t = t.filter(t.at >= ask.instant(ROLE))
    t = t.mutate(whose=ibis.coalesce(t.customer, t.identity), at_us=ask.engine.epoch_us(t.at))
    t = t.filter(t.whose.notnull())
    t = t.mutate(
        is_page=t.name.isin(names_of(pages)).fill_null(False).cast("int64"),
        is_key=(t.name.isin(names_of(keys)).fill_null(False) | says_yes(t, "key_event", ask)).cast("int64"),
    )
    return _grouped(t, round(gap_seconds * 1_000_000))


def _grouped(t: ir.Table, gap_us: int) -> ir.Table:
    # Only instants are sorted: their ties are told apart nowhere but in what the first event was.
    t = t.mutate(before_us=nullable(t.at_us).lag().over(ibis.window(group_by=t.whose, order_by=t.at_us)))
    begins = (t.before_us.isnull() | (t.at_us - t.before_us >= gap_us)).cast("int64")
    # By range, so that events at one instant are of one visit.
    so_far = ibis.window(group_by=t.whose, order_by=t.at_us, range=(None, 0))
    t = t.mutate(visit=begins.sum().over(so_far))
    first = {name: _of_first(t, name) for name in KEPT}
    visits = t.group_by(["whose", "visit"]).aggregate(
        moment=t.at.min(),
        customer=t.customer.max(),
        duration_us=t.at_us.max() - t.at_us.min(),
        pages=t.is_page.sum(),
        key_events=t.is_key.sum(),
        **first,
    )
    return visits.mutate(identity=visits.whose)


def _of_first(t: ir.Table, name: str) -> ir.Column:
    return ibis.struct({"at_us": t.at_us, "id": t.id, name: t[name]}).min()[name]
