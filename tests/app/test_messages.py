"""Messages: sent once, by priority and at a rate, tried again, given up; over a real SMTP conversation."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail as django_mail
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from percorso.accounts.models import Notice, Person, Workspace
from percorso.base.models import Job
from percorso.base.worker import run_all
from percorso.errors import BadQuestion, Unknown
from percorso.outreach import endings, messages
from percorso.outreach.channel import CHANNELS, Channel, Letter
from percorso.outreach.channel_accounts import change_channel, switch_channel
from percorso.outreach.channels.email import Email, EmailSettings
from percorso.outreach.marks import mark_of, marks_in
from percorso.outreach.messages import DELAYS, lease, queue_message
from percorso.outreach.models import ChannelAccount, Message, Suppression
from percorso.outreach.signals import message_ended, message_leaving
from percorso.outreach.unsubscribe import recipient_of
from tests.smtp import Post, post_office

State = Message.State
LONG = "https://percorso.example.com/u/" + "aB3-_" * 60 + "/"


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    monkeypatch.setenv("PERCORSO_PRIVATE_WEBHOOKS", "true")
    with post_office() as post:
        yield post


@pytest.fixture
def own(members: Workspace, alice_person: Person, office: Post) -> ChannelAccount:
    """The workspace sends by a mail server of its own."""
    return settle(members, alice_person, office)


def settle(workspace: Workspace, by: Person, office: Post, **more: Any) -> ChannelAccount:
    values = {"host": "127.0.0.1", "port": office.port, "security": "none", "sender": "survey@acme.test"}
    return change_channel(workspace, "email", values | {"sender_name": "Acme", "a_minute": 1000} | more, by=by)


def queue(workspace: Workspace, address: str = "ana@example.com", **more: Any) -> Message:
    values = {"channel": "email", "purpose": "survey", "subject": "How was it?", "text": "Olá, tell us."}
    return queue_message(workspace, address=address, **values | more)


def due_now() -> None:
    """Let what waits for its next attempt be due."""
    Message.objects.filter(state=State.WAITING).update(send_at=timezone.now())
    Job.objects.filter(state=Job.State.WAITING).update(run_at=timezone.now())
    messages.wake_due()


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def test_a_mail_arrives_with_its_headers_text_and_html(members: Workspace, own: ChannelAccount, office: Post) -> None:
    headers = {"List-Unsubscribe": f"<{LONG}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    html = "<p>Olá, <b>tell us</b>.</p>\n.\n"
    made = queue(
        members, name="Ana Conceição", html=html, language="pt-BR", headers=headers, subject="Como\r\nfoi? ✓" * 9
    )
    run_all()
    (arrived,) = office.to("ana@example.com")
    assert fresh(made).state == State.SENT
    assert arrived["From"] == "Acme <survey@acme.test>"
    assert arrived["To"].addresses[0].display_name == "Ana Conceição"
    assert arrived["Subject"] == " ".join(("Como\r\nfoi? ✓" * 9).split())
    assert arrived["Message-ID"] == f"<{mark_of(made.pk)}@acme.test>" == fresh(made).remote_id
    assert (arrived["Auto-Submitted"], arrived["Precedence"]) == ("auto-generated", "bulk")
    assert arrived["Content-Language"] == "pt-BR"
    assert abs(parsedate_to_datetime(arrived["Date"]) - timezone.now()) < timedelta(minutes=1)
    assert arrived.get_content_type() == "multipart/alternative"
    text, shown = arrived.iter_parts()
    assert (text.get_content_type(), text.get_content().strip()) == ("text/plain", "Olá, tell us.")
    assert (shown.get_content_type(), shown.get_content().split()) == ("text/html", html.split())
    raw = office.raw[0]
    # Folded or encoded, a mailbox provider would find no address in it.
    assert f"List-Unsubscribe: <{LONG}>\r\n".encode() in raw
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


def test_a_mail_without_html_is_plain_text(members: Workspace, own: ChannelAccount, office: Post) -> None:
    queue(members)
    run_all()
    (arrived,) = office.to("ana@example.com")
    assert arrived.get_content_type() == "text/plain"
    assert office.senders == ["survey@acme.test"]


def test_every_mail_says_how_to_unsubscribe_with_one_click(
    members: Workspace, own: ChannelAccount, office: Post
) -> None:
    queue(members, "Ana@Example.com", customer="c1")
    queue(members, "ana@example.com", purpose="test")
    run_all()
    tested, asked = sorted(office.to("ana@example.com"), key=lambda mail: "List-Unsubscribe" in mail)
    assert "List-Unsubscribe" not in tested
    assert asked["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = asked["List-Unsubscribe"].strip("<>")
    who = recipient_of(link.rstrip("/").rpartition("/")[2])
    assert who is not None
    assert (who.channel, who.address, who.purpose, who.customer) == ("email", "ana@example.com", "survey", "c1")
    answer = Client(SERVER_NAME="localhost").post(urlsplit(link).path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    again = queue(members)
    run_all()
    assert (fresh(again).state, fresh(again).told) == (State.REFUSED, "unsubscribed")


def test_without_a_server_of_its_own_a_workspace_sends_by_the_installation(members: Workspace) -> None:
    made = queue(members, html="<p>Hi</p>", headers={"List-Unsubscribe": f"<{LONG}>"})
    run_all()
    (sent,) = django_mail.outbox
    assert fresh(made).state == State.SENT
    assert sent.to == ["ana@example.com"]
    assert f"List-Unsubscribe: <{LONG}>".encode() in sent.message().as_bytes()


def test_the_installation_s_server_refuses_too(members: Workspace, office: Post, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", office.port, False
    office.refuses = {"gone@example.com": "550 5.1.1 no such user"}
    gone, fine = queue(members, "gone@example.com"), queue(members)
    run_all()
    assert (fresh(gone).state, fresh(fine).state) == (State.FAILED, State.SENT)
    assert Suppression.objects.get().address == "gone@example.com"
    assert office.conversations == 1


def test_many_mails_go_over_one_connection(members: Workspace, own: ChannelAccount, office: Post) -> None:
    for n in range(60):
        queue(members, f"c{n}@example.com")
    assert Job.objects.filter(name="send_messages").count() == 1
    run_all()
    assert len(office.mails) == 60
    assert office.conversations == 1


def test_a_server_asks_for_name_and_password(members: Workspace, alice_person: Person, office: Post) -> None:
    office.account = ("acme", "s3cret")
    settle(members, alice_person, office, user="acme", password="wrong")
    made = queue(members)
    run_all()
    assert (fresh(made).state, fresh(made).attempts) == (State.WAITING, 1)
    assert "535" in fresh(made).told
    assert not Suppression.objects.exists()
    settle(members, alice_person, office, user="acme", password="s3cret")
    due_now()
    run_all()
    assert (fresh(made).state, fresh(made).told) == (State.SENT, "")


def test_nobody_is_suppressed_because_we_forgot_to_sign_in(
    members: Workspace, own: ChannelAccount, office: Post
) -> None:
    office.account = ("acme", "s3cret")
    made = queue(members)
    run_all()
    assert (fresh(made).state, Suppression.objects.count()) == (State.WAITING, 0)


def test_encryption_is_checked(
    members: Workspace, alice_person: Person, office: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path)
    office.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    office.tls.load_cert_chain(certificate)
    settle(members, alice_person, office, host="localhost", security="starttls")
    made = queue(members)
    run_all()
    assert (fresh(made).state, office.mails) == (State.WAITING, [])
    assert "certificate verify failed" in fresh(made).told
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    due_now()
    run_all()
    assert (fresh(made).state, office.encrypted) == (State.SENT, 1)


def test_a_server_without_encryption_is_not_sent_to_in_the_clear(
    members: Workspace, alice_person: Person, office: Post
) -> None:
    settle(members, alice_person, office, security="starttls")
    made = queue(members)
    run_all()
    assert (fresh(made).state, office.mails) == (State.WAITING, [])
    assert "STARTTLS" in fresh(made).told


def self_signed(folder: Path) -> Path:
    """Make a certificate for localhost that nobody has signed."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = timezone.now()
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "localhost.pem").write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return folder / "localhost.pem"


