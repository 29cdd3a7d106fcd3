import numpy as np
import pytest

from percorso.analytics.lifetime.rfm import BY_SCORES, SEGMENTS, midrank_scores, rfm

# The specification's sentence (5.6), rule by rule, the first that holds.
RULES = (
    ("champions", lambda r, f: r >= 4 and f >= 4),
    ("loyal", lambda r, f: r >= 3 and f >= 3),
    ("potential_loyalist", lambda r, f: r >= 4 and f == 2),
    ("new", lambda r, f: r >= 4 and f == 1),
    ("needs_attention", lambda r, f: r == 3 and f <= 2),
    ("cannot_lose", lambda r, f: r == 1 and f >= 4),
    ("at_risk", lambda r, f: r <= 2 and f >= 3),
    ("about_to_sleep", lambda r, f: r == 2 and f <= 2),
    ("hibernating", lambda r, f: r == 1 and f <= 2),
)


@pytest.mark.parametrize("r", range(1, 6))
@pytest.mark.parametrize("f", range(1, 6))
def test_every_pair_of_scores_has_the_segment_of_the_rules(r: int, f: int) -> None:
    assert BY_SCORES[r - 1][f - 1] == next(name for name, holds in RULES if holds(r, f))


def test_every_segment_has_a_name() -> None:
    assert set(SEGMENTS) == {name for row in BY_SCORES for name in row}


def test_equal_values_get_equal_scores() -> None:
    values = np.random.default_rng(1).integers(0, 6, 500)
    scores = midrank_scores(values)
    assert all(len(set(scores[values == v])) == 1 for v in range(6))
    assert (np.diff([scores[values == v][0] for v in range(6)]) >= 0).all()


def test_different_values_make_equal_fifths() -> None:
    assert np.bincount(midrank_scores(np.random.default_rng(1).permutation(100))).tolist() == [0, 20, 20, 20, 20, 20]


def test_the_one_who_bought_last_has_the_best_recency() -> None:
    found = rfm([1, 30, 90, 200, 400], [5, 4, 3, 2, 1], [10, 20, 30, 40, 50])
    assert found.recency_score.tolist() == [5, 4, 3, 2, 1]
    assert found.frequency_score.tolist() == [5, 4, 3, 2, 1]
    assert found.monetary_score.tolist() == [1, 2, 3, 4, 5]
    assert found.segment.tolist() == ["champions", "champions", "loyal", "about_to_sleep", "hibernating"]


def test_nobody_has_no_scores() -> None:
    assert rfm([], [], []).segment.tolist() == []
