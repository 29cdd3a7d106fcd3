"""What a customer is worth: by formula for subscribers, by BG/NBD and Gamma-Gamma for buyers, by cohort as it was."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from percorso.analytics.lifetime import bgnbd, gamma_gamma
from percorso.analytics.lifetime.histories import checked, distinct_rows
from percorso.analytics.statistics.bootstrap import bootstrap_interval
from percorso.analytics.statistics.intervals import FloatArray, Interval, floats

HORIZON_MONTHS = 36
WEEKS_PER_MONTH = 4.345


@dataclass(frozen=True)
class LifetimeValue:
    """Three values of one customer, in the unit of the revenue; None where there is none.

    Parameters
    ----------
    simple
        Margin over churn: what a customer brings until leaving, not discounted.
    discounted_infinite
        The same, discounted month by month.
    horizon
        What comes within the horizon, discounted: the headline.
    status
        ok, no_data (something is unknown), invalid (a share outside 0 to 1, a discount of -1 or below), or unbounded
        (no churn: nobody leaves, so only the horizon bounds the value).
    """

    simple: float | None
    discounted_infinite: float | None
    horizon: float | None
    status: str


def lifetime_value(
    arpa: float | None,
    gross_margin: float | None,
    churn: float | None,
    discount: float = 0.0,
    horizon: int = HORIZON_MONTHS,
) -> LifetimeValue:
    """Value of a subscriber by formula (card `clv`).

    Parameters
    ----------
    arpa
        Revenue per account and month, in any unit.
    gross_margin
        Share of it that is left, 0 to 1.
    churn
        Share of customers, or of revenue, lost each month, 0 to 1.
    discount
        Monthly discount rate.
    horizon
        Months; month t = 0 … horizon - 1 is worth m(1-c)^t / (1+d)^t.

    Examples
    --------
    >>> worth = lifetime_value(100, 0.8, 0.05, discount=0.01)
    >>> worth.simple, round(worth.discounted_infinite, 2), round(worth.horizon, 2)
    (1600.0, 1346.67, 1198.16)
    """
    if arpa is None or gross_margin is None or churn is None:
        return LifetimeValue(None, None, None, "no_data")
    if not (0 <= churn <= 1 and 0 <= gross_margin <= 1 and arpa >= 0 and discount > -1 and horizon >= 0):
        return LifetimeValue(None, None, None, "invalid")
    margin = arpa * gross_margin
    inside = float(margin * np.sum(((1 - churn) / (1 + discount)) ** np.arange(horizon)))
    forever = margin * (1 + discount) / (discount + churn) if discount + churn > 0 else None
    if churn == 0:
        return LifetimeValue(None, forever, inside, "unbounded")
    return LifetimeValue(margin / churn, forever, inside, "ok")


def lifetime_value_interval(
    revenue: ArrayLike,
    left: ArrayLike,
    gross_margin: float,
    seed: int,
    discount: float = 0.0,
    horizon: int = HORIZON_MONTHS,
    kind: Literal["simple", "discounted_infinite", "horizon"] = "horizon",
) -> Interval:
    """Value by formula with its interval: customers are drawn again, and with them both revenue and churn.

    Parameters
    ----------
    revenue
        Revenue of each customer of the first month, shape (n,).
    left
        Whether the customer was gone a month later, shape (n,).
    gross_margin, discount, horizon
        See `lifetime_value`.
    seed
        See `stable_seed`.
    kind
        Which of the three values. `simple` is very uncertain while few customers leave.
    """

    def worth(rows: FloatArray) -> float:
        found = lifetime_value(float(rows[:, 0].mean()), gross_margin, float(rows[:, 1].mean()), discount, horizon)
        value = getattr(found, kind)
        return np.nan if value is None else float(value)

    return bootstrap_interval(np.column_stack(floats(revenue, left)), worth, seed)  # type: ignore[arg-type]


def probabilistic_value(
    buying: bgnbd.Parameters,
    spending: gamma_gamma.Parameters,
    repeats: ArrayLike,
    last: ArrayLike,
    age: ArrayLike,
    mean_value: ArrayLike,
    *,
    months: int = 12,
    monthly_discount: float = 0.01,
    margin: float = 1.0,
) -> FloatArray:
    """Value of what each buyer will still buy (card `clv_probabilistic`).

    Parameters
    ----------
    buying
        BG/NBD parameters, fitted in weeks.
    spending
        Gamma-Gamma parameters.
    repeats, last, age
        x, and t_x and T in weeks, shape (n,).
    mean_value
        m, the mean value of the repeat purchases, shape (n,).
    months
        How far to look ahead; a month has 4.345 weeks.
    monthly_discount
        What comes in month k is divided by (1 + discount)^k.
    margin
        Share of a purchase's value that is left.

    Returns
    -------
    array
        Shape (n,), in the unit of `mean_value`; NaN where the model has no mean value.
    """
    x, t_x, total = checked(repeats, last, age)
    first, place, _ = distinct_rows(x, total)
    # What depends on x and T alone is computed once for each pair.
    ahead = np.zeros(first.size)
    before = np.zeros(first.size)
    for month in range(1, months + 1):
        so_far = bgnbd.expected_if_alive(buying, WEEKS_PER_MONTH * month, x[first], total[first])
        ahead += (so_far - before) / (1 + monthly_discount) ** month
        before = so_far
    alive = bgnbd.probability_alive(buying, x, t_x, total)
    value = gamma_gamma.expected_value(spending, x, mean_value)
    return np.asarray(ahead[place] * alive * value * margin)


class CohortValue(NamedTuple):
    """Cumulative margin per acquired customer; row a cohort, column the months since acquisition, 0 first."""

    customers: FloatArray
    value: FloatArray


def cohort_value(
    customers: ArrayLike, cohort: ArrayLike, offset: ArrayLike, amount: ArrayLike, complete: int, margin: float = 1.0
) -> CohortValue:
    """What the customers acquired in each month have brought so far (specification 5.16).

    Parameters
    ----------
    customers
        Customers acquired in each cohort, in the order of its months, shape (c,).
    cohort, offset
        Of each sum of orders: the number of its cohort, 0 first, and of the month since, shape (k,).
    amount
        The sum, shape (k,).
    complete
        How many calendar months, counted from the first cohort's, are over: later ones are NaN.
    margin
        Share of the amounts that is left.

    Returns
    -------
    CohortValue
        Customers of shape (c,) and values of shape (c, c), NaN for months that are not over.

    Examples
    --------
    >>> cohort_value([2, 1], [0, 0, 1], [0, 1, 0], [100, 50, 30], complete=2).value.tolist()
    [[50.0, 75.0], [30.0, nan]]
    """
    (acquired,) = floats(customers)
    size = acquired.size
    sums = np.zeros((size, size))
    np.add.at(sums, (np.asarray(cohort, dtype=np.int64), np.asarray(offset, dtype=np.int64)), np.asarray(amount, float))
    month = np.arange(size)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.cumsum(sums, axis=1) * margin / acquired[:, None]
    return CohortValue(acquired, np.where(month[:, None] + month < complete, each, np.nan))
