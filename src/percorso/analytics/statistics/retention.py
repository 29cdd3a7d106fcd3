"""Retention from four counts, as reports give them (specification 5.15)."""

from dataclasses import dataclass

from percorso.analytics.statistics.intervals import wilson

MINIMUM_N = 30


@dataclass(frozen=True)
class CountedRetention:
    """Shares 0 to 1, None for what cannot be known; `status` is ok, low_sample, no_data or invalid."""

    value: float | None
    churn_rate: float | None
    naive_end_over_start: float | None
    low: float | None
    high: float | None
    status: str


def retention_from_counts(
    starting: float, ending: float, new: float, reactivated: float = 0, confidence: float = 0.95
) -> CountedRetention:
    """Share of the customers of the start who are still there, from counts alone.

    Parameters
    ----------
    starting, ending
        Customers just before the start and just before the end.
    new, reactivated
        Customers at the end who came, or came back, in between.
    confidence
        Two-sided confidence.

    Returns
    -------
    CountedRetention
        `naive_end_over_start` is end / start, which counts who came as kept. Counts that cannot be (more kept than there
        were, or fewer than none) are `invalid`.

    Examples
    --------
    >>> kept = retention_from_counts(200, 220, new=40)
    >>> kept.value, kept.naive_end_over_start
    (0.9, 1.1)
    """
    if not starting > 0:
        return CountedRetention(None, None, None, None, None, "invalid" if starting < 0 else "no_data")
    naive, kept = ending / starting, ending - new - reactivated
    if min(ending, new, reactivated) < 0 or not 0 <= kept <= starting:
        return CountedRetention(None, None, naive, None, None, "invalid")
    share = wilson(kept, starting, confidence)
    value = float(share.value)
    status = "ok" if starting >= MINIMUM_N else "low_sample"
    return CountedRetention(value, 1 - value, naive, float(share.low), float(share.high), status)
