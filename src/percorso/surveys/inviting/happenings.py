"""What triggers wait for, as the facts tell it: to whom it happened, when, and which order, ticket, subscription or event."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from percorso.accounts.models import Workspace
from percorso.analytics.methods.base import Ask
from percorso.analytics.run import fill, written
from percorso.analytics.segments import Rule, customers_in
from percorso.analytics.store import Store
from percorso.base.owner import store
from percorso.surveys.models import Trigger


@dataclass(frozen=True)
class Happening:
    """Something that happened to a customer."""

    customer: str
    interaction: str
    at: datetime


def happenings(
    workspace: Workspace, event: str, name: str, start: datetime, end: datetime, rule: Rule | None = None
) -> list[Happening]:
    """Return what happened after `start` and up to `end` to customers of whom `rule` holds now, the earliest first."""
    t = _happened(store(), workspace, event, name, rule).order_by("moment", "interaction")
    rows = _fetched(workspace, t, start, end)
    return [Happening(row["customer"], row["interaction"], row["moment"].replace(tzinfo=UTC)) for row in rows]


def how_many(
    workspace: Workspace, event: str, name: str, start: datetime, end: datetime, rule: Rule | None = None
) -> int:
    """Return how often it happened after `start` and up to `end`."""
    t = _happened(store(), workspace, event, name, rule)
    return int(_fetched(workspace, t.aggregate(n=t.count()), start, end)[0]["n"])


def _happened(facts: Store, workspace: Workspace, event: str, name: str, rule: Rule | None) -> ir.Table:
    """Return (customer, interaction, moment) of what happened between the instants `start` and `end`."""
    ask = Ask(facts, workspace.slug, datetime.now(UTC), {}, 0.95, workspace.schedule)
    t = OF[event](ask, name)
    t = t.filter(t.customer.notnull(), t.interaction.notnull(), t.moment.notnull())
    t = t.filter(t.moment > ask.instant("start"), t.moment <= ask.instant("end"))
    if rule is not None:
        t = t.semi_join(customers_in(ask, rule), "customer")
    return t.select("customer", "interaction", "moment")


def _delivered(ask: Ask, name: str) -> ir.Table:
    t = ask.table("orders")
    return t.select("customer", interaction=t.id, moment=t.delivered_at)


def _resolved(ask: Ask, name: str) -> ir.Table:
    """Return tickets by their last resolution; one that was opened again since has none."""
    e, t = ask.table("ticket_events"), ask.table("tickets")
    events = e.filter(e.kind.isin(["resolved", "reopened"]))
    events = events.select(interaction=events.ticket, customer=events.customer, kind=events.kind, moment=events["at"])
    tickets = t.filter(t.resolved_at.notnull())
    tickets = tickets.select(
        interaction=tickets.id, customer=tickets.customer, kind=ibis.literal("resolved"), moment=tickets.resolved_at
    )
    both = ibis.union(
        *(part.cast(dict.fromkeys(("interaction", "customer", "kind"), "string")) for part in (events, tickets))
    )
    last = both.group_by("interaction").aggregate(
        customer=both.customer.max(),
        moment=both.moment.max(where=both.kind == "resolved"),
        opened=both.moment.max(where=both.kind == "reopened"),
    )
    return last.filter(last.opened.isnull() | (last.opened < last.moment)).drop("opened")


def _churned(ask: Ask, name: str) -> ir.Table:
    """Return customers by the end of their last subscription; who has one that runs has not left."""
    t = ask.table("subscriptions")
    t = t.filter(t.started_at <= ask.instant("as_of"))
    runs = t.ended_at.isnull() | (t.ended_at > ask.instant("as_of"))
    each = t.group_by("customer").aggregate(
        interaction=ibis.coalesce(t.subscription, t.id).argmax(t.ended_at),
        moment=t.ended_at.max(),
        running=runs.ifelse(1, 0).max(),
    )
    return each.filter(each.running == 0).drop("running")


def _named(ask: Ask, name: str) -> ir.Table:
    t = ask.table("events")
    t = t.filter(t.name == name)
    return t.select("customer", interaction=t.id, moment=t["at"])


OF: dict[str, Callable[[Ask, str], ir.Table]] = {
    Trigger.Event.DELIVERED: _delivered,
    Trigger.Event.RESOLVED: _resolved,
    Trigger.Event.CHURNED: _churned,
    Trigger.Event.HAPPENED: _named,
}


def _fetched(workspace: Workspace, t: ir.Table, start: datetime, end: datetime) -> list[dict[str, Any]]:
    engine = store().engine
    sql = fill(engine.sql(t), written({"start": start, "end": end, "as_of": datetime.now(UTC)}))
    rows: list[dict[str, Any]] = engine.fetch(sql).to_pylist()
    return rows
