import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Array, Ask, Option, Parts
from percorso.analytics.methods.composite import Composite, variances
from percorso.analytics.methods.questionnaires import answers, between, names
from percorso.analytics.statistics.intervals import z_value
from percorso.i18n import mark


class SixPillarsIndex(Composite):
    label = mark("Six Pillars index")
    about = mark("On which of the six pillars do we win or lose?")
    formula = mark(
        "Σ weight · pillar, weights summing to 1 (1/6 each); pillar = mean of 100 · (score − lowest) / (highest − lowest)"
    )
    table = "answers"
    family = "research"
    metrics = ("six_pillars",)
    unit = "score"
    better = "higher"
    time = mark("when it was answered")
    interval = mark("normal interval from the influence of each respondent on the index")
    test = mark("Welch's t test of the respondents' influences")
    materiality = 2.0
    range = (0.0, 100.0)
    level, kind, nature = "strategic", "impact", "leading"
    segments = ("survey", "channel", "touchpoint", "language", "customer.country")
    elements, plural = "pillars", "pillars"
    options = {
        "pillars": Option(
            mark("the pillars as the answers name them, separated by commas"),
            default="personalization, integrity, expectations, resolution, time_effort, empathy",
        ),
        "weights": Option(
            mark("a weight for each pillar in their order, separated by commas; empty: all the same"), default=""
        ),
    }
    exclusions = (
        mark("Answers that were not given or lie off their own scale are left out of their pillar and counted."),
        mark("Without any answer to one of the pillars there is no index."),
    )
    traps = (
        mark("The same index can hide opposite pillars: read the six before the one."),
        mark("Equal weights are a convention; weights taken from data must be frozen, or the index moves by itself."),
        mark("Scales of different length are brought to 0–100, which does not make their answers alike."),
    )
    literature = ("KPMG Nunwood, The Six Pillars of Customer Experience Excellence",)

    def rows(self, ask: Ask) -> ir.Table:
        t = answers(ask, *self.metrics)
        t = t.filter(t.aspect.isin(names(ask.options["pillars"])))
        width = (t.scale_max - t.scale_min).nullif(0.0)
        valid = between(t.score, t.scale_min, t.scale_max) & (t.score % 1 == 0).fill_null(False)
        x = ibis.ifelse(valid, 100 * (t.score - t.scale_min) / width, ibis.null("float64"))
        return t.mutate(element=t.aspect, item=t.aspect, x=x, invalid=t.score.notnull() & ~valid)

    def bounds(self, value: Array, p: Parts, ask: Ask) -> tuple[Array, Array]:
        with np.errstate(invalid="ignore", divide="ignore"):
            half = z_value(ask.confidence) * np.sqrt(variances(p) / p["n"])
        half = np.where(half > 0, half, np.nan)
        return np.maximum(value - half, 0.0), np.minimum(value + half, 100.0)
