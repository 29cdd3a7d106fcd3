"""Recurring revenue: what each customer pays a month just before an instant (specification 4.3)."""

from collections.abc import Mapping
from typing import Any, ClassVar

import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Array, Ask, Option
from percorso.analytics.methods.money import currency_code
from percorso.analytics.methods.price_periods import OfPricePeriods, Paid, PricePeriods
from percorso.i18n import mark


class Recurring(OfPricePeriods):
    """Figures of the monthly recurring revenue (MRR) of customers, the sum over all their subscriptions."""

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
        t = super().rows(ask)
        return t.filter(t.mrr.notnull())

    def numbers(self, t: ir.Table, ask: Ask) -> dict[str, ir.Value]:
        return {"mrr": t.mrr, "code": currency_code(t.currency)}


def paid_at(p: PricePeriods, at_us: int, ask: Ask) -> Paid:
    """Return what customers pay just before an instant; in cells of one currency they have it even when they pay nothing."""
    return p.paid(at_us, one_currency="currency" in ask.equal)


def currencies(**paid: Paid) -> dict[str, Any]:
    """Return the parts that `in_one_currency` reads under the names given."""
    return {
        f"{end}_{name}": column for name, one in paid.items() for end, column in (("min", one.low), ("max", one.high))
    }


def coded(paid: Paid, pays: Any) -> dict[str, Array]:
    """Return the parts of the currencies of the customers who pay, under the names ``low`` and ``high``."""
    low, high = (np.where(pays, column, np.nan) for column in (paid.low, paid.high))
    return {"min_low": low, "max_low": low, "min_high": high, "max_high": high}
