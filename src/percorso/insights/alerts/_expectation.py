"""What was to be expected of each bucket of a series, from the buckets before it, and how far the figure lies from it.

A figure is brought to a scale on which its error depends on n alone (shares: arcsine of the root; durations and counts:
logarithm; others as they are), less the median of the same phase (weekday) of the cycles before, divided by its error
from n. Then `robust_seasonal_z` without season: it takes off what remains of a drift, and widens the scale by what days
differ beyond chance (Laney's p' chart does the same); never narrower than chance.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from percorso.analytics.statistics.change import robust_seasonal_z
from percorso.analytics.statistics.intervals import FloatArray
from percorso.insights.alerts._base import Grain, Series

Z95 = 1.959963984540054
Scale = Callable[[FloatArray], FloatArray]
# Units whose figures move by factors, not by steps.
MULTIPLICATIVE = frozenset({"seconds", "milliseconds", "tickets"})


@dataclass(frozen=True)
class Reach:
    """How far back to look: points in a cycle, cycles, points for drift and scale, how many of them must be there.

    `inflation` makes the robust standard deviation of z 1 in series of pure noise (180,000 simulated points each).
    """

    season: int
    cycles: int
    window: int
    least: int
    inflation: float


REACHES: dict[Grain, Reach] = {
    "day": Reach(7, 8, 84, 28, 1.02),
    "week": Reach(1, 12, 24, 12, 1.06),
    "month": Reach(1, 12, 24, 12, 1.06),
}
# Standard deviation of the difference from a median of eight, over that of one figure: the narrowest scale to believe in.
LEAST_SCALE = 1.09
# Degrees of freedom of Student's t whose tails one figure's z, and the moving average's, had in 20 simulated companies
# without causes: |z| > 3 on 0.55 % and > 4 on 0.06 % of the days, the average on 1.3 % and 0.14 %.
POINT_TAILS, AVERAGE_TAILS = 20, 15


@dataclass(frozen=True, eq=False)
class Expectation:
    """z of each bucket and what was expected, in the unit of the series; NaN where there is no baseline."""

    z: FloatArray
    expected: FloatArray


def expectation(series: Series, minimum_n: float) -> Expectation:
    """Return how far every bucket lies from what the buckets before it let expect; none looks ahead."""
    reach = REACHES[series.grain]
    figure, error, back = _scaled(series, minimum_n)
    centre = rolling_median(figure, reach.season, reach.cycles, least=4)
    known = ~np.all(np.isnan(error))
    x = (figure - centre) / (error if known else 1.0)
    floor = LEAST_SCALE if known else 0.0
    z = robust_seasonal_z(x, 1, reach.window, reach.least, sigma_floor=floor, inflation=reach.inflation).z
    drift = rolling_median(x, 1, reach.window, least=reach.least)
    return Expectation(z, back(centre + drift * (error if known else 1.0)))


def chance_of(z: FloatArray, tails: int = POINT_TAILS) -> FloatArray:
    """Return the chance that an unchanged series lies this far from its expectation in one bucket, either way."""
    chances: FloatArray = 2 * special.stdtr(tails, -np.abs(z))
    return chances


def rolling_median(y: FloatArray, season: int, cycles: int, least: int) -> FloatArray:
    """Median of the same phase of the `cycles` cycles before each point; NaN with fewer than `least` figures."""
    reach = season * cycles
    padded = np.concatenate([np.full(reach, np.nan), y])
    window = np.lib.stride_tricks.sliding_window_view(padded, reach)[: y.size, ::season]
    n = np.count_nonzero(~np.isnan(window), axis=1)
    ordered = np.sort(window, axis=1)
    rows = np.arange(y.size)
    middle = (ordered[rows, np.maximum((n - 1) // 2, 0)] + ordered[rows, np.minimum(n // 2, cycles - 1)]) / 2
    return np.where(n >= max(least, 1), middle, np.nan)


def autocorrelation_before(z: FloatArray, span: int = 112, lag: int = 14) -> FloatArray:
    """Return, at each point, the lag-1 autocorrelation of the `span` points that ended `lag` before; 0 while few."""
    padded = np.concatenate([np.full(span + lag, np.nan), np.clip(z, -3, 3)])
    window = np.lib.stride_tricks.sliding_window_view(padded, span)[: z.size]
    n = np.count_nonzero(~np.isnan(window), axis=1)
    centred = window - (np.nansum(window, axis=1) / np.maximum(n, 1))[:, None]
    total = np.nansum(centred**2, axis=1)
    pairs = np.nansum(centred[:, 1:] * centred[:, :-1], axis=1)
    return np.where((n >= 42) & (total > 0), pairs / np.maximum(total, 1e-300), 0.0)


def _scaled(series: Series, minimum_n: float) -> tuple[FloatArray, FloatArray, Scale]:
    """Return figures on their scale, their standard errors (NaN when unknown), and the way back to the unit."""
    value = series.enough(minimum_n)
    n = np.where(np.isnan(value) | ~(series.n > 0), np.nan, series.n)
    if series.unit == "share" and series.binomial:
        # Three eighths of a success and a failure more: the error stays the same up to shares of 0 and 1 (Anscombe).
        figure = np.arcsin(np.sqrt((np.clip(value, 0, 1) * n + 0.375) / (n + 0.75)))
        return figure, 0.5 / np.sqrt(n), lambda y: np.sin(np.clip(y, 0, np.pi / 2)) ** 2
    to, back = (_log, _exp) if series.unit in MULTIPLICATIVE else (_plain, _plain)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = (to(series.high) - to(series.low)) / 2
    one = np.where(np.isfinite(half) & (half > 0), half / Z95 * np.sqrt(n), np.nan)
    # The usual deviation of one answer: that of the bucket itself depends on chance where n is small.
    usual = rolling_median(one, 1, REACHES[series.grain].window, least=1)
    return to(value), np.where(np.isnan(usual), one, usual) / np.sqrt(n), back


def _plain(y: FloatArray) -> FloatArray:
    return y


def _log(y: FloatArray) -> FloatArray:
    return np.log1p(y)


def _exp(y: FloatArray) -> FloatArray:
    return np.expm1(y)
