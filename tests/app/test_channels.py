"""Channels: gateways, what comes back (reports, complaints, callbacks), and their pages."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.test import Client
from django.utils import timezone

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.base import jobs
from percorso.base.limits import Window
from percorso.base.models import Job
from percorso.base.worker import run_all
from percorso.errors import BadQuestion
from percorso.outreach import limits, messages, signing
from percorso.outreach.channel import CHANNELS, ChannelSettings
from percorso.outreach.channel_accounts import change_channel
from percorso.outreach.gateway import GatewaySettings
from percorso.outreach.marks import mark_of
from percorso.outreach.messages import queue_message
from percorso.outreach.models import ChannelAccount, Message, Suppression
from percorso.outreach.returns import Return, returns_in
from percorso.outreach.signals import message_ended
from tests.app import returned_mails
from tests.app.test_webhooks import Receiver, receiver, verified
from tests.imap import ACCOUNT, Mailbox, mailbox

__all__ = ["receiver"]
State = Message.State
PHONE = "+5511961234567"


@pytest.mark.parametrize("key", list(CHANNELS))
def test_every_channel_says_what_it_is(key: str) -> None:
    channel = CHANNELS[key]
    assert channel.key == key
    assert channel.label
    assert channel.about.endswith(".")
    assert issubclass(channel.Config, ChannelSettings)
    fields = channel.Config.model_fields
    assert all(spec.title for name, spec in fields.items() if name != "secret")
    assert {name for names in channel.bound.values() for name in names} | set(channel.bound) <= set(fields)
    assert channel.compared("nobody") == ""
    for address in ("ana@example.com", PHONE):
        known = channel.compared(address)
        assert channel.compared(known) == known


def test_addresses_of_a_customer() -> None:
    email, sms, whatsapp = CHANNELS["email"], CHANNELS["sms"], CHANNELS["whatsapp"]
    customer = {
        "id": "c1",
        "name": "Ana",
        "traits": json.dumps({"email": "Ana@Example.com ", "phone": "+55 11 96123-4567"}),
    }
    assert (email.address_of(customer), sms.address_of(customer)) == ("ana@example.com", PHONE)
    assert whatsapp.address_of(customer | {"traits": {"whatsapp": "+39 347 123 4567"}}) == "+393471234567"
    assert email.address_of({"id": "bia@example.com", "traits": None}) == "bia@example.com"
    assert (email.address_of({"id": "c1"}), sms.address_of({"id": "c1", "traits": {"phone": "none"}})) == ("", "")


@pytest.mark.parametrize(
    ("typed", "country", "expected"),
    [
        ("(11) 96123-4567", "BR", PHONE),
        ("347 123 4567", "IT", "+393471234567"),
        ("+55 (11) 96123-4567", "IT", PHONE),
        ("0055 11 96123-4567", "IT", PHONE),
        ("123", "BR", ""),
        ("+999 12345678", "BR", ""),
    ],
)
def test_phone_numbers_are_kept_as_the_world_writes_them(typed: str, country: str, expected: str) -> None:
    assert CHANNELS["sms"].compared(typed, GatewaySettings(country=country)) == expected


# Gateways.


@pytest.fixture
def sms(members: Workspace, alice_person: Person, receiver: Receiver) -> ChannelAccount:
    values = {"url": receiver.url, "country": "BR", "sender": "Acme"}
    return change_channel(members, "sms", values, by=alice_person)


def queue(workspace: Workspace, address: str = "(11) 96123-4567", **more: Any) -> Message:
    return queue_message(workspace, **({"channel": "sms", "purpose": "survey", "text": "Olá!"} | more), address=address)


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def due_now() -> None:
    Message.objects.filter(state=State.WAITING).update(send_at=timezone.now())
    messages.wake_due()
    Job.objects.filter(state=Job.State.WAITING).update(run_at=timezone.now())


def test_a_gateway_gets_a_signed_request(members: Workspace, sms: ChannelAccount, receiver: Receiver) -> None:
    made = queue(members, subject="not for phones", html="<p>", language="pt-BR")
    run_all()
    ((headers, body),) = receiver.got
    assert json.loads(body) == {
        "id": mark_of(made.pk), "channel": "sms", "to": PHONE, "text": "Olá!", "from": "Acme", "language": "pt-BR",
        "purpose": "survey",
    }  # fmt: skip
    assert headers["webhook-id"] == mark_of(made.pk)
    assert verified(sms.settings["secret"], headers, body)
    assert (fresh(made).state, fresh(made).remote_id) == (State.SENT, mark_of(made.pk))


def test_a_gateway_s_own_id_is_kept(members: Workspace, sms: ChannelAccount, receiver: Receiver) -> None:
    receiver.answers, receiver.bodies = [(200, {})], [b'{"id": "SM123"}']
    made = queue(members)
    run_all()
    assert fresh(made).remote_id == "SM123"


def test_a_gateway_that_is_overloaded_is_asked_later(
    members: Workspace, sms: ChannelAccount, receiver: Receiver
) -> None:
    receiver.answers = [(429, {"Retry-After": "7200"})]
    made, next_one = queue(members), queue(members, "(11) 96123-0000")
    run_all()
    assert len(receiver.got) == 1
    assert timedelta(minutes=119) < fresh(made).send_at - timezone.now() < timedelta(minutes=121)
    assert (fresh(next_one).state, fresh(next_one).attempts) == (State.WAITING, 0)
    due_now()
    run_all()
    assert {fresh(made).state, fresh(next_one).state} == {State.SENT}
    assert [headers["webhook-id"] for headers, _ in receiver.got].count(mark_of(made.pk)) == 2


@pytest.mark.parametrize(("unreachable", "suppressed"), [(True, True), (False, False), ("yes", False)])
def test_a_gateway_says_that_a_number_takes_nothing(
    unreachable: object, suppressed: bool, members: Workspace, sms: ChannelAccount, receiver: Receiver
) -> None:
    receiver.answers, receiver.bodies = (
        [(422, {})],
        [json.dumps({"error": "no such number", "unreachable": unreachable}).encode()],
    )
    made = queue(members)
    run_all()
    assert (fresh(made).state, fresh(made).told) == (State.FAILED, "422 no such number")
    assert Suppression.objects.filter(address=PHONE, channel="sms").exists() is suppressed


@pytest.mark.parametrize("status", [401, 404, 302, 500])
def test_a_gateway_that_does_not_let_us_in_suppresses_nobody(
    status: int, members: Workspace, sms: ChannelAccount, receiver: Receiver
) -> None:
    receiver.answers = [(status, {"Location": "http://127.0.0.1:1/"})]
    made = queue(members)
    run_all()
    assert (fresh(made).state, len(receiver.got), Suppression.objects.count()) == (State.WAITING, 1, 0)


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://127.0.0.1/", "https://10.0.0.1/", "ftp://x.com", "", "https://u:p@x.com/"]
)
def test_gateways_are_public_https_addresses(url: str, members: Workspace, alice_person: Person) -> None:
    with pytest.raises(BadQuestion, match="Nothing can be sent"):
        change_channel(members, "sms", {"url": url}, by=alice_person)


def test_a_mail_server_in_the_own_network_is_not_talked_to(members: Workspace, alice_person: Person) -> None:
    values = {"host": "127.0.0.1", "port": 25, "security": "none", "sender": "a@acme.test"}
    change_channel(
        members, "email", values | {"imap_host": "localhost", "imap_user": "a", "imap_password": "b"}, by=alice_person
    )
    made = queue(members, "ana@example.com", channel="email")
    run_all()
    assert (fresh(made).state, fresh(made).attempts) == (State.WAITING, 1)
    assert "this machine" in fresh(made).told or "private network" in fresh(made).told
    jobs.enqueue("mailboxes")
    run_all()
    reading = Job.objects.get(name="read_mailbox")
    assert reading.state == Job.State.FAILED
    assert "Refused" in reading.problem


def test_a_text_that_is_too_long_is_refused(members: Workspace, sms: ChannelAccount) -> None:
    with pytest.raises(BadQuestion, match="1530"):
        queue(members, text="x" * 1531)


def test_whatsapp_names_the_template(members: Workspace, alice_person: Person, receiver: Receiver) -> None:
    change_channel(members, "whatsapp", {"url": receiver.url, "template": "survey_1"}, by=alice_person)
    queue(members, channel="whatsapp", name="Ana")
    run_all()
    told = json.loads(receiver.got[0][1])
    assert (told["channel"], told["template"], told["name"]) == ("whatsapp", "survey_1", "Ana")


# Callbacks.


def tell(account: ChannelAccount, event: Any, *, secret: str = "", at: int | None = None, **headers: str) -> int:
    """Post an event as a gateway does; return the status."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    now = int(timezone.now().timestamp()) if at is None else at
    signed = signing.headers([secret or account.settings["secret"]], "evt_1", now, body) | headers
    given = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in signed.items()}
    path = f"/returns/acme/{account.channel}/"
    stranger = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    return stranger.post(path, body, content_type="application/json", **given).status_code  # type: ignore[arg-type]


