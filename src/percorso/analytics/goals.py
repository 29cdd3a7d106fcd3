"""How far a goal is, and how probable it is that the present trend reaches it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from percorso.analytics.statistics.intervals import z_value

FEWEST_POINTS = 4
# A step whose own interval is nearly nothing shall not outweigh all others.
LEAST_VARIANCE = 0.05

Array = NDArray[np.float64]
Direction = Literal["higher", "lower"]
Status = Literal["ok", "too_few", "no_scatter"]
Numbers = Sequence[float | None]


@dataclass(frozen=True)
class At:
    """What the trend expects on a day: the figure, and the range in which 95% of such figures will lie."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Outlook:
    """Where the trend leads. `probability` (0–1) of meeting the target is None unless `status` is ok.

    `status`: ok; `too_few` steps with a figure (fewer than four); `no_scatter`: all steps say exactly the same, so that
    nothing tells how far they may be off. `due` and `trend` (see `outlook`) are in the indicator's unit.
    """

    status: Status
    points: int
    probability: float | None = None
    due: At | None = None
    trend: tuple[At, ...] = ()


@dataclass(frozen=True)
class _Line:
    """A weighted straight line through the steps: level and slope, their covariance, and what scatters around it."""

    origin: float
    level: float
    slope: float
    covariance: Array
    scatter: float
    freedom: int

    def expected(self, day: float) -> float:
        return self.level + self.slope * (day - self.origin)

    def sd(self, day: float) -> float:
        """Standard deviation of the figure of one step on that day: of the line, and of figures around it."""
        x = np.array([1.0, day - self.origin])
        return float(np.sqrt(x @ self.covariance @ x + self.scatter))


def progress(baseline: float | None, now: float | None, target: float) -> float | None:
    """Return which share of the way from `baseline` to `target` is done (below 0: further away, above 1: beyond).

    >>> progress(30.0, 36.0, 45.0)
    0.4
    """
    if baseline is None or now is None or baseline == target:
        return None
    return (now - baseline) / (target - baseline)


def met(value: float, target: float, wanted: Direction) -> bool:
    """Return whether a figure is as good as the target or better."""
    return value >= target if wanted == "higher" else value <= target


def outlook(
    days: Sequence[float],
    values: Numbers,
    lows: Numbers,
    highs: Numbers,
    *,
    due: float,
    target: float,
    wanted: Direction,
    share_of_step: float = 1.0,
    shown: Sequence[float] = (),
    by_ratio: bool = False,
    confidence: float = 0.95,
) -> Outlook:
    """Return where the trend of the steps leads on the due day, and the probability that the figure meets the target.

    Parameters
    ----------
    days : the middle of each step, in days from any origin. values, lows, highs : each step's figure and interval;
        None where there is none. due : the day of the goal. target : in the unit of the values. wanted : which direction
        meets it. share_of_step : how much of the sampling variance of a step the figure on the due day has: 7/30 when
        steps are weeks and the goal is about the last 30 days. shown : days for which the trend is returned, too.
    by_ratio : the trend is one of percentages (durations: halved, then halved again), on the logarithm of the values,
        which are above 0 then. confidence : of the intervals given and of those returned.

    Notes
    -----
    A random-effects regression. Each step weighs 1 / (v + t²): v is its sampling variance, read off its interval
    ((high − low) / 2z)², t² the scatter of the true figure between steps, by the method of moments (DerSimonian-Laird
    with a slope); the standard errors are never made smaller than the residuals allow (Hartung-Knapp). The figure of the
    due day is then distributed as Student's t with k − 2 degrees of freedom around the line, its variance that of the
    line on that day + t² + the sampling variance of such a figure: with few steps, far ahead or with little data the
    range gets wide and the probability goes to a half. Without any interval it is the classical prediction interval.
    Assumes that the trend goes on: seasons and what the team will still do are not in it.

    Examples
    --------
    >>> none = [None] * 5
    >>> found = outlook([0, 7, 14, 21, 28], [1, 2, 4, 4, 6], none, none, due=42, target=8, wanted="higher")
    >>> round(found.due.value, 2), round(found.probability, 2)
    (8.2, 0.58)
    """
    if by_ratio:
        values, lows, highs = _logarithms(values), _logarithms(lows), _logarithms(highs)
        target = math.log(target) if target > 0 else -math.inf
    x, y, v = _known(days, values, lows, highs, confidence)
    if y.size < FEWEST_POINTS:
        return Outlook("too_few", int(y.size))
    line, typical = _fitted(x, y, v)
    noise = typical * share_of_step
    line = _Line(line.origin, line.level, line.slope, line.covariance, line.scatter + noise, line.freedom)
    sd = line.sd(due)
    if not sd > 0:
        return Outlook("no_scatter", int(y.size))
    z = (line.expected(due) - target) / sd
    above = float(special.stdtr(line.freedom, z))
    width = float(special.stdtrit(line.freedom, 0.5 + confidence / 2))
    return Outlook(
        "ok",
        int(y.size),
        above if wanted == "higher" else 1 - above,
        _at(line, due, width, by_ratio),
        tuple(_at(line, day, width, by_ratio) for day in shown),
    )


