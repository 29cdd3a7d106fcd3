"""Webhook sources: what comes is proven, kept, and makes the same facts in whatever order; and their pages."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.analytics.store import Store
from percorso.base import jobs, owner
from percorso.base.models import Job
from percorso.base.worker import run_all
from percorso.customers.forgetting import forget_customer
from percorso.customers.models import Identity, IdentityClaim, TraitHistory
from percorso.customers.privacy.erased import look_again
from percorso.errors import BadRows
from percorso.sources.models import WebhookDelivery, WebhookSource, WebhookThing
from percorso.sources.webhooks import endpoint, intake, reading
from percorso.sources.webhooks.actions import make_webhook_source
from percorso.sources.webhooks.forgetting import forget_old
from percorso.sources.webhooks.kind import Call
from tests.app.api_client import Program
from tests.sources.webhooks.recorded import KINDS, SETTINGS, names, recorded, signed

State = WebhookDelivery.State
Answer = Any


@pytest.fixture(autouse=True)
def facts() -> Iterator[Store]:
    owner.close()
    look_again()
    with Store.open() as store:
        owner._store = store
        yield store
    owner._store = None
    look_again()


@pytest.fixture
def source_of(acme: Workspace) -> Callable[..., WebhookSource]:
    """Makes a source of a kind with the settings of the recorded calls."""

    def make(kind: str, **more: Any) -> WebhookSource:
        return make_webhook_source(acme, kind, kind.title(), SETTINGS[kind] | more, by="test")

    return make


def tell(source: WebhookSource, body: bytes, headers: dict[str, str], **more: Any) -> Answer:
    """Send a call as a system does."""
    browser = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    return browser.post(f"/hooks/{source.key}/", body, content_type="application/json", headers=headers, **more)


def told(source: WebhookSource, *several: str, kind: str = "") -> None:
    """Send recorded calls, signed."""
    for name in several:
        headers, body = recorded(source.kind, name)
        assert tell(source, body, headers | signed(source.kind, body)).status_code == 200


def rows(workspace: Workspace, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """Return some columns of a fact table, in the order of the ids."""
    found = owner.store().table(table, workspace.slug).order_by("id").select(*columns).to_pyarrow().to_pylist()
    return [tuple(row.values()) for row in found]


def all_facts(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything that is known, but for how often it came."""
    store, found = owner.store(), {}
    for table in ("events", "subscriptions", "orders", "tickets", "ticket_events", "answers", "mentions", "customers"):
        # When a customer was told of first is what came first where no source says when it began.
        without = ("deliveries", "batch", *(("at", "created_at") if table == "customers" else ()))
        columns = [c for c in store.table(table).columns if c not in without]
        found[table] = rows(workspace, table, *columns)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_the_order_and_however_often_the_facts_are_the_same(
    kind: str, acme: Workspace, source_of: Callable[..., WebhookSource]
) -> None:
    source, several = source_of(kind), names(kind)
    told(source, *several)
    run_all()
    expected = all_facts(acme)
    states = dict(source.deliveries.values_list("event", "state"))
    assert State.FAILED not in states.values(), [d.told for d in source.deliveries.all()]
    assert sum(len(found) for found in expected.values()) > 0

    told(source, *several)
    assert run_all() == 0
    assert all_facts(acme) == expected

    for order in (several[::-1], *(Random(seed).sample(several, len(several)) for seed in range(2))):
        for model in (WebhookDelivery, WebhookThing, Identity, IdentityClaim, TraitHistory):
            model.objects.all().delete()
        owner.close()
        with Store.open() as store:
            owner._store = store
            for name in order:
                told(source, name, name)
                run_all()
            assert all_facts(acme) == expected, order


@pytest.mark.django_db
def test_the_customer_of_stripe_and_the_address_are_one(
    acme: Workspace, source_of: Callable[..., WebhookSource]
) -> None:
    source = source_of("stripe", user_key="")
    told(source, "3_subscription_active")
    run_all()
    assert rows(acme, "subscriptions", "customer") == [("external:stripe:cus_TaPxAna",)]

    told(source, "4_invoice_paid")
    run_all()

    assert rows(acme, "subscriptions", "customer", "identity") == [
        ("email:ana.souza@example.com", "external:stripe:cus_TaPxAna")
    ]
    assert rows(acme, "events", "customer", "name") == [("email:ana.souza@example.com", "Invoice Paid")]


