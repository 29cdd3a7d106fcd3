import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.contacts import SHORT_ABANDON, counted, queued
from percorso.analytics.methods.proportion import Proportion
from percorso.i18n import mark


class AbandonmentRate(Proportion):
    label = mark("Queue abandonment rate")
    about = mark("How many give up waiting?")
    formula = mark("abandoned / (answered + abandoned); who gives up within 5 seconds is not counted")
    table = "contacts"
    family = "service"
    better = "lower"
    time = mark("when the contact entered the queue")
    level, kind, nature = "tactical", "product", "leading"
    segments = ("queue", "channel", "priority", "team", "customer.country")
    options = {"short_abandon_seconds": SHORT_ABANDON}

    def rows(self, ask: Ask) -> ir.Table:
        return queued(ask)

    def counts(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t.answered | t.abandoned

    def hit(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t.abandoned

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return counted(t)
