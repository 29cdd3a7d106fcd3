"""All the values of one cell, kept as sorted distinct values and how often each occurs: what medians, durations still
running and rank tests need, and what adds up over days and shards."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from percorso.analytics.statistics.intervals import (
    FloatArray,
    Interval,
    MeanInterval,
    mean_interval_centred,
    plain,
)
from percorso.analytics.statistics.quantiles import quantile_position, quantile_ranks


@dataclass(frozen=True, eq=False)
class Distribution:
    """The values of one cell.

    Parameters
    ----------
    values
        Distinct values, ascending, shape (k,).
    counts
        How often each occurs, shape (k,).
    events
        How many of them ended in the event; the rest is censored: still running when last seen. Shape (k,); equal to
        `counts` when nothing is censored.

    Notes
    -----
    Build it with `Distribution.of`, which sorts and groups.

    Examples
    --------
    >>> hours = Distribution.of([4, 1, 4, 9], counts=[2, 1, 1, 1])
    >>> hours.values.tolist(), hours.counts.tolist(), hours.n, hours.quantile(0.5)
    ([1.0, 4.0, 9.0], [1, 3, 1], 5, 4.0)
    """

    values: FloatArray
    counts: NDArray[np.int64]
    events: NDArray[np.int64]

    @classmethod
    def of(cls, values: ArrayLike, counts: ArrayLike | None = None, events: ArrayLike | None = None) -> Self:
        """Group rows into a distribution.

        Parameters
        ----------
        values
            One value a row, in any order, repeated or not; rows whose value is NaN are left out.
        counts
            How many times the row counts; 1 when not given.
        events
            Whether the row ended in the event (flags); all did when not given.

        Raises
        ------
        ValueError
            When a count is negative or the lengths differ.
        """
        x = np.asarray(values, dtype=np.float64).ravel()
        c = np.ones(x.size, np.int64) if counts is None else np.asarray(counts, dtype=np.int64).ravel()
        e = np.ones(x.size, np.int64) if events is None else np.asarray(events, dtype=bool).ravel().astype(np.int64)
        if not x.size == c.size == e.size:
            raise ValueError(f"{x.size} values, {c.size} counts and {e.size} events: give one of each for every row")
        if np.any(c < 0):
            raise ValueError("a count is negative: give how many times each value occurs, 0 or more")
        return cls._grouped(x, c, c * e)

    @classmethod
    def _grouped(cls, x: FloatArray, counts: NDArray[np.int64], events: NDArray[np.int64]) -> Self:
        keep = ~np.isnan(x) & (counts > 0)
        x, counts, events = x[keep], counts[keep], events[keep]
        order = np.argsort(x, kind="stable")
        x, counts, events = x[order], counts[order], events[order]
        first = np.flatnonzero(np.diff(x, prepend=np.nan) != 0)
        if x.size == 0:
            return cls(x, counts, events)
        return cls(x[first], np.add.reduceat(counts, first), np.add.reduceat(events, first))

    @property
    def n(self) -> int:
        """How many values there are, censored ones included."""
        return int(self.counts.sum())

    @property
    def n_events(self) -> int:
        """How many of them ended in the event."""
        return int(self.events.sum())

    @property
    def censored(self) -> bool:
        """Whether some values are only known to be at least so large."""
        return self.n_events < self.n

    @property
    def mean(self) -> float:
        """The mean; NaN without values.

        Raises
        ------
        ValueError
            When values are censored; so for `variance` and the quantiles.
        """
        self._check_complete()
        return float(np.average(self.values, weights=self.counts)) if self.n else float("nan")

    @property
    def variance(self) -> float:
        """The variance with divisor n - 1; exactly 0 when all values are equal, NaN below two values."""
        self._check_complete()
        if self.n < 2:
            return float("nan")
        return (
            float((self.counts * (self.values - self.mean) ** 2).sum() / (self.n - 1)) if self.values.size > 1 else 0.0
        )

    def mean_interval(
        self, scale_min: float | None = None, scale_max: float | None = None, confidence: float = 0.95
    ) -> MeanInterval:
        """Mean with Student's t interval; see `intervals.mean_interval_centred`."""
        return mean_interval_centred(self.n, self.mean, self.variance, scale_min, scale_max, confidence)

    def quantile(self, q: float = 0.5) -> float:
        """Quantile, linear between neighbours (type 7); NaN without values."""
        self._check_complete()
        if self.n == 0:
            return float("nan")
        rank, fraction = quantile_position(self.n, q)
        low, high = self._at_rank(int(rank)), self._at_rank(min(int(rank) + 1, self.n))
        return float(low + fraction * (high - low))

    def quantile_interval(self, q: float = 0.5, confidence: float = 0.95) -> Interval:
        """Quantile with the order-statistics interval; see `quantiles.quantile_ranks`."""
        value = plain(self.quantile(q))
        low, high = quantile_ranks(self.n, q, confidence)
        if low == 0:
            return Interval(value, plain(np.nan), plain(np.nan))
        return Interval(value, self._at_rank(int(low)), self._at_rank(int(high)))

    def observed(self) -> "Distribution":
        """Return the values that ended in the event, without the censored ones."""
        return self._grouped(self.values, self.events, self.events)

    def merge(self, *others: "Distribution") -> "Distribution":
        """Return the distribution of all values together; the same in any order and grouping."""
        parts = (self, *others)
        return self._grouped(
            np.concatenate([p.values for p in parts]),
            np.concatenate([p.counts for p in parts]),
            np.concatenate([p.events for p in parts]),
        )

    def _at_rank(self, rank: int) -> FloatArray:
        return plain(self.values[np.searchsorted(np.cumsum(self.counts), rank)])

    def _check_complete(self) -> None:
        if self.censored:
            raise ValueError(
                f"{self.n - self.n_events} of {self.n} durations were still running: use observed() for those that"
                " ended, or kaplan_meier() for all"
            )


def merged(parts: Iterable[Distribution]) -> Distribution:
    """Return the distribution of all values of all parts; empty when there are no parts."""
    return Distribution.of([]).merge(*parts)