@pytest.mark.django_db
def test_the_own_id_of_a_customer_is_the_customer(acme: Workspace, source_of: Callable[..., WebhookSource]) -> None:
    told(source_of("stripe"), *names("stripe"))
    run_all()

    assert {customer for (customer,) in rows(acme, "subscriptions", "customer")} == {"u-1001"}


@pytest.mark.django_db
def test_what_is_not_proven_is_refused_counted_and_told(alice: Client, source_of: Callable[..., WebhookSource]) -> None:
    source = source_of("shopify")
    headers, body = recorded("shopify", "1_orders_create")

    assert tell(source, body, headers | signed("shopify", body, "guessed")).status_code == 403
    assert tell(source, body, headers).status_code == 403

    assert source.deliveries.count() == 0
    source.refresh_from_db()
    assert source.refused == 2
    page = alice.get(f"/w/acme/sources/webhooks/{source.pk}/").content.decode()
    assert "2 calls were refused" in page
    assert "the header X-Shopify-Hmac-SHA256 is missing" in page
    assert "Last call refused" in page


@pytest.mark.django_db
def test_who_guesses_is_soon_heard_no_more(
    source_of: Callable[..., WebhookSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint.UNPROVEN, "most", 3)
    source = source_of("stripe")

    answers = [tell(source, b"{}", {}, REMOTE_ADDR="203.0.113.9") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 429, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    source.refresh_from_db()
    assert source.refused == 3


@pytest.mark.django_db
@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"[]", 400), (b"\xff{}", 400), (b'{"a":1}\x00', 400), (b"{}" + b" " * (2 << 20), 413)])  # fmt: skip
def test_bad_bodies_are_refused_with_the_reason(
    body: bytes, status: int, source_of: Callable[..., WebhookSource]
) -> None:
    source = source_of("shopify")

    answer = tell(source, body, signed("shopify", body))

    assert answer.status_code == status
    assert answer.content.decode().strip() in ("The body is no JSON object.", f"a call may have {2 << 20} bytes")
    assert source.deliveries.count() == 0


@pytest.mark.django_db
def test_an_address_that_there_is_not_and_other_methods() -> None:
    nobody = Client(SERVER_NAME="localhost")
    assert nobody.post("/hooks/nothing/", b"{}", content_type="application/json").status_code == 404
    assert nobody.get("/hooks/nothing/").status_code == 405


@pytest.mark.django_db
def test_the_same_call_is_kept_once(source_of: Callable[..., WebhookSource]) -> None:
    source = source_of("zendesk")
    told(source, "1_ticket_created", "1_ticket_created", "1_ticket_created")

    [delivery] = source.deliveries.all()
    assert (delivery.delivery, delivery.times, delivery.event) == ("01HX0000-0001", 3, "zen:event-type:ticket.created")
    # What proves a call is not kept with it.
    assert "x-zendesk-webhook-signature" not in delivery.headers


@pytest.mark.django_db
def test_a_call_without_an_id_is_known_by_its_body(source_of: Callable[..., WebhookSource]) -> None:
    source = source_of("generic", id_header="")
    told(source, "1_order", "1_order", "2_order_shipped")

    assert source.deliveries.count() == 2


@pytest.mark.django_db
def test_what_was_kept_when_a_process_ended_is_read_later(
    acme: Workspace, source_of: Callable[..., WebhookSource]
) -> None:
    source = source_of("shopify")
    told(source, "1_orders_create")
    Job.objects.all().delete()

    jobs.enqueue("read_all_webhooks")
    run_all()

    assert [d.state for d in source.deliveries.all()] == [State.DONE]
    assert len(rows(acme, "orders", "id")) == 1


@pytest.mark.django_db
def test_one_job_reads_all_that_waits(source_of: Callable[..., WebhookSource]) -> None:
    source = source_of("shopify")
    told(source, "1_orders_create", "2_orders_paid", "3_orders_fulfilled")

    assert run_all() == 1
    assert set(source.deliveries.values_list("state", flat=True)) == {State.DONE}


