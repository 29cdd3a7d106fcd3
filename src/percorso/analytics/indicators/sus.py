from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.questionnaires import between, names, newest, responses
from percorso.analytics.methods.unit_means import EACH, UnitMeans
from percorso.errors import BadQuestion
from percorso.i18n import mark

ITEMS = 10
# Sauro and Lewis's curve: the lowest mean of each grade, applied to the mean rounded to one decimal.
GRADES = (
    (84.1, "A+"),
    (80.8, "A"),
    (78.9, "A-"),
    (77.2, "B+"),
    (74.1, "B"),
    (72.6, "B-"),
    (71.1, "C+"),
    (65.0, "C"),
    (62.7, "C-"),
    (51.7, "D"),
)


class Sus(UnitMeans):
    label = mark("System Usability Scale")
    about = mark("How usable is the product perceived to be?")
    formula = mark("mean over persons of 2.5 · [Σ odd items (x − 1) + Σ even items (5 − x)], ten items answered on 1–5")
    table = "answers"
    family = "research"
    metrics = ("sus",)
    better = "higher"
    time = mark("when the last item of the questionnaire was answered")
    level, kind, nature = "tactical", "product", "leading"
    segments = ("survey", "channel", "touchpoint", "customer.country")
    options = {
        "items": Option(
            mark("the ten questions in their order, separated by commas; odd ones are worded positively"),
            default="q1, q2, q3, q4, q5, q6, q7, q8, q9, q10",
        ),
        "each": EACH,
    }
    exclusions = (
        mark("A questionnaire with an item missing or not a whole number from 1 to 5 is left out and counted."),
    )
    traps = (
        mark("It is a score from 0 to 100 and no percentage: the average product scores 68, so 70 is ordinary."),
        mark(
            "Single items say nothing: even items are worded negatively and turned round, so never average raw answers."
        ),
        mark("With fewer than 20 persons it tells how a product does, but hardly which of two is better."),
    )
    literature = (
        "Brooke J (1996) SUS: a 'quick and dirty' usability scale, Usability Evaluation in Industry",
        "Sauro J, Lewis J (2016) Quantifying the User Experience, 2nd ed.",
    )

    def rows(self, ask: Ask) -> ir.Table:
        items = names(ask.options["items"])
        if len(set(items)) != ITEMS:
            raise BadQuestion(mark("The scale has ten different questions; {n} were named."), n=len(set(items)))
        t = responses(ask, *self.metrics)
        asked = t.question.isin(items).fill_null(False)
        valid = asked & between(t.score, 1, 5) & (t.score % 1 == 0).fill_null(False)
        t = newest(t.mutate(counts=valid), ["response", "question"], valid)
        positive = t.question.isin(items[::2])
        return t.mutate(points=ibis.ifelse(positive, t.score - 1, 5 - t.score))

    def unit_parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"answered": t.count(where=t.counts), "points": t.points.sum(where=t.counts)}

    def score(self, u: ir.Table, ask: Ask) -> ir.NumericValue:
        return 2.5 * u.points

    def counts(self, u: ir.Table, ask: Ask) -> ir.BooleanValue:
        return u.answered == ITEMS

    def others(self, u: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"n_invalid": u.count(where=~u.counts)}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        f = super().figures(p, ask)
        return Figures(f.value, f.low, f.high, f.n, {"grade": _grades(f.value), **f.details})


def _grades(means: Any) -> Any:
    made = np.empty(len(means), dtype=object)
    for i, mean in enumerate(np.floor(means * 10 + 0.5) / 10):
        made[i] = None if np.isnan(mean) else next((grade for least, grade in GRADES if mean >= least), "F")
    return made
