"""What is told of lifetime analyses: groups and curves as plain values, without a single customer's data."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from percorso.analytics.lifetime.facts import CohortValues, Scored
from percorso.analytics.lifetime.rfm import SCORES, SEGMENTS
from percorso.analytics.statistics.comparisons import benjamini_hochberg
from percorso.analytics.statistics.distribution import Distribution, merged
from percorso.analytics.statistics.intervals import Interval
from percorso.analytics.statistics.survival import kaplan_meier, logrank

MONTH_DAYS = 365.25 / 12
STEPS = {"week": 7.0, "month": MONTH_DAYS, "quarter": 3 * MONTH_DAYS}
# Durations up to so many days are told by weeks, longer ones by months, very long ones by quarters.
SHORT_DAYS, LONG_DAYS = 183, 1900
# With fewer left in view than this a point of a curve is unsure, and a group too small to be compared.
ENOUGH = 30
# The ages, in months, and the number of cohorts that are told.
AGES = (0, 1, 2, 3, 6, 9, 12, 18, 24)
LATEST = 24


@dataclass(frozen=True)
class RfmGroup:
    """One of the nine RFM segments; medians are None when nobody is in it. Money in minor units, recency in days."""

    segment: str
    customers: int
    share: float | None
    money: float
    money_share: float | None
    recency_days: float | None
    orders: float | None
    spent: float | None


@dataclass(frozen=True)
class RfmSummary:
    """All nine segments in the order of `SEGMENTS`; `grid` counts customers by recency (row) and frequency score."""

    currency: str | None
    customers: int
    money: float
    groups: tuple[RfmGroup, ...]
    grid: tuple[tuple[int, ...], ...]


def rfm_summary(scored: Scored) -> RfmSummary:
    """Return what each RFM segment is like."""
    n, money = scored.customer.size, float(scored.monetary.sum())
    grid = np.zeros((SCORES, SCORES), dtype=np.int64)
    np.add.at(grid, (scored.scores.recency_score - 1, scored.scores.frequency_score - 1), 1)
    groups = tuple(_rfm_group(scored, key, n, money) for key in SEGMENTS)
    return RfmSummary(scored.currency, n, money, groups, tuple(tuple(int(c) for c in row) for row in grid))


def _rfm_group(scored: Scored, key: str, n: int, money: float) -> RfmGroup:
    rows = scored.scores.segment == key
    size, own = int(rows.sum()), float(scored.monetary[rows].sum())
    columns = (scored.recency_days, scored.frequency, scored.monetary)
    medians = [float(np.median(column[rows])) if size else None for column in columns]
    return RfmGroup(key, size, size / n if n else None, own, own / money if money else None, *medians)


@dataclass(frozen=True)
class CurvePoint:
    """The share after so many days, with its interval; None where nobody is in view so long."""

    days: float
    at_risk: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Curve:
    """How long customers stay, or until they buy again, of one group.

    `step` is the unit of the points: week, month or quarter. `median_days` is None when half was never reached.
    `difference` says whether the group has the event sooner or later than all others by the log-rank test at 5% (its
    p-values adjusted for the number of groups), None when there is nothing to compare or too little of it.
    """

    name: str | None
    customers: int
    events: int
    median_days: float | None
    step: str
    points: tuple[CurvePoint, ...]
    p_value: float | None = None
    difference: str | None = None

    def after(self, days: float) -> CurvePoint | None:
        """Return the last point up to so many days; None when nobody is in view so long."""
        found = [p for p in self.points if p.days <= days + 1 and p.value is not None]
        return found[-1] if found and found[-1].days >= days - MONTH_DAYS / 2 else None


def curve(
    durations: Distribution, name: str | None = None, *, happened: bool = False, step: str | None = None
) -> Curve:
    """Return the Kaplan-Meier curve of durations by weeks, months or quarters.

    Parameters
    ----------
    happened
        Tell the share that has had the event (bought again) and not the share that has not (stayed).
    step
        The unit of the points: week, month or quarter; without it the one that fits the longest duration.
    """
    km = kaplan_meier(durations)
    step = step or _step(km.last)
    number = int(km.last // STEPS[step]) + 1 if durations.n else 0
    days = np.arange(number) * STEPS[step]
    found = km.at(days) if number else Interval(np.empty(0), np.empty(0), np.empty(0))
    at_risk = np.append(np.cumsum(durations.counts[::-1])[::-1], 0)[np.searchsorted(durations.values, days)]
    value, low, high = (np.atleast_1d(bound) for bound in found)
    rows = zip(days, at_risk, value, low, high, strict=True)
    points = tuple(_point(day, n, v, lower, upper, happened) for day, n, v, lower, upper in rows)
    return Curve(name, durations.n, durations.n_events, km.median, step, points)


def _step(last: float) -> str:
    if not last > SHORT_DAYS:
        return "week"
    return "month" if last <= LONG_DAYS else "quarter"


def _point(days: float, at_risk: int, value: float, low: float, high: float, happened: bool) -> CurvePoint:
    numbers = [1 - value, 1 - high, 1 - low] if happened else [value, low, high]
    told = [None if np.isnan(number) else float(number) for number in numbers]
    return CurvePoint(float(days), int(at_risk), *told)


def curves(
    groups: Sequence[tuple[str, Distribution]], *, happened: bool = False, step: str | None = None
) -> tuple[Curve, ...]:
    """Return the curve of each group (see `curve`), compared with all other groups together by the log-rank test."""
    tests = []
    for name, own in groups:
        others = merged([d for other, d in groups if other != name])
        enough = min(own.n, others.n) >= ENOUGH
        tests.append(logrank(own, others) if enough else None)
    adjusted = benjamini_hochberg([t.p_value if t else None for t in tests]).adjusted
    found = []
    for (name, own), test, p in zip(groups, tests, adjusted, strict=True):
        made = curve(own, name, happened=happened, step=step)
        word = None
        if test is not None and p is not None:
            more = "sooner" if test.observed_a > test.expected_a else "later"
            word = more if p < 0.05 else "none"
        found.append(replace(made, p_value=p, difference=word))
    return tuple(found)


@dataclass(frozen=True)
class Cohorts:
    """What the customers acquired in each of the latest months have brought, in minor units of `currency` a customer.

    `values` has a row a month and a column for each of `ages` (months since acquisition), None where that is not over;
    `mean` is the same of all customers whose age is over. `all_months` says how many months there are in all.
    """

    currency: str | None
    months: tuple[date, ...]
    customers: tuple[int, ...]
    ages: tuple[int, ...]
    values: tuple[tuple[float | None, ...], ...]
    mean: tuple[float | None, ...]
    all_months: int


def cohort_summary(found: CohortValues, ages: Sequence[int] = AGES, latest: int = LATEST) -> Cohorts:
    """Return the latest cohorts at some ages; months in which nobody was acquired are left out."""
    size = len(found.months)
    known = [age for age in ages if age < size and not np.isnan(found.cohorts.value[:, age]).all()]
    table, customers = found.cohorts.value[:, known], found.cohorts.customers
    weight = np.where(np.isnan(table), 0.0, customers[:, None])
    total, people = np.nansum(np.where(weight > 0, table * weight, 0.0), axis=0), weight.sum(axis=0)
    rows = [i for i in range(size) if customers[i] > 0][-latest:]
    return Cohorts(
        currency=found.currency,
        months=tuple(found.months[i] for i in rows),
        customers=tuple(int(customers[i]) for i in rows),
        ages=tuple(known),
        values=tuple(tuple(None if np.isnan(v) else float(v) for v in table[i]) for i in rows),
        mean=tuple(float(t / n) if n else None for t, n in zip(total, people, strict=True)),
        all_months=sum(1 for n in customers if n > 0),
    )
