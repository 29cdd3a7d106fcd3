from collections.abc import Hashable

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
    exclusions = (
        mark("Who gave up, or is still waiting, does not count here."),
        mark(
            "Who gives up before the short-abandon threshold is on neither side and is counted beside; bots have no queue."
        ),
    )
    traps = (
        mark("It falls when more people give up: never read it without the abandonment rate."),
        mark("A mean hides the long waits: look at the service level beside it."),
    )
    literature = (
        "Gans N, Koole G, Mandelbaum A (2003) Telephone call centers: tutorial, review, and research prospects, Manufacturing & Service Operations Management 5",
        "Garnett O, Mandelbaum A, Reiman M (2002) Designing a call center with impatient customers, Manufacturing & Service Operations Management 4",
    )

    def rows(self, ask: Ask) -> ir.Table:
        return queued(ask)

    def same_rows(self, ask: Ask) -> Hashable:
        return "queued", ask.options["short_abandon_seconds"]

    def amount(self, t: ir.Table, ask: Ask) -> ir.NumericValue:
        return t.wait_seconds

    def counts(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t.answered

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return counted(t)
