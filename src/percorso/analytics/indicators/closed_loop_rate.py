from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.cells import cells_of
from percorso.analytics.methods.durations import flat, summaries
from percorso.analytics.methods.proportion import Proportion
from percorso.analytics.statistics.distribution import Distribution
from percorso.i18n import mark


class ClosedLoopRate(Proportion):
    label = mark("Closed-loop rate")
    about = mark("Do we get back in time to everyone who told us that something was wrong?")
    formula = mark("cases first contacted within 48 hours / cases; beside it the median time to close")
    table = "cases"
    family = "loop"
    better = "higher"
    time = mark("when the case was raised; counted once the window has passed")
    level, kind, nature = "tactical", "process", "leading"
    segments = ("kind", "team", "agent", "topic", "channel", "customer.segment", "customer.country")
    options = {"window_hours": Option(mark("hours in which somebody must have got back to the customer"), default=48)}
    exclusions = (mark("Cases younger than the window are left out, those already contacted too."),)
    traps = (
        mark("A quick contact that solves nothing counts: read the time to close and the next answer beside it."),
        mark("Unhappy customers recover a little by themselves: contact alone does not prove the effect."),
    )
    literature = ("Markey, Reichheld, Dullweber (2009) Closing the customer feedback loop, Harvard Business Review",)

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("cases")
        window = ibis.interval(seconds=round(float(ask.options["window_hours"]) * 3600))
        mature = ask.known(t.opened_at + window)
        in_time = (t.first_contact_at >= t.opened_at) & (t.first_contact_at <= t.opened_at + window)
        closed = ask.known(t.closed_at) & (t.closed_at >= t.opened_at)
        return t.mutate(
            moment=t.opened_at,
            counts=mature,
            hit=(in_time & ask.known(t.first_contact_at)).fill_null(False),
            immature=~mature,
            closed=(closed & mature).fill_null(False),
            closing_us=ask.engine.epoch_us(t.closed_at) - ask.engine.epoch_us(t.opened_at),
        )

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"immature": t.count(where=t.immature), "closed": t.count(where=t.closed)}

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        done = t.filter(t.closed)
        listed = ask.engine.listed(done.closing_us)
        times = done.group_by(cells).aggregate(times=listed) if cells else done.aggregate(times=listed)
        return [*super().expressions(t, cells, ask), times]

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[tuple[Any, ...]], Parts]:
        if "times" not in rows.column_names:
            return super().fold(rows, cells, ask)
        keys, place = cells_of(rows, cells)
        times, sizes = flat(rows["times"])
        made = np.empty(len(keys), dtype=object)
        for cell, end, size in zip(place, np.cumsum(sizes), sizes, strict=True):
            made[cell] = Distribution.of(times[end - size : end] / 1e6)
        return keys, {"times": made}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        f = super().figures({name: values for name, values in p.items() if name != "times"}, ask)
        every = [d if d is not None else Distribution.of([]) for d in p["times"]]
        told = summaries(every, ask.confidence)
        names = {"median": "median_time_to_close", "median_low": "median_low", "median_high": "median_high"}
        return Figures(f.value, f.low, f.high, f.n, {**f.details, **{names[k]: told[k] for k in names}})