@pytest.mark.parametrize(
    ("answer", "suppressed"),
    [
        ("550 5.1.1 no such user", True),
        ("550 no such user here", True),
        ("551 user has moved", True),
        ("552 5.2.2 mailbox full", False),
        ("550 5.7.1 blocked by a list", False),
        ("554 5.7.26 not authenticated", False),
    ],
)
def test_an_address_that_does_not_exist_is_never_written_to_again(
    answer: str, suppressed: bool, members: Workspace, own: ChannelAccount, office: Post
) -> None:
    office.refuses = {"ana@example.com": answer}
    made, other = queue(members), queue(members, "bia@example.com")
    run_all()
    assert (fresh(made).state, fresh(other).state) == (State.FAILED, State.SENT)
    assert fresh(made).told == answer
    assert Suppression.objects.filter(address="ana@example.com", because="bounced").exists() is suppressed
    office.refuses = {}
    again = queue(members, "ANA@Example.com")
    run_all()
    assert fresh(again).state == (State.REFUSED if suppressed else State.SENT)


def test_three_soft_refusals_in_a_row_end_writing(members: Workspace, own: ChannelAccount, office: Post) -> None:
    office.refuses = {"ana@example.com": ["552 5.2.2 full", "552 5.2.2 full", "", "552 5.2.2 full", "552 5.2.2 full"]}
    for _ in range(5):
        queue(members)
        run_all()
    assert not Suppression.objects.exists()
    office.refuses = {"ana@example.com": "552 5.2.2 full"}
    queue(members)
    run_all()
    assert Suppression.objects.get().because == "bounced"


