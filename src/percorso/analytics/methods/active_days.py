"""On how many local days each user was there: what stickiness and the frequency of access stand on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics.methods.base import Array, Ask, Figures, Option, Parts
from percorso.analytics.methods.cells import Key, cells_of
from percorso.analytics.methods.local_days import day_moments, days_of_cells, local_day
from percorso.analytics.methods.occurrences import names_of
from percorso.analytics.methods.units import PerUnit
from percorso.analytics.statistics.distribution import Distribution
from percorso.i18n import mark

EVENTS = Option(mark("names of the events that show that somebody was there; empty: any event"), default="")
NOBODY = Distribution.of([])


class ActiveDays(PerUnit):
    """Figures of the distribution of active days over the users of a cell."""

    table = "events"
    family = "product"
    better = "higher"
    time = mark("when it happened; days are local days of the workspace")
    segments = ("channel", "device", "touchpoint", "customer.plan", "customer.country")
    options: ClassVar[Any] = {"events": EVENTS}

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("events")
        t = t.filter(self.who(t).notnull())
        named = names_of(ask.options["events"])
        t = t.filter(t.name.isin(named)) if named else t
        return t.mutate(moment=t.at)

    def moments(self, ask: Ask) -> dict[str, datetime]:
        return day_moments(ask)

    def unit_parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"active_days": t.day.nunique(), "first_day": t.day.min(), "last_day": t.day.max()}

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        t = t.mutate(unit=self.who(t), day=local_day(t.moment, ask))
        u = t.group_by([*cells, "unit"]).aggregate(**self.unit_parts(t, ask))
        counted = {"users": u.count(), "first_day": u.first_day.min(), "last_day": u.last_day.max()}
        return [u.group_by([*cells, "active_days"]).aggregate(**counted)]

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[Key], Parts]:
        keys, place = cells_of(rows, cells)
        days, users, first, last = (
            rows[name].to_numpy().astype(np.float64) for name in ("active_days", "users", "first_day", "last_day")
        )
        made = np.empty(len(keys), dtype=object)
        reach = {"min_day": np.full(len(keys), np.nan), "max_day": np.full(len(keys), np.nan)}
        for cell in range(len(keys)):
            own = place == cell
            made[cell] = Distribution.of(days[own], users[own])
        np.fmin.at(reach["min_day"], place, first)
        np.fmax.at(reach["max_day"], place, last)
        return keys, {"distribution": made, **reach}


def spreads(p: Parts) -> list[Distribution]:
    """Return the distribution of active days of every cell."""
    return [NOBODY if d is None else d for d in p["distribution"]]


def lengths(p: Parts, ask: Ask) -> Array:
    """Return how many days each cell is long; of all time, from the first day to the last on which anybody came."""
    cells = len(p["min_day"])
    days = days_of_cells(ask)
    if days is not None:
        return np.tile(np.array(days, dtype=np.float64), cells // len(days))
    if np.all(np.isnan(p["min_day"])):
        return np.zeros(cells)
    return np.full(cells, np.nanmax(p["max_day"]) - np.nanmin(p["min_day"]) + 1)


def described(every: Sequence[Distribution], days: Array, ask: Ask) -> dict[str, Any]:
    """Return mean and median active days with their intervals, active users, their daily mean, and the histogram."""
    means = [d.mean_interval(0.0, float(n), ask.confidence) for d, n in zip(every, days, strict=True)]
    medians = [d.quantile_interval(0.5, ask.confidence) for d in every]
    total = np.array([float((d.values * d.counts).sum()) for d in every])
    histogram = np.empty(len(every), dtype=object)
    histogram[:] = [[{"days": int(v), "users": int(c)} for v, c in zip(d.values, d.counts, strict=True)] for d in every]
    with np.errstate(invalid="ignore", divide="ignore"):
        daily = np.where(days > 0, total / days, 0.0)
    return {
        "avg_dau": daily,
        "mau": np.array([d.n for d in every], dtype=np.int64),
        "days": days.astype(np.int64),
        "mean_active_days": np.array([float(m.value) for m in means]),
        "active_days_low": np.array([float(m.low) for m in means]),
        "active_days_high": np.array([float(m.high) for m in means]),
        "median_active_days": np.array([float(m.value) for m in medians]),
        "median_low": np.array([float(m.low) for m in medians]),
        "median_high": np.array([float(m.high) for m in medians]),
        "histogram": histogram,
    }


def figures_of(value: Array, low: Array, high: Array, details: dict[str, Any]) -> Figures:
    """Return figures whose n is the active users."""
    return Figures(value, low, high, details["mau"].astype(np.float64), details)
