"""Customers' value: groups by purchases, staying, lifetime value; on pages, as files, for programs, as a job."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.base.models import Job
from percorso.base.worker import run_all
from percorso.customers.models import Segment
from percorso.insights.value import queries
from tests.app import shop
from tests.app.api_client import Program
from tests.today import today
from tests.web.test_pages import text

VALUE = "/w/acme/value/"
STAYING = f"{VALUE}staying/"
FORECAST = f"{VALUE}forecast/"
LOOP = f"{VALUE}loop/"
RULE = {"all": [{"did": "orders", "at_least": 5}, {"not": {"trait": "country", "is": ["XX"]}}]}


@pytest.fixture(scope="module")
def filled() -> Iterator[Store]:
    """A shop whose facts reach until today."""
    end = today()
    with Store.open(":memory:") as store:
        for table, rows in (("orders", shop.orders(end=end)), ("subscriptions", shop.subscriptions(end=end))):
            store.append(table, _typed(rows), workspace="acme", batch="test")
        people = [{"id": f"b{i}", "customer": f"b{i}", "country": "IT" if i % 3 else "BR"} for i in range(240)]
        store.append("customers", people, workspace="acme", batch="test")
        yield store


def _typed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: datetime.fromisoformat(v) if k == "at" or k.endswith("_at") else v for k, v in r.items()} for r in rows]


@pytest.fixture
def bought(members: Workspace, filled: Store, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The workspace of the shop."""
    monkeypatch.setattr(owner, "_store", filled)
    return members