def test_a_gateway_tells_that_a_message_has_failed(members: Workspace, sms: ChannelAccount) -> None:
    heard: list[str] = []

    def hear(message: Message, **more: Any) -> None:
        heard.append(message.state)

    made = queue(members)
    run_all()
    message_ended.connect(hear)
    event = {
        "type": "message.failed",
        "data": {"id": mark_of(made.pk), "reason": "unknown subscriber", "unreachable": True},
    }
    assert [tell(sms, event) for _ in range(3)] == [204, 204, 204]
    message_ended.disconnect(hear)
    assert (fresh(made).state, fresh(made).told, heard) == (State.BOUNCED, "unknown subscriber", ["bounced"])
    assert Suppression.objects.get().address == PHONE
    again = queue(members)
    run_all()
    assert fresh(again).state == State.REFUSED


def test_a_gateway_tells_that_a_message_has_arrived(members: Workspace, sms: ChannelAccount) -> None:
    made = queue(members)
    run_all()
    assert tell(sms, {"type": "message.delivered", "data": {"id": mark_of(made.pk)}}) == 204
    assert (fresh(made).state, fresh(made).told) == (State.SENT, "The other side says that it has arrived.")


def test_a_provider_tells_of_a_complaint(members: Workspace, alice_person: Person) -> None:
    account = change_channel(members, "email", {}, by=alice_person)
    made = queue(members, "ana@example.com", channel="email")
    run_all()
    assert (
        tell(account, {"type": "message.complained", "data": {"id": mark_of(made.pk)}, "timestamp": "2026-01-01"})
        == 204
    )
    assert fresh(made).state == State.COMPLAINED
    assert Suppression.objects.get().because == "complained"


