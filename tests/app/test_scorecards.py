"""Scorecards: computed from facts, never from an opinion; what has no evidence says so."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from percorso.accounts.models import AuditEntry, Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.insights.models import Scorecard
from percorso.insights.scorecards.frameworks import FRAMEWORKS
from percorso.insights.scorecards.queries import proposed
from tests.web.test_pages import text

LIST = "/w/acme/programme/scorecards/"


def shown(client: Client, path: str, language: str = "en") -> str:
    response = client.get(path, headers={"Accept-Language": language}, follow=True)
    assert response.status_code == 200
    return text(response.content.decode())


def make(client: Client, framework: str = "three_pillars") -> Scorecard:
    client.post(f"{LIST}new/", {"framework": framework, "name": "Our pillars"})
    return Scorecard.objects.get()


@pytest.fixture
def asked(acme: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A company that asks about three of the six pillars, from 1 to 10: 40 answers each, all 7, 10 and 1."""
    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        at = datetime.now(UTC) - timedelta(days=30)
        usual = {"metric": "six_pillars", "scale_min": 1, "scale_max": 10, "population": "customer", "at": at}
        rows = [
            usual | {"id": f"{aspect}{i}", "customer": f"c{i}", "identity": f"c{i}", "aspect": aspect, "score": score - i % 2}
            for aspect, score in (("empathy", 8), ("integrity", 10), ("resolution", 2))
            for i in range(40)
        ]  # fmt: skip
        store.append("answers", rows, workspace="acme")
        yield acme


def test_without_a_scorecard_the_page_teaches_the_next_step(alice: Client, bob: Client) -> None:
    assert "No scorecard yet" in shown(bob, LIST)
    form = shown(alice, f"{LIST}new/")
    for framework in FRAMEWORKS.values():
        assert framework.label in form


def test_a_scorecard_is_filled_with_what_the_facts_offer(alice: Client, bob: Client) -> None:
    card = make(alice)
    by_pillar = {each["pillar"]: each["indicator"] for each in card.evidence}
    assert by_pillar["success"] == "fcr"
    assert by_pillar["emotion"] == "nps"
    # The small company asks nobody how easy it was.
    assert "effort" not in by_pillar
    told = shown(bob, f"{LIST}{card.pk}/")
    assert "Our pillars" in told
    assert "no evidence" in told
    assert "There is no mean as long as a pillar has no evidence." in told
    assert "Nothing speaks for this pillar yet." in told
    assert re.search(r"Emotion How did it feel\? 0 100 between \d+ and \d+ · from 1 figure \d+", told)
    assert "−100 counts as 0, +100 as 100" in told
    assert [e.action for e in AuditEntry.objects.all()] == ["scorecard_made"]


def test_answers_with_the_pillar_as_their_aspect_are_found(alice: Client, asked: Workspace, members: Workspace) -> None:
    found = {given["pillar"]: given for given in proposed(members, "six_pillars")}
    assert set(found) == {"empathy", "integrity", "resolution"}
    assert found["empathy"]["options"] == {"pillars": "empathy"}
    card = make(alice, "six_pillars")
    told = shown(alice, f"{LIST}{card.pk}/")
    # (7.5 − 1) / 9, (9.5 − 1) / 9 and (1.5 − 1) / 9 of 100.
    assert re.search(r"Empathy Do customers feel understood\? 0 100 between \d+ and \d+ · from 1 figure 72", told)
    assert re.search(r"Integrity .{60,90} from 1 figure 94", told)
    assert re.search(r"Resolution .{20,60} from 1 figure 6", told)


@pytest.mark.parametrize("framework", list(FRAMEWORKS))
def test_every_framework_makes_a_scorecard(alice: Client, framework: str) -> None:
    card = make(alice, framework)
    told = shown(alice, f"{LIST}{card.pk}/")
    for pillar in FRAMEWORKS[framework].pillars:
        assert pillar.label in told


