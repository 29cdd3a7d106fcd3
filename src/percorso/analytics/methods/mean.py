"""Means: sums and sums of squares, Student's t interval, Welch test (specification 2: INT-MEAN, TEST-MEAN)."""

from typing import Any

import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Array, Ask, Figures, Indicator, Parts
from percorso.analytics.statistics.comparisons import Comparison, mean_difference
from percorso.analytics.statistics.intervals import MeanInterval, mean_interval, moments
from percorso.i18n import mark


def mean_parts(t: ir.Table, value: ir.NumericValue, counts: ir.BooleanValue, prefix: str = "") -> dict[str, ir.Scalar]:
    """Return the parts of a mean: n, total, squares and the two ends, which tell exactly when all values are equal."""
    v = value.cast("float64")
    return {
        f"{prefix}n": t.count(where=counts),
        f"{prefix}total": v.sum(where=counts),
        f"{prefix}squares": (v * v).sum(where=counts),
        f"min_{prefix}value": v.min(where=counts),
        f"max_{prefix}value": v.max(where=counts),
    }


def squares_of(p: Parts, prefix: str = "") -> Array:
    """Return the sums of squares; where all values are equal exactly what makes the variance 0, free of rounding."""
    same = p[f"min_{prefix}value"] == p[f"max_{prefix}value"]
    n, total = p[f"{prefix}n"], p[f"{prefix}total"]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(same & (n > 0), total * total / n, p[f"{prefix}squares"])


def mean_of(p: Parts, ask: Ask, low: Any = None, high: Any = None, prefix: str = "") -> MeanInterval:
    """Return mean, interval and note of every cell from `mean_parts`, clamped to a scale from `low` to `high`."""
    return mean_interval(p[f"{prefix}n"], p[f"{prefix}total"], squares_of(p, prefix), low, high, ask.confidence)


def compare_means(p: Parts, a: int, b: int, ask: Ask, prefix: str = "") -> Comparison | None:
    """Return Welch's test of two cells."""
    n = p[f"{prefix}n"]
    m = moments(n, p[f"{prefix}total"], squares_of(p, prefix))
    return mean_difference(n[a], m.mean[a], m.variance[a], n[b], m.mean[b], m.variance[b], ask.confidence)


class Mean(Indicator):
    """A mean of `amount` over the rows that count."""

    method = "mean"
    interval = mark("Student's t interval of the mean")
    test = mark("Welch's t test")

    def amount(self, t: ir.Table, ask: Ask) -> ir.NumericValue:
        """Return what is averaged."""
        return t.amount

    def counts(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        """Return whether a row counts."""
        return t.counts

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        """Return further parts, shown as details under their names."""
        return {}

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {**mean_parts(t, self.amount(t, ask), self.counts(t, ask)), **self.others(t, ask)}

    def per_customer(self, t: ir.Table, ask: Ask) -> ir.Scalar | None:
        return self.amount(t, ask).cast("float64").mean(where=self.counts(t, ask))

    def figures(self, p: Parts, ask: Ask) -> Figures:
        mean = mean_of(p, ask, *self.range)
        own = ("n", "total", "squares", "min_value", "max_value")
        details = {name: values.astype(np.int64) for name, values in p.items() if name not in own}
        return Figures(mean.value, mean.low, mean.high, p["n"], {"interval_note": np.atleast_1d(mean.note), **details})

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        return compare_means(p, a, b, ask)