@pytest.fixture
def nothing(members: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A workspace without a single fact."""
    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        yield store


def told(program: Program, path: str) -> Any:
    return json.loads(program.get(path).content)


def shown(client: Client, path: str, language: str = "en") -> str:
    response = client.get(path, headers={"Accept-Language": language}, follow=True)
    assert response.status_code == 200, response.content
    return text(response.content.decode())


def test_without_facts_every_page_teaches_the_next_step(nothing: Store, alice: Client) -> None:
    assert "No orders yet" in shown(alice, VALUE)
    assert "No subscriptions" in shown(alice, STAYING)
    assert "No orders yet" in shown(alice, FORECAST)
    assert "Nobody was unhappy" in shown(alice, LOOP)


def test_the_nine_groups_are_told_with_their_size_and_their_money(bought: Workspace, bob: Client) -> None:
    page = shown(bob, VALUE)
    assert "240 customers bought for €39.2K" in page
    for name in ("Champions", "Loyal", "Potentially loyal", "New", "Need attention", "Cannot lose", "At risk"):
        assert name in page
    found = queries.rfm(queries.Whose(bought, None, None, queries.today(bought)))
    assert sum(group.customers for group in found.groups) == found.customers == 240
    assert sum(n for row in found.grid for n in row) == 240
    assert "Lifetime value" in shown(bob, "/w/acme/indicators/")


def test_the_customers_of_a_group_are_a_file_for_who_may_see_them(
    bought: Workspace, as_role: Callable[[str], Client]
) -> None:
    answer = as_role("viewer").get(f"{VALUE}customers/champions/")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    found = queries.rfm(queries.Whose(bought, None, None, queries.today(bought)))
    assert len(rows) == found.groups[0].customers
    assert {row["segment"] for row in rows} == {"champions"}
    assert all(int(row["recency_score"]) >= 4 and row["currency"] == "EUR" for row in rows)
    assert AuditEntry.objects.get(action="downloaded").target == "acme-rfm-champions.csv"
    # An analyst sees the groups, and nobody in them.
    analyst = as_role("analyst")
    assert analyst.get(f"{VALUE}customers/champions/").status_code == 403
    assert "customers/champions" not in analyst.get(VALUE).content.decode()
    assert as_role("viewer").get(f"{VALUE}customers/kings/").status_code == 404


def test_a_cell_that_a_spreadsheet_would_run_is_defused(nothing: Store, members: Workspace, alice: Client) -> None:
    row = {"id": "o1", "customer": "=1+1", "amount": 500, "currency": "EUR", "at": datetime(2026, 1, 5, tzinfo=UTC)}
    nothing.append("orders", [row], workspace="acme", batch="test")
    answer = alice.get(f"{VALUE}customers/all/").content.decode()
    assert "'=1+1" in answer


def test_a_segment_and_a_country_are_whom_the_figures_are_of(bought: Workspace, alice: Client) -> None:
    Segment.objects.create(workspace=bought, slug="often", name="Often", rule=RULE)
    page = shown(alice, f"{VALUE}?segment=often")
    n = int(re.search(r"(\d+) customers bought", page)[1])  # type: ignore[index]
    assert 0 < n < 240
    assert "80 customers bought" in shown(alice, f"{VALUE}?customer.country=BR")
    assert f"From {n} buyers" in shown(alice, f"{FORECAST}?segment=often")
    # What was chosen last stays on the way to the other pages.
    assert f"From {n} buyers" in shown(alice, FORECAST)


def test_staying_is_told_with_its_interval_and_groups_are_compared(bought: Workspace, bob: Client) -> None:
    page = shown(bob, f"{STAYING}?by=plan")
    assert re.search(r"Basic 80 \d+ \d+ months", page)
    assert "leave sooner than the other groups" in page
    assert "stay longer than the other groups" in page
    assert re.search(r"After 3 months", page)
    assert re.search(r"\d+% \d+\.\d% to \d+\.\d%", page)
    # Renewals are orders: by plan only staying is told.
    assert "buy again sooner" not in page
    assert "Brazil" in shown(bob, f"{STAYING}?by=country")
    assert "leave sooner" not in shown(bob, STAYING)


def test_the_forecast_is_told_with_its_check(bought: Workspace, bob: Client) -> None:
    page = shown(bob, FORECAST)
    assert re.search(r"Forecast for the next 12 months €\d", page)
    assert re.search(r"Fitted without the last 26 weeks, the model forecast \d+ of the \d+ repeat purchases", page)
    assert "No repeat purchase yet" in page
    assert "100% likely" not in page
    assert "There are fewer than 100 buyers" not in page
    assert "BG/NBD" in page
    halved = shown(bob, f"{FORECAST}?months=24&margin=50")
    assert "Forecast for the next 24 months" in halved
    assert "gross margin of 50%" in halved


@pytest.mark.parametrize("asked", ["?months=7", "?margin=0", "?margin=many", "?months=-1"])
def test_what_cannot_be_asked_is_refused_with_a_reason(asked: str, bought: Workspace, bob: Client) -> None:
    answer = bob.get(FORECAST + asked)
    assert answer.status_code == 400
    assert "gross margin of 1 to 100" in text(answer.content.decode())


def test_few_buyers_are_warned_of_and_none_who_came_back_give_no_figure(
    nothing: Store, members: Workspace, bob: Client
) -> None:
    rows = [
        {
            "id": f"o{i}",
            "customer": f"c{i}",
            "amount": 900,
            "currency": "EUR",
            "at": datetime(2026, 1, 1 + i, tzinfo=UTC),
        }
        for i in range(20)
    ]
    nothing.append("orders", rows, workspace="acme", batch="test")
    page = shown(bob, FORECAST)
    assert "No stable model of the purchases was found" in page
    assert "too little is known for a figure" in page


def test_of_several_currencies_the_most_used_is_shown_and_another_can_be_chosen(
    nothing: Store, members: Workspace, bob: Client
) -> None:
    rows = [
        {"id": f"o{i}", "customer": f"c{i % 7}", "amount": 1000, "currency": "BRL" if i < 20 else "USD"}
        | {"at": datetime(2026, 1, 1 + i % 28, tzinfo=UTC)}
        for i in range(30)
    ]
    nothing.append("orders", rows, workspace="acme", batch="test")
    assert "7 customers bought for R$200.00" in shown(bob, VALUE)
    assert "7 customers bought for $100.00" in shown(bob, f"{VALUE}?currency=USD")
    assert "7 customers bought for R$200.00" in shown(bob, f"{VALUE}?currency=XXX")
    # Of the customers chosen: those who paid in dollars only are told in dollars.
    nothing.append(
        "orders", [rows[0] | {"id": "x", "customer": "d", "currency": "USD"}], workspace="acme", batch="test"
    )
    nothing.append("customers", [{"id": "d", "customer": "d", "country": "US"}], workspace="acme", batch="test")
    assert "1 customer bought for $10.00" in shown(bob, f"{VALUE}?customer.country=US")


def test_of_very_many_buyers_the_forecast_is_made_by_a_job(
    bought: Workspace, as_role: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    direct = shown(as_role("analyst"), FORECAST)
    monkeypatch.setattr(queries, "MANY", 100)
    viewer = as_role("viewer")
    assert "The forecast takes a while" in shown(viewer, FORECAST)
    assert "Calculate the forecast" not in shown(viewer, FORECAST)
    assert viewer.post(f"{FORECAST}start/").status_code == 403
    analyst = as_role("analyst")
    assert analyst.get(f"{FORECAST}start/").status_code == 405
    assert "Calculate the forecast" in shown(analyst, FORECAST)

    assert "waits for its turn" in text(analyst.post(f"{FORECAST}start/", follow=True).content.decode())
    analyst.post(f"{FORECAST}start/")
    assert Job.objects.filter(name="forecast_value").count() == 1
    run_all()
    assert Job.objects.get(name="forecast_value").state == Job.State.DONE
    viewer = as_role("viewer")
    amount = re.search(r"Forecast for the next 12 months (€\S+)", direct)
    assert amount is not None
    assert amount[0] in shown(viewer, FORECAST)
    # Other terms are another question.
    assert "The forecast takes a while" in shown(viewer, f"{FORECAST}?months=6")


def test_a_job_that_failed_can_be_started_again(
    bought: Workspace, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MANY", 100)
    alice.post(f"{FORECAST}start/")
    Job.objects.update(state=Job.State.FAILED, error="The disk is full")
    assert "The disk is full" in shown(alice, FORECAST)
    alice.post(f"{FORECAST}start/")
    assert Job.objects.get().state == Job.State.WAITING


@pytest.mark.parametrize("path", [VALUE, STAYING, f"{STAYING}?by=country", FORECAST, LOOP])
def test_a_page_asks_the_database_the_same_few_times(
    path: str, bought: Workspace, alice: Client, django_assert_max_num_queries: Any
) -> None:
    shown(alice, path)
    with django_assert_max_num_queries(12):
        shown(alice, path)
    for slug in ("one", "two", "three"):
        Segment.objects.create(workspace=bought, slug=slug, name=slug, rule=RULE)
    with django_assert_max_num_queries(12):
        shown(alice, path)


@pytest.mark.parametrize("language", ["it", "pt-br"])
@pytest.mark.parametrize("path", [VALUE, f"{STAYING}?by=plan", FORECAST, LOOP])
def test_pages_are_shown_in_every_language(path: str, language: str, bought: Workspace, bob: Client) -> None:
    shown(bob, path, language)


def test_programs_get_the_same_figures(bought: Workspace, alice_person: Person) -> None:
    program = Program(bought, alice_person, "read", personal=False)
    Segment.objects.create(workspace=bought, slug="often", name="Often", rule=RULE)
    groups = told(program, "/analyses/rfm?segment=often")
    assert 0 < groups["customers"] == sum(each["customers"] for each in groups["groups"]) < 240
    assert program.get("/analyses/rfm?segment=none").status_code == 400

    curves = told(program, "/analyses/retention-curve?by=plan")["curves"]
    assert [each["group"] for each in curves] == [None, "Basic", "Plus"]
    assert [each["difference"] for each in curves] == [None, "sooner", "later"]
    assert curves[0]["points"][0]["value"] == 1
    again = told(program, "/analyses/retention-curve?of=purchases")["curves"]
    assert again[0]["points"][0]["value"] == 0

    forecast = told(program, "/analyses/lifetime-value?months=6")
    assert forecast["status"] == "ok"
    assert forecast["value"] == pytest.approx(sum(band["value"] for band in forecast["bands"]))
    assert len(forecast["hold_out"]) == 26

    assert told(program, "/analyses/sample-size?kind=proportion&margin=0.05&population=1000")["n"] == 278
    assert program.get("/analyses/sample-size?kind=mean&margin=0.05").status_code == 400


def test_programs_get_the_effect_of_closing_the_loop(nothing: Store, members: Workspace, alice_person: Person) -> None:
    program = Program(members, alice_person, "read", personal=False)
    assert told(program, "/analyses/closed-loop")["compared"][0]["status"] == "no_data"
    unhappy(nothing)
    found = told(program, "/analyses/closed-loop")
    assert found["question"] == "nps"
    whole, *bands = found["compared"]
    assert whole["effect"] == pytest.approx(3, abs=0.1)
    assert whole["low"] < whole["effect"] < whole["high"]
    assert (whole["contacted"]["answered"], whole["others"]["customers"]) == (40, 41)
    assert [(band["first_from"], band["first_to"]) for band in bands] == [(0, 3), (4, 6)]


def test_programs_choose_one_of_several_currencies(nothing: Store, members: Workspace, alice_person: Person) -> None:
    at = datetime(2026, 1, 5, tzinfo=UTC)
    rows = [{"id": c, "customer": "a", "amount": 100, "currency": c, "at": at} for c in ("EUR", "USD")]
    nothing.append("orders", rows, workspace="acme", batch="test")
    program = Program(members, alice_person, "read")
    assert "several currencies" in told(program, "/analyses/rfm")["detail"]
    assert told(program, "/analyses/rfm?currency=USD")["money"] == 100
    assert told(program, "/analyses/lifetime-value?currency=USD")["value"] is None


def unhappy(store: Store) -> None:
    answers, cases = shop.unhappy()
    store.append("answers", _typed(answers), workspace="acme", batch="test")
    store.append("cases", _typed(cases), workspace="acme", batch="cases")


def test_the_effect_of_closing_the_loop_is_told_against_the_others(
    nothing: Store, bob: Client, members: Workspace
) -> None:
    unhappy(nothing)
    told = shown(bob, LOOP)
    assert re.search(r"Effect on the next answer \+3\.0 points, \+2\.\d to \+3\.\d \(95% interval\)", told)
    assert "getting back to them helped" in told
    assert "Those contacted changed by +4.3, the others by +1.3 on their own. 1 has not answered again." in told
    assert "First score 0 to 3" in told
    assert "40 of 41 answered again" in told
    assert "INNER JOIN" in told or "LEFT" in told, "the SQL is shown"
    assert "Table (CSV)" not in told
    assert "Nobody was unhappy" in shown(bob, f"{LOOP}?question=csat")
    Segment.objects.create(workspace=members, slug="few", name="Few", rule={"trait": "country", "is": ["XX"]})
    assert "Nobody was unhappy" in shown(bob, f"{LOOP}?segment=few")


def test_without_cases_the_page_teaches_what_to_bring_in(nothing: Store, bob: Client) -> None:
    unhappy(nothing)
    nothing.withdraw("acme", "cases")
    told = shown(bob, LOOP)
    assert "81 customers were unhappy. Bring in the cases" in told


def test_the_effect_is_a_file_for_analysts(nothing: Store, bob: Client, as_role: Callable[[str], Client]) -> None:
    unhappy(nothing)
    assert bob.get(f"{LOOP}table/").status_code == 403
    analyst = as_role("analyst")
    assert "Table (CSV)" in shown(analyst, LOOP)
    rows = list(csv.DictReader(io.StringIO(analyst.get(f"{LOOP}table/").content.decode())))
    assert [(r["first_score_from"], r["first_score_to"]) for r in rows] == [("0", "6"), ("0", "3"), ("4", "6")]
    assert float(rows[0]["effect"]) == pytest.approx(3, abs=0.1)
    assert rows[0]["status"] == "ok"
    assert AuditEntry.objects.filter(action="downloaded", target="acme-closed-loop-nps.csv").exists()


def test_the_search_finds_the_pages(bought: Workspace, bob: Client) -> None:
    assert "Lifetime value" in shown(bob, "/w/acme/find/?q=ltv&list=1")
    assert "Customer groups" in shown(bob, "/w/acme/find/?q=rfm&list=1")
