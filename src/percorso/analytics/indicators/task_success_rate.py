import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.proportion import Proportion
from percorso.i18n import mark


class TaskSuccessRate(Proportion):
    label = mark("Task success rate (usability test)")
    about = mark("Can people complete the task?")
    formula = mark("attempts that succeeded / attempts")
    table = "answers"
    family = "research"
    metrics = ("task_success",)
    better = "higher"
    time = mark("when the task was tried")
    minimum_n = 5
    materiality = 0.05
    level, kind, nature = "tactical", "product", "leading"
    segments = ("question", "survey", "channel", "touchpoint")
    exclusions = (mark("A task that was not tried has no score: it leaves the denominator and is counted beside."),)
    traps = (
        mark("Look at one task at a time: the mean over easy and hard tasks moves with the choice of tasks."),
        mark("Five of five does not mean that everybody succeeds: the interval still reaches down to 57 %."),
        mark("Help from the moderator makes an attempt a failure, unless the test says else beforehand."),
    )
    literature = (
        "Sauro J, Lewis J (2005) Estimating completion rates from small samples, Proc. HFES 49",
        "ISO 9241-11:2018 Usability: definitions and concepts",
    )

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("answers")
        t = t.filter(t.metric.isin(self.metrics))
        counts = t.score.isin([0.0, 1.0]).fill_null(False)
        return t.mutate(moment=t.at, counts=counts, hit=(t.score == 1).fill_null(False))

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {
            "n_missing": t.count(where=t.score.isnull()),
            "n_invalid": t.count(where=t.score.notnull() & ~t.counts),
        }
