"""Gamma-Gamma: what the purchases of a customer are worth on average (Fader & Hardie 2013).

The mean value of a customer's purchases is unknown, the more so the fewer there were: it is drawn towards that of all
customers. Values are in any one unit of money; v is in that unit. Specification, section 5.9.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from percorso.analytics.lifetime.bgnbd import MINIMUM_CUSTOMERS, SAMPLE
from percorso.analytics.lifetime.histories import looked_up
from percorso.analytics.lifetime.maximum import Likelihood, Surface, added, chunks, maximise, trigamma
from percorso.analytics.statistics.intervals import FloatArray, floats

# p, q, v as a share of the mean value.
STARTS = ((5.0, 3.0, 0.4), (1.0, 2.0, 1.0), (20.0, 8.0, 0.4))
# Above it (either way) the model's assumption fails: how often and how much must have little to do with each other.
STRONGEST_CORRELATION = 0.3


class Parameters(NamedTuple):
    """The three parameters; all positive, v in the unit of money of the values."""

    p: float
    q: float
    v: float


@dataclass(frozen=True)
class Fit:
    """The most likely parameters; None without repeat purchases of any value.

    `correlation` is that of the number of repeat purchases and their mean value, None when either does not vary;
    `related` warns that it is 0.3 or more. `status` is ok, low_sample (fewer than 100 customers) or no_data; `n` are
    the customers with a repeat purchase of some value.
    """

    parameters: Parameters | None
    log_likelihood: float | None
    converged: bool
    steepness: float | None
    n: int
    correlation: float | None
    related: bool
    status: str


def log_likelihood(parameters: Parameters, repeats: ArrayLike, mean_value: ArrayLike) -> float:
    """Return the log-likelihood of the customers with repeat purchases of some value; see `fit`.

    Examples
    --------
    >>> round(log_likelihood(Parameters(5, 3, 12), [4], [22.5]), 6)
    -3.598827
    """
    return _likelihood(*_buyers(repeats, mean_value))(np.array(parameters, dtype=np.float64)).value


def fit(repeats: ArrayLike, mean_value: ArrayLike) -> Fit:
    """Find the most likely parameters.

    Parameters
    ----------
    repeats
        x, the purchases after the first one, shape (n,).
    mean_value
        m, their mean value without the first purchase, shape (n,). Customers with x = 0 or m <= 0 are left out.

    Returns
    -------
    Fit
        `converged` as in BG/NBD.

    Notes
    -----
    Newton's method with exact derivatives; gamma functions once for each number of purchases.
    """
    x, m = _buyers(repeats, mean_value)
    if x.size == 0:
        return Fit(None, None, False, None, 0, None, False, "no_data")
    starts = [(p, q, share * float(m.mean())) for p, q, share in STARTS]
    rehearsal = None
    if x.size > SAMPLE:
        rows = np.random.default_rng(1).choice(x.size, SAMPLE, replace=False)
        rehearsal = _likelihood(x[rows], m[rows])
    top = maximise(_likelihood(x, m), starts, rehearsal)
    found = Parameters(*(float(p) for p in top.point))
    varied = float(np.ptp(x)) > 0 and float(np.ptp(m)) > 0
    correlation = float(np.corrcoef(x, m)[0, 1]) if varied else None
    related = correlation is not None and abs(correlation) >= STRONGEST_CORRELATION
    status = "ok" if x.size >= MINIMUM_CUSTOMERS else "low_sample"
    return Fit(found, top.value, top.converged, top.steepness, int(x.size), correlation, related, status)


def expected_value(parameters: Parameters, repeats: ArrayLike, mean_value: ArrayLike) -> FloatArray:
    """Mean value to expect of each customer's purchases, E[M | x, m].

    Parameters
    ----------
    parameters
        In the unit of money of `mean_value`.
    repeats, mean_value
        x and m, arrays of one shape; without repeat purchases it is `population_mean`.

    Returns
    -------
    array
        NaN where the model has no mean.

    Examples
    --------
    >>> expected_value(Parameters(6.25, 3.74, 15.44), [1, 100], [100, 100]).round(2).tolist()
    [80.26, 99.72]
    """
    p, q, v = parameters
    x, m = np.broadcast_arrays(*floats(repeats, mean_value))
    weight = p * x + q - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(weight > 0, p * (v + x * np.where(x > 0, m, 0.0)) / weight, np.nan)


def population_mean(parameters: Parameters) -> float | None:
    """Mean value to expect of somebody of whom nothing is known; None when q <= 1: the model has no mean then."""
    p, q, v = parameters
    return p * v / (q - 1) if q > 1 else None


def _buyers(repeats: ArrayLike, mean_value: ArrayLike) -> tuple[FloatArray, FloatArray]:
    x, m = (a.ravel() for a in floats(repeats, mean_value))
    keep = (x > 0) & (m > 0)
    return x[keep], m[keep]


def _likelihood(x: FloatArray, m: FloatArray) -> Likelihood:
    counts, which = looked_up(x)
    of_x = np.bincount(which).astype(np.float64)
    log_m, spent = np.log(m), x * m
    fixed = float((x * (log_m + np.log(x))).sum()), float(log_m.sum()), float(x.size)

    def surface(point: FloatArray) -> Surface:
        rows = (_of_rows(point, x[c], spent[c]) for c in chunks(x.size))
        return added([_of_all(point, *fixed), _of_counts(point, counts, of_x), *rows])

    return surface


def _of_all(point: FloatArray, p_factor: float, sum_log_m: float, n: float) -> Surface:
    """The part that needs only sums: q ln v + (px-1) ln m + px ln x."""
    p, q, v = point
    value = n * q * np.log(v) + p * p_factor - sum_log_m
    hessian = np.zeros((3, 3))
    hessian[1, 2] = hessian[2, 1] = n / v
    hessian[2, 2] = -n * q / v**2
    return Surface(float(value), np.array([p_factor, n * np.log(v), n * q / v]), hessian)


def _of_rows(point: FloatArray, x: FloatArray, spent: FloatArray) -> Surface:
    """The part that each customer's spending enters: -(px+q) ln(xm+v)."""
    p, q, v = point
    k, log, share = p * x + q, np.log(spent + v), 1 / (spent + v)
    bought, customers = -float(x @ share), -float(share.sum())
    gradient = np.array([-float(x @ log), -float(log.sum()), -float(k @ share)])
    hessian = np.array([[0.0, 0.0, bought], [0.0, 0.0, customers], [bought, customers, float(k @ share**2)]])
    return Surface(-float(k @ log), gradient, hessian)


def _of_counts(point: FloatArray, x: FloatArray, weight: FloatArray) -> Surface:
    """The part that depends on x alone: ln G(px+q) - ln G(px) - ln G(q)."""
    p, q, _ = point
    k, alone = p * x + q, p * x
    value = special.gammaln(k) - special.gammaln(alone) - special.gammaln(q)
    rise, rise_alone = special.psi(k), special.psi(alone)
    bend, bend_alone = trigamma(k), trigamma(alone)
    gradient = [weight @ (x * (rise - rise_alone)), weight @ (rise - special.psi(q)), 0.0]
    hessian = np.zeros((3, 3))
    hessian[0, 0] = weight @ (x**2 * (bend - bend_alone))
    hessian[0, 1] = hessian[1, 0] = weight @ (x * bend)
    hessian[1, 1] = weight @ (bend - trigamma(q))
    return Surface(float(weight @ value), np.array(gradient), hessian)
