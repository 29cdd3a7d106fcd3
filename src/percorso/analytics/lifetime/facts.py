"""The lifetime analyses of a workspace: what they need is asked of its store, what they are is computed on arrays.

Every function takes the store, the workspace, the instant of knowledge, the time zone of its days, and optionally a
segment (an Ibis table with a column `customer`). Functions of money take a `currency` too, and raise BadQuestion when
the orders are in several and none is chosen. Money is in minor units.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

import ibis
import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray

from percorso.analytics.lifetime.arrays import NO_NAMES, NOBODY, Names, floats_of, frame_of, integers_of, names_of
from percorso.analytics.lifetime.histories import Histories
from percorso.analytics.lifetime.orders import (
    DAY_US,
    NEVER_US,
    Facts,
    first_subscriptions,
    local_day,
    order_days,
    orders,
    purchase_days,
)
from percorso.analytics.lifetime.rfm import Rfm, rfm
from percorso.analytics.lifetime.value import CohortValue, cohort_value
from percorso.analytics.statistics.distribution import Distribution
from percorso.analytics.statistics.intervals import FloatArray
from percorso.analytics.store import Store

if TYPE_CHECKING:
    import pandas

UNIT_DAYS = {"day": 1, "week": 7}
Unit = Literal["day", "week"]


@dataclass(frozen=True, eq=False)
class Scored:
    """RFM of the customers who ordered; arrays of shape (n,), in the order of the customers' ids.

    `recency_days` since the last order, `frequency` orders, `monetary` their sum in minor units of `currency`.
    """

    customer: Names
    recency_days: FloatArray
    frequency: FloatArray
    monetary: FloatArray
    scores: Rfm
    currency: str | None

    def to_pandas(self) -> "pandas.DataFrame":
        """Return one row a customer."""
        columns = ("customer", "recency_days", "frequency", "monetary")
        return frame_of({name: getattr(self, name) for name in columns} | vars(self.scores))


def rfm_of(
    store: Store,
    workspace: str,
    as_of: datetime,
    tz: str,
    segment: ir.Table | None = None,
    currency: str | None = None,
) -> Scored:
    """Score the customers of a workspace by their orders before `as_of` (specification 5.6)."""
    facts = Facts(store, workspace, as_of, tz, segment, currency)
    found = orders(facts)
    if found is None:
        return Scored(NO_NAMES, NOBODY, NOBODY, NOBODY, rfm([], [], []), currency)
    t = found.table
    per = t.group_by("customer").aggregate(newest=t.us.max(), orders=t.count(), spent=t.amount.sum())
    rows = facts.fetch(per.order_by("customer"))
    days = (facts.end_us - integers_of(rows, "newest")) / DAY_US
    number, spent = floats_of(rows, "orders"), floats_of(rows, "spent")
    return Scored(names_of(rows), days, number, spent, rfm(days, number, spent), found.currency)


@dataclass(frozen=True, eq=False)
class Purchases:
    """What buyers have done so far; arrays of shape (n,), in the order of the customers' ids.

    `repeats` x, `last` t_x and `age` T in the unit asked for, `mean_value` m: the mean of the repeat purchases in minor
    units of `currency`, 0 without any. Several orders on one local day are one purchase.
    """

    customer: Names
    repeats: FloatArray
    last: FloatArray
    age: FloatArray
    mean_value: FloatArray
    currency: str | None

    @property
    def histories(self) -> Histories:
        """The customers grouped for BG/NBD."""
        return Histories.of(self.repeats, self.last, self.age)

    def to_pandas(self) -> "pandas.DataFrame":
        """Return one row a customer."""
        return frame_of({name: value for name, value in vars(self).items() if name != "currency"})


def purchases_of(
    store: Store,
    workspace: str,
    as_of: datetime,
    tz: str,
    segment: ir.Table | None = None,
    currency: str | None = None,
    unit: Unit = "week",
) -> Purchases:
    """Turn orders before `as_of` into (x, t_x, T, m) of each customer (specification 5.7).

    T reaches to the local day of the last instant before `as_of`.
    """
    return purchases(Facts(store, workspace, as_of, tz, segment, currency), unit)


def purchases(facts: Facts, unit: Unit = "week") -> Purchases:
    """Return what the customers of `facts` have bought; see `purchases_of`."""
    found = orders(facts)
    if found is None:
        return Purchases(NO_NAMES, NOBODY, NOBODY, NOBODY, NOBODY, facts.currency)
    t = purchase_days(found.table)
    per = t.group_by("customer").aggregate(
        first=t.day.min(), newest=t.day.max(), days=t.count(), spent=t.spent.sum(), opening=t.spent.argmin(t.day)
    )
    rows = facts.fetch(per.order_by("customer"))
    first, repeats = floats_of(rows, "first"), floats_of(rows, "days") - 1
    again = floats_of(rows, "spent") - floats_of(rows, "opening")
    return Purchases(
        customer=names_of(rows),
        repeats=repeats,
        last=(floats_of(rows, "newest") - first) / UNIT_DAYS[unit],
        age=(facts.last_day - first) / UNIT_DAYS[unit],
        mean_value=np.where(repeats > 0, again / np.maximum(repeats, 1), 0.0),
        currency=found.currency,
    )


def subscription_durations(
    store: Store, workspace: str, as_of: datetime, tz: str, segment: ir.Table | None = None
) -> Distribution:
    """Days from each customer's first subscription until they had none; running ones are censored at `as_of`.

    For `kaplan_meier` and `logrank` (specification 5.10). Renewals without a gap go on; who comes back counts as left.
    """
    facts = Facts(store, workspace, as_of, tz, segment)
    t = first_subscriptions(facts)
    since = facts.fetch(t.aggregate(since=t.start_us.min()))["since"][0].as_py()
    if since is None:
        return Distribution.of([])
    pieces, end = facts.pieces(int(since)), ibis.literal(facts.end_us - 1, "int64")
    left = t.end_us < ibis.literal(NEVER_US, "int64")
    t = t.select(
        days=local_day(ibis.ifelse(left, t.end_us, end), pieces) - local_day(t.start_us, pieces),
        event=ibis.ifelse(left, 1, 0),
    )
    return _durations(facts, t)


def repeat_durations(
    store: Store, workspace: str, as_of: datetime, tz: str, segment: ir.Table | None = None
) -> Distribution:
    """Days from each customer's first purchase to the second one; without one they are censored at `as_of`.

    One minus the `kaplan_meier` curve of it is the share that has bought again after so many days.
    """
    facts = Facts(store, workspace, as_of, tz, segment)
    found = order_days(facts)
    if found is None:
        return Distribution.of([])
    turn = ibis.row_number().over(ibis.window(group_by="customer", order_by="day"))
    t = found.mutate(turn=turn)
    t = t.filter(t.turn < 2).group_by("customer").aggregate(first=t.day.min(), newest=t.day.max())
    again = t["newest"] > t["first"]
    last = ibis.literal(facts.last_day, "int64")
    days = ibis.ifelse(again, t["newest"], last) - t["first"]
    return _durations(facts, t.select(days=days, event=ibis.ifelse(again, 1, 0)))


def _durations(facts: Facts, t: ir.Table) -> Distribution:
    rows = facts.fetch(t.group_by("days", "event").aggregate(n=t.count()))
    return Distribution.of(floats_of(rows, "days"), integers_of(rows, "n"), integers_of(rows, "event"))


@dataclass(frozen=True, eq=False)
class CohortValues:
    """What the customers acquired in each month have brought: first days of the months, and the triangle of values."""

    months: tuple[date, ...]
    cohorts: CohortValue
    currency: str | None


def cohort_values_of(
    store: Store,
    workspace: str,
    as_of: datetime,
    tz: str,
    segment: ir.Table | None = None,
    currency: str | None = None,
    margin: float = 1.0,
) -> CohortValues:
    """Cumulative gross margin per acquired customer by month since the first order (specification 5.16).

    Parameters
    ----------
    margin
        Share of the amounts that is left.

    Returns
    -------
    CohortValues
        Every local month from the first order's on; months that are not over at `as_of` are NaN.
    """
    facts = Facts(store, workspace, as_of, tz, segment, currency)
    found = orders(facts)
    if found is None:
        return CohortValues((), cohort_value([], [], [], [], 0), currency)
    t = purchase_days(found.table)
    t = t.mutate(first=t.day.min().over(ibis.window(group_by="customer")))
    rows = facts.fetch(t.group_by("first", "day").aggregate(spent=t.spent.sum(), n=t.count()))
    began, month = (_months(integers_of(rows, name)) for name in ("first", "day"))
    start = int(began.min())
    size = int(_months(np.array([facts.last_day]))[0]) - start + 1
    opening = integers_of(rows, "first") == integers_of(rows, "day")
    customers = np.bincount(began[opening] - start, weights=floats_of(rows, "n")[opening], minlength=size)
    over = (facts.today.year - 1970) * 12 + facts.today.month - 1 - start
    values = cohort_value(customers, began - start, month - began, floats_of(rows, "spent"), over, margin)
    months = tuple(date(1970 + m // 12, m % 12 + 1, 1) for m in range(start, start + size))
    return CohortValues(months, values, found.currency)


def _months(days: NDArray[np.int64]) -> NDArray[np.int64]:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
