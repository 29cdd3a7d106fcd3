"""Do the alerts find what was done to a company, and how often do they cry wolf? At the default setting, twenty indicators.

What was done is listed in `bench/companies.py` and `bench/alert_demo.py`, with its sizes. At size 1, late deliveries cost
9 points of CSAT and 12 of NPS, a broken release a third of the conversion, a lack of people in support makes first replies
half as long again; sizes are between 0.75 and 1.5, twice that for spikes of one to three days.

A cause is found when a message is told within two weeks of its first day, and names an indicator that the cause moves,
in the direction in which it moves it (or, when data stops, says so). A message that names no indicator moved by a cause
that acts, or has ended at most four weeks ago, is false.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from scipy import stats

from bench.companies import WARM_UP, YEAR, Cause, Company, company
from percorso.analytics.statistics.intervals import wilson
from percorso.insights.alerts import ALERTS, Flagged, Message, Series, grouped

DEFAULTS = ("change", "silence")
FOUND, FALSE_A_MONTH = 0.9, 1.0
WITHIN, AFTER = 14, 28
# Nothing was chosen by looking at these companies; the alerts were developed on seeds from 1000 on.
SEEDS, OTHERS = range(1, 21), range(101, 201)
MONTHS = YEAR / 365.25 * 12


@dataclass
class Score:
    """What became of the causes, by kind; messages about causes; false messages, in how many months of a company."""

    found: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    true: int = 0
    false: int = 0
    months: float = 0.0

    def __add__(self, other: Self) -> "Score":
        return Score(
            self.found + other.found,
            self.causes + other.causes,
            self.true + other.true,
            self.false + other.false,
            self.months + other.months,
        )

    @property
    def share(self) -> tuple[float, float, float]:
        """Share of the causes that were found, with its 95 % interval (Wilson)."""
        interval = wilson(self.found.total(), self.causes.total())
        return self.found.total() / self.causes.total(), float(interval.low), float(interval.high)

    @property
    def a_month(self) -> tuple[float, float, float]:
        """False messages a month, with their 95 % interval (Poisson, exact)."""
        low = stats.chi2.ppf(0.025, 2 * self.false) / 2 if self.false else 0.0
        return self.false / self.months, low / self.months, stats.chi2.ppf(0.975, 2 * self.false + 2) / 2 / self.months


def messages(series: Iterable[Series], alerts: Sequence[str] = DEFAULTS) -> list[Message]:
    """Return what people are told about these series, day by day, at the default setting."""
    watched = list(series)
    flagged = [
        Flagged(key, one, firing)
        for one in watched
        for key in alerts
        for firing in ALERTS[key].firings(one, ALERTS[key].Config())
    ]
    return grouped(flagged, watched=len(watched) * sum(ALERTS[key].tested for key in alerts))


def judge(one: Company) -> Score:
    """Return how the alerts did in the last year of a company."""
    score = Score(months=MONTHS)
    told = [m for m in messages(one.series) if m.told >= one.day(WARM_UP)]
    for cause in one.causes:
        score.causes[cause.kind] += 1
        score.found[cause.kind] += any(_finds(one, m, cause) for m in told)
    score.true = sum(any(_about(one, m, cause) for cause in one.causes) for m in told)
    score.false = len(told) - score.true
    return score


def _finds(one: Company, message: Message, cause: Cause) -> bool:
    first, end = one.day(cause.start), one.day(cause.start + WITHIN)
    return message.told >= first and any(
        first <= at < end and _right(flagged, cause) for at, flagged in message.members
    )


def _right(flagged: Flagged, cause: Cause) -> bool:
    moved = cause.shifts.get(flagged.series.indicator)
    if moved is None or cause.kind == "outage":
        return moved is not None and flagged.alert == "silence"
    return flagged.firing.direction == ("up" if moved > 0 else "down")


def _about(one: Company, message: Message, cause: Cause) -> bool:
    first, end = one.day(cause.start), one.day(cause.start + cause.days) + timedelta(days=AFTER)
    return any(first <= at < end and flagged.series.indicator in cause.shifts for at, flagged in message.members)


def judged(seeds: Iterable[int], causes: bool = True) -> Score:
    """Return the sum over simulated companies."""
    return sum((judge(company(seed, causes)) for seed in seeds), Score())
