"""Measured values of pages and apps (milliseconds, scores): their 75th percentile and how many are good."""

from typing import Any, ClassVar

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics.methods.base import Ask, Figures, Indicator, Option, Parts
from percorso.analytics.methods.cells import Key, cells_of
from percorso.analytics.statistics.comparisons import Comparison, mann_whitney
from percorso.analytics.statistics.distribution import Distribution
from percorso.i18n import mark

QUANTILE = 0.75
LARGEST = 1e12
# The highest value that is good, and the highest that is not poor.
LIMITS = {"LCP": (2500, 4000), "INP": (200, 500), "CLS": (0.1, 0.25), "FCP": (1800, 3000), "TTFB": (800, 1800)}
MEASURED = Option(mark("name of the event that tells a measurement"), default="Web Vital Measured")


class Vitals(Indicator):
    """The 75th percentile of a web vital; `metric` names it."""

    table = "events"
    family = "product"
    better = "lower"
    method = "quantile"
    formula = mark(
        "75th percentile of the measurements; good up to 2500 ms (LCP), 200 ms (INP), 0.1 (CLS), 1800 ms (FCP), 800 ms (TTFB), poor above 4000, 500, 0.25, 3000, 1800"
    )
    time = mark("when it was measured; look at 28 days or more")
    interval = mark("order statistics (exact binomial ranks) of the 75th percentile")
    test = mark("Mann-Whitney")
    range = (0.0, None)
    minimum_n = 36
    materiality = 0.05
    relative_materiality = True
    level, kind, nature = "tactical", "input", "leading"
    segments = ("page", "device", "channel", "customer.country")
    options: ClassVar[Any] = {"measured": MEASURED}
    exclusions = (mark("Negative, missing and unreadable measurements are left out and counted."),)
    traps = (
        mark("A mean hides the slow quarter of visits: the 75th percentile is what most people get at worst."),
        mark("Never average percentiles of pages: they are computed anew from the measurements."),
    )
    literature = ("web.dev (2020) Defining the Core Web Vitals metrics thresholds",)

    def metric(self, ask: Ask) -> str:
        """Return which web vital is asked for."""
        raise TypeError(f"{type(self).__name__} must name its metric")

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("events")
        t = t.filter(t.name == ask.options["measured"])
        t = t.mutate(moment=t.at, metric=ask.engine.json_text(t.properties, "metric"))
        t = t.filter(t.metric == self.metric(ask))
        told = ask.engine.json_text(t.properties, "value").try_cast("float64")
        return t.mutate(measured=told, counts=((told >= 0) & (told < LARGEST)).fill_null(False))

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        # A number that cannot be measured stands for all that are left out.
        counted = t.mutate(measured=t.counts.ifelse(t.measured, -1.0))
        return [counted.group_by([*cells, "measured"]).aggregate(times=counted.count())]

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[Key], Parts]:
        keys, place = cells_of(rows, cells)
        values, times = (rows[name].to_numpy().astype(np.float64) for name in ("measured", "times"))
        made = np.empty(len(keys), dtype=object)
        valid = values >= 0
        for cell in range(len(keys)):
            own = (place == cell) & valid
            made[cell] = Distribution.of(values[own], times[own])
        invalid = np.bincount(place[~valid], weights=times[~valid], minlength=len(keys)).astype(np.float64)
        return keys, {"distribution": made, "n_invalid": invalid}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        every = [_there(d) for d in p["distribution"]]
        good, poor = LIMITS[self.metric(ask)]
        at = [d.quantile_interval(QUANTILE, ask.confidence) for d in every]
        value, low, high = (np.array([float(getattr(q, name)) for q in at]) for name in ("value", "low", "high"))
        n = np.array([d.n for d in every], dtype=np.float64)
        rating = np.empty(len(every), dtype=object)
        rating[:] = [None if np.isnan(v) else _rating(v, good, poor) for v in value]
        with np.errstate(invalid="ignore", divide="ignore"):
            details = {
                "rating": rating,
                "good_share": np.array([d.counts[d.values <= good].sum() for d in every]) / n,
                "poor_share": np.array([d.counts[d.values > poor].sum() for d in every]) / n,
                "n_invalid": p["n_invalid"].astype(np.int64),
            }
        return Figures(value, low, high, n, details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        x, y = (_there(p["distribution"][i]) for i in (a, b))
        return mann_whitney(x, y) if x.n and y.n else None


def _there(found: Distribution | None) -> Distribution:
    return Distribution.of([]) if found is None else found


def _rating(value: float, good: float, poor: float) -> str:
    return "good" if value <= good else "poor" if value > poor else "needs_improvement"
