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

    def rows(self, ask: Ask) -> ir.Table:
        t = ticket_facts(ask, "resolution", "escalation")
        t = t.filter(t.is_resolved)
        return t.mutate(moment=t.last_resolved, counts=ibis.literal(True), hit=t.escalated)
