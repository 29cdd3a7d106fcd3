"""Collecting answers and scorecards: who was heard, weighted figures, when enough is there, scores from 0 to 100."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from percorso.analytics import collection
from percorso.analytics.collection import Collecting, Experience, Reach
from percorso.analytics.query import Period
from percorso.analytics.sampling import Group, arrival, silent, weighted
from percorso.analytics.scorecards import Score, index, on_scale, pillar
from percorso.analytics.segments import Trait
from percorso.analytics.store import Store
from percorso.errors import BadQuestion

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))


@pytest.fixture(scope="module", params=[":memory:", "chdb://memory/default"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Five customers: asked and answered, asked and silent, never asked, answered unasked, bounced."""
    with Store.open(request.param) as opened:
        people = [{"id": key, "customer": key, "identity": key, "name": key.title(), "country": c} for key, c in WHO]
        opened.append("customers", people, workspace="collecting")
        opened.append("messages", [_message("ana", first_answer_at=AT + timedelta(hours=1)), _message("bea"), _message("eva", bounced=True), _message("ana", id="m2"), _message("cid", id="old", at=AT - timedelta(days=30)), _message("cid", id="other", survey="support", touchpoint="support")], workspace="collecting")  # fmt: skip
        answer = {"at": AT, "metric": "csat", "score": 5, "scale_min": 1, "scale_max": 5, "population": "customer"}
        opened.append("answers", [answer | {"id": "a1", "customer": "dan", "identity": "dan", "touchpoint": "delivery"}, answer | {"id": "a2", "customer": "cid", "identity": "cid", "touchpoint": "delivery", "population": "employee"}], workspace="collecting")  # fmt: skip
        yield opened


WHO = (("ana", "BR"), ("bea", "BR"), ("cid", "BR"), ("dan", "IT"), ("eva", None))


def _message(who: str, **more: Any) -> dict[str, Any]:
    usual = {"id": f"m-{who}", "customer": who, "identity": who, "at": AT, "purpose": "survey", "survey": "order"}
    return usual | {"touchpoint": "delivery", "delivered_at": AT} | more


def question(store: Store, **more: Any) -> Collecting:
    return Collecting(store, "collecting", more.pop("experience", Experience(touchpoint="delivery")), MARCH, **more)


def test_who_was_asked_and_who_answered(store: Store) -> None:
    assert collection.reach(question(store)) == [Reach((), 5, 2, 2, 1)]


def test_by_groups_also_those_without_a_value(store: Store) -> None:
    found = collection.reach(question(store), ("country",))
    assert found == [Reach(("BR",), 3, 2, 1, 1), Reach((None,), 1, 0, 0, 0), Reach(("IT",), 1, 0, 1, 0)] or found == [
        Reach(("BR",), 3, 2, 1, 1),
        Reach(("IT",), 1, 0, 1, 0),
        Reach((None,), 1, 0, 0, 0),
    ]


def test_within_a_segment_and_over_the_whole_relationship(store: Store) -> None:
    brazil = Trait("country", "is", ("BR",))
    assert collection.reach(question(store, rule=brazil)) == [Reach((), 3, 2, 1, 1)]
    assert collection.reach(question(store, experience=Experience()))[0].asked == 3


def test_lists_are_by_id_and_go_on(store: Store) -> None:
    assert [r["customer"] for r in collection.listed(question(store), "not_asked", 10)] == ["cid", "dan", "eva"]
    assert [r["customer"] for r in collection.listed(question(store), "not_asked", 10, "cid")] == ["dan", "eva"]
    assert collection.listed(question(store), "silent", 10) == [{"customer": "bea", "name": "Bea"}]


def test_experiences_are_those_that_the_facts_name(store: Store) -> None:
    assert collection.values(store, "collecting") == (["delivery", "support"], ["order", "support"])


def group(key: str, people: int, n: int, value: float | None, half: float = 10, asked: int = 100) -> Group:
    ends = (None, None) if value is None else (value - half, value + half)
    return Group((key,), people, asked, min(n, asked), n, value, *ends)


def test_the_weighted_figure_lets_groups_count_by_their_size() -> None:
    found = weighted([group("south", 6000, 80, 40.0), group("north", 4000, 20, -10.0)], ("region",), (30.0, 20.0, 40.0))
    assert found.value == pytest.approx(20.0)
    assert found.design_effect == pytest.approx(1.25)
    assert found.low == pytest.approx(20 - (36 + 16) ** 0.5)


def test_it_warns_when_both_differ_by_more_than_their_interval() -> None:
    far = weighted([group("a", 90, 10, 0.0), group("b", 10, 90, 100.0)], ("x",), (90.0, 80.0, 100.0))
    near = weighted([group("a", 50, 52, 40.0), group("b", 50, 48, 42.0)], ("x",), (41.0, 31.0, 51.0))
    assert (far.differs, far.uneven) == (True, True)
    assert (near.differs, near.uneven) == (False, False)


def test_a_group_without_answers_is_named() -> None:
    found = weighted([group("a", 90, 10, 5.0), group("b", 10, 0, None)], ("x",), (5.0, 1.0, 9.0))
    assert (found.status, found.cell, found.value) == ("empty_cell", "b", None)
    assert weighted([], ("x",), (None, None, None)).status == "no_data"


def test_two_columns_are_raked_to_both_sizes() -> None:
    cells = {
        ("F", "N"): (30, 20, 50.0),
        ("F", "S"): (20, 40, 30.0),
        ("M", "N"): (30, 10, 10.0),
        ("M", "S"): (20, 30, 0.0),
    }
    groups = [Group(k, people, 100, n, n, value, value - 5, value + 5) for k, (people, n, value) in cells.items()]
    found = weighted(groups, ("sex", "region"), (22.0, 10.0, 34.0))
    assert found.status == "ok"
    assert found.value is not None
    assert 15 < found.value < 35


def test_groups_that_answer_less_than_half_as_often_are_found() -> None:
    often, seldom, few = group("a", 1, 40, 1.0), group("b", 1, 19, 1.0), group("c", 1, 0, 1.0, asked=20)
    assert silent([often, seldom, few]) == [seldom]
    assert silent([often, group("d", 1, 20, 1.0)]) == []


def test_when_the_answers_will_be_there() -> None:
    today = date(2026, 3, 1)
    assert arrival(100, 100, 5, 28, today).done
    found = arrival(100, 72, 28, 28, today)
    assert found.expected == date(2026, 3, 29)
    assert found.early is not None
    assert found.late is not None
    assert found.early < found.expected < found.late
    assert arrival(100, 10, 0, 28, today).expected is None


def test_evidence_is_brought_to_one_scale_in_either_direction() -> None:
    assert on_scale(50.0, 30.0, 70.0, bad=0, good=100) == Score(50.0, 30.0, 70.0)
    assert on_scale(6.0, 2.0, 30.0, bad=24, good=0) == Score(75.0, 0.0, pytest.approx(91.6667, abs=1e-3))
    assert on_scale(None, None, None, bad=0, good=1) == Score()
    with pytest.raises(BadQuestion):
        on_scale(1.0, None, None, bad=1, good=1)


def test_no_evidence_is_none_and_never_nothing() -> None:
    nothing = pillar([], [])
    assert (nothing.score.value, nothing.used, nothing.given) == (None, 0, 0)
    one = pillar([Score(60, 50, 75), Score()], [1, 5])
    assert (one.score, one.used, one.given) == (Score(60, 50, 75), 1, 2)
    assert pillar([Score(60, 50, 75), Score(80)], [1, 1]).score == Score(70)
    assert index([one, nothing]) == Score()
    assert index([one, one]).value == 60