def _at(line: _Line, day: float, width: float, by_ratio: bool) -> At:
    value, sd = line.expected(day), line.sd(day)
    at = (value, value - width * sd, value + width * sd)
    # Far ahead a trend of percentages may grow beyond all numbers.
    return At(*(math.exp(min(each, 700.0)) for each in at)) if by_ratio else At(*at)


def _logarithms(numbers: Numbers) -> list[float | None]:
    return [math.log(number) if number is not None and number > 0 else None for number in numbers]


def _known(
    days: Sequence[float], values: Numbers, lows: Numbers, highs: Numbers, confidence: float
) -> tuple[Array, Array, Array]:
    """Return day, figure and sampling variance of the steps with a figure; without an interval the largest of the others."""
    x, y, low, high = (np.array(each, dtype=np.float64) for each in (days, values, lows, highs))
    there = ~np.isnan(y)
    x, y = x[there], y[there]
    v: Array = ((high[there] - low[there]) / (2 * z_value(confidence))) ** 2
    if np.isnan(v).all() or not np.nansum(v) > 0:
        return x, y, np.zeros_like(y)
    v = np.where(np.isnan(v), np.nanmax(v), v)
    return x, y, np.maximum(v, LEAST_VARIANCE * np.median(v))


def _fitted(x: Array, y: Array, v: Array) -> tuple[_Line, float]:
    """Return the line through the steps, and the sampling variance of a typical step."""
    origin = float(x.mean())
    design = np.column_stack([np.ones_like(x), x - origin])
    freedom = y.size - 2
    if not v.any():
        between = _residual(design, y, np.ones_like(y))[1] / freedom
    else:
        w = 1 / v
        inverse, spread = _residual(design, y, w)
        lost = np.trace(inverse @ (design.T * w**2) @ design)
        between = max(0.0, (spread - freedom) / (w.sum() - lost))
    total = v + between
    if not total.any():
        return _Line(origin, float(y.mean()), float(np.polyfit(x, y, 1)[0]), np.zeros((2, 2)), 0.0, freedom), 0.0
    w = 1 / total
    inverse, spread = _residual(design, y, w)
    level, slope = inverse @ (design.T * w) @ y
    covariance = inverse * max(1.0, spread / freedom)
    return _Line(origin, float(level), float(slope), covariance, between, freedom), float(np.median(v))


def _residual(design: Array, y: Array, w: Array) -> tuple[Array, float]:
    """Return the inverse of the weighted normal matrix, and the weighted sum of squares around the line."""
    inverse: Array = np.asarray(np.linalg.inv((design.T * w) @ design), dtype=np.float64)
    rest = y - design @ (inverse @ (design.T * w) @ y)
    return inverse, float((w * rest**2).sum())
