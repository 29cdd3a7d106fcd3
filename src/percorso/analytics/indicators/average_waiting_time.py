import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.contacts import SHORT_ABANDON, counted, queued
from percorso.analytics.methods.mean import Mean
from percorso.i18n import mark


class AverageWaitingTime(Mean):
    label = mark("Average waiting time")
    about = mark("How long do people wait in the queue?")
    formula = mark("mean wait of everybody who left the queue, answered or abandoned; short abandons are left out")
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
        return t.answered | t.abandoned

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return counted(t)
