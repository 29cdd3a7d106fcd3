"""Shares: hits of n, Wilson interval, pooled z or Fisher test (specification 2: INT-P, TEST-P)."""

import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Ask, Figures, Indicator, Parts
from percorso.analytics.statistics.comparisons import Comparison, two_proportions
from percorso.analytics.statistics.intervals import wilson
from percorso.i18n import mark


class Proportion(Indicator):
    """A share. `hit` and `counts` say which rows are in numerator and denominator; `others` are counted beside."""

    unit = "share"
    method = "proportion"
    interval = mark("Wilson score interval")
    test = mark("two-proportion z test, Fisher's exact test for small counts; Newcombe's interval of the difference")
    range = (0.0, 1.0)

    def hit(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        """Return whether a row is a hit (only rows that count are asked)."""
        return t.hit

    def counts(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        """Return whether a row belongs to the denominator."""
        return t.counts

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        """Return further parts, shown as details under their names."""
        return {}

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        counts = self.counts(t, ask)
        return {
            "numerator": t.count(where=counts & self.hit(t, ask)),
            "denominator": t.count(where=counts),
            **self.others(t, ask),
        }

    def per_customer(self, t: ir.Table, ask: Ask) -> ir.Scalar | None:
        counts = self.counts(t, ask)
        return t.count(where=counts & self.hit(t, ask)) / t.count(where=counts).nullif(0)

    def figures(self, p: Parts, ask: Ask) -> Figures:
        share = wilson(p["numerator"], p["denominator"], ask.confidence)
        details = {name: values.astype(np.int64) for name, values in p.items()}
        return Figures(share.value, share.low, share.high, p["denominator"], details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        hits, n = p["numerator"], p["denominator"]
        return two_proportions(hits[a], n[a], hits[b], n[b], ask.confidence)
