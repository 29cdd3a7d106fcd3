import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from percorso.analytics.statistics.comparisons import (
    Comparison,
    benjamini_hochberg,
    mann_whitney,
    mcnemar,
    mean_difference,
    mean_difference_of,
    nps_difference,
    paired_t,
    paired_t_of,
    ratio_difference,
    two_proportions,
)
from percorso.analytics.statistics.distribution import Distribution
from percorso.analytics.statistics.ratios import ratio_sums


def test_two_proportions_z_equals_the_chi_square_test() -> None:
    result = two_proportions(120, 400, 90, 410)
    expected = stats.chi2_contingency([[120, 280], [90, 320]], correction=False)
    assert result.method == "z_pooled"
    assert (result.statistic**2, result.p_value) == pytest.approx((expected.statistic, expected.pvalue))


def test_few_expected_answers_use_fishers_exact_test() -> None:
    result = two_proportions(1, 30, 6, 25)
    assert (result.method, result.statistic) == ("fisher", None)
    assert result.p_value == pytest.approx(stats.fisher_exact([[1, 29], [6, 19]]).pvalue)
    assert two_proportions(0, 10, 0, 10).p_value == 1.0
    assert two_proportions(3, 40_000_000, 1, 50_000_000).method == "fisher"


def test_expected_five_is_enough_for_z() -> None:
    assert two_proportions(5, 50, 5, 50).method == "z_pooled"
    assert two_proportions(5, 50, 4, 50).method == "fisher"


def test_newcombe_interval_as_printed() -> None:
    # Newcombe (1998), Statistics in Medicine 17:873, table II, method 10.
    rows = {
        (9, 10, 3, 10): (0.1705, 0.8090),
        (6, 7, 2, 7): (0.0582, 0.8062),
        (5, 56, 0, 29): (-0.0381, 0.1926),
    }
    rows |= {
        (0, 10, 0, 20): (-0.1611, 0.2775),
        (10, 10, 0, 20): (0.6791, 1.0),
        (10, 10, 0, 10): (0.6075, 1.0),
    }
    for counts, printed in rows.items():
        result = two_proportions(*counts)
        assert (round(result.low, 4), round(result.high, 4)) == printed


def test_nps_difference_by_hand() -> None:
    # 6 promoters and 2 detractors of 10 (6.2 of the specification) against 3 and 3 of 10.
    result = nps_difference(6, 2, 10, 3, 3, 10)
    p, d = 6.75 / 13, 2.75 / 13
    centre, variance = p - d, (p + d - (p - d) ** 2) / 13 + (2 * 3.75 / 13) / 13
    assert result.difference == pytest.approx(40)
    assert result.statistic == pytest.approx(centre / np.sqrt(variance))
    assert result.low == pytest.approx(100 * (centre - 1.959963984540054 * np.sqrt(variance)))


@settings(deadline=None)
@given(st.tuples(*[st.integers(0, 30)] * 6))
def test_nps_interval_leaves_out_zero_exactly_when_p_is_small(counts: tuple[int, ...]) -> None:
    p1, d1, s1, p2, d2, s2 = counts
    result = nps_difference(p1, d1, p1 + d1 + s1, p2, d2, p2 + d2 + s2)
    if p1 + d1 + s1 == 0 or p2 + d2 + s2 == 0:
        assert result == Comparison(None)
    else:
        assert (result.p_value < 0.05) == (result.low > 0 or result.high < 0)


def test_nps_difference_keeps_its_level() -> None:
    # Specification 7.2, complete enumeration, 10 against 10 of one distribution: at most 0.050.
    n, p, d = 10, 0.5, 0.2
    outcomes = [(i, j) for i in range(n + 1) for j in range(n + 1 - i)]
    chance = {o: stats.multinomial.pmf([*o, n - sum(o)], n, [p, d, 1 - p - d]) for o in outcomes}
    rejected = sum(
        chance[a] * chance[b] for a in outcomes for b in outcomes if nps_difference(*a, n, *b, n).p_value < 0.05
    )
    assert 0.02 < rejected <= 0.0504


def test_mean_difference_equals_scipy() -> None:
    a, b = [5, 4, 4, 3, 5, 5, 2.5], [3, 2, 4, 3, 1, 2, 4, 3]
    expected = stats.ttest_ind(a, b, equal_var=False)
    bounds = expected.confidence_interval(0.9)
    of_values = mean_difference_of(a, b, 0.9)
    of_sums = mean_difference(7, np.mean(a), np.var(a, ddof=1), 8, np.mean(b), np.var(b, ddof=1), 0.9)
    for result in (of_values, of_sums):
        assert (result.statistic, result.df, result.p_value, result.low, result.high) == pytest.approx(
            (expected.statistic, expected.df, expected.pvalue, bounds.low, bounds.high)
        )


