import numpy as np
import pytest

from percorso.analytics.lifetime import bgnbd, gamma_gamma
from percorso.analytics.lifetime.value import (
    cohort_value,
    lifetime_value,
    lifetime_value_interval,
    probabilistic_value,
)

BUYING = bgnbd.Parameters(0.243, 4.414, 0.793, 2.426)
SPENDING = gamma_gamma.Parameters(6.25, 3.74, 15.44)


def test_the_horizon_tends_to_the_endless_value() -> None:
    found = lifetime_value(100, 0.8, 0.05, discount=0.01, horizon=2000)
    assert found.horizon == pytest.approx(found.discounted_infinite)
    assert found.discounted_infinite is not None
    assert found.simple is not None
    assert found.discounted_infinite < found.simple


def test_nobody_leaving_is_unbounded_not_infinite() -> None:
    found = lifetime_value(50, 0.5, 0, horizon=24)
    assert (found.simple, found.discounted_infinite, found.horizon, found.status) == (None, None, 600, "unbounded")
    assert lifetime_value(50, 0.5, 0, discount=0.01).discounted_infinite == pytest.approx(2525)


@pytest.mark.parametrize("churn", [-0.1, 1.2, float("nan")])
def test_a_churn_that_is_no_share_is_invalid(churn: float) -> None:
    assert lifetime_value(50, 0.5, churn).status == "invalid"


def test_an_unknown_part_leaves_everything_unknown() -> None:
    assert lifetime_value(None, 0.5, 0.1).status == lifetime_value(1, None, 0.1).status == "no_data"


def test_the_interval_holds_the_value_and_is_wide_when_few_leave() -> None:
    draw = np.random.default_rng(4)
    revenue = draw.gamma(4, 25, 400)
    few, many = (np.arange(400) < n for n in (4, 80))
    narrow, wide = (lifetime_value_interval(revenue, left, 0.8, seed=1, kind="simple") for left in (many, few))
    assert narrow.low < narrow.value < narrow.high
    assert (wide.high - wide.low) / wide.value > 4 * (narrow.high - narrow.low) / narrow.value


def test_a_buyers_value_is_the_sum_over_the_months() -> None:
    x, t_x, age, m = 2, 30.43, 38.86, 22.35
    worth = float(gamma_gamma.expected_value(SPENDING, x, m))
    until = [float(bgnbd.expected_purchases(BUYING, 4.345 * k, x, t_x, age)) for k in range(13)]
    by_hand = sum((until[k] - until[k - 1]) * worth * 0.4 / 1.01**k for k in range(1, 13))
    found = probabilistic_value(BUYING, SPENDING, [x, 0, x], [t_x, 0, t_x], [age, 9, age], [m, 0, m], margin=0.4)
    assert found.tolist() == pytest.approx([by_hand, found[1], by_hand])
    assert found[1] > 0


def test_without_a_mean_value_one_time_buyers_have_none() -> None:
    heavy = gamma_gamma.Parameters(2.0, 0.9, 10.0)
    found = probabilistic_value(BUYING, heavy, [0, 3], [0, 9], [20, 20], [0, 20])
    assert np.isnan(found).tolist() == [True, False]


def test_cohorts_add_up_month_by_month_until_the_last_whole_one() -> None:
    found = cohort_value([2, 0, 4], [0, 0, 2], [0, 2, 0], [100, 50, 80], complete=3, margin=0.5)
    assert found.value[0].tolist() == [25, 25, 37.5]
    assert np.isnan(found.value[1]).all()
    assert found.value[2][0] == 10
    assert np.isnan(found.value[2][1:]).all()
