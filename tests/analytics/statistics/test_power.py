import numpy as np
import pytest

from percorso.analytics.statistics.comparisons import mean_difference_of, nps_difference
from percorso.analytics.statistics.intervals import wilson
from percorso.analytics.statistics.power import group_size, sample_size
from percorso.errors import BadQuestion


def test_textbook_sizes() -> None:
    assert [sample_size("proportion", m).n for m in (0.1, 0.05, 0.03, 0.01)] == [97, 385, 1068, 9604]
    assert sample_size("proportion", 0.05, confidence=0.99).n == 664
    assert sample_size("proportion", 0.05, population=10_000).n == 370


def test_the_size_gives_about_the_margin_it_promises() -> None:
    n = sample_size("proportion", 0.04, share=0.3).n
    interval = wilson(0.3 * n, n)
    assert (interval.high - interval.low) / 2 == pytest.approx(0.04, rel=0.01)


def test_invitations_follow_from_the_response_rate() -> None:
    asked = sample_size("nps", 0.1, population=700, response_rate=0.5)
    assert (asked.n_infinite, asked.n, asked.invitations, asked.feasible) == (385, 249, 498, True)
    assert sample_size("nps", 0.1, response_rate=0.1).invitations == 3850
    assert sample_size("nps", 0.1, response_rate=0.1).feasible is None


def test_groups_of_the_size_see_the_difference_as_often_as_promised() -> None:
    assert group_size("nps", 0.05) / sample_size("nps", 0.05).n == pytest.approx(4.09, abs=0.005)
    n, draw = group_size("mean", 0.5, sd=1.2), np.random.default_rng(9)
    seen = [mean_difference_of(draw.normal(0.5, 1.2, n), draw.normal(0, 1.2, n)).p_value < 0.05 for _ in range(1500)]
    assert np.mean(seen) == pytest.approx(0.8, abs=0.03)
    p, d = 0.5, 0.2
    n = group_size("nps", 0.2, promoters=p, detractors=d)
    a, b = (draw.multinomial(n, [up, down, 1 - up - down], 1500) for up, down in ((p, d), (p - 0.1, d + 0.1)))
    seen = [nps_difference(x[0], x[1], n, y[0], y[1], n).p_value < 0.05 for x, y in zip(a, b, strict=True)]
    assert np.mean(seen) == pytest.approx(0.8, abs=0.06)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"kind": "proportion", "margin": 0}, "The margin is 0"),
        ({"kind": "proportion", "margin": 0.1, "share": 50}, "such as 0.5"),
        ({"kind": "mean", "margin": 0.1}, "Give the standard deviation"),
        ({"kind": "nps", "margin": 0.1, "promoters": 0.8, "detractors": 0.3}, "at most 1 together"),
        ({"kind": "nps", "margin": 0.1, "population": 0}, "1 or more"),
        ({"kind": "nps", "margin": 0.1, "response_rate": 20}, "such as 0.2"),
        ({"kind": "median", "margin": 0.1}, "Choose proportion, nps or mean"),
    ],
)
def test_what_cannot_be_computed_says_what_to_give(given: dict, says: str) -> None:
    with pytest.raises(BadQuestion, match=says):
        sample_size(**given)


def test_power_is_a_share() -> None:
    with pytest.raises(BadQuestion, match=r"such as 0\.8"):
        group_size("nps", 0.1, power=80)
