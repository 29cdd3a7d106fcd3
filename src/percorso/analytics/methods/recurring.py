"""Recurring revenue: what each customer pays a month just before an instant (specification 4.3)."""

from collections.abc import Mapping
from typing import ClassVar

import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.levels import Columns, Levels, active
from percorso.analytics.methods.money import currency_code
from percorso.i18n import mark


class Recurring(Levels):
    """Figures of the monthly recurring revenue (MRR) of customers, the sum over all their subscriptions."""

    table = "subscriptions"
    family = "revenue"
    level, kind, nature = "strategic", "impact", "lagging"
    segments = ("currency", "plan", "customer.country", "customer.segment", "customer.plan")
    options: ClassVar[Mapping[str, Option]] = {}
    exclusions: ClassVar[tuple[str, ...]] = (mark("Price periods without an amount, and without anybody who pays."),)
    traps: ClassVar[tuple[str, ...]] = (
        mark("By plan, who changes the plan leaves one group and is new in the other."),
        mark("Amounts of several currencies are never added up: there is a figure for each of them."),
    )
    literature = ("Skok (2009) SaaS Metrics: A Guide to Measuring and Improving What Matters",)

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("subscriptions")
        t = t.filter(ask.known(t.started_at), ibis.coalesce(t.customer, t.identity).notnull(), t.mrr.notnull())
        # An end that was not known by `as_of` has not happened.
        t = t.mutate(ended_at=ibis.ifelse(ask.known(t.ended_at), t.ended_at, ibis.null("timestamp")))
        return t.mutate(moment=t.started_at, code=currency_code(t.currency))

    def before(self, t: ir.Table, instant: ir.TimestampValue, ask: Ask) -> dict[str, ir.Scalar]:
        holds = active(t, instant)
        mrr = ibis.ifelse(holds, t.mrr.cast("float64"), 0.0).sum()
        if _one_currency(ask):
            return {"mrr": mrr}
        code = ibis.ifelse(holds & (t.mrr != 0), t.code, ibis.null("int64"))
        return {"mrr": mrr, **_codes(code)}

    def always(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        since = {"since": ibis.ifelse(t.mrr > 0, t.started_at, ibis.null("timestamp")).min()}
        return {**since, **_codes(t.code)} if _one_currency(ask) else since


def _codes(code: ir.IntegerColumn) -> dict[str, ir.Scalar]:
    return {"low": code.min(), "high": code.max()}


def _one_currency(ask: Ask) -> bool:
    """Return whether all rows of a cell are of one currency."""
    return "currency" in ask.equal


def currencies(first: Columns, last: Columns, ever: Columns) -> dict[str, ir.Scalar]:
    """Return the parts that `in_one_currency` reads under the names ``first`` and ``last``."""
    told = {"first": coded(first, ever), "last": coded(last, ever)}
    return {
        **{f"min_{name}": column["low"].min() for name, column in told.items()},
        **{f"max_{name}": column["high"].max() for name, column in told.items()},
    }


def coded(columns: Columns, ever: Columns) -> Columns:
    """Return the columns that hold the currencies of a unit: of an instant, or of all its rows where these are of one."""
    return columns if "low" in columns else ever


def added(condition: ir.BooleanValue, amount: ir.NumericValue | int = 1) -> ir.NumericScalar:
    """Return the sum of `amount` (or the number of rows) where a condition holds; 0 for no rows."""
    return ibis.ifelse(condition.fill_null(False), amount, 0).sum()
