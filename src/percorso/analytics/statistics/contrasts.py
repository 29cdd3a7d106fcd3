"""Sums of several means with coefficients: a gap, a mean of gaps, a difference of gaps."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from percorso.analytics.statistics.comparisons import Comparison
from percorso.analytics.statistics.intervals import z_value


class Sample(NamedTuple):
    """Number of values, their mean, their variance (divisor n - 1) and the coefficient of the mean in the sum."""

    n: float
    mean: float
    variance: float
    coefficient: float


def contrast(samples: Sequence[Sample], confidence: float = 0.95) -> Comparison:
    """Return the sum of the means with their coefficients, tested against 0 by Welch's t test.

    Parameters
    ----------
    samples
        Independent samples; with one at +1 and one at -1 this is `comparisons.mean_difference`.
    confidence
        Two-sided confidence of the interval.

    Returns
    -------
    Comparison
        All None when a sample is empty; only the difference when one has a single value or nothing varies.

    Examples
    --------
    >>> gap = contrast([Sample(5, 4.6, 0.3, 1), Sample(8, 3.25, 1.0714285714285714, -1)])
    >>> round(gap.difference, 2), round(gap.p_value, 4)
    (1.35, 0.0109)
    """
    z_value(confidence)
    if not samples or not all(s.n > 0 for s in samples):
        return Comparison(None)
    difference = float(sum(s.coefficient * s.mean for s in samples))
    if any(s.n < 2 for s in samples):
        return Comparison(difference)
    shares = [s.coefficient**2 * s.variance / s.n for s in samples]
    variance = sum(shares)
    if not variance > 0:
        return Comparison(difference)
    df = float(variance**2 / sum(share**2 / (s.n - 1) for share, s in zip(shares, samples, strict=True)))
    error = float(np.sqrt(variance))
    half = float(special.stdtrit(df, 0.5 + confidence / 2)) * error
    p_value = float(2 * special.stdtr(df, -abs(difference / error)))
    return Comparison(difference, difference / error, p_value, difference - half, difference + half, "welch_t", df)
