"""Slow and broken pages, and what they go with: on the page, as files, for programs."""

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
from percorso.customers.models import Segment
from tests.app import visited
from tests.app.api_client import Program
from tests.today import today
from tests.web.test_pages import text

SPEED = "/w/acme/usage/speed/"
# All at once: a page whose answer is still counted stands without it first.
DAYS = "period=last_30_days&part=all"


@pytest.fixture(scope="module")
def filled() -> Iterator[Store]:
    """A site whose facts reach until today; who has slow pages is unhappy."""
    end = today()
    with Store.open(":memory:") as store:
        for table, rows in visited.busy(end).items():
            store.append(table, rows, workspace="acme", batch="test")
        yield store


@pytest.fixture
def site(members: Workspace, filled: Store, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The workspace of the site."""
    monkeypatch.setattr(owner, "_store", filled)
    return members


@pytest.fixture
def nothing(members: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A workspace without a single fact."""
    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        yield store


def shown(client: Client, path: str, language: str = "en") -> str:
    path += "" if "part=all" in path else "&part=all" if "?" in path else "?part=all"
    response = client.get(path, headers={"Accept-Language": language}, follow=True)
    assert response.status_code == 200, response.content
    return text(response.content.decode())


def test_without_measurements_the_page_teaches_the_next_step(nothing: Store, members: Workspace, alice: Client) -> None:
    assert "No events yet" in shown(alice, SPEED)
    seen = {"id": "e1", "customer": "c1", "at": datetime(2026, 1, 5, tzinfo=UTC), "name": "Page Viewed"}
    nothing.append("events", [seen], workspace="acme", batch="test")
    page = shown(alice, SPEED)
    assert "No web vitals arrive yet" in page
    assert "Put percorso's script on your site" in page


def test_web_vitals_are_told_with_interval_and_rating(site: Workspace, bob: Client) -> None:
    page = shown(bob, f"{SPEED}?{DAYS}")
    assert re.search(r"Largest paint \(LCP\) 4,5\d\d ms .* between 4,5\d\d ms and 4,5\d\d ms", page)
    assert "Poor" in page
    assert (
        "Not measured in this period: Response (INP), Layout shift (CLS), First paint (FCP), First byte (TTFB)" in page
    )
    assert "75th percentile; good up to 2.5 s" in page
    slow = page.split("Where pages are slow")[1].split("Where pages break")[0]
    assert re.search(r"/shop 4,5\d\d ms .*? Poor", slow)
    assert re.search(r"/ 1,5\d\d ms .*? Good 100%", slow)


def test_places_are_pages_devices_countries_and_releases(site: Workspace, as_role: Callable[[str], Client]) -> None:
    analyst = as_role("analyst")
    for place, values in (("device", ("Computer", "Phone")), ("customer.country", ("Brazil", "Italy"))):
        page = shown(analyst, f"{SPEED}?{DAYS}&place={place}").split("Where pages are slow")[1]
        assert all(value in page for value in values)
    page = shown(analyst, f"{SPEED}?period=last_90_days&place=properties.release").split("Where pages are slow")[1]
    assert all(release in page for release in ("2.0", "2.1"))
    # What does not exist asks for nothing.
    assert "/shop" in shown(analyst, f"{SPEED}?{DAYS}&place=customer&vital=FID&score=mood")


def test_slow_pages_are_held_against_scores(site: Workspace, bob: Client) -> None:
    page = shown(bob, f"{SPEED}?{DAYS}")
    found = re.search(r"Customers with LCP above 2\.5 s: NPS −200\.0 \(between (−\d+\.\d) and (−\d+\.\d)\)", page)
    assert found is not None
    assert float(found[1].replace("−", "-")) < float(found[2].replace("−", "-")) < 0
    assert re.search(r"Customers who met an error too few to rely on −100 n = 27 \+100 n = 53", page)
    effects = page.split("What it goes with")[1].split("NPS by LCP")[0]
    assert "Lower" in effects
    bands = page.split("NPS by LCP")[1].split("Largest paint (LCP) 75th")[0]
    assert re.search(r"Good 53 \+100", bands)
    assert re.search(r"Poor too few to rely on 27 −100", bands)
    assert "not what causes what" in page
    # Nobody rated a contact: nothing to compare.
    assert "No customer with a measurement" in shown(bob, f"{SPEED}?{DAYS}&score=csat")


def test_errors_are_told_by_how_many_customers_met_them(site: Workspace, bob: Client) -> None:
    page = shown(bob, f"{SPEED}?{DAYS}")
    broken = page.split("Where pages break")[1]
    assert re.search(r"33\.8% of 80 active customers met an error \(24\.\d% to 44\.\d%\)", broken)
    assert re.search(r"TypeError: cart is null 27 33\.75% ", broken)
    assert re.search(r"Errors by page .*?/pay 27 ", broken)


def test_a_segment_is_whose_pages_and_scores_they_are(site: Workspace, alice: Client) -> None:
    Segment.objects.create(workspace=site, slug="brazil", name="Brazil", rule={"trait": "country", "is": ["BR"]})
    page = shown(alice, f"{SPEED}?{DAYS}&segment=brazil")
    assert "of 40 active customers" in page
    assert re.search(r"Customers with LCP above 2\.5 s too few to rely on −100 n = 13 \+100 n = 27", page)


def test_tables_are_files_for_who_may_analyse(site: Workspace, as_role: Callable[[str], Client]) -> None:
    analyst = as_role("analyst")
    for table, columns in (
        ("vitals", {"metric", "page", "p75", "good_share"}),
        ("scores", {"trouble", "band", "value", "adjusted_p"}),
        ("errors", {"error", "customers"}),
        ("places", {"page", "share_low"}),
    ):
        for form in ("csv", "parquet", "xlsx"):
            answer = analyst.get(f"{SPEED}{table}.{form}?{DAYS}")
            assert answer.status_code == 200
            if form == "csv":
                rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
                assert rows
                assert columns <= rows[0].keys()
    assert AuditEntry.objects.filter(action="downloaded").count() == 12
    assert analyst.get(f"{SPEED}kings.csv").status_code == 404
    assert as_role("viewer").get(f"{SPEED}vitals.csv").status_code == 403


def test_the_page_asks_the_database_the_same_however_many_places_there_are(
    site: Workspace, alice: Client, django_assert_num_queries: Any
) -> None:
    for place in ("customer.country", "page"):
        alice.get(f"{SPEED}?{DAYS}&place={place}")
        with django_assert_num_queries(6):
            alice.get(f"{SPEED}?{DAYS}&place={place}")


def test_programs_ask_the_same(site: Workspace, alice_person: Person) -> None:
    program = Program(site, alice_person, "read", personal=False)
    asked = {"period": "last_30_days", "sql": True}
    found = json.loads(program.post("/behaviour/speed-impact", asked).content)
    lcp = next(one for one in found["impacts"] if one["trouble"] == "LCP")
    assert (lcp["limit"], lcp["difference"], lcp["differs"], lcp["status"]) == (2500, -200, True, "low_sample")
    assert [(group["band"], group["n"]) for group in lcp["bands"]] == [
        ("good", 53),
        ("needs_improvement", 0),
        ("poor", 27),
    ]
    assert "SELECT" in found["sql"]
    errors = json.loads(program.post("/behaviour/errors", asked | {"by": "properties.release"}).content)
    assert [(group["value"], group["hit"]["count"]) for group in errors["groups"]] == [("2.0", 27)]
    assert program.post("/behaviour/errors", {"by": "customer"}).status_code == 403
    assert program.post("/behaviour/speed-impact", {"troubles": ["FID"]}).status_code == 422
