"""Customers: the list, one customer's facts in order, who may look, and that looking is noted."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from percorso.accounts.models import AuditEntry, Membership, Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.customers.find import find
from percorso.customers.ids import CustomerId
from tests.web.test_pages import text

LIST = "/w/acme/customers/"
STRANGE = "a/../b?c=d#e %2F\u00e7 'x'\"<b>"
NOW = datetime(2026, 6, 15, 15, 0, tzinfo=UTC)


@pytest.fixture
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Three customers with facts of every kind, and an employee's answer."""
    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        for i, key in enumerate(["ana", "=bruno", STRANGE]):
            row = {
                "id": key,
                "customer": key,
                "identity": key,
                "name": ["Ana Águas", "Bruno", ""][i],
                "country": "BR" if i else "IT",
            }
            row |= {"segment": "gold" if i else "silver", "created_at": NOW - timedelta(days=100 - i)}
            row |= {"traits": f'{{"email": "{i}@mail.test", "visits": {i}, "vip": true}}'}
            store.append("customers", [row], workspace="acme")
        who = {"customer": "ana", "identity": "ana", "channel": "chat"}
        score = {"metric": "nps", "score": 9, "scale_min": 0, "scale_max": 10, "population": "customer"}
        store.append("answers", [who | score | {"id": "a1", "at": NOW}], workspace="acme")
        secret = score | {"population": "employee", "metric": "enps", "score": 3}
        store.append("answers", [who | secret | {"id": "a2", "at": NOW}], workspace="acme")
        store.append(
            "orders",
            [who | {"id": "o1", "at": NOW - timedelta(days=2), "amount": 12000, "currency": "BRL"}],
            workspace="acme",
        )
        store.append(
            "mentions",
            [
                who
                | {
                    "id": "m1",
                    "at": NOW - timedelta(days=1),
                    "source": "review",
                    "rating": 4,
                    "text": "Muito <b>bom</b>",
                }
            ],
            workspace="acme",
        )
        store.append(
            "tickets", [who | {"id": "t1", "opened_at": NOW - timedelta(days=3), "topic": "delivery"}], workspace="acme"
        )
        events = [who | {"id": f"e{i:03}", "at": NOW - timedelta(days=9), "name": "Page viewed"} for i in range(120)]
        store.append("events", events, workspace="acme")
        yield store


@pytest.fixture
def acme(shop: Store) -> Workspace:
    return Workspace.objects.create(slug="acme", name="Acme", time_zone="America/Sao_Paulo")


def shown(client: Client, path: str, language: str = "en") -> str:
    response = client.get(path, headers={"Accept-Language": language})
    assert response.status_code == 200
    return response.content.decode()


def listed(html: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', html)


def test_customers_are_listed_the_newest_first(bob: Client) -> None:
    html = shown(bob, LIST)

    assert [name[:5] for name in listed(html)] == ["a/../", "Bruno", "Ana Á"]
    told = text(html)
    assert "0@mail.test" in told
    assert re.search(r"Ana Águas 0@mail.test Italy silver Jun 15, 2026, .*? 124", told)


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=águas", 1), ("q=ANA", 1), ("q=1%40mail", 1), ("q=%3Dbru", 1), ("q=%25", 1), ("q='", 1), ("q=nobody", 0),
     ("country=BR", 2), ("country=BR&segment=silver", 0), ("segment=gold&q=bruno", 1)],
)  # fmt: skip
def test_customers_can_be_searched_and_filtered(bob: Client, query: str, found: int) -> None:
    assert len(listed(shown(bob, f"{LIST}?{query}"))) == found


def test_a_search_without_a_hit_says_what_to_do(bob: Client) -> None:
    assert "Nobody fits this search" in shown(bob, f"{LIST}?q=nobody")


def test_the_list_goes_on_page_by_page(bob: Client, shop: Store) -> None:
    rows = [{"id": f"x{i:03}", "customer": f"x{i:03}", "identity": f"x{i:03}", "created_at": NOW} for i in range(118)]
    shop.append("customers", rows, workspace="acme")
    seen, html = [], shown(bob, LIST)
    seen += listed(html)
    while more := re.search(r'rel="next" href="([^"]+)"', html):
        html = shown(bob, LIST + more[1].replace("&amp;", "&"))
        seen += listed(html)

    assert len(seen) == len(set(seen)) == 121


