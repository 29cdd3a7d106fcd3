"""The highest point of a likelihood in a few positive parameters: Newton's method over their logarithms."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special

from percorso.analytics.statistics.intervals import FloatArray

# Accepted (specification 5.8): this steep at most, and all starts agree so far in the log-likelihood.
STEEPEST = 1e-4
AGREEMENT = 1e-3
ROUNDS = 100
# Ten times as exact as asked for, where the arithmetic allows.
GOAL = STEEPEST / 10
LONGEST_STEP = 2.0
# How far a parameter may go from its first start, as a logarithm: 10,000 times as large, or as small.
LIMIT = np.log(1e4)
# Rows computed at a time: few enough for the cache, and for the linear algebra not to wake further threads, which costs
# more than the work itself when other processes run.
CHUNK = 4096


class Surface(NamedTuple):
    """A log-likelihood at one point: its value, first derivatives, shape (k,), and second ones, shape (k, k)."""

    value: float
    gradient: FloatArray
    hessian: FloatArray


def added(parts: Iterable[Surface]) -> Surface:
    """Return the likelihood of several groups of rows together."""
    value, gradient, hessian = (sum(column) for column in zip(*parts, strict=True))
    return Surface(float(value), np.asarray(gradient), np.asarray(hessian))


def chunks(n: int) -> Iterator[slice]:
    """Yield slices of `CHUNK` rows."""
    for i in range(0, n, CHUNK):
        yield slice(i, i + CHUNK)


Likelihood = Callable[[FloatArray], Surface]


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where the climb ended: the parameters, the log-likelihood, how steep it still is over the log-parameters.

    `converged` is False when it is still steep, when the starts do not agree, or when a parameter ran to its limit.
    """

    point: FloatArray
    value: float
    steepness: float
    converged: bool


def maximise(likelihood: Likelihood, starts: Sequence[Sequence[float]], rehearsal: Likelihood | None = None) -> Maximum:
    """Find the maximum from several starts.

    Parameters
    ----------
    likelihood
        Gives the surface at positive parameters, shape (k,).
    starts
        Parameters to begin at.
    rehearsal
        The likelihood of a sample of the rows. The starts climb it first, and those that meet go on as one: most of the
        way is made on few rows.

    Returns
    -------
    Maximum
        The best of the ends.

    Notes
    -----
    Newton's method with the Hessian's eigenvalues made negative, steps of 2 at most and halved until they go up.
    """
    points = [np.log(np.asarray(start, dtype=np.float64)) for start in starts]
    centre = points[0]
    if rehearsal is not None:
        points = _distinct([_climb(rehearsal, point, centre)[0] for point in points])
    ends = [_climb(likelihood, point, centre) for point in points]
    at, here = max(ends, key=lambda end: end[1].value)
    agree = all(here.value - other.value <= AGREEMENT for _, other in ends)
    steepness = float(np.linalg.norm(here.gradient))
    inside = bool(np.all(np.abs(at - centre) < LIMIT))
    return Maximum(np.exp(at), here.value, steepness, agree and inside and steepness < STEEPEST)


def _climb(likelihood: Likelihood, at: FloatArray, centre: FloatArray) -> tuple[FloatArray, Surface]:
    here = _over_logs(likelihood, at)
    for _ in range(ROUNDS):
        if float(np.linalg.norm(here.gradient)) < GOAL:
            break
        step = _uphill(here)
        rise, scale = float(here.gradient @ step), 1.0
        while scale > 1e-9:
            to = np.clip(at + scale * step, centre - LIMIT, centre + LIMIT)
            there = _over_logs(likelihood, to)
            # Near the top a rise is smaller than the rounding of the sum of all rows.
            if there.value >= here.value + 1e-4 * scale * rise - 4e-16 * abs(here.value):
                break
            scale /= 2
        else:
            break
        if np.array_equal(at, to):
            break
        at, here = to, there
    return at, here


def _over_logs(likelihood: Likelihood, at: FloatArray) -> Surface:
    p = np.exp(at)
    value, gradient, hessian = likelihood(p)
    slope = p * gradient
    return Surface(value if np.isfinite(value) else -np.inf, slope, p[:, None] * hessian * p + np.diag(slope))


def _uphill(here: Surface) -> FloatArray:
    bends, axes = np.linalg.eigh(-here.hessian)
    bends = np.maximum(np.abs(bends), 1e-10 * max(float(np.abs(bends).max()), 1e-10))
    step: FloatArray = axes @ ((axes.T @ here.gradient) / bends)
    return step * min(1.0, LONGEST_STEP / float(np.abs(step).max()))


def _distinct(points: Sequence[FloatArray]) -> list[FloatArray]:
    found: list[FloatArray] = []
    for point in points:
        if all(float(np.abs(point - other).max()) > AGREEMENT for other in found):
            found.append(point)
    return found


def trigamma(z: FloatArray | float) -> FloatArray:
    """Second derivative of the logarithm of the gamma function at positive numbers."""
    return np.asarray(special.zeta(2.0, z), dtype=np.float64)
