from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.business_time import with_duration
from percorso.analytics.methods.cells import cells_of, per_cell
from percorso.analytics.methods.durations import DONE, Durations, flat, state_of, sums
from percorso.analytics.methods.tickets import events
from percorso.analytics.statistics.ratios import RatioSums, ratio_interval
from percorso.i18n import mark

TICKET = ("team", "agent", "priority", "topic", "status")


class AverageResponseTime(Durations):
    label = mark("Average response time")
    about = mark("How long does a customer wait at each turn of the conversation?")
    formula = mark("mean of (next public reply by a person − first unanswered message of the customer) over turns")
    table = "ticket_events"
    family = "service"
    time = mark("when the customer wrote the message that opens the turn")
    interval = mark("delta method with the ticket as the independent unit")
    headline = "mean"
    minimum_n = 30
    additive = False
    level, kind, nature = "tactical", "process", "leading"
    segments = ("channel", "priority", "team", "topic", "customer.country")
    options = {
        "hours": Option(mark("calendar or business hours"), default="calendar", choices=("calendar", "business"))
    }
    exclusions = (
        mark("Several messages in a row are one turn; turns still open are counted beside."),
        mark("Automatic replies, bots and internal notes are no answer."),
    )
    traps = (
        mark("Nights and weekends are in it unless business hours are chosen: never compare the two."),
        mark("Few long waits pull the mean up: look at the median beside it."),
    )
    literature = (
        "Maister D (1985) The psychology of waiting lines, in The Service Encounter",
        "Cochran W (1977) Sampling Techniques, 3rd ed.",
    )

    def rows(self, ask: Ask) -> ir.Table:
        t = _turns(ask)
        tickets = ask.table("tickets").select(_ticket="id", **{name: name for name in TICKET})
        t = t.left_join(tickets, t.ticket == tickets._ticket).drop("_ticket")
        t = t.mutate(moment=t.at, ends=ibis.coalesce(t.reply_at, ask.instant("as_of")))
        return with_duration(t.mutate(state=state_of(t.reply_at.notnull(), ibis.literal(False))), "at", "ends", ask)

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        return super().expressions(t, [*cells, "ticket"], ask)

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[tuple[Any, ...]], Parts]:
        keys, parts = super().fold(rows, cells, ask)
        _, place = cells_of(rows, cells)
        codes, sizes = flat(rows["codes"])
        done = (codes >= 0) & (codes % 2 == DONE)
        x = sums(done, sizes)
        y = sums(np.where(done, codes // 2, 0) / 1e6, sizes)
        products = {"units": (x > 0).astype(np.float64), "y": y, "x": x, "yy": y * y, "xx": x * x, "xy": x * y}
        made = {name: per_cell(name, values, place, len(keys)) for name, values in products.items()}
        return keys, {**parts, **made}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        made = super().figures(p, ask)
        by_ticket = RatioSums(p["units"], p["y"], p["x"], p["yy"], p["xx"], p["xy"])
        ratio = ratio_interval(by_ticket, ask.confidence)
        return Figures(made.value, ratio.low, ratio.high, made.n, made.details)


def _turns(ask: Ask) -> ir.Table:
    """Return the customer's messages that open a turn, with `reply_at` of the next public reply by a person."""
    e = events(ask)
    e = e.filter(e.kind == "message", e.actor.isin(["customer", "agent"]), e.public.fill_null(True))
    order = [e.at, e.id]
    before = ibis.window(group_by="ticket", order_by=order)
    after = ibis.window(group_by="ticket", order_by=order, preceding=0, following=None)
    replied = ibis.ifelse(e.actor == "agent", e.at, ibis.null("timestamp"))
    e = e.mutate(before=e.actor.lag().over(before), reply_at=replied.min().over(after))
    return e.filter(e.actor == "customer", e.before.isnull() | (e.before != "customer"))
