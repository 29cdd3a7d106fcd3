"""Who is whom on the pages: why an identity belongs, merging, splitting, undoing, what waits for a person, rules."""

import html
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.base.worker import run_all
from percorso.customers.forgetting import forget_customer
from percorso.customers.identity import actions
from percorso.customers.identity.belonging import Claim, belonging
from percorso.customers.identity.book import believed, forget_identities, remembered, settle_all
from percorso.customers.identity.queries import aliases_waiting, moves, waiting
from percorso.customers.identity.told import keep_told
from percorso.customers.models import Identity, IdentityClaim, IdentityDecision, IdentityRules
from percorso.errors import BadQuestion
from percorso.sources.tracking.rows import Said
from tests.web.test_pages import text

NOW = datetime(2026, 6, 15, 15, 0, tzinfo=UTC)
W = "/w/acme/"
IDS = ("ana", "bruno", "c3", "email:a@x.it", "email:b@x.it", "anonymous:d1")
STEPS = st.lists(
    st.one_of(
        st.builds(Claim, st.sampled_from(IDS), st.sampled_from(IDS), st.booleans()),
        st.tuples(st.sampled_from(["merge", "part", "undo"]), st.sampled_from(IDS), st.sampled_from(IDS)),
    ),
    max_size=8,
)


