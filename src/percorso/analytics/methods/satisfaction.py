"""Satisfaction: the share in the top boxes of whatever scale was asked, with the mean beside it."""

import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.answers import counters, latest_per, scored, within_scale
from percorso.analytics.methods.base import Array, Ask, Figures, Indicator, Option, Parts
from percorso.analytics.methods.mean import mean_of, mean_parts
from percorso.analytics.statistics.comparisons import Comparison, two_proportions
from percorso.analytics.statistics.intervals import wilson
from percorso.i18n import mark


class Satisfaction(Indicator):
    """Top-2-box share; mean and mean on 0–100 beside it. Scales are never mixed in one mean."""

    table = "answers"
    family = "surveys"
    unit = "share"
    better = "higher"
    method = "proportion"
    time = mark("when it was answered")
    formula = mark("answers in the top two boxes of the scale / valid answers; 4–5 of 1–5, 6–7 of 1–7, 9–10 of 1–10")
    interval = mark("Wilson score interval")
    test = mark("two-proportion z test, Fisher's exact test for small counts; Newcombe's interval of the difference")
    range = (0.0, 1.0)
    metrics = ("csat",)
    population = "customer"
    options = {
        "top_n": Option(mark("how many boxes from the top count as satisfied"), default=2, choices=(1, 2, 3)),
        "latest_per": Option(
            mark("count only the latest valid answer of each customer (relational surveys), or of each interaction"),
            default="answer",
            choices=("answer", "customer", "interaction"),
        ),
    }

    def rows(self, ask: Ask) -> ir.Table:
        t = scored(ask, self.metrics, self.population)
        return t.mutate(moment=t.at, valid=within_scale(t))

    def keep(self, t: ir.Table, cells: list[str], ask: Ask) -> ir.Table:
        return latest_per(t, cells, ask)

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        top_n = ask.options["top_n"]
        place = 100 * (t.score - t.scale_min) / (t.scale_max - t.scale_min)
        return {
            **mean_parts(t, t.score, t.valid),
            "top": t.count(where=t.valid & (t.score > t.scale_max - top_n)),
            "bottom": t.count(where=t.valid & (t.score < t.scale_min + 2)),
            "places": place.sum(where=t.valid),
            "min_scale_min": t.scale_min.min(where=t.valid),
            "max_scale_min": t.scale_min.max(where=t.valid),
            "min_scale_max": t.scale_max.min(where=t.valid),
            "max_scale_max": t.scale_max.max(where=t.valid),
            **counters(t),
        }

    def figures(self, p: Parts, ask: Ask) -> Figures:
        share = wilson(p["top"], p["n"], ask.confidence)
        details = {
            "numerator": p["top"].astype(np.int64),
            "denominator": p["n"].astype(np.int64),
            "bottom_box": _per(p["bottom"], p["n"]),
            "mean_0_100": _per(p["places"], p["n"]),
            **_mean(p, ask),
            **{name: p[name].astype(np.int64) for name in ("n_missing", "n_invalid", "n_duplicates")},
        }
        return Figures(share.value, share.low, share.high, p["n"], details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        return two_proportions(p["top"][a], p["n"][a], p["top"][b], p["n"][b], ask.confidence)


def _per(total: Array, n: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(n > 0, total / n, np.nan)


def _mean(p: Parts, ask: Ask) -> dict[str, Array]:
    """Return the mean in scale points; none where the cell mixes scales, with a note that says so."""
    mean = mean_of(p, ask, p["min_scale_min"], p["max_scale_max"])
    mixed = (p["min_scale_min"] != p["max_scale_min"]) | (p["min_scale_max"] != p["max_scale_max"])
    mixed &= p["n"] > 0
    return {
        "mean": np.where(mixed, np.nan, mean.value),
        "mean_low": np.where(mixed, np.nan, mean.low),
        "mean_high": np.where(mixed, np.nan, mean.high),
        "mean_note": np.where(mixed, "mixed_scales", mean.note),
    }
