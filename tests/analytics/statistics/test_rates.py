"""Rates of rare events and shares of several groups, held against scipy and published tables."""

import numpy as np
import pytest
from scipy import stats

from percorso.analytics.statistics.rates import homogeneity, poisson_interval, rate_difference


@pytest.mark.parametrize("events", [0, 1, 3, 20, 5000])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_interval_is_the_quantiles_of_chi_squared(events: int, confidence: float) -> None:
    tail = (1 - confidence) / 2
    low = stats.chi2.ppf(tail, 2 * events) / 2 if events else 0.0
    high = stats.chi2.ppf(1 - tail, 2 * events + 2) / 2
    rate = poisson_interval(events, 250, confidence)
    assert (rate.low, rate.value, rate.high) == pytest.approx((low / 250, events / 250, high / 250), rel=1e-12)


def test_the_interval_is_the_published_one() -> None:
    # Garwood (1936): 10 events, 95 %: 4.795 to 18.390.
    rate = poisson_interval(10, 1)
    assert (round(float(rate.low), 3), round(float(rate.high), 3)) == (4.795, 18.390)


def test_without_exposure_there_is_no_rate_and_the_rate_may_exceed_one() -> None:
    rate = poisson_interval([0, 3, 30], [0, 0, 10])
    assert np.isnan(rate.value[:2]).all()
    assert np.isnan(rate.low[:2]).all()
    assert np.isnan(rate.high[:2]).all()
    assert rate.value[2] == 3.0


def test_the_difference_is_tested_by_the_conditional_binomial() -> None:
    test = rate_difference(30, 1200, 12, 1000)
    assert test.p_value == pytest.approx(stats.binomtest(30, 42, 1200 / 2200).pvalue, rel=1e-12)
    assert test.difference == pytest.approx(30 / 1200 - 12 / 1000)
    assert rate_difference(12, 1000, 30, 1200).p_value == pytest.approx(test.p_value)


def test_nothing_to_compare_is_no_test() -> None:
    assert rate_difference(1, 0, 1, 5).difference is None
    assert (rate_difference(0, 9, 0, 5).difference, rate_difference(0, 9, 0, 5).p_value) == (0.0, None)


def test_homogeneity_is_pearsons_chi_squared() -> None:
    hits, n = np.array([30, 44, 61, 12]), np.array([100, 90, 120, 40])
    expected = stats.chi2_contingency(np.array([hits, n - hits]), correction=False)
    test = homogeneity([*hits, 0], [*n, 0])
    assert (test.chi2, test.df, test.p_value) == pytest.approx((expected.statistic, expected.dof, expected.pvalue))
    assert homogeneity([5, 5], [5, 5]) == homogeneity([3], [5]) == (None, None, None)
