import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.proportion import Proportion
from percorso.analytics.methods.tickets import ticket_facts, with_reopened
from percorso.i18n import mark


class ReopenRate(Proportion):
    label = mark("Reopen rate")
    about = mark("How many solved tickets were not?")
    formula = mark("tickets reopened within 7 days of their first resolution / tickets first resolved")
    table = "tickets"
    family = "service"
    better = "lower"
    time = mark("when it was first resolved; counted once 7 days have passed")
    level, kind, nature = "tactical", "product", "leading"
    segments = ("channel", "topic", "team", "agent", "priority", "customer.country")
    options = {"window_days": Option(mark("days in which a reopening counts"), default=7)}
    exclusions = (
        mark("Tickets resolved fewer days ago than the window wait aside, reopened or not."),
        mark("A ticket reopened twice counts once."),
    )
    traps = (
        mark("Customers who open a new ticket instead do not show: read it with first contact resolution."),
        mark("Tickets closed by a clock, not by the customer's word, come back."),
    )
    literature = (
        "ISO 10002:2018 Guidelines for complaints handling in organizations",
        "ISO/IEC 20000-1:2018 Service management system requirements",
    )

    def rows(self, ask: Ask) -> ir.Table:
        days = int(ask.options["window_days"])
        t = ticket_facts(ask, "resolution")
        t = with_reopened(t.filter(t.first_resolved.notnull()), ask, days)
        mature = ask.known(t.first_resolved + ibis.interval(days=days))
        return t.mutate(moment=t.first_resolved, counts=mature, hit=t.reopened)

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"immature": t.count(where=~t.counts)}
