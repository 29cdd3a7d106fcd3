import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from percorso.analytics.statistics.distribution import Distribution, merged
from percorso.analytics.statistics.intervals import mean_interval_of
from percorso.analytics.statistics.quantiles import quantile_interval_of
from percorso.analytics.statistics.survival import kaplan_meier

numbers = st.lists(st.integers(-5, 20).map(lambda i: i / 4), max_size=30)
durations = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3), st.booleans()), max_size=25)


def of(rows: list[tuple[int, int, bool]]) -> Distribution:
    return Distribution.of(*(np.array(column) for column in zip(*rows, strict=True))) if rows else Distribution.of([])


def same(a: Distribution, b: Distribution) -> bool:
    return all(np.array_equal(getattr(a, f), getattr(b, f)) for f in ("values", "counts", "events"))


@settings(deadline=None)
@given(durations, durations, durations)
def test_merging_is_the_same_in_any_order_and_grouping(a: list, b: list, c: list) -> None:
    whole = of(a + b + c)
    assert same(of(a).merge(of(b)).merge(of(c)), whole)
    assert same(of(c).merge(of(a), of(b)), whole)
    assert same(merged([of(b), of(c), of(a), Distribution.of([])]), whole)


@settings(deadline=None)
@given(numbers, st.sampled_from([0.1, 0.5, 0.75, 0.9]))
def test_grouped_values_give_what_the_values_give(values: list[float], q: float) -> None:
    d = Distribution.of(values)
    assert d.n == d.n_events == len(values)
    if values:
        assert (d.mean, d.quantile(q)) == pytest.approx((np.mean(values), np.quantile(values, q)))
    assert d.quantile_interval(q) == pytest.approx(quantile_interval_of(values, q), nan_ok=True)
    assert d.mean_interval()[:3] == pytest.approx(mean_interval_of(values)[:3], nan_ok=True)
    assert str(d.mean_interval().note) == str(mean_interval_of(values).note)


def test_counts_and_flags_by_hand() -> None:
    # Five rows: 3 h twice (ended), 1 h ended, 3 h running, 8 h running three times, and one without a duration.
    d = Distribution.of([3, 1, 3, 8, np.nan], counts=[2, 1, 1, 3, 9], events=[1, 1, 0, 0, 1])
    assert (d.values.tolist(), d.counts.tolist(), d.events.tolist()) == ([1, 3, 8], [1, 3, 3], [1, 2, 0])
    assert (d.n, d.n_events, d.censored) == (7, 3, True)
    assert (d.observed().n, d.observed().quantile()) == (3, 3.0)


def test_running_durations_have_no_plain_mean_or_median() -> None:
    d = Distribution.of([3, 8], events=[1, 0])
    for ask in (lambda: d.mean, lambda: d.variance, lambda: d.quantile(), lambda: d.quantile_interval()):
        with pytest.raises(ValueError, match=r"1 of 2 durations were still running: use observed\(\)"):
            ask()
    assert kaplan_meier(d).median == 3.0


def test_nothing_is_no_data() -> None:
    d = Distribution.of([])
    assert d.n == 0
    assert np.isnan([d.mean, d.variance, d.quantile()]).all()
    assert str(d.mean_interval().note) == "no_data"


def test_rows_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(ValueError, match="2 values, 1 counts"):
        Distribution.of([1, 2], counts=[1])
    with pytest.raises(ValueError, match="0 or more"):
        Distribution.of([1], counts=[-1])
