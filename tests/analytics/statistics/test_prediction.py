import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from percorso.analytics.statistics.prediction import auc, falling_curve, logistic_coefficients, logistic_probability

scored = st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=40)


@given(scored)
def test_auc_is_the_share_of_pairs_ranked_right(rows: list[tuple[int, bool]]) -> None:
    yes, no = ([score for score, event in rows if event is flag] for flag in (True, False))
    found = auc([score for score, _ in rows], [event for _, event in rows])
    if not yes or not no:
        assert found is None
    else:
        pairs = [(a > b) + 0.5 * (a == b) for a in yes for b in no]
        assert found == pytest.approx(float(np.mean(pairs)))
        assert found == pytest.approx(stats.mannwhitneyu(yes, no).statistic / len(pairs))


@given(scored)
def test_the_curve_never_rises_and_keeps_the_number_of_events(rows: list[tuple[int, bool]]) -> None:
    scores, events = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    curve = falling_curve(scores, events)
    assert (np.diff(curve.shares) <= 1e-12).all()
    assert curve.at(scores).sum() == pytest.approx(events.sum())


def test_the_curve_is_straight_between_its_points_and_level_outside() -> None:
    curve = falling_curve([10, 20], [1, 0])
    assert curve.at([0, 10, 15, 20, 99]).tolist() == [1, 1, 0.5, 0, 0]
    assert np.isnan(falling_curve([], []).at([3])).all()


def test_logistic_coefficients_are_the_most_likely() -> None:
    draw = np.random.default_rng(3)
    x = draw.normal(size=(400, 2))
    y = draw.random(400) < 1 / (1 + np.exp(-(0.5 + x @ [1.0, -2.0])))
    found = logistic_coefficients(x, y)

    def loss(beta: np.ndarray) -> float:
        line = beta[0] + x @ beta[1:]
        return float(np.logaddexp(0, line).sum() - y @ line)

    outside = optimize.minimize(loss, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10})
    assert found == pytest.approx(outside.x, abs=1e-4)
    assert logistic_probability(found, x).sum() == pytest.approx(y.sum(), abs=1e-3)


def test_no_coefficient_is_negative_when_none_may_be() -> None:
    draw = np.random.default_rng(3)
    x = draw.normal(size=(400, 2))
    y = draw.random(400) < 1 / (1 + np.exp(-(x @ [1.0, -2.0])))
    found = logistic_coefficients(x, y, non_negative=True)
    assert found[1] > 0
    assert found[2] == 0


def test_a_variable_that_decides_alone_stays_finite() -> None:
    found = logistic_coefficients([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
    assert np.isfinite(found).all()
    assert logistic_probability(found, [[0.0], [3.0]]).round(3).tolist() == [0, 1]
