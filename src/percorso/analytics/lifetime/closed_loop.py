"""Does getting back to unhappy customers help? Before and after alone cannot tell: unhappy customers recover anyway.

Specification, section 5.19. Best is to contact some later, at random, and to compare the two groups by
`two_proportions` and `mean_difference`; these are for when that was not done.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from percorso.analytics.statistics import comparisons
from percorso.analytics.statistics.bootstrap import bootstrap_interval
from percorso.analytics.statistics.intervals import FloatArray, Interval, floats
from percorso.analytics.statistics.prediction import logistic_coefficients, logistic_probability
from percorso.analytics.statistics.weighting import kish_n_effective_of

# Whoever was almost certain to be contacted, or not to be, has nobody to be compared with.
COMPARABLE = (0.05, 0.95)
BALANCED = 0.1


@dataclass(frozen=True)
class Difference:
    """The change of those contacted beyond that of the others, in points of the score; None where it is unknown.

    `n_…` are those who answered twice, `dropped_…` those who did not.
    """

    effect: float | None
    low: float | None
    high: float | None
    p_value: float | None
    mean_change_treated: float | None
    mean_change_control: float | None
    n_treated: int
    n_control: int
    dropped_treated: int
    dropped_control: int


def difference_in_differences(
    treated_before: ArrayLike,
    treated_after: ArrayLike,
    control_before: ArrayLike,
    control_after: ArrayLike,
    confidence: float = 0.95,
) -> Difference:
    """Mean change of contacted customers minus that of customers in the same band who were not contacted.

    Parameters
    ----------
    treated_before, treated_after
        First and second score of the contacted, shape (n,); NaN without an answer.
    control_before, control_after
        The same of those not contacted, whose first scores lie in the same band (such as 0 to 6), shape (m,).
    confidence
        Of Welch's interval.

    Returns
    -------
    Difference
        Bounds and p are None below two on a side or when nobody's change differs.

    Examples
    --------
    >>> found = difference_in_differences([2, 4, 0, 6], [8, 7, 5, 9], [3, 5, 1, 6], [5, 6, 4, 6])
    >>> found.effect, round(found.low, 3), round(found.high, 3)
    (2.75, 0.316, 5.184)
    """
    contacted, dropped_treated = _changes(treated_before, treated_after)
    others, dropped_control = _changes(control_before, control_after)
    test = comparisons.mean_difference_of(contacted, others, confidence)
    return Difference(
        effect=test.difference,
        low=test.low,
        high=test.high,
        p_value=test.p_value,
        mean_change_treated=_mean(contacted),
        mean_change_control=_mean(others),
        n_treated=contacted.size,
        n_control=others.size,
        dropped_treated=dropped_treated,
        dropped_control=dropped_control,
    )


def _changes(before: ArrayLike, after: ArrayLike) -> tuple[FloatArray, int]:
    first, second = floats(before, after)
    change = second - first
    known = change[~np.isnan(change)]
    return known, change.size - known.size


def _mean(values: FloatArray) -> float | None:
    return float(values.mean()) if values.size else None


@dataclass(frozen=True)
class Recovery:
    """How many more got better than worse, and whether that is more than chance; p is None when nobody moved."""

    net_recovered: int
    p_value: float | None


def recovery(improved: int, worsened: int) -> Recovery:
    """Class change of the same people on a second survey (McNemar, exact).

    Examples
    --------
    >>> moved = recovery(12, 3)
    >>> moved.net_recovered, round(moved.p_value, 6)
    (9, 0.035156)
    """
    test = comparisons.mcnemar(improved, worsened, improved + worsened)
    return Recovery(improved - worsened, test.p_value)


@dataclass(frozen=True)
class WeightedEffect:
    """The effect on those contacted (ATT), and what it is made of; None where a side is empty.

    `n_…` are those who have somebody to be compared with; `effective_control` is what the weighted control group is
    worth in people.
    """

    effect: float | None
    mean_treated: float | None
    weighted_control: float | None
    n_treated: int
    n_control: int
    effective_control: float | None


def weighted_effect(treated: ArrayLike, propensity: ArrayLike, outcome: ArrayLike) -> WeightedEffect:
    """Effect of contacting on churn or revenue, with the others weighted to look like those contacted (IPW).

    Parameters
    ----------
    treated
        Whether each customer was contacted, shape (n,).
    propensity
        The chance of being contacted, from what was known before the alert, shape (n,); see `contact_propensity`.
        Customers outside 0.05 to 0.95 are left out.
    outcome
        1 for churned and 0 for not, or an amount, shape (n,).

    Notes
    -----
    Average effect of treatment on the treated; controls weighted e/(1-e), normalised (Hájek).
    """
    t, e, y = floats(treated, propensity, outcome)
    comparable = (e >= COMPARABLE[0]) & (e <= COMPARABLE[1])
    contacted, others = comparable & (t > 0), comparable & (t <= 0)
    weight = e[others] / (1 - e[others])
    mean = _mean(y[contacted])
    control = float(weight @ y[others] / weight.sum()) if weight.size else None
    effect = mean - control if mean is not None and control is not None else None
    effective = float(kish_n_effective_of(weight)) if weight.size else None
    return WeightedEffect(effect, mean, control, int(contacted.sum()), int(others.sum()), effective)


def contact_propensity(treated: ArrayLike, variables: ArrayLike) -> FloatArray:
    """Return the chance of being contacted by what was known before the alert (logistic), shape (n,)."""
    return logistic_probability(logistic_coefficients(variables, treated), variables)


def weighted_effect_interval(
    treated: ArrayLike, variables: ArrayLike, outcome: ArrayLike, seed: int, resamples: int = 2000
) -> Interval:
    """Interval of `weighted_effect` by bootstrap; the propensity is fitted again each time.

    Parameters
    ----------
    treated, outcome
        Shape (n,).
    variables
        What was known before the alert, shape (n, k).
    seed
        See `stable_seed`.
    resamples
        How many times the customers are drawn again.
    """

    def effect(rows: FloatArray) -> float:
        found = weighted_effect(rows[:, 0], contact_propensity(rows[:, 0], rows[:, 2:]), rows[:, 1]).effect
        return np.nan if found is None else found

    units = np.column_stack([*floats(treated, outcome), *floats(variables)])
    return bootstrap_interval(units, effect, seed, resamples)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Balance:
    """Standardised differences of the variables between the groups, before and after weighting, shape (k,).

    `balanced` says whether all of the latter are below 0.1: otherwise the groups still differ, and so may the outcome
    without any contact.
    """

    before: FloatArray
    after: FloatArray
    balanced: bool


def balance(treated: ArrayLike, propensity: ArrayLike, variables: ArrayLike) -> Balance:
    """Compare those contacted and the weighted others in what was known before the alert; see `weighted_effect`."""
    (t, e), (x,) = floats(treated, propensity), floats(variables)
    comparable = (e >= COMPARABLE[0]) & (e <= COMPARABLE[1])
    contacted, others = comparable & (t > 0), comparable & (t <= 0)
    a, b, weight = x[contacted], x[others], e[others] / (1 - e[others])
    if not (len(a) and len(b)):
        nothing = np.full(x.shape[1], np.nan)
        return Balance(nothing, nothing, False)
    spread = np.sqrt((a.var(axis=0) + b.var(axis=0)) / 2)
    spread = np.where(spread > 0, spread, 1.0)
    before = (a.mean(axis=0) - b.mean(axis=0)) / spread
    after = (a.mean(axis=0) - weight @ b / weight.sum()) / spread
    return Balance(before, after, bool(np.all(np.abs(after) < BALANCED)))
