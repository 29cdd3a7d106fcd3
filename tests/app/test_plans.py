"""Collection plans: how many answers are needed, who was not heard, the weighted figure; and the calculator."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from percorso.accounts.models import AuditEntry, Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.customers.models import Segment
from percorso.insights.models import Plan, PlanItem
from percorso.insights.plans import queries
from tests.web.test_pages import text

PLANS = "/w/acme/programme/plans/"
CALCULATOR = "/w/acme/programme/calculator/"
TODAY = datetime.now(UTC).date()


def make(workspace: Workspace, before: int = 60, after: int = 30) -> Plan:
    return Plan.objects.create(
        workspace=workspace, name="Autumn", starts=TODAY - timedelta(days=before), ends=TODAY + timedelta(days=after)
    )


def item(plan: Plan, **more: Any) -> PlanItem:
    return plan.items.create(**({"indicator": "csat", "precision": 0.05} | more))


def shown(client: Client, path: str, language: str = "en") -> str:
    response = client.get(path, headers={"Accept-Language": language})
    assert response.status_code == 200
    return text(response.content.decode())


def given(**more: Any) -> dict[str, Any]:
    return {"indicator": "csat", "experience": "", "precision": "5", "confidence": "0.95"} | more


def test_without_a_plan_the_page_teaches_the_next_step(alice: Client, bob: Client) -> None:
    assert "No collection plan yet" in shown(bob, PLANS)
    assert f"{PLANS}new/" in alice.get(PLANS).content.decode()
    assert f"{PLANS}new/" not in bob.get(PLANS).content.decode()


def test_a_plan_is_made_filled_changed_and_removed(alice: Client) -> None:
    days = {"starts": (TODAY - timedelta(days=60)).isoformat(), "ends": (TODAY + timedelta(days=30)).isoformat()}
    told = alice.post(f"{PLANS}new/", {"name": "Autumn", "rate": "25", **days}, follow=True).content.decode()
    plan = Plan.objects.get()
    assert plan.response_rate == 0.25
    assert "The plan is empty" in text(told)

    here = f"{PLANS}{plan.pk}/"
    told = text(alice.post(f"{here}items/new/", given(), follow=True).content.decode())
    made = plan.items.get()
    assert (made.precision, made.confidence, made.touchpoint) == (0.05, 0.95, "")
    # 400 customers, half a width of 5 points: 197 answers; at 25 % 788 invitations, which is more than there are.
    assert re.search(r"\d+ / 197", told)
    assert "788 invitations: more than the 400 customers there are" in told
    assert "±5.0 pp wanted" in told

    alice.post(f"{here}items/{made.pk}/change/", given(precision="10", population="100", expected="80"))
    made.refresh_from_db()
    assert (made.precision, made.population, made.expected) == (0.1, 100, 0.8)
    assert 'value="10.0"' in alice.get(f"{here}items/{made.pk}/change/").content.decode()
    alice.post(f"{here}items/{made.pk}/remove/")
    alice.post(f"{here}change/", {"name": "Winter", "rate": "20", **days})
    assert "Winter" in shown(alice, PLANS)
    alice.post(f"{here}remove/")
    assert not Plan.objects.exists()
    assert [e.action for e in AuditEntry.objects.order_by("id")] == [
        "plan_made", "plan_changed", "plan_changed", "plan_changed", "plan_changed", "plan_removed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [{"precision": "-1"}, {"precision": ""}, {"indicator": "enps"}, {"indicator": "backlog"}, {"expected": "120"}, {"population": "0"}, {"experience": "nowhere"}],
)  # fmt: skip
def test_what_makes_no_sense_is_not_planned(alice: Client, members: Workspace, wrong: dict[str, str]) -> None:
    plan = make(members)
    assert alice.post(f"{PLANS}{plan.pk}/items/new/", given(**wrong)).status_code == 400
    assert not plan.items.exists()


@pytest.mark.parametrize("wrong", [{"ends": "2001-01-01"}, {"rate": "0"}, {"name": ""}, {"ends": "2190-01-01"}])
def test_a_plan_with_wrong_days_is_not_made(alice: Client, wrong: dict[str, str]) -> None:
    usual = {"name": "x", "rate": "20", "starts": TODAY.isoformat(), "ends": TODAY.isoformat()}
    assert alice.post(f"{PLANS}new/", usual | wrong).status_code == 400


def test_how_far_a_plan_is_and_when_enough_is_there(members: Workspace) -> None:
    plan = make(members)
    wide, narrow = item(plan, precision=0.2), item(plan, precision=0.01)
    done, slow = (queries.progress(members, plan, each) for each in (wide, narrow))
    assert (done.state, done.population) == ("done", 400)
    assert slow.needed is not None
    assert slow.needed.n == 385
    assert slow.state in ("on_time", "late")
    assert slow.arrival is not None
    assert slow.arrival.expected is not None
    assert queries.progress(members, make(members, before=-5), wide).state == "waiting"
    assert queries.progress(members, make(members, before=90, after=-60), narrow).state == "short"


def test_a_segment_counts_its_own_customers(members: Workspace) -> None:
    rule = {"trait": "country", "is": ["IT"]}
    italy = Segment.objects.create(workspace=members, slug="italy", name="Italy", rule=rule)
    plan = make(members)
    found = queries.progress(members, plan, item(plan, segment=italy))
    everybody = queries.progress(members, plan, item(plan))
    assert (found.population, everybody.population) == (160, 400)
    assert 0 < found.reach.asked < everybody.reach.asked


def test_raw_and_weighted_figure_stand_side_by_side(bob: Client, members: Workspace) -> None:
    plan = make(members)
    mine = item(plan)
    told = shown(bob, f"{PLANS}{plan.pk}/")
    assert "Weighted by Country" in told
    page = shown(bob, f"{PLANS}{plan.pk}/items/{mine.pk}/")
    assert re.search(r"Brazil 240 60%", page)
    assert re.search(r"Italy 160 40%", page)
    both = shown(bob, f"{PLANS}{plan.pk}/items/{mine.pk}/?by=country&then=language")
    assert "Weighted by Country · Customer's language" in both.replace("&#x27;", "'")


@pytest.fixture
def uneven(db: None, monkeypatch: pytest.MonkeyPatch, acme: Workspace) -> Workspace:
    """A hundred customers at home who hardly answer and are content, ten offices that all answer and are not."""
    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        at = datetime.now(UTC) - timedelta(days=20)
        people = [(f"h{i}", "home") for i in range(300)] + [(f"o{i}", "office") for i in range(60)]
        customers = [{"id": k, "customer": k, "identity": k, "segment": s, "country": "BR"} for k, s in people]
        store.append("customers", customers, workspace="acme")
        who = {"purpose": "survey", "survey": "order", "at": at, "delivered_at": at}
        messages = [who | {"id": f"m{k}", "customer": k, "identity": k} for k, _ in people]
        store.append("messages", messages, workspace="acme")
        scale = {
            "metric": "csat",
            "scale_min": 1,
            "scale_max": 5,
            "population": "customer",
            "survey": "order",
            "at": at,
        }
        heard = [*people[:40], *people[300:]]
        answers = [
            scale | {"id": f"a{k}", "customer": k, "identity": k, "score": 5 if s == "home" and int(k[1:]) % 10 else 2}
            for k, s in heard
        ]
        store.append("answers", answers, workspace="acme")
        yield acme


def test_those_who_answer_are_not_like_all_customers(bob: Client, uneven: Workspace, members: Workspace) -> None:
    plan = make(members)
    mine = item(plan, survey="order")
    told = shown(bob, f"{PLANS}{plan.pk}/items/{mine.pk}/")
    assert "Raw and weighted figure differ by more than their interval" in told
    assert "These groups answer less than half as often as the one that answers most: home." in told
    assert "answers little" in told
    assert "36.0%" in told
    assert "75.0%" in told


def test_who_was_not_heard_is_counted_for_all_and_listed_for_some(
    bob: Client, as_role: Callable[[str], Client], uneven: Workspace, members: Workspace
) -> None:
    plan = make(members)
    mine = item(plan, survey="order")
    here = f"{PLANS}{plan.pk}/items/{mine.pk}/"
    assert re.search(r"Asked, not answered 260", shown(bob, here))
    first = bob.get(f"{here}customers/?who=silent").content.decode()
    assert "/w/acme/customers/h100/" in first
    after = re.search(r'href="\?(who=silent&amp;after=[^"]+)"', first)
    assert after is not None
    second = bob.get(f"{here}customers/?{after[1].replace('&amp;', '&')}").content.decode()
    assert "/w/acme/customers/h100/" not in second
    assert "Nobody" in shown(bob, f"{here}customers/?who=not_asked")
    assert bob.get(f"{here}customers/?who=everybody").status_code == 404

    analyst = as_role("analyst")
    assert re.search(r"Asked, not answered 260", shown(analyst, here))
    assert "customers/?who" not in analyst.get(here).content.decode()
    assert analyst.get(f"{here}customers/?who=silent").status_code == 403


def test_pages_ask_the_database_the_same_however_many_rows(
    alice: Client, members: Workspace, django_assert_num_queries: Any
) -> None:
    plan = make(members)
    for rows in (1, 3):
        while plan.items.count() < rows:
            item(plan)
        while Plan.objects.count() < rows:
            make(members)
        for path, queries_of_it in ((PLANS, 7), (f"{PLANS}{plan.pk}/", 7)):
            alice.get(path)
            with django_assert_num_queries(queries_of_it):
                alice.get(path)


def test_a_plan_of_another_workspace_does_not_exist(alice: Client, members: Workspace) -> None:
    plan = make(Workspace.objects.get(slug="elsewhere"))
    mine, own = item(plan), make(members)
    assert alice.get(f"{PLANS}{plan.pk}/").status_code == 404
    assert alice.get(f"{PLANS}{own.pk}/items/{mine.pk}/").status_code == 404
    assert alice.post(f"{PLANS}{own.pk}/items/{mine.pk}/remove/").status_code == 404


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("analyst", 200)])
def test_who_may_plan(as_role: Callable[[str], Client], role: str, status: int) -> None:
    assert as_role(role).get(f"{PLANS}new/").status_code == status


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=proportion&margin=5&confidence=0.95&population=1000&rate=20", ["278", "385", "1,390", "not so many"]),
        ("kind=nps&margin=5", ["1,537", "6,280"]),
        ("kind=mean&margin=0.2&sd=1&confidence=0.95", ["97"]),
    ],
)
def test_the_calculator_works_without_a_plan(bob: Client, query: str, found: list[str]) -> None:
    told = shown(bob, f"{CALCULATOR}?{query}").split("Answers needed")[1]
    assert all(each in told for each in found)


@pytest.mark.parametrize("query", ["kind=mean&margin=5&confidence=0.95", "kind=x&margin=5", "kind=nps&margin=-1", "kind=nps&margin=nan"])  # fmt: skip
def test_the_calculator_says_what_is_missing(bob: Client, query: str) -> None:
    assert bob.get(f"{CALCULATOR}?{query}").status_code == 400
    assert "Calculate" in shown(bob, CALCULATOR)


@pytest.mark.parametrize("language", ["pt-br", "it"])
def test_pages_open_in_every_language(bob: Client, members: Workspace, language: str) -> None:
    plan = make(members)
    mine = item(plan)
    for path in (PLANS, f"{PLANS}{plan.pk}/", f"{PLANS}{plan.pk}/items/{mine.pk}/"):
        assert bob.get(path, headers={"Accept-Language": language}).status_code == 200
