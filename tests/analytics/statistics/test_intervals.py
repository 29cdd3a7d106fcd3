import numpy as np
import pytest
from scipy import stats

from percorso.analytics.statistics.intervals import (
    mean_interval,
    mean_interval_centred,
    mean_interval_of,
    moments,
    nps_interval,
    wilson,
)
from percorso.analytics.statistics.weighting import effective_count, kish_n_effective


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_wilson_equals_scipy(confidence: float) -> None:
    k, n = np.arange(0, 38), 37
    expected = [stats.binomtest(int(i), n).proportion_ci(confidence, method="wilson") for i in k]
    result = wilson(k, n, confidence)
    assert result.low == pytest.approx([ci.low for ci in expected], abs=1e-12)
    assert result.high == pytest.approx([ci.high for ci in expected], abs=1e-12)


def test_wilson_touches_the_ends_exactly() -> None:
    result = wilson([0, 7, 0], [7, 7, 0])
    assert result.low[0] == 0.0
    assert result.high[1] == 1.0
    assert np.isnan([result.value[2], result.low[2], result.high[2]]).all()


def test_wilson_of_weighted_answers() -> None:
    # Weights 1, 1, 2, only the last satisfied: a half of (1+1+2)^2 / (1+1+4) = 8/3 answers.
    result = wilson(effective_count(2, 4, 6), kish_n_effective(4, 6))
    # By hand: z^2/2n = 0.720263, 1 + z^2/n = 2.440547: centre 0.5, half-width sqrt(n/4 * ...)
    n, z = 8 / 3, 1.959963984540054
    half = z * np.sqrt(0.25 / n + z * z / (4 * n * n)) / (1 + z * z / n)
    assert (result.value, result.low, result.high) == pytest.approx((0.5, 0.5 - half, 0.5 + half))


def test_nps_interval_of_the_conventions() -> None:
    # conventions.md 4.2: 50 % promoters, 20 % detractors; and ten promoters of ten.
    n = np.array([50, 100, 400, 1000, 10])
    result = nps_interval(n * [0.5, 0.5, 0.5, 0.5, 1], n * [0.2, 0.2, 0.2, 0.2, 0], n)
    assert result.value == pytest.approx([30, 30, 30, 30, 100])
    assert result.low.round(1).tolist() == [7.3, 14.1, 22.2, 25.1, 47.5]
    assert result.high.round(1).tolist() == [49.3, 44.2, 37.4, 34.7, 100.0]


def test_nps_interval_of_one_answer_reaches_the_value() -> None:
    promoter, detractor, nobody = (nps_interval(*answers) for answers in ((1, 0, 1), (0, 1, 1), (0, 0, 0)))
    assert (promoter.value, promoter.high) == (100, 100)
    assert (detractor.value, detractor.low) == (-100, -100)
    assert np.isnan(nobody).all()


def test_nps_interval_covers_as_the_specification_found() -> None:
    # Specification 7.1: n = 10, 41 scenarios, complete enumeration: mean 0.953, minimum 0.891, mean width 72.
    n, shares = 10, (0.05, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9)
    scenarios = [(p, d) for d in (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5) for p in shares if p + d <= 1 + 1e-9]
    outcomes = np.array([(p, d) for p in range(n + 1) for d in range(n + 1 - p)])
    result = nps_interval(outcomes[:, 0], outcomes[:, 1], n)
    coverage, width = [], []
    for p, d in scenarios:
        counts = np.column_stack([outcomes, n - outcomes.sum(axis=1)])
        chance = stats.multinomial.pmf(counts, n, [p, d, max(1 - p - d, 0)])
        truth = 100 * (p - d)
        inside = (result.low <= truth + 1e-9) & (truth - 1e-9 <= result.high)
        coverage.append(chance[inside].sum())
        width.append((chance * (result.high - result.low)).sum())
    assert len(scenarios) == 41
    assert (round(np.mean(coverage), 3), round(min(coverage), 3), round(np.mean(width))) == (0.953, 0.891, 72)


def test_mean_interval_equals_scipy() -> None:
    values = np.array([3, 4, 5, 5, 2, 4, 1])
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    result = mean_interval(values.size, values.sum(), (values**2).sum(), confidence=0.9)
    assert (result.low, result.high) == pytest.approx(tuple(expected))
    assert mean_interval_of(values, confidence=0.9)[:3] == pytest.approx(result[:3])


def test_mean_interval_of_many_cells_says_why_bounds_are_missing() -> None:
    result = mean_interval([0, 1, 3, 2], [0, 4, 9, 7], [0, 16, 27, 25], scale_min=1, scale_max=5)
    assert result.note.tolist() == ["no_data", "too_few", "zero_variance", "t"]
    assert np.isnan(result.value).tolist() == [True, False, False, False]
    assert np.isnan(result.low).tolist() == [True, True, True, False]
    # 3 and 4: t(1) is so wide that the scale's ends bound the interval.
    assert (result.low[3], result.high[3]) == (1, 5)


def test_a_cell_without_a_scale_is_not_clamped() -> None:
    result = mean_interval([2, 2], [7, 7], [25, 25], scale_min=[1, np.nan], scale_max=[5, np.nan])
    assert result.low[0] == 1
    assert result.low[1] < -2


@pytest.mark.parametrize("value", [0.1, 7.3, 3600.7, 1e9 + 0.1])
def test_equal_values_have_no_variance_whatever_the_sums_rounded(value: float) -> None:
    values = np.full(12345, value)
    added_up = np.cumsum(values)[-1], np.cumsum(values**2)[-1]
    assert moments(values.size, *added_up).variance == 0
    assert mean_interval(values.size, *added_up).note == "zero_variance"
    assert mean_interval_of(values).note == "zero_variance"


def test_one_other_answer_in_ten_million_is_a_variance() -> None:
    n = 10_000_000
    result = moments(n, 10 * (n - 1) + 9, 100 * (n - 1) + 81)
    assert result.variance == pytest.approx(1 / n, rel=1e-6)


def test_centred_form_keeps_small_spreads_of_large_values() -> None:
    # Seconds since 1970, spread 1 s: in the plain sum of squares the spread is lost.
    values = 1.7e9 + np.array([0.0, 1, 2, 3])
    result = mean_interval_centred(4, values.mean(), values.var(ddof=1))
    expected = stats.ttest_1samp(values - 1.7e9, 0).confidence_interval()
    assert (result.low - 1.7e9, result.high - 1.7e9) == pytest.approx(tuple(expected), abs=1e-5)


@pytest.mark.parametrize("confidence", [0, 1, 95, float("nan")])
def test_a_confidence_that_is_no_share_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match=r"such as 0\.95"):
        wilson(1, 2, confidence)
    with pytest.raises(ValueError, match=r"such as 0\.95"):
        mean_interval(2, 3, 5, confidence=confidence)