def test_one_side_without_variance_is_enough_to_test() -> None:
    # By hand: t = (4 - 8/3) / sqrt((13/3) / 3) = 1.1094 with the 2 degrees of freedom of the second side.
    result = mean_difference_of([4, 4, 4], [1, 2, 5])
    assert (result.statistic, result.df) == pytest.approx((1.1094003924504583, 2))
    assert result.p_value == pytest.approx(stats.ttest_1samp([1, 2, 5], 4).pvalue)


def test_sides_that_cannot_be_compared() -> None:
    assert mean_difference_of([], [1, 2]) == Comparison(None)
    assert mean_difference_of([0.1] * 3, [0.2] * 3).statistic is None
    assert ratio_difference(ratio_sums([4], [2]), ratio_sums([1, 2], [2, 3])) == Comparison(pytest.approx(1.4))
    assert two_proportions(1, 2, 0, 0) == Comparison(None)
    assert mann_whitney(Distribution.of([]), Distribution.of([1])) == Comparison(None)
    assert paired_t(0, np.nan, np.nan) == Comparison(None)
    assert mcnemar(0, 0, 0) == Comparison(None)


values = st.lists(st.integers(0, 15), min_size=1, max_size=40)


@settings(deadline=None)
@given(values, values)
def test_mann_whitney_equals_scipy(a: list[int], b: list[int]) -> None:
    result = mann_whitney(Distribution.of(a), Distribution.of(b))
    expected = stats.mannwhitneyu(a, b, method="asymptotic")
    assert result.statistic == expected.statistic
    assert result.p_value == pytest.approx(1.0 if len(set(a + b)) == 1 else expected.pvalue)
    assert result.superiority == pytest.approx(np.mean([(x > y) + (x == y) / 2 for x in a for y in b]))
    assert result.difference == pytest.approx(np.median(a) - np.median(b))


def test_mann_whitney_of_millions_counts_exactly() -> None:
    a = Distribution.of([1, 2, 3], counts=[3_000_000, 1_000_000, 1_000_000])
    b = Distribution.of([1, 2, 3], counts=[3_000_000, 1_000_000, 1_001_000])
    result = mann_whitney(a, b)
    wins = 1e6 * 3e6 + 1e6 * 4e6
    ties = 3e6 * 3e6 + 1e6 * 1e6 + 1e6 * 1.001e6
    assert result.superiority == pytest.approx((wins + ties / 2) / (5e6 * 5.001e6), rel=1e-12)


def test_mann_whitney_refuses_running_durations() -> None:
    with pytest.raises(ValueError, match="still running"):
        mann_whitney(Distribution.of([1, 2], events=[1, 0]), Distribution.of([1]))


def test_mcnemar_equals_the_binomial_test() -> None:
    for gained, lost in ((12, 3), (3, 12), (5, 5), (1, 0)):
        result = mcnemar(gained, lost, 50)
        assert result.p_value == pytest.approx(stats.binomtest(gained, gained + lost).pvalue)
        assert result.difference == (gained - lost) / 50
    assert mcnemar(0, 0, 50) == Comparison(0.0)


def test_paired_t_equals_scipy_and_leaves_out_missing_answers() -> None:
    before, after = [3, 4, 2, np.nan, 5, 1], [4, 4, 4, 2, np.nan, 3]
    pairs = [0, 1, 2, 5]
    expected = stats.ttest_rel(np.take(after, pairs), np.take(before, pairs))
    bounds = expected.confidence_interval()
    result = paired_t_of(before, after)
    assert (result.statistic, result.p_value, result.df) == pytest.approx((expected.statistic, expected.pvalue, 3))
    assert (result.low, result.high) == pytest.approx(tuple(bounds))
    assert paired_t_of([1, 2], [2, 3]) == Comparison(1.0)


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=30))
def test_benjamini_hochberg_equals_scipy(p_values: list[float | None]) -> None:
    result = benjamini_hochberg(p_values, q=0.1)
    tested = [p for p in p_values if p is not None]
    expected = iter(stats.false_discovery_control(tested) if tested else [])
    for p, adjusted, rejected in zip(p_values, result.adjusted, result.rejected, strict=True):
        if p is None:
            assert adjusted is None
            assert rejected is None
        else:
            assert adjusted == pytest.approx(next(expected))
            assert rejected is (adjusted <= 0.1)


def test_benjamini_hochberg_takes_nan_as_untestable() -> None:
    assert benjamini_hochberg([0.01, float("nan")]).adjusted == [0.01, None]