@pytest.mark.django_db
def test_a_call_of_another_shape_does_not_hold_the_others_up(
    acme: Workspace, alice: Client, source_of: Callable[..., WebhookSource]
) -> None:
    source = source_of("shopify")
    for bad in (b'{"id": 5}', b'{"id":1,"currency":"BRL","total_price":"many","created_at":"2026-01-01"}', b'{"id":2,"currency":"BRL","total_price":"1","created_at":"x"}'):  # fmt: skip
        headers = {"x-shopify-topic": "orders/create"} | signed("shopify", bad)
        assert tell(source, bad, headers).status_code == 200
    told(source, "1_orders_create", "7_products_update")
    run_all()

    states = list(source.deliveries.order_by("id").values_list("state", flat=True))
    assert states == [State.FAILED] * 3 + [State.DONE, State.IGNORED]
    assert len(rows(acme, "orders", "id")) == 1
    page = alice.get(f"/w/acme/sources/webhooks/{source.pk}/?state=failed").content.decode()
    assert "has another shape than Shopify sends" in page
    assert "x is not a date and time that can be read" in page
    assert "percorso reads no events of this kind" not in page
    assert "Not all could be read" in alice.get("/w/acme/sources/webhooks/").content.decode()


@pytest.mark.django_db
def test_rows_that_the_store_refuses_fail_alone(
    acme: Workspace, source_of: Callable[..., WebhookSource], monkeypatch: pytest.MonkeyPatch
) -> None:

    source, plain = source_of("shopify"), reading._append

    def refusing(workspace: Workspace, outcomes: Any) -> None:
        if any(row.values["id"].endswith("509") for o in outcomes for row in o.rows):
            raise BadRows("No: {why}", why="a test")
        plain(workspace, outcomes)

    monkeypatch.setattr(reading, "_append", refusing)
    told(source, "1_orders_create", "6_other_order_cancelled")
    run_all()

    assert dict(source.deliveries.values_list("event", "state")) == {"orders/create": State.DONE, "orders/cancelled": State.FAILED}  # fmt: skip
    assert len(rows(acme, "orders", "id")) == 1


@pytest.mark.django_db
def test_a_mapping_is_tried_saved_and_what_was_ignored_read_again(
    acme: Workspace, alice: Client, source_of: Callable[..., WebhookSource]
) -> None:
    source = source_of("generic", mapping=None)
    told(source, "1_order")
    run_all()
    href = f"/w/acme/sources/webhooks/{source.pk}/"
    assert "The source has no mapping yet." in alice.get(href).content.decode()
    form = {k: v for k, v in SETTINGS["generic"].items() if k not in ("mapping", "secret")}
    form |= {"name": "ERP", "proof": "signature", "header": "X-Signature", "algorithm": "sha256", "encoding": "hex"}

    mapping = json.dumps(SETTINGS["generic"]["mapping"])
    tried = alice.post(href, form | {"mapping": mapping, "try": "1"}).content.decode()
    assert "email:gina@example.com" in tried
    assert "12990" in tried
    assert rows(acme, "orders", "id") == []

    wrong = mapping.replace("$.order.placed", "order.placed")
    assert (
        "order.placed is no place in a call" in alice.post(href, form | {"mapping": wrong, "try": "1"}).content.decode()
    )
    refused = alice.post(href, form | {"mapping": wrong})
    assert refused.status_code == 422
    assert "order.placed is no place in a call" in refused.content.decode()
    assert "This is no JSON: look at 1:2" in alice.post(href, form | {"mapping": "{x"}).content.decode()

    assert alice.post(href, form | {"mapping": mapping}).status_code == 302
    assert alice.post(f"{href}replay/").status_code == 302
    run_all()

    assert rows(acme, "orders", "id", "amount", "customer") == [("A-77", 12990, "email:gina@example.com")]
    source.refresh_from_db()
    # The secret was not typed again, and stays.
    assert source.settings["secret"] == SETTINGS["generic"]["secret"]
    assert source.name == "ERP"


@pytest.mark.django_db
def test_an_older_state_never_replaces_a_newer_one(acme: Workspace, source_of: Callable[..., WebhookSource]) -> None:
    source = source_of("generic")
    told(source, "2_order_shipped")
    run_all()
    told(source, "1_order")
    run_all()

    assert rows(acme, "orders", "status") == [("shipped",)]


