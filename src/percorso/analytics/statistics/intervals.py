"""How sure a share, a net score or a mean is: closed forms on sums, for one cell or for many at once.

Every argument may be a number or an array; they are broadcast against each other. What cannot be known is NaN.
"""

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

FloatArray = NDArray[np.float64]


class Interval(NamedTuple):
    """A value and the bounds of its interval; NaN where it cannot be known."""

    value: FloatArray
    low: FloatArray
    high: FloatArray


class MeanInterval(NamedTuple):
    """A mean, its bounds, and why they are what they are: `t`, `too_few`, `zero_variance` or `no_data`."""

    value: FloatArray
    low: FloatArray
    high: FloatArray
    note: NDArray[np.str_]


class Moments(NamedTuple):
    """Mean and variance (divisor n - 1) of each cell."""

    mean: FloatArray
    variance: FloatArray


def floats(*values: ArrayLike) -> tuple[FloatArray, ...]:
    """Return the arguments as float64 arrays of one common shape; None becomes NaN."""
    return tuple(np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in values)))


def plain(values: ArrayLike) -> FloatArray:
    """Return an array without dimensions as a number, any other array as it is."""
    return cast(FloatArray, np.asarray(values)[()])


def z_value(confidence: float) -> float:
    """Return the two-sided quantile of the normal distribution: 1.96 at 0.95.

    Raises
    ------
    ValueError
        When `confidence` is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}: give a share between 0 and 1, such as 0.95")
    return float(special.ndtri(0.5 + confidence / 2))


def wilson(successes: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> Interval:
    """Share of successes with the Wilson score interval (INT-P).

    Parameters
    ----------
    successes, n
        Counts. They may be fractional, for weighted answers (see `weighting.effective_count`).
    confidence
        Two-sided confidence.

    Returns
    -------
    Interval
        Shares 0 to 1. The lower bound is exactly 0 without successes, the upper exactly 1 without failures;
        all are NaN where n is 0.

    Notes
    -----
    Wilson (1927), JASA 22; specification, section 2.

    Examples
    --------
    >>> share = wilson(81, 263)
    >>> round(float(share.low), 4), round(float(share.high), 4)
    (0.2553, 0.3662)
    """
    k, size = floats(successes, n)
    z = z_value(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(size > 0, k / size, np.nan)
        centre = p + z * z / (2 * size)
        half = z * np.sqrt(np.maximum(p * (1 - p) / size, 0) + z * z / (4 * size * size))
        shrink = 1 + z * z / size
        low = np.where(k <= 0, np.where(size > 0, 0.0, np.nan), (centre - half) / shrink)
        high = np.where(k >= size, np.where(size > 0, 1.0, np.nan), (centre + half) / shrink)
    return Interval(plain(p), plain(low), plain(high))


class NetShare(NamedTuple):
    """The adjusted net share of three classes: centre `m`, variance `v` of one answer, size `size` (n + 3)."""

    m: FloatArray
    v: FloatArray
    size: FloatArray


def adjusted_net_share(promoters: ArrayLike, detractors: ArrayLike, n: ArrayLike) -> NetShare:
    """Add 3/4 promoter, 3/4 detractor and 3/2 passive answers: what INT-NPS and TEST-NPS stand on."""
    p, d, size = floats(promoters, detractors, n)
    total = size + 3
    share_p, share_d = (p + 0.75) / total, (d + 0.75) / total
    m = share_p - share_d
    return NetShare(m, share_p + share_d - m * m, total)


def nps_interval(promoters: ArrayLike, detractors: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> Interval:
    """Net score of three classes with the adjusted Wald interval (INT-NPS).

    Parameters
    ----------
    promoters, detractors, n
        Counts; fractional for weighted answers.
    confidence
        Two-sided confidence.

    Returns
    -------
    Interval
        Points, -100 to 100. The interval always holds the value; all are NaN where n is 0.

    Notes
    -----
    Rocks (2016), The American Statistician 70, arXiv:1601.07235; specification, sections 2 and 7.1.

    Examples
    --------
    >>> nps = nps_interval(6, 2, 10)
    >>> float(nps.value), round(float(nps.low), 4), round(float(nps.high), 4)
    (40.0, -12.5856, 74.124)
    """
    p, d, size = floats(promoters, detractors, n)
    net = adjusted_net_share(p, d, size)
    half = z_value(confidence) * np.sqrt(net.v / net.size)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(size > 0, 100 * (p - d) / size, np.nan)
    low = np.minimum(100 * np.clip(net.m - half, -1, 1), value)
    high = np.maximum(100 * np.clip(net.m + half, -1, 1), value)
    return Interval(plain(value), plain(low), plain(high))


def moments(n: ArrayLike, total: ArrayLike, total_of_squares: ArrayLike) -> Moments:
    """Mean and variance from count, sum and sum of squares.

    Parameters
    ----------
    n, total, total_of_squares
        Number of values, their sum, the sum of their squares.

    Returns
    -------
    Moments
        The variance has the divisor n - 1, is NaN below two values, and exactly 0 where all values are equal as far
        as the sums can tell: a rest within their rounding error is not a variance.

    Examples
    --------
    >>> m = moments(3, 0.3, 0.03)
    >>> round(float(m.mean), 6), float(m.variance)
    (0.1, 0.0)
    """
    size, s, ss = floats(n, total, total_of_squares)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(size > 0, s / size, np.nan)
        rest = ss - s * mean
        # Sums of whole numbers are exact; added up one after the other, n equal fractions may be off by n roundings.
        exact = (s == np.rint(s)) & (ss == np.rint(ss)) & (np.abs(ss) < 2**46)
        error = np.finfo(np.float64).eps * np.abs(ss) * np.where(exact, 4, np.maximum(2 * size, 4))
        variance = np.where(size >= 2, np.where(rest <= error, 0.0, rest) / (size - 1), np.nan)
    return Moments(plain(mean), plain(variance))


def mean_interval_centred(
    n: ArrayLike,
    mean: ArrayLike,
    variance: ArrayLike,
    scale_min: ArrayLike | None = None,
    scale_max: ArrayLike | None = None,
    confidence: float = 0.95,
) -> MeanInterval:
    """Mean with Student's t interval (INT-MEAN), from mean and variance (divisor n - 1).

    Use it where an engine gives a variance computed in a stable way; `mean_interval` takes plain sums.

    Parameters
    ----------
    n, mean, variance
        Number of values, their mean, their variance.
    scale_min, scale_max
        Ends of the scale, to which the bounds are clamped.
    confidence
        Two-sided confidence.

    Returns
    -------
    MeanInterval
        In the unit of the values. Bounds are NaN below two values (`too_few`) and without variance
        (`zero_variance`): never an interval of no width.
    """
    size, m, v = floats(n, mean, variance)
    z_value(confidence)
    known = (size >= 2) & (v > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = special.stdtrit(np.where(known, size - 1, 1), 0.5 + confidence / 2)
        half = np.where(known, t * np.sqrt(v / size), np.nan)
    floor, ceiling = _bound(scale_min, -np.inf), _bound(scale_max, np.inf)
    note = np.select([~(size > 0), size < 2, ~(v > 0)], ["no_data", "too_few", "zero_variance"], default="t")
    return MeanInterval(
        plain(np.where(size > 0, m, np.nan)),
        plain(np.maximum(m - half, floor)),
        plain(np.minimum(m + half, ceiling)),
        cast("NDArray[np.str_]", note[()]),
    )


def mean_interval(
    n: ArrayLike,
    total: ArrayLike,
    total_of_squares: ArrayLike,
    scale_min: ArrayLike | None = None,
    scale_max: ArrayLike | None = None,
    confidence: float = 0.95,
) -> MeanInterval:
    """Mean with Student's t interval (INT-MEAN), from count, sum and sum of squares.

    See `mean_interval_centred` for the result, `moments` for how equal values are recognised.

    Examples
    --------
    >>> mean = mean_interval(6, 23, 95)  # 3, 4, 5, 5, 2, 4
    >>> round(float(mean.low), 4), round(float(mean.high), 4), str(mean.note)
    (2.6065, 5.0602, 't')
    """
    mean, variance = moments(n, total, total_of_squares)
    return mean_interval_centred(n, mean, variance, scale_min, scale_max, confidence)


def mean_interval_of(
    values: ArrayLike,
    scale_min: float | None = None,
    scale_max: float | None = None,
    confidence: float = 0.95,
) -> MeanInterval:
    """Mean of the values of one cell with Student's t interval (INT-MEAN).

    Examples
    --------
    >>> str(mean_interval_of([3, 3, 3]).note)
    'zero_variance'
    """
    n, mean, variance = moments_of(values)
    return mean_interval_centred(n, mean, variance, scale_min, scale_max, confidence)


def moments_of(values: ArrayLike) -> tuple[int, float, float]:
    """Return count, mean and variance (n - 1) of the values of one cell; the variance of equal values is exactly 0."""
    x = np.asarray(values, dtype=np.float64).ravel()
    if x.size == 0:
        return 0, float("nan"), float("nan")
    if x.min() == x.max():
        return x.size, float(x[0]), 0.0 if x.size > 1 else float("nan")
    return x.size, float(x.mean()), float(x.var(ddof=1))


def _bound(end: ArrayLike | None, otherwise: float) -> FloatArray:
    if end is None:
        return np.asarray(otherwise)
    bound = np.asarray(end, dtype=np.float64)
    return np.where(np.isnan(bound), otherwise, bound)
