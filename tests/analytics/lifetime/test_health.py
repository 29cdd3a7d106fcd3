import numpy as np
import pytest

from percorso.analytics.lifetime.health import BANDS, Component, bands, calibration, health, learned_weights

USE = Component("use", 40, ((0, 0), (20, 100)), max_age_days=30)
NPS = Component("nps", 20, ((0, 0), (10, 100)))
TICKETS = Component("tickets", 40, ((10, 0), (0, 100)))
ALL = [USE, NPS, TICKETS]


def test_what_is_missing_leaves_its_weight_to_the_others() -> None:
    found = health([[2, np.nan, 3], [np.nan, 9, np.nan]], ALL)
    assert found.score[0] == 40
    assert np.isnan(found.score[1])
    assert found.coverage.tolist() == [0.8, 0.2]
    assert found.band.tolist() == ["yellow", ""]
    assert found.status == ["ok", "insufficient_data"]


def test_what_was_measured_too_long_ago_is_missing() -> None:
    found = health([[20, 10, 0], [20, 10, 0]], ALL, age_days=[[30, 900, 900], [31, 0, 0]])
    assert found.coverage.tolist() == [1, 0.6]
    assert np.isnan(found.components[1, 0])


def test_just_enough_is_enough() -> None:
    parts = [Component(str(i), w, ((0, 0), (1, 100))) for i, w in enumerate((0.1, 0.2, 0.3, 0.4))]
    assert health([[1, 1, 1, np.nan]], parts).status == ["ok"]


def test_nothing_to_score_by_is_no_score() -> None:
    assert health(np.empty((2, 0)), []).status == ["insufficient_data"] * 2
    assert health([[1]], [Component("free", 0, ((0, 0), (1, 100)))]).status == ["insufficient_data"]


def test_a_limit_belongs_to_the_better_band() -> None:
    assert bands([39.9, 40, 69.9, 70, np.nan]).tolist() == ["red", "yellow", "yellow", "green", ""]
    assert set(BANDS) == {"red", "yellow", "green"}


def slice_of_customers(n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(6)
    score = draw.uniform(0, 100, n)
    return score, draw.random(n) < 0.4 - 0.38 * score / 100


def test_a_good_score_is_calibrated_without_violations() -> None:
    score, left = slice_of_customers()
    found = calibration(score, left)
    rates = [found.bands[key].rate for key in ("red", "yellow", "green")]
    assert rates == sorted(rates, reverse=True)
    assert found.auc is not None
    assert 0.65 < found.auc < 0.8
    assert found.violations == ()
    assert sum(group.n for group in found.tenths) == 4000
    assert found.base_rate == pytest.approx(0.21, abs=0.02)
    # Twice the base rate is crossed nowhere near, the base rate in the middle.
    assert found.limits[1] == pytest.approx(50, abs=10)


def test_a_score_that_is_upside_down_is_found_out() -> None:
    score, left = slice_of_customers()
    found = calibration(100 - score, left)
    assert found.auc is not None
    assert found.auc < 0.4
    assert len(found.violations) >= 5
    assert found.limits[0] is None


def test_customers_without_a_score_are_left_out() -> None:
    found = calibration([np.nan, 20, 80], [1, 1, 0])
    assert (found.bands["red"].n, found.base_rate, found.auc) == (1, 0.5, 1.0)


def test_learned_weights_find_what_matters() -> None:
    draw = np.random.default_rng(8)
    points = draw.uniform(0, 100, (3000, 3))
    left = draw.random(3000) < 1 / (1 + np.exp((points @ [0.06, 0.02, -0.03]) - 3))
    found = learned_weights(points, left)
    assert found is not None
    assert found.sum() == pytest.approx(100)
    assert found[0] > 2 * found[1] > 0
    assert found[2] == 0
    assert learned_weights(points, np.zeros(3000)) is None
    assert learned_weights(np.full((5, 2), np.nan), [0, 1, 0, 1, 0]) is None