def test_pages_ask_the_database_the_same_however_many_rows(bob: Client, django_assert_num_queries: Any) -> None:
    shown(bob, LIST)
    for query, rows in (("?q=ana", 1), ("", 3)):
        with django_assert_num_queries(5):
            assert len(listed(shown(bob, LIST + query))) == rows


def test_one_customers_facts_stand_in_order_as_sentences(bob: Client) -> None:
    html = shown(bob, f"{LIST}ana/")
    told = text(html)

    sentences = [
        "Answered NPS with 9 of 10", "Wrote in review, 4 stars", "Order of R$120.00", "Opened ticket t1 about delivery",
        "Page viewed",
    ]  # fmt: skip
    places = [told.index(s) for s in sentences]
    assert places == sorted(places)
    assert "Muito &lt;b&gt;bom&lt;/b&gt;" in html
    assert "0@mail.test" in told
    assert "Italy" in told
    assert "eNPS" not in told


def test_facts_are_told_in_the_persons_language(bob: Client) -> None:
    assert re.search(r"R\$\s120,00", shown(bob, f"{LIST}ana/", "pt-br"))


def test_facts_can_be_filtered(bob: Client) -> None:
    # A hundred and twenty events of one visit are one line.
    html = shown(bob, f"{LIST}ana/")
    assert html.count('<li class="fact">') == 5
    assert "Visit with 120 events" in html
    assert shown(bob, f"{LIST}ana/?table=orders").count('<li class="fact">') == 1


def test_an_id_may_be_any_text(bob: Client) -> None:
    href = reverse("customer", args=["acme", STRANGE])

    assert re.fullmatch(r"/w/acme/customers/[A-Za-z0-9_~-]+/", href)
    assert "&lt;b&gt;" in shown(bob, href)
    assert href in shown(bob, LIST)
    for key in (STRANGE, "", "~", "..", "ação"):
        assert CustomerId().to_python(CustomerId().to_url(key)) == key


@pytest.mark.parametrize("path", ["nobody/", "~zz/", "~FF/", "~61na/"])
def test_an_unknown_customer_does_not_exist(bob: Client, path: str) -> None:
    assert bob.get(LIST + path).status_code == 404


def test_a_customer_known_from_facts_only_has_a_page(bob: Client, shop: Store) -> None:
    shop.append(
        "orders", [{"id": "o9", "at": NOW, "customer": "new", "identity": "new", "amount": 5}], workspace="acme"
    )
    assert "Known from facts only" in text(shown(bob, f"{LIST}new/"))


def test_looking_is_noted_once_an_hour(bob: Client, alice: Client) -> None:
    for client in (bob, bob, alice):
        shown(client, f"{LIST}ana/")

    entries = AuditEntry.objects.filter(action="customer_viewed").order_by("id")
    assert [(e.by, e.target) for e in entries] == [("Bob Bianchi", "ana"), ("Alice Albuquerque", "ana")]
    entries.update(at=datetime.now(UTC) - timedelta(minutes=61))
    shown(bob, f"{LIST}ana/")
    assert AuditEntry.objects.filter(action="customer_viewed").count() == 3


@pytest.mark.parametrize(("role", "status"), [("viewer", 200), ("analyst", 403), ("editor", 200)])
def test_who_may_see_customers(as_role: Callable[[str], Client], role: str, status: int) -> None:
    client = as_role(role)
    assert [client.get(path).status_code for path in (LIST, f"{LIST}ana/")] == [status, status]


def test_customers_of_another_workspace_do_not_exist(charlie: Client) -> None:
    assert charlie.get(f"{LIST}ana/").status_code == 404
    assert charlie.get("/w/elsewhere/customers/ana/").status_code == 404
    assert "No customers yet" in shown(charlie, "/w/elsewhere/customers/")


def test_the_search_of_every_page_finds_customers_for_those_who_may_see_them(
    members: Workspace, as_role: Callable[[str], Client]
) -> None:
    viewer = Membership.objects.get(workspace=members, role="viewer")
    assert [(f.label, f.href) for f in find(viewer, "águ")] == [("Ana Águas", f"{LIST}ana/")]
    assert find(viewer, "a") == []
    viewer.role = "analyst"
    assert find(viewer, "águ") == []
