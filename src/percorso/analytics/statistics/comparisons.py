"""Is the difference between two cells more than chance? One function a kind of figure; always a minus b."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from percorso.analytics.statistics.distribution import Distribution
from percorso.analytics.statistics.intervals import adjusted_net_share, moments_of, wilson, z_value
from percorso.analytics.statistics.ratios import RatioSums, ratio_error


@dataclass(frozen=True)
class Comparison:
    """The difference of two cells and its test; None for what cannot be known.

    Parameters
    ----------
    difference
        First minus second, in the unit of the figure.
    statistic
        z, t or U, as `method` says.
    p_value
        Two-sided.
    low, high
        Bounds of the difference.
    method
        Which test was used.
    df
        Degrees of freedom, where the test has them.
    superiority
        Mann-Whitney only: the chance that a value of the first is larger than one of the second, ties half.
    """

    difference: float | None
    statistic: float | None = None
    p_value: float | None = None
    low: float | None = None
    high: float | None = None
    method: str | None = None
    df: float | None = None
    superiority: float | None = None


def two_proportions(
    successes_a: float, n_a: float, successes_b: float, n_b: float, confidence: float = 0.95
) -> Comparison:
    """Compare two shares (TEST-P).

    Parameters
    ----------
    successes_a, n_a, successes_b, n_b
        Counts, fractional for weighted answers.
    confidence
        Two-sided confidence of the interval.

    Returns
    -------
    Comparison
        Method `z_pooled`, or `fisher` (exact, no statistic; fractional counts are rounded for it) when a pooled
        expected cell is below 5. The interval is Newcombe's hybrid score interval. All None when a side is empty.

    Notes
    -----
    Newcombe (1998), Statistics in Medicine 17:873, method 10; specification, section 2.

    Examples
    --------
    >>> change = two_proportions(56, 70, 48, 80)
    >>> round(change.p_value, 4), round(change.low, 4), round(change.high, 4)
    (0.008, 0.0524, 0.3339)
    """
    if not (n_a > 0 and n_b > 0):
        return Comparison(None)
    a, b = wilson(successes_a, n_a, confidence), wilson(successes_b, n_b, confidence)
    difference = float(a.value - b.value)
    low = difference - float(np.hypot(a.value - a.low, b.high - b.value))
    high = difference + float(np.hypot(a.high - a.value, b.value - b.low))
    pooled = (successes_a + successes_b) / (n_a + n_b)
    if min(n_a, n_b) * min(pooled, 1 - pooled) < 5:
        p_value = _fisher(successes_a, n_a, successes_b, n_b)
        return Comparison(difference, None, p_value, low, high, "fisher")
    z = difference / float(np.sqrt(pooled * (1 - pooled) * (1 / n_a + 1 / n_b)))
    return Comparison(difference, z, _normal_p(z), low, high, "z_pooled")


def nps_difference(
    promoters_a: float,
    detractors_a: float,
    n_a: float,
    promoters_b: float,
    detractors_b: float,
    n_b: float,
    confidence: float = 0.95,
) -> Comparison:
    """Compare two net scores (TEST-NPS) by adjusted Wald.

    Parameters
    ----------
    promoters_a, detractors_a, n_a, promoters_b, detractors_b, n_b
        Counts, fractional for weighted answers.
    confidence
        Two-sided confidence of the interval.

    Returns
    -------
    Comparison
        In points. The difference is that of the raw scores; the interval is of the adjusted ones, so that it leaves
        out 0 exactly when p is below 1 - confidence. All None when a side is empty.

    Notes
    -----
    Specification, sections 2 and 7.2.
    """
    if not (n_a > 0 and n_b > 0):
        return Comparison(None)
    a = adjusted_net_share(promoters_a, detractors_a, n_a)
    b = adjusted_net_share(promoters_b, detractors_b, n_b)
    centre, error = float(a.m - b.m), float(np.sqrt(a.v / a.size + b.v / b.size))
    raw = 100 * ((promoters_a - detractors_a) / n_a - (promoters_b - detractors_b) / n_b)
    half = z_value(confidence) * error
    z = centre / error
    return Comparison(raw, z, _normal_p(z), 100 * (centre - half), 100 * (centre + half), "adjusted_wald")


def mean_difference(
    n_a: float,
    mean_a: float,
    variance_a: float,
    n_b: float,
    mean_b: float,
    variance_b: float,
    confidence: float = 0.95,
) -> Comparison:
    """Compare two means by Welch's t test (TEST-MEAN).

    Parameters
    ----------
    n_a, mean_a, variance_a, n_b, mean_b, variance_b
        Number of values, mean, variance with divisor n - 1 (see `intervals.moments`) of each side.
    confidence
        Two-sided confidence of the interval.

    Returns
    -------
    Comparison
        All None when a side is empty; only the difference when a side has one value or both variances are 0.
    """
    if not (n_a > 0 and n_b > 0):
        return Comparison(None)
    difference = float(mean_a - mean_b)
    if n_a < 2 or n_b < 2 or not variance_a + variance_b > 0:
        return Comparison(difference)
    share_a, share_b = variance_a / n_a, variance_b / n_b
    df = (share_a + share_b) ** 2 / (share_a**2 / (n_a - 1) + share_b**2 / (n_b - 1))
    return _student(difference, float(np.sqrt(share_a + share_b)), float(df), confidence, "welch_t")


def mean_difference_of(values_a: ArrayLike, values_b: ArrayLike, confidence: float = 0.95) -> Comparison:
    """Compare the means of the values of two cells by Welch's t test; see `mean_difference`.

    Examples
    --------
    >>> change = mean_difference_of([5, 4, 4, 3, 5, 5, 2], [3, 2, 4, 3, 1, 2, 4, 3])
    >>> round(change.difference, 2), round(change.p_value, 4)
    (1.25, 0.0482)
    """
    return mean_difference(*moments_of(values_a), *moments_of(values_b), confidence)


def ratio_difference(a: RatioSums, b: RatioSums, confidence: float = 0.95) -> Comparison:
    """Compare two ratios of sums by their delta-method standard errors (TEST-RATIO).

    Parameters
    ----------
    a, b
        The sums of each side (`ratios.ratio_sums`), plain numbers.
    confidence
        Two-sided confidence of the interval.

    Returns
    -------
    Comparison
        All None when a side has no ratio; only the difference when a side has one unit or neither varies.
    """
    left, right = ratio_error(a), ratio_error(b)
    return estimates_difference(
        float(left.value), float(left.error), float(right.value), float(right.error), confidence
    )


def estimates_difference(
    value_a: float, error_a: float, value_b: float, error_b: float, confidence: float = 0.95
) -> Comparison:
    """Compare two figures by their standard errors (z test).

    Parameters
    ----------
    value_a, error_a, value_b, error_b
        Estimates and their delta-method standard errors, NaN for none.
    confidence
        Two-sided confidence of the interval.

    Returns
    -------
    Comparison
        All None when a side has no value; only the difference when a side has no error or neither has any.
    """
    difference = value_a - value_b
    if isnan(difference):
        return Comparison(None)
    error = float(np.hypot(error_a, error_b))
    if not error > 0:
        return Comparison(difference)
    z, half = difference / error, z_value(confidence) * error
    return Comparison(difference, z, _normal_p(z), difference - half, difference + half, "delta_z")


def mann_whitney(a: Distribution, b: Distribution) -> Comparison:
    """Compare two sets of durations by their ranks (Mann-Whitney, asymptotic, with tie and continuity correction).

    Parameters
    ----------
    a, b
        The values of each side, none of them censored.

    Returns
    -------
    Comparison
        `statistic` is U of the first side, `superiority` the chance that a value of the first is larger (ties half),
        `difference` that of the medians. All None when a side is empty.

    Raises
    ------
    ValueError
        When values are censored: use `survival.logrank`.

    Examples
    --------
    >>> test = mann_whitney(Distribution.of([1, 2, 3]), Distribution.of([2, 4, 5]))
    >>> test.statistic, round(test.superiority, 4), test.difference
    (1.5, 0.1667, -2.0)
    """
    if a.n == 0 or b.n == 0:
        return Comparison(None)
    difference = a.quantile() - b.quantile()
    n_a, n_b, n = float(a.n), float(b.n), float(a.n + b.n)
    ends = np.cumsum(b.counts)
    smaller = np.append(0, ends)[np.searchsorted(b.values, a.values, side="left")]
    not_larger = np.append(0, ends)[np.searchsorted(b.values, a.values, side="right")]
    u = float((a.counts * (smaller + not_larger).astype(np.float64)).sum() / 2)
    ties = a.merge(b).counts.astype(np.float64)
    variance = n_a * n_b / 12 * (n + 1 - float((ties**3 - ties).sum()) / (n * (n - 1)))
    distance = max(abs(u - n_a * n_b / 2) - 0.5, 0.0)
    p_value = _normal_p(distance / float(np.sqrt(variance))) if variance > 0 else 1.0
    return Comparison(difference, u, p_value, method="mann_whitney", superiority=u / (n_a * n_b))


def mcnemar(gained: int, lost: int, n: int) -> Comparison:
    """Compare yes/no answers of the same respondents at two times (McNemar, exact).

    Parameters
    ----------
    gained, lost
        How many changed from no to yes, and from yes to no.
    n
        How many answered both times.

    Returns
    -------
    Comparison
        The difference of the two shares; p is None when nobody changed. All None when n is 0.

    Examples
    --------
    >>> round(mcnemar(12, 3, 40).p_value, 6)
    0.035156
    """
    if not n > 0:
        return Comparison(None)
    changed = gained + lost
    if changed == 0:
        return Comparison(0.0)
    p_value = min(1.0, 2 * float(special.bdtr(min(gained, lost), changed, 0.5)))
    return Comparison((gained - lost) / n, None, p_value, method="mcnemar_exact")


def paired_t(n: float, mean: float, variance: float, confidence: float = 0.95) -> Comparison:
    """Compare scores of the same respondents at two times by the t test of their differences.

    Parameters
    ----------
    n, mean, variance
        Number, mean and variance (divisor n - 1) of the differences.
    confidence
        Two-sided confidence of the interval.

    Returns
    -------
    Comparison
        All None without pairs; only the difference below two pairs or when all differences are equal.
    """
    if not n > 0:
        return Comparison(None)
    if n < 2 or not variance > 0:
        return Comparison(float(mean))
    return _student(float(mean), float(np.sqrt(variance / n)), float(n - 1), confidence, "paired_t")


def paired_t_of(first: ArrayLike, second: ArrayLike, confidence: float = 0.95) -> Comparison:
    """Compare the two scores of each respondent, second minus first; pairs with a missing score are left out."""
    change = np.asarray(second, dtype=np.float64) - np.asarray(first, dtype=np.float64)
    return paired_t(*moments_of(change[~np.isnan(change)]), confidence)


@dataclass(frozen=True)
class Adjusted:
    """p values adjusted for how many were looked at, and which stand; None for cells that could not be tested."""

    adjusted: list[float | None]
    rejected: list[bool | None]


def benjamini_hochberg(p_values: Sequence[float | None], q: float = 0.05) -> Adjusted:
    """Control the share of false alarms among all tests shown together (Benjamini-Hochberg step-up).

    Parameters
    ----------
    p_values
        One family of tests; None or NaN for a cell that could not be tested, which does not count.
    q
        The share of false alarms to allow: 0.05 for alerts, 0.10 for exploration.

    Notes
    -----
    Benjamini and Hochberg (1995), JRSS B 57; specification, section 2.

    Examples
    --------
    >>> benjamini_hochberg([0.01, None, 0.04]).adjusted
    [0.02, None, 0.04]
    """
    p = np.asarray([np.nan if v is None else v for v in p_values], dtype=np.float64)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    scaled = p[order] * order.size / np.arange(1, order.size + 1)
    adjusted = np.full(p.size, np.nan)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return Adjusted(
        [None if isnan(v) else float(v) for v in adjusted],
        [None if isnan(v) else bool(v <= q) for v in adjusted],
    )


def _student(difference: float, error: float, df: float, confidence: float, method: str) -> Comparison:
    z_value(confidence)
    t = difference / error
    half = float(special.stdtrit(df, 0.5 + confidence / 2)) * error
    p_value = float(2 * special.stdtr(df, -abs(t)))
    return Comparison(difference, t, p_value, difference - half, difference + half, method, df)


def _normal_p(z: float) -> float:
    return float(2 * special.ndtr(-abs(z)))


def _fisher(successes_a: float, n_a: float, successes_b: float, n_b: float) -> float:
    # Not at the top: it alone costs half a second of every command's start.
    from scipy import stats

    a, b = round(successes_a), round(successes_b)
    table = np.asarray([[a, max(round(n_a) - a, 0)], [b, max(round(n_b) - b, 0)]])
    return float(stats.fisher_exact(table).pvalue)
