"""Simulated companies whose causes are known: twenty indicators a day, and what was done to them on which day.

Nothing here was fitted to the alerts. Levels, numbers of answers and how much days differ beyond chance are those of a
company with some hundreds of thousands of customers; sizes of causes are what a manager would want to be told of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from percorso.analytics.statistics.intervals import FloatArray
from percorso.insights.alerts import Series

Kind = Literal["step", "spike", "ramp", "outage"]
FIRST = date(2024, 1, 1)
WARM_UP, YEAR = 182, 364
DAYS = WARM_UP + YEAR
Z95 = 1.959964
# Standard error of a median over that of a mean.
MEDIAN_ERROR = 1.2533


@dataclass(frozen=True)
class Watched:
    """One indicator: level, answers on a mean day, the weekend's share of them, how much days differ beyond chance.

    `level` is a share, a mean, a median in seconds, or promoters minus detractors; `spread` is the standard deviation of
    one answer in the scale in which the level moves (logit, log or plain), of the backlog that of a day. `extra` is the standard deviation of days
    beyond chance, over that of chance on a mean day; `weekend` the shift of the level at weekends, in the scale.
    """

    key: str
    family: str
    table: str
    unit: str
    better: Literal["higher", "lower"]
    level: float
    n: float
    weekend_n: float = 0.5
    spread: float = 1.0
    extra: float = 0.5
    weekend: float = 0.1


WATCHED = (
    Watched("csat", "surveys", "answers", "share", "higher", 0.78, 150),
    Watched("ces", "surveys", "answers", "scale", "higher", 5.3, 90, spread=1.5, weekend=0.05),
    Watched("nps", "surveys", "answers", "points", "higher", 35.0, 90, weekend=-2.0),
    Watched("review_rating", "surveys", "mentions", "stars", "higher", 4.2, 40, spread=1.1, weekend=0.0),
    Watched("response_rate", "surveys", "messages", "share", "higher", 0.2, 700, extra=0.7),
    Watched("completion_rate", "surveys", "messages", "share", "higher", 0.82, 140),
    Watched("complaint_rate", "service", "tickets", "share", "lower", 0.06, 500, extra=0.7),
    Watched("first_response_time", "service", "tickets", "seconds", "lower", 5400.0, 260, 0.3, 1.1, 1.0),
    Watched("backlog", "service", "tickets", "tickets", "lower", 420.0, 240, 0.3, 0.07),
    Watched("waiting_time", "service", "contacts", "seconds", "lower", 75.0, 350, 0.3, 0.9, 1.2, 0.2),
    Watched("abandonment_rate", "service", "contacts", "share", "lower", 0.08, 380, 0.3, extra=0.9),
    Watched("service_level", "service", "contacts", "share", "higher", 0.79, 350, 0.3, extra=1.0),
    Watched("fcr", "service", "contacts", "share", "higher", 0.71, 250, 0.3),
    Watched("reopen_rate", "service", "tickets", "share", "lower", 0.05, 240, 0.3),
    Watched("containment_rate", "service", "contacts", "share", "higher", 0.52, 220, 0.9),
    Watched("sla_compliance", "service", "promises", "share", "higher", 0.88, 260, 0.3, extra=0.9),
    Watched("conversion_rate", "commerce", "events", "share", "higher", 0.031, 9000, 1.1, extra=1.0),
    Watched("cart_abandonment", "commerce", "events", "share", "lower", 0.69, 900, 1.1, extra=0.7),
    Watched("return_rate", "commerce", "orders", "share", "lower", 0.07, 400, 0.9),
    Watched("churn_rate", "revenue", "subscriptions", "share", "lower", 0.0016, 40000, 1.0),
)
KEYS = tuple(w.key for w in WATCHED)

# What each story does at size 1: shifts of shares in logit, of durations in log, of the others in their unit.
STORIES: Mapping[str, Mapping[str, float]] = {
    "late deliveries": {"csat": -0.45, "nps": -12.0, "complaint_rate": 0.5, "review_rating": -0.25},
    "support is short of people": {
        "first_response_time": 0.4, "waiting_time": 0.5, "service_level": -0.6, "abandonment_rate": 0.5,
        "sla_compliance": -0.5, "backlog": 0.3,
    },
    "a release breaks the checkout": {"conversion_rate": -0.35, "cart_abandonment": 0.35},
    "a price rise": {"nps": -12.0, "churn_rate": 0.5},
    "the bot gets worse": {"containment_rate": -0.55, "waiting_time": 0.2, "ces": -0.25},
    "a faulty product": {"return_rate": 0.5, "csat": -0.35, "review_rating": -0.3, "reopen_rate": 0.3},
    "the survey's link breaks": {"response_rate": -0.4, "completion_rate": -0.6},
    "a faster carrier": {"csat": 0.4, "nps": 10.0, "complaint_rate": -0.4},
    "training of the agents": {"fcr": 0.45, "ces": 0.35, "reopen_rate": -0.4},
    "a new search": {"conversion_rate": 0.25},
}  # fmt: skip
TABLES = tuple(sorted({w.table for w in WATCHED}))


@dataclass(frozen=True)
class Cause:
    """Something that was done: from day `start` on, for `days` days; ramps grow to their size over `growing` days."""

    kind: Kind
    name: str
    start: int
    days: int
    size: float
    shifts: Mapping[str, float]
    growing: int = 0

    def shape(self) -> FloatArray:
        """Return the share of the size that acts on each day."""
        day = np.arange(DAYS) - self.start
        grown = np.clip((day + 1) / self.growing, 0, 1) if self.growing else 1.0
        return np.where((day >= 0) & (day < self.days), grown, 0.0)


@dataclass(frozen=True)
class Company:
    """Twenty series of a year and a half, and the causes within the last year."""

    seed: int
    series: tuple[Series, ...]
    causes: tuple[Cause, ...]

    def day(self, number: int) -> date:
        """Return the date of a day's number."""
        return FIRST + timedelta(days=number)


