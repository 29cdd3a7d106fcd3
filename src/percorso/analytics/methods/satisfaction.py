"""Satisfaction: the share in the top boxes of whatever scale was asked, with the mean beside it."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Array, Ask, Figures, Option, Parts
from percorso.analytics.methods.mean import mean_of
from percorso.analytics.methods.scores import LATEST_PER, Histogram, Scores, left_out, mean_of_scores
from percorso.analytics.statistics.comparisons import Comparison, two_proportions
from percorso.analytics.statistics.intervals import wilson
from percorso.i18n import mark

BOXES = (1, 2, 3)


class Satisfaction(Scores):
    """Top-2-box share; mean and mean on 0–100 beside it. Scales are never mixed in one mean."""

    table = "answers"
    family = "surveys"
    unit = "share"
    better: ClassVar[Literal["higher", "lower"] | None] = "higher"
    method = "proportion"
    time = mark("when it was answered")
    formula = mark("answers in the top two boxes of the scale / valid answers; 4–5 of 1–5, 6–7 of 1–7, 9–10 of 1–10")
    interval = mark("Wilson score interval")
    test = mark("two-proportion z test, Fisher's exact test for small counts; Newcombe's interval of the difference")
    range = (0.0, 1.0)
    metrics: ClassVar[tuple[str, ...]] = ("csat",)
    options = {
        "top_n": Option(mark("how many boxes from the top count as satisfied"), default=2, choices=BOXES),
        "latest_per": LATEST_PER,
    }

    def tally(self, h: Histogram) -> Mapping[str, Array]:
        readable = h.within(h.scale_min, h.scale_max)
        valid = readable & ~h.dropped
        with np.errstate(invalid="ignore", divide="ignore"):
            place = 100 * (h.score - h.scale_min) / (h.scale_max - h.scale_min)
        low, high = np.where(valid, h.scale_min, np.nan), np.where(valid, h.scale_max, np.nan)
        return {
            **mean_of_scores(h, valid),
            **{f"top_{boxes}": h.times * (valid & (h.score > h.scale_max - boxes)) for boxes in BOXES},
            "bottom": h.times * (valid & (h.score < h.scale_min + 2)),
            "places": np.where(valid, h.times * np.nan_to_num(place), 0.0),
            "min_scale_min": low,
            "max_scale_min": low,
            "min_scale_max": high,
            "max_scale_max": high,
            **left_out(h, readable),
        }

    def per_customer(self, t: ir.Table, ask: Ask) -> ir.Scalar | None:
        valid = self.within_scale(t)
        top = t.count(where=valid & (t.score > t.scale_max - int(ask.options["top_n"])))
        return top / t.count(where=valid).nullif(0)

    def figures(self, p: Parts, ask: Ask) -> Figures:
        top = p[f"top_{ask.options['top_n']}"]
        share = wilson(top, p["n"], ask.confidence)
        details = {
            "numerator": top.astype(np.int64),
            "denominator": p["n"].astype(np.int64),
            "bottom_box": _per(p["bottom"], p["n"]),
            "mean_0_100": _per(p["places"], p["n"]),
            **_mean(p, ask),
            **{name: p[name].astype(np.int64) for name in ("n_missing", "n_invalid", "n_duplicates")},
        }
        return Figures(share.value, share.low, share.high, p["n"], details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        top = p[f"top_{ask.options['top_n']}"]
        return two_proportions(top[a], p["n"][a], top[b], p["n"][b], ask.confidence)


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
