from collections.abc import Hashable

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
    exclusions = (
        mark(
            "Who gives up before the short-abandon threshold is on neither side and is counted beside; bots have no queue."
        ),
        mark("Who is still waiting has no time yet and is counted beside."),
    )
    traps = (
        mark("Who gives up has waited less than an answer would have taken: for planning the figure is too low."),
        mark("A mean over day and night hides the peak hours: look at hours and queues."),
    )
    literature = (
        "Maister D (1985) The psychology of waiting lines, in The Service Encounter",
        "Gans N, Koole G, Mandelbaum A (2003) Telephone call centers: tutorial, review, and research prospects, Manufacturing & Service Operations Management 5",
    )

    def rows(self, ask: Ask) -> ir.Table:
        return queued(ask)

    def same_rows(self, ask: Ask) -> Hashable:
        return "queued", ask.options["short_abandon_seconds"]

    def amount(self, t: ir.Table, ask: Ask) -> ir.NumericValue:
        return t.wait_seconds

    def counts(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t.answered | t.abandoned

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return counted(t)
