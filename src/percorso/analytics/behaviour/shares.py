"""Counts of people as shares of other counts, each with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

from percorso.analytics.statistics.intervals import wilson


@dataclass(frozen=True)
class Share:
    """A share of people: `count` of `n`, 0 to 1, with its Wilson interval; None of nobody."""

    count: int
    n: int
    value: float | None
    low: float | None
    high: float | None


def share_of(count: int, n: int, confidence: float = 0.95) -> Share:
    """Return `count` of `n` as a share with its Wilson interval.

    Examples
    --------
    >>> share_of(1, 2).value, share_of(0, 0).value
    (0.5, None)
    """
    return shares_of([count], [n], confidence)[0]


def shares_of(counts: Sequence[int], ns: Sequence[int], confidence: float = 0.95) -> list[Share]:
    """Return many shares, as `share_of` does one."""
    interval = wilson(counts, ns, confidence)
    bounds = zip(interval.low.tolist(), interval.high.tolist(), strict=True)
    return [
        Share(count, n, count / n, low, high) if n else Share(count, 0, None, None, None)
        for count, n, (low, high) in zip(counts, ns, bounds, strict=True)
    ]
