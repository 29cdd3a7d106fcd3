from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Ask, Figures, Parts
from percorso.analytics.methods.durations import DONE, Durations
from percorso.analytics.methods.state import instants
from percorso.analytics.methods.tickets import open_spells
from percorso.i18n import mark

DAY = 86_400.0
BUCKETS = {"d0_1": (0, 1), "d1_3": (1, 3), "d3_7": (3, 7), "d7_30": (7, 30), "d30_plus": (30, float("inf"))}


class BacklogAge(Durations):
    label = mark("Backlog age")
    about = mark("How old are the open tickets?")
    formula = mark("median age, since they were first opened, of the tickets open at the end of the period")
    table = "tickets"
    family = "service"
    time = mark("state at the end of the period")
    snapshot = True
    additive = False
    level, kind, nature = "managerial", "process", "leading"
    segments = ("channel", "priority", "team", "topic", "customer.country")
    exclusions = (mark("Age counts from the first opening, also for reopened tickets."),)
    traps = (
        mark("A median of one day can hide a ticket of one year: look at the oldest."),
        mark("A wave of new tickets makes the backlog younger while it gets worse."),
    )
    literature = (
        "Little J (1961) A proof for the queuing formula L = λW, Operations Research 9",
        "Conover W (1999) Practical Nonparametric Statistics, 3rd ed.",
    )

    def rows(self, ask: Ask) -> ir.Table:
        t = open_spells(ask)
        shots = instants(ask)
        t = t.mutate(shot=ibis.array([_us(i, ask) for i in range(len(shots))]).unnest())
        t = t.filter(t.open_from_us < t.shot, t.open_until_us.isnull() | (t.open_until_us >= t.shot))
        t = t.mutate(moment=t.opened_at)
        t = t.mutate(duration_us=t.shot - ask.engine.epoch_us(t.opened_at), state=ibis.literal(DONE).cast("int64"))
        return _labelled(t, shots, ask)

    def moments(self, ask: Ask) -> dict[str, datetime]:
        return {f"shot_{i}": at for i, (_, at) in enumerate(instants(ask))}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        f = super().figures(p, ask)
        every = p["distribution"]
        days = [None if d is None or not d.n else (d.values / DAY, d.counts) for d in every]
        ages = {name: np.array([_count(d, *ends) for d in days]) for name, ends in BUCKETS.items()}
        oldest = np.array([np.nan if d is None else d[0].max() * DAY for d in days])
        return Figures(f.value, f.low, f.high, f.n, {**f.details, **ages, "max": oldest})


def _us(shot: int, ask: Ask) -> ir.IntegerValue:
    return ask.engine.epoch_us(ask.instant(f"shot_{shot}"))


def _labelled(t: ir.Table, shots: list[tuple[tuple[Any, ...], datetime]], ask: Ask) -> ir.Table:
    """Return the rows with the side or bucket of the snapshot that they belong to."""
    if not shots or not shots[0][0]:
        return t
    cases = [(t.shot == _us(i, ask), ibis.literal(label)) for i, ((label,), _) in enumerate(shots)]
    return t.mutate(**{"bucket" if ask.frame and ask.frame.buckets else "side": ibis.cases(*cases)})


def _count(days: tuple[np.ndarray, np.ndarray] | None, start: float, end: float) -> int:
    if days is None:
        return 0
    values, counts = days
    return int(counts[(values >= start) & (values < end)].sum())
