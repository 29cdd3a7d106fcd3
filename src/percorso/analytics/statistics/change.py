"""Has a series left its usual course, and since when? Robust seasonal z for spikes (its EWMA in `control_charts` for
shifts), change points for looking back.

Series are arrays in time order with NaN (or None) where there is no figure.
"""

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from percorso.analytics.statistics.intervals import FloatArray, floats, plain

# How much wider than 1 the in-control z spreads because its baseline is estimated, by (season, baseline cycles):
# 40,000 simulations, specification 5.13. Without it false alarms are 30 times as frequent.
INFLATION = {
    (7, 4): 1.60,
    (7, 6): 1.42,
    (7, 8): 1.30,
    (7, 12): 1.18,
    (1, 12): 1.17,
    (1, 24): 1.09,
    (1, 30): 1.05,
    (12, 5): 1.57,
    (24, 7): 1.34,
}
# A normal distribution's standard deviation is 1.4826 times its median absolute deviation.
MAD_TO_SD = 1.4826


@dataclass(frozen=True, eq=False)
class SeasonalZ:
    """How far each point lies from its usual value; z and p are NaN, the flag None, where there is no baseline."""

    z: FloatArray
    flags: list[bool | None]
    p_values: FloatArray


def robust_seasonal_z(
    series: ArrayLike,
    season: int = 7,
    baseline_cycles: int = 8,
    min_history: int = 4,
    threshold: float = 3.5,
    sigma_floor: float = 0.0,
    inflation: float | None = None,
) -> SeasonalZ:
    """Compare each point with earlier points of the same phase (same weekday, same hour).

    Parameters
    ----------
    series
        The figures, shape (t,); NaN or None at gaps.
    season
        Points in a cycle: 7 for days, 1 without seasons.
    baseline_cycles
        How many cycles back the baseline reaches.
    min_history
        Same-phase points needed.
    threshold
        A point is flagged from this absolute z on.
    sigma_floor
        The smallest spread to believe in, in the unit of the series.
    inflation
        Correction for the estimated baseline; from `INFLATION` when not given.

    Returns
    -------
    SeasonalZ
        Also without z where the spread is 0 and there is no floor.

    Raises
    ------
    ValueError
        When `inflation` is not given and `INFLATION` has none for (season, baseline_cycles).

    Notes
    -----
    centre = median of the same phase, spread = 1.4826 * median absolute deviation of the residuals of the last
    season * baseline_cycles points about the median of their phase. Specification, section 5.13.
    """
    if inflation is None:
        if (season, baseline_cycles) not in INFLATION:
            known = ", ".join(str(pair) for pair in INFLATION)
            raise ValueError(
                f"There is no inflation factor for (season, baseline_cycles) = ({season}, {baseline_cycles}):"
                f" choose one of {known}, or give inflation, found by simulation."
            )
        inflation = INFLATION[season, baseline_cycles]
    y = np.asarray(series, dtype=np.float64)
    reach = season * baseline_cycles
    padded = np.concatenate([np.full(reach, np.nan), y])
    # Row t holds the points t - reach ... t - 1; the first of each cycle has the phase of t.
    window = np.lib.stride_tricks.sliding_window_view(padded, reach)[: y.size]
    window = window.reshape(y.size, baseline_cycles, season)
    centres = _median(window, axis=1)
    residuals = (window - centres[:, None, :]).reshape(y.size, reach)
    spread = MAD_TO_SD * _median(np.abs(residuals - _median(residuals, axis=1)[:, None]), axis=1)
    scale = np.maximum(sigma_floor, inflation * spread)
    enough = np.count_nonzero(~np.isnan(window[:, :, 0]), axis=1) >= max(min_history, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(enough & (scale > 0), (y - centres[:, 0]) / scale, np.nan)
    flags = [None if np.isnan(v) else bool(abs(v) >= threshold) for v in z]
    return SeasonalZ(z, flags, 2 * special.ndtr(-np.abs(z)))


def _median(values: FloatArray, axis: int) -> FloatArray:
    """Median without the NaN; NaN where there is nothing else."""
    n = np.count_nonzero(~np.isnan(values), axis=axis, keepdims=True)
    ordered = np.sort(values, axis=axis)
    low = np.take_along_axis(ordered, np.maximum((n - 1) // 2, 0), axis)
    high = np.take_along_axis(ordered, np.minimum(n // 2, values.shape[axis] - 1), axis)
    return np.squeeze(np.where(n > 0, (low + high) / 2, np.nan), axis)


def autocorrelation(series: ArrayLike) -> float:
    """Correlation of each point with the one before it; NaN below three points or when all are equal.

    Gaps are left out: only pairs of neighbours count.
    """
    x = np.asarray(series, dtype=np.float64)
    centred = x - np.mean(x[~np.isnan(x)]) if np.any(~np.isnan(x)) else x
    pairs = centred[1:] * centred[:-1]
    total = float(np.nansum(centred * centred))
    if np.count_nonzero(~np.isnan(pairs)) < 2 or total <= 0:
        return float("nan")
    return float(np.nansum(pairs)) / total


def ewma_limit(z: ArrayLike) -> float:
    """Return the limit for the EWMA chart of a z series: 3.2, or 3.6 when its lag-1 autocorrelation is above 0.2."""
    return 3.6 if autocorrelation(z) > 0.2 else 3.2


def standardised_nps(nps: ArrayLike, n: ArrayLike, baseline_nps: float, baseline_variance: float) -> FloatArray:
    """NPS of each period in standard deviations from its baseline: the series for `ewma_chart` or `cusum_chart`.

    Parameters
    ----------
    nps, n
        Points and number of answers of each period, shape (t,).
    baseline_nps
        Usual value, points.
    baseline_variance
        Variance of one answer scored -1, 0, 1: P + D - (P - D)^2 of the baseline's shares.

    Returns
    -------
    FloatArray
        (NPS - baseline) / (100 * sqrt(variance / n)); NaN where n is 0.
    """
    value, size = floats(nps, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        return plain(np.where(size > 0, (value - baseline_nps) / (100 * np.sqrt(baseline_variance / size)), np.nan))


@dataclass(frozen=True, eq=False)
class RunLength:
    """Since how many points the newest level has lasted: `posterior[i]` is the probability of i + 1 points."""

    posterior: FloatArray
    log_evidence: float
    map_run_length: int | None


def bocpd(
    series: ArrayLike,
    hazard: float,
    mu0: float = 0.0,
    kappa0: float = 1.0,
    alpha0: float = 1.0,
    beta0: float = 1.0,
) -> RunLength:
    """Bayesian online change-point detection: "since when?", for looking back; not for alerts.

    Parameters
    ----------
    series
        The figures, shape (t,); gaps are left out and do not count as points.
    hazard
        Probability that a level ends at a point, between 0 and 1; the first point starts a level.
    mu0, kappa0, alpha0, beta0
        Normal-Gamma prior of the level and precision of a run.

    Raises
    ------
    ValueError
        When `hazard` is not between 0 and 1.

    Notes
    -----
    Adams and MacKay (2007), arXiv:0710.3742; specification, section 5.13. Cost: t^2.
    """
    if not 0 < hazard < 1:
        raise ValueError(f"hazard is {hazard}: give a probability between 0 and 1, such as 0.01")
    x = np.asarray(series, dtype=np.float64)
    joint, prior = np.empty(0), np.asarray([[mu0], [kappa0], [alpha0], [beta0]], dtype=np.float64)
    runs = prior[:, :0]
    for value in x[~np.isnan(x)]:
        start = np.log(hazard) + special.logsumexp(joint) if joint.size else 0.0
        runs = np.concatenate([prior, runs], axis=1)
        joint = np.concatenate([[start], joint + np.log1p(-hazard)]) + _predictive(value, runs)
        runs = _updated(value, runs)
    if joint.size == 0:
        return RunLength(joint, 0.0, None)
    evidence = float(special.logsumexp(joint))
    return RunLength(np.exp(joint - evidence), evidence, int(joint.argmax()) + 1)


def _predictive(x: float, runs: FloatArray) -> FloatArray:
    """Log density of the next point after each run: Student's t with 2 alpha degrees of freedom."""
    mu, kappa, alpha, beta = runs
    spread = 2 * beta * (kappa + 1) / kappa
    constant = special.gammaln(alpha + 0.5) - special.gammaln(alpha) - 0.5 * np.log(spread * pi)
    density: FloatArray = constant - (alpha + 0.5) * np.log1p((x - mu) ** 2 / spread)
    return density


def _updated(x: float, runs: FloatArray) -> FloatArray:
    mu, kappa, alpha, beta = runs
    deviation = kappa * (x - mu) ** 2 / (2 * (kappa + 1))
    return np.stack([(kappa * mu + x) / (kappa + 1), kappa + 1, alpha + 0.5, beta + deviation])
