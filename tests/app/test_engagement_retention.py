"""Retention: what can be chosen, the cohorts, a segment of who has gone, files, the same for programs."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.analytics.behaviour.retention import RetentionQuery, retention
from percorso.analytics.query import Period
from percorso.analytics.segments import parse
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.customers.models import Segment
from percorso.customers.segments.counting import size
from tests.app import clicked
from tests.app.api_client import Program
from tests.web.test_pages import text

RETENTION = "/w/acme/usage/retention/"
SIGNED_IN = "period=last_90_days&start=Signed+In"


@pytest.fixture(scope="module")
def filled() -> Iterator[Store]:
    with Store.open(":memory:") as store:
        store.append("events", clicked.returning() + clicked.events(), workspace="acme", batch="test")
        people = [{"id": f"r{i}", "country": "IT" if i < 30 else "BR"} for i in range(60)]
        store.append("customers", people, workspace="acme", batch="test")
        yield store


@pytest.fixture
def office(members: Workspace, filled: Store, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr(owner, "_store", filled)
    return members


def shown(client: Client, query: str, language: str = "en") -> str:
    response = client.get(f"{RETENTION}?{query}&part=all", headers={"Accept-Language": language}, follow=True)
    assert response.status_code == 200, response.content
    return text(response.content.decode())


def test_without_events_the_page_teaches_how_to_send_them(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(":memory:") as empty:
        monkeypatch.setattr(owner, "_store", empty)
        assert "No events yet" in shown(alice, "period=last_30_days")


def test_without_an_event_the_page_says_what_to_choose(office: Workspace, alice: Client) -> None:
    page = shown(alice, "period=last_90_days")
    assert "Choose what somebody begins with" in page
    assert "Product Viewed" in page


def test_the_cohorts_are_told_with_their_customers_and_their_intervals(office: Workspace, bob: Client) -> None:
    page = shown(bob, SIGNED_IN)
    assert "60 customers began in these days" in page
    assert "Week 0" in page
    assert "50.0% (37.7% to 62.3%; 30 of 60)" in page
    assert "33.3% (22.7% to 45.9%; 20 of 60)" in page
    assert "SELECT" in page
    assert "Who has not come back" not in page
    seen = shown(bob, f"{SIGNED_IN}&intervals=1")
    assert "37.7% to 62.3%" in seen
    assert "30 of 60)" not in seen.split("Cohorts")[-1]


def test_the_chart_leaves_out_that_all_are_there_when_they_begin(office: Workspace, alice: Client) -> None:
    def steps(query: str) -> list[str]:
        page = alice.get(f"{RETENTION}?{query}&part=all", follow=True).content.decode()
        found = re.search(r'id="retention-curve-data"[^>]*>(.*?)</script>', page, re.DOTALL)
        assert found
        return list(json.loads(found[1])["steps"])

    assert steps(SIGNED_IN)[:2] == ["1", "2"]
    assert steps(f"{SIGNED_IN}&return=Product+Viewed")[:2] == ["0", "1"]


def test_kinds_brackets_grains_and_groups_are_asked(office: Workspace, alice: Client) -> None:
    # In the second week or later: a third; within the first two: half and a third, less those who came in both.
    assert "Week 2 or later" in shown(alice, f"{SIGNED_IN}&kind=unbounded")
    bracket = shown(alice, f"{SIGNED_IN}&kind=bracket&brackets=1-2,3-4")
    assert "Week 1 to 2" in bracket
    assert "40 of 60" in bracket
    assert "Day 7" in shown(alice, f"{SIGNED_IN}&grain=day")
    grouped = shown(alice, f"{SIGNED_IN}&by=channel")
    assert "By channel" in grouped
    assert "App" in grouped
    italy = shown(alice, f"{SIGNED_IN}&customer.country=IT")
    assert "30 customers began in these days" in italy
    other = shown(alice, f"{SIGNED_IN}&return=Order+Completed")
    assert "0.0%" in other


def test_a_table_that_takes_long_does_not_hold_the_page(office: Workspace, alice: Client) -> None:
    query = f"{SIGNED_IN}&offsets=5&intervals=1"
    page = alice.get(f"{RETENTION}?{query}").content.decode()
    assert "Counting…" in page
    [href] = [part.split('"')[0] for part in page.split('hx-get="')[1:] if "part=result" in part]
    assert "30 of 60" in alice.get(href.replace("&amp;", "&")).content.decode()
    assert "Counting…" not in alice.get(f"{RETENTION}?{query}").content.decode()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("grain=hour", "There is no grain hour"),
        ("kind=odd", "There is no kind of retention called odd"),
        ("kind=bracket&brackets=5-1", "the first not after the last"),
        ("kind=bracket&brackets=soon", "Write brackets as 1-3"),
        ("offsets=900", "Show 1 to 60 columns"),
        ("start_on=colour&start_is=red", "There is no column colour here"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(office: Workspace, alice: Client, query: str, told: str) -> None:
    answer = alice.get(f"{RETENTION}?{SIGNED_IN}&{query}&part=all")
    assert answer.status_code == 400
    assert told in text(answer.content.decode())


def test_events_by_personal_data_are_for_who_may_see_it(office: Workspace, as_role: Callable[[str], Client]) -> None:
    query = f"{SIGNED_IN}&start_on=properties.plan&start_is=pro&part=all"
    assert as_role("viewer").get(f"{RETENTION}?{query}").status_code == 200
    assert as_role("analyst").get(f"{RETENTION}?{query}").status_code == 403


def test_who_has_not_come_back_is_a_segment(office: Workspace, as_role: Callable[[str], Client]) -> None:
    analyst = as_role("analyst")
    # Four days into the second week after: who came then was there lately, all others were not.
    days = (clicked.today() - clicked.returning()[0]["at"]).days - 10
    answer = analyst.post(f"{RETENTION}segment/?{SIGNED_IN}&customer.country=IT", {"name": "Gone", "days": days})
    found = Segment.objects.get(name="Gone")
    assert answer["Location"] == f"/w/acme/segments/{found.slug}/"
    assert size(office, parse(found.rule)).count == 20  # of 30 in Italy, ten came two weeks later
    wrong = analyst.post(f"{RETENTION}segment/?{SIGNED_IN}", {"name": "Gone", "days": 0}, follow=True)
    assert "a number of days from 1 to 3,650" in text(wrong.content.decode())
    assert as_role("viewer").post(f"{RETENTION}segment/?{SIGNED_IN}", {"name": "x", "days": 9}).status_code == 403


def test_the_cohorts_are_a_file(office: Workspace, as_role: Callable[[str], Client]) -> None:
    analyst = as_role("analyst")
    answer = analyst.get(f"{RETENTION}cohorts.csv?{SIGNED_IN}")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [int(row["returned"]) for row in rows[:3]] == [60, 30, 20]
    assert float(rows[1]["share"]) == 0.5
    assert AuditEntry.objects.get(action="downloaded").target.startswith("acme-retention-")
    groups = pq.read_table(io.BytesIO(analyst.get(f"{RETENTION}cohorts.parquet?{SIGNED_IN}&by=channel").content))
    assert set(groups["channel"].to_pylist()) == {"app", "web"}
    assert analyst.get(f"{RETENTION}cohorts.exe?{SIGNED_IN}").status_code == 404
    assert as_role("viewer").get(f"{RETENTION}cohorts.csv?{SIGNED_IN}").status_code == 403


def test_strangers_see_nothing(office: Workspace, charlie: Client) -> None:
    assert charlie.get(f"{RETENTION}?{SIGNED_IN}").status_code == 404


def test_the_page_needs_as_many_queries_however_many_segments_there_are(
    office: Workspace, alice: Client, django_assert_num_queries: Any
) -> None:
    for number in (1, 3):
        for i in range(number):
            Segment.objects.get_or_create(workspace=office, slug=f"s{i}", name=f"S{i}", rule={})
        alice.get(f"{RETENTION}?period=last_90_days")
        with django_assert_num_queries(6):
            alice.get(f"{RETENTION}?period=last_90_days")


@pytest.fixture
def program(office: Workspace, alice_person: Person) -> Program:
    return Program(office, alice_person)


def test_programs_ask_the_same_and_are_answered_the_same(program: Program, filled: Store) -> None:
    days = Period.preset("last_90_days", "America/Sao_Paulo")
    asked = {
        "start": "Signed In",
        "period": "last_90_days",
        "grain": "week",
        "offsets": 3,
        "by": ["channel"],
        "sql": True,
    }
    told = program.post("/behaviour/retention", asked).json()
    query = RetentionQuery("Signed In", None, "acme", days, "week", offsets=3, tz="America/Sao_Paulo")
    [cohort] = retention(filled, query).total.cohorts
    [real] = told["total"]["cohorts"]
    assert (real["start"], real["size"]) == (cohort.start.isoformat(), 60)
    assert [share["count"] for share in real["returned"]] == [60, 30, 20, 0]
    assert told["columns"] == [[0, 0], [1, 1], [2, 2], [3, 3]]
    assert {group["by"]["channel"] for group in told["groups"]} == {"app", "web"}
    assert "SELECT" in told["sql"]
    back = program.post(
        "/behaviour/retention", {"start": "Signed In", "return": "Order Completed", "period": "last_90_days"}
    )
    assert {share["count"] for share in back.json()["total"]["average"] if share} == {0}
    assert program.post("/behaviour/retention", asked | {"kind": "bracket"}).status_code == 400


def test_a_key_without_personal_data_tells_nobody_apart_by_it(office: Workspace, alice_person: Person) -> None:
    program = Program(office, alice_person, "read", personal=False)
    step = {"event": "Signed In", "where": {"properties.plan": "pro"}}
    assert program.post("/behaviour/retention", {"start": step}).status_code == 403
    assert program.post("/behaviour/retention", {"start": "Signed In", "by": ["properties.plan"]}).status_code == 403
    assert program.post("/behaviour/funnel", {"steps": [step, "Signed In"]}).status_code == 403
