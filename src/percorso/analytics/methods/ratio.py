"""Ratios of sums over units: clicks per visitor, errors per request (specification 2: INT-RATIO, TEST-RATIO)."""

from typing import ClassVar

import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Array, Ask, Figures, Parts
from percorso.analytics.methods.units import PerUnit
from percorso.analytics.statistics.comparisons import Comparison, ratio_difference
from percorso.analytics.statistics.ratios import RatioSums, ratio_interval
from percorso.i18n import mark


def ratio_parts(y: ir.NumericValue, x: ir.NumericValue, counts: ir.BooleanValue | None = None) -> dict[str, ir.Scalar]:
    """Return the parts of a ratio of two columns over units; units that do not count are left out."""
    y, x = y.cast("float64"), x.cast("float64")
    return {
        "n": y.count(where=counts),
        "y": y.sum(where=counts),
        "x": x.sum(where=counts),
        "yy": (y * y).sum(where=counts),
        "xx": (x * x).sum(where=counts),
        "xy": (x * y).sum(where=counts),
    }


def sums_of(p: Parts, cell: int | None = None, prefix: str = "") -> RatioSums:
    """Return the sums of all cells, or of one."""
    names = [prefix + name for name in RatioSums._fields]
    return RatioSums(*(p[name] if cell is None else p[name][cell] for name in names))


class Ratio(PerUnit):
    """Σy / Σx with the unit as what is independent. `unit_parts` must give `y` and `x`."""

    method = "ratio"
    interval = mark("delta method, the unit (customer, session's user, order) being what is independent")
    test = mark("z test of two ratios with their delta-method standard errors")
    range: ClassVar[tuple[float | None, float | None]] = (0.0, None)
    minimum_n: ClassVar[int] = 30

    def others(self, u: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        """Return further parts over the units, shown as details under their names."""
        return {}

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {**ratio_parts(t.y, t.x), **self.others(t, ask)}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        ratio = ratio_interval(sums_of(p), ask.confidence)
        low, high = (_clamped(end, *self.range) for end in (ratio.low, ratio.high))
        own = RatioSums._fields
        details = {name: values for name, values in p.items() if name not in own}
        details |= {"numerator": p["y"], "denominator": p["x"]}
        return Figures(np.asarray(ratio.value, float), low, high, p["n"], details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        return ratio_difference(sums_of(p, a), sums_of(p, b), ask.confidence)


def _clamped(ends: object, low: float | None, high: float | None) -> Array:
    return np.clip(
        np.asarray(ends, dtype=np.float64), -np.inf if low is None else low, np.inf if high is None else high
    )
