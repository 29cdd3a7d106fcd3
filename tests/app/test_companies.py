"""Companies: the list, one company with its tree and customers, and where a person puts it."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from percorso.accounts.models import AuditEntry, Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.customers.companies.actions import place_company
from percorso.customers.identity.told import keep_told
from percorso.customers.models import Company
from percorso.errors import BadQuestion
from percorso.sources.tracking.rows import Said
from tests.web.test_pages import text

NOW = datetime.now(UTC)
LIST = "/w/acme/companies/"


@pytest.fixture
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        yield store


@pytest.fixture
def acme(shop: Store) -> Workspace:
    """A group of companies by group calls, and a company that a file of customers names."""
    made = Workspace.objects.create(slug="acme", name="Acme", time_zone="America/Sao_Paulo")
    calls = [
        group("u0", "holding", name="Grupo Atlântico"),
        group("u1", "shop", name="Moda <b>", parent="holding", seats=10),
        group("u2", "shop", days=-1, parent="holding", seats=12),
        group("u3", "kiosk", name="Quiosque", parent="shop"),
    ]
    keep_told(made, calls)
    shop.append(
        "customers",
        [{"id": "f1", "customer": "f1", "identity": "f1", "name": "Ana", "company": "Fábrica"}],
        workspace="acme",
    )
    lately = [
        {"id": f"e{i}", "customer": who, "identity": who, "at": NOW - timedelta(days=i), "name": "Page"}
        for i, who in enumerate(["u1", "u1", "u3"])
    ]
    shop.append(
        "events",
        [*lately, {"id": "old", "customer": "u2", "identity": "u2", "at": NOW - timedelta(days=60), "name": "Page"}],
        workspace="acme",
    )
    return made


def group(who: str, key: str, days: int = 0, **traits: Any) -> Said:
    return Said(NOW + timedelta(days=days), (who,), "group", traits, key)


def shown(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_companies_are_listed_with_their_customers(bob: Client) -> None:
    told = text(shown(bob, LIST))
    assert re.search(r"Fábrica – 1", told)
    assert re.search(r"Grupo Atlântico holding – 1", told)
    assert re.search(r"Moda &lt;b&gt; shop Grupo Atlântico 2", told)
    assert "Quiosque" in text(shown(bob, f"{LIST}?q=quiosque"))
    assert "Fábrica" not in text(shown(bob, f"{LIST}?q=quiosque"))
    assert "No company fits" in shown(bob, f"{LIST}?q=nobody")


def test_the_list_goes_on_page_by_page(bob: Client, shop: Store) -> None:
    rows = [{"id": f"x{i}", "customer": f"x{i}", "identity": f"x{i}", "company": f"Firma {i:03}"} for i in range(110)]
    shop.append("customers", rows, workspace="acme")
    seen, page = [], shown(bob, LIST)
    for _ in range(5):
        seen += re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)', page)
        more = re.search(r'rel="next" href="([^"]+)"', page)
        if not more:
            break
        page = shown(bob, LIST + html.unescape(more[1]))
    assert len(seen) == len(set(seen)) == 114


def test_one_company_with_its_group_and_its_customers(bob: Client) -> None:
    page = shown(bob, f"{LIST}shop/")
    told = text(page)
    assert re.search(r"Grupo Atlântico 1 Moda &lt;b&gt; 2 Quiosque 1", told)
    assert re.search(r"seats 10", told)
    assert re.search(r"What changed seats 12 → 10", told)
    assert len(re.findall(r'href="/w/acme/customers/u[12]/"', page)) == 2


def test_its_figures_are_those_of_all_that_is_part_of_it(bob: Client) -> None:
    assert (
        text(shown(bob, f"{LIST}shop/figures/"))
        .strip()
        .startswith(
            "Customers 3 Active in 30 days 2 Events in 30 days 3 Tickets in 30 days 0 Orders in 30 days 0 With 1 company"
        )
    )


def test_a_company_that_only_a_file_names_has_a_page(bob: Client) -> None:
    assert "Ana" in shown(bob, f"{LIST}F~C3~A1brica/")
    assert text(shown(bob, f"{LIST}F~C3~A1brica/figures/")).strip().startswith("Customers 1")
    assert bob.get(f"{LIST}nobody/").status_code == 404


def test_a_person_puts_a_company_in_its_place(alice: Client, acme: Workspace) -> None:
    alice.post(f"{LIST}kiosk/place/", {"parent": "holding"})
    # What a source tells afterwards does not change it, until it is asked to.
    keep_told(acme, [group("u3", "kiosk", days=3, parent="shop", name="Quiosque 2")])
    kiosk = Company.objects.get(key="kiosk")
    assert (str(kiosk), str(kiosk.parent), kiosk.parent_by) == ("Quiosque 2", "Grupo Atlântico", "Alice Albuquerque")
    assert "Placed by Alice Albuquerque." in shown(alice, f"{LIST}kiosk/")
    alice.post(f"{LIST}kiosk/place/", {"follow": "yes"})
    assert str(Company.objects.get(key="kiosk").parent) == "Moda <b>"
    assert AuditEntry.objects.filter(action="company_placed").count() == 2


def test_no_company_is_part_of_itself(alice: Client, acme: Workspace) -> None:
    for key, parent in (("holding", "kiosk"), ("shop", "shop")):
        assert alice.post(f"{LIST}{key}/place/", {"parent": parent}).status_code == 400
        with pytest.raises(BadQuestion):
            place_company(acme, key, parent, by="test")


def test_companies_of_a_customer_are_linked(bob: Client) -> None:
    assert f'<a href="{LIST}shop/">Moda' in bob.get("/w/acme/customers/u1/").content.decode()


def test_who_may_see_companies(as_role: Any, charlie: Client) -> None:
    assert as_role("analyst").get(LIST).status_code == 403
    assert as_role("viewer").post(f"{LIST}shop/place/", {"parent": ""}).status_code == 403
    assert charlie.get(f"{LIST}shop/").status_code == 404
    assert "No companies yet" in charlie.get("/w/elsewhere/companies/").content.decode()


def test_the_search_finds_companies_by_name_and_key(bob: Client, as_role: Any) -> None:
    def found(client: Client, asked: str) -> list[str]:
        page = client.get("/w/acme/find/", {"q": asked, "list": 1}).content.decode()
        return re.findall(r"/w/acme/companies/([^/\"]+)/", page)

    assert found(bob, "quiosque") == ["kiosk"]
    assert found(bob, "holding") == ["holding"]
    assert found(as_role("analyst"), "quiosque") == [], "companies are for who may see personal data"


def test_the_list_asks_the_database_the_same_however_many_rows(bob: Client, django_assert_num_queries: Any) -> None:
    shown(bob, LIST)
    for query, rows in (("?q=quiosque", 1), ("?q=o", 3)):
        with django_assert_num_queries(7):
            assert shown(bob, LIST + query).count('<th scope="row">') == rows
