"""RFM: how recently, how often and for how much each customer buys, as scores and segments (specification 5.6)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from percorso.analytics.statistics.intervals import floats
from percorso.i18n import mark

IntArray = NDArray[np.int64]
SCORES = 5

SEGMENTS: dict[str, str] = {
    "champions": mark("Champions"),
    "loyal": mark("Loyal"),
    "potential_loyalist": mark("Potentially loyal"),
    "new": mark("New"),
    "needs_attention": mark("Need attention"),
    "cannot_lose": mark("Cannot lose"),
    "at_risk": mark("At risk"),
    "about_to_sleep": mark("About to sleep"),
    "hibernating": mark("Hibernating"),
}

# Segment by recency score (row, 1 first) and frequency score (column, 1 first).
BY_SCORES = (
    ("hibernating", "hibernating", "at_risk", "cannot_lose", "cannot_lose"),
    ("about_to_sleep", "about_to_sleep", "at_risk", "at_risk", "at_risk"),
    ("needs_attention", "needs_attention", "loyal", "loyal", "loyal"),
    ("new", "potential_loyalist", "loyal", "champions", "champions"),
    ("new", "potential_loyalist", "loyal", "champions", "champions"),
)


@dataclass(frozen=True, eq=False)
class Rfm:
    """Scores 1 (worst) to 5 (best) of each customer and the key of the segment in `SEGMENTS`; arrays of shape (n,)."""

    recency_score: IntArray
    frequency_score: IntArray
    monetary_score: IntArray
    segment: NDArray[np.str_]


def rfm(recency_days: ArrayLike, frequency: ArrayLike, monetary: ArrayLike) -> Rfm:
    """Score customers against each other.

    Parameters
    ----------
    recency_days
        Days since the last order, shape (n,).
    frequency
        Number of orders, shape (n,).
    monetary
        Sum of the orders, in any one currency, shape (n,).

    Returns
    -------
    Rfm
        Equal values always get equal scores, so fifths are not equally large; a single customer is in the middle.

    Examples
    --------
    >>> rfm([3.5, 28.5], [3, 1], [220, 500]).segment.tolist()
    ['champions', 'about_to_sleep']
    """
    days, orders, spent = floats(recency_days, frequency, monetary)
    r, f, m = midrank_scores(-days), midrank_scores(orders), midrank_scores(spent)
    table = np.array(BY_SCORES)
    return Rfm(r, f, m, table[r - 1, f - 1])


def midrank_scores(values: ArrayLike, scores: int = SCORES) -> IntArray:
    """Scores 1 … `scores` by mid-rank: the share of smaller values and half of the equal ones decides.

    Examples
    --------
    >>> midrank_scores([10, 20, 20, 40]).tolist()
    [1, 3, 3, 5]
    """
    (x,) = floats(values)
    _, place, counts = np.unique(x, return_inverse=True, return_counts=True)
    # Whole numbers: 5 * (2 * smaller + equal) / 2n must not fall below a limit by rounding.
    twice = 2 * (np.cumsum(counts) - counts) + counts
    found: IntArray = np.minimum(scores, scores * twice // (2 * max(x.size, 1)) + 1).astype(np.int64)
    return found[place]
