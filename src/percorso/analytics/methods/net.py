"""Net shares of three classes: promoters less detractors, adjusted Wald (specification 2: INT-NPS, TEST-NPS)."""

from collections.abc import Mapping
from typing import Any, ClassVar

import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Array, Ask, Figures, Option, Parts
from percorso.analytics.methods.scores import LATEST_PER, Histogram, Scores, left_out
from percorso.analytics.statistics.comparisons import Comparison, nps_difference
from percorso.analytics.statistics.intervals import nps_interval
from percorso.analytics.statistics.weighting import effective_count, kish_n_effective
from percorso.i18n import mark

PROMOTER, DETRACTOR, TOP = 9, 6, 10


class NetPromoter(Scores):
    """Promoters (9–10) less detractors (0–6) of the answers to a 0–10 question, in points."""

    table = "answers"
    family = "surveys"
    unit = "points"
    better = "higher"
    method = "net share"
    time = mark("when it was answered")
    interval = mark("adjusted Wald interval (+¾, +1½, +¾)")
    test = mark("z test with the adjusted Wald variances")
    formula = mark("100 · (promoters − detractors) / n; promoters score 9–10, passives 7–8, detractors 0–6")
    materiality = 3.0
    range = (-100.0, 100.0)
    scaled = False
    metrics: ClassVar[tuple[str, ...]] = ("nps",)
    options = {
        "latest_per": LATEST_PER,
        "weighted": Option(mark("use the survey weights of the respondents"), default=False, choices=(False, True)),
    }

    def within_scale(self, t: ir.Table) -> ir.BooleanValue:
        return ((t.score >= 0) & (t.score <= TOP) & (t.score % 1 == 0)).fill_null(False)

    def tally(self, h: Histogram) -> Mapping[str, Array]:
        readable = h.within(0, TOP)
        valid = readable & ~h.dropped
        promoter, detractor = valid & (h.score >= PROMOTER), valid & (h.score <= DETRACTOR)
        parts = {
            "n": h.times * valid,
            "promoters": h.times * promoter,
            "detractors": h.times * detractor,
            **left_out(h, readable),
        }
        if h.weight is not None and h.weight_squares is not None:
            parts["weight"] = h.weight * valid
            parts["weight_squares"] = h.weight_squares * valid
            parts["weight_promoters"] = h.weight * promoter
            parts["weight_detractors"] = h.weight * detractor
        return parts

    def per_customer(self, t: ir.Table, ask: Ask) -> ir.Scalar | None:
        valid = self.within_scale(t)
        net = t.count(where=valid & (t.score >= PROMOTER)) - t.count(where=valid & (t.score <= DETRACTOR))
        return 100 * net / t.count(where=valid).nullif(0)

    def figures(self, p: Parts, ask: Ask) -> Figures:
        promoters, detractors, n = _effective(p)
        net = nps_interval(promoters, detractors, n, ask.confidence)
        p = {**p, "passives": p["n"] - p["promoters"] - p["detractors"]}
        counted = ("promoters", "passives", "detractors", "n_missing", "n_invalid", "n_duplicates")
        details: dict[str, Any] = {name: p[name].astype(np.int64) for name in counted}
        if "weight" in p:
            details["n_effective"] = n
            with np.errstate(invalid="ignore", divide="ignore"):
                details["unweighted"] = 100 * (p["promoters"] - p["detractors"]) / p["n"]
        return Figures(net.value, net.low, net.high, p["n"], details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        promoters, detractors, n = _effective(p)
        return nps_difference(promoters[a], detractors[a], n[a], promoters[b], detractors[b], n[b], ask.confidence)


def _effective(p: Parts) -> tuple[Array, Array, Array]:
    """Return counts of promoters, detractors and all: with weights the effective ones (specification 1.10)."""
    if "weight" not in p:
        return p["promoters"], p["detractors"], p["n"]
    w, squares = p["weight"], p["weight_squares"]
    promoters = effective_count(p["weight_promoters"], w, squares)
    detractors = effective_count(p["weight_detractors"], w, squares)
    return promoters, detractors, kish_n_effective(w, squares)
