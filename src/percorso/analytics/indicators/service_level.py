from collections.abc import Hashable

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
    signal = True
    exclusions = (
        mark(
            "Who gives up before the short-abandon threshold is on neither side and is counted beside; bots have no queue."
        ),
    )
    traps = (
        mark("The second after the threshold nobody hurries any more: look at the average wait beside it."),
        mark("An average over the day is made of good nights: staff to the peak hours."),
        mark("Abandoned contacts stay in the base: leaving them out flatters the figure."),
    )
    literature = (
        "Cleveland B (2012) Call Center Management on Fast Forward, 3rd ed.",
        "Garnett O, Mandelbaum A, Reiman M (2002) Designing a call center with impatient customers, Manufacturing & Service Operations Management 4",
    )

    def rows(self, ask: Ask) -> ir.Table:
        return queued(ask)

    def same_rows(self, ask: Ask) -> Hashable:
        return "queued", ask.options["short_abandon_seconds"]

    def counts(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t.answered | t.abandoned

    def hit(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        in_time = t.wait_seconds <= float(ask.options["threshold_seconds"])
        return t.answered & in_time.fill_null(False)

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return counted(t)
