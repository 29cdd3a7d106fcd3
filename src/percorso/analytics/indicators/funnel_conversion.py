import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.behaviour.attempts import reached
from percorso.analytics.behaviour.events import Step, events_of, with_steps
from percorso.analytics.behaviour.windowed import windowed
from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.occurrences import names_of
from percorso.analytics.methods.proportion import Proportion
from percorso.errors import BadQuestion
from percorso.i18n import mark

# Of the event that begins an attempt.
KEPT = ["customer", "identity", "channel", "touchpoint", "device", "page", "session", "properties"]


class FunnelConversion(Proportion):
    label = mark("Funnel conversion and time to convert")
    about = mark("How many of those who begin get to the last step, and how long do they take?")
    formula = mark(
        "people who got from the first step to the last within the window / people who entered and whose window has closed; a person's first attempt of the period counts"
    )
    table = "events"
    family = "product"
    better = "higher"
    # An attempt begins with the first step of the whole period, not of each of its parts.
    additive = False
    time = mark("when the first step was done; counted once the window has closed")
    level, kind, nature = "tactical", "process", "leading"
    segments = ("channel", "device", "page", "customer.plan", "customer.country")
    options = {
        "steps": Option(
            mark("names of the events, in their order, separated by commas"),
            default="Product Viewed, Product Added, Checkout Started, Order Completed",
        ),
        "window_hours": Option(mark("hours from the first step in which the last must be reached"), default=168),
        "mode": Option(
            mark("in order with anything in between, in order with nothing in between, or in any order"),
            default="ordered",
            choices=("ordered", "strict", "any"),
        ),
    }  # fmt: skip
    exclusions = (
        mark("People whose window is still open are left out, even those already through, and counted aside."),
        mark("Events of nobody in particular do not count."),
    )
    traps = (
        mark("A person who fails and comes back later is one failed attempt: the first one of the period counts."),
        mark("Never compare two windows: a longer one always converts more."),
    )
    literature = ("PostHog documentation: funnels, conversion order and first-step anchor",)

    def rows(self, ask: Ask) -> ir.Table:
        steps = [Step(name) for name in names_of(ask.options["steps"])]
        if len(steps) < 2:
            raise BadQuestion(mark("A funnel needs two steps or more: name their events, separated by commas."))
        mode, window_us = str(ask.options["mode"]), round(float(ask.options["window_hours"]) * 3_600_000_000)
        t = events_of(ask, None if mode == "strict" else [s.event for s in steps], None)
        t = t.filter(ask.known(t.moment))
        if ask.frame is not None and ask.frame.span is not None:
            t = t.filter(t.moment >= ask.instant("start"))
        t = with_steps(t, steps, ask)
        flags = [t[f"is_{k}"] for k in range(1, len(steps) + 1)]
        t = t.mutate(enters=ibis.or_(*flags) if mode == "any" else t.is_1)
        made = windowed(t, len(steps), window_us, KEPT, mode, ask)
        there_us = made[reached(len(steps))]
        closed = made.started + window_us <= ask.engine.epoch_us(ask.instant("as_of"))
        return made.mutate(
            moment=ask.engine.from_epoch_us(made.started),
            counts=closed,
            immature=~closed,
            hit=there_us.notnull(),
            took_us=there_us - made.started,
        )

    def keep(self, t: ir.Table, cells: list[str], ask: Ask) -> ir.Table:
        times = [name for name in cells if not name.startswith("by_")]
        window = ibis.window(group_by=["user", *times], order_by=t.turn)
        t = t.mutate(attempt=ibis.row_number().over(window))
        return t.filter(t.attempt == 0)

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        took = ibis.ifelse(t.counts & t.hit, t.took_us / 1e6, ibis.null("float64"))
        return {"immature": t.count(where=t.immature), "min_median_time": ask.engine.median(took)}

    def per_customer(self, t: ir.Table, ask: Ask) -> ir.Scalar | None:
        return None

    def figures(self, p: Parts, ask: Ask) -> Figures:
        f = super().figures({name: values for name, values in p.items() if name != "min_median_time"}, ask)
        return Figures(f.value, f.low, f.high, f.n, {**f.details, "median_seconds": np.asarray(p["min_median_time"])})
