from itertools import pairwise, product

import numpy as np
import pytest
from scipy import stats

from percorso.analytics.statistics.change import (
    autocorrelation,
    bocpd,
    ewma_limit,
    robust_seasonal_z,
    standardised_nps,
)


def test_z_by_hand() -> None:
    # One phase, last 4 points 1, 2, 3, 6: median 2.5, deviations 1.5, 0.5, 0.5, 3.5: median 1; z = (8 - 2.5) / 1.4826.
    result = robust_seasonal_z([1, 2, 3, 6, 8], season=1, baseline_cycles=4, inflation=1)
    assert result.z[4] == pytest.approx(5.5 / 1.4826)
    assert result.flags == [None, None, None, None, True]
    assert result.p_values[4] == pytest.approx(2 * stats.norm.sf(5.5 / 1.4826))


def test_each_weekday_is_compared_with_itself() -> None:
    week = np.array([10, 20, 30, 40, 50, 5, 1.0])
    noise = np.random.default_rng(5).uniform(-1, 1, 84)
    series = np.tile(week, 12) + noise
    assert robust_seasonal_z(series).flags == [None] * 28 + [False] * 56
    # Monday's 10 on a Friday is a spike, though 10 is a usual figure.
    series[-3] = 10
    assert robust_seasonal_z(series).flags[-3] is True


def test_the_inflation_factor_is_what_an_estimated_baseline_needs() -> None:
    # Specification 5.13: without it z has a robust sd of 1.30 at (7, 8); with it 0.24 % of the days are flagged.
    series = np.random.default_rng(20).normal(size=40_000)
    plain = robust_seasonal_z(series, inflation=1.0).z[56:]
    assert stats.median_abs_deviation(plain, scale="normal") == pytest.approx(1.30, abs=0.03)
    flags = robust_seasonal_z(series).flags[56:]
    assert np.mean(flags) == pytest.approx(0.0024, abs=0.001)


def test_gaps_count_neither_as_points_nor_as_history() -> None:
    series = [1, None, 3, None, 2, 4]
    result = robust_seasonal_z(series, season=1, baseline_cycles=5, min_history=3, inflation=1)
    assert [flag is None for flag in result.flags] == [True, True, True, True, True, False]


def test_without_spread_or_floor_there_is_no_z() -> None:
    assert np.isnan(robust_seasonal_z([5] * 9 + [6], season=1, baseline_cycles=8, inflation=1).z).all()
    assert robust_seasonal_z([], season=1, baseline_cycles=12).flags == []


def test_a_baseline_without_a_known_factor_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(7, 9\): choose one of \(7, 4\)"):
        robust_seasonal_z([1, 2], season=7, baseline_cycles=9)


def test_autocorrelation_by_hand_chooses_the_limit() -> None:
    # 1, 2, 3, 4 about 2.5: (0.75 - 0.25 + 0.75) / 5.
    assert autocorrelation([1, 2, 3, 4]) == pytest.approx(0.25)
    assert (ewma_limit([1, 2, 3, 4]), ewma_limit([1, -1, 1, -1])) == (3.6, 3.2)
    assert np.isnan(autocorrelation([1, 1, 1]))
    assert np.isnan(autocorrelation([]))
    assert ewma_limit([]) == 3.2
    assert autocorrelation([1, None, 3, 4, 2]) == pytest.approx((0.5 * 1.5 + 1.5 * -0.5) / 5)


def test_standardised_nps_by_hand() -> None:
    # Half promoters, a fifth detractors: variance 0.61; 100 answers: one sd is 7.81 points.
    result = standardised_nps([40, 0], [100, 0], baseline_nps=30, baseline_variance=0.61)
    assert result[0] == pytest.approx(10 / 7.810249675906654)
    assert np.isnan(result[1])


def test_bocpd_is_the_sum_over_all_segmentations() -> None:
    series, hazard, prior = np.array([0.3, 0.1, 2.2, 2.0, 2.4, -1.0]), 0.2, (0.5, 2.0, 1.5, 0.7)
    chance = np.zeros(series.size)
    for cuts in product([0, 1], repeat=series.size - 1):
        starts = [0, *(i + 1 for i, cut in enumerate(cuts) if cut), series.size]
        runs = [series[a:b] for a, b in pairwise(starts)]
        weight = hazard ** sum(cuts) * (1 - hazard) ** (len(cuts) - sum(cuts))
        chance[len(runs[-1]) - 1] += weight * np.prod([evidence(run, *prior) for run in runs])
    result = bocpd(series, hazard, *prior)
    assert result.log_evidence == pytest.approx(np.log(chance.sum()))
    assert result.posterior == pytest.approx(chance / chance.sum())
    assert result.map_run_length == chance.argmax() + 1


def evidence(run: np.ndarray, mu: float, kappa: float, alpha: float, beta: float) -> float:
    """A run's density: a multivariate Student's t, from scipy."""
    n = run.size
    shape = beta / alpha * (np.eye(n) + np.ones((n, n)) / kappa)
    return float(stats.multivariate_t(np.full(n, mu), shape, df=2 * alpha).pdf(run))


def test_bocpd_skips_gaps_and_refuses_a_certain_hazard() -> None:
    assert bocpd([0, None, 5], 0.1).posterior == pytest.approx(bocpd([0, 5], 0.1).posterior)
    assert bocpd([], 0.1).map_run_length is None
    with pytest.raises(ValueError, match=r"such as 0\.01"):
        bocpd([1], 1)
