import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from percorso.analytics.statistics.quantiles import (
    quantile_interval_of,
    quantile_position,
    quantile_ranks,
    quantile_type7,
)


@pytest.mark.parametrize("q", [0.25, 0.5, 0.75, 0.9])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_ranks_equal_scipys_quantile_test(q: float, confidence: float) -> None:
    sizes = np.array([*range(1, 60), 80, 120, 997])
    low, high = quantile_ranks(sizes, q, confidence)
    for n, lower, upper in zip(sizes, low, high, strict=True):
        expected = stats.quantile_test(np.arange(1.0, n + 1), p=q).confidence_interval(confidence)
        if np.isnan([expected.low, expected.high]).any():
            assert (lower, upper) == (0, 0)
        else:
            assert (lower, upper) == (expected.low, expected.high)


def test_smallest_samples_of_the_specification() -> None:
    assert quantile_ranks([5, 6], 0.5).low.tolist() == [0, 1]
    assert quantile_ranks([35, 36], 0.9).high.tolist() == [0, 36]


def test_ranks_hold_by_definition_for_millions() -> None:
    for n in (10_000, 3_000_000):
        low, high = (int(r) for r in quantile_ranks(n, 0.9))
        assert stats.binom.cdf(low - 1, n, 0.9) <= 0.025 < stats.binom.cdf(low, n, 0.9)
        assert stats.binom.sf(high - 1, n, 0.9) <= 0.025 < stats.binom.sf(high - 2, n, 0.9)


@settings(deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.floats(0, 1))
def test_position_finds_numpys_quantile(values: list[float], q: float) -> None:
    rank, fraction = quantile_position(len(values), q)
    x = np.sort(values)
    found = x[rank - 1] + fraction * (x[min(rank, x.size - 1)] - x[rank - 1])
    assert found == pytest.approx(np.quantile(values, q), rel=1e-9, abs=1e-6)


def test_no_values_have_no_quantile() -> None:
    assert np.isnan(quantile_type7([]))
    assert np.isnan(quantile_type7([], [0.1, 0.9])).all()
    assert np.isnan(quantile_interval_of([])).all()
    assert quantile_position(0, 0.5).rank == 0
    assert quantile_ranks([0, 0]).low.tolist() == [0, 0]


def test_a_q_that_is_no_share_is_refused() -> None:
    for function in (quantile_ranks, quantile_position):
        with pytest.raises(ValueError, match=r"0\.5 for the median"):
            function(10, 50)
