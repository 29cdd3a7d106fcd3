"""Control charts: EWMA and CUSUM for small lasting shifts, p chart for shares.

Series are arrays in time order with NaN (or None) where there is no figure. Alarm points are counted from 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from percorso.analytics.statistics.intervals import FloatArray, floats

# The mean range of two neighbours is 1.128 standard deviations of a normal distribution.
MOVING_RANGE_TO_SD = 1.128


@dataclass(frozen=True, eq=False)
class Ewma:
    """The smoothed series (NaN at gaps), the half-width of its limits around the target, and the alarm points."""

    ewma: FloatArray
    half_width: FloatArray
    alarms: list[int]


def ewma_chart(
    series: ArrayLike, target: float = 0.0, sigma: float = 1.0, smoothing: float = 0.2, limit: float = 3.2
) -> Ewma:
    """Exponentially weighted moving average chart: small lasting shifts.

    Parameters
    ----------
    series
        The figures, or the z of `robust_seasonal_z`, shape (t,). A gap leaves the average where it was.
    target, sigma
        Usual value and standard deviation of one point.
    smoothing
        Weight of the newest point (lambda).
    limit
        Width of the limits in standard deviations of the average (L); see `ewma_limit`.

    Returns
    -------
    Ewma
        Every point outside the limits; whoever alerts starts the chart again after an alarm.

    Notes
    -----
    Montgomery, Introduction to Statistical Quality Control; specification, section 5.13.
    """
    x = np.asarray(series, dtype=np.float64)
    ewma, average = np.full(x.size, np.nan), target
    for t in np.flatnonzero(~np.isnan(x)):
        average = ewma[t] = smoothing * x[t] + (1 - smoothing) * average
    seen = np.cumsum(~np.isnan(x))
    steady = smoothing / (2 - smoothing)
    half_width = limit * sigma * np.sqrt(steady * (1 - (1 - smoothing) ** (2 * seen)))
    return Ewma(ewma, half_width, _points(np.abs(ewma - target) > half_width))


@dataclass(frozen=True, eq=False)
class Cusum:
    """The sums of what went above and below the target, and the alarm points."""

    c_plus: FloatArray
    c_minus: FloatArray
    alarms: list[int]


def cusum_chart(series: ArrayLike, target: float = 0.0, sigma: float = 1.0, k: float = 0.5, h: float = 4.77) -> Cusum:
    """Tabular CUSUM chart: small lasting shifts.

    Parameters
    ----------
    series
        The figures, shape (t,). A gap leaves both sums where they were.
    target, sigma
        Usual value and standard deviation of one point.
    k, h
        Slack and decision limit in standard deviations; 0.5 and 4.77 give one false alarm in 369 points.

    Notes
    -----
    Montgomery, Introduction to Statistical Quality Control; specification, section 5.13.
    """
    x = np.asarray(series, dtype=np.float64)
    plus, minus = np.zeros(x.size), np.zeros(x.size)
    up = down = 0.0
    for t, value in enumerate(x):
        if not np.isnan(value):
            up = max(0.0, up + (value - target) - k * sigma)
            down = max(0.0, down - (value - target) - k * sigma)
        plus[t], minus[t] = up, down
    alarms = ~np.isnan(x) & ((plus > h * sigma) | (minus > h * sigma))
    return Cusum(plus, minus, _points(alarms))


def _points(alarms: NDArray[np.bool_]) -> list[int]:
    return [int(t) + 1 for t in np.flatnonzero(alarms)]


@dataclass(frozen=True)
class PPoint:
    """One period of a p chart: its share, limits, and whether it lies outside; all None without answers."""

    p: float | None
    low: float | None
    high: float | None
    alarm: bool | None


@dataclass(frozen=True)
class PChart:
    """A p chart: the share of all periods, how much more they vary than chance (`sigma_z`), and each period."""

    center: float | None
    sigma_z: float | None
    rows: tuple[PPoint, ...]


def p_chart(successes: Sequence[float], n: Sequence[float], laney: bool = False) -> PChart:
    """Control chart of a share whose number of answers changes.

    Parameters
    ----------
    successes, n
        Counts of each period, in time order.
    laney
        Widen the limits by `sigma_z` (Laney p'): for large n, where a plain chart alarms at every change.

    Returns
    -------
    PChart
        Limits are kept within 0 and 1. `sigma_z` is None below two periods, or when the share is 0 or 1 throughout.

    Notes
    -----
    Laney (2002), Quality Engineering 14; specification, section 5.13.
    """
    x, size = floats(successes, n)
    total = float(size.sum())
    if total <= 0:
        return PChart(None, None, (PPoint(None, None, None, None),) * size.size)
    center = float(x.sum()) / total
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(size > 0, x / size, np.nan)
        sigma = np.sqrt(center * (1 - center) / size)
        z = ((p - center) / sigma)[size > 0]
    moves = np.abs(np.diff(z))
    sigma_z = float(moves.mean()) / MOVING_RANGE_TO_SD if moves.size and 0 < center < 1 else None
    half = 3 * sigma * (sigma_z if laney and sigma_z is not None else 1.0)
    low, high = np.maximum(center - half, 0.0), np.minimum(center + half, 1.0)
    return PChart(center, sigma_z, tuple(_point(*row) for row in zip(p, low, high, strict=True)))


def _point(p: float, low: float, high: float) -> PPoint:
    if np.isnan(p):
        return PPoint(None, None, None, None)
    return PPoint(float(p), float(low), float(high), bool(p < low or p > high))
