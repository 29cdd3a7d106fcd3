"""Rates of invitations: each is given the same time to be answered (cohort by sending, 14 days)."""

from collections.abc import Hashable

import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.proportion import Proportion
from percorso.i18n import mark


class Invitations(Proportion):
    """A share of the mature survey invitations; `outcome` of `base`."""

    table = "messages"
    family = "surveys"
    better = "higher"
    time = mark("when it was sent; counted once 14 days have passed")
    level = "managerial"
    segments = ("channel", "survey", "language", "customer.country", "customer.segment")
    options = {"window_days": Option(mark("days that an invitation has to be answered"), default=14)}
    outcome: str
    base: str

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("messages")
        t = t.filter(t.purpose == "survey", ~t.holdout.fill_null(False))
        until = t.at + ibis.interval(days=int(ask.options["window_days"]))
        mature = ask.known(until)
        delivered = mature & ~t.bounced.fill_null(False)

        def within(instant: ir.TimestampValue) -> ir.BooleanValue:
            return (delivered & (instant >= t.at) & (instant <= until)).fill_null(False)

        completed = within(t.completed_at)
        responded = within(t.first_answer_at) | completed
        return t.mutate(
            moment=t.at,
            mature=mature,
            delivered=delivered,
            started=within(t.started_at) | responded,
            responded=responded,
            completed=completed,
        )

    def same_rows(self, ask: Ask) -> Hashable:
        return "invitations", ask.options["window_days"]

    def counts(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t[self.base]

    def hit(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t[self.outcome]

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        counted = {name: t.count(where=t[name]) for name in ("delivered", "started", "responded", "completed")}
        return {"sent": t.count(where=t.mature), **counted, "immature": t.count(where=~t.mature)}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        figures = super().figures(p, ask)
        sent = p["sent"].copy()
        sent[sent == 0] = float("nan")
        return Figures(
            figures.value,
            figures.low,
            figures.high,
            figures.n,
            {**figures.details, "delivery_rate": p["delivered"] / sent},
        )
