"""What buyers have done so far in three numbers each: repeat purchases x, time of the last one t_x, time seen T."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from percorso.analytics.statistics.intervals import FloatArray, floats

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Histories:
    """Customers grouped by equal history.

    Parameters
    ----------
    repeats
        x, the purchases after the first one, shape (k,).
    last
        t_x, from the first purchase to the last one, in any unit of time; 0 without repeats. Shape (k,).
    age
        T, from the first purchase to the end of what is known, in the same unit. Shape (k,).
    counts
        How many customers have this history, shape (k,).
    """

    repeats: FloatArray
    last: FloatArray
    age: FloatArray
    counts: IntArray

    @classmethod
    def of(cls, repeats: ArrayLike, last: ArrayLike, age: ArrayLike, counts: ArrayLike | None = None) -> Self:
        """Group customers by equal history; without repeat purchases `last` plays no part.

        Raises
        ------
        ValueError
            When a number is missing, negative, or the last purchase lies after the end.
        """
        x, t_x, total = checked(repeats, last, age)
        t_x = np.where(x > 0, t_x, 0.0)
        weights = None if counts is None else np.asarray(counts, dtype=np.int64).ravel()
        first, _, number = distinct_rows(x, t_x, total, counts=weights)
        return cls(x[first], t_x[first], total[first], number)

    @property
    def n(self) -> int:
        """How many customers there are."""
        return int(self.counts.sum())

    @property
    def n_repeating(self) -> int:
        """How many of them bought again."""
        return int(self.counts[self.repeats > 0].sum())

    def sample(self, size: int, seed: int = 1) -> Self:
        """Return `size` of the different histories, picked at random but the same ones every time."""
        rows = np.random.default_rng(seed).choice(len(self.counts), size, replace=False)
        return type(self)(self.repeats[rows], self.last[rows], self.age[rows], self.counts[rows])


def checked(repeats: ArrayLike, last: ArrayLike, age: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return x, t_x and T as arrays of one shape.

    Raises
    ------
    ValueError
        When a number is missing, negative, or the last purchase lies after the end.
    """
    x, t_x, total = np.broadcast_arrays(*floats(repeats, last, age))
    if not (np.isfinite(x) & np.isfinite(t_x) & np.isfinite(total)).all():
        raise ValueError("a history lacks a number: give x, t_x and T of every customer")
    if x.size and (min(x.min(), t_x.min(), total.min()) < 0 or bool(np.any(t_x > total))):
        raise ValueError("a history runs backwards: give 0 <= x and 0 <= t_x <= T")
    return x, t_x, total


def distinct_rows(*columns: FloatArray, counts: IntArray | None = None) -> tuple[IntArray, IntArray, IntArray]:
    """Group rows by equal values.

    Parameters
    ----------
    columns
        Arrays of shape (n,), without NaN.
    counts
        How many times each row counts, shape (n,); 1 when not given.

    Returns
    -------
    first, place, number
        A row of each group, shape (k,), in no order; the group of each row, shape (n,); what each group counts, (k,).

    Notes
    -----
    Sorted by one number mixed from the bits of the columns, several times as fast as sorting by each of them. Should
    two different rows ever get the same number, a group may come out in two pieces; no sum changes by it.
    """
    key = np.zeros(columns[0].size, np.uint64)
    for column in columns:
        # Adding 0 makes one zero of the two.
        key = (key ^ (column + 0.0).view(np.uint64)) * _MIX
        key ^= key >> np.uint64(29)
    order = np.argsort(key)
    fresh = np.ones(key.size, dtype=bool)
    if key.size:
        fresh[1:] = False
    for column in columns:
        ordered = column[order]
        fresh[1:] |= ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(fresh)
    place = np.empty(key.size, np.int64)
    place[order] = np.cumsum(fresh) - 1
    number = np.diff(starts, append=key.size)
    if counts is not None:
        number = np.add.reduceat(counts[order], starts) if starts.size else counts[:0]
    return order[starts].astype(np.int64), place, number.astype(np.int64)


_MIX = np.uint64(0x9E3779B97F4A7C15)


def looked_up(values: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the distinct values, ascending, shape (k,), and which of them each row has, shape (n,)."""
    distinct = np.unique(values)
    return distinct, np.searchsorted(distinct, values).astype(np.int64)
