"""Where the groups of a funnel really differ: each against all others, at each step (specification 5.2, section 2)."""

from collections.abc import Mapping
from dataclasses import dataclass

from percorso.analytics.behaviour.funnel import FunnelResult
from percorso.analytics.statistics.comparisons import benjamini_hochberg, two_proportions


@dataclass(frozen=True)
class Contrast:
    """One group's rate from the step before to `step` (numbered from 2) against that of everybody else.

    `differs` says whether the adjusted p-value is at most q; p-values are None where there is nothing to test.
    """

    by: Mapping[str, str]
    step: int
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    adjusted_p: float | None
    differs: bool


def contrasts(result: FunnelResult, q: float = 0.1) -> tuple[Contrast, ...]:
    """Return a contrast for each group and step; all are one family (Benjamini-Hochberg, false discovery rate `q`)."""
    total, confidence = result.total.counts, result.query.confidence
    found = []
    for group in result.groups:
        for step in range(2, len(total) + 1):
            n, hits = group.counts[step - 2], group.counts[step - 1]
            others, other_hits = total[step - 2] - n, total[step - 1] - hits
            found.append((group.by, step, two_proportions(hits, n, other_hits, others, confidence)))
    adjusted = benjamini_hochberg([test.p_value for *_, test in found], q)
    return tuple(
        Contrast(by, step, test.difference, test.low, test.high, test.p_value, p, bool(rejected))
        for (by, step, test), p, rejected in zip(found, adjusted.adjusted, adjusted.rejected, strict=True)
    )
