"""What became of the recurring revenue that was there at the start: kept, grown, lost."""

from collections.abc import Callable
from typing import ClassVar

import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Ask, Figures, Parts
from percorso.analytics.methods.levels import Columns
from percorso.analytics.methods.money import in_one_currency
from percorso.analytics.methods.ratio import ratio_parts, sums_of
from percorso.analytics.methods.recurring import Recurring, currencies
from percorso.analytics.statistics.comparisons import Comparison, ratio_difference
from percorso.analytics.statistics.ratios import ratio_interval
from percorso.i18n import mark

# What of a customer's MRR counts, from what it paid at the start and at the end.
TAKEN: dict[str, Callable[[ir.NumericValue, ir.NumericValue], ir.NumericValue]] = {
    "end": lambda start, end: end,
    "kept": lambda start, end: ibis.least(start, end),
    "gained": lambda start, end: ibis.greatest(end - start, 0),
    "lost": lambda start, end: start - ibis.least(start, end),
    "missing": lambda start, end: start - end,
}


class KeptRevenue(Recurring):
    """A share of the MRR of the customers that paid just before the start. `taken` says what of it counts."""

    unit = "share"
    method = "ratio"
    time = mark("the customers who paid just before the period starts: what they paid then and just before it ends")
    interval = mark("delta method with the customer as the independent unit")
    test = mark("z test of two ratios with their delta-method standard errors")
    range: ClassVar[tuple[float | None, float | None]] = (0.0, 1.0)
    # The ends of the interval stay inside; not those of figures that may be of any size.
    bounded: ClassVar[bool] = True

    # Which of `TAKEN` the figure is of; all of them are added up, so that one pass serves every figure.
    taken: ClassVar[str]

    def counted(
        self, first: Columns, last: Columns, inside: Columns, ever: Columns, start: ir.TimestampValue, ask: Ask
    ) -> dict[str, ir.Scalar]:
        s, e = first["mrr"], last["mrr"]
        parts = currencies(first, last)
        for name, take in TAKEN.items():
            parts |= {f"{name}_{part}": value for part, value in ratio_parts(take(s, e), s, s > 0).items()}
        return parts

    def figures(self, p: Parts, ask: Ask) -> Figures:
        sums = sums_of(p, prefix=f"{self.taken}_")
        ratio = ratio_interval(sums, ask.confidence)
        ends = [np.atleast_1d(np.asarray(end, dtype=np.float64)) for end in (ratio.low, ratio.high)]
        low, high = (np.clip(end, *self.range) for end in ends) if self.bounded else ends
        value = np.atleast_1d(np.asarray(ratio.value, dtype=np.float64))
        made = Figures(value, low, high, p[f"{self.taken}_n"], {"numerator": sums.y, "denominator": sums.x})
        return in_one_currency(made, p, ("numerator", "denominator"), ("first", "last"))

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        prefix = f"{self.taken}_"
        return ratio_difference(sums_of(p, a, prefix), sums_of(p, b, prefix), ask.confidence)
