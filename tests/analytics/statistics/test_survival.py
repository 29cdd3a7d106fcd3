import lifelines
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines.statistics import logrank_test

from percorso.analytics.statistics.distribution import Distribution
from percorso.analytics.statistics.survival import kaplan_meier, logrank

rows = st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=60)


def split(data: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([t for t, _ in data], dtype=float), np.array([e for _, e in data])


@settings(deadline=None)
@given(rows)
def test_kaplan_meier_equals_lifelines(data: list[tuple[int, bool]]) -> None:
    time, event = split(data)
    curve = kaplan_meier(Distribution.of(time, events=event))
    outside = lifelines.KaplanMeierFitter().fit(time, event)
    at = np.arange(0, 35.0)
    expected = outside.survival_function_at_times(at).to_numpy()
    got = curve.at(at)
    seen = at <= time.max()
    assert got.value[seen] == pytest.approx(expected[seen])
    assert np.isnan(got.value[~seen]).all() or curve.survival[-1] == 0
    halved = at[np.flatnonzero(expected <= 0.5 + 1e-12)]
    assert curve.median == (halved[0] if halved.size else None)


def test_bounds_equal_lifelines() -> None:
    time, event = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16], [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0]
    curve = kaplan_meier(Distribution.of(time, events=event), confidence=0.9)
    outside = lifelines.KaplanMeierFitter().fit(time, event, alpha=0.1).confidence_interval_
    bounds = outside.loc[[6.0, 7.0, 10.0, 13.0]].to_numpy()
    assert np.column_stack([curve.low, curve.high]) == pytest.approx(bounds)


def test_before_the_first_and_after_the_last() -> None:
    curve = kaplan_meier(Distribution.of([2, 4], events=[1, 0]))
    early, late = curve.at([1, 4.5]).value
    assert (early, curve.at(1).low, curve.at(1).high) == (1, 1, 1)
    assert np.isnan(late)
    assert kaplan_meier(Distribution.of([2, 4])).at(99).value == 0
    assert np.isnan(kaplan_meier(Distribution.of([])).at(0).value)


def test_median_is_reached_at_exactly_half() -> None:
    # 0.9 * 8/9 * 7/8 * 6/7 * 5/6 is one half, but not in floating point.
    for n in (10, 1000, 200_000):
        assert kaplan_meier(Distribution.of(np.arange(1, n + 1))).median == n / 2


def test_quantile_and_never() -> None:
    curve = kaplan_meier(Distribution.of([1, 2, 3, 4, 9], events=[1, 1, 1, 0, 0]))
    assert (curve.quantile(0.2), curve.median, curve.quantile(0.9)) == (1.0, 3.0, None)


@settings(deadline=None)
@given(rows, rows)
def test_logrank_equals_lifelines(a: list[tuple[int, bool]], b: list[tuple[int, bool]]) -> None:
    (time_a, event_a), (time_b, event_b) = split(a), split(b)
    got = logrank(Distribution.of(time_a, events=event_a), Distribution.of(time_b, events=event_b))
    if got.chi2 is None:
        assert got.p_value is None
        return
    expected = logrank_test(time_a, time_b, event_a, event_b)
    assert (got.chi2, got.p_value) == pytest.approx((expected.test_statistic, expected.p_value), abs=1e-9)


def test_logrank_without_overlap_is_unknown() -> None:
    assert logrank(Distribution.of([1, 2]), Distribution.of([])).chi2 is None


def test_curves_of_counts_equal_curves_of_rows() -> None:
    time, count, event = np.array([3.0, 5, 5, 9]), np.array([4, 2, 7, 3]), np.array([1, 0, 1, 0])
    grouped = kaplan_meier(Distribution.of(time, count, event))
    long = kaplan_meier(Distribution.of(np.repeat(time, count), events=np.repeat(event, count)))
    assert grouped.at_risk.tolist() == long.at_risk.tolist() == [16, 12]
    # By hand: 12/16, then of 12 at risk 7 go: 0.75 * 5/12.
    assert grouped.survival.tolist() == pytest.approx([0.75, 0.3125])
