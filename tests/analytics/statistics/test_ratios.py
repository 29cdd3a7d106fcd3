import numpy as np
import pytest

from percorso.analytics.statistics.ratios import RatioSums, ratio_interval, ratio_interval_of, ratio_sums


def test_two_units_by_hand() -> None:
    # R = 3/5, residuals -0.2 and 0.2, se = sqrt(0.08 / 2) / 2.5 = 0.08.
    result = ratio_interval_of([1, 2], [2, 3])
    half = 1.959963984540054 * 0.08
    assert result == pytest.approx((0.6, 0.6 - half, 0.6 + half))


def test_many_cells_at_once_equal_one_after_the_other() -> None:
    draw = np.random.default_rng(3)
    cells = [(draw.integers(0, 9, n), draw.integers(1, 9, n)) for n in (2, 5, 40)]
    sums = [ratio_sums(y, x) for y, x in cells]
    result = ratio_interval(RatioSums(*(np.array(column) for column in zip(*sums, strict=True))))
    for i, (y, x) in enumerate(cells):
        r = y.sum() / x.sum()
        error = np.sqrt(((y - r * x) ** 2).sum() / (y.size * (y.size - 1))) / x.mean()
        assert (result.value[i], result.high[i]) == pytest.approx((r, r + 1.959963984540054 * error))


def test_interval_is_as_wide_as_the_jackknife_says() -> None:
    # An outside estimate of the same standard error, without linearising: leave one unit out.
    draw = np.random.default_rng(11)
    x = draw.integers(1, 6, 4000)
    y = draw.binomial(x, 0.3)
    others = (y.sum() - y) / (x.sum() - x)
    jackknife = np.sqrt((y.size - 1) / y.size * ((others - others.mean()) ** 2).sum())
    result = ratio_interval_of(y, x)
    assert (result.high - result.low) / 2 / 1.959963984540054 == pytest.approx(jackknife, rel=1e-3)


def test_without_units_or_total_there_is_no_ratio() -> None:
    result = ratio_interval(RatioSums([0, 2, 1], [0, 0, 4], [0, 0, 2], [0, 0, 16], [0, 0, 4], [0, 0, 8]))
    assert np.isnan(result.value).tolist() == [True, True, False]
    assert np.isnan(result.low).all()
    assert np.isnan(result.high).all()


def test_units_on_one_line_have_no_spread_whatever_the_sums_rounded() -> None:
    x = np.linspace(0.1, 3, 1000)
    result = ratio_interval_of(0.7 * x, x)
    assert result.low == result.high == pytest.approx(0.7)
