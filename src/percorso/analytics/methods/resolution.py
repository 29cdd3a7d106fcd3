"""Time to resolution: to the last or the first resolution, or of all tickets opened in the period (open = censored)."""

import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.business_time import with_duration
from percorso.analytics.methods.durations import Durations, state_of
from percorso.analytics.methods.tickets import ticket_facts
from percorso.i18n import mark


class Resolution(Durations):
    """Lengths from opening to resolution, as known at `as_of`; a reopened ticket is open."""

    table = "tickets"
    family = "service"
    time = mark("when it was resolved for the last time")
    level, kind, nature = "tactical", "process", "lagging"
    segments = ("channel", "priority", "team", "topic", "customer.country")
    options = {
        "resolution": Option(
            mark("to the last resolution, to the first, or of all tickets opened in the period (open ones censored)"),
            default="last",
            choices=("last", "first", "cohort"),
        ),
        "hours": Option(mark("calendar or business hours"), default="calendar", choices=("calendar", "business")),
    }

    def rows(self, ask: Ask) -> ir.Table:
        t = ticket_facts(ask, "resolution")
        which = ask.options["resolution"]
        if which == "cohort":
            ends = ibis.ifelse(t.is_resolved, t.last_resolved, ask.instant("as_of"))
            t = t.mutate(moment=t.opened_at, ends=ends, done=t.is_resolved)
        elif which == "first":
            t = t.filter(t.first_resolved.notnull())
            t = t.mutate(moment=t.first_resolved, ends=t.first_resolved, done=ibis.literal(True))
        else:
            t = t.filter(t.is_resolved)
            t = t.mutate(moment=t.last_resolved, ends=t.last_resolved, done=ibis.literal(True))
        return with_duration(t.mutate(state=state_of(t.done, t.ends < t.opened_at)), "opened_at", "ends", ask)
