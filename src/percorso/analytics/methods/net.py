"""Net shares of three classes: promoters less detractors, adjusted Wald (specification 2: INT-NPS, TEST-NPS)."""

import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.answers import counters, latest_per, scored
from percorso.analytics.methods.base import Ask, Figures, Indicator, Option, Parts
from percorso.analytics.statistics.comparisons import Comparison, nps_difference
from percorso.analytics.statistics.intervals import nps_interval
from percorso.analytics.statistics.weighting import effective_count, kish_n_effective
from percorso.i18n import mark

PROMOTER, DETRACTOR, TOP = 9, 6, 10


class NetPromoter(Indicator):
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
    metrics = ("nps",)
    population = "customer"
    options = {
        "latest_per": Option(
            mark("count only the latest valid answer of each customer (relational surveys), or of each interaction"),
            default="answer",
            choices=("answer", "customer", "interaction"),
        ),
        "weighted": Option(mark("use the survey weights of the respondents"), default=False, choices=(False, True)),
    }

    def rows(self, ask: Ask) -> ir.Table:
        t = scored(ask, self.metrics, self.population)
        valid = (t.score >= 0) & (t.score <= TOP) & (t.score % 1 == 0)
        return t.mutate(moment=t.at, valid=valid.fill_null(False))

    def keep(self, t: ir.Table, cells: list[str], ask: Ask) -> ir.Table:
        return latest_per(t, cells, ask)

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        promoter, detractor = t.score >= PROMOTER, t.score <= DETRACTOR
        parts = {
            "n": t.count(where=t.valid),
            "promoters": t.count(where=t.valid & promoter),
            "detractors": t.count(where=t.valid & detractor),
            **counters(t),
        }
        if ask.options["weighted"]:
            weight = t.weight.fill_null(1.0)
            parts["weight"] = weight.sum(where=t.valid)
            parts["weight_squares"] = (weight * weight).sum(where=t.valid)
            parts["weight_promoters"] = weight.sum(where=t.valid & promoter)
            parts["weight_detractors"] = weight.sum(where=t.valid & detractor)
        return parts

    def figures(self, p: Parts, ask: Ask) -> Figures:
        promoters, detractors, n = self._effective(p)
        net = nps_interval(promoters, detractors, n, ask.confidence)
        counted = ("promoters", "detractors", "n_missing", "n_invalid", "n_duplicates")
        details = {name: p[name].astype(np.int64) for name in counted}
        details["passives"] = details["promoters"] * 0 + (p["n"] - p["promoters"] - p["detractors"]).astype(np.int64)
        if "weight" in p:
            details["n_effective"] = n
            with np.errstate(invalid="ignore", divide="ignore"):
                details["unweighted"] = 100 * (p["promoters"] - p["detractors"]) / p["n"]
        return Figures(net.value, net.low, net.high, p["n"], details)

    def _effective(self, p: Parts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return counts of promoters, detractors and all: with weights the effective ones (specification 1.10)."""
        if "weight" not in p:
            return p["promoters"], p["detractors"], p["n"]
        w, squares = p["weight"], p["weight_squares"]
        promoters = effective_count(p["weight_promoters"], w, squares)
        detractors = effective_count(p["weight_detractors"], w, squares)
        return promoters, detractors, kish_n_effective(w, squares)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        promoters, detractors, n = self._effective(p)
        return nps_difference(promoters[a], detractors[a], n[a], promoters[b], detractors[b], n[b], ask.confidence)
