"""Collecting answers: when enough will be there, who answers less than others, and what the figure is weighted."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, isfinite, sqrt

from scipy import special

from percorso.analytics.statistics.intervals import z_value
from percorso.analytics.statistics.weighting import DESIGN_EFFECT_LIMIT, post_stratification, raking

UNEVEN = 2.0
# Rates of fewer invitations than this say too little to call one group silent.
FEWEST_ASKED = 30
LONGEST_DAYS = 3650


@dataclass(frozen=True)
class Arrival:
    """When the answers needed will be there at the present pace; None where that is never (or not within ten years).

    `early` and `late` are the days at the fastest and slowest pace that the answers so far allow (95%).
    """

    done: bool
    expected: date | None
    early: date | None
    late: date | None


def arrival(needed: int, answered: int, recent: int, days: int, today: date, confidence: float = 0.95) -> Arrival:
    """Return when `needed` answers will be there.

    Parameters
    ----------
    answered : how many there are. recent, days : how many of them came in the last `days` days, which give the pace.
    today : the day from which it goes on.

    Notes
    -----
    The pace has the exact Poisson interval of `recent` answers in `days` days.

    Examples
    --------
    >>> arrival(100, 60, 20, 10, date(2026, 1, 1)).expected
    datetime.date(2026, 1, 21)
    """
    missing = needed - answered
    if missing <= 0:
        return Arrival(True, None, None, None)
    tail = (1 - confidence) / 2
    slow = float(special.gammaincinv(recent, tail)) if recent else 0.0
    fast = float(special.gammaincinv(recent + 1, 1 - tail))

    def after(count: float) -> date | None:
        needed_days = missing * days / count if count else float("inf")
        return today + timedelta(days=ceil(needed_days)) if needed_days <= LONGEST_DAYS else None

    return Arrival(False, after(recent), after(fast), after(slow))


@dataclass(frozen=True)
class Group:
    """One group of customers: how many there are, were asked and answered, and the figure of their answers."""

    key: tuple[Hashable, ...]
    people: int
    asked: int
    responded: int
    n: int
    value: float | None
    low: float | None
    high: float | None

    @property
    def rate(self) -> float | None:
        """Share of the asked who answered; None when nobody was asked."""
        return self.responded / self.asked if self.asked else None


def silent(groups: Sequence[Group]) -> list[Group]:
    """Return the groups that answer less than half as often as the one that answers most (specification 5.18).

    Groups of which fewer than 30 were asked neither count nor are told of.
    """
    rates = [(group, group.rate) for group in groups if group.asked >= FEWEST_ASKED]
    most = max((rate for _, rate in rates if rate is not None), default=0.0)
    return [group for group, rate in rates if rate is not None and rate * UNEVEN < most]


@dataclass(frozen=True)
class Weighted:
    """A figure as if every group had answered by its size.

    `status`: ok; `empty_cell`: nobody of `cell` has answered; `not_converged`; `no_data`. `differs`: the raw figure lies
    outside of the interval of the weighted one, or the other way round. `uneven`: the design effect is above 2.
    """

    status: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    design_effect: float | None = None
    cell: str | None = None
    differs: bool = False

    @property
    def uneven(self) -> bool:
        return self.design_effect is not None and self.design_effect > DESIGN_EFFECT_LIMIT


def weighted(
    groups: Sequence[Group],
    names: Sequence[str],
    raw: tuple[float | None, float | None, float | None],
    confidence: float = 0.95,
) -> Weighted:
    """Return the figure weighted to the groups' sizes: by one column post-stratified, by several raked to each one's sizes.

    Parameters
    ----------
    groups : keys have a category for each of `names`. Their figures must be means over answers (shares, net shares,
        means), so that the weighted figure is the weighted mean of theirs. raw : value, low and high as measured.

    Notes
    -----
    Specification, section 5.18. The interval adds up the variances of the groups, read off their intervals; without one
    in a group that counts there is none.
    """
    answered = [g for g in groups if g.n and g.value is not None]
    if not answered:
        return Weighted("no_data")
    found = _post_stratified(groups, answered) if len(names) == 1 else _raked(groups, answered, names)
    if isinstance(found, Weighted):
        return found
    shares, effect = found
    value = sum(share * (g.value or 0.0) for g, share in zip(answered, shares, strict=True))
    half = _half_width(answered, shares, confidence)
    low, high = (None, None) if half is None else (value - half, value + half)
    return Weighted("ok", value, low, high, effect, None, _apart(raw, (value, low, high)))


def _post_stratified(groups: Sequence[Group], answered: Sequence[Group]) -> Weighted | tuple[list[float], float]:
    people = {str(g.key[0]): float(g.people) for g in groups}
    made = post_stratification(people, {str(g.key[0]): float(g.n) for g in answered})
    if made.weights is None:
        return Weighted(made.status, cell=made.cell)
    total = sum(g.n for g in answered)
    shares = [made.weights.get(str(g.key[0]), 0.0) * g.n / total for g in answered]
    return shares, made.design_effect or 1.0


def _raked(
    groups: Sequence[Group], answered: Sequence[Group], names: Sequence[str]
) -> Weighted | tuple[list[float], float]:
    columns: dict[str, list[Hashable]] = {}
    margins: dict[str, dict[Hashable, float]] = {}
    for i, name in enumerate(names):
        columns[name] = [g.key[i] for g in answered for _ in range(g.n)]
        margins[name] = _sizes(groups, i)
    made = raking(columns, margins)
    if made.weights is None or made.status != "ok":
        return Weighted(made.status, cell=made.cell)
    firsts = [sum(g.n for g in answered[:i]) for i in range(len(answered))]
    total = sum(g.n for g in answered)
    return [float(made.weights[at]) * g.n / total for g, at in zip(answered, firsts, strict=True)], (
        made.design_effect or 1.0
    )


def _sizes(groups: Sequence[Group], place: int) -> dict[Hashable, float]:
    sizes: dict[Hashable, float] = {}
    for group in groups:
        sizes[group.key[place]] = sizes.get(group.key[place], 0.0) + group.people
    return sizes


def _half_width(groups: Sequence[Group], shares: Sequence[float], confidence: float) -> float | None:
    variance = 0.0
    for group, share in zip(groups, shares, strict=True):
        if share == 0:
            continue
        if group.low is None or group.high is None:
            return None
        variance += (share * (group.high - group.low) / (2 * z_value(confidence))) ** 2
    return z_value(confidence) * sqrt(variance)


def _apart(raw: tuple[float | None, ...], made: tuple[float | None, ...]) -> bool:
    def outside(value: float | None, low: float | None, high: float | None) -> bool:
        return None not in (value, low, high) and not low <= value <= high  # type: ignore[operator]

    return outside(made[0], raw[1], raw[2]) or outside(raw[0], made[1], made[2])


def spread_of(low: float | None, high: float | None, n: int | None, confidence: float = 0.95) -> float | None:
    """Return the standard deviation of single answers that the interval of their mean tells; None without one."""
    if low is None or high is None or not n or n < 2:
        return None
    sd = (high - low) / (2 * z_value(confidence)) * sqrt(n)
    return sd if isfinite(sd) and sd > 0 else None
