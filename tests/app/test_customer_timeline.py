"""The timeline of a customer: visits, days, filters, search, period, paging; counting never holds the page up."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from percorso.accounts.models import Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.customers.identity.told import keep_told
from percorso.customers.timeline.items import Item, items_of, page_of
from percorso.sources.tracking.rows import Said
from tests.web.test_pages import text

NOW = datetime(2026, 6, 15, 15, 0, tzinfo=UTC)
PAGE = "/w/acme/customers/ana/"
ROWS = st.lists(
    st.tuples(st.sampled_from(["events", "orders"]), st.integers(0, 200), st.sampled_from([None, "s1", "s2"])),
    max_size=60,
)


@pytest.fixture
def acme(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        who = {"customer": "ana", "identity": "ana"}
        store.append("customers", [who | {"id": "ana", "name": "Ana", "plan": "basic"}], workspace="acme")
        visits = [("v", 0, 4), ("w", 60, 3), ("x", 60 * 24, 1)]
        events = [
            who | {"id": f"{key}{i}", "at": NOW - timedelta(minutes=begin + i), "name": f"Step {i}", "page": f"/p{i}", "device": "mobile"}
            for key, begin, n in visits
            for i in range(n)
        ]  # fmt: skip
        store.append("events", events, workspace="acme")
        orders = [
            who | {"id": f"o{i:03}", "at": NOW - timedelta(days=2 + i), "amount": 100 * i, "product": f"lamp {i}"}
            for i in range(120)
        ]
        store.append("orders", orders, workspace="acme")
        yield Workspace.objects.create(slug="acme", name="Acme", time_zone="America/Sao_Paulo")


def shown(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def sentences(html: str) -> list[str]:
    return re.findall(r'<div class="fact-words">(?:<p>|<details class="visit"><summary>)([^<]+)', html)


def test_events_of_a_visit_stand_together(bob: Client) -> None:
    html = shown(bob, PAGE)
    assert sentences(html)[:3] == ["Visit with 4 events in 3:00 min", "Visit with 3 events in 2:00 min", "Step 0"]
    # Its ways in the order in which they were gone, and each event inside.
    assert "/p3 → /p2 → /p1 → /p0" in text(html)
    assert html.count('<ol class="visit-events">') == 2


def test_each_day_has_its_heading_in_the_workspaces_time(bob: Client) -> None:
    headings = re.findall(r'<h3 class="timeline-day">([^<]+)</h3>', shown(bob, PAGE))
    assert headings[:3] == ["Mon, Jun 15, 2026", "Sun, Jun 14, 2026", "Sat, Jun 13, 2026"]


@pytest.mark.parametrize(("query", "found"), [
    ("?table=orders&q=LAMP+7", 11), ("?q=%2Fp3", 1), ("?q=mobile", 8), ("?since=2026-06-12&until=2026-06-13", 2),
    ("?since=2026-06-14", 8), ("?until=2026-02-20", 7), ("?since=never&until=31-12-1", 128), ("?q=%25", 0), ("?q='", 0),
])  # fmt: skip
def test_what_is_asked_for_is_found(bob: Client, query: str, found: int) -> None:
    seen, html = 0, shown(bob, PAGE + query)
    for _ in range(9):
        alone = len(sentences(html)) - html.count('<details class="visit">')
        seen += alone + sum(
            block.count("<li>") for block in re.findall(r'<ol class="visit-events">(.*?)</ol>', html, re.S)
        )
        more = re.search(r'rel="next" href="([^"]+)"', html)
        if not more:
            break
        html = shown(bob, PAGE + more[1].replace("&amp;", "&"))
    assert seen == found
    assert found or "Nothing fits this search" in html


def test_the_kinds_are_counted_when_the_page_stands(bob: Client) -> None:
    html = shown(bob, f"{PAGE}?q=lamp")
    assert f'hx-get="{PAGE}counts/?q=lamp"' in html
    tabs = shown(bob, f"{PAGE}counts/?q=lamp&table=orders")
    assert text(tabs).split() == ["Everything", "128", "Orders", "120", "Events", "8"]
    assert f'href="{PAGE}?q=lamp&amp;table=events"' in tabs


def test_a_page_asks_the_database_the_same_however_many_facts(bob: Client, django_assert_num_queries: Any) -> None:
    shown(bob, PAGE)
    for query in ("?table=events&q=Step+3", "?table=orders"):
        with django_assert_num_queries(10):
            shown(bob, PAGE + query)


def test_what_changed_is_told(bob: Client, acme: Workspace) -> None:
    for days, plan in enumerate(["basic", "pro", "team"]):
        keep_told(acme, [Said(NOW + timedelta(days=days), ("ana",), "identify", {"plan": plan})])
    told = text(shown(bob, PAGE))
    assert re.search(r"What changed Plan pro → team .*? Plan basic → pro", told)


def test_who_may_not_see_customers_sees_no_counts(as_role: Any) -> None:
    assert as_role("analyst").get(f"{PAGE}counts/").status_code == 403


def fact(table: str, minute: int, session: str | None, number: int) -> tuple[str, dict[str, Any]]:
    return table, {
        "at": NOW.replace(tzinfo=None) - timedelta(minutes=minute),
        "id": str(number),
        "session": session,
        "page": None,
    }


@given(ROWS, st.integers(1, 9))
def test_no_fact_is_lost_between_pages(rows: list[tuple[str, int, str | None]], most: int) -> None:
    facts = [fact(*row, i) for i, row in enumerate(sorted(rows, key=lambda row: row[1]))]
    seen: list[Any] = []
    left = facts
    for _ in range(len(facts) + 1):
        items, last = page_of(left[:20], most, len(left) > 20)
        page = [one for item in items for one in item.facts]
        assert len(items) <= most or last is None
        seen += page
        if last is None:
            break
        place = next(i for i, one in enumerate(left) if one is last)
        assert {id(one) for one in page} == {id(one) for one in left[: place + 1]}
        left = left[place + 1 :]
    assert sorted(one[1]["id"] for one in seen) == sorted(one[1]["id"] for one in facts)


@given(ROWS)
def test_a_visit_has_one_session_or_no_long_pause(rows: list[tuple[str, int, str | None]]) -> None:
    facts = [fact(*row, i) for i, row in enumerate(sorted(rows, key=lambda row: row[1]))]
    items: list[Item] = items_of(facts)
    for item in items:
        assert item.facts[0][0] == "events" or not item.visit
        assert len({row["session"] for _, row in item.facts}) == 1
        if item.facts[0][1]["session"] is None:
            pauses = [a[1]["at"] - b[1]["at"] for a, b in zip(item.facts, item.facts[1:], strict=False)]
            assert all(pause < timedelta(minutes=30) for pause in pauses)
