"""Durations: how often each length came. From that table everything follows exactly and adds up: mean, quantiles,
rank intervals, Kaplan-Meier, Mann-Whitney. The engine counts, NumPy does the rest; durations come in whole seconds as
a rule, so that ten million rows make some hundred thousand lines."""

from typing import Any, ClassVar, Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics.methods.base import Array, Ask, Figures, Indicator, Parts
from percorso.analytics.methods.cells import cells_of
from percorso.analytics.statistics.comparisons import Comparison, mann_whitney
from percorso.analytics.statistics.distribution import Distribution
from percorso.analytics.statistics.survival import kaplan_meier, logrank
from percorso.i18n import mark

DONE, OPEN, INVALID = 1, 0, -1


class Durations(Indicator):
    """Lengths of time. `rows` must give `duration_us` (whole microseconds) and `state`: DONE, OPEN (censored), INVALID."""

    unit = "seconds"
    better: ClassVar[Literal["higher", "lower"] | None] = "lower"
    method = "quantile"
    interval = mark("order statistics (exact binomial ranks) for the median, Student's t for the mean")
    test = mark("Mann-Whitney; log-rank when something is still open")
    minimum_n = 6
    materiality = 0.05
    relative_materiality = True
    range = (0.0, None)
    headline = "median"

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        return [t.group_by([*cells, "duration_us", "state"]).aggregate(times=t.count())]

    def fold(self, rows: pa.Table, cells: list[str]) -> tuple[list[tuple[Any, ...]], Parts]:
        if "times" not in rows.column_names:
            return super().fold(rows, cells)
        keys, index = cells_of(rows, cells)
        duration, state, times = (rows[name].to_numpy() for name in ("duration_us", "state", "times"))
        order = np.argsort(index, kind="stable")
        ends = np.searchsorted(index[order], np.arange(1, len(keys)))
        made = [_distributions(duration[i], state[i], times[i]) for i in np.split(order, ends)] if keys else []
        return keys, {
            "distribution": _objects([d for d, _ in made]),
            "n_invalid": np.array([float(n) for _, n in made]),
        }

    def figures(self, p: Parts, ask: Ask) -> Figures:
        all_ = [d if d is not None else Distribution.of([]) for d in p["distribution"]]
        done = [d.observed() for d in all_]
        rows = [_summary(every, seen, ask.confidence) for every, seen in zip(all_, done, strict=True)]
        details = {name: _objects([row[name] for row in rows]) for name in rows[0]} if rows else {}
        low, high = ("mean_low", "mean_high") if self.headline == "mean" else ("median_low", "median_high")
        return Figures(
            value=_floats(details, self.headline, rows),
            low=_floats(details, low, rows),
            high=_floats(details, high, rows),
            n=np.array([float(d.n) for d in done]),
            details={**details, "n_invalid": p["n_invalid"].astype(np.int64)},
        )

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        x, y = p["distribution"][a], p["distribution"][b]
        if x is None or y is None or x.n_events == 0 or y.n_events == 0:
            return None
        if not x.censored and not y.censored:
            return mann_whitney(x, y)
        test = logrank(x, y)
        medians = kaplan_meier(x).median, kaplan_meier(y).median
        difference = medians[0] - medians[1] if None not in medians else None  # type: ignore[operator]
        return Comparison(difference, test.chi2, test.p_value, None, None, "logrank")


def _distributions(duration: Any, state: Any, times: Any) -> tuple[Distribution, int]:
    """Return the distribution in seconds of one cell (open ones censored), and how many rows were invalid."""
    valid = state != INVALID
    seconds = duration[valid].astype(np.float64) / 1e6
    return Distribution.of(seconds, times[valid], state[valid] == DONE), int(times[~valid].sum())


def _summary(every: Distribution, done: Distribution, confidence: float) -> dict[str, Any]:
    median = done.quantile_interval(0.5, confidence)
    mean = done.mean_interval(0.0, None, confidence)
    km = kaplan_meier(every).median if every.n_events else None
    return {
        "median": median.value,
        "median_low": median.low,
        "median_high": median.high,
        "mean": mean.value,
        "mean_low": mean.low,
        "mean_high": mean.high,
        "p90": done.quantile(0.9),
        "n_done": done.n,
        "n_open": every.n - done.n,
        "km_median": km,
    }


def _floats(details: dict[str, Any], name: str, rows: list[Any]) -> Array:
    return np.array([np.nan if row[name] is None else float(row[name]) for row in rows], dtype=np.float64)


def _objects(values: list[Any]) -> Any:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def state_of(done: ir.BooleanValue, invalid: ir.BooleanValue) -> ir.IntegerValue:
    """Return the state of a duration from two conditions."""
    return ibis.cases((invalid, INVALID), (done, DONE), else_=OPEN).cast("int64")
