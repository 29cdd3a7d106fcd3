import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Array, Ask, Figures, Option, Parts
from percorso.analytics.methods.composite import Composite, variances
from percorso.analytics.methods.questionnaires import between, names, responses
from percorso.analytics.statistics.intervals import mean_interval_centred
from percorso.i18n import mark

EXPECTED, PERCEIVED = "servqual_expected", "servqual_perceived"
LEAST, MOST = 1.0, 7.0


class ServqualGap(Composite):
    label = mark("SERVQUAL gap (expected vs perceived)")
    about = mark("Does the experience meet expectations, by dimension?")
    formula = mark(
        "Σ weight · gap of the dimension; gap of an item = mean over respondents of (perceived − expected), paired; dimension = mean of its items"
    )
    table = "answers"
    family = "research"
    metrics = (EXPECTED, PERCEIVED)
    unit = "scale"
    better = "higher"
    time = mark("when the last item of the questionnaire was answered")
    interval = mark("Student's t interval from the influence of each respondent on the gap")
    test = mark("Welch's t test of the respondents' influences")
    # Pairs are few by nature; below two respondents there is no interval.
    minimum_n = 1
    materiality = 0.1
    range = (LEAST - MOST, MOST - LEAST)
    level, kind, nature = "tactical", "product", "leading"
    segments = ("survey", "channel", "touchpoint", "customer.country")
    elements, plural = "dimensions", "dimensions"
    options = {
        "dimensions": Option(
            mark("the dimensions as the answers name them, separated by commas"),
            default="tangibles, reliability, responsiveness, assurance, empathy",
        ),
        "weights": Option(
            mark("the importance of each dimension in their order, separated by commas; empty: all the same"),
            default="",
        ),
    }
    exclusions = (
        mark("An item of which one side is missing or off the scale is no pair: it is left out and counted."),
        mark("Without a pair in one of the dimensions there is no overall gap."),
    )
    traps = (
        mark("0 means as expected, not bad; expectations of 7 everywhere leave no room above."),
        mark("Expectations asked after the experience are coloured by it: ask them before where you can."),
        mark("Fewer than 30 respondents give a wide interval: read it before the gap."),
    )
    literature = ("Parasuraman A, Zeithaml V, Berry L (1988) SERVQUAL, Journal of Retailing 64",)

    def rows(self, ask: Ask) -> ir.Table:
        t = responses(ask, *self.metrics)
        t = t.filter(t.aspect.isin(names(ask.options["dimensions"])))
        low, high = t.scale_min.fill_null(LEAST), t.scale_max.fill_null(MOST)
        valid = between(t.score, low, high) & (t.score % 1 == 0).fill_null(False)
        t = t.mutate(width=high - low, valid=valid)
        sides = ibis.window(group_by=[t.response, t.aspect, t.question])
        expected = t.score.max(where=t.valid & (t.metric == EXPECTED)).over(sides)
        t = t.mutate(expected=expected)
        t = t.filter(t.metric == PERCEIVED)
        x = ibis.ifelse(t.valid, t.score - t.expected, ibis.null("float64"))
        # Null where there is no pair: the least of nothing is 0 on some engines unless it can be null.
        width = ibis.ifelse(x.notnull(), t.width, ibis.null("float64"))
        return t.mutate(element=t.aspect, item=t.question, x=x, invalid=t.score.notnull() & x.isnull(), width=width)

    def unit_parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {**super().unit_parts(t, ask), "narrow": t.width.min(), "wide": t.width.max()}

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {**super().parts(t, ask), "min_width": t.narrow.min(), "max_width": t.wide.max()}

    def bounds(self, value: Array, p: Parts, ask: Ask) -> tuple[Array, Array]:
        width = np.nan_to_num(p["max_width"], nan=MOST - LEAST)
        t = mean_interval_centred(p["n"], value, variances(p), -width, width, ask.confidence)
        return np.atleast_1d(t.low), np.atleast_1d(t.high)

    def figures(self, p: Parts, ask: Ask) -> Figures:
        f = super().figures(p, ask)
        mixed = (p["n"] > 0) & (p["min_width"] != p["max_width"])
        value, low, high = (np.where(mixed, np.nan, ends) for ends in (f.value, f.low, f.high))
        status = {**f.status, **{int(i): "mixed_scales" for i in np.flatnonzero(mixed)}}
        return Figures(value, low, high, f.n, f.details, status)