def company(seed: int, causes: bool = True) -> Company:
    """Simulate one company; without causes, all else (drift, seasons, good and bad days) stays."""
    rng = np.random.default_rng(seed)
    done = _causes(rng) if causes else ()
    scale = rng.uniform(0.7, 1.5)
    shared = {family: _days_of(rng) for family in ("surveys", "service", "commerce", "revenue")}
    return Company(seed, tuple(_series(rng, w, scale, shared[w.family], done) for w in WATCHED), done)


def _causes(rng: np.random.Generator) -> tuple[Cause, ...]:
    """Six a year, so far apart that it is clear which one an alert is about."""
    made: list[Cause] = []
    kinds: list[Kind] = ["step", "step", "spike", "ramp", "outage", "step"]
    for turn, kind in enumerate(rng.permutation(np.array(kinds))):
        start = WARM_UP + 4 + turn * 60 + int(rng.integers(0, 8))
        name = str(rng.choice(list(STORIES)))
        size = float(rng.uniform(0.75, 1.5))
        if kind == "outage":
            table = str(rng.choice(TABLES))
            shifts = {w.key: float(rng.choice([0.0, 0.0, 0.1])) for w in WATCHED if w.table == table}
            made.append(Cause("outage", table, start, int(rng.integers(3, 7)), 1.0, shifts))
        elif kind == "spike":
            made.append(Cause("spike", name, start, int(rng.integers(1, 4)), 2 * size, STORIES[name]))
        elif kind == "ramp":
            made.append(Cause("ramp", name, start, 35, 1.5 * size, STORIES[name], growing=14))
        else:
            made.append(Cause("step", name, start, int(rng.integers(14, 36)), size, STORIES[name]))
    return tuple(made)


def _days_of(rng: np.random.Generator, rho: float | None = None) -> FloatArray:
    """Good and bad days: an autoregressive series of variance 1."""
    rho = rng.uniform(0.1, 0.5) if rho is None else rho
    noise = rng.normal(size=DAYS + 50)
    made = np.zeros(DAYS + 50)
    for t in range(1, DAYS + 50):
        made[t] = rho * made[t - 1] + np.sqrt(1 - rho**2) * noise[t]
    return made[50:]


