"""Durations: how often each length came. From that everything follows exactly and adds up: mean, quantiles, rank
intervals, Kaplan-Meier, Mann-Whitney. The engine lists the durations of each cell, NumPy sorts and counts them."""

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
        codes = ask.engine.listed(ibis.ifelse(t.state == INVALID, -1, t.duration_us * 2 + t.state))
        return [t.group_by(cells).aggregate(codes=codes) if cells else t.aggregate(codes=codes)]

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[tuple[Any, ...]], Parts]:
        keys, place = cells_of(rows, cells)
        codes, sizes = flat(rows["codes"])
        cell = np.repeat(place, sizes)
        n_invalid = np.zeros(len(keys))
        if codes.min(initial=0) < 0:
            valid = codes >= 0
            n_invalid += np.bincount(cell[~valid], minlength=len(keys))
            cell, codes = cell[valid], codes[valid]
        return keys, {"distribution": _objects(_distributions(cell, codes, len(keys))), "n_invalid": n_invalid}

    def per_customer(self, t: ir.Table, ask: Ask) -> ir.Scalar | None:
        # Medians are not exact on every engine, and one customer has few: only means are figures of one.
        return t.duration_us.mean(where=t.state == DONE) / 1e6 if self.headline == "mean" else None

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


def flat(lists: pa.ChunkedArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the values of lists one after the other, and how many each list has."""
    one = lists.combine_chunks()
    return one.flatten().to_numpy(), one.value_lengths().fill_null(0).to_numpy().astype(np.int64)


def _distributions(cell: NDArray[np.int64], codes: NDArray[np.int64], cells: int) -> list[Distribution]:
    """Return the distribution in seconds of every cell; one sort for all of them.

    A code is twice the duration in microseconds, and one more when it is done.
    """
    if codes.size == 0:
        return [Distribution.of([]) for _ in range(cells)]
    # Even, so that cell and duration together are half of cell * room + code.
    room = int(codes.max()) // 2 * 2 + 2
    if cells * room < 2**62:
        # Sorting one number is some times faster than sorting two; in place, for they are many.
        cell *= room
        cell += codes
        cell.sort()
        codes = cell
        starts = _starts(codes >> 1)
        ends = np.searchsorted(codes[starts], np.arange(1, cells) * room)
    else:
        order = np.lexsort((codes, cell))
        cell, codes, room = cell[order], codes[order], 0
        starts = np.union1d(_starts(cell), _starts(codes >> 1))
        ends = np.searchsorted(cell[starts], np.arange(1, cells))
    counts, events = np.diff(starts, append=codes.size), np.add.reduceat(codes & 1, starts)
    durations = np.split(codes[starts] >> 1, ends)
    split = zip(durations, np.split(counts, ends), np.split(events, ends), strict=True)
    return [Distribution((d - i * (room // 2)) / 1e6, c, e) for i, (d, c, e) in enumerate(split)]


def _starts(numbers: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return where another number begins than the one before."""
    return np.concatenate([[0], np.flatnonzero(numbers[1:] != numbers[:-1]) + 1])


def summaries(every: list[Distribution], confidence: float) -> dict[str, Any]:
    """Return median, mean, their intervals, p90 and what is still open, of all cells at once.

    Medians and means are of what is done; `km_median` counts what is open too (Kaplan-Meier).
    """
    sizes = np.array([d.values.size for d in every], dtype=np.int64)
    values = np.concatenate([d.values for d in every] or [np.empty(0)])
    events = np.concatenate([d.events for d in every] or [np.empty(0, np.int64)])
    reached = np.cumsum(events)
    base = np.concatenate([[0], reached])[np.cumsum(sizes) - sizes]
    n = sums(events, sizes).astype(np.int64)
    n_all = np.array([d.n for d in every], dtype=np.int64)

    def at(rank: NDArray[Any]) -> Array:
        if not values.size:
            return np.full(len(every), np.nan)
        place = np.searchsorted(reached, base + np.maximum(rank, 1))
        return np.where((n > 0) & (rank > 0), values[np.minimum(place, values.size - 1)], np.nan)

    def quantile(q: float) -> Array:
        position = quantile_position(np.maximum(n, 1), q)
        below, above = at(position.rank), at(np.minimum(position.rank + 1, n))
        return below + np.nan_to_num(position.fraction) * (above - below)

    mean, variance = _moments(values, events, sizes, n)
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


def _moments(values: Array, events: Any, sizes: NDArray[np.int64], n: Any) -> tuple[Array, Array]:
    """Return mean and variance (n - 1) of what is done; exactly 0 where all values are equal."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums(events * values, sizes) / n
        off = values - np.repeat(mean, sizes)
        variance = sums(events * off * off, sizes) / (n - 1)
    distinct = sums(events > 0, sizes)
    return mean, np.where(distinct == 1, 0.0, variance)


def sums(numbers: Any, sizes: NDArray[np.int64]) -> Array:
    """Return the sum of each run of so many numbers; 0 for a run of none."""
    made = np.zeros(sizes.size)
    filled = sizes > 0
    if filled.any():
        made[filled] = np.add.reduceat(numbers, (np.cumsum(sizes) - sizes)[filled], dtype=np.float64)
    return made


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