def test_a_recipient_that_is_refused_for_now_is_tried_again_later_and_later(
    members: Workspace, own: ChannelAccount, office: Post
) -> None:
    office.refuses = {"ana@example.com": "451 4.7.1 greylisted, come back"}
    made = queue(members)
    run_all()
    row = fresh(made)
    assert (row.state, row.attempts, row.told) == (State.WAITING, 1, "451 4.7.1 greylisted, come back")
    assert timedelta(seconds=50) < row.send_at - timezone.now() < timedelta(seconds=80)
    run_all()
    assert fresh(made).attempts == 1
    due_now()
    run_all()
    assert timedelta(minutes=4) < fresh(made).send_at - timezone.now() < timedelta(minutes=7)
    for _ in range(20):
        due_now()
        run_all()
    assert (fresh(made).state, fresh(made).attempts) == (State.FAILED, len(DELAYS) + 1)


def test_a_line_that_breaks_off_is_tried_again_under_the_same_message_id(
    members: Workspace, own: ChannelAccount, office: Post
) -> None:
    office.taken = ["250 kept", "", "250 kept"]
    first, broken, last = (queue(members, f"c{n}@example.com") for n in range(3))
    run_all()
    assert [fresh(m).state for m in (first, broken, last)] == [State.SENT, State.WAITING, State.SENT]
    due_now()
    run_all()
    assert {mail["Message-ID"] for mail in office.to("c1@example.com")} == {f"<{mark_of(broken.pk)}@acme.test>"}


def test_while_the_server_is_down_one_message_tries_for_all(
    members: Workspace, alice_person: Person, office: Post
) -> None:
    settle(members, alice_person, office, port=1)
    made = [queue(members, f"c{n}@example.com") for n in range(5)]
    run_all()
    assert sorted(fresh(m).attempts for m in made) == [0, 0, 0, 0, 1]
    assert all(fresh(m).leased_until is None for m in made)
    settle(members, alice_person, office)
    due_now()
    run_all()
    assert {fresh(m).state for m in made} == {State.SENT}


