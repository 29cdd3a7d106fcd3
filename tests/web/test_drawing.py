"""Where marks go: worked by hand."""

import pytest

from percorso.base import drawing


def test_bar_lies_on_the_scale_in_percent() -> None:
    assert drawing.bar(34, 31, 38, -20, (-100, 100)) == drawing.Bar(low=65.5, high=69, value=67, before=40)
    assert drawing.bar(None, None, None, None, (0, 1)) == drawing.Bar(None, None, None, None)
    assert drawing.bar(2, 0, 3, None, (0, 1)) == drawing.Bar(low=0, high=100, value=100, before=None)


def test_open_scale_ends_at_a_round_number_above() -> None:
    assert drawing.scale_of((0.0, 1.0), [0.4], "share") == (0.0, 1.0)
    assert drawing.scale_of((0.0, None), [37.0, 42.0], "tickets") == (0.0, 50.0)
    assert drawing.scale_of((0.0, None), [3 * 3600.0], "seconds") == (0.0, 4 * 3600.0)
    assert drawing.scale_of((0.0, None), [None], "seconds") == (0.0, 1.0)


def test_spark_goes_from_left_to_right_and_high_is_up() -> None:
    spark = drawing.spark([0.0, 1.0, 2.0], [None] * 3, [None] * 3)

    assert spark is not None
    assert spark.line == "M2.0 29.0L50.0 16.0L98.0 3.0"
    assert (spark.band, spark.dots, spark.last) == ("", "", "M98.0 3.0h0")


def test_spark_never_joins_over_a_gap() -> None:
    spark = drawing.spark([0.0, 2.0, None, 1.0], [0.0, 2.0, None, 1.0], [0.0, 2.0, None, 1.0])

    assert spark is not None
    assert spark.line == "M2.0 29.0L34.0 3.0"
    assert spark.dots == "M98.0 16.0h0"
    assert spark.band.count("M") == 2


def test_one_value_makes_no_line() -> None:
    assert drawing.spark([None, 3.0, None], [None] * 3, [None] * 3) is None


@pytest.mark.parametrize(
    ("low", "high", "unit", "bounds", "expected"),
    [
        (0.62, 0.81, "share", (0.0, 1.0), [0.6, 0.65, 0.7, 0.75, 0.8, 0.85]),
        (0.97, 1.0, "share", (0.0, 1.0), [0.97, 0.98, 0.99, 1.0]),
        (-12, 47, "points", (-100.0, 100.0), [-20, 0, 20, 40, 60]),
        (100, 5400, "seconds", (0.0, None), [0, 1800, 3600, 5400]),
        (5.0, 5.0, "scale", (1.0, 7.0), [4.6, 4.8, 5.0, 5.2, 5.4]),
    ],
)
def test_ticks_are_round_and_cover(
    low: float, high: float, unit: str, bounds: tuple[float | None, float | None], expected: list[float]
) -> None:
    assert drawing.ticks(low, high, unit, bounds) == pytest.approx(expected)