@pytest.mark.django_db
def test_forgetting_a_customer_empties_what_was_kept(acme: Workspace, source_of: Callable[..., WebhookSource]) -> None:
    source = source_of("stripe")
    told(source, *[name for name in names("stripe") if not name.startswith("8")])
    run_all()
    assert {c for (c,) in rows(acme, "subscriptions", "customer")} == {"u-1001"}

    forget_customer(acme, "u-1001", by="test", reason="asked")
    run_all()

    kept = json.dumps([*source.deliveries.values(), *WebhookThing.objects.values()], default=str)
    for text in ("ana.souza", "Ana.Souza", "cus_TaPxAna", "Ana Souza", "99887766"):
        assert text not in kept
    mrr = rows(acme, "subscriptions", "id", "mrr", "ended_at")

    # The subscription ends later: the figures go on, and nobody is named again.
    told(source, "8_subscription_deleted")
    run_all()

    after = rows(acme, "subscriptions", "id", "mrr", "ended_at")
    assert after[:-1] == mrr[:-1]
    assert after[-1][2] is not None
    for customer, identity in rows(acme, "subscriptions", "customer", "identity"):
        assert "cus_" not in f"{customer}{identity}"
        assert "u-1001" not in f"{customer}{identity}"


@pytest.mark.django_db
def test_what_waits_when_somebody_is_erased_and_what_comes_later_is_not_kept(
    acme: Workspace, source_of: Callable[..., WebhookSource]
) -> None:
    source = source_of("shopify")
    told(source, "1_orders_create")
    run_all()
    told(source, "2_orders_paid", "6_other_order_cancelled")
    assert rows(acme, "customers", "name") == [("Bruno Lima",)]

    forget_customer(acme, "email:bruno.lima@example.com", by="test", reason="asked")
    run_all()
    told(source, "3_orders_fulfilled", "4_refunds_create")
    other = json.dumps(
        {"id": 77, "customer": None, "currency": "BRL", "total_price": "5.00", "created_at": "2026-05-02"}
    ).encode()
    assert tell(source, other, {"x-shopify-topic": "orders/create"} | signed("shopify", other)).status_code == 200
    run_all()

    kept = json.dumps([*source.deliveries.values(), *WebhookThing.objects.values()], default=str)
    for text in ("bruno.lima", "Bruno", "7034912342", "988776655"):
        assert text not in kept
    facts = json.dumps(all_facts(acme), default=str)
    for text in ("bruno.lima", "Bruno", "7034912342"):
        assert text not in facts
    # The order that was known goes on without a name; others of the same person are not taken.
    assert rows(acme, "orders", "id", "status") == [("77", None), ("820982911946154508", "fulfilled")]


@pytest.mark.django_db
def test_calls_are_not_kept_for_ever(alice: Client, source_of: Callable[..., WebhookSource]) -> None:
    source = source_of("shopify")
    told(source, "1_orders_create", "2_orders_paid")
    run_all()
    old, _new = source.deliveries.order_by("id")
    WebhookDelivery.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=31))

    assert forget_old() == 1
    WebhookDelivery.objects.filter(pk=old.pk).update(problem="{value} is not a date and time that can be read.")

    old.refresh_from_db()
    assert (old.body, old.identity, old.state) == ("", "", State.DONE)
    page = alice.get(f"/w/acme/sources/webhooks/{source.pk}/").content.decode()
    assert "no longer kept" in page
    assert "… is not a date" in page
    alice.post(f"/w/acme/sources/webhooks/{source.pk}/replay/", {"delivery": old.pk})
    old.refresh_from_db()
    assert old.state == State.DONE


@pytest.mark.django_db
def test_a_source_is_made_and_removed_by_hand(
    acme: Workspace, alice: Client, source_of: Callable[..., WebhookSource]
) -> None:
    assert "Nothing tells by itself yet" in alice.get("/w/acme/sources/webhooks/").content.decode()
    made = alice.post("/w/acme/sources/webhooks/new/", {"kind": "stripe", "name": "Billing"})
    source = WebhookSource.objects.get()
    assert made["Location"] == f"/w/acme/sources/webhooks/{source.pk}/"
    page = alice.get(made["Location"]).content.decode()
    assert f"/hooks/{source.key}/" in page
    assert "Secret missing" in page
    assert "customer.subscription.deleted" in page

    href = f"/w/acme/sources/webhooks/{source.pk}/"
    assert (
        alice.post(href, {"name": "Billing", "secret": "whsec_1234567", "user_key": "", "test_mode": "on"}).status_code
        == 302
    )
    source.refresh_from_db()
    assert source.settings == {"secret": "whsec_1234567", "user_key": "", "test_mode": True}
    assert "whsec_1234567" not in alice.get(href).content.decode()
    assert "Waits for the first call" in alice.get(href).content.decode()

    again = alice.post("/w/acme/sources/webhooks/new/", {"kind": "stripe", "name": "Billing"})
    assert again.status_code == 422
    assert "There is a source Billing already" in again.content.decode()

    assert alice.post(f"{href}remove/").status_code == 302
    assert not WebhookSource.objects.exists()
    actions = list(AuditEntry.objects.filter(workspace=acme).order_by("id").values_list("action", flat=True))
    assert [a for a in actions if a.startswith("webhook_source")] == ["webhook_source_made", "webhook_source_changed", "webhook_source_removed"]  # fmt: skip


