"""Whose lifetime: the customers of a rule, and those of each value of a column; Ibis, for either engine."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from percorso.analytics.calendar import Schedule
from percorso.analytics.lifetime.orders import Facts
from percorso.analytics.methods.base import Ask
from percorso.analytics.segments import Rule, customers_in
from percorso.analytics.store import Store

# A customer's columns that make groups; `plan` is that of the first subscription, for plans of now follow from staying.
COLUMNS = ("plan", "country", "segment", "language")
MOST_GROUPS = 6


def customers_of(
    store: Store, workspace: str, as_of: datetime, rule: Rule | None, schedule: Schedule | None = None
) -> ir.Table | None:
    """Return the customers of whom a rule holds at `as_of`, as a table with the column `customer`; None for everybody.

    `schedule` are the business hours, for rules by a figure that takes them.
    """
    return None if rule is None else customers_in(Ask(store, workspace, as_of, {}, 0.95, schedule), rule)


def values_of(facts: Facts, by: str, most: int = MOST_GROUPS) -> list[str]:
    """Return the values of a column in `COLUMNS` that most customers have, the most frequent first."""
    t = _with_value(facts, by)
    if facts.segment is not None:
        t = t.semi_join(facts.segment.select("customer"), "customer")
    t = t.group_by("value").aggregate(n=t.count())
    return [str(v) for v in facts.fetch(t.order_by([ibis.desc("n"), "value"]).limit(most))["value"].to_pylist()]


def customers_with(facts: Facts, by: str, value: str) -> ir.Table:
    """Return the customers (of the segment of `facts`) with a value of a column in `COLUMNS`: column `customer`."""
    t = _with_value(facts, by)
    t = t.filter(t.value == value).select("customer")
    return t if facts.segment is None else t.semi_join(facts.segment.select("customer"), "customer")


def _with_value(facts: Facts, by: str) -> ir.Table:
    """Return each customer's value of a column: `customer`, `value`, never empty."""
    if by == "plan":
        t = facts.store.table("subscriptions", facts.workspace)
        t = t.mutate(customer=ibis.coalesce(t.customer, t.identity), us=facts.store.engine.epoch_us(t.started_at))
        t = t.filter(t.customer.notnull(), t.plan.notnull(), t.plan != "", t.us.notnull())
        return t.group_by("customer").aggregate(value=t.plan.argmin(t.us))
    t = facts.store.table("customers", facts.workspace)
    t = t.select(customer=t.id, value=t[by])
    return t.filter(t["value"].notnull(), t["value"] != "")