def test_what_is_not_signed_by_our_secret_is_not_believed(members: Workspace, sms: ChannelAccount) -> None:
    made = queue(members)
    run_all()
    now = int(timezone.now().timestamp())
    event = {"type": "message.failed", "data": {"id": mark_of(made.pk), "unreachable": True}}
    assert tell(sms, event, secret=signing.new_secret()) == 403
    assert tell(sms, event, at=now - 400) == 403
    assert tell(sms, event, at=now + 400) == 403
    assert tell(sms, event, **{"webhook-signature": "v1,é"}) == 403
    assert tell(sms, event, **{"webhook-timestamp": "soon"}) == 403
    assert tell(sms, event, **{"webhook-timestamp": "٣"}) == 403
    assert tell(sms, b"x" * 70_000) == 403
    stranger = Client(SERVER_NAME="localhost")
    for path in ("/returns/acme/email/", "/returns/nowhere/sms/", "/returns/acme/pigeon/"):
        assert stranger.post(path, b"{}", content_type="application/json").status_code == 403
    assert (fresh(made).state, Suppression.objects.count()) == (State.SENT, 0)


def test_who_guesses_at_the_secret_waits_and_holds_up_no_gateway(
    members: Workspace, sms: ChannelAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNSIGNED", Window(3))
    event = {"type": "message.delivered", "data": {"id": "1"}}
    wrong = [tell(sms, event, secret=signing.new_secret()) for _ in range(5)]
    assert wrong == [403, 403, 403, 429, 429]
    assert [tell(sms, event) for _ in range(5)] == [204] * 5, "what is signed is always heard"
    monkeypatch.setattr(limits, "TELLING", Window(1))
    assert [tell(sms, event) for _ in range(2)] == [204, 429]


@pytest.mark.parametrize(
    "event",
    [b"{", b"[]", b"null", b"[" * 50_000, b"\xff", {"type": "message.failed"}, {"type": "message.failed", "data": {"id": 7}}, {"type": 1, "data": {"id": "x"}}],
)  # fmt: skip
def test_what_is_no_event_is_refused(event: Any, members: Workspace, sms: ChannelAccount) -> None:
    assert tell(sms, event) == 400


def test_a_workspace_cannot_tell_of_another_s_messages(
    members: Workspace, sms: ChannelAccount, charlie_person: Person, receiver: Receiver
) -> None:
    elsewhere = Workspace.objects.get(slug="elsewhere")
    change_channel(elsewhere, "sms", {"url": receiver.url}, by=charlie_person)
    theirs = queue(elsewhere)
    run_all()
    for number in (mark_of(theirs.pk), "msg_1_000000000000000000000000", "x"):
        assert tell(sms, {"type": "message.failed", "data": {"id": number, "unreachable": True}}) == 204
    assert tell(sms, {"type": "message.opened", "data": {"id": mark_of(theirs.pk)}}) == 204
    assert (fresh(theirs).state, Suppression.objects.count()) == (State.SENT, 0)


# Reports of mail servers.

ID = mark_of(7)
BOUNCES = {
    "postfix_no_user": Return("bounced", (), "gone@example.com", "5.1.1", "550 5.1.1 <gone@example.com>: Recipient address rejected: User unknown", True),
    "postfix_expired": Return("bounced", (), "ana@example.com", "4.4.1", "connect to mx.example.com[192.0.2.7]:25: Connection timed out", False),
    "postfix_delayed": Return("delayed", (), "ana@example.com", "4.4.1", "connect to mx.example.com[192.0.2.7]:25: Connection timed out", False),
    "exim": Return("bounced", (), "gone@example.com", "5.1.1", "550 5.1.1 no such mailbox", True),
    "exim_blocked": Return("bounced", (), "ana@example.com", "5.7.1", "550 5.7.1 message content rejected", False),
    "old_exim": Return("bounced", (), "gone@example.com", "550", "", True),
    "exchange": Return("bounced", (), "gone@example.com", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient gone@example.com not found by SMTP address lookup", True),
    "exchange_full": Return("bounced", (), "ana@example.com", "5.2.2", "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException", False),
    "headers_only": Return("bounced", (), "gone@example.com", "5.1.1", "550 5.1.1 unknown", True),
    "global": Return("bounced", (), "gone@example.com", "5.1.1", "550 5.1.1 unknown", True),
    "complaint": Return("complained", (), "ana@example.com", "", "abuse", False),
}  # fmt: skip


@pytest.mark.parametrize("name", list(BOUNCES))
def test_reports_are_read_as_servers_write_them(name: str) -> None:
    (found,) = returns_in(returned_mails.made(name, ID))
    expected = BOUNCES[name]
    told = "" if name == "old_exim" else found.told
    assert Return(found.kind, (), found.address, found.status, told, found.hard) == expected
    assert any(ID in text for text in found.ids)


@pytest.mark.parametrize("name", ["answer", "absence", "not_spam", "delivery_receipt", "broken"])
def test_other_mails_say_nothing(name: str) -> None:
    assert [
        found for found in returns_in(returned_mails.made(name, ID)) if found.kind in ("bounced", "complained")
    ] == []


@pytest.mark.parametrize("name", [*BOUNCES, "answer", "broken"])
def test_a_report_that_breaks_off_is_no_error(name: str) -> None:
    whole = returned_mails.made(name, ID)
    for length in range(0, len(whole), 37):
        returns_in(whole[:length])
        returns_in(whole[:length] + b"\xff\x00\r\n" + whole[length + 5 :])


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    monkeypatch.setenv("PERCORSO_PRIVATE_WEBHOOKS", "true")
    with mailbox() as found:
        yield found


@pytest.fixture
def watched(members: Workspace, alice_person: Person, box: Mailbox) -> ChannelAccount:
    """E-mail by the installation, with a mailbox for bounces."""
    values = {"imap_host": "127.0.0.1", "imap_port": box.port, "imap_security": "none"}
    return change_channel(
        members, "email", values | {"imap_user": ACCOUNT[0], "imap_password": ACCOUNT[1]}, by=alice_person
    )


def sent(workspace: Workspace, address: str) -> Message:
    made = queue(workspace, address, channel="email")
    run_all()
    return made


def look() -> None:
    jobs.enqueue("mailboxes")
    run_all()


def test_mails_that_come_back_are_read_from_the_mailbox(
    members: Workspace, watched: ChannelAccount, box: Mailbox
) -> None:
    gone, slow, angry, fine = (sent(members, f"{name}@example.com") for name in ("gone", "slow", "angry", "fine"))
    box.mails = [
        returned_mails.made("answer", mark_of(fine.pk)),
        returned_mails.made("postfix_no_user", mark_of(gone.pk)),
        returned_mails.made("postfix_delayed", mark_of(slow.pk)),
        returned_mails.made("complaint", mark_of(angry.pk)),
        returned_mails.made("postfix_no_user", "msg_1_ffffffffffffffffffffffff"),
    ]
    look()
    look()
    states = [fresh(message).state for message in (gone, slow, angry, fine)]
    assert states == [State.BOUNCED, State.SENT, State.COMPLAINED, State.SENT]
    assert fresh(gone).told.startswith("5.1.1 550 5.1.1")
    because = dict(Suppression.objects.values_list("address", "because"))
    assert because == {"gone@example.com": "bounced", "angry@example.com": "complained"}
    # What people wrote stays unread; what is not about a message of ours too.
    assert box.seen == {2, 3, 4}
    assert not any("BODY[]" in command for command in box.commands if "PEEK" not in command)


def test_three_soft_bounces_in_a_row_end_writing(members: Workspace, watched: ChannelAccount, box: Mailbox) -> None:
    for count in range(3):
        assert Suppression.objects.count() == 0, count
        made = sent(members, "ana@example.com")
        box.mails.append(returned_mails.made("exchange_full", mark_of(made.pk)))
        look()
    assert Suppression.objects.get().because == "bounced"


def test_a_wrong_password_of_the_mailbox_is_told(
    members: Workspace, watched: ChannelAccount, box: Mailbox, alice: Client, alice_person: Person
) -> None:
    change_channel(members, "email", watched.settings | {"imap_password": "wr0ng-pw"}, by=alice_person)
    look()
    page = alice.get("/w/acme/settings/channels/email/").content.decode()
    assert "AUTHENTICATIONFAILED" in page
    assert "wr0ng-pw" not in page


# Pages.

EMAIL = {"sender": "", "sender_name": "", "reply_to": "", "host": "", "port": "587", "security": "starttls", "user": "", "password": "", "imap_host": "", "imap_port": "993", "imap_security": "tls", "imap_user": "", "imap_password": "", "imap_folder": "INBOX", "a_minute": "120"}  # fmt: skip
SERVER = EMAIL | {"sender": "survey@acme.test", "host": "smtp.acme.test", "user": "acme", "password": "s3cret-pw"}
PAGE = "/w/acme/settings/channels/email/"


def saved() -> dict[str, Any]:
    return dict(ChannelAccount.objects.get(channel="email").settings)


def test_a_password_is_kept_and_never_shown_again(alice: Client) -> None:
    shown = alice.post(PAGE + "save/", SERVER, follow=True).content.decode()
    assert "The channel is saved." in shown
    assert "smtp.acme.test" in shown
    assert "s3cret-pw" not in shown
    assert "One is kept." in shown
    alice.post(PAGE + "save/", SERVER | {"password": "", "sender_name": "Acme"})
    assert (saved()["password"], saved()["sender_name"]) == ("s3cret-pw", "Acme")
    assert "s3cret-pw" not in json.dumps(list(AuditEntry.objects.values_list("details", flat=True)))


@pytest.mark.parametrize(
    "change", [{"host": "evil.example.com"}, {"port": "2525"}, {"security": "none"}, {"user": "other"}]
)
def test_a_kept_password_does_not_go_to_another_server(change: dict[str, str], alice: Client) -> None:
    alice.post(PAGE + "save/", SERVER)
    answer = alice.post(PAGE + "save/", SERVER | {"password": ""} | change)
    assert answer.status_code == 422
    assert "type it again" in answer.content.decode()
    assert saved()["host"] == "smtp.acme.test"
    alice.post(PAGE + "save/", SERVER | {"password": "", "user": ""})
    assert (saved()["host"], saved()["password"]) == ("smtp.acme.test", "")
    alice.post(PAGE + "save/", EMAIL)
    assert (saved()["host"], saved()["password"]) == ("", "")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"sender": ""}, "Give the sender"),
        ({"sender": "acme"}, "no e-mail address"),
        ({"port": "0"}, "greater than or equal to 1"),
        ({"imap_host": "imap.acme.test"}, "user name and password of the mailbox"),
        ({"security": "telnet"}, "not one of the available choices"),
    ],
)
def test_settings_that_do_not_fit_are_told(change: dict[str, str], told: str, alice: Client) -> None:
    answer = alice.post(PAGE + "save/", SERVER | change)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not ChannelAccount.objects.exists()