def test_evidence_is_added_weighed_changed_and_removed(alice: Client) -> None:
    card = make(alice)
    new = f"{LIST}{card.pk}/pillars/effort/new/"
    given = {"indicator": "csat", "column": "channel", "values": "email, chat", "bad": "50", "good": "", "weight": "2"}
    assert "How easy was it?" in shown(alice, new)
    told = text(alice.post(new, given, follow=True).content.decode())
    card.refresh_from_db()
    made = card.evidence[-1]
    assert (made["pillar"], made["filter"], made["bad"], made["good"], made["weight"]) == (
        "effort", {"channel": ["email", "chat"]}, 0.5, 1.0, 2.0,
    )  # fmt: skip
    assert "Channel: E-mail, Chat" in told
    assert "50.0% counts as 0, 100.0% as 100" in told
    assert "There is no mean" not in told

    one = f"{LIST}{card.pk}/evidence/{made['id']}/"
    assert 'value="email, chat"' in alice.get(one).content.decode()
    alice.post(one, given | {"weight": "3"})
    card.refresh_from_db()
    assert card.evidence[-1]["weight"] == 3.0
    alice.post(f"{one}remove/")
    card.refresh_from_db()
    assert [each["pillar"] for each in card.evidence].count("effort") == 0
    assert alice.get(one).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"bad": "50", "good": "50"}, {"weight": "0"}, {"indicator": "nothing"}, {"indicator": "first_response_time"},
        {"indicator": "backlog", "column": "aspect", "values": "x", "bad": "9", "good": "0"}, {"indicator": "nps_aspect"},
    ],
)  # fmt: skip
def test_what_cannot_speak_for_a_pillar_is_refused(alice: Client, wrong: dict[str, str]) -> None:
    card = make(alice)
    given = {"indicator": "csat", "column": "", "values": "", "bad": "", "good": "", "weight": "1"} | wrong
    assert alice.post(f"{LIST}{card.pk}/pillars/effort/new/", given).status_code == 400
    assert alice.get(f"{LIST}{card.pk}/pillars/nothing/new/").status_code == 404


def test_a_figure_that_can_no_longer_be_asked_says_why(alice: Client) -> None:
    card = make(alice)
    broken = {"pillar": "effort", "indicator": "backlog", "options": {}, "filter": {"aspect": ["x"]}}
    card.evidence.append(broken | {"id": "e9", "bad": 9, "good": 0, "weight": 1})
    card.save()
    told = shown(alice, f"{LIST}{card.pk}/")
    assert "aspect" in told
    assert "no facts in this period" in told


def test_what_the_facts_offer_is_added_once(alice: Client) -> None:
    card = make(alice)
    before = len(card.evidence)
    card.evidence = card.evidence[1:]
    card.save()
    assert "1 figure was added." in text(alice.post(f"{LIST}{card.pk}/propose/", follow=True).content.decode())
    told = alice.post(f"{LIST}{card.pk}/propose/", follow=True).content.decode()
    assert "The facts offer nothing that is not there already." in text(told)
    card.refresh_from_db()
    assert len(card.evidence) == before


def test_a_scorecard_follows_the_period_and_is_changed_and_removed(alice: Client, members: Workspace) -> None:
    card = make(alice)
    shorter = shown(alice, f"{LIST}{card.pk}/?period=last_7_days")
    assert shorter != shown(alice, f"{LIST}{card.pk}/?period=last_12_months&compare=previous")
    alice.post(f"{LIST}{card.pk}/change/", {"name": "Renamed"})
    assert "Renamed" in shown(alice, LIST)
    alice.post(f"{LIST}{card.pk}/remove/")
    assert not Scorecard.objects.exists()


def test_the_list_asks_the_database_the_same_however_many_rows(
    alice: Client, members: Workspace, django_assert_num_queries: Any
) -> None:
    for rows in (1, 3):
        while Scorecard.objects.count() < rows:
            Scorecard.objects.create(workspace=members, framework="five_e", name=f"No {rows}", evidence=[])
        alice.get(LIST)
        with django_assert_num_queries(7):
            alice.get(LIST)


def test_a_scorecard_of_another_workspace_does_not_exist(alice: Client, members: Workspace) -> None:
    other = Workspace.objects.get(slug="elsewhere")
    card = Scorecard.objects.create(workspace=other, framework="five_c", name="Theirs")
    assert alice.get(f"{LIST}{card.pk}/").status_code == 404
    assert alice.post(f"{LIST}{card.pk}/remove/").status_code == 404


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("analyst", 200)])
def test_who_may_make_one(as_role: Callable[[str], Client], role: str, status: int) -> None:
    assert as_role(role).get(f"{LIST}new/").status_code == status


@pytest.mark.parametrize("language", ["pt-br", "it"])
def test_pages_open_in_every_language(alice: Client, language: str) -> None:
    card = make(alice)
    for path in (LIST, f"{LIST}{card.pk}/"):
        assert alice.get(path, headers={"Accept-Language": language}).status_code == 200


def test_the_search_finds_what_the_programme_has(alice: Client) -> None:
    make(alice)
    assert "Our pillars" in shown(alice, "/w/acme/find/?q=pillars")
