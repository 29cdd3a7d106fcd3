import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.questionnaires import between, newest, responses
from percorso.analytics.methods.unit_means import EACH, UnitMeans
from percorso.i18n import mark


class MysteryShoppingScore(UnitMeans):
    label = mark("Mystery-shopping score")
    about = mark("Is the service standard executed?")
    formula = mark("mean over visits of 100 · Σ weight · points / Σ weight · maximum, over the items that applied")
    table = "answers"
    family = "research"
    metrics = ("mystery",)
    better = "higher"
    time = mark("when the visit was made")
    level, kind, nature = "tactical", "process", "leading"
    segments = ("touchpoint", "channel", "team", "survey")
    listing = "visit_scores"
    options = {
        "critical_rule": Option(
            mark("what a failed critical item does: flag counts it, zero gives the whole visit 0"),
            default="flag",
            choices=("flag", "zero"),
        ),
        "each": EACH,
    }
    exclusions = (
        mark("Items that did not apply leave numerator and denominator; a visit with none left is void and counted."),
        mark("Points below 0 or above the item's maximum are invalid: the item is left out and counted."),
    )
    traps = (
        mark("Every visit weighs the same, however many items applied: do not average items over all visits."),
        mark("A handful of visits a site is an anecdote: read the interval before ranking sites."),
        mark("It measures whether the standard is kept, not whether customers like the standard."),
    )
    literature = (
        "Wilson A (2001) Mystery shopping: using deception to measure service performance, Psychology & Marketing 18",
    )

    def rows(self, ask: Ask) -> ir.Table:
        t = responses(ask, *self.metrics)
        most = t.scale_max.fill_null(0.0)
        valid = between(t.score, 0, most) & (most > 0)
        t = t.mutate(counts=valid, invalid=t.score.notnull() & ~valid)
        t = newest(t, ["response", "question"], valid)
        weight = t.weight.fill_null(1.0)
        failed = t.counts & (t.option == "critical").fill_null(False) & (t.score < t.scale_max)
        return t.mutate(earned=weight * t.score, possible=weight * t.scale_max, failed=failed)

    def unit_parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {
            "earned": t.earned.sum(where=t.counts),
            "possible": t.possible.sum(where=t.counts).fill_null(0.0),
            "failures": t.count(where=t.failed),
            "invalid": t.count(where=t.invalid),
        }

    def score(self, u: ir.Table, ask: Ask) -> ir.NumericValue:
        share = 100 * u.earned / u.possible.nullif(0.0)
        return ibis.ifelse(u.failures > 0, 0.0, share) if ask.options["critical_rule"] == "zero" else share

    def counts(self, u: ir.Table, ask: Ask) -> ir.BooleanValue:
        return u.possible > 0

    def others(self, u: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {
            "n_void": u.count(where=~u.counts),
            "critical_failures": u.count(where=u.counts & (u.failures > 0)),
            "n_invalid": u.invalid.sum(),
        }
