"""Durations: how often each length came. From that table everything follows exactly and adds up: mean, quantiles,
rank intervals, Kaplan-Meier, Mann-Whitney. The engine counts, NumPy does the rest; durations come in whole seconds as
a rule, so that ten million rows make some hundred thousand lines."""

from typing import Any, ClassVar, Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from percorso.analytics.methods.base import Array, Ask, Figures, Indicator, Parts
from percorso.analytics.methods.cells import cells_of
from percorso.analytics.statistics.comparisons import Comparison, mann_whitney
from percorso.analytics.statistics.distribution import Distribution
from percorso.analytics.statistics.intervals import mean_interval_centred
from percorso.analytics.statistics.quantiles import quantile_position, quantile_ranks
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
        invalid = state == INVALID
        n_invalid = np.bincount(index[invalid], weights=times[invalid], minlength=len(keys))
        made = _grouped(index[~invalid], duration[~invalid], times[~invalid], state[~invalid] == DONE, len(keys))
        return keys, {"distribution": _objects(made), "n_invalid": n_invalid}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        every = [d if d is not None else Distribution.of([]) for d in p["distribution"]]
        details = summaries(every, ask.confidence)
        low, high = ("mean_low", "mean_high") if self.headline == "mean" else ("median_low", "median_high")
        n = details["n_done"].astype(np.float64)
        invalid = {"n_invalid": p["n_invalid"].astype(np.int64)}
        return Figures(details[self.headline], details[low], details[high], n, {**details, **invalid})

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


def _grouped(
    index: NDArray[np.int64], duration: NDArray[np.int64], times: Any, done: Any, cells: int
) -> list[Distribution]:
    """Return the distribution in seconds of every cell; one sort for all of them."""
    order = _order(index, duration, cells)
    index, duration, times, done = index[order], duration[order], times[order], done[order]
    first = np.flatnonzero((np.diff(index, prepend=-1) != 0) | (np.diff(duration, prepend=0) != 0))
    if first.size == 0:
        return [Distribution.of([]) for _ in range(cells)]
    if first[0] != 0:
        first = np.concatenate([[0], first])
    counts, events = np.add.reduceat(times, first), np.add.reduceat(times * done, first)
    seconds = duration[first] / 1e6
    ends = np.searchsorted(index[first], np.arange(1, cells))
    split = zip(np.split(seconds, ends), np.split(counts, ends), np.split(events, ends), strict=True)
    return [Distribution(*columns) for columns in split]


def _order(index: NDArray[np.int64], duration: NDArray[np.int64], cells: int) -> NDArray[np.intp]:
    """Return the order by cell and duration; sorting one number is some times faster than sorting two."""
    longest = int(duration.max(initial=0)) + 1
    if duration.min(initial=0) >= 0 and cells * longest < 2**62:
        return np.argsort(index * longest + duration)
    return np.lexsort((duration, index))


def summaries(every: list[Distribution], confidence: float) -> dict[str, Any]:
    """Return median, mean, their intervals, p90 and what is still open, of all cells at once.

    Medians and means are of what is done; `km_median` counts what is open too (Kaplan-Meier).
    """
    sizes = [d.values.size for d in every]
    cell = np.repeat(np.arange(len(every)), sizes)
    values = np.concatenate([d.values for d in every] or [np.empty(0)])
    events = np.concatenate([d.events for d in every] or [np.empty(0, np.int64)])
    reached = np.concatenate([[0], np.cumsum(events)])
    base = reached[np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)] if every else np.empty(0)
    n = np.bincount(cell, weights=events, minlength=len(every)).astype(np.int64)
    n_all = np.array([d.n for d in every], dtype=np.int64)

    def at(rank: NDArray[Any]) -> Array:
        if not values.size:
            return np.full(len(every), np.nan)
        place = np.searchsorted(reached[1:], base + np.maximum(rank, 1))
        return np.where((n > 0) & (rank > 0), values[np.minimum(place, values.size - 1)], np.nan)

    def quantile(q: float) -> Array:
        position = quantile_position(np.maximum(n, 1), q)
        below, above = at(position.rank), at(np.minimum(position.rank + 1, n))
        return below + np.nan_to_num(position.fraction) * (above - below)

    mean, variance = _moments(values, events, cell, n)
    t = mean_interval_centred(n, mean, variance, 0.0, None, confidence)
    ranks = quantile_ranks(n, 0.5, confidence)
    return {
        "median": quantile(0.5),
        "median_low": at(ranks.low),
        "median_high": at(ranks.high),
        "mean": t.value,
        "mean_low": t.low,
        "mean_high": t.high,
        "p90": quantile(0.9),
        "n_done": n,
        "n_open": n_all - n,
        "km_median": _km_medians(every, n, n_all, at((n + 1) // 2)),
    }


def _moments(values: Array, events: Any, cell: Any, n: Any) -> tuple[Array, Array]:
    """Return mean and variance (n - 1) of what is done; exactly 0 where all values are equal."""
    k = len(n)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(cell, weights=events * values, minlength=k) / n
        off = values - mean[cell]
        variance = np.bincount(cell, weights=events * off * off, minlength=k) / (n - 1)
    distinct = np.bincount(cell, weights=events > 0, minlength=k)
    return np.atleast_1d(mean), np.where(distinct == 1, 0.0, variance)


def _km_medians(every: list[Distribution], n: Any, n_all: Any, middle: Array) -> Array:
    """Return the first duration by which half had ended: without open ones, the one in the middle."""
    made = middle.copy()
    for i in np.flatnonzero(n < n_all):
        median = kaplan_meier(every[i]).median if n[i] else None
        made[i] = np.nan if median is None else median
    return made


def _objects(values: list[Any]) -> Any:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def state_of(done: ir.BooleanValue, invalid: ir.BooleanValue) -> ir.IntegerValue:
    """Return the state of a duration from two conditions."""
    return ibis.cases((invalid, INVALID), (done, DONE), else_=OPEN).cast("int64")