def test_owners_are_told_once_a_day_when_nothing_goes_out(
    members: Workspace, alice_person: Person, office: Post, alice: Client
) -> None:
    settle(members, alice_person, office, port=1)
    queue(members)
    run_all()
    assert not Notice.objects.exists()  # a server that restarts is no news
    Message.objects.update(created_at=timezone.now() - timedelta(hours=2))
    for _ in range(3):
        due_now()
        run_all()
    assert Notice.objects.get().person == alice_person
    shown = alice.get("/w/acme/notices/").content.decode()
    assert "Nothing goes out by the channel email" in shown
    assert "Connection refused" in shown


def test_the_more_important_go_first_and_nothing_before_its_time(
    members: Workspace, own: ChannelAccount, office: Post
) -> None:
    queue(members, "low@example.com", priority=1)
    queue(members, "high@example.com", priority=8)
    later = queue(members, "later@example.com", send_at=timezone.now() + timedelta(hours=2))
    run_all()
    assert [address for address, _ in office.mails] == ["high@example.com", "low@example.com"]
    assert fresh(later).state == State.WAITING
    Message.objects.filter(pk=later.pk).update(send_at=timezone.now())
    assert messages.wake_due() == 1
    run_all()
    assert fresh(later).state == State.SENT


def test_no_more_go_out_in_a_minute_than_the_channel_allows(
    members: Workspace, alice_person: Person, office: Post
) -> None:
    settle(members, alice_person, office, a_minute=3)
    for n in range(5):
        queue(members, f"c{n}@example.com")
    run_all()
    assert len(office.mails) == 3
    next_look = Job.objects.get(name="send_messages", state=Job.State.WAITING)
    assert timedelta(seconds=40) < next_look.run_at - timezone.now() < timedelta(seconds=75)
    Message.objects.filter(state=State.SENT).update(sent_at=timezone.now() - timedelta(seconds=61))
    due_now()
    run_all()
    assert len(office.mails) == 5


def test_a_channel_that_is_switched_off_keeps_messages_waiting(
    members: Workspace, own: ChannelAccount, alice_person: Person, office: Post
) -> None:
    made = queue(members)
    switch_channel(members, "email", False, by=alice_person)
    run_all()
    assert (fresh(made).state, office.mails) == (State.WAITING, [])
    with pytest.raises(BadQuestion, match="not set up"):
        queue(members)
    switch_channel(members, "email", True, by=alice_person)
    due_now()
    run_all()
    assert fresh(made).state == State.SENT


def test_what_is_rolled_back_is_not_sent(members: Workspace, own: ChannelAccount, office: Post) -> None:
    def change_that_fails() -> None:
        with transaction.atomic():
            queue(members)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_that_fails()
    run_all()
    assert (office.mails, Message.objects.count()) == ([], 0)


@pytest.mark.parametrize("address", ["", "ana", "ana@", "@example.com", "a@b@c.com", "ana@exam ple.com", "açã@x.com"])
def test_what_is_no_address_is_refused(address: str, members: Workspace) -> None:
    with pytest.raises(BadQuestion, match="no address"):
        queue(members, address)


def test_there_is_no_such_channel(members: Workspace) -> None:
    with pytest.raises(Unknown):
        queue(members, channel="pigeon")


@pytest.mark.parametrize(
    ("channel", "purpose", "refused"),
    [("", "", True), ("email", "", True), ("email", "survey", True), ("sms", "", False), ("email", "campaign", False)],
)
def test_suppression_is_by_channel_and_purpose(
    channel: str, purpose: str, refused: bool, members: Workspace, own: ChannelAccount, office: Post
) -> None:
    Suppression.objects.create(
        workspace=members, channel=channel, purpose=purpose, address="ana@example.com", because="unsubscribed"
    )
    made = queue(members, exempt=True)
    run_all()
    assert fresh(made).state == (State.REFUSED if refused else State.SENT)
    assert bool(office.mails) is not refused
    assert ("unsubscribed" in fresh(made).told) is refused


