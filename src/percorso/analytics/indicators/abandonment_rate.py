from collections.abc import Hashable

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
    exclusions = (
        mark(
            "Who gives up before the short-abandon threshold is on neither side and is counted beside; bots have no queue."
        ),
        mark("Who is still waiting is on neither side yet."),
    )
    traps = (
        mark("There is no industry standard for the short-abandon threshold: state it with the figure."),
        mark("Who hears that the queue is long gives up at once: announcements move the figure, not the service."),
    )
    literature = (
        "Garnett O, Mandelbaum A, Reiman M (2002) Designing a call center with impatient customers, Manufacturing & Service Operations Management 4",
        "Brown L and others (2005) Statistical analysis of a telephone call center, Journal of the American Statistical Association 100",
    )

    def rows(self, ask: Ask) -> ir.Table:
        return queued(ask)

    def same_rows(self, ask: Ask) -> Hashable:
        return "queued", ask.options["short_abandon_seconds"]

    def counts(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t.answered | t.abandoned

    def hit(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t.abandoned

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return counted(t)
