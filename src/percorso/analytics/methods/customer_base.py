"""The customers of a subscription business at the two ends of a period: who stayed, left, came, came back."""

from typing import Any

import numpy as np

from percorso.analytics.methods.base import Ask, Figures, Parts
from percorso.analytics.methods.price_periods import OfPricePeriods, PricePeriods
from percorso.analytics.statistics.comparisons import Comparison, two_proportions
from percorso.analytics.statistics.intervals import wilson
from percorso.i18n import mark

COUNTED = ("starting", "ending", "stayed", "new", "reactivated", "recovered_in_period", "intra_period")


class CustomerBase(OfPricePeriods):
    """Shares of the customers that were active just before the period began."""

    family = "revenue"
    unit = "share"
    method = "proportion"
    time = mark("the customers active just before the period starts, compared with those just before it ends")
    interval = mark("Wilson score interval")
    test = mark("two-proportion z test, Fisher's exact test for small counts; Newcombe's interval of the difference")
    range = (0.0, 1.0)
    level, kind, nature = "strategic", "impact", "lagging"
    segments = ("plan", "customer.country", "customer.segment", "customer.plan")

    def counted(self, p: PricePeriods, start_us: int, end_us: int, ask: Ask) -> dict[str, Any]:
        was, is_ = p.any(p.active(start_us)), p.any(p.active(end_us))
        begun = p.started_us < end_us
        touched = p.any(begun & (p.ended_us > start_us) & (p.started_us != p.ended_us))
        gap = p.any(begun & (p.until_us >= start_us) & (p.until_us < p.started_us))
        came, known_before = is_ & ~was, p.begun_us < start_us
        return {
            "starting": was,
            "ending": is_,
            "stayed": was & is_,
            "new": came & ~known_before,
            "reactivated": came & known_before,
            "recovered_in_period": was & is_ & gap,
            "intra_period": ~was & ~is_ & touched,
        }

    def hits(self, p: Parts) -> Any:
        """Return how many of the customers at the start count."""
        return p["stayed"]

    def figures(self, p: Parts, ask: Ask) -> Figures:
        share = wilson(self.hits(p), p["starting"], ask.confidence)
        details: dict[str, Any] = {name: p[name].astype(np.int64) for name in COUNTED}
        details |= {"numerator": self.hits(p).astype(np.int64), "denominator": details["starting"]}
        details["churned"] = details["starting"] - details["stayed"]
        with np.errstate(invalid="ignore", divide="ignore"):
            details["naive_end_over_start"] = np.where(p["starting"] > 0, p["ending"] / p["starting"], np.nan)
        return Figures(share.value, share.low, share.high, p["starting"], details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        hits, n = self.hits(p), p["starting"]
        return two_proportions(hits[a], n[a], hits[b], n[b], ask.confidence)
