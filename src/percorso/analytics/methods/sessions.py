"""Visits: a user's events one after the other, a new visit after half an hour without any."""

from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.occurrences import names_of, says_yes

# The instant from which events are looked at: earlier ones cannot be part of a visit that begins in the period.
ROLE = "sessions_from"


def session_moments(ask: Ask, gap_seconds: float) -> dict[str, datetime]:
    """Return the instant that `sessions` asks for, by its role."""
    if ask.frame is None or ask.frame.span is None:
        return {}
    return {ROLE: ask.frame.span[0] - timedelta(seconds=gap_seconds)}


def sessions(ask: Ask, gap_seconds: float, pages: object, keys: object) -> ir.Table:
    """Return one row a visit: its first event's columns, `moment` (its start), `duration_us`, `pages`, `key_events`.

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
    return _with_ends(t, round(gap_seconds * 1_000_000))


def _with_ends(t: ir.Table, gap_us: int) -> ir.Table:
    """Return the first event of each visit with what came until the next visit's first."""
    order = [t.at_us, t.id]
    one_by_one = ibis.window(group_by=t.whose, order_by=order)
    so_far = ibis.cumulative_window(group_by=t.whose, order_by=order)
    whole = ibis.window(group_by=t.whose)
    t = t.mutate(
        before_us=nullable(t.at_us).lag().over(one_by_one),
        pages_so_far=t.is_page.sum().over(so_far),
        keys_so_far=t.is_key.sum().over(so_far),
        last_us=t.at_us.max().over(whole),
        all_pages=t.is_page.sum().over(whole),
        all_keys=t.is_key.sum().over(whole),
    )
    t = t.filter(t.before_us.isnull() | (t.at_us - t.before_us >= gap_us))
    # What had been counted just before this visit.
    t = t.mutate(pages_before=t.pages_so_far - t.is_page, keys_before=t.keys_so_far - t.is_key)
    next_one = ibis.window(group_by=t.whose, order_by=[t.at_us, t.id])
    t = t.mutate(
        end_us=nullable(t.before_us).lead().over(next_one),
        pages_then=nullable(t.pages_before).lead().over(next_one),
        keys_then=nullable(t.keys_before).lead().over(next_one),
    )
    return t.mutate(
        moment=t.at,
        duration_us=ibis.coalesce(t.end_us, t.last_us) - t.at_us,
        pages=ibis.coalesce(t.pages_then, t.all_pages) - t.pages_before,
        key_events=ibis.coalesce(t.keys_then, t.all_keys) - t.keys_before,
    )
