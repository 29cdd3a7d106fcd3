import numpy as np
import pytest

from percorso.analytics.lifetime.closed_loop import (
    balance,
    contact_propensity,
    difference_in_differences,
    recovery,
    weighted_effect,
    weighted_effect_interval,
)


def test_recovering_by_itself_is_no_effect() -> None:
    found = difference_in_differences([2, 3, 4], [5, 7, 7], [2, 3, 4], [5, 7, 7])
    assert found.effect == pytest.approx(0)
    assert found.mean_change_treated == pytest.approx(10 / 3)


def test_who_does_not_answer_again_is_counted_not_used() -> None:
    found = difference_in_differences([2, 3, 4], [5, np.nan, 7], [2, 3], [np.nan, np.nan])
    assert (found.n_treated, found.dropped_treated, found.n_control, found.dropped_control) == (2, 1, 0, 2)
    assert (found.effect, found.mean_change_control, found.p_value) == (None, None, None)


def test_nobody_moved() -> None:
    assert recovery(0, 0).p_value is None
    assert recovery(3, 5).net_recovered == -2


def confounded(n: int = 4000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return who was contacted, their value, and churn: the valuable are contacted more and leave less anyway."""
    draw = np.random.default_rng(5)
    value = draw.normal(size=(n, 1))
    contacted = draw.random(n) < 1 / (1 + np.exp(-value[:, 0]))
    churned = draw.random(n) < np.clip(0.5 - 0.12 * value[:, 0] - 0.1 * contacted, 0, 1)
    return contacted, value, churned


def test_weighting_takes_out_what_differed_before() -> None:
    contacted, value, churned = confounded()
    naive = churned[contacted].mean() - churned[~contacted].mean()
    propensity = contact_propensity(contacted, value)
    found = weighted_effect(contacted, propensity, churned)
    assert naive < -0.17
    assert found.effect == pytest.approx(-0.1, abs=0.04)
    assert found.effective_control is not None
    assert found.effective_control < found.n_control
    sides = balance(contacted, propensity, value)
    assert sides.before[0] > 0.5
    assert sides.balanced


def test_the_interval_holds_the_effect() -> None:
    contacted, value, churned = confounded(600)
    found = weighted_effect_interval(contacted, value, churned, seed=1, resamples=150)
    assert found.low < found.value < found.high
    assert found.low < -0.1 < found.high


def test_without_anybody_to_compare_with_there_is_no_effect() -> None:
    assert weighted_effect([1, 1], [0.5, 0.6], [0, 1]).effect is None
    assert weighted_effect([1, 0], [0.99, 0.01], [0, 1]).n_treated == 0
    assert not balance([1, 1], [0.5, 0.6], [[1.0], [2.0]]).balanced