@pytest.mark.django_db
def test_a_token_stands_in_the_address(alice: Client, source_of: Callable[..., WebhookSource]) -> None:
    source = source_of("chatwoot", proof="token", secret="a-long-token")
    assert "?token=a-long-token" in alice.get(f"/w/acme/sources/webhooks/{source.pk}/").content.decode()
    headers, body = recorded("chatwoot", "1_conversation_created")

    browser = Client(SERVER_NAME="localhost")
    assert browser.post(f"/hooks/{source.key}/?token=a-long-token", body, content_type="application/json", headers=headers).status_code == 200  # fmt: skip
    assert browser.post(f"/hooks/{source.key}/", body, content_type="application/json", headers=headers).status_code == 403  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_many_there_are(
    count: int, acme: Workspace, alice: Client, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        source = make_webhook_source(acme, "stripe", f"S{number}", {"secret": "whsec_1234"}, by="test")
        source.deliveries.create(delivery="1", body="{}")
    alice.get("/w/acme/sources/webhooks/")

    with django_assert_num_queries(6):
        alice.get("/w/acme/sources/webhooks/")


@pytest.mark.django_db
def test_sources_by_the_interface(members: Workspace, alice_person: Person) -> None:
    program = Program(members, alice_person)
    made = program.ask(
        "POST", "/webhook-sources", {"kind": "stripe", "name": "Billing", "settings": {"secret": "whsec_1234567"}}
    )
    assert made.status_code == 201, made.content
    told = made.json()
    assert told["secrets"] == {"secret": True}
    assert "secret" not in told["settings"]
    assert "whsec_1234567" not in json.dumps(told)
    assert told["address"].endswith(f"/hooks/{WebhookSource.objects.get().key}/")

    assert program.ask("POST", "/webhook-sources", {"kind": "fax", "name": "Fax"}).status_code == 422
    wrong = program.ask("POST", "/webhook-sources", {"kind": "stripe", "name": "B", "settings": {"nothing": 1}})
    assert wrong.status_code == 422
    assert "nothing" in wrong.json()["detail"]

    changed = program.ask("PATCH", f"/webhook-sources/{told['id']}", {"settings": {"user_key": "user_id"}}).json()
    assert (changed["name"], changed["settings"]["user_key"], changed["secrets"]) == (
        "Billing",
        "user_id",
        {"secret": True},
    )
    assert len(program.ask("GET", "/webhook-sources").json()["items"]) == 1
    assert program.ask("POST", f"/webhook-sources/{told['id']}/replay").status_code == 202
    assert program.ask("DELETE", f"/webhook-sources/{told['id']}").status_code == 204


@pytest.mark.django_db(transaction=True)
def test_what_is_acknowledged_is_on_the_disk(acme: Workspace, source_of: Callable[..., WebhookSource]) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL writes to the disk at each commit by itself")
    seen = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    source = source_of("shopify")
    with connection.execute_wrapper(watch):
        headers, body = recorded("shopify", "1_orders_create")
        intake.take(source, _call(body, headers | signed("shopify", body)))

    full = next(n for n, sql in enumerate(seen) if "synchronous=FULL" in sql)
    kept = next(n for n, sql in enumerate(seen) if sql.startswith("INSERT INTO") and "webhookdelivery" in sql)
    normal = next(n for n, sql in enumerate(seen) if "synchronous=NORMAL" in sql)
    assert full < kept < normal


def _call(body: bytes, headers: dict[str, str]) -> Any:
    return Call(body, headers)
