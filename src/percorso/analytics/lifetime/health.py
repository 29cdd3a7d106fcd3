"""Customer health: a score from what is known of a customer, and whether it tells who will leave.

Specification, card `customer_health_score` and section 5.12.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from percorso.analytics.statistics.intervals import FloatArray, floats, wilson
from percorso.analytics.statistics.prediction import Curve, auc, falling_curve, logistic_coefficients
from percorso.i18n import mark

# Share of the weight that must be known for a score.
MINIMUM_COVERAGE = 0.6
# red < 40 <= yellow < 70 <= green
LIMITS = (40.0, 70.0)
BANDS: dict[str, str] = {"red": mark("At risk"), "yellow": mark("To watch"), "green": mark("Healthy")}
DECILES = 10
# More churn in a healthier tenth is an error of the score if it is more than this.
VIOLATION = 0.02
# Learned weights replace those of experts only if they rank so much better on customers they have not seen.
WORTH_ADOPTING = 0.02


@dataclass(frozen=True)
class Component:
    """One thing that a score is made of.

    Parameters
    ----------
    key
        Its name.
    weight
        How much it counts against the others; 0 or more.
    points
        (raw value, 0 … 100): the map of raw values to points, straight lines between, level outside.
    max_age_days
        A value measured longer ago is missing; None keeps every value.
    """

    key: str
    weight: float
    points: tuple[tuple[float, float], ...]
    max_age_days: float | None = None

    def scored(self, raw: ArrayLike) -> FloatArray:
        """Return raw values as 0 … 100; NaN stays NaN."""
        (x,) = floats(raw)
        known, points = np.array(sorted(self.points), dtype=np.float64).T
        return np.asarray(np.interp(x, known, points))


@dataclass(frozen=True, eq=False)
class Health:
    """Scores of n customers.

    Parameters
    ----------
    score
        0 … 100, shape (n,); NaN where too little is known.
    coverage
        Share of the weight that is known, shape (n,).
    components
        Points of each component, shape (n, k); NaN where missing.
    band
        Keys of `BANDS`, shape (n,); "" where there is no score.
    """

    score: FloatArray
    coverage: FloatArray
    components: FloatArray
    band: NDArray[np.str_]

    @property
    def status(self) -> list[str]:
        """ok or insufficient_data of each customer."""
        return ["insufficient_data" if missing else "ok" for missing in np.isnan(self.score)]


def health(
    raw: ArrayLike,
    components: Sequence[Component],
    age_days: ArrayLike | None = None,
    limits: tuple[float, float] = LIMITS,
) -> Health:
    """Score customers.

    Parameters
    ----------
    raw
        Raw values, shape (n, k), a column a component; NaN where nothing is known.
    components
        The k components.
    age_days
        How long ago each value was measured, shape (n, k); values older than their component allows are missing.
    limits
        Scores at which yellow and green begin.

    Returns
    -------
    Health
        The weighted mean over what is known; none below 60 % of the weight.

    Examples
    --------
    >>> use, payment = Component("use", 3, ((0, 0), (20, 100))), Component("payment", 1, ((0, 100), (30, 0)))
    >>> found = health([[12, 0], [12, np.nan], [np.nan, 0]], [use, payment])
    >>> found.score.tolist(), found.band.tolist()
    ([70.0, 60.0, nan], ['green', 'yellow', ''])
    """
    values = np.array(raw, dtype=np.float64)
    if age_days is not None:
        longest = np.array([np.inf if c.max_age_days is None else c.max_age_days for c in components])
        values[np.asarray(age_days, dtype=np.float64) > longest] = np.nan
    scored = np.column_stack([c.scored(values[:, i]) for i, c in enumerate(components)]) if components else values
    weights = np.array([c.weight for c in components], dtype=np.float64)
    known = ~np.isnan(scored)
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = np.nan_to_num((known @ weights) / weights.sum())
        score = np.where(known, scored, 0.0) @ weights / (known @ weights)
    # The shares of weights such as 0.2 and 0.4 add up to a hair less than what they are.
    score = np.where(coverage >= MINIMUM_COVERAGE - 1e-12, score, np.nan)
    return Health(score, coverage, scored, bands(score, limits))


def bands(scores: ArrayLike, limits: tuple[float, float] = LIMITS) -> NDArray[np.str_]:
    """Return the band of each score: red below the first limit, green from the second on; "" without a score."""
    (x,) = floats(scores)
    keys = np.array(list(BANDS))[np.searchsorted(np.asarray(limits), np.nan_to_num(x), side="right")]
    return np.where(np.isnan(x), "", keys)


@dataclass(frozen=True)
class Group:
    """The customers of one band or tenth: how many, how many left, the share with its Wilson interval (or None)."""

    n: int
    churned: int
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, eq=False)
class Calibration:
    """How a score of some day went with who left in the 90 days after it.

    Parameters
    ----------
    bands
        By key of `BANDS`.
    tenths
        From the lowest scores to the highest; fewer than ten when there are fewer customers.
    violations
        The tenths (1 the lowest) with over 2 points more churn than the one below: the score is wrong there.
    base_rate
        The share of all that left; None without customers.
    auc
        Chance that one who left had a lower score than one who stayed; None when all or nobody left.
    curve
        Share that leaves by score, never rising: the map from score to probability for figures in money.
    limits
        Where yellow and green should begin: the scores at which the curve comes down to twice the base rate and to the
        base rate. None where it is never above.
    """

    bands: dict[str, Group]
    tenths: tuple[Group, ...]
    violations: tuple[int, ...]
    base_rate: float | None
    auc: float | None
    curve: Curve
    limits: tuple[float | None, float | None]


def calibration(
    scores: ArrayLike, churned: ArrayLike, limits: tuple[float, float] = LIMITS, confidence: float = 0.95
) -> Calibration:
    """Hold scores of one day against who left after it.

    Parameters
    ----------
    scores
        Scores as they were on that day, shape (n,); customers without one (NaN) are left out.
    churned
        Whether each customer left in the 90 days after, shape (n,).
    limits
        Scores at which yellow and green begin.
    confidence
        Of the Wilson intervals.
    """
    x, happened = floats(scores, churned)
    x, left = x[~np.isnan(x)], happened[~np.isnan(x)] > 0
    band = bands(x, limits)
    tenths = [left[rows] for rows in np.array_split(np.argsort(x, kind="stable"), DECILES) if rows.size]
    rates = np.array([part.mean() for part in tenths])
    base = float(left.mean()) if x.size else None
    curve = falling_curve(x, left)
    return Calibration(
        bands={key: _group(left[band == key], confidence) for key in BANDS},
        tenths=tuple(_group(part, confidence) for part in tenths),
        violations=tuple(int(i) + 2 for i in np.flatnonzero(np.diff(rates) > VIOLATION)),
        base_rate=base,
        auc=auc(-x, left),
        curve=curve,
        limits=(_reached(curve, 2 * base), _reached(curve, base)) if base is not None else (None, None),
    )


def _group(left: NDArray[np.bool_], confidence: float) -> Group:
    n, churned = left.size, int(left.sum())
    if n == 0:
        return Group(0, 0, None, None, None)
    share = wilson(churned, n, confidence)
    return Group(n, churned, float(share.value), float(share.low), float(share.high))


def _reached(curve: Curve, share: float) -> float | None:
    below = curve.shares <= share
    return float(curve.values[np.argmax(below)]) if below.any() and not below[0] else None


def learned_weights(points: ArrayLike, churned: ArrayLike) -> FloatArray | None:
    """Weights that tell best who stays: logistic regression on standardised components, none negative.

    Parameters
    ----------
    points
        Points of the components (0 … 100, higher is healthier), shape (n, k); rows with a missing one are left out.
    churned
        Whether each customer left in the 90 days after, shape (n,).

    Returns
    -------
    array or None
        Shape (k,), adding up to 100; None when all or nobody left, or when no component tells anything. Adopt them only
        if the AUC on a later slice is higher by `WORTH_ADOPTING`.
    """
    (x,), (left,) = floats(points), floats(churned)
    whole = ~np.isnan(x).any(axis=1)
    x, stays = x[whole], (left[whole] <= 0).astype(np.float64)
    if x.size == 0 or stays.min() == stays.max():
        return None
    spread = x.std(axis=0)
    standard = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    found = logistic_coefficients(standard, stays, non_negative=True)[1:]
    total = float(found.sum())
    return np.asarray(100 * found / total) if total > 0 else None
