"""How long until it happens, when for some it has not happened yet: Kaplan-Meier and log-rank on grouped durations."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from percorso.analytics.statistics.distribution import Distribution
from percorso.analytics.statistics.intervals import FloatArray, Interval, plain, z_value

# A product of a million factors is off by rounding: a survival this close to the quantile has reached it.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class KaplanMeier:
    """The share that has not had the event, after each time at which events happened.

    Parameters
    ----------
    time, at_risk, events, survival, low, high
        One row an event time, ascending, shape (k,). Bounds are NaN where survival is 0.
    last
        The longest duration seen, ended or not; NaN without durations.
    """

    time: FloatArray
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    survival: FloatArray
    low: FloatArray
    high: FloatArray
    last: float

    @property
    def median(self) -> float | None:
        """The smallest time at which half have had the event; None when never reached."""
        return self.quantile(0.5)

    def quantile(self, q: float) -> float | None:
        """Return the smallest time at which a share q has had the event; None when never reached."""
        reached = np.flatnonzero(self.survival <= 1 - q + ROUNDING)
        return float(self.time[reached[0]]) if reached.size else None

    def at(self, time: ArrayLike) -> Interval:
        """Survival at one time or several.

        Parameters
        ----------
        time
            In the unit of the durations.

        Returns
        -------
        Interval
            1 with bounds 1 before the first event; NaN after the last duration, unless survival is already 0.
        """
        t = np.asarray(time, dtype=np.float64)
        row = np.searchsorted(self.time, t, side="right")
        value, low, high = (np.concatenate([[1.0], a])[row] for a in (self.survival, self.low, self.high))
        unknown = ~(t <= self.last) & (value > 0)
        return Interval(*(plain(np.where(unknown, np.nan, a)) for a in (value, low, high)))


def kaplan_meier(durations: Distribution, confidence: float = 0.95) -> KaplanMeier:
    """Kaplan-Meier estimate with the log-log interval on Greenwood's variance (INT-KM).

    Parameters
    ----------
    durations
        Grouped durations; an event and a censoring at the same time: the event came first.
    confidence
        Two-sided confidence.

    Notes
    -----
    Specification, sections 2 and 5.10. Cost: one pass over the distinct durations.

    Examples
    --------
    >>> curve = kaplan_meier(Distribution.of([5, 5, 8, 8], events=[1, 0, 1, 0]))
    >>> curve.survival.tolist(), curve.median
    ([0.75, 0.375], 8.0)
    """
    at_risk = _at_risk(durations)
    rows = durations.events > 0
    n, d = at_risk[rows], durations.events[rows]
    survival: FloatArray = np.cumprod(1 - d / n).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(d / (n.astype(np.float64) * (n - d)))
        shift = z_value(confidence) * np.sqrt(greenwood) / np.abs(np.log(survival))
        low, high = survival ** np.exp(shift), survival ** np.exp(-shift)
    gone = survival <= 0
    return KaplanMeier(
        time=durations.values[rows],
        at_risk=n,
        events=d,
        survival=survival,
        low=np.where(gone, np.nan, low),
        high=np.where(gone, np.nan, high),
        last=float(durations.values[-1]) if durations.n else float("nan"),
    )


@dataclass(frozen=True)
class LogRank:
    """The log-rank test of two groups; None where it cannot be computed."""

    chi2: float | None
    p_value: float | None
    observed_a: int
    expected_a: float


def logrank(a: Distribution, b: Distribution) -> LogRank:
    """Compare the durations of two groups, some of them still running (log-rank test, one degree of freedom).

    Parameters
    ----------
    a, b
        Grouped durations of each group.

    Returns
    -------
    LogRank
        Without events, or when nobody of one group is at risk at any event, the statistic and p are None.

    Examples
    --------
    >>> fast, slow = Distribution.of([1, 2, 3, 4]), Distribution.of([5, 6, 7, 8])
    >>> test = logrank(fast, slow)
    >>> round(test.chi2, 4), round(test.p_value, 4)
    (7.3444, 0.0067)
    """
    both = a.merge(b)
    rows = both.events > 0
    time, d = both.values[rows], both.events[rows].astype(np.float64)
    n = _at_risk(both)[rows].astype(np.float64)
    n_a = _at_risk_at(a, time).astype(np.float64)
    expected = d * n_a / n
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = expected * (1 - n_a / n) * np.where(n > 1, (n - d) / (n - 1), 0.0)
    variance = float(parts.sum())
    observed_a, expected_a = a.n_events, float(expected.sum())
    if variance <= 0:
        return LogRank(None, None, observed_a, expected_a)
    chi2 = (observed_a - expected_a) ** 2 / variance
    return LogRank(chi2, float(special.chdtrc(1, chi2)), observed_a, expected_a)


def _at_risk(durations: Distribution) -> NDArray[np.int64]:
    return np.cumsum(durations.counts[::-1])[::-1]


def _at_risk_at(durations: Distribution, time: FloatArray) -> NDArray[np.int64]:
    remaining = np.append(_at_risk(durations), 0)
    return remaining[np.searchsorted(durations.values, time, side="left")]
