"""What became of the recurring revenue that was there at the start: kept, grown, lost."""

from typing import Any, ClassVar

import numpy as np

from percorso.analytics.methods.base import Array, Ask, Figures, Parts
from percorso.analytics.methods.money import in_one_currency
from percorso.analytics.methods.price_periods import PricePeriods
from percorso.analytics.methods.recurring import Recurring, currencies, paid_at
from percorso.analytics.statistics.comparisons import Comparison, ratio_difference
from percorso.analytics.statistics.ratios import RatioSums, ratio_interval
from percorso.i18n import mark

# What of a customer's MRR counts: how much of what it paid at the start, at the end, and of the lesser of both.
TAKEN: dict[str, tuple[int, int, int]] = {
    "end": (0, 1, 0),
    "kept": (0, 0, 1),
    "gained": (0, 1, -1),
    "lost": (1, 0, -1),
    "missing": (1, -1, 0),
}
PAID = ("start", "end", "kept")


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

    # Which of `TAKEN` the figure is of; all of them are added up.
    taken: ClassVar[str]

    def counted(self, p: PricePeriods, start_us: int, end_us: int, ask: Ask) -> dict[str, Any]:
        first, last = paid_at(p, start_us, ask), paid_at(p, end_us, ask)
        s = np.maximum(first.amount, 0.0)
        e = np.where(s > 0, last.amount, 0.0)
        # Sums of these three and of their products make every figure.
        paid = dict(zip(PAID, (s, e, np.minimum(s, e)), strict=True))
        parts: dict[str, Any] = {"n": s > 0, **currencies(first=first, last=last), **paid}
        return parts | {f"{a}_{b}": paid[a] * paid[b] for i, a in enumerate(PAID) for b in PAID[i:]}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        sums = _sums(p, self.taken)
        ratio = ratio_interval(sums, ask.confidence)
        ends = [np.atleast_1d(np.asarray(end, dtype=np.float64)) for end in (ratio.low, ratio.high)]
        low, high = (np.clip(end, *self.range) for end in ends) if self.bounded else ends
        value = np.atleast_1d(np.asarray(ratio.value, dtype=np.float64))
        made = Figures(value, low, high, p["n"], {"numerator": sums.y, "denominator": sums.x})
        return in_one_currency(made, p, ("numerator", "denominator"), ("first", "last"))

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        left, right = (RatioSums(*(np.asarray(column)[i] for column in _sums(p, self.taken))) for i in (a, b))
        return ratio_difference(left, right, ask.confidence)


def _sums(p: Parts, taken: str) -> RatioSums:
    """Return the sums of a figure's numerator y over the MRR at the start x, from those of what customers paid."""
    shares = dict(zip(PAID, TAKEN[taken], strict=True))
    products = {(a, b): p[f"{a}_{b}"] for i, a in enumerate(PAID) for b in PAID[i:]}

    def product(a: str, b: str) -> Array:
        return products[(a, b)] if (a, b) in products else products[(b, a)]

    y = sum(shares[a] * p[a] for a in PAID)
    yy = sum(shares[a] * shares[b] * product(a, b) for a in PAID for b in PAID)
    xy = sum(shares[a] * product("start", a) for a in PAID)
    return RatioSums(p["n"], y, p["start"], yy, p["start_start"], xy)
