from typing import Any

import numpy as np

from percorso.analytics.methods.base import Array, Ask, Figures, Parts
from percorso.analytics.methods.mean import compare_means, mean_of
from percorso.analytics.methods.money import in_one_currency
from percorso.analytics.methods.price_periods import Paid, PricePeriods
from percorso.analytics.methods.recurring import Recurring, coded, paid_at
from percorso.analytics.statistics.comparisons import Comparison
from percorso.i18n import mark


class ARPA(Recurring):
    label = mark("Average revenue per account")
    about = mark("What does an average customer pay per month?")
    formula = mark("monthly recurring revenue at the end of the period / customers who pay then")
    unit = "money"
    better = "higher"
    method = "mean"
    time = mark("state just before the end of the period")
    interval = mark("Student's t interval of the mean over customers")
    test = mark("Welch's t test")
    materiality = 0.05
    relative_materiality = True
    range = (0.0, None)
    traps = (
        mark("A few large customers pull the mean up: the median says what a typical one pays."),
        mark("It rises when small customers leave: that is no success."),
        *Recurring.traps,
    )

    def counted(self, p: PricePeriods, start_us: int, end_us: int, ask: Ask) -> dict[str, Any]:
        last = paid_at(p, end_us, ask)
        paid = _paid(last)
        there = ~np.isnan(paid)
        amount = np.where(there, paid, 0.0)
        ends = {"min_value": paid, "max_value": paid, **coded(last, there)}
        return {"n": there, "total": amount, "squares": amount * amount, **ends}

    def further(self, p: PricePeriods, end_us: int, ask: Ask) -> dict[str, Array]:
        return {"median": p.median(_paid(paid_at(p, end_us, ask)))}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        mean = mean_of(p, ask, *self.range)
        median = np.where(p["n"] > 0, p["median"], np.nan)
        details = {"interval_note": np.atleast_1d(mean.note), "median": median, "mrr_end": p["total"]}
        details["paying_end"] = p["n"].astype(np.int64)
        value, low, high = (np.atleast_1d(np.asarray(a, dtype=np.float64)) for a in (mean.value, mean.low, mean.high))
        return in_one_currency(Figures(value, low, high, p["n"], details), p, ("median", "mrr_end"), ("low", "high"))

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        return compare_means(p, a, b, ask)


def _paid(last: Paid) -> Array:
    return np.where(last.amount > 0, last.amount, np.nan)
