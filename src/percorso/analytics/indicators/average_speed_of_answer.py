import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.contacts import SHORT_ABANDON, counted, queued
from percorso.analytics.methods.mean import Mean
from percorso.i18n import mark


class AverageSpeedOfAnswer(Mean):
    label = mark("Average speed of answer")
    about = mark("How fast are answered contacts answered?")
    formula = mark("mean of (answered − entered the queue) over answered contacts; falls when people give up")
    table = "contacts"
    family = "service"
    unit = "seconds"
    better = "lower"
    time = mark("when the contact entered the queue")
    materiality = 0.05
    relative_materiality = True
    range = (0.0, None)
    level, kind, nature = "tactical", "process", "leading"
    segments = ("queue", "channel", "priority", "team", "customer.country")
    options = {"short_abandon_seconds": SHORT_ABANDON}

    def rows(self, ask: Ask) -> ir.Table:
        return queued(ask)

    def amount(self, t: ir.Table, ask: Ask) -> ir.NumericValue:
        return t.wait_seconds

    def counts(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t.answered

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return counted(t)
