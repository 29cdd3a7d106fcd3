"""Percentile bootstrap, for figures without a closed form; the same question always gives the same interval."""

import hashlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from percorso.analytics.statistics.intervals import FloatArray, Interval, plain, z_value

RESAMPLES = 2000
MINIMUM_UNITS = 10
# Below this share of resamples in which the figure exists its percentiles say little.
DEFINED_SHARE = 0.95


def stable_seed(workspace: str, indicator: str, period: str) -> int:
    """Return the seed of one figure: the same on every machine and in every run.

    Parameters
    ----------
    workspace, indicator, period
        Names of what is computed; the period in any fixed form, such as "2025-03-01/2025-04-01".

    Examples
    --------
    >>> stable_seed("acme", "see_index", "2025-03") == stable_seed("acme", "see_index", "2025-03")
    True
    """
    key = f"{workspace}\x1f{indicator}\x1f{period}".encode()
    return int.from_bytes(hashlib.sha256(key).digest()[:8], "big")


def bootstrap_interval(
    units: NDArray[np.generic],
    statistic: Callable[[NDArray[np.generic]], float],
    seed: int,
    resamples: int = RESAMPLES,
    confidence: float = 0.95,
) -> Interval:
    """Value of a figure with the percentile bootstrap interval.

    Parameters
    ----------
    units
        One row an independent unit (customer, respondent), shape (n, ...). Several answers of one customer are one
        unit: resampling answers would make the interval too narrow.
    statistic
        Gives the figure of any such rows; NaN where it is undefined.
    seed
        See `stable_seed`.
    resamples
        How many times the units are drawn again.
    confidence
        Two-sided confidence.

    Returns
    -------
    Interval
        Bounds NaN below 10 units, and when the figure is undefined in more than 5 % of the resamples.

    Notes
    -----
    Specification, section 2.

    Examples
    --------
    >>> mean = bootstrap_interval(np.arange(100.0), np.mean, seed=1)
    >>> 43 < float(mean.low) < 45 and 54 < float(mean.high) < 56
    True
    """
    z_value(confidence)
    rows = np.asarray(units)
    n = rows.shape[0]
    value = plain(float(statistic(rows)) if n else np.nan)
    nothing = Interval(value, plain(np.nan), plain(np.nan))
    if n < MINIMUM_UNITS or np.isnan(value):
        return nothing
    draw = np.random.default_rng(seed)
    figures = np.fromiter((statistic(rows[draw.integers(0, n, n)]) for _ in range(resamples)), np.float64, resamples)
    defined: FloatArray = figures[~np.isnan(figures)]
    if defined.size < DEFINED_SHARE * resamples:
        return nothing
    tail = (1 - confidence) / 2
    return Interval(value, *(plain(b) for b in np.quantile(defined, [tail, 1 - tail])))


def bootstrap_counts(
    patterns: FloatArray,
    times: FloatArray,
    statistic: Callable[[FloatArray], FloatArray],
    seed: int,
    resamples: int = RESAMPLES,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Percentile bootstrap of a figure of sums, where many units are alike: as `bootstrap_interval`, and much faster.

    Parameters
    ----------
    patterns
        What a unit adds to each sum, one row a kind of unit, shape (k, m).
    times
        How many units there are of each kind, shape (k,).
    statistic
        Gives the figures of any number of sums, shape (…, m) to (…); NaN where there is none.
    seed, resamples, confidence
        See `bootstrap_interval`.

    Returns
    -------
    tuple
        Low and high; both NaN below 10 units and when the figure is undefined in more than 5 % of the resamples.
    """
    n = int(times.sum())
    if n < MINIMUM_UNITS:
        return float("nan"), float("nan")
    drawn = np.random.default_rng(seed).multinomial(n, times / n, size=resamples)
    figures = statistic(drawn @ patterns)
    defined = figures[~np.isnan(figures)]
    if defined.size < DEFINED_SHARE * resamples:
        return float("nan"), float("nan")
    tail = (1 - confidence) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return float(low), float(high)
