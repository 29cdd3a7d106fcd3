"""The straight line through the newest weeks (or months) of a series, at every bucket of it."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from percorso.analytics.statistics.intervals import FloatArray
from percorso.insights.alerts._base import Grain, Series

# Buckets that make one point of the line: whole weeks, so that weekdays do not bend it.
WIDTH: dict[Grain, int] = {"day": 7, "week": 1, "month": 1}


@dataclass(frozen=True, eq=False)
class Line:
    """A line at each bucket, through the points that end there; NaN where points are missing.

    `level` is the line at the newest point's middle, `slope` its rise a bucket, `error` the standard error of the slope,
    `chance` how often a flat series shows such a slope (Student's t). `start` is the line at the oldest point's middle.
    """

    level: FloatArray
    slope: FloatArray
    error: FloatArray
    chance: FloatArray
    start: FloatArray
    centre: FloatArray
    level_at_centre: FloatArray
    variance: FloatArray
    weight: FloatArray
    points: int

    def projected(self, ahead: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the line `ahead` buckets after the newest point, and the standard error of one point there."""
        away = ahead - self.centre
        value = self.level_at_centre + self.slope * away
        one = self.variance * (1 / self.weight + self.points / self.weight)
        return value, np.sqrt(one + (self.error * away) ** 2)


def line(series: Series, points: int, minimum_n: float) -> Line:
    """Fit the last `points` weeks (months) before the end of each bucket by least squares, weighted with n.

    Each point is the mean of its buckets weighted with n; a point with fewer than `minimum_n` facts is missing.
    """
    width = WIDTH[series.grain]
    n, mean = _points(series, points, width, minimum_n)
    x = -float(width) * np.arange(points)
    weight = n.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (n * x).sum(axis=1) / weight
        middle = (n * mean).sum(axis=1) / weight
        away = x - centre[:, None]
        spread = (n * away**2).sum(axis=1)
        slope = (n * away * mean).sum(axis=1) / spread
        left = mean - middle[:, None] - slope[:, None] * away
        # Variance of a single fact, as far as the points scatter around the line.
        variance = (n * left**2).sum(axis=1) / (points - 2)
        error = np.sqrt(variance / spread)
        chance = 2 * special.stdtr(points - 2, -np.abs(slope / error))
    level = middle - slope * centre
    start = middle + slope * (x[-1] - centre)
    return Line(level, slope, error, chance, start, centre, middle, variance, weight, points)


def _points(series: Series, points: int, width: int, minimum_n: float) -> tuple[FloatArray, FloatArray]:
    """Return n and mean of the points that end at each bucket, the newest first: shape (buckets, points)."""
    known = ~np.isnan(series.value) & (series.n > 0)
    n = np.where(known, series.n, 0.0)
    sums = [np.concatenate([np.zeros(points * width), a]) for a in (n, np.where(known, series.value * n, 0.0))]
    size, total = (
        np.lib.stride_tricks.sliding_window_view(a, points * width)[1 : n.size + 1]
        .reshape(n.size, points, width)
        .sum(axis=2)[:, ::-1]
        for a in sums
    )
    size = np.where(size >= max(minimum_n, 1), size, np.nan)
    with np.errstate(invalid="ignore"):
        return size, total / size
