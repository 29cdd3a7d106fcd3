import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.proportion import Proportion
from percorso.analytics.methods.tickets import ticket_facts
from percorso.i18n import mark


class EscalationRate(Proportion):
    label = mark("Escalation rate")
    about = mark("How many tickets need a higher level?")
    formula = mark("resolved tickets that were escalated at least once / resolved tickets")
    table = "tickets"
    family = "service"
    better = "lower"
    time = mark("when it was resolved for the last time")
    level, kind, nature = "tactical", "process", "leading"
    segments = ("channel", "topic", "team", "priority", "customer.country")
    exclusions = (
        mark("Tickets that are not resolved do not count yet; several escalations of one ticket count once."),
    )
    traps = (
        mark("A low rate can mean that people sit on what they cannot solve: read it with resolution time."),
        mark("Hand-overs between teams of one level are no escalation: name the levels in the source."),
    )
    literature = (
        "ISO/IEC 20000-1:2018 Service management system requirements",
        "ISO 10002:2018 Guidelines for complaints handling in organizations",
    )

    def rows(self, ask: Ask) -> ir.Table:
        t = ticket_facts(ask, "resolution", "escalation")
        t = t.filter(t.is_resolved)
        return t.mutate(moment=t.last_resolved, counts=ibis.literal(True), hit=t.escalated)
