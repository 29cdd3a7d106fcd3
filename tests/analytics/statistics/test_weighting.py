import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from percorso.analytics.statistics.weighting import (
    TRIM,
    kish_n_effective,
    kish_n_effective_of,
    post_stratification,
    raking,
)
from percorso.errors import BadQuestion


def test_effective_number_by_hand() -> None:
    assert kish_n_effective_of([1, 1, 1, 1]) == 4
    assert kish_n_effective_of([2, 1, 1]) == pytest.approx(16 / 6)
    assert kish_n_effective([0, 4], [0, 6]).tolist() == [0, 4 * 4 / 6]


def test_post_stratification_of_the_specification() -> None:
    # 6.5: population 6,000 and 4,000, answers 80 and 20, NPS 40 and -10.
    result = post_stratification({"s": 6000, "n": 4000}, {"s": 80, "n": 20}, {"s": 40, "n": -10})
    assert result.weights == pytest.approx({"s": 0.75, "n": 2.0})
    assert (result.value, result.n_effective, result.design_effect) == pytest.approx((20, 80, 1.25))
    assert not result.uneven


def test_few_answers_for_many_people_deserve_a_warning() -> None:
    assert post_stratification({"s": 50, "n": 50}, {"s": 97, "n": 3}).uneven


def test_cells_that_nobody_stands_for() -> None:
    empty = post_stratification({"s": 10, "n": 5}, {"s": 3})
    assert (empty.status, empty.cell, empty.weights) == ("empty_cell", "n", None)
    assert post_stratification({"s": 10, "n": 0}, {"s": 3, "n": 4}).weights == {
        "s": pytest.approx(7 / 3),
        "n": 0.0,
    }
    assert post_stratification({}, {}).status == "no_data"
    assert post_stratification({"s": 1, "n": 1}, {"s": 1, "n": 1}, {"s": 3, "n": None}).value is None


def test_post_stratification_says_which_cell_is_wrong() -> None:
    with pytest.raises(BadQuestion, match=r"does not list west.* Add its size"):
        post_stratification({"s": 10}, {"s": 3, "west": 1})
    with pytest.raises(BadQuestion, match="The cell s has the size -1"):
        post_stratification({"s": -1}, {"s": 3})


people = st.lists(st.tuples(st.sampled_from("FM"), st.sampled_from("abc")), max_size=60).map(
    lambda some: [(s, a) for s in "FM" for a in "abc"] + some
)


@settings(deadline=None)
@given(people, st.floats(0.1, 0.9), st.tuples(*[st.integers(1, 20)] * 3))
def test_raked_weights_meet_every_margin(sample: list[tuple[str, str]], women: float, ages: tuple[int, ...]) -> None:
    sex, age = (list(column) for column in zip(*sample, strict=True))
    margins = {"sex": {"F": women, "M": 1 - women}, "age": dict(zip("abc", ages, strict=True))}
    result = raking({"sex": sex, "age": age}, margins)
    assert result.status == "ok"
    assert result.weights.sum() == pytest.approx(len(sample))
    share = result.weights / len(sample)
    assert share[np.array(sex) == "F"].sum() == pytest.approx(women)
    for name, wanted in zip("abc", ages, strict=True):
        assert share[np.array(age) == name].sum() == pytest.approx(wanted / sum(ages))


def test_raking_of_the_specification() -> None:
    # 6.6: 12, 18, 6 and 4 answers; both margins known.
    counts = [12, 18, 6, 4]
    sex, age = np.repeat(["F", "F", "M", "M"], counts), np.repeat(["<40", "40+", "<40", "40+"], counts)
    margins = {"sex": {"F": 1, "M": 1}, "age": {"<40": 60, "40+": 40}}
    result = raking({"sex": sex, "age": age}, margins, outcome=np.repeat([9, 8, 7, 5], counts))
    first = np.cumsum([0, *counts[:-1]])
    assert result.weights[first].round(6).tolist() == [0.840266, 0.550934, 2.319468, 1.520797]
    assert (result.unweighted_mean, round(result.weighted_mean, 4)) == (7.85, 7.4479)
    assert (round(result.n_effective, 3), round(result.design_effect, 4)) == (28.846, 1.3867)


def test_trimming_bounds_the_weights_and_still_meets_the_margins() -> None:
    sex, age = list("F" * 90 + "M" * 10), list("a" * 60 + "b" * 30 + "a" * 9 + "b")
    margins = {"sex": {"F": 0.7, "M": 0.3}, "age": {"a": 0.4, "b": 0.6}}
    free, trimmed = (raking({"sex": sex, "age": age}, margins, trim=t) for t in (None, TRIM))
    assert free.weights.max() > 3 * 1.5
    assert trimmed.weights.max() < free.weights.max()
    assert trimmed.n_effective > free.n_effective
    assert trimmed.weights[:90].sum() == pytest.approx(70)


def test_raking_that_cannot_be_done() -> None:
    assert raking({"g": []}, {"g": {"a": 1}}).cell == "g=a"
    assert raking({}, {}).status == "no_data"
    # All women are young and all men old, but the targets say otherwise.
    contrary = raking({"sex": ["F", "M"], "age": ["a", "b"]}, {"sex": {"F": 1, "M": 1}, "age": {"a": 0.9, "b": 0.1}})
    assert contrary.status == "not_converged"


def test_raking_says_what_is_missing() -> None:
    with pytest.raises(BadQuestion, match="g is None for some respondents, which has no target"):
        raking({"g": ["a", None]}, {"g": {"a": 1}})
    with pytest.raises(BadQuestion, match="one category for every respondent"):
        raking({"g": ["a"], "h": ["x", "y"]}, {"g": {"a": 1}, "h": {"x": 1, "y": 1}})
    with pytest.raises(BadQuestion, match="negative or all 0"):
        raking({"g": ["a"]}, {"g": {"a": 0}})


def test_scores_that_are_missing_are_left_out_of_the_mean() -> None:
    result = raking({"g": ["a", "a", "b"]}, {"g": {"a": 1, "b": 1}}, outcome=[4, np.nan, 1])
    # Weights 0.75, 0.75, 1.5: (0.75 * 4 + 1.5 * 1) / 2.25.
    assert (result.weighted_mean, result.unweighted_mean) == (2.0, 2.5)
