from collections.abc import Sequence
from typing import Any

import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Ask, Figures, Indicator, Parts
from percorso.analytics.methods.state import as_of_buckets, running_sum
from percorso.analytics.methods.tickets import state_changes
from percorso.i18n import mark


class Backlog(Indicator):
    label = mark("Ticket backlog")
    about = mark("How many tickets are open now?")
    formula = mark(
        "tickets opened and not in a resolved state at the end of the period; a reopened ticket is open again"
    )
    table = "tickets"
    family = "service"
    unit = "tickets"
    better = "lower"
    method = "state"
    time = mark("state at the end of the period")
    interval = mark("none: it is a count of all tickets, not a sample")
    test = mark("none: watch it with a control chart")
    minimum_n = 0
    range = (0.0, None)
    cumulative = True
    level, kind, nature = "managerial", "process", "leading"
    segments = ("channel", "priority", "team", "topic", "customer.country")
    exclusions = (mark("Resolved and closed tickets are not in it; a reopened ticket is open again."),)
    traps = (
        mark("Its size says little without the pace: divide it by what is resolved a day."),
        mark("Closing old tickets unsolved empties it and brings the customers back: read it with the reopen rate."),
    )
    literature = (
        "Little J (1961) A proof for the queuing formula L = λW, Operations Research 9",
        "Montgomery D (2020) Introduction to Statistical Quality Control, 8th ed.",
    )

    def rows(self, ask: Ask) -> ir.Table:
        changes = state_changes(ask).select(changed="ticket", moment="at", opens="opens", turn="turn")
        t = ask.table("tickets")
        t = t.inner_join(changes, t.id == changes.changed).drop("changed")
        # The state just before an instant: what happens on it is not part of it.
        return t.filter(t.moment < ask.instant("as_of"))

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"opened": t.count(where=t.opens), "resolved": t.count(where=~t.opens)}

    def running(self, keys: Sequence[tuple[Any, ...]], parts: Parts, groups: int) -> Parts:
        return {**parts, "open": running_sum(keys, parts["opened"] - parts["resolved"], groups)}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        value = as_of_buckets(p["open"], ask)
        nothing = np.full(len(value), np.nan)
        status = {i: "ok" if np.isfinite(v) else "no_data" for i, v in enumerate(value)}
        n = np.where(np.isfinite(value), value, 0)
        return Figures(value, nothing, nothing, n, {}, status)