def test_another_workspace_s_suppression_is_its_own(members: Workspace, own: ChannelAccount, office: Post) -> None:
    elsewhere = Workspace.objects.get(slug="elsewhere")
    Suppression.objects.create(workspace=elsewhere, address="ana@example.com", because="by_hand")
    queue(members)
    run_all()
    assert len(office.mails) == 1


# Two workers, and workers that die.


def test_two_workers_take_different_messages(members: Workspace) -> None:
    for n in range(40):
        queue(members, f"c{n}@example.com")
    config = EmailSettings(a_minute=1000)
    first, second = lease(members, "email", config), lease(members, "email", config)
    assert (len(first), len(second)) == (25, 15)
    assert {m.pk for m in first} & {m.pk for m in second} == set()
    assert lease(members, "email", config) == []


@pytest.mark.django_db(transaction=True)
def test_four_threads_send_each_message_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERCORSO_PRIVATE_WEBHOOKS", "true")
    workspace = Workspace.objects.create(slug="busy", name="Busy", time_zone="UTC")
    with post_office() as office:
        settle(workspace, "the test", office)  # type: ignore[arg-type]
        for n in range(120):
            queue(workspace, f"c{n}@example.com")

        def work() -> None:
            messages.send_due(workspace, lambda: None)
            connections.close_all()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(address for address, _ in office.mails) == sorted(f"c{n}@example.com" for n in range(120))
    assert set(Message.objects.values_list("state", flat=True)) == {State.SENT}


class Killed(BaseException):
    """What ends a process in the middle."""


def kill_after_sending(monkeypatch: pytest.MonkeyPatch, channel: type[Channel]) -> list[str]:
    """Have the process end after each message that went out; return the ids of those that did."""
    gone: list[str] = []

    @contextmanager
    def sending(self: Channel, config: Any) -> Iterator[Any]:
        def send(letter: Letter) -> str:
            gone.append(letter.id)
            raise Killed

        yield send

    monkeypatch.setattr(channel, "sending", sending)
    return gone


def die(workspace: Workspace) -> None:
    with pytest.raises(Killed):
        messages.send_due(workspace, lambda: None)


def after_the_lease() -> None:
    Message.objects.exclude(leased_until=None).update(leased_until=timezone.now() - timedelta(seconds=1))


