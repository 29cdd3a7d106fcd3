"""From a score to what happened after it: how well it ranks (AUC), and how likely the event is at each score."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from percorso.analytics.statistics.intervals import FloatArray, floats

# Keeps the coefficients finite when a variable separates the events perfectly.
RIDGE = 1e-6


def auc(scores: ArrayLike, events: ArrayLike) -> float | None:
    """Chance that one to whom the event happened has a higher score than one to whom it did not, ties half.

    Parameters
    ----------
    scores
        Any numbers, shape (n,).
    events
        Whether it happened, shape (n,).

    Returns
    -------
    float or None
        None when it happened to all or to nobody.

    Examples
    --------
    >>> auc([0.9, 0.4, 0.4, 0.1], [1, 1, 0, 0])
    0.875
    """
    x, happened = floats(scores, events)
    hits = happened > 0
    n, k = x.size, int(hits.sum())
    if k in (0, n):
        return None
    # Not at the top: it alone costs half a second of every command's start.
    from scipy import stats

    ranks = stats.rankdata(x)
    return float((ranks[hits].sum() - k * (k + 1) / 2) / (k * (n - k)))


@dataclass(frozen=True, eq=False)
class Curve:
    """A monotone curve: distinct values ascending, shape (k,), and the share of events fitted at each, shape (k,)."""

    values: FloatArray
    shares: FloatArray

    def at(self, values: ArrayLike) -> FloatArray:
        """Return the share at any values: straight lines between the points, level outside; NaN without a curve."""
        if self.values.size == 0:
            return np.full(np.shape(values), np.nan)
        (x,) = floats(values)
        return np.asarray(np.interp(x, self.values, self.shares))


def falling_curve(values: ArrayLike, events: ArrayLike) -> Curve:
    """Fit the share of events by a curve that never rises (isotonic regression, least squares).

    Parameters
    ----------
    values
        Shape (n,).
    events
        Whether it happened, shape (n,).

    Notes
    -----
    Pool adjacent violators over the distinct values; equal values are one point.

    Examples
    --------
    >>> falling_curve([1, 2, 3, 4], [1, 0, 1, 0]).shares.tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    x, happened = floats(values, events)
    distinct, place = np.unique(x, return_inverse=True)
    if distinct.size == 0:
        return Curve(distinct, distinct.copy())
    counts = np.bincount(place).astype(np.float64)
    means = np.bincount(place, weights=happened) / counts
    # Like `stats`: not at the top.
    from scipy import optimize

    fitted = optimize.isotonic_regression(means, weights=counts, increasing=False).x
    return Curve(distinct, np.asarray(fitted, dtype=np.float64))


def logistic_coefficients(variables: ArrayLike, events: ArrayLike, non_negative: bool = False) -> FloatArray:
    """Fit a logistic regression by maximum likelihood.

    Parameters
    ----------
    variables
        Shape (n, k), without a column of ones.
    events
        Whether it happened, shape (n,).
    non_negative
        Keep all coefficients but the intercept at 0 or above.

    Returns
    -------
    array
        Intercept and coefficients, shape (k + 1,). A ridge of 1e-6 keeps them finite where a variable decides alone.

    Examples
    --------
    >>> logistic_coefficients([[0.0], [0.0], [1.0], [1.0]], [0, 1, 0, 1]).round(6).tolist()
    [0.0, 0.0]
    """
    (x,), (y,) = floats(variables), floats(events)
    design = np.column_stack([np.ones(len(x)), x])

    # Like `stats`: not at the top.
    from scipy import optimize

    def loss(beta: FloatArray) -> tuple[float, FloatArray]:
        line = design @ beta
        value = np.logaddexp(0.0, line).sum() - y @ line + RIDGE / 2 * beta @ beta
        return float(value), design.T @ (special.expit(line) - y) + RIDGE * beta

    def bends(beta: FloatArray) -> FloatArray:
        p = special.expit(design @ beta)
        return np.asarray((design.T * (p * (1 - p))) @ design + RIDGE * np.eye(design.shape[1]))

    start = np.zeros(design.shape[1])
    if non_negative:
        bounds = [(None, None)] + [(0.0, None)] * (design.shape[1] - 1)
        found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, tol=1e-12)
    else:
        found = optimize.minimize(loss, start, jac=True, hess=bends, method="trust-exact", options={"gtol": 1e-8})
    return np.asarray(found.x, dtype=np.float64)


def logistic_probability(coefficients: FloatArray, variables: ArrayLike) -> FloatArray:
    """Return the probabilities of rows of variables, shape (n,); `coefficients` from `logistic_coefficients`."""
    (x,) = floats(variables)
    return np.asarray(special.expit(coefficients[0] + x @ coefficients[1:]))
