"""The two promises of the default setting, on companies whose causes are known (bench/alerts.py prints them for more)."""

import pytest
from bench.alert_scores import FALSE_A_MONTH, FOUND, SEEDS, Score, judged
from bench.companies import WATCHED, company


@pytest.fixture(scope="module")
def score() -> Score:
    """Twenty companies, a year each, with six causes each."""
    return judged(SEEDS)


def test_twenty_indicators_are_watched() -> None:
    assert len(WATCHED) == len(company(1).series) == 20
    assert len(SEEDS) == 20


def test_nine_of_ten_causes_are_found_within_two_weeks(score: Score) -> None:
    assert score.causes.total() == 120
    assert score.share[0] >= FOUND
    assert min(score.found[kind] / score.causes[kind] for kind in score.causes) >= 0.7


def test_at_most_one_message_a_month_is_false_beside_the_causes(score: Score) -> None:
    assert score.a_month[0] <= FALSE_A_MONTH
    assert score.true / score.found.total() <= 2.5, "messages about one cause, its end included"


def test_at_most_one_message_a_month_is_false_when_nothing_is_done() -> None:
    quiet = judged(SEEDS, causes=False)
    value, _, high = quiet.a_month
    assert value <= FALSE_A_MONTH
    assert high <= FALSE_A_MONTH, "by its interval too"
