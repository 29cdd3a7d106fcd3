"""Tickets with what happened to them by the instant of knowledge: replies, resolutions, reopenings.

``ticket_events`` are the truth. A ticket without an event of some kind falls back to the columns that its source gave.
"""

from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.base import Ask


def events(ask: Ask) -> ir.Table:
    """Return the changes of tickets known by `as_of`."""
    t = ask.table("ticket_events")
    return t.filter(ask.known(t.at))


def by_person(t: ir.Table) -> ir.BooleanValue:
    """Return whether an event is a public reply by a person; bots, auto-replies and internal notes are not."""
    return (t.kind == "message") & (t.actor == "agent") & t.public.fill_null(True)


def ticket_facts(ask: Ask, *wanted: str) -> ir.Table:
    """Return the tickets with what is `wanted` of them.

    ``reply`` gives first_reply and agent_replies; ``resolution`` gives first_resolved, last_resolved and is_resolved;
    ``escalation`` gives escalated. Only the events that are needed are read: most of a log is none of them.
    """
    e = events(ask)
    kinds = {
        "reply": by_person(e),
        "resolution": e.kind.isin(["resolved", "reopened"]),
        "escalation": e.kind == "escalated",
    }
    e = e.filter(reduce(or_, (kinds[name] for name in wanted)))
    made = {
        "reply": {"e_reply": e.at.min(where=by_person(e)), "e_replies": e.count(where=by_person(e))},
        "resolution": {
            "e_first": e.at.min(where=e.kind == "resolved"),
            "e_last": e.at.max(where=e.kind == "resolved"),
            "e_reopened": e.at.max(where=e.kind == "reopened"),
        },
        "escalation": {"e_escalations": e.count(where=e.kind == "escalated")},
    }
    if wanted == ("reply",):
        # All rows are replies: a condition on each would double the cost of the pass.
        made["reply"] = {"e_reply": e.at.min(), "e_replies": e.count()}
    facts = e.group_by("ticket").aggregate(**{k: v for name in wanted for k, v in made[name].items()})
    t = _tickets(ask)
    t = t.left_join(facts, t.id == facts.ticket).drop("ticket")
    for name in wanted:
        t = _DERIVED[name](t, ask)
    return t


def _replied(t: ir.Table, ask: Ask) -> ir.Table:
    told = ibis.ifelse(ask.known(t.first_reply_at), t.first_reply_at, ibis.null("timestamp"))
    replies = ibis.ifelse(t.e_replies > 0, t.e_replies, t.replies.fill_null(0))
    return t.mutate(first_reply=ibis.coalesce(t.e_reply, told), agent_replies=replies)


def _resolved(t: ir.Table, ask: Ask) -> ir.Table:
    told = ibis.ifelse(ask.known(t.resolved_at), t.resolved_at, ibis.null("timestamp"))
    t = t.mutate(first_resolved=ibis.coalesce(t.e_first, told), last_resolved=ibis.coalesce(t.e_last, told))
    stays = t.e_reopened.isnull() | (t.e_reopened <= t.last_resolved)
    return t.mutate(is_resolved=(t.last_resolved.notnull() & stays).fill_null(False))


def _escalated(t: ir.Table, ask: Ask) -> ir.Table:
    return t.mutate(escalated=(t.e_escalations > 0).fill_null(False))


_DERIVED = {"reply": _replied, "resolution": _resolved, "escalation": _escalated}


def _tickets(ask: Ask) -> ir.Table:
    t = ask.table("tickets")
    return t.filter(ask.known(t.opened_at))


def with_reopened(t: ir.Table, ask: Ask, days: int) -> ir.Table:
    """Return `ticket_facts` with `reopened`: within so many days (the last instant included) of the first resolution."""
    e = events(ask).filter(lambda e: e.kind == "reopened").select("ticket", reopening="at")
    firsts = t.select(solved="id", since="first_resolved")
    near = firsts.inner_join(e, firsts.solved == e.ticket)
    near = near.filter(near.reopening > near.since, near.reopening <= near.since + ibis.interval(days=days))
    near = near.select(again="solved").distinct()
    t = t.left_join(near, t.id == near.again)
    return t.mutate(reopened=t.again.notnull() & (t.again != "")).drop("again")


def state_changes(ask: Ask) -> ir.Table:
    """Return when tickets really changed between open and resolved: ticket, at, opens; repeated changes are none."""
    e = events(ask).filter(lambda e: e.kind.isin(["resolved", "reopened"]))
    changes = _change(e, e.ticket, e.at, e.id, e.kind == "reopened")
    t = _tickets(ask)
    opened = _change(t, t.id, t.opened_at, ibis.literal(""), ibis.literal(True))
    told = t.filter(t.resolved_at.notnull(), ask.known(t.resolved_at))
    told = told.anti_join(e.filter(e.kind == "resolved"), told.id == e.ticket)
    told = _change(told, told.id, told.resolved_at, ibis.literal("~"), ibis.literal(False))
    every = opened.union(changes).union(told)
    order = ibis.window(group_by="ticket", order_by=["at", "id"])
    every = every.mutate(opening=every.opens.cast("int64"), turn=ibis.row_number().over(order))
    every = every.mutate(was=every.opening.lag().over(order))
    real = every.filter((every.turn == 0) | (every.was != every.opening))
    return real.select("ticket", "at", "id", "opens", "turn")


def _change(
    t: ir.Table, ticket: ir.StringValue, at: ir.TimestampValue, id: ir.StringValue, opens: ir.BooleanValue
) -> ir.Table:
    """Return changes in the same types whatever table they come from: a union wants them equal, nullability too."""
    return t.select(ticket=nullable(ticket), at=nullable(at), id=nullable(id), opens=nullable(opens))


def open_spells(ask: Ask) -> ir.Table:
    """Return the spells in which tickets were open: the ticket's columns, opened_at, open_from, open_until (null: still)."""
    changes = state_changes(ask)
    order = ibis.window(group_by="ticket", order_by=["at", "id"])
    last = changes.mutate(until_us=ask.engine.epoch_us(changes.at))
    last = last.mutate(next_us=last.until_us.cast(last.until_us.type().copy(nullable=True)).lead().over(order))
    spells = last.filter(last.opens).select(spell_ticket="ticket", open_from_us="until_us", open_until_us="next_us")
    t = _tickets(ask)
    return t.inner_join(spells, t.id == spells.spell_ticket).drop("spell_ticket")
