"""Which steps two groups take differently: after the same touchpoint, how often each goes where (sections 2 and 5.4)."""

from dataclasses import dataclass

from percorso.analytics.behaviour.shares import Share, share_of
from percorso.analytics.behaviour.transitions import MOST, TransitionResult
from percorso.analytics.statistics.comparisons import Comparison, benjamini_hochberg, two_proportions

# Steps that both groups together take less often are left out: they tell nothing, and make all others harder to tell.
AT_LEAST = 10


@dataclass(frozen=True)
class StepDifference:
    """The share of one step in two groups, each of what follows the source there; `test` is one minus other.

    `differs` says whether the p-value, adjusted for all steps that were tested, is at most q.
    """

    source: str
    target: str
    one: Share
    other: Share
    test: Comparison
    adjusted_p: float | None
    differs: bool


def differences(one: TransitionResult, other: TransitionResult, q: float = 0.1) -> tuple[StepDifference, ...]:
    """Return the steps of two groups, those that differ most first; all are one family (Benjamini-Hochberg).

    A step counts when both groups reach its source and together take it at least `AT_LEAST` times.
    """
    confidence = one.query.confidence
    reached = [{stop.node: stop.visits for stop in result.stops} for result in (one, other)]
    taken = [{(t.source, t.target): t.count for t in result.transitions} for result in (one, other)]
    whole = [len(result.transitions) < MOST for result in (one, other)]
    pairs: list[tuple[str, str, Share, Share]] = []
    for source, target in sorted({*taken[0], *taken[1]}):
        counts = [counted.get((source, target), 0) for counted in taken]
        sizes = [visits.get(source, 0) for visits in reached]
        # Of a list that was cut off, a step that is missing is rare, but not known to be none.
        known = all((source, target) in counted or uncut for counted, uncut in zip(taken, whole, strict=True))
        if known and min(sizes) > 0 and sum(counts) >= AT_LEAST:
            a, b = (share_of(count, n, confidence) for count, n in zip(counts, sizes, strict=True))
            pairs.append((source, target, a, b))
    tests = [two_proportions(a.count, a.n, b.count, b.n, confidence) for _, _, a, b in pairs]
    adjusted = benjamini_hochberg([test.p_value for test in tests], q)
    found = [
        StepDifference(*pair, test, p, bool(rejected))
        for pair, test, p, rejected in zip(pairs, tests, adjusted.adjusted, adjusted.rejected, strict=True)
    ]
    return tuple(sorted(found, key=lambda d: (not d.differs, -abs(d.test.difference or 0), d.source, d.target)))
