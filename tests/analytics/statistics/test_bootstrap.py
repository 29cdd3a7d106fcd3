import numpy as np
import pytest
from scipy import stats

from percorso.analytics.statistics.bootstrap import bootstrap_interval, stable_seed


def test_the_seed_is_the_same_on_every_machine() -> None:
    # First 16 hexadecimal digits of sha256sum over the three names, joined by the unit separator (0x1f).
    assert stable_seed("acme", "see_index", "2025-03-01/2025-04-01") == 0x232F5F077C9A2830
    assert stable_seed("a", "b", "c") != stable_seed("ab", "", "c")


def test_interval_equals_scipys_percentile_bootstrap() -> None:
    values = np.random.default_rng(1).exponential(2.0, 60)
    result = bootstrap_interval(values, np.median, seed=8)
    outside = stats.bootstrap((values,), np.median, n_resamples=20_000, method="percentile", rng=3)
    assert result.value == np.median(values)
    assert tuple(result[1:]) == pytest.approx(tuple(outside.confidence_interval), abs=0.08)


def test_the_same_question_gives_the_same_interval() -> None:
    units = np.random.default_rng(2).normal(size=(30, 3))
    ask = [bootstrap_interval(units, lambda rows: rows.mean(axis=0).max(), seed=s) for s in (5, 5, 6)]
    assert ask[0] == ask[1] != ask[2]


def test_units_stay_whole() -> None:
    # Every unit holds one 0 and one 1: resampling units cannot move the mean.
    result = bootstrap_interval(np.tile([0, 1], (12, 1)), np.mean, seed=1)
    assert tuple(result) == (0.5, 0.5, 0.5)


def test_too_few_units_have_no_interval() -> None:
    few, enough = (bootstrap_interval(np.arange(n), np.mean, seed=1) for n in (9, 10))
    assert few.value == 4
    assert np.isnan(few[1:]).all()
    assert not np.isnan(enough).any()
    assert np.isnan(bootstrap_interval(np.empty(0), np.mean, seed=1)).all()


def test_a_figure_that_often_does_not_exist_has_no_interval() -> None:
    def rate(rows: np.ndarray) -> float:
        asked = rows[:, 1].sum()
        return rows[:, 0].sum() / asked if asked else np.nan

    rare, common = np.zeros((12, 2)), np.ones((12, 2))
    rare[0] = 1
    assert np.isnan(bootstrap_interval(rare, rate, seed=1)[1:]).all()
    assert bootstrap_interval(common, rate, seed=1).high == 1