def test_a_mail_whose_sender_died_is_sent_once_more_and_not_a_third_time(
    members: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = queue(members)
    gone = kill_after_sending(monkeypatch, Email)
    die(members)
    assert messages.send_due(members, lambda: None) == 0  # somebody may still be sending it
    after_the_lease()
    die(members)
    after_the_lease()
    assert messages.send_due(members, lambda: None) == 0
    assert gone == [mark_of(made.pk)] * 2
    assert (fresh(made).state, fresh(made).told) == (State.FAILED, messages.LOST)


def test_a_gateway_knows_a_message_so_that_it_is_sent_until_it_is_noted(
    members: Workspace, alice_person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_channel(members, "sms", {"url": "https://gateway.example.com/"}, by=alice_person)
    made = queue(members, "+5511961234567", channel="sms")
    gone = kill_after_sending(monkeypatch, type(CHANNELS["sms"]))
    for _ in range(4):
        die(members)
        after_the_lease()
    assert gone == [mark_of(made.pk)] * 4
    assert fresh(made).state == State.WAITING


def test_who_lost_its_lease_writes_nothing_down(members: Workspace) -> None:
    queue(members)
    (mine,) = lease(members, "email", EmailSettings())
    after_the_lease()
    (theirs,) = lease(members, "email", EmailSettings())
    assert not messages.endings.end(mine, State.SENT)
    assert messages.endings.end(theirs, State.SENT)


# Who is told.


@pytest.fixture
def told() -> Iterator[list[tuple[str, str]]]:
    """What subscribers were told: the reference and the state."""
    heard: list[tuple[str, str]] = []

    def hear(message: Message, **more: Any) -> None:
        heard.append((message.reference, str(message.state)))

    message_ended.connect(hear)
    yield heard
    message_ended.disconnect(hear)


def test_subscribers_are_told_how_it_ended(
    members: Workspace, own: ChannelAccount, office: Post, told: list[tuple[str, str]]
) -> None:
    office.refuses = {"gone@example.com": "550 5.1.1 no", "busy@example.com": "450 4.2.1 busy"}
    for name in ("fine", "gone", "busy"):
        queue(members, f"{name}@example.com", reference=name)
    run_all()
    queue(members, "gone@example.com", reference="again")
    run_all()
    assert told == [("fine", "sent"), ("gone", "failed"), ("again", "refused")]


def test_a_subscriber_that_fails_does_not_have_the_message_sent_again(
    members: Workspace, own: ChannelAccount, office: Post
) -> None:
    def fail(message: Message, **more: Any) -> None:
        Message.objects.filter(pk=message.pk).update(reference="half done")
        raise RuntimeError("no")

    message_ended.connect(fail)
    try:
        made = queue(members, reference="survey:nps")
        run_all()
        due_now()
        run_all()
    finally:
        message_ended.disconnect(fail)
    assert (fresh(made).state, fresh(made).reference, len(office.mails)) == (State.SENT, "survey:nps", 1)


def test_whoever_queued_a_message_may_call_it_back(
    members: Workspace, own: ChannelAccount, office: Post, told: list[tuple[str, str]]
) -> None:
    def answered(message: Message, **more: Any) -> str:
        return "answered" if message.reference == "reminder" else ""

    def fail(message: Message, **more: Any) -> str:
        raise RuntimeError("no")

    message_leaving.connect(answered)
    message_leaving.connect(fail)
    try:
        reminder, other = queue(members, reference="reminder"), queue(members, "bia@example.com", reference="other")
        run_all()
    finally:
        message_leaving.disconnect(answered)
        message_leaving.disconnect(fail)
    assert (fresh(reminder).state, fresh(reminder).told) == (State.REFUSED, "answered")
    assert fresh(other).state == State.SENT
    assert [address for address, _ in office.mails] == ["bia@example.com"]


def test_ids_of_messages_cannot_be_made_up() -> None:
    assert marks_in(f"<{mark_of(7)}@acme.test> {mark_of(7)} {mark_of(12)}") == [7, 12]
    assert marks_in(mark_of(7).replace("_7_", "_8_")) == []
    assert marks_in("msg_7_" + "0" * 24) == []


def test_who_unsubscribes_while_mails_leave_gets_none(
    members: Workspace, own: ChannelAccount, office: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mails leave in portions; the list of those who get nothing is read again within seconds."""
    monkeypatch.setattr(endings, "BARS_HOLD_SECONDS", -1.0)
    first, second = queue(members, "one@example.com"), queue(members, "two@example.com")

    def hear(message: Message, **more: Any) -> None:
        Suppression.objects.get_or_create(workspace=members, address="two@example.com", because="unsubscribed")

    message_ended.connect(hear)
    run_all()
    message_ended.disconnect(hear)
    assert (fresh(first).state, fresh(second).state, fresh(second).told) == (State.SENT, State.REFUSED, "unsubscribed")


def test_an_address_that_is_refused_is_not_tried_again_in_the_same_portion(
    members: Workspace, own: ChannelAccount, office: Post
) -> None:
    office.refuses = {"gone@example.com": "550 5.1.1 no such user"}
    made = [queue(members, "gone@example.com", text=str(n)) for n in range(3)]
    run_all()
    assert [fresh(one).state for one in made] == [State.FAILED, State.REFUSED, State.REFUSED]