def test_a_test_arrives_at_whoever_asks(alice: Client) -> None:
    assert 'value="alice@acme.test"' in alice.get(PAGE).content.decode()
    alice.post(PAGE + "try/", {"address": "alice@acme.test"})
    run_all()
    (arrived,) = django_mail.outbox
    assert arrived.to == ["alice@acme.test"]
    shown = alice.get(PAGE).content.decode()
    assert "Sent" in shown
    assert "alice@acme.test" in shown
    assert alice.post(PAGE + "try/", {"address": "nobody"}).status_code == 422
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions.count("channel_tested") == 1


def test_a_gateway_s_secret_is_shown_once(alice: Client, members: Workspace) -> None:
    sms = "/w/acme/settings/channels/sms/"
    assert "Not set up" in alice.get("/w/acme/settings/channels/").content.decode()
    shown = alice.post(
        sms + "save/", {"url": "https://gateway.example.com/", "country": "br", "a_minute": "60"}
    ).content.decode()
    secret = ChannelAccount.objects.get(channel="sms").settings["secret"]
    assert secret in shown
    assert "/returns/acme/sms/" in shown
    assert secret not in alice.get(sms).content.decode()
    shown = alice.post(sms + "secret/").content.decode()
    new = ChannelAccount.objects.get(channel="sms").settings["secret"]
    assert new != secret
    assert new in shown
    alice.post(sms + "switch/")
    assert "Switched off" in alice.get("/w/acme/settings/channels/").content.decode()


def test_the_page_tells_what_went_wrong(
    alice: Client, members: Workspace, sms: ChannelAccount, receiver: Receiver
) -> None:
    receiver.answers = [(500, {})]
    queue(members)
    run_all()
    shown = alice.get("/w/acme/settings/channels/sms/").content.decode()
    assert PHONE in shown
    assert "again at" in shown
    assert "500" in shown
    assert "1 message waits." in shown
    assert alice.get("/w/acme/settings/channels/pigeon/").status_code == 404


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_asks_the_same_however_many_messages(
    n: int, alice: Client, members: Workspace, django_assert_num_queries: Any
) -> None:
    for number in range(n):
        queue(members, f"c{number}@example.com", channel="email")
    with django_assert_num_queries(7):
        alice.get("/w/acme/settings/channels/")