@pytest.fixture
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Ana, who is here twice, and Bruno; each identity has orders."""
    with Store.open(":memory:") as store:
        # As a process opens it.
        store.entering = owner.entering
        monkeypatch.setattr(owner, "_store", store)
        yield store


@pytest.fixture
def acme(shop: Store) -> Workspace:
    made = Workspace.objects.create(slug="acme", name="Acme", time_zone="America/Sao_Paulo")
    for key, name in (("ana", "Ana Águas"), ("ana2", "A. Aguas"), ("bruno", "Bruno")):
        shop.append(
            "customers",
            [{"id": key, "customer": key, "identity": key, "name": name, "created_at": NOW}],
            workspace="acme",
        )
        order(shop, key, key, 3)
    claims = [
        Claim("ana", "email:ana@x.it"),
        Claim("ana", "anonymous:d1"),
        Claim("bruno", "anonymous:tablet"),
        Claim("ana", "anonymous:tablet"),
    ]
    believed(made, claims, ["ana"], dict.fromkeys(claims, "Shop"))
    return made


def order(store: Store, key: str, identity: str, n: int) -> None:
    rows = [
        {"id": f"{identity}{i}", "customer": key, "identity": identity, "at": NOW - timedelta(days=i), "amount": 1}
        for i in range(n)
    ]
    store.append("orders", rows, workspace="acme")


def orders(store: Store) -> dict[str, str]:
    """Return the customer of every identity that has orders."""
    return {row["identity"]: row["customer"] for row in store.table("orders", "acme").to_pyarrow().to_pylist()}


def shown(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_the_page_says_why_an_identity_belongs(bob: Client) -> None:
    page = shown(bob, f"{W}customers/ana/identities/")
    told = text(page)
    assert re.search(r"ana Id · the customer is called by it · 3 facts", told)
    assert re.search(r"ana@x.it E-mail address Shop named it together with “ana”, \w+ \d+, 2026", told)
    assert "the visitor tablet" in told
    assert "That is not this customer’s" in told
    # Looking only: nothing to press.
    assert "/split/" not in page
    assert AuditEntry.objects.filter(action="customer_viewed", target="ana").exists()


def test_two_become_one_and_two_again(alice: Client, shop: Store, acme: Workspace) -> None:
    href = f"{W}customers/ana/merge/"
    assert "?with=ana2" in shown(alice, f"{href}?q=agua")
    assert re.search(r"Ana Águas ana · 3 facts .* A. Aguas ana2 · 3 facts", text(shown(alice, f"{href}?with=ana2")))
    response = alice.post(href, {"other": "ana2", "keep": "ana"})
    assert response["Location"] == f"{W}customers/ana/"
    assert orders(shop) == {"ana": "ana", "ana2": "ana", "bruno": "bruno"}
    assert "This is an identity of Ana Águas by now" in text(shown(alice, f"{W}customers/ana2/"))
    assert re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)', shown(alice, f"{W}customers/")) == [
        "Bruno",
        "Ana Águas",
    ]
    # A file that still says the old id brings its facts to the right one.
    order(shop, "ana2", "ana2", 5)
    assert orders(shop)["ana2"] == "ana"

    undo = re.search(r'action="([^"]+/undo/)"', shown(alice, f"{W}customers/ana/identities/"))
    assert undo
    assert alice.post(undo[1], {"customer": "ana"})["Location"] == f"{W}customers/ana/identities/"
    assert orders(shop) == {"ana": "ana", "ana2": "ana2", "bruno": "bruno"}
    assert [e.action for e in AuditEntry.objects.exclude(action="customer_viewed").order_by("id")] == ["customers_merged", "identity_decision_undone"]  # fmt: skip


def test_who_is_kept_gives_the_name(alice: Client, shop: Store, acme: Workspace) -> None:
    alice.post(f"{W}customers/ana/merge/", {"other": "ana2", "keep": "ana2"})
    assert orders(shop)["ana"] == "ana2"
    # The other way round, decided later.
    actions.merge_customers(acme, "ana", ["ana2"], by="test")
    assert Identity.objects.get(value="email:ana@x.it").customer in ("ana", "ana2")


def test_what_facts_named_in_one_row_follows_a_merge_and_leaves_with_its_customer(shop: Store, acme: Workspace) -> None:
    order(shop, "ana2", "device-7", 4)
    actions.merge_customers(acme, "ana", ["ana2"], by="test")
    order(shop, "ana2", "device-8", 2)
    assert set(orders(shop).values()) == {"ana", "bruno"}
    actions.undo_decision(IdentityDecision.objects.get(), by="test")
    assert orders(shop) == {"ana": "ana", "ana2": "ana2", "device-7": "ana2", "device-8": "ana2", "bruno": "bruno"}


def test_an_identity_is_split_off_with_its_facts(alice: Client, shop: Store, acme: Workspace) -> None:
    order(shop, "ana", "anonymous:d1", 4)
    page = f"{W}customers/ana/identities/"
    assert "4 facts go with it" in text(shown(alice, f"{page}split/preview/?identity=anonymous:d1"))
    assert alice.post(f"{page}split/", {"identity": "anonymous:d1"})["Location"] == page
    assert orders(shop)["anonymous:d1"] == "anonymous:d1"
    # Whatever sources say from now on.
    believed(acme, [Claim("ana", "anonymous:d1"), Claim("email:ana@x.it", "anonymous:d1")], ["anonymous:d1"])
    assert orders(shop)["anonymous:d1"] == "anonymous:d1"
    for wrong in ("ana", "anonymous:d1", "nobody", ""):
        assert alice.post(f"{page}split/", {"identity": wrong}).status_code == 400


def test_what_a_source_said_can_be_set_aside(alice: Client, shop: Store, acme: Workspace) -> None:
    claim = IdentityClaim.objects.get(one="bruno", other="anonymous:tablet")
    alice.post(f"{W}identities/claims/{claim.pk}/", {"counts": "no", "customer": "ana"})
    assert Identity.objects.get(value="anonymous:tablet").customer == "ana"
    # The source says it again: it stays aside.
    believed(acme, [Claim("bruno", "anonymous:tablet")], ["bruno"])
    assert Identity.objects.get(value="anonymous:tablet").customer == "ana"
    assert "set aside: does not count" in text(shown(alice, f"{W}customers/ana/identities/"))
    alice.post(f"{W}identities/claims/{claim.pk}/", {"counts": "yes"})
    assert Identity.objects.get(value="anonymous:tablet").customer == "anonymous:tablet"


def test_what_is_shared_waits_for_a_person(alice: Client, bob: Client, shop: Store, acme: Workspace) -> None:
    believed(acme, [Claim("ana2", "email:ana@x.it")], ["ana2"])
    page = shown(alice, f"{W}identities/")
    assert "2 customers were named with the e-mail address ana@x.it." in html.unescape(page)
    assert 'value="apart"' not in shown(bob, f"{W}identities/")
    asked = {"identity": "email:ana@x.it", "customer": ["ana", "ana2"], "shared": "yes", "keep": "ana"}
    alice.post(f"{W}identities/decide/", asked | {"decision": "one"})
    assert orders(shop)["ana2"] == "ana"
    assert "Nothing waits" in shown(alice, f"{W}identities/")
    told = shown(alice, f"{W}identities/decided/")
    assert "Alice Albuquerque decided that “ana” and “ana2” are one" in html.unescape(told)


def test_of_whom_it_is_said_that_they_are_not_one_is_not_asked_again(
    alice: Client, shop: Store, acme: Workspace
) -> None:
    asked = {"identity": "anonymous:tablet", "customer": ["ana", "bruno"], "shared": "yes", "decision": "apart"}
    assert len(waiting(acme, "anonymous", 9)[0]) == 1
    alice.post(f"{W}identities/decide/", asked)
    assert waiting(acme, "anonymous", 9) == ([], "")
    # Nor does an alias bring them together.
    believed(acme, [Claim("ana", "bruno", joins=True)], ["ana"])
    assert orders(shop)["bruno"] == "bruno"


def test_the_same_address_in_two_rows_is_asked_about(alice: Client, shop: Store, acme: Workspace) -> None:
    for key in ("ana2", "bruno"):
        keep_told(acme, [Said(NOW, (key,), "identify", {"email": "Both@x.it"})])
    page = html.unescape(shown(alice, f"{W}identities/"))
    assert "2 customers were named with the e-mail address both@x.it." in page
    asked = {"identity": "email:both@x.it", "customer": ["ana2", "bruno"], "shared": "yes", "decision": "apart"}
    alice.post(f"{W}identities/decide/", asked)
    assert "both@x.it" not in shown(alice, f"{W}identities/")


def test_rules_say_what_waits(alice: Client, shop: Store, acme: Workspace) -> None:
    chosen = {"email": "waits", "phone": "belongs", "card": "unites", "external": "belongs", "anonymous": "belongs"}
    response = alice.post(f"{W}identities/rules/", chosen)
    assert response.status_code == 302
    run_all()
    assert Identity.objects.get(value="email:ana@x.it").customer == "email:ana@x.it"
    assert "Is the e-mail address ana@x.it this customer’s?" in html.unescape(shown(alice, f"{W}identities/"))
    alice.post(
        f"{W}identities/decide/", {"identity": "email:ana@x.it", "customer": ["ana"], "shared": "no", "decision": "one"}
    )
    assert Identity.objects.get(value="email:ana@x.it").customer == "ana"
    # Cards unite, an alias waits.
    believed(acme, [Claim("ana", "card:7"), Claim("ana2", "card:7"), Claim("ana", "bruno", joins=True)], ["ana"])
    assert orders(shop) == {"ana": "ana", "ana2": "ana", "bruno": "bruno"}
    assert [one.customers for one in aliases_waiting(acme, 9)] == [("ana", "bruno")]
    assert alice.post(f"{W}identities/rules/", {"anonymous": "unites"}).status_code == 422


def test_everything_can_be_worked_out_again(alice: Client, shop: Store, acme: Workspace) -> None:
    actions.merge_customers(acme, "ana", ["ana2"], by="test")
    shop.move("acme", "ana2", "somebody")
    Identity.objects.filter(value="anonymous:d1").update(customer="somebody")
    alice.post(f"{W}identities/replay/")
    run_all()
    assert orders(shop)["ana2"] == "ana"
    assert Identity.objects.get(value="anonymous:d1").customer == "ana"


def test_a_preview_says_what_undoing_moves(shop: Store, acme: Workspace) -> None:
    actions.merge_customers(acme, "ana", ["ana2"], by="test")
    found = moves(acme, without=IdentityDecision.objects.get().pk)
    assert (found.identities, found.facts) == ({"ana2": ("ana", "ana2")}, 3)
    assert orders(shop)["ana2"] == "ana"


def test_nobody_is_merged_with_themselves(acme: Workspace, alice: Client) -> None:
    with pytest.raises(BadQuestion):
        actions.merge_customers(acme, "ana", ["ana"], by="test")
    assert alice.get(f"{W}customers/ana/merge/?with=ana").status_code == 400
    assert alice.post(f"{W}customers/ana/merge/", {"other": "nobody", "keep": "ana"}).status_code == 404
    assert alice.post(f"{W}identities/decide/", {"decision": "one", "shared": "yes"}).status_code == 400


def test_of_who_is_forgotten_no_decision_is_left(acme: Workspace, alice_person: Person) -> None:
    actions.merge_customers(acme, "ana", ["ana2"], by=alice_person)
    forget_customer(acme, "ana", by=alice_person, reason="asked")
    assert not IdentityDecision.objects.exists()
    assert not IdentityClaim.objects.filter(one="ana").exists()


@pytest.mark.parametrize(("role", "look", "act"), [("viewer", 200, 403), ("analyst", 403, 403), ("editor", 200, 302)])
def test_who_may_look_and_who_may_decide(
    as_role: Callable[[str], Client], acme: Workspace, role: str, look: int, act: int
) -> None:
    client = as_role(role)
    assert client.get(f"{W}identities/").status_code == look
    assert client.get(f"{W}customers/ana/identities/").status_code == look
    assert client.post(f"{W}customers/ana/merge/", {"other": "ana2", "keep": "ana"}).status_code == act


def test_decisions_of_another_workspace_do_not_exist(charlie: Client, acme: Workspace) -> None:
    actions.merge_customers(acme, "ana", ["ana2"], by="test")
    decision = IdentityDecision.objects.get()
    assert charlie.post(f"/w/elsewhere/identities/decided/{decision.pk}/undo/").status_code == 404


def test_pages_ask_the_database_the_same_however_many_rows(
    alice: Client, acme: Workspace, django_assert_num_queries: Any
) -> None:
    shown(alice, f"{W}identities/?kind=phone")
    for n in (1, 3):
        claims = [Claim(key, f"phone:+5511900000{i}") for i in range(n) for key in ("ana", "bruno")]
        believed(acme, claims, ["ana", "bruno"])
        with django_assert_num_queries(11):
            assert shown(alice, f"{W}identities/?kind=phone").count('name="identity"') == n
    for n in (1, 3):
        while IdentityDecision.objects.count() < n:
            actions.part_customers(acme, ["ana", "bruno"], by="test")
        with django_assert_num_queries(7):
            assert shown(alice, f"{W}identities/decided/").count("/undo/") == n


def _carried_out(workspace: Workspace, step: Any) -> None:
    if isinstance(step, Claim):
        believed(workspace, [step], [step.one])
    elif step[0] == "undo":
        made = IdentityDecision.objects.filter(workspace=workspace, undone_at=None).first()
        if made:
            actions.undo_decision(made, by="test")
    elif step[1] != step[2]:
        act = actions.merge_customers if step[0] == "merge" else actions.part_customers
        args = (step[1], [step[2]]) if step[0] == "merge" else ([step[1], step[2]],)
        act(workspace, *args, by="test")  # type: ignore[operator]


@given(STEPS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_facts_belong_where_all_that_was_said_puts_them(acme: Workspace, shop: Store, steps: list[Any]) -> None:
    with transaction.atomic():
        Identity.objects.all().delete()
        IdentityClaim.objects.all().delete()
        for identity in IDS:
            order(shop, identity, identity, 1)
            shop.move("acme", identity, identity)
        before = shop.table("orders", "acme").count().to_pyarrow().as_py()
        for step in steps:
            _carried_out(acme, step)
        claims = [Claim(*row) for row in IdentityClaim.objects.values_list("one", "other", "joins")]
        decided = [actions_row(row) for row in IdentityDecision.objects.filter(undone_at=None)]
        expected = belonging(claims, IDS, decided)
        found = orders(shop)
        assert {identity: found[identity] for identity in IDS} == {identity: expected[identity] for identity in IDS}
        # Worked out again from what is kept, it is the same; no fact is lost.
        settle_all(acme, lambda share: None)
        assert orders(shop) == found
        assert shop.table("orders", "acme").count().to_pyarrow().as_py() == before
        transaction.set_rollback(True)


def actions_row(row: IdentityDecision) -> Any:
    from percorso.customers.identity.belonging import Decision

    return Decision(row.one, row.other, row.apart, row.pk)


def test_a_decision_needs_two(acme: Workspace) -> None:
    with pytest.raises(BadQuestion):
        actions.part_customers(acme, ["ana"], by="test")
    assert IdentityRules.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_who_is_remembered_is_looked_up_anew_after_each_change(tmp_path: Path) -> None:
    with Store.open(tmp_path / "facts.duckdb") as own, pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, "_store", own)
        acme = Workspace.objects.create(slug="acme", name="Acme")
        assert believed(acme, [], {"u1", "anonymous:d"}) == {"u1": "u1", "anonymous:d": "anonymous:d"}
        assert remembered(acme, {"anonymous:d"}) == {"anonymous:d": "anonymous:d"}
        believed(acme, [Claim("u1", "anonymous:d")], {"u1"})
        assert remembered(acme, {"anonymous:d"}) == {"anonymous:d": "u1"}
        forget_identities(acme, "u1")
        assert remembered(acme, {"anonymous:d", "u1"}) == {}
