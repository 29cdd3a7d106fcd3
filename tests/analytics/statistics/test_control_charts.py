import numpy as np
import pytest

from percorso.analytics.statistics.control_charts import PPoint, cusum_chart, ewma_chart, p_chart


def test_ewma_by_hand() -> None:
    chart = ewma_chart([1, 3], target=0, sigma=1, smoothing=0.5, limit=2)
    assert chart.ewma.tolist() == [0.5, 1.75]
    assert chart.half_width == pytest.approx([2 * np.sqrt(1 / 3 * 0.75), 2 * np.sqrt(1 / 3 * 0.9375)])
    assert chart.alarms == [2]


def test_ewma_runs_as_long_as_its_theory_says() -> None:
    # Specification 5.13 (Markov chain, Lucas and Saccucci 1990): lambda 0.2, L 2.86, a shift of 1 sd: 9.8 points with
    # the limits of a long series; those of the first points are narrower and find it sooner.
    draw = np.random.default_rng(4)
    charts = [ewma_chart(draw.normal(1, 1, 200), limit=2.86) for _ in range(2000)]
    runs = [np.argmax(chart.ewma > chart.half_width[-1]) + 1 for chart in charts]
    assert np.mean(runs) == pytest.approx(9.8, abs=0.3)
    assert np.mean([chart.alarms[0] for chart in charts]) < 9.3


def test_cusum_runs_as_long_as_its_theory_says() -> None:
    # Specification 5.13: k 0.5, h 4.77, a shift of 1 sd: 9.9 points.
    draw = np.random.default_rng(4)
    runs = [cusum_chart(draw.normal(1, 1, 200)).alarms[0] for _ in range(2000)]
    assert np.mean(runs) == pytest.approx(9.9, abs=0.3)


def test_gaps_leave_the_charts_where_they_were() -> None:
    whole, gapped = ewma_chart([4, 4]), ewma_chart([4, None, 4])
    assert gapped.ewma[[0, 2]].tolist() == whole.ewma.tolist()
    assert np.isnan(gapped.ewma[1])
    assert gapped.half_width[2] == whole.half_width[1]
    assert gapped.alarms == [1, 3]
    sums = cusum_chart([6, None, 1])
    assert (sums.c_plus.tolist(), sums.alarms) == ([5.5, 5.5, 6.0], [1, 3])


def test_cusum_counts_in_standard_deviations() -> None:
    small, large = cusum_chart([3, 3, -9]), cusum_chart([130, 130, 10], target=100, sigma=10)
    assert large.c_plus == pytest.approx(10 * small.c_plus)
    assert large.alarms == small.alarms == [2, 3]


def test_p_chart_by_hand() -> None:
    # 20 of 200; one sd is 0.03 at n = 100: limits 0.01 and 0.19.
    chart = p_chart([1, 19, 0], [100, 100, 0])
    assert chart.center == 0.1
    assert (chart.rows[0].low, chart.rows[0].high) == pytest.approx((0.01, 0.19))
    assert chart.rows[2] == PPoint(None, None, None, None)
    # z = -3 and 3: one moving range of 6.
    assert chart.sigma_z == pytest.approx(6 / 1.128)


def test_laney_widens_the_limits_of_large_samples() -> None:
    successes, n = [5200, 4800, 5300, 4700, 5000], [10_000] * 5
    assert [row.alarm for row in p_chart(successes, n).rows] == [True, True, True, True, False]
    assert not any(row.alarm for row in p_chart(successes, n, laney=True).rows)


def test_a_share_that_never_changes_has_no_alarm() -> None:
    for laney in (False, True):
        chart = p_chart([0, 0], [10, 20], laney)
        assert (chart.center, chart.sigma_z) == (0.0, None)
        assert [row.alarm for row in chart.rows] == [False, False]
    assert p_chart([0, 0], [0, 0]).rows == (PPoint(None, None, None, None),) * 2