def _series(
    rng: np.random.Generator, w: Watched, scale: float, shared: FloatArray, causes: tuple[Cause, ...]
) -> Series:
    day = np.arange(DAYS)
    weekend = day % 7 >= 5
    mean_n = w.n * scale * np.where(weekend, w.weekend_n, 1.0) * np.exp(0.1 * _year(rng, day) + 0.05 * _days_of(rng))
    sampling = _error(w, w.n * scale)
    shift = sampling * w.extra * (0.6 * shared + 0.8 * _days_of(rng)) + w.weekend * weekend
    shift = shift + sampling * rng.uniform(0, 1.0) * _year(rng, day)
    for cause in causes:
        if w.key in cause.shifts and cause.kind == "outage":
            mean_n = mean_n * np.where(cause.shape() > 0, cause.shifts[w.key], 1.0)
        elif w.key in cause.shifts:
            shift = shift + cause.size * cause.shifts[w.key] * cause.shape()
    n = rng.poisson(mean_n).astype(float)
    value, low, high = _figures(rng, w, shift, n)
    return Series(
        w.key, tuple(FIRST + timedelta(days=int(d)) for d in day), value, low, high, n,
        better=w.better, unit=w.unit, family=w.family, table=w.table,
    )  # fmt: skip


def _year(rng: np.random.Generator, day: NDArray[np.int64]) -> FloatArray:
    return np.sin(2 * np.pi * (day / 365.25 + rng.random()))


def _error(w: Watched, n: float) -> float:
    """Return the standard error of one mean day in the scale in which the level moves."""
    if w.unit == "tickets":
        return w.spread
    if w.unit == "share":
        return float(1 / np.sqrt(n * w.level * (1 - w.level)))
    return float({"points": 78.0, "seconds": MEDIAN_ERROR * w.spread}.get(w.unit, w.spread) / np.sqrt(n))


def _figures(
    rng: np.random.Generator, w: Watched, shift: FloatArray, n: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the figures of the days with their 95 % intervals."""
    size = np.where(n > 0, n, np.nan)
    if w.unit == "share":
        odds = np.log(w.level / (1 - w.level)) + shift
        p = rng.binomial(n.astype(int), 1 / (1 + np.exp(-odds))) / size
        centre, half = p + Z95**2 / (2 * size), Z95 * np.sqrt(p * (1 - p) / size + Z95**2 / (4 * size**2))
        return p, (centre - half) / (1 + Z95**2 / size), (centre + half) / (1 + Z95**2 / size)
    if w.unit == "points":
        net = np.clip((w.level + shift) / 100, -0.75, 0.75)
        promoters, detractors = (0.75 + net) / 2, (0.75 - net) / 2
        counts = rng.multinomial(n.astype(int), np.stack([promoters, detractors, 1 - promoters - detractors], axis=1))
        p, d = counts[:, 0] / size, counts[:, 1] / size
        half = Z95 * np.sqrt(np.maximum(p + d - (p - d) ** 2, 0.1) / size)
        return 100 * (p - d), 100 * (p - d - half), 100 * (p - d + half)
    if w.unit == "tickets":
        # What is open today was mostly open yesterday; there is no interval.
        count = np.round(np.exp(np.log(w.level) + shift + w.spread * _days_of(rng, 0.8)))
        return count, np.full(DAYS, np.nan), np.full(DAYS, np.nan)
    error = (MEDIAN_ERROR if w.unit == "seconds" else 1.0) * w.spread / np.sqrt(size)
    noise = error * rng.standard_t(8, DAYS) * np.sqrt(6 / 8)
    if w.unit == "seconds":
        log = np.log(w.level) + shift + noise
        return np.exp(log), np.exp(log - Z95 * error), np.exp(log + Z95 * error)
    return w.level + shift + noise, w.level + shift + noise - Z95 * error, w.level + shift + noise + Z95 * error
