"""Counts of events per unit of exposure: complaints per order. Exact, for they may be few."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from percorso.analytics.statistics.comparisons import Comparison
from percorso.analytics.statistics.intervals import Interval, floats, plain, z_value


def poisson_interval(events: ArrayLike, exposure: ArrayLike, confidence: float = 0.95) -> Interval:
    """Rate of events per unit of exposure with the exact Poisson interval.

    Parameters
    ----------
    events, exposure
        Counts of events and of what they are counted against (orders), numbers or arrays, one entry a cell.
    confidence
        Two-sided confidence.

    Returns
    -------
    Interval
        Events per unit of exposure, which may exceed 1. The lower bound is exactly 0 without events; all are NaN where
        the exposure is 0.

    Notes
    -----
    Garwood (1936), Biometrika 28; specification, card of the complaint rate.

    Examples
    --------
    >>> rate = poisson_interval(3, 100)
    >>> round(float(rate.low), 4), float(rate.value), round(float(rate.high), 4)
    (0.0062, 0.03, 0.0877)
    """
    k, n = floats(events, exposure)
    z_value(confidence)
    tail = (1 - confidence) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(k > 0, special.gammaincinv(np.maximum(k, 1), tail), 0.0)
        high = special.gammaincinv(k + 1, 1 - tail)
        ends = [np.where(n > 0, count / n, np.nan) for count in (k, low, high)]
    return Interval(*(plain(end) for end in ends))


def rate_difference(events_a: float, exposure_a: float, events_b: float, exposure_b: float) -> Comparison:
    """Compare two rates: given all events, how many are of the first side is binomial (exact, two-sided).

    Returns
    -------
    Comparison
        In events per unit of exposure; no interval. All None when a side has no exposure; p is None when nothing
        happened on either side.

    Notes
    -----
    Przyborowski and Wilenski (1940), Biometrika 31.

    Examples
    --------
    >>> round(rate_difference(20, 1000, 8, 1000).p_value, 4)
    0.0357
    """
    if not (exposure_a > 0 and exposure_b > 0):
        return Comparison(None)
    difference = float(events_a / exposure_a - events_b / exposure_b)
    total = round(events_a + events_b)
    if total == 0:
        return Comparison(difference)
    share = exposure_a / (exposure_a + exposure_b)
    # Not at the top: it alone costs half a second of every command's start.
    from scipy import stats

    p_value = float(stats.binomtest(round(events_a), total, share).pvalue)
    return Comparison(difference, None, p_value, method="conditional_binomial")


class Homogeneity(NamedTuple):
    """Whether shares differ at all: chi², its degrees of freedom and p; None where it cannot be known."""

    chi2: float | None
    df: int | None
    p_value: float | None


def homogeneity(successes: ArrayLike, n: ArrayLike) -> Homogeneity:
    """Test whether several groups have one share in common (Pearson's chi², without continuity correction).

    Parameters
    ----------
    successes, n
        Counts, one entry a group. Groups of none are left out; below two groups, or when all or none succeed,
        there is no test.

    Examples
    --------
    >>> test = homogeneity([30, 40, 50], [100, 100, 100])
    >>> round(test.chi2, 4), test.df, round(test.p_value, 4)
    (8.3333, 2, 0.0155)
    """
    k, size = floats(successes, n)
    k, size = k[size > 0], size[size > 0]
    if k.size < 2 or k.sum() == 0 or k.sum() == size.sum():
        return Homogeneity(None, None, None)
    expected = size * k.sum() / size.sum()
    # Failures miss their expectation by as much as successes do.
    chi2 = float(((k - expected) ** 2 * (1 / expected + 1 / (size - expected))).sum())
    return Homogeneity(chi2, k.size - 1, float(special.chdtrc(k.size - 1, chi2)))
