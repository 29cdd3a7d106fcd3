import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.contacts import SHORT_ABANDON, counted, queued
from percorso.analytics.methods.proportion import Proportion
from percorso.i18n import mark


class ServiceLevel(Proportion):
    label = mark("Service level")
    about = mark("What share is answered within the threshold (20 seconds)?")
    formula = mark("answered within 20 seconds / (answered + abandoned); short abandons are left out")
    table = "contacts"
    family = "service"
    better = "higher"
    time = mark("when the contact entered the queue")
    level, kind, nature = "tactical", "process", "leading"
    segments = ("queue", "channel", "priority", "team", "customer.country")
    options = {
        "threshold_seconds": Option(mark("answered within so many seconds is in time"), default=20),
        "short_abandon_seconds": SHORT_ABANDON,
    }

    def rows(self, ask: Ask) -> ir.Table:
        return queued(ask)

    def counts(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t.answered | t.abandoned

    def hit(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        in_time = t.wait_seconds <= float(ask.options["threshold_seconds"])
        return t.answered & in_time.fill_null(False)

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return counted(t)
