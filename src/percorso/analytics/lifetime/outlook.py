"""What the buyers of a workspace will still buy, and how well the model foretold what it had not seen."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.lifetime import bgnbd, gamma_gamma
from percorso.analytics.lifetime.arrays import NOBODY, floats_of, integers_of
from percorso.analytics.lifetime.facts import Purchases, purchases, purchases_of
from percorso.analytics.lifetime.orders import Facts, orders, purchase_days
from percorso.analytics.lifetime.value import WEEKS_PER_MONTH, probabilistic_value
from percorso.analytics.statistics.intervals import FloatArray
from percorso.analytics.store import Store

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, eq=False)
class Outlook:
    """What buyers will still buy; arrays of shape (n,), NaN where the models say nothing.

    Parameters
    ----------
    purchases
        What they have done so far, in weeks.
    alive
        Chance that each still buys; 1 without a repeat purchase, which means "not known", never "100 %".
    expected
        Purchases to expect within the horizon.
    value
        What they are worth, discounted, in minor units of the currency.
    buying, spending
        The fitted models.
    status
        ok, low_sample (see the fits), insufficient_data (a model did not converge or has nothing to learn from: what
        rests on it is NaN), or no_data (no orders).
    """

    purchases: Purchases
    alive: FloatArray
    expected: FloatArray
    value: FloatArray
    buying: bgnbd.Fit
    spending: gamma_gamma.Fit
    status: str

    @property
    def total(self) -> float | None:
        """The value of all customers together, in minor units; None without values."""
        known = self.value[~np.isnan(self.value)]
        return float(known.sum()) if known.size else None

    def to_pandas(self) -> "pandas.DataFrame":
        """Return one row a customer."""
        frame = self.purchases.to_pandas()
        return frame.assign(alive=self.alive, expected=self.expected, value=self.value)


def outlook_of(
    store: Store,
    workspace: str,
    as_of: datetime,
    tz: str,
    segment: ir.Table | None = None,
    currency: str | None = None,
    months: int = 12,
    monthly_discount: float = 0.01,
    margin: float = 1.0,
) -> Outlook:
    """Fit BG/NBD and Gamma-Gamma to a workspace's orders and say what each customer will still buy.

    Parameters
    ----------
    months, monthly_discount, margin
        See `probabilistic_value`.
    """
    done = purchases_of(store, workspace, as_of, tz, segment, currency)
    buying = bgnbd.fit(done.histories)
    spending = gamma_gamma.fit(done.repeats, done.mean_value)
    seen = (done.repeats, done.last, done.age)
    alive = expected = value = np.full(done.repeats.size, np.nan)
    if buying.converged and buying.parameters:
        alive = bgnbd.probability_alive(buying.parameters, *seen)
        expected = bgnbd.expected_purchases(buying.parameters, months * WEEKS_PER_MONTH, *seen)
        if spending.converged and spending.parameters:
            terms: dict[str, Any] = {"months": months, "monthly_discount": monthly_discount, "margin": margin}
            value = probabilistic_value(buying.parameters, spending.parameters, *seen, done.mean_value, **terms)
    return Outlook(done, alive, expected, value, buying, spending, _status(buying, spending))


def _status(buying: bgnbd.Fit, spending: gamma_gamma.Fit) -> str:
    if buying.n == 0:
        return "no_data"
    if not (buying.converged and spending.converged):
        return "insufficient_data"
    return "low_sample" if "low_sample" in (buying.status, spending.status) else "ok"


@dataclass(frozen=True, eq=False)
class HoldOut:
    """Repeat purchases since a day, as they came and as the model fitted before that day expected them.

    `actual` and `expected` are cumulative, a number for each whole week since, of the customers known on that day;
    `expected` is NaN when the model did not converge.
    """

    actual: FloatArray
    expected: FloatArray
    fit: bgnbd.Fit

    @property
    def error(self) -> float | None:
        """How far the model is off at the end, as a share of what came; None when nothing came."""
        if not self.actual.size or self.actual[-1] == 0 or np.isnan(self.expected[-1]):
            return None
        return float(self.expected[-1] / self.actual[-1] - 1)


def hold_out_of(
    store: Store,
    workspace: str,
    as_of: datetime,
    tz: str,
    since: datetime,
    segment: ir.Table | None = None,
    currency: str | None = None,
) -> HoldOut:
    """Fit BG/NBD to the orders before `since` and hold what it expects against what came until `as_of`.

    Half a year of each is a good beginning: 26 weeks to learn from, 26 to be tested on.
    """
    then = Facts(store, workspace, since, tz, segment, currency)
    now = Facts(store, workspace, as_of, tz, segment, currency)
    done = purchases(then)
    fitted = bgnbd.fit(done.histories)
    found, weeks = orders(now), max(0, (now.last_day - then.last_day) // 7)
    if found is None or fitted.parameters is None or weeks == 0:
        return HoldOut(NOBODY, NOBODY, fitted)
    t = purchase_days(found.table)
    t = t.mutate(first=t.day.min().over(ibis.window(group_by="customer")))
    t = t.filter(t["first"] <= then.last_day, t.day > then.last_day)
    rows = now.fetch(t.group_by("day").aggregate(n=t.count()))
    week = (integers_of(rows, "day") - then.last_day - 1) // 7
    came = np.bincount(week[week < weeks], weights=floats_of(rows, "n")[week < weeks], minlength=weeks)
    if not fitted.converged:
        return HoldOut(np.cumsum(came).astype(np.float64), np.full(weeks, np.nan), fitted)
    h = done.histories
    horizon = np.arange(1, weeks + 1, dtype=np.float64)[:, None]
    alive = h.counts * bgnbd.probability_alive(fitted.parameters, h.repeats, h.last, h.age)
    ahead = bgnbd.expected_if_alive(fitted.parameters, horizon, h.repeats, h.age)
    return HoldOut(np.cumsum(came).astype(np.float64), ahead @ alive, fitted)
