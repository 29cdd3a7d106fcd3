import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.business_time import with_duration
from percorso.analytics.methods.durations import Durations, state_of
from percorso.analytics.methods.tickets import ticket_facts
from percorso.i18n import mark


class FirstResponseTime(Durations):
    label = mark("First response time")
    about = mark("How long until a person first answers?")
    formula = mark("median of (first public reply by a person − ticket opened); bots and internal notes do not count")
    table = "tickets"
    family = "service"
    time = mark("when the ticket was opened; tickets still waiting are censored")
    level, kind, nature = "tactical", "process", "leading"
    segments = ("channel", "priority", "team", "topic", "customer.country")
    options = {
        "hours": Option(mark("calendar or business hours"), default="calendar", choices=("calendar", "business"))
    }
    exclusions = (
        mark(
            "Automatic replies, bots and internal notes are no answer; tickets that we opened ourselves do not count."
        ),
        mark("A reply before the opening makes the ticket invalid; it is left out and counted."),
    )
    traps = (
        mark(
            "Waiting tickets have no time yet: leaving them out makes a growing queue look fast, so they are censored, not dropped."
        ),
        mark("The median hides the worst: look at the time that nine of ten stay below."),
        mark("An empty “we got your message” by a person improves the figure and helps nobody."),
    )
    literature = (
        "Maister D (1985) The psychology of waiting lines, in The Service Encounter",
        "Kaplan E, Meier P (1958) Nonparametric estimation from incomplete observations, Journal of the American Statistical Association 53",
    )

    def rows(self, ask: Ask) -> ir.Table:
        t = ticket_facts(ask, "reply")
        t = t.filter(t.initiated_by.isnull() | (t.initiated_by != "agent"))
        t = t.mutate(moment=t.opened_at, ends=ibis.coalesce(t.first_reply, ask.instant("as_of")))
        answered, skewed = t.first_reply.notnull(), (t.first_reply < t.opened_at).fill_null(False)
        return with_duration(t.mutate(state=state_of(answered, skewed)), "opened_at", "ends", ask)
