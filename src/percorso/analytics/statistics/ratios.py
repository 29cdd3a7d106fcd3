"""How sure a ratio of two sums is, when each unit (user, ticket, customer) brings a part to both."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from percorso.analytics.statistics.intervals import FloatArray, Interval, floats, plain, z_value


class RatioSums(NamedTuple):
    """The sums over n units with numerator y and denominator x: they add up over days, segments and shards."""

    n: ArrayLike
    y: ArrayLike
    x: ArrayLike
    yy: ArrayLike
    xx: ArrayLike
    xy: ArrayLike


class RatioError(NamedTuple):
    """A ratio and its standard error; NaN where there is none."""

    value: FloatArray
    error: FloatArray


def ratio_sums(numerators: ArrayLike, denominators: ArrayLike) -> RatioSums:
    """Return the sums of the units of one cell.

    Parameters
    ----------
    numerators, denominators
        One number a unit, shape (n,).
    """
    y, x = floats(numerators, denominators)
    return RatioSums(y.size, y.sum(), x.sum(), (y * y).sum(), (x * x).sum(), (x * y).sum())


def ratio_error(sums: RatioSums) -> RatioError:
    """Ratio of the sums and its standard error by the delta method, the unit being what is independent.

    Parameters
    ----------
    sums
        Numbers or arrays, one entry a cell.

    Returns
    -------
    RatioError
        Value NaN where the denominators add up to 0, error NaN below two units as well.
    """
    n, y, x, yy, xx, xy = floats(*sums)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where((n > 0) & (x != 0), y / x, np.nan)
        rest = yy - 2 * value * xy + value * value * xx
        # What is left after cancelling may be rounding error only, even below zero.
        noise = 8 * np.finfo(np.float64).eps * (np.abs(yy) + value * value * np.abs(xx))
        rest = np.where(rest <= noise, 0.0, rest)
        error = np.where(n >= 2, np.sqrt(rest / (n * (n - 1))) * n / np.abs(x), np.nan)
    return RatioError(value, error)


def ratio_interval(sums: RatioSums, confidence: float = 0.95) -> Interval:
    """Ratio of two sums with the delta-method interval (INT-RATIO).

    Parameters
    ----------
    sums
        Numbers or arrays, one entry a cell.
    confidence
        Two-sided confidence.

    Returns
    -------
    Interval
        In the unit of numerator per denominator; bounds NaN below two units.

    Notes
    -----
    Specification, section 2.

    Examples
    --------
    >>> pages = ratio_interval(ratio_sums([10, 3, 4, 0, 7, 12], [4, 2, 1, 1, 3, 6]))
    >>> round(float(pages.low), 4), round(float(pages.value), 4), round(float(pages.high), 4)
    (1.6656, 2.1176, 2.5697)
    """
    value, error = ratio_error(sums)
    half = z_value(confidence) * error
    return Interval(plain(value), plain(value - half), plain(value + half))


def ratio_interval_of(numerators: ArrayLike, denominators: ArrayLike, confidence: float = 0.95) -> Interval:
    """Ratio of the sums of one cell's units with the delta-method interval; see `ratio_interval`."""
    return ratio_interval(ratio_sums(numerators, denominators), confidence)
