"""Webhooks: signed as the standard says, tried again, switched off, never into the own network; and their pages."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from percorso.accounts.models import AuditEntry, Notice, Person, Workspace
from percorso.analytics.store import Store
from percorso.base import jobs, outbox, owner
from percorso.base.models import Job
from percorso.base.outbox import publish
from percorso.base.worker import run_all
from percorso.errors import BadQuestion
from percorso.insights.watching import last_week
from percorso.outreach import actions, sending, signing
from percorso.outreach.models import Delivery, Webhook
from percorso.sources.actions import start_import


class Receiver(HTTPServer):
    """A little server that keeps what it gets and answers what it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook?x=1"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
        status, headers = self.server.answers.pop(0) if self.server.answers else (204, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.bodies.pop(0) if self.server.bodies else b"")

    def log_message(self, *parts: Any) -> None:
        pass


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("PERCORSO_PRIVATE_WEBHOOKS", "true")
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def webhook(members: Workspace, alice_person: Person, receiver: Receiver) -> Webhook:
    return actions.make_webhook(members, receiver.url, by=alice_person)


def due_now() -> None:
    """Let what waits for its next attempt be due."""
    Job.objects.filter(state=Job.State.WAITING).update(run_at=timezone.now())


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Check a signature as a receiver does."""
    expected = signing.signature(secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
    return expected in headers["webhook-signature"].split(" ")


def test_the_vector_of_the_standard() -> None:
    made = signing.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_event_arrives_signed(webhook: Webhook, receiver: Receiver) -> None:
    event = publish("import.finished", "acme", {"import": 7, "new": 12})
    run_all()
    ((headers, body),) = receiver.got
    assert json.loads(body) == {"type": "import.finished", "timestamp": json.loads(body)["timestamp"], "data": {"import": 7, "new": 12}}  # fmt: skip
    assert headers["webhook-id"] == event
    assert verified(webhook.secret, headers, body)
    assert not verified(signing.new_secret(), headers, body)
    assert Delivery.objects.get().state == Delivery.State.DELIVERED


def test_an_event_of_a_change_that_failed_is_not_sent(webhook: Webhook, receiver: Receiver) -> None:
    def change_that_fails() -> None:
        with transaction.atomic():
            publish("import.finished", "acme", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_that_fails()
    run_all()
    assert receiver.got == []


def test_an_event_is_sent_once_for_a_key_and_only_to_those_who_want_it(
    webhook: Webhook, receiver: Receiver, alice_person: Person
) -> None:
    actions.change_webhook(webhook, events=["figure.changed"], by=alice_person)
    publish("import.finished", "acme", {})
    publish("figure.changed", "elsewhere", {})
    first = publish("figure.changed", "acme", {"indicator": "nps"}, key="nps:2026-01")
    assert publish("figure.changed", "acme", {"indicator": "nps"}, key="nps:2026-01") == first
    run_all()
    assert [headers["webhook-id"] for headers, _ in receiver.got] == [first]


def test_only_known_events_are_published() -> None:
    assert outbox.EVENTS == ("import.finished", "figure.changed", "alarm.raised")
    with pytest.raises(ValueError, match="no event"):
        publish("import.started", "acme", {})


def test_after_a_failure_it_is_tried_again_with_the_same_id(webhook: Webhook, receiver: Receiver) -> None:
    receiver.answers = [(500, {}), (302, {"Location": "http://127.0.0.1:1/"})]
    publish("import.finished", "acme", {})
    run_all()
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.code) == (Delivery.State.WAITING, 1, 500)
    assert row.next_at is not None
    assert timedelta(0) < row.next_at - timezone.now() < timedelta(seconds=7)
    due_now()
    run_all()  # a redirect is a failure: it is not followed
    due_now()
    run_all()
    row.refresh_from_db()
    webhook.refresh_from_db()
    assert (row.state, row.attempts, len({h["webhook-id"] for h, _ in receiver.got})) == (
        Delivery.State.DELIVERED,
        3,
        1,
    )
    assert webhook.failing_since is None


def test_a_receiver_is_asked_as_seldom_as_it_wants(webhook: Webhook, receiver: Receiver) -> None:
    receiver.answers = [(503, {"Retry-After": "3600"})]
    publish("import.finished", "acme", {})
    run_all()
    next_at = Delivery.objects.get().next_at
    assert next_at is not None
    assert timedelta(minutes=59) < next_at - timezone.now() < timedelta(minutes=61)
    assert actions._wait(1, sending.Outcome(429, "")) >= timedelta(seconds=10)  # type: ignore[operator]


def test_after_ten_attempts_it_has_failed_for_good(webhook: Webhook, receiver: Receiver) -> None:
    receiver.answers = [(500, {})] * 20
    publish("import.finished", "acme", {})
    for _ in range(12):
        due_now()
        run_all()
    assert len(receiver.got) == 10
    assert Delivery.objects.get().state == Delivery.State.FAILED


def test_a_receiver_that_is_gone_is_told_nothing_more(
    webhook: Webhook, receiver: Receiver, alice_person: Person, bob_person: Person
) -> None:
    receiver.answers = [(410, {})]
    publish("import.finished", "acme", {})
    run_all()
    webhook.refresh_from_db()
    assert (webhook.enabled, webhook.off_because) == (False, Webhook.Off.GONE)
    publish("import.finished", "acme", {})
    run_all()
    assert len(receiver.got) == 1
    assert Notice.objects.filter(person=alice_person).count() == 1
    assert not Notice.objects.filter(person=bob_person).exists()


def test_five_days_of_failures_switch_a_webhook_off(webhook: Webhook, receiver: Receiver, alice_person: Person) -> None:
    receiver.answers = [(500, {})]
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=5, minutes=1))
    publish("import.finished", "acme", {})
    run_all()
    webhook.refresh_from_db()
    assert (webhook.enabled, webhook.off_because) == (False, Webhook.Off.FAILING)
    assert "five days" in Notice.objects.get(person=alice_person).template
    due_now()
    run_all()
    assert len(receiver.got) == 1


def test_a_new_secret_signs_beside_the_old_one_for_a_day(
    webhook: Webhook, receiver: Receiver, alice_person: Person
) -> None:
    old = webhook.secret
    new = actions.change_secret(webhook, by=alice_person)
    publish("import.finished", "acme", {})
    run_all()
    ((headers, body),) = receiver.got
    assert verified(new, headers, body)
    assert verified(old, headers, body)
    assert webhook.secrets_at(timezone.now() + timedelta(days=2)) == [new]


def test_what_was_sent_can_be_sent_again(webhook: Webhook, receiver: Receiver, alice: Client) -> None:
    receiver.answers = [(400, {})]
    publish("import.finished", "acme", {})
    run_all()
    row = Delivery.objects.get()
    page = alice.post(f"/w/acme/settings/webhooks/deliveries/{row.pk}/replay/", follow=True)
    assert "The event is sent once more." in page.content.decode()
    run_all()
    assert [h["webhook-id"] for h, _ in receiver.got] == [row.event, row.event]
    row.refresh_from_db()
    assert row.state == Delivery.State.DELIVERED


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://localhost/", "https://10.0.0.1/", "https://192.168.1.1/x", "https://169.254.169.254/",
        "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://0.0.0.0/", "https://127.1/",
        "https://2130706433/", "https://[fd00::1]/", "https://224.0.0.1/", "http://example.com/", "ftp://example.com/",
        "https://user:pass@example.com/", "https:///x", "https://example.com:0/", "https://exa mple.com/", "nonsense",
    ],
)  # fmt: skip
def test_addresses_that_nothing_is_sent_to(url: str) -> None:
    with pytest.raises(BadQuestion):
        sending.check_address(url)
    assert sending.send(url, b"{}", {}).code is None


def test_a_name_that_leads_into_the_own_network_is_refused_when_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolved(*args: Any, **more: Any) -> list[Any]:
        return [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.1.2.3", 443))]

    monkeypatch.setattr(sending.socket, "getaddrinfo", resolved)
    monkeypatch.setattr(sending.socket, "create_connection", lambda *a, **m: pytest.fail("it was connected to"))
    assert "private network" in sending.send("https://innocent.example/", b"{}", {}).told


def test_a_receiver_that_answers_byte_by_byte_is_cut_off(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def drip(self: _Handler) -> None:
        while not over.wait(0.1):
            self.wfile.write(b"H")
            self.wfile.flush()

    monkeypatch.setattr(_Handler, "do_POST", drip)
    monkeypatch.setattr(sending, "TIMEOUT_SECONDS", 0.6)
    started = timezone.now()
    outcome = sending.send(receiver.url, b"{}", {})
    over.set()
    assert outcome.code is None
    assert timezone.now() - started < timedelta(seconds=3)


def test_an_owner_makes_a_webhook_and_tries_it(alice: Client, members: Workspace, receiver: Receiver) -> None:
    assert "No webhook yet" in alice.get("/w/acme/settings/webhooks/").content.decode()
    page = alice.post("/w/acme/settings/webhooks/make/", {"url": receiver.url, "events": ["import.finished"]})
    row = Webhook.objects.get()
    assert row.secret in page.content.decode()
    assert row.secret not in alice.get(f"/w/acme/settings/webhooks/{row.pk}/").content.decode()
    alice.post(f"/w/acme/settings/webhooks/{row.pk}/try/")
    run_all()
    ((headers, body),) = receiver.got
    assert json.loads(body)["type"] == "webhook.test"
    assert verified(row.secret, headers, body)
    assert "Delivered" in alice.get(f"/w/acme/settings/webhooks/{row.pk}/").content.decode()
    assert [e.action for e in AuditEntry.objects.order_by("id")] == ["webhook_made", "webhook_replayed"]


def test_a_private_address_is_refused_on_the_page(alice: Client, members: Workspace) -> None:
    page = alice.post("/w/acme/settings/webhooks/make/", {"url": "https://10.0.0.1/", "events": ["import.finished"]})
    assert page.status_code == 422
    assert "public https address" in page.content.decode()


def test_a_webhook_is_changed_switched_and_removed(alice: Client, webhook: Webhook) -> None:
    base = f"/w/acme/settings/webhooks/{webhook.pk}/"
    alice.post(base + "change/", {"url": webhook.url, "events": ["figure.changed"]})
    alice.post(base + "switch/")
    webhook.refresh_from_db()
    assert (webhook.events, webhook.enabled, webhook.off_because) == (["figure.changed"], False, "by_hand")
    alice.post(base + "switch/", {"on": "1"})
    webhook.refresh_from_db()
    assert webhook.enabled
    assert "signs too until" in alice.post(base + "secret/").content.decode()
    alice.post(base + "remove/")
    assert not Webhook.objects.exists()


def test_others_do_not_reach_webhooks(
    webhook: Webhook, bob: Client, charlie: Client, as_role: Callable[[str], Client]
) -> None:
    for href in ("/w/acme/settings/webhooks/", f"/w/acme/settings/webhooks/{webhook.pk}/"):
        assert (bob.get(href).status_code, charlie.get(href).status_code) == (403, 404)
        assert as_role("editor").get(href).status_code == 403
    assert charlie.get(f"/w/elsewhere/settings/webhooks/{webhook.pk}/").status_code == 404


def test_the_list_asks_the_database_as_often_for_three_as_for_one(
    webhook: Webhook, alice: Client, alice_person: Person, django_assert_num_queries: Callable[..., Any]
) -> None:
    alice.get("/w/acme/settings/webhooks/")
    with django_assert_num_queries(6):
        alice.get("/w/acme/settings/webhooks/")
    for _ in range(2):
        actions.make_webhook(webhook.workspace, webhook.url, by=alice_person)
    with django_assert_num_queries(6):
        alice.get("/w/acme/settings/webhooks/")


def test_old_deliveries_are_deleted(webhook: Webhook, receiver: Receiver) -> None:
    publish("import.finished", "acme", {})
    run_all()
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert actions.delete_old() == 1


def test_a_figure_that_changed_is_told_once(
    webhook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monday = last_week("America/Sao_Paulo", timezone.now()).start
    rows = [
        {"id": f"{week}-{n}", "at": f"{monday - timedelta(days=7 * week)}T15:00:00Z", "metric": "csat", "scale_min": 1}
        | {"scale_max": 5, "polarity": "higher", "population": "customer", "score": 5 if n < share else 1}
        for week, share in ((0, 40), (1, 180))
        for n in range(200)
    ]
    with Store.open(":memory:") as store:
        store.append("answers", rows, workspace="acme")
        monkeypatch.setattr(owner, "_store", store)
        for _ in range(2):
            jobs.enqueue("watch_figures", workspace="acme")
            run_all()
    (told,) = [json.loads(body) for _, body in receiver.got]
    assert (told["type"], told["data"]["indicator"], told["data"]["verdict"], told["data"]["good"]) == (
        "figure.changed", "csat", "down", False,
    )  # fmt: skip
    assert (told["data"]["before"], told["data"]["value"], told["data"]["n"]) == (0.9, 0.2, 200)


def test_a_finished_import_is_heard_of(
    webhook: Webhook, receiver: Receiver, members: Workspace, alice_person: Person, tmp_path: Path, monkeypatch: Any
) -> None:
    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        file = tmp_path / "answers.csv"
        file.write_text("id,date,score\n1,2026-01-05,5\n2,2026-01-06,4\n")
        row = start_import(members, "answers", [file], config={"metric": "csat", "scale": "1-5"}, by=alice_person)
        run_all()
        due_now()
        run_all()

    headers, body = receiver.got[-1]
    told = json.loads(body)
    assert verified(webhook.secret, headers, body)
    assert told["type"] == "import.finished"
    assert (told["data"]["import"], told["data"]["new"]) == (row.pk, 2)
