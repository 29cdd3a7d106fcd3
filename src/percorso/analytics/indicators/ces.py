import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.answers import counters, latest_per, scored, within_scale
from percorso.analytics.methods.base import Ask, Figures, Indicator, Option, Parts
from percorso.analytics.methods.mean import compare_means, mean_of, mean_parts
from percorso.analytics.statistics.comparisons import Comparison
from percorso.analytics.statistics.intervals import wilson
from percorso.i18n import mark

SCALES = {"ces1": (1.0, 5.0), "ces2": (1.0, 7.0)}


class Ces(Indicator):
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
    test = mark("Welch's t test within one version; across versions only the share of easy answers")
    materiality = 0.1
    level, kind, nature = "tactical", "process", "leading"
    segments = ("channel", "touchpoint", "team", "agent", "customer.country")
    options = {
        "version": Option(
            mark("which question: ces1 (effort, 1–5) or ces2 (ease, 1–7)"), default="ces2", choices=("ces1", "ces2")
        ),
        "latest_per": Option(
            mark("count only the latest valid answer of each customer (relational surveys), or of each interaction"),
            default="answer",
            choices=("answer", "customer", "interaction"),
        ),
    }

    def rows(self, ask: Ask) -> ir.Table:
        t = scored(ask, ("ces",), "customer")
        # A version change starts a new series: the direction is a property of the question, never averaged over.
        t = t.filter(t.polarity == ("lower" if ask.options["version"] == "ces1" else "higher"))
        return t.mutate(moment=t.at, valid=within_scale(t))

    def keep(self, t: ir.Table, cells: list[str], ask: Ask) -> ir.Table:
        return latest_per(t, cells, ask)

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        easy = t.score <= 2 if ask.options["version"] == "ces1" else t.score >= 5
        return {**mean_parts(t, t.score, t.valid), "easy": t.count(where=t.valid & easy), **counters(t)}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        version = ask.options["version"]
        low, high = SCALES[version]
        mean = mean_of(p, ask, low, high)
        easy = wilson(p["easy"], p["n"], ask.confidence)
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
