"""Medians and other quantiles, and which two of the sorted values bound them."""

from functools import lru_cache
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from percorso.analytics.statistics.intervals import FloatArray, Interval, plain, z_value

IntArray = NDArray[np.int64]


class Position(NamedTuple):
    """Where a quantile lies: `fraction` of the way from sorted value `rank` (the first is 1) to the next one."""

    rank: IntArray
    fraction: FloatArray


class Ranks(NamedTuple):
    """Which of the sorted values (the first is 1) bound a quantile; 0 and 0 where no two of them do."""

    low: IntArray
    high: IntArray


def quantile_position(n: ArrayLike, q: float = 0.5) -> Position:
    """Return where the type 7 quantile of n values lies.

    Parameters
    ----------
    n
        Number of values, one or an array; for n = 0 the rank is 0.
    q
        The quantile, 0 to 1.

    Returns
    -------
    Position
        Value = x[rank] + fraction * (x[rank + 1] - x[rank]), counted from 1; where the fraction is 0 the second is
        not needed.

    Examples
    --------
    >>> rank, fraction = quantile_position(10, 0.75)
    >>> int(rank), float(fraction)
    (7, 0.75)
    """
    _check(q)
    size = np.asarray(n, dtype=np.int64)
    at = np.maximum(size - 1, 0) * q
    whole = np.floor(at)
    rank = np.where(size > 0, whole + 1, 0).astype(np.int64)
    return Position(rank[()], plain(at - whole))


def quantile_type7(values: ArrayLike, q: ArrayLike = 0.5) -> FloatArray:
    """Quantile of the values of one cell, linear between neighbours (type 7); NaN without values.

    Parameters
    ----------
    values
        The values in any order.
    q
        One quantile or several, 0 to 1.
    """
    x = np.asarray(values, dtype=np.float64).ravel()
    if x.size == 0:
        return plain(np.full(np.shape(q), np.nan))
    return plain(np.asarray(np.quantile(x, np.asarray(q, dtype=np.float64))))


def quantile_ranks(n: ArrayLike, q: float = 0.5, confidence: float = 0.95) -> Ranks:
    """Return the ranks of the two order statistics that bound a quantile (INT-MED).

    Parameters
    ----------
    n
        Number of values, one or an array.
    q
        The quantile, between 0 and 1.
    confidence
        Two-sided confidence, at least reached on each side.

    Returns
    -------
    Ranks
        Counted from 1. Low is the largest l with P(Bin(n, q) <= l - 1) <= alpha/2, high the smallest u with
        P(Bin(n, q) >= u) <= alpha/2. Both are 0 where one does not exist (median: n < 6, 90 %: n < 36).

    Notes
    -----
    Specification, section 2; the same as the interval of `scipy.stats.quantile_test`.

    Examples
    --------
    >>> low, high = quantile_ranks(10)
    >>> int(low), int(high)
    (2, 9)
    """
    _check(q)
    z_value(confidence)
    size = np.asarray(n, dtype=np.int64)
    if size.ndim == 0:
        low, high = _ranks_of_one(int(size), q, confidence)
        return Ranks(cast(IntArray, np.int64(low)), cast(IntArray, np.int64(high)))
    return _ranks(size, q, confidence)


@lru_cache(maxsize=65536)
def _ranks_of_one(n: int, q: float, confidence: float) -> tuple[int, int]:
    low, high = _ranks(np.asarray([n], dtype=np.int64), q, confidence)
    return int(low[0]), int(high[0])


def _ranks(n: IntArray, q: float, confidence: float) -> Ranks:
    tail = (1 - confidence) / 2
    low = _largest_rank(n, q, tail)
    # P(Bin(n, q) >= u) = P(Bin(n, 1 - q) <= n - u): the upper side is the lower side of the mirrored values.
    high = n + 1 - _largest_rank(n, 1 - q, tail)
    found = (n > 0) & (low >= 1) & (high <= n)
    return Ranks(np.where(found, low, 0), np.where(found, high, 0))


def _largest_rank(n: IntArray, q: float, tail: float) -> IntArray:
    """Find by bisection, for each n, the largest l with P(Bin(n, q) <= l - 1) <= tail; 0 when there is none."""
    low, high = np.zeros_like(n), np.maximum(n, 0) + 1
    while np.any(high - low > 1):
        middle = (low + high) // 2
        # P(Bin(n, q) <= k) is the regularised incomplete beta function of (n - k, k + 1) at 1 - q.
        below = special.betainc(np.maximum(n - middle + 1, 1), np.maximum(middle, 1), 1 - q)
        holds = below <= tail
        low, high = np.where(holds, middle, low), np.where(holds, high, middle)
    return low


def quantile_interval_of(values: ArrayLike, q: float = 0.5, confidence: float = 0.95) -> Interval:
    """Quantile of the values of one cell with the order-statistics interval (INT-MED).

    Examples
    --------
    >>> median = quantile_interval_of([9, 1, 4, 7, 2, 30])
    >>> float(median.value), float(median.low), float(median.high)
    (5.5, 1.0, 30.0)
    """
    x = np.sort(np.asarray(values, dtype=np.float64).ravel())
    low, high = quantile_ranks(x.size, q, confidence)
    if low == 0:
        return Interval(quantile_type7(x, q), plain(np.nan), plain(np.nan))
    return Interval(quantile_type7(x, q), x[low - 1], x[high - 1])


def _check(q: float) -> None:
    if not 0 <= q <= 1:
        raise ValueError(f"q is {q}: give a share between 0 and 1, such as 0.5 for the median or 0.9")
