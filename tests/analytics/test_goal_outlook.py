"""Where a trend leads: against the textbook's prediction interval, calibrated on simulated series, and its edges."""

import numpy as np
import pytest
from scipy import stats

from percorso.analytics.goals import met, outlook, progress

NOTHING = [None] * 8
DAYS = [7.0 * i for i in range(8)]


def test_without_intervals_it_is_the_classical_prediction_interval() -> None:
    y = np.array([3.0, 4.5, 4.0, 6.0, 5.5, 7.5, 7.0, 8.5])
    found = outlook(DAYS, y.tolist(), NOTHING, NOTHING, due=70, target=10, wanted="higher")

    x = np.array(DAYS)
    fit = stats.linregress(x, y)
    s = np.sqrt(((y - fit.intercept - fit.slope * x) ** 2).sum() / 6)
    sd = s * np.sqrt(1 + 1 / 8 + (70 - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum())
    expected = fit.intercept + fit.slope * 70
    assert found.due is not None
    assert found.due.value == pytest.approx(expected)
    assert found.due.high - found.due.value == pytest.approx(stats.t.ppf(0.975, 6) * sd)
    assert found.probability == pytest.approx(stats.t.sf((10 - expected) / sd, 6))


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_too_few_steps_give_no_probability(steps: int) -> None:
    found = outlook(DAYS[:steps], [1.0] * steps, NOTHING[:steps], NOTHING[:steps], due=90, target=2, wanted="higher")
    assert (found.status, found.points, found.probability, found.due) == ("too_few", steps, None, None)


def test_steps_without_a_figure_do_not_count() -> None:
    values = [1.0, None, 2.0, None, 3.0, None, None, None]
    assert outlook(DAYS, values, NOTHING, NOTHING, due=90, target=2, wanted="higher").points == 3


def test_all_the_same_says_nothing_about_how_far_off() -> None:
    found = outlook(DAYS, [5.0] * 8, NOTHING, NOTHING, due=90, target=4, wanted="higher")
    assert (found.status, found.probability) == ("no_scatter", None)


def test_an_inexact_step_pulls_less() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 30.0]
    exact = outlook(DAYS, values, [v - 1 for v in values], [v + 1 for v in values], due=63, target=9, wanted="higher")
    lows, highs = [v - 1 for v in values[:7]] + [0.0], [v + 1 for v in values[:7]] + [60.0]
    vague = outlook(DAYS, values, lows, highs, due=63, target=9, wanted="higher")
    assert exact.due is not None
    assert vague.due is not None
    assert abs(vague.due.value - 10) < 1 < abs(exact.due.value - 10)


def test_higher_and_lower_are_the_two_sides_of_one_chance() -> None:
    values = [3.0, 4.5, 4.0, 6.0, 5.5, 7.5, 7.0, 8.5]
    up, down = (
        outlook(DAYS, values, NOTHING, NOTHING, due=70, target=10, wanted=wanted).probability
        for wanted in ("higher", "lower")
    )
    assert up is not None
    assert down is not None
    assert up + down == pytest.approx(1)


def test_durations_shrink_and_never_get_below_nothing() -> None:
    values = [8.0, 7.0, 4.0, 4.5, 2.0, 2.5, 1.0, 1.2]
    found = outlook(DAYS, values, NOTHING, NOTHING, due=365, target=1, wanted="lower", by_ratio=True, shown=[400.0])
    assert found.due is not None
    assert 0 < found.due.low < found.due.value < found.due.high
    assert found.trend[0].low > 0
    assert found.probability is not None
    assert found.probability > 0.95


@pytest.mark.parametrize("scatter", [0.0, 4.0])
def test_ranges_hold_what_they_promise(scatter: float) -> None:
    """Of 600 simulated series the figure of the due day lies in nine to all of ten 95% ranges."""
    random = np.random.default_rng(20261122)
    inside = 0
    for _ in range(600):
        sd = random.uniform(2, 8, 16)
        truth = 30 + random.normal(0, 0.05) * np.arange(17) * 7 + random.normal(0, scatter, 17)
        y = truth[:16] + random.normal(0, sd)
        wide = 1.959964 * sd
        days = [7.0 * i for i in range(16)]
        found = outlook(days, y.tolist(), (y - wide).tolist(), (y + wide).tolist(), due=112, target=0, wanted="higher")
        assert found.due is not None
        seen = truth[16] + random.normal(0, np.median(sd))
        inside += found.due.low <= seen <= found.due.high
    assert 0.93 <= inside / 600 <= 0.985


def test_progress_is_the_share_of_the_way() -> None:
    assert progress(30, 36, 45) == pytest.approx(0.4)
    assert progress(10, 8, 5) == pytest.approx(0.4)
    assert progress(30, 25, 45) == pytest.approx(-1 / 3)
    assert progress(None, 25, 45) is None
    assert progress(45, 45, 45) is None
    assert met(5, 5, "lower")
    assert not met(5.1, 5, "lower")
