"""Traits: the last one told holds whatever came first, what changed is kept, and companies come of group calls."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from percorso.accounts.models import Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.customers.identity.book import believed, forget_identities
from percorso.customers.identity.columns import traits_of
from percorso.customers.identity.contacts import identities_in
from percorso.customers.identity.histories import KEPT_WHOLE, MOST_TOLD, changes, now, tell
from percorso.customers.identity.told import keep_told
from percorso.customers.models import Company, TraitHistory
from percorso.sources.tracking.rows import Said

DAY = datetime(2026, 5, 4, 12, tzinfo=UTC)
TOLD = st.tuples(st.integers(0, 30), st.sampled_from(["plan", "name"]), st.sampled_from(["basic", "pro", None, 3]))


@pytest.fixture
def facts_of_acme(acme: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    with Store.open(":memory:") as own:
        monkeypatch.setattr(owner, "_store", own)
        yield own


def said(who: str, days: int, kind: str = "identify", group: str = "", **traits: Any) -> Said:
    return Said(DAY + timedelta(days=days), (who,), kind, traits, group)


def row(store: Store, key: str) -> dict[str, Any]:
    t = store.table("customers", "acme")
    (found,) = t.filter(t.id == key).to_pyarrow().to_pylist()
    return found | {"traits": json.loads(found["traits"] or "{}")}


def test_an_identify_call_makes_the_customers_row(acme: Workspace, facts_of_acme: Store) -> None:
    told = said(
        "u1", 0, firstName="Ana", lastName="Souza", email="ana@x.it", plan="basic", address={"country": "br", "state": "SP"},
        createdAt="2025-01-02T00:00:00Z", language="pt-BR", visits=7,
    )  # fmt: skip
    keep_told(acme, [told])
    made = row(facts_of_acme, "u1")
    kept = {name: made[name] for name in ("name", "country", "region", "plan", "language", "customer", "identity")}
    assert kept == {
        "name": "Ana Souza", "country": "BR", "region": "SP", "plan": "basic", "language": "pt-BR", "customer": "u1", "identity": "u1",
    }  # fmt: skip
    assert (made["traits"]["email"], made["traits"]["visits"]) == ("ana@x.it", 7)
    assert made["created_at"] == datetime(2025, 1, 2)  # noqa: DTZ001


def test_the_last_told_holds_whatever_came_first(acme: Workspace, facts_of_acme: Store) -> None:
    calls = [said("u1", day, plan=plan) for day, plan in enumerate(["basic", "pro", "pro", "team"])]
    for order in ([3, 0, 2, 1], [0, 1, 2, 3]):
        for i in order:
            keep_told(acme, [calls[i]])
        assert row(facts_of_acme, "u1")["plan"] == "team"
    history = TraitHistory.objects.get(identity="u1").told
    assert [(change.before, change.after) for change in changes(history)] == [("pro", "team"), ("basic", "pro")]


def test_what_an_import_said_stays_until_something_else_is_told(acme: Workspace, facts_of_acme: Store) -> None:
    facts_of_acme.append(
        "customers", [{"id": "u1", "customer": "u1", "identity": "u1", "name": "Ana", "plan": "basic", "created_at": DAY, "traits": '{"vip": true}'}],
        workspace="acme",
    )  # fmt: skip
    keep_told(acme, [said("u1", 9, plan="pro")])
    made = row(facts_of_acme, "u1")
    assert (made["name"], made["plan"], made["traits"]) == ("Ana", "pro", {"vip": True})
    assert made["created_at"].date() == DAY.date()


def test_a_visitor_who_is_somebody_has_no_place_of_their_own(acme: Workspace, facts_of_acme: Store) -> None:
    from percorso.customers.identity.belonging import Claim
    from percorso.customers.queries import Wanted, customers

    keep_told(acme, [said("anonymous:d1", 0, email="ana@x.it")])
    assert [c["id"] for c in customers(acme, Wanted(), 9)] == ["anonymous:d1"]
    believed(acme, [Claim("u1", "anonymous:d1")], ["u1"])
    keep_told(acme, [said("u1", 1)])
    assert [c["id"] for c in customers(acme, Wanted(), 9)] == ["u1"]


def test_group_calls_make_companies_and_their_members(acme: Workspace, facts_of_acme: Store) -> None:
    keep_told(
        acme,
        [
            said("u1", 0, "group", "g1", name="Acme Brasil", parent="g0", industry="retail"),
            said("u2", 0, "group", "g1"),
            said("u1", 5, "track", "g2"),
        ],
    )
    assert (row(facts_of_acme, "u1")["company"], row(facts_of_acme, "u2")["company"]) == ("g2", "g1")
    company = Company.objects.get(key="g1")
    assert (company.name, company.parent.key if company.parent else "") == ("Acme Brasil", "g0")
    # No company is above itself, however long the way is.
    keep_told(acme, [said("u1", 6, "group", "g0", parent="g1")])
    assert Company.objects.get(key="g0").parent is None


def test_of_who_is_forgotten_no_trait_is_left(acme: Workspace, facts_of_acme: Store) -> None:
    keep_told(acme, [said("u1", 0, email="ana@x.it"), said("u2", 0, email="b@x.it")])
    believed(acme, [], ["u1", "u2"])
    forget_identities(acme, "u1")
    assert list(TraitHistory.objects.values_list("identity", flat=True)) == ["u2"]


def test_a_history_is_bounded(acme: Workspace, facts_of_acme: Store) -> None:
    told: dict[str, list[list[Any]]] = {}
    for day in range(500):
        tell(told, {"plan": "pro", "count": day, "x" * 101: 1, "long": "x" * 3000}, DAY + timedelta(days=day))
    assert {name: len(several) for name, several in told.items()} == {"plan": KEPT_WHOLE, "count": MOST_TOLD}
    assert told["plan"][0][0] < told["plan"][-1][0]
    for number in range(300):
        tell(told, {f"t{number}": 1}, DAY)
    assert len(told) == 100


@given(st.lists(TOLD, max_size=9), st.randoms())
def test_the_order_of_arrival_plays_no_part(several: list[tuple[int, str, Any]], random: Random) -> None:
    made = []
    for _ in range(2):
        told: dict[str, list[list[Any]]] = {}
        for day, name, value in several:
            tell(told, {name: value}, DAY + timedelta(days=day))
        made.append((told, now(told), changes(told)))
        random.shuffle(several)  # type: ignore[arg-type]
    assert made[0] == made[1]


@given(st.lists(TOLD, max_size=60), st.randoms())
def test_what_holds_now_is_what_was_told_last_however_much_was_told(
    several: list[tuple[int, str, Any]], random: Random
) -> None:
    told: dict[str, list[list[Any]]] = {}
    last: dict[str, tuple[int, str, Any]] = {}
    random.shuffle(several)  # type: ignore[arg-type]
    for day, name, value in several:
        tell(told, {name: value}, DAY + timedelta(days=day))
        last[name] = max(last.get(name, (-1, "", None)), (day, json.dumps(value), value))
    assert now(told) == {name: found[2] for name, found in last.items() if found[2] is not None}


@pytest.mark.parametrize(("traits", "found"), [
    ({"email": " Ana@X.it "}, ["email:ana@x.it"]),
    ({"card": "AB 12-34", "external_ids": {"CRM": 17}}, ["card:AB1234", "external:crm:17"]),
    ({"externalIds": [{"type": "zendesk", "id": "9"}, {"id": "no system"}, "nothing"]}, ["external:zendesk:9"]),
    ({"card_number": "4111 1111 1111 1111"}, []),
    ({"card": True, "external_ids": {"crm": {"deep": 1}}, "email": 7}, []),
])  # fmt: skip
def test_traits_make_identities(traits: dict[str, Any], found: list[str]) -> None:
    assert identities_in(traits) == found


@pytest.mark.parametrize(("traits", "found"), [
    ({"company": {"id": "g1", "name": "Acme"}}, {"company": "g1"}),
    ({"company": "Acme", "plan": None}, {"company": "Acme", "plan": None}),
    ({"created_at": 1_700_000_000}, {"created_at": "2023-11-14T22:13:20+00:00"}),
    ({"createdAt": "soon"}, {"created_at": None}),
    ({"name": True}, {}),
])  # fmt: skip
def test_traits_have_our_names(traits: dict[str, Any], found: dict[str, Any]) -> None:
    assert traits_of(traits) == found
