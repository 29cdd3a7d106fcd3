"""Goals and benchmarks: setting them, how they stand, who may, and where they show."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.customers.models import Segment
from percorso.errors import BadQuestion
from percorso.insights.goals import actions, queries
from percorso.insights.models import Benchmark, Goal
from tests.app.api_client import Program
from tests.web.test_pages import text

GOALS = "/w/acme/programme/"
NEW = f"{GOALS}goals/new/"
BENCHMARKS = f"{GOALS}benchmarks/"
TODAY = datetime.now(UTC).date()


def sent(**more: Any) -> dict[str, Any]:
    """Return what the form sends: a share of 80 % within 90 days."""
    starts, due = TODAY - timedelta(days=30), TODAY + timedelta(days=90)
    return {"target": "80", "starts": starts.isoformat(), "due": due.isoformat(), "drivers": ["fcr"]} | more


def make(workspace: Workspace, **more: Any) -> Goal:
    usual = {
        "indicator": "csat",
        "target": 0.8,
        "starts": TODAY - timedelta(days=30),
        "due": TODAY + timedelta(days=90),
    }
    return Goal.objects.create(workspace=workspace, **(usual | more))


def shown(client: Client, path: str, language: str = "en") -> str:
    response = client.get(path, headers={"Accept-Language": language})
    assert response.status_code == 200
    return text(response.content.decode())


def test_without_goals_the_page_teaches_the_next_step(alice: Client, bob: Client) -> None:
    assert "Set a goal" in shown(alice, GOALS)
    assert "No goals yet" in shown(bob, GOALS)
    assert NEW not in bob.get(GOALS).content.decode()


def test_a_goal_is_set_in_the_unit_people_type(alice: Client, alice_person: Person) -> None:
    assert "Continue" in shown(alice, NEW)
    form = shown(alice, f"{NEW}?indicator=csat")
    assert "In per cent." in form
    assert re.search(r"In the last 30 days [\d.]+%", form)

    answer = alice.post(f"{NEW}?indicator=csat", sent(owner=alice_person.pk, note="Every order on time"), follow=True)
    told = text(answer.content.decode())
    goal = Goal.objects.get()
    assert (goal.target, goal.drivers, goal.owner) == (0.8, ["fcr"], alice_person)
    # The baseline came from the facts.
    assert goal.baseline is not None
    assert 0.4 < goal.baseline < 1
    assert "Customer Satisfaction Score: 80.0% by" in told
    assert re.search(r"(\d+% likely|under 1% likely|over 99% likely)", told)
    assert "First contact resolution" in told
    assert "Every order on time" in told
    assert [e.action for e in AuditEntry.objects.all()] == ["goal_made"]


def test_a_lagging_indicator_needs_a_leading_one(alice: Client) -> None:
    answer = alice.post(f"{NEW}?indicator=csat", sent(drivers=[]))
    assert answer.status_code == 400
    assert "Name at least one leading indicator that moves it" in text(answer.content.decode())
    assert alice.post(f"{NEW}?indicator=nps", sent(drivers=[], target="45")).status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": "180"}, {"target": ""}, {"target": "nan"}, {"due": "soon"}, {"due": "2001-01-01"},
        {"due": "2190-01-01"}, {"drivers": ["median_resolution_time"]}, {"drivers": ["nothing"]}, {"owner": "999"},
    ],
)  # fmt: skip
def test_a_goal_that_makes_no_sense_is_not_set(alice: Client, wrong: dict[str, Any]) -> None:
    assert alice.post(f"{NEW}?indicator=csat", sent(**wrong)).status_code == 400
    assert not Goal.objects.exists()


def test_an_owner_from_elsewhere_is_refused(alice: Client, charlie_person: Person) -> None:
    assert alice.post(f"{NEW}?indicator=csat", sent(owner=charlie_person.pk)).status_code == 400


def test_a_goal_is_changed_and_removed(alice: Client, members: Workspace) -> None:
    goal = make(members, drivers=["fcr"])
    assert 'value="80.0"' in alice.get(f"{GOALS}goals/{goal.pk}/change/").content.decode()
    alice.post(f"{GOALS}goals/{goal.pk}/change/", sent(target="82.5"))
    goal.refresh_from_db()
    assert goal.target == pytest.approx(0.825)

    alice.post(f"{GOALS}goals/{goal.pk}/remove/")
    assert not Goal.objects.exists()
    assert [e.action for e in AuditEntry.objects.order_by("id")] == ["goal_changed", "goal_removed"]


def test_how_a_goal_stands_comes_from_the_facts(members: Workspace) -> None:
    standing = queries.standing(members, make(members, baseline=0.5))
    assert standing.grain == "week"
    assert len(standing.series) == 26
    assert standing.outlook.probability is not None
    assert standing.progress == pytest.approx((standing.now.value - 0.5) / 0.3)
    assert standing.future[-1].date() <= standing.goal.due + timedelta(days=1)

    far = queries.standing(members, make(members, due=TODAY + timedelta(days=700)))
    assert (far.grain, len(far.series)) == ("month", 18)


def test_a_goal_whose_day_has_passed_was_reached_or_missed(members: Workspace, bob: Client) -> None:
    past = {"starts": TODAY - timedelta(days=200), "due": TODAY - timedelta(days=60)}
    easy, hard = make(members, target=0.3, **past), make(members, target=0.99, **past)
    assert [queries.standing(members, goal).met for goal in (easy, hard)] == [True, False]
    told = shown(bob, GOALS)
    assert "Reached" in told
    assert "Missed" in told
    assert "How it ended" in shown(bob, f"{GOALS}goals/{easy.pk}/")


def test_without_enough_steps_the_reason_stands_instead_of_a_chance(members: Workspace, bob: Client) -> None:
    goal = make(members, indicator="sus", target=80)
    told = shown(bob, f"{GOALS}goals/{goal.pk}/")
    assert "No forecast yet" in told
    assert "A trend needs at least 4 steps; there is: 0 weeks with a figure." in told


def test_a_goal_of_a_segment_counts_its_customers_only(members: Workspace, bob: Client) -> None:
    italy = Segment.objects.create(
        workspace=members, slug="italy", name="Italy only", rule={"trait": "country", "is": ["IT"]}
    )
    mine, all_of_them = (queries.standing(members, make(members, segment=s)) for s in (italy, None))
    assert mine.now.n is not None
    assert all_of_them.now.n is not None
    assert 0 < mine.now.n < all_of_them.now.n
    assert "Italy only" in shown(bob, GOALS)


def test_lists_ask_the_database_the_same_however_many_rows(
    alice: Client, members: Workspace, django_assert_num_queries: Any
) -> None:
    for model, path in ((Goal, GOALS), (Benchmark, BENCHMARKS)):
        for rows in (1, 3):
            while model.objects.count() < rows:
                make(members) if model is Goal else benchmark(members)
            alice.get(path)
            with django_assert_num_queries(6):
                alice.get(path)


def benchmark(workspace: Workspace, **more: Any) -> Benchmark:
    usual = {"indicator": "csat", "name": "Other shops", "value": 0.9, "source": "CX report 2025"}
    return Benchmark.objects.create(workspace=workspace, **(usual | more))


def test_a_benchmark_needs_a_source_and_stands_in_the_charts(alice: Client, bob: Client) -> None:
    given = {"name": "Other shops", "value": "91", "source": "", "link": "example.com/report", "day": "2025-06-01"}
    assert alice.post(f"{BENCHMARKS}new/?indicator=csat", given).status_code == 400
    alice.post(f"{BENCHMARKS}new/?indicator=csat", given | {"source": "CX report"})
    found = Benchmark.objects.get()
    assert (found.value, found.link) == (0.91, "https://example.com/report")

    assert "Other shops" in shown(bob, BENCHMARKS)
    page = bob.get("/w/acme/indicators/csat/").content.decode()
    assert "Other shops: 91.0%" in page
    assert "CX report" in text(page)
    alice.post(f"{BENCHMARKS}{found.pk}/", given | {"value": "92", "source": "CX report"})
    found.refresh_from_db()
    assert found.value == 0.92
    alice.post(f"{BENCHMARKS}{found.pk}/remove/")
    assert not Benchmark.objects.exists()
    actions_done = [e.action for e in AuditEntry.objects.order_by("id")]
    assert actions_done == ["benchmark_made", "benchmark_changed", "benchmark_removed"]


def subscribed(store: Store, currency: str) -> None:
    month = datetime.now(UTC) - timedelta(days=120)
    rows = [
        {
            "id": f"{currency}{i}",
            "customer": f"s{i}",
            "plan": "Plus",
            "mrr": 2900,
            "currency": currency,
            "started_at": month,
        }
        for i in range(12)
    ]
    store.append("subscriptions", rows, workspace="acme", batch=currency)


def test_a_benchmark_in_money_has_a_currency(
    alice: Client, members: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"name": "Other shops", "value": "25.5", "source": "CX report"}
    new = f"{BENCHMARKS}new/?indicator=arpa"
    assert alice.post(new, given).status_code == 400
    assert "three letters" in text(alice.post(new, given | {"currency": "€"}).content.decode())
    alice.post(new, given | {"currency": "eur"})
    alice.post(new, given | {"currency": "JPY", "value": "4000", "name": "In Japan"})
    euro, yen = Benchmark.objects.order_by("id")
    assert (euro.value, euro.currency, yen.value, yen.currency) == (2550, "EUR", 4000, "JPY")
    listed = shown(alice, BENCHMARKS)
    assert "€25.50" in listed
    assert "¥4,000" in listed
    assert 'value="25.5"' in alice.get(f"{BENCHMARKS}{euro.pk}/").content.decode()
    with pytest.raises(BadQuestion, match="which currency"):
        actions.make_benchmark(members, indicator="arpa", name="A", value=1.0, source="B", by=euro.by)
    with pytest.raises(BadQuestion, match="no amount of money"):
        actions.make_benchmark(members, indicator="csat", name="A", value=1.0, source="B", currency="EUR", by=euro.by)

    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        subscribed(store, "EUR")
        chart = alice.get("/w/acme/indicators/arpa/").content.decode()
    assert "Other shops: €25.50" in chart
    assert "In Japan: ¥4,000" not in chart, "an amount in yen is no line among euros"


def test_goals_show_on_the_overview_and_the_indicators_page(bob: Client, members: Workspace) -> None:
    assert "Goal " not in shown(bob, "/w/acme/")
    goal = make(members)
    mark = re.compile(r"Goal 80\.0% by \w+ \d+: (under|over )?\s?\d+% likely")
    assert mark.search(shown(bob, "/w/acme/"))
    page = bob.get("/w/acme/indicators/csat/").content.decode()
    assert mark.search(text(page))
    assert f"{GOALS}goals/{goal.pk}/" in page
    assert '"kind": "goal"' in page
    assert '"kind": "goal"' not in bob.get("/w/acme/indicators/nps/").content.decode()


def test_the_chart_goes_on_to_the_due_day(bob: Client, members: Workspace) -> None:
    html = bob.get(f"{GOALS}goals/{make(members).pk}/").content.decode()
    assert '"trend": [[' in html
    assert "Trend and its range" in html
    assert "trend: " in text(html)


def test_goals_of_another_workspace_do_not_exist(alice: Client, members: Workspace) -> None:
    other = Workspace.objects.get(slug="elsewhere")
    goal = make(other)
    for path in ("", "change/"):
        assert alice.get(f"{GOALS}goals/{goal.pk}/{path}").status_code == 404
    assert alice.post(f"{GOALS}goals/{goal.pk}/remove/").status_code == 404
    assert Goal.objects.count() == 1


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("analyst", 200), ("editor", 200)])
def test_who_may_set_goals(as_role: Callable[[str], Client], role: str, status: int) -> None:
    assert as_role(role).get(NEW).status_code == status


@pytest.mark.parametrize("language", ["pt-br", "it"])
def test_pages_open_in_every_language(bob: Client, members: Workspace, language: str) -> None:
    goal = make(members, indicator="first_response_time", target=3600.0, baseline=7200.0)
    for path in (GOALS, f"{GOALS}goals/{goal.pk}/"):
        assert bob.get(path, headers={"Accept-Language": language}).status_code == 200


def test_programs_add_and_remove_benchmarks(members: Workspace, alice_person: Person) -> None:
    program = Program(members, alice_person)
    given = {"indicator": "arpa", "name": "Other shops", "value": 2550, "source": "CX report"}
    refused = program.post("/benchmarks", given)
    assert refused.status_code == 400
    assert "which currency" in refused.json()["detail"]
    assert program.post("/benchmarks", given | {"currency": "EUR", "day": "0001-01-01"}).status_code == 422
    assert program.post("/benchmarks", given | {"currency": "EUR", "link": "javascript:x"}).status_code == 422
    made = program.post("/benchmarks", given | {"currency": "EUR"}).json()
    program.post("/benchmarks", given | {"indicator": "csat", "value": 0.9})
    listed = program.get("/benchmarks").json()["items"]
    assert [(row["indicator"], row["currency"]) for row in listed] == [("csat", ""), ("arpa", "EUR")]
    assert program.ask("DELETE", f"/benchmarks/{made['id']}").status_code == 204
    assert program.ask("DELETE", f"/benchmarks/{made['id']}").status_code == 404


def test_programs_set_change_and_remove_goals(members: Workspace, alice_person: Person) -> None:
    program = Program(members, alice_person)
    given = {"indicator": "csat", "target": 0.8, "starts": "2026-01-01", "due": "2030-12-31", "drivers": ["fcr"]}
    made = program.post("/goals", given | {"owner": "alice@acme.test"})
    assert made.status_code == 201
    told = made.json()
    assert (told["state"], told["owner"], told["segment"]) == ("open", "alice@acme.test", None)
    assert told["now"]["n"] > 0
    assert 0 <= told["probability"] <= 1
    assert told["expected"]["low"] < told["expected"]["value"] < told["expected"]["high"]

    assert program.post("/goals", given | {"drivers": []}).status_code == 400
    assert program.post("/goals", given | {"segment": "none"}).status_code == 422
    assert program.post("/goals", given | {"owner": "charlie@else.test"}).status_code == 422
    changed = program.ask("PATCH", f"/goals/{told['id']}", {"target": 0.85, "owner": None})
    assert (changed.json()["target"], changed.json()["owner"], changed.json()["due"]) == (0.85, None, "2030-12-31")
    assert [g["id"] for g in program.get("/goals").json()["items"]] == [told["id"]]
    assert program.ask("DELETE", f"/goals/{told['id']}").status_code == 204
    assert program.get(f"/goals/{told['id']}").status_code == 404


def test_an_action_without_a_baseline_takes_it_from_the_facts_of_the_segment(
    members: Workspace, alice_person: Person
) -> None:
    made = actions.make_goal(
        members, indicator="nps", target=40, starts=date(2015, 1, 1), due=date(2019, 1, 1), by=alice_person
    )
    assert made.baseline is None  # there were no facts then
