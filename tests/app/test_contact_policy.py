"""The contact policy over the database: what it reads, what it writes, two processes at once; and its pages."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.customers.consent import record_consent
from percorso.outreach import contact
from percorso.outreach.contact import Ask, words_of
from percorso.outreach.models import ContactPolicy, Message, Place, Refusal, Suppression
from percorso.outreach.policy import REASONS
from percorso.outreach.policy_actions import change_policy
from percorso.outreach.shown_policy import NAMES
from percorso.surveys.models import Survey

DAY = timedelta(days=1)
PAGE = "/w/acme/settings/contact/"


@pytest.fixture
def policy(acme: Workspace) -> ContactPolicy:
    """At most two messages in thirty days, at any hour."""
    return ContactPolicy.objects.create(workspace=acme, most=2, days=30, first_hour=0, last_hour=24)


def message(workspace: Workspace, days_ago: float = 1, **more: Any) -> Message:
    at = timezone.now() - DAY * days_ago
    given = {"channel": "email", "purpose": "survey", "customer": "c1", "address": "ana@x.test", "reference": "survey:old", "text": "Hello", "state": "sent", "sent_at": at, "send_at": at}  # fmt: skip
    return Message.objects.create(workspace=workspace, **(given | more))


def ask(key: str = "a", **more: Any) -> Ask:
    return Ask(**({"key": key, "channel": "email", "purpose": "survey", "address": "Ana@X.test", "customer": "c1", "reference": f"survey:{key}"} | more))  # fmt: skip


def decided(workspace: Workspace, *asks: Ask, days: float = 0) -> list[str]:
    return [d.because for d in contact.decide(workspace, asks, timezone.now() + DAY * days)]


def test_history_counts_by_customer_and_by_address_over_all_channels(acme: Workspace, policy: ContactPolicy) -> None:
    message(acme, channel="sms", address="+393331234567")
    message(acme, customer="")
    assert decided(acme, ask()) == ["cap"]
    assert decided(acme, ask(customer="c2")) == [""], "the other message was to another person"
    refused = Refusal.objects.get()
    assert (refused.because, refused.address, refused.details) == (
        "cap",
        "ana@x.test",
        {"most": 2, "days": 30, "sent": 2},
    )


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({}, True),
        ({"state": "waiting", "sent_at": None, "send_at": timezone.now() + DAY}, True),
        ({"state": "complained"}, True),
        ({"state": "failed"}, False),
        ({"state": "bounced"}, False),
        ({"state": "refused", "sent_at": None}, False),
        ({"exempt": True}, False),
        ({"days_ago": 31}, False),
    ],
)
def test_what_reached_somebody_or_will_counts(
    more: dict[str, Any], counts: bool, acme: Workspace, policy: ContactPolicy
) -> None:
    message(acme)
    message(acme, **more)
    assert decided(acme, ask()) == (["cap"] if counts else [""])


def test_another_workspace_counts_for_nothing(acme: Workspace, policy: ContactPolicy) -> None:
    elsewhere = Workspace.objects.create(slug="else", name="Else", time_zone="UTC")
    message(elsewhere)
    message(elsewhere)
    contact.suppress(elsewhere, "ana@x.test", because="by_hand", by="test")
    assert decided(acme, ask()) == [""]


def test_a_survey_that_waits_is_written_down_once_and_keeps_its_place(acme: Workspace, policy: ContactPolicy) -> None:
    message(acme, 20)
    message(acme, 10)
    nps = ask("nps", gap_days=90, priority=1)
    assert decided(acme, nps) == ["cap"]
    place = Place.objects.get()
    assert decided(acme, nps, days=1) == ["cap"]
    assert Place.objects.get().since == place.since
    assert Refusal.objects.count() == 1
    # Ten days later one message counts no more. Priority goes first: the other one's turn in time is sure still.
    assert decided(acme, ask("small", priority=9), days=10.1) == [""]
    message(acme, -10.1, reference="survey:small")
    assert decided(acme, nps, days=10.2) == ["cap"]
    assert decided(acme, ask("more", priority=9), days=20.1) == ["queue"]
    assert Refusal.objects.latest("id").details == {"before": "survey:nps"}
    assert decided(acme, nps, days=20.2) == [""]
    assert [place.reference for place in Place.objects.all()] == ["survey:more"]


def test_the_line_ends_for_who_is_suppressed(acme: Workspace, policy: ContactPolicy) -> None:
    message(acme)
    message(acme)
    decided(acme, ask("nps", gap_days=90))
    contact.suppress(acme, "ana@x.test", because="unsubscribed", by="test")
    assert decided(acme, ask("nps", gap_days=90)) == ["unsubscribed"]
    assert not Place.objects.exists()


def test_a_survey_that_will_not_ask_again_gives_up_its_places(acme: Workspace, policy: ContactPolicy) -> None:
    message(acme)
    message(acme)
    decided(acme, ask("nps", gap_days=90))
    assert contact.leave_line(acme, "survey:nps", ["bob@x.test"]) == 0
    assert contact.leave_line(acme, "survey:nps") == 1
    assert not Place.objects.exists()


def test_equal_words_go_out_once_in_twelve_hours_whatever_their_links(acme: Workspace, policy: ContactPolicy) -> None:
    message(acme, 0.2, subject="How was it?", text="Tell us: https://percorso.test/s/x/i/abc")
    words = words_of("How was it?", "Tell us: https://percorso.test/s/x/i/def")
    assert decided(acme, ask(words=words, exempt=True)) == ["identical"]
    assert decided(acme, ask(words=words_of("How was it today?", "Tell us"))) == [""]


@pytest.mark.parametrize(
    ("channel", "purpose", "hit"), [("", "", True), ("email", "", True), ("", "survey", True), ("sms", "", False), ("email", "campaign", False)]
)  # fmt: skip
def test_suppression_by_channel_and_purpose(channel: str, purpose: str, hit: bool, acme: Workspace) -> None:
    contact.suppress(acme, "ana@x.test", channel=channel, purpose=purpose, because="complained", by="test")
    assert contact.suppressed(acme, "email", "survey", "ana@x.test") == ("complained" if hit else "")
    assert decided(acme, ask(exempt=True)) == (["complained"] if hit else [""])


def test_a_pause_ends_by_itself_and_shortens_nothing(acme: Workspace) -> None:
    contact.suppress(acme, "ana@x.test", because="paused", by="test", until=timezone.now() + DAY)
    assert contact.suppressed(acme, "email", "survey", "ana@x.test") == "paused"
    Suppression.objects.update(until=timezone.now() - DAY)
    assert contact.suppressed(acme, "email", "survey", "ana@x.test") == ""
    assert contact.suppress(acme, "ana@x.test", because="by_hand", by="test")
    assert not contact.suppress(acme, "ana@x.test", because="paused", by="test", until=timezone.now() + DAY)
    assert contact.suppressed(acme, "email", "survey", "ana@x.test") == "by_hand"


def test_consent_that_is_needed_missing_or_withdrawn(acme: Workspace, policy: ContactPolicy) -> None:
    assert decided(acme, ask()) == [""]
    change_policy(acme, by="test", needs_consent=["survey"])
    assert decided(acme, ask()) == ["no_consent"]
    record_consent(acme, "ana@x.test", "survey", given=True, proof={}, by="test", channel="sms")
    assert decided(acme, ask()) == ["no_consent"], "that was for another channel"
    record_consent(acme, "+39333", "survey", given=True, proof={}, by="test", customer="c1")
    assert decided(acme, ask()) == [""], "by every channel"
    record_consent(acme, "ana@x.test", "survey", given=False, proof={}, by="test")
    assert decided(acme, ask()) == ["withdrawn"]
    change_policy(acme, by="test", needs_consent=[])
    assert decided(acme, ask()) == ["withdrawn"], "a withdrawal holds even where none is needed"
    assert contact.suppressed(acme, "email", "survey", "ana@x.test", "c1") == "withdrawn"


def test_hours_of_the_workspace(acme: Workspace) -> None:
    night = timezone.now().replace(hour=4, minute=0)  # one in the night in São Paulo
    decision = contact.decide(acme, [ask()], night)[0]
    assert decision.allowed
    assert decision.wait_until == night.replace(hour=11, second=0, microsecond=0)


@pytest.mark.parametrize("n", [1, 3000])
def test_thousands_are_decided_in_as_many_reads_as_one(
    n: int, acme: Workspace, policy: ContactPolicy, django_assert_max_num_queries: Any
) -> None:
    asks = [ask(str(i), address=f"p{i}@x.test", customer=f"c{i}", reference="survey:x", words="w") for i in range(n)]
    with django_assert_max_num_queries(15):
        assert not any(d.because for d in contact.decide(acme, asks, timezone.now()))


@pytest.mark.django_db(transaction=True)
def test_it_belongs_into_the_transaction_that_queues() -> None:
    workspace = Workspace.objects.create(slug="acme", name="Acme", time_zone="UTC")
    with pytest.raises(transaction.TransactionManagementError):
        contact.decide(workspace, [ask()], timezone.now())


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_exceed_no_cap() -> None:
    workspace = Workspace.objects.create(slug="acme", name="Acme", time_zone="UTC")
    ContactPolicy.objects.create(workspace=workspace, most=1, days=30, first_hour=0, last_hour=24)
    together, told = threading.Barrier(4), []

    def run(name: str) -> None:
        together.wait(10)
        try:
            with transaction.atomic():
                decision = contact.decide(workspace, [ask(name)], timezone.now())[0]
                told.append(decision.because)
                if decision.allowed:
                    message(workspace, 0, state="waiting", sent_at=None, reference=f"survey:{name}")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(f"s{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(told) == ["", "cap", "cap", "cap"]
    assert Message.objects.count() == 1


def test_every_reason_has_a_name() -> None:
    assert set(NAMES) == set(REASONS)


# Pages


def text_of(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.content.decode()


def test_the_page_says_what_the_policy_means_and_did(alice: Client, acme: Workspace) -> None:
    html = text_of(alice, PAGE)
    assert "at most 2 messages in any 30 days, over all channels together" in html
    assert "0 messages went out." in html
    message(acme)
    message(acme)
    decided(acme, ask())
    html = text_of(alice, PAGE)
    assert "2 messages went out." in html
    assert "1 was held back." in html
    assert "Cap over all channels" in html


def test_owners_change_it_editors_see_it(alice: Client, as_role: Callable[[str], Client], acme: Workspace) -> None:
    given = {"most": "1", "days": "7", "most_email": "3", "days_email": "14", "first_hour": "9", "last_hour": "18", "needs_consent": ["campaign"]}  # fmt: skip
    assert alice.post(PAGE + "change/", given).status_code == 302
    row = ContactPolicy.objects.get(workspace=acme)
    assert (row.most, row.days, row.channels) == (1, 7, {"email": {"most": 3, "days": 14}})
    assert (row.first_hour, row.last_hour, row.needs_consent) == (9, 18, ["campaign"])
    assert AuditEntry.objects.filter(action="contact_policy_changed").count() == 1
    html = text_of(alice, PAGE)
    assert "at most 1 message in any 7 days" in html
    assert "E-mail: at most 3 messages in any 14 days." in html
    assert "Try it on the last 90 days" in html

    editor = as_role("editor")
    assert "Try it on the last 90 days" not in text_of(editor, PAGE)
    assert editor.post(PAGE + "change/", given).status_code == 403
    alice.post(PAGE + "change/", given | {"most": ""})
    assert ContactPolicy.objects.get(workspace=acme).most is None
    assert "there is no overall cap" in text_of(alice, PAGE)


@pytest.mark.parametrize(
    "wrong", [{"most": "-1"}, {"days": "0"}, {"first_hour": "20", "last_hour": "8"}, {"days_email": ""}, {"needs_consent": ["x"]}, {"days": "9999999999"}]
)  # fmt: skip
def test_a_policy_that_cannot_be_is_refused(wrong: dict[str, Any], alice: Client, acme: Workspace) -> None:
    given = {"most": "1", "days": "7", "most_email": "3", "days_email": "14", "first_hour": "9", "last_hour": "18"}
    assert alice.post(PAGE + "change/", given | wrong).status_code == 422
    assert not ContactPolicy.objects.exists()


def test_trying_a_policy_changes_nothing(alice: Client, acme: Workspace) -> None:
    for days in (80, 70, 3, 2, 1):
        message(acme, days)
    message(acme, 1, exempt=True)
    given = {"most": "1", "days": "7", "first_hour": "8", "last_hour": "20", "try": "1"}
    answer = alice.post(PAGE + "change/", given)
    assert "of 5 messages of the last 90 days 2 would not have gone out." in answer.content.decode()
    assert not ContactPolicy.objects.exists()


def test_refusals_say_why_in_words(alice: Client, acme: Workspace, policy: ContactPolicy) -> None:
    message(acme, 1, reference="survey:nps")
    decided(acme, ask("nps", gap_days=90), ask("x", share=0.0), ask("y", address=""))
    html = text_of(alice, PAGE + "refusals/")
    assert "it may be asked every 90 days" in html
    assert "Not drawn: 0 % are asked." in html
    assert "There is no address to send to." in html
    assert "ana@x.test" in html
    assert "survey:nps" in html, "a survey that is gone keeps its reference"
    Survey.objects.create(workspace=acme, name="How are we?", slug="nps")
    Refusal.objects.create(
        workspace=acme, channel="email", purpose="survey", because="queue", reference="survey:x", details={"before": "survey:nps"}
    )  # fmt: skip
    html = text_of(alice, PAGE + "refusals/")
    assert '<a href="/w/acme/surveys/nps/">How are we?</a>' in html
    assert "Another survey goes first: How are we?." in html
    only = text_of(alice, PAGE + "refusals/?because=gap")
    assert "Not drawn: 0" not in only
    assert "For this reason no message was held back" in text_of(alice, PAGE + "refusals/?because=paused")


@pytest.mark.parametrize("n", [1, 3])
def test_lists_ask_the_database_no_more_for_more_rows(
    n: int, alice: Client, acme: Workspace, django_assert_num_queries: Any
) -> None:
    for i in range(n):
        contact.suppress(acme, f"p{i}@x.test", because="by_hand", by="test")
        Survey.objects.create(workspace=acme, name=f"Survey {i}", slug=f"s{i}")
        Refusal.objects.create(
            workspace=acme, channel="email", purpose="survey", address=f"p{i}@x.test", because="cap", reference=f"survey:s{i}"
        )  # fmt: skip
    for path, n_queries in (("refusals/", 8), ("suppressed/", 7)):
        with django_assert_num_queries(n_queries):
            text_of(alice, PAGE + path)


def test_an_address_is_put_on_the_list_and_taken_off_for_a_reason(alice: Client, acme: Workspace) -> None:
    given = {"address": " Ana@X.test ", "channel": "", "purpose": "", "reason": "asked on the phone"}
    assert alice.post(PAGE + "suppressed/add/", given).status_code == 302
    assert contact.suppressed(acme, "sms", "service", "ana@x.test") == "by_hand"
    html = text_of(alice, PAGE + "suppressed/?q=ANA")
    assert "ana@x.test" in html
    assert "asked on the phone" in html
    assert "No such address" in text_of(alice, PAGE + "suppressed/?q=bob")
    assert alice.post(PAGE + "suppressed/add/", given | {"address": "nothing"}).status_code == 422
    row = Suppression.objects.get()
    alice.post(f"{PAGE}suppressed/{row.pk}/lift/", {"reason": ""})
    assert Suppression.objects.exists()
    alice.post(f"{PAGE}suppressed/{row.pk}/lift/", {"reason": "wrote to us"})
    assert not Suppression.objects.exists()
    lifted = AuditEntry.objects.get(action="suppression_lifted")
    assert (lifted.details["reason"], lifted.target) == ("wrote to us", "a…@x.test")


def test_entries_of_others_cannot_be_lifted(charlie: Client, alice: Client, acme: Workspace) -> None:
    contact.suppress(acme, "ana@x.test", because="by_hand", by="test")
    row = Suppression.objects.get()
    assert charlie.post(f"/w/elsewhere/settings/contact/suppressed/{row.pk}/lift/", {"reason": "x"}).status_code == 404
    assert Suppression.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"ana@x.test\nbob@x.test\nnobody\n",
        b"\xef\xbb\xbfname;E-mail\r\nAna;ana@x.test\r\nBob;BOB@x.test\r\n-;nobody\r\n",
        b"email,name\nana@x.test,Ana\nana@x.test,Ana\n\nbob@x.test,Jos\xe9\nnobody,-\n",
    ],
)
def test_a_list_is_imported(content: bytes, alice: Client, acme: Workspace) -> None:
    contact.suppress(acme, "bob@x.test", because="paused", by="test", until=timezone.now() + DAY)
    file = SimpleUploadedFile("list.csv", content)
    answer = alice.post(PAGE + "suppressed/file/", {"file": file, "channel": ""}, follow=True)
    assert "2 addresses are on the list now; it had 0 before, and 1 lines hold no address." in answer.content.decode()
    assert {(r.address, r.because, r.until) for r in Suppression.objects.all()} == {("ana@x.test", "by_hand", None), ("bob@x.test", "by_hand", None)}  # fmt: skip
    again = alice.post(PAGE + "suppressed/file/", {"file": SimpleUploadedFile("list.csv", content)}, follow=True)
    assert "it had 2 before" in again.content.decode()
    assert AuditEntry.objects.filter(action="suppressed", target="list.csv").count() == 2


def test_what_is_no_list_is_refused(alice: Client, alice_person: Person) -> None:
    file = SimpleUploadedFile("photo.png", b"\x89PNG\x00\x00")
    assert alice.post(PAGE + "suppressed/file/", {"file": file}).status_code == 422
    assert not Suppression.objects.exists()
