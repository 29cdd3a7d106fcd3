"""BG/NBD: how often non-contract customers buy, and whether they still do (Fader, Hardie & Lee 2005).

A customer buys at a rate drawn from Gamma(r, alpha) and leaves for good after each purchase with a chance drawn from
Beta(a, b). Times are in any one unit; alpha is in that unit. Specification, section 5.8.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from percorso.analytics.lifetime.histories import Histories, IntArray, checked, looked_up
from percorso.analytics.lifetime.maximum import Likelihood, Surface, added, chunks, maximise, trigamma
from percorso.analytics.statistics.intervals import FloatArray, floats

MINIMUM_CUSTOMERS = 100
MINIMUM_REPEATING = 30
# r, alpha as a share of the mean T, a, b.
STARTS = ((0.5, 0.25, 0.8, 2.5), (0.2, 0.1, 0.3, 5.0), (2.0, 1.0, 2.0, 2.0))
# With more histories than this the starts climb a sample of so many first.
SAMPLE = 20_000
# So close to a = 1 the formula of the expected purchases loses its digits.
NEAR_ONE = 1e-3


class Parameters(NamedTuple):
    """The four parameters; all positive, alpha in the unit of time of the histories."""

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True)
class Fit:
    """The most likely parameters; None without a single repeat purchase.

    `status` is ok, low_sample (fewer than 100 customers, or than 30 who bought again), or no_data.
    """

    parameters: Parameters | None
    log_likelihood: float | None
    converged: bool
    steepness: float | None
    n: int
    n_repeating: int
    status: str


def log_likelihood(parameters: Parameters, histories: Histories) -> float:
    """Return the log-likelihood of all customers together.

    Examples
    --------
    >>> two = Histories.of([2, 0], [30.43, 0], [38.86, 30])
    >>> round(log_likelihood(Parameters(0.243, 4.414, 0.793, 2.426), two), 6)
    -9.957651
    """
    return _likelihood(histories)(np.array(parameters, dtype=np.float64)).value


def fit(histories: Histories) -> Fit:
    """Find the most likely parameters.

    Parameters
    ----------
    histories
        See `Histories.of`.

    Returns
    -------
    Fit
        `converged` is False when the slope is not below 1e-4, when three starts end more than 1e-3 apart, or when a
        parameter ran away (nobody ever leaves, or all customers are alike): then do not predict from it.

    Notes
    -----
    Newton's method with exact derivatives. Equal histories are computed once, gamma functions once for each number of
    purchases; above 20,000 histories the starts meet on a sample first.
    """
    n, n_repeating = histories.n, histories.n_repeating
    if n_repeating == 0:
        return Fit(None, None, False, None, n, 0, "no_data")
    mean_age = float(np.average(histories.age, weights=histories.counts))
    starts = [(r, share * mean_age, a, b) for r, share, a, b in STARTS]
    many = len(histories.counts) > SAMPLE
    rehearsal = _likelihood(histories.sample(SAMPLE)) if many else None
    top = maximise(_likelihood(histories), starts, rehearsal)
    enough = n >= MINIMUM_CUSTOMERS and n_repeating >= MINIMUM_REPEATING
    found = Parameters(*(float(p) for p in top.point))
    return Fit(found, top.value, top.converged, top.steepness, n, n_repeating, "ok" if enough else "low_sample")


@dataclass(frozen=True, eq=False)
class _Repeating:
    """The histories with repeat purchases, and which of the distinct numbers of purchases each has."""

    x: FloatArray
    last: FloatArray
    age: FloatArray
    weight: FloatArray
    which: IntArray

    def chunks(self) -> Iterator["_Repeating"]:
        for rows in chunks(self.x.size):
            yield _Repeating(self.x[rows], self.last[rows], self.age[rows], self.weight[rows], self.which[rows])


def _likelihood(histories: Histories) -> Likelihood:
    weight = histories.counts.astype(np.float64)
    x, which = looked_up(histories.repeats)
    of_x = _summed(weight, which)
    ages, when = looked_up(histories.age)
    of_age, bought = _summed(weight, when), _summed(weight * histories.repeats, when)
    again = histories.repeats > 0
    rows = _Repeating(
        histories.repeats[again], histories.last[again], histories.age[again], weight[again], which[again]
    )

    def surface(p: FloatArray) -> Surface:
        aged = (_of_ages(p, ages[c], of_age[c], bought[c]) for c in chunks(ages.size))
        return added([_of_counts(p, x, of_x), *aged, *(_of_rows(p, x, c) for c in rows.chunks())])

    return surface


def _summed(values: FloatArray, which: IntArray) -> FloatArray:
    return np.bincount(which, weights=values).astype(np.float64)


def _of_counts(p: FloatArray, x: FloatArray, weight: FloatArray) -> Surface:
    """The part that depends on x alone: ln G(r+x)/G(r) + ln B(a,b+x)/B(a,b)."""
    r, _, a, b = p
    gamma, psi = special.gammaln, special.psi
    value = gamma(r + x) - gamma(r) + gamma(b + x) - gamma(b) + gamma(a + b) - gamma(a + b + x)
    both = psi(a + b) - psi(a + b + x)
    gradient = [weight @ (psi(r + x) - psi(r)), 0.0, weight @ both, weight @ (both + psi(b + x) - psi(b))]
    hessian = np.zeros((4, 4))
    hessian[0, 0] = weight @ (trigamma(r + x) - trigamma(r))
    hessian[2:, 2:] = weight @ (trigamma(a + b) - trigamma(a + b + x))
    hessian[3, 3] += weight @ (trigamma(b + x) - trigamma(b))
    return Surface(float(weight @ value), np.array(gradient), hessian)


def _of_ages(p: FloatArray, ages: FloatArray, weight: FloatArray, bought: FloatArray) -> Surface:
    """The part that depends on T and linearly on x: r ln alpha - (r+x) ln(alpha+T)."""
    r, alpha = p[:2]
    n, k = float(weight.sum()), r * weight + bought
    log, share = np.log(alpha + ages), 1 / (alpha + ages)
    gradient = np.array([n * np.log(alpha) - weight @ log, n * r / alpha - k @ share, 0.0, 0.0])
    hessian = np.zeros((4, 4))
    hessian[0, 1] = hessian[1, 0] = n / alpha - weight @ share
    hessian[1, 1] = k @ share**2 - n * r / alpha**2
    return Surface(float(n * r * np.log(alpha) - k @ log), gradient, hessian)


def _of_rows(p: FloatArray, x: FloatArray, rows: _Repeating) -> Surface:
    """The part of those who bought again: ln(1 + the odds of having left a/(b+x-1) ((alpha+T)/(alpha+t_x))^(r+x))."""
    r, alpha, a, b = p
    k, early, late = r + rows.x, 1 / (alpha + rows.last), 1 / (alpha + rows.age)
    with np.errstate(divide="ignore", invalid="ignore"):
        # x = 0 is in the table too when some never bought again; no row looks it up.
        table = np.where(x > 0, np.log(a / (b + x - 1)), 0.0)
        tenth = np.where(x > 0, 1 / (b + x - 1), 0.0)
    since, g = np.log(early / late), tenth[rows.which]
    odds = k * since + table[rows.which]
    small = np.exp(-np.abs(odds))
    value = rows.weight @ (np.maximum(odds, 0.0) + np.log1p(small))
    left = np.where(odds >= 0, 1.0, small) / (1 + small)
    slope = np.empty((4, k.size))
    slope[0], slope[1], slope[2], slope[3] = since, k * (late - early), 1 / a, -g
    w = rows.weight * left
    hessian = (slope * (w * (1 - left))) @ slope.T
    hessian[0, 1] += (mixed := float(w @ (late - early)))
    hessian[1, 0] += mixed
    hessian[1, 1] += float((w * k) @ (early**2 - late**2))
    hessian[2, 2] -= float(w.sum()) / a**2
    hessian[3, 3] += float(w @ g**2)
    return Surface(float(value), slope @ w, hessian)


def probability_alive(parameters: Parameters, repeats: ArrayLike, last: ArrayLike, age: ArrayLike) -> FloatArray:
    """Chance that customers still buy.

    Parameters
    ----------
    parameters
        In the unit of time of `last` and `age`.
    repeats, last, age
        x, t_x and T, arrays of one shape.

    Returns
    -------
    array
        1 for everybody without a repeat purchase: the model lets nobody leave before one. Never show it as "100 %
        alive"; say "no repeat purchase yet".

    Examples
    --------
    >>> round(float(probability_alive(Parameters(0.243, 4.414, 0.793, 2.426), 2, 30.43, 38.86)), 6)
    0.726579
    """
    r, alpha, a, b = parameters
    x, t_x, total = checked(repeats, last, age)
    again = x > 0
    odds = (r + x) * np.log((alpha + total) / (alpha + t_x)) + np.log(a / np.where(again, b + x - 1, 1.0))
    return np.where(again, special.expit(-odds), 1.0)


def expected_purchases(
    parameters: Parameters, horizon: ArrayLike, repeats: ArrayLike, last: ArrayLike, age: ArrayLike
) -> FloatArray:
    """Purchases to expect of known customers within `horizon` from now, E[Y(t) | x, t_x, T].

    Parameters
    ----------
    parameters
        In the unit of time of all others.
    horizon
        t, broadcast against the customers.
    repeats, last, age
        x, t_x and T, arrays of one shape.

    Notes
    -----
    The published formula after Euler's transformation of its hypergeometric function, which keeps hundreds of purchases
    from overflowing: 1 - (1-z)^(a-1) 2F1(a+b-1-r, a-1; a+b+x-1; z), z = t/(alpha+T+t).

    Examples
    --------
    >>> published = Parameters(0.243, 4.414, 0.793, 2.426)
    >>> round(float(expected_purchases(published, 39, 2, 30.43, 38.86)), 3)
    1.226
    """
    x, t_x, total = checked(repeats, last, age)
    return expected_if_alive(parameters, horizon, x, total) * probability_alive(parameters, x, t_x, total)


def expected_purchases_of_new(parameters: Parameters, horizon: ArrayLike) -> FloatArray:
    """Repeat purchases to expect within `horizon` of a customer who has just bought for the first time, E[X(t)].

    Examples
    --------
    >>> round(float(expected_purchases_of_new(Parameters(0.243, 4.414, 0.793, 2.426), 52)), 6)
    1.446051
    """
    return expected_if_alive(parameters, horizon, 0.0, 0.0)


def expected_if_alive(parameters: Parameters, horizon: ArrayLike, repeats: ArrayLike, age: ArrayLike) -> FloatArray:
    """Purchases to expect within `horizon` of customers who are certainly still buying; arrays are broadcast.

    NaN where it cannot be computed: a and b in the thousands (all customers alike) and a long horizon.
    """
    t, x, total = np.broadcast_arrays(*floats(horizon, repeats, age))
    if abs(parameters.a - 1) >= NEAR_ONE:
        return _expected(parameters, t, x, total)
    # At a = 1 the formula is 0/0; it is smooth, so a polynomial through six neighbours gives it to the last digits.
    nodes = 1 + NEAR_ONE * np.array([-5.0, -3.0, -1.0, 1.0, 3.0, 5.0])
    values = [_expected(parameters._replace(a=float(node)), t, x, total) for node in nodes]
    shares = [np.prod([(parameters.a - other) / (node - other) for other in nodes if other != node]) for node in nodes]
    return np.asarray(sum(s * v for s, v in zip(shares, values, strict=True)))


def _expected(parameters: Parameters, t: FloatArray, x: FloatArray, total: FloatArray) -> FloatArray:
    r, alpha, a, b = parameters
    c = a + b + x - 1
    # A pole of the function, not of the product.
    c = np.where(c == 0, 1e-9, c)
    z = t / (alpha + total + t)
    with np.errstate(invalid="ignore", over="ignore"):
        rest = np.exp((a - 1) * np.log1p(-z)) * special.hyp2f1(a + b - 1 - r, a - 1, c, z)
    lost = ~np.isfinite(rest)
    if lost.any():
        # With a in the thousands it is the published form that stays finite.
        published = np.exp((r + x) * np.log1p(-z)) * special.hyp2f1(r + x, b + x, c, z)
        rest = np.where(lost, published, rest)
    return np.asarray(c / (a - 1) * (1 - rest))
