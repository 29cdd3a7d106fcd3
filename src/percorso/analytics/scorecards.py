"""Scorecards: evidence brought to one scale from 0 to 100, pillars as its weighted mean. No evidence is None, never 0."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from percorso.errors import BadQuestion
from percorso.i18n import mark


@dataclass(frozen=True)
class Score:
    """A score from 0 to 100 with its interval; None where there is none."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Pillar:
    """A pillar's score; `used` of its `given` pieces of evidence have a figure."""

    score: Score
    used: int
    given: int


def on_scale(value: float | None, low: float | None, high: float | None, *, bad: float, good: float) -> Score:
    """Return a figure on the scale on which `bad` is 0 and `good` is 100; outside of them it is at the end.

    Raises
    ------
    BadQuestion : both ends are the same.

    Examples
    --------
    >>> on_scale(4.5, 4.0, 5.0, bad=1, good=7)
    Score(value=58.333333333333336, low=50.0, high=66.66666666666667)
    >>> on_scale(30.0, 20.0, 50.0, bad=60, good=0)
    Score(value=50.0, low=16.666666666666668, high=66.66666666666667)
    """
    if bad == good:
        raise BadQuestion(mark("The value for 0 and the value for 100 are the same. Give two different ones."))

    def place(number: float | None) -> float | None:
        return None if number is None else min(100.0, max(0.0, 100 * (number - bad) / (good - bad)))

    ends = (place(low), place(high))
    return Score(place(value), *(ends if good > bad else ends[::-1]))


def pillar(scores: Sequence[Score], weights: Sequence[float]) -> Pillar:
    """Return the weighted mean of the scores that there are.

    Notes
    -----
    One piece of evidence keeps its interval, skewed as it is. Of several, the distances to the ends are added as squares,
    as of figures that err independently; without an interval in one of them there is none.

    Examples
    --------
    >>> pillar([Score(60, 50, 70), Score(80, 70, 90), Score()], [1, 1, 1])
    Pillar(score=Score(value=70.0, low=62.928932188134524, high=77.07106781186548), used=2, given=3)
    """
    known = [(s, w) for s, w in zip(scores, weights, strict=True) if s.value is not None and w > 0]
    total = sum(w for _, w in known)
    if not known:
        return Pillar(Score(), 0, len(scores))
    value = sum(w * (s.value or 0.0) for s, w in known) / total
    below = above = 0.0
    for s, w in known:
        if s.value is None or s.low is None or s.high is None:
            return Pillar(Score(value), len(known), len(scores))
        below += (w / total * (s.value - s.low)) ** 2
        above += (w / total * (s.high - s.value)) ** 2
    return Pillar(Score(value, value - sqrt(below), value + sqrt(above)), len(known), len(scores))


def index(pillars: Sequence[Pillar]) -> Score:
    """Return the mean of the pillars; None as long as one of them has no evidence."""
    if not pillars or any(p.score.value is None for p in pillars):
        return Score()
    return pillar([p.score for p in pillars], [1.0] * len(pillars)).score
