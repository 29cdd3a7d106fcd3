from collections.abc import Mapping

import numpy as np

from percorso.analytics.methods.base import Array, Ask, Figures, Option, Parts
from percorso.analytics.methods.mean import compare_means, mean_of
from percorso.analytics.methods.scores import LATEST_PER, Histogram, Scores, left_out, mean_of_scores
from percorso.analytics.statistics.comparisons import Comparison
from percorso.analytics.statistics.intervals import wilson
from percorso.i18n import mark

SCALES = {"ces1": (1.0, 5.0), "ces2": (1.0, 7.0)}


class Ces(Scores):
    label = mark("Customer Effort Score")
    about = mark("How much effort did the customer have to make?")
    formula = mark("mean score: CES 1.0 asks for effort on 1–5 (low is good), CES 2.0 for ease on 1–7 (high is good)")
    table = "answers"
    family = "surveys"
    unit = "scale"
    better = "higher"
    method = "mean"
    time = mark("when it was answered")
    interval = mark("Student's t interval of the mean")
    test = mark("Welch's t test, within one version of the question")
    materiality = 0.1
    range = (1.0, 7.0)
    level, kind, nature = "tactical", "process", "leading"
    segments = ("channel", "touchpoint", "team", "agent", "customer.country")
    metrics = ("ces",)
    options = {
        "version": Option(
            mark("which question: ces1 (effort, 1–5) or ces2 (ease, 1–7)"), default="ces2", choices=tuple(SCALES)
        ),
        "latest_per": LATEST_PER,
    }
    exclusions = (
        mark("Answers off the scale, not a whole number or not given are left out and counted; nothing is clamped."),
        mark("Answers to the other version of the question never count."),
    )
    traps = (
        mark("CES 1.0 is better when low, CES 2.0 when high: changing the question starts a new series."),
        mark("The direction belongs to the question: an arrow upwards may be bad news."),
        mark("Low effort prevents churn, it does not make fans: read it beside satisfaction."),
    )
    literature = (
        "Dixon M, Freeman K, Toman N (2010) Stop trying to delight your customers, Harvard Business Review 88",
        "Dixon M, Toman N, DeLisi R (2013) The Effortless Experience",
    )

    def picks(self, ask: Ask) -> dict[str, tuple[str | None, ...]]:
        # A version change starts a new series: the direction is a property of the question, never averaged over.
        return {**super().picks(ask), "polarity": ("lower" if ask.options["version"] == "ces1" else "higher",)}

    def tally(self, h: Histogram) -> Mapping[str, Array]:
        readable = h.within(h.scale_min, h.scale_max)
        valid = readable & ~h.dropped
        return {
            **mean_of_scores(h, valid),
            "easy_ces1": h.times * (valid & (h.score <= 2)),
            "easy_ces2": h.times * (valid & (h.score >= 5)),
            **left_out(h, readable),
        }

    def figures(self, p: Parts, ask: Ask) -> Figures:
        version = ask.options["version"]
        low, high = SCALES[version]
        mean = mean_of(p, ask, low, high)
        easy = wilson(p[f"easy_{version}"], p["n"], ask.confidence)
        good = high - mean.value if version == "ces1" else mean.value - low
        direction = "lower_is_better" if version == "ces1" else "higher_is_better"
        details = {
            "direction": np.full(len(p["n"]), direction),
            "interval_note": np.atleast_1d(mean.note),
            "easy_share": easy.value,
            "easy_low": easy.low,
            "easy_high": easy.high,
            "ease_index": 100 * good / (high - low),
            **{name: p[name].astype(np.int64) for name in ("n_missing", "n_invalid", "n_duplicates")},
        }
        return Figures(mean.value, mean.low, mean.high, p["n"], details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        return compare_means(p, a, b, ask)

    def wanted(self, ask: Ask) -> str | None:
        return "lower" if ask.options["version"] == "ces1" else "higher"
