"""Sending a survey: who is invited, by what letter, who is reminded, and what stops it."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.analytics.segments import parse
from percorso.analytics.store import Store
from percorso.base import fact_outbox, jobs, owner
from percorso.base.models import Job
from percorso.base.worker import run_all
from percorso.customers.models import Segment
from percorso.customers.segments.queries import uses
from percorso.errors import BadQuestion
from percorso.outreach.channel_accounts import change_channel
from percorso.outreach.models import ContactPolicy, Message, Suppression
from percorso.surveys.answering import Coming, begin, read_page, save_page
from percorso.surveys.flow import step_after
from percorso.surveys.inviting import actions, reminding, sending, triggers
from percorso.surveys.inviting.happenings import happenings, how_many
from percorso.surveys.inviting.lists import read_people
from percorso.surveys.inviting.people import Reach, customer_rows
from percorso.surveys.models import Distribution, Invitation, Survey, Trigger, Version
from tests.smtp import Post, post_office

State = Invitation.State
LANGUAGES = ("en", "pt-BR", "it")
NPS: dict[str, Any] = {
    "languages": ["en", "pt-BR", "it"],
    "title": {"en": "How are we doing?"},
    "pages": [
        {"id": "score", "questions": [{"id": "nps", "type": "nps", "required": True, "metric": "nps", "text": {
            "en": "Would you recommend {company}, {customer.name}?", "pt-BR": "Você recomendaria a {company}?",
            "it": "Consiglieresti {company}?"}}]},
        {"id": "why", "questions": [{"id": "why", "type": "text", "text": {"en": "Why?"}}]},
    ],
}  # fmt: skip
SEND = "/w/acme/surveys/nps/send/"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Twenty customers with an address, and one without."""
    with Store.open(":memory:") as made:
        made.append("customers", [_customer(i) for i in range(21)], workspace="acme")
        monkeypatch.setattr(owner, "_store", made)
        yield made


def _customer(i: int) -> dict[str, Any]:
    traits = f'{{"email": "C{i}@Example.com", "car": "red"}}' if i < 20 else None
    row = {"id": f"c{i}", "customer": f"c{i}", "name": f"Ana {i}", "language": LANGUAGES[i % 3], "traits": traits}
    return row | {"country": "BR" if i < 5 else "IT", "created_at": "2026-01-01T00:00:00+00:00"}


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    monkeypatch.setenv("PERCORSO_PRIVATE_WEBHOOKS", "true")
    with post_office() as post:
        yield post


@pytest.fixture
def survey(members: Workspace, alice_person: Person, store: Store, office: Post) -> Survey:
    """A live survey of a workspace that sends by a mail server of its own, at any hour."""
    values = {"host": "127.0.0.1", "port": office.port, "security": "none", "sender": "survey@acme.test"}
    change_channel(members, "email", values | {"sender_name": "Acme", "a_minute": 1000}, by=alice_person)
    ContactPolicy.objects.create(workspace=members, first_hour=0, last_hour=24)
    return make_survey(members, "nps")


def make_survey(workspace: Workspace, slug: str, **more: Any) -> Survey:
    made = Survey.objects.create(workspace=workspace, name="NPS", slug=slug, draft=NPS, **more)
    made.live = Version.objects.create(survey=made, number=1, content=NPS)
    made.state = Survey.State.LIVE
    made.save()
    return made


def distribute(survey: Survey, by: Person, **more: Any) -> Distribution:
    values: dict[str, Any] = {"channel": "email", "audience": {"segment": None}, "subject": {}, "words": {}}
    made = actions.make_distribution(survey, by=by, **values | more)
    run_all()
    made.refresh_from_db()
    return made


def states(survey: Survey) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in survey.invitations.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def links(html: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', html)]


def path(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def answer(invitation: Invitation, sent: str = "nps=9") -> None:
    response = begin(invitation.survey, Coming("email", "en"), invitation)
    page = None
    for form in (sent, "why=Good"):
        step = step_after(response.version.definition, response.answers, response.traits, response.key, page)
        assert step is not None
        save_page(response, step, read_page(response, step, QueryDict(form))[0])
        response.refresh_from_db()
        page = step.page.id


def messages_facts(store: Store) -> list[dict[str, Any]]:
    fact_outbox.load()
    t = store.table("messages", "acme")
    rows: list[dict[str, Any]] = store.engine.fetch(store.engine.sql(t.order_by("id"))).to_pylist()
    return rows


def test_twenty_customers_get_a_mail_whose_links_work(
    survey: Survey, alice_person: Person, office: Post, store: Store, client: Client
) -> None:
    made = distribute(survey, alice_person)
    assert made.state == Distribution.State.DONE
    assert states(survey) == {State.SENT: 20, State.REFUSED: 1}
    assert survey.invitations.get(state=State.REFUSED).because == "no_address"
    (mail,) = office.to("c0@example.com")
    assert mail["From"] == "Acme <survey@acme.test>"
    assert mail["Subject"] == "Acme would like to know what you think"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    html = html_of(mail)
    assert "Would you recommend Acme, Ana 0?" in html
    assert not re.search(r"<script|<link|<img|class=|src=|url\(", html)
    clicks = [link for link in links(html) if "?nps=" in link]
    assert [link.rpartition("=")[2] for link in clicks] == [str(n) for n in range(11)]
    text = text_of(mail)
    assert all(link in text for link in clicks)
    page = client.get(path(clicks[9]))
    assert page.status_code == 200
    assert re.search(r'value="9"[^>]* checked', page.content.decode())
    assert not survey.responses.exists()
    assert client.get(path(next(link for link in links(html) if link.endswith("/d/")))).status_code < 400
    leave = mail["List-Unsubscribe"].strip("<>")
    assert leave in links(html)
    assert client.get(path(leave)).status_code == 200
    (brazilian,) = office.to("c1@example.com")
    assert brazilian["Subject"] == "Acme gostaria de saber a sua opinião"
    assert "Você recomendaria a Acme?" in html_of(brazilian)
    assert 'lang="pt-BR"' in html_of(brazilian)
    facts = messages_facts(store)
    assert len(facts) == 20
    assert {(f["survey"], f["purpose"], f["bounced"]) for f in facts} == {("nps", "survey", False)}
    assert {f["customer"] for f in facts} == {f"c{i}" for i in range(20)}
    assert AuditEntry.objects.filter(action="survey_sent").exists()


def test_a_click_in_the_mail_is_confirmed_by_a_person_and_becomes_their_answer(
    survey: Survey, alice_person: Person, office: Post, client: Client
) -> None:
    distribute(survey, alice_person)
    link = next(link for link in links(html_of(office.to("c0@example.com")[0])) if "?nps=7" in link)
    shown = client.get(path(link)).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown))
    client.post(path(link).partition("?")[0], fields | {"nps": "7"})
    response = survey.responses.get()
    assert response.answers == {"nps": 7}
    assert (response.customer, response.traits["car"]) == ("c0", "red")
    assert survey.invitations.get(customer="c0").state == State.STARTED


def test_a_reminder_goes_only_to_who_has_not_answered(survey: Survey, alice_person: Person, office: Post) -> None:
    distribute(survey, alice_person, remind_days=3)
    for invitation in survey.invitations.filter(state=State.SENT).order_by("pk")[:9]:
        answer(invitation)
    assert reminding.remind(lambda: None) == 0  # too early
    survey.invitations.update(sent_at=timezone.now() - timedelta(days=4))
    assert reminding.remind(lambda: None) == 11
    assert reminding.remind(lambda: None) == 0  # a second clock, or the job begun again
    run_all()
    assert len(office.mails) == 31
    reminded = {address for address, mail in office.mails if "reminder" in mail["Subject"].lower() or "lembrete" in mail["Subject"] or "promemoria" in mail["Subject"]}  # fmt: skip
    assert reminded == set(survey.invitations.filter(state=State.SENT).values_list("address", flat=True))
    assert not survey.invitations.filter(state=State.ANSWERED, reminders__gt=0).exists()
    survey.invitations.update(reminded_at=timezone.now() - timedelta(days=4))
    assert reminding.remind(lambda: None) == 0  # one at most


def test_who_answers_after_the_reminder_was_queued_does_not_get_it(
    survey: Survey, alice_person: Person, office: Post
) -> None:
    distribute(survey, alice_person, remind_days=3)
    survey.invitations.update(sent_at=timezone.now() - timedelta(days=4))
    reminding.remind(lambda: None)
    answer(survey.invitations.get(customer="c0"))
    run_all()
    assert len(office.to("c0@example.com")) == 1
    assert len(office.to("c1@example.com")) == 2
    held = Message.objects.get(address="c0@example.com", state=Message.State.REFUSED)
    assert held.told == "answered"


def test_nothing_goes_out_at_night(survey: Survey, alice_person: Person, office: Post) -> None:
    distribute(survey, alice_person, remind_days=3)
    survey.invitations.update(sent_at=timezone.now() - timedelta(days=4))
    local = timezone.now().astimezone(ZoneInfo("America/Sao_Paulo"))
    first = 20 if local.hour < 12 else 1
    ContactPolicy.objects.update(first_hour=first, last_hour=first + 1)
    assert reminding.remind(lambda: None) == 0
    other = make_survey(survey.workspace, "other")
    distribute(other, alice_person, subject=dict.fromkeys(LANGUAGES, "Another question"))
    assert len(office.mails) == 20
    waiting = Message.objects.filter(state=Message.State.WAITING)
    assert waiting.count() == 20
    assert {m.send_at.astimezone(local.tzinfo).hour for m in waiting} == {first}


def test_who_has_unsubscribed_is_not_reminded(survey: Survey, alice_person: Person, office: Post) -> None:
    distribute(survey, alice_person, remind_days=3)
    survey.invitations.update(sent_at=timezone.now() - timedelta(days=4))
    Suppression.objects.create(workspace=survey.workspace, address="c0@example.com", because="unsubscribed")
    assert reminding.remind(lambda: None) == 19
    assert reminding.remind(lambda: None) == 0
    run_all()
    assert len(office.to("c0@example.com")) == 1


def test_a_job_that_is_killed_anywhere_and_run_again_invites_everybody_once(
    survey: Survey, alice_person: Person, office: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 3)
    made = actions.make_distribution(
        survey, channel="email", audience={"segment": None}, subject={}, words={}, by=alice_person
    )
    for kill_at in range(9):
        calls = []

        def check(share: float, n: int, calls: list[float] = calls, kill_at: int = kill_at) -> None:
            calls.append(share)
            if len(calls) > kill_at:
                raise KeyboardInterrupt

        try:
            sending.distribute(made, check)
        except KeyboardInterrupt:
            continue
    run_all()
    assert states(survey) == {State.SENT: 20, State.REFUSED: 1}
    assert sorted(address for address, _ in office.mails) == sorted(f"c{i}@example.com" for i in range(20))


def test_what_is_stopped_sends_nothing_more(survey: Survey, alice_person: Person, office: Post) -> None:
    later = timezone.now() + timedelta(hours=2)
    waits = actions.make_distribution(
        survey, channel="email", audience={"segment": None}, subject={}, words={}, send_at=later, by=alice_person
    )
    run_all()
    assert not survey.invitations.exists()
    actions.stop_distribution(waits, by=alice_person)
    waits.refresh_from_db()
    assert (waits.state, Job.objects.get(key=actions.key_of(waits)).state) == ("stopped", "stopped")
    running = actions.make_distribution(
        survey, channel="email", audience={"segment": None}, subject={}, words={}, by=alice_person
    )
    sending.distribute(running, lambda share, n: None)
    Distribution.objects.filter(pk=running.pk).update(state=Distribution.State.RUNNING)
    actions.stop_distribution(running, by=alice_person)
    run_all()
    assert office.mails == []
    assert states(survey) == {State.CANCELLED: 20, State.REFUSED: 1}


def test_a_sending_whose_job_was_stopped_among_all_jobs_is_over(
    survey: Survey, alice_person: Person, office: Post
) -> None:
    made = actions.make_distribution(
        survey, channel="email", audience={"segment": None}, subject={}, words={}, by=alice_person
    )
    jobs.stop(Job.objects.get(key=actions.key_of(made)))
    jobs.enqueue(actions.GO_ON)
    run_all()
    made.refresh_from_db()
    assert made.state == Distribution.State.STOPPED
    assert office.mails == []


def test_the_contact_policy_refuses_with_a_reason_and_lets_wait(
    survey: Survey, alice_person: Person, office: Post
) -> None:
    Suppression.objects.create(workspace=survey.workspace, address="c1@example.com", because="complained")
    distribute(survey, alice_person)
    assert survey.invitations.get(customer="c1").because == "complained"
    Message.objects.update(sent_at=timezone.now() - timedelta(days=1))
    distribute(survey, alice_person)  # again, within the survey's gap
    again = survey.invitations.filter(distribution=survey.distributions.first())
    assert set(again.exclude(customer__in=("c1", "c20")).values_list("state", "because")) == {(State.REFUSED, "gap")}
    ContactPolicy.objects.update(most=1, days=10)
    other = make_survey(survey.workspace, "other")
    distribute(other, alice_person)
    waiting = other.invitations.filter(state=State.WAITING)
    assert set(waiting.values_list("because", flat=True)) == {"cap"}
    assert waiting.count() == 19
    assert len(office.mails) == 19
    Message.objects.update(sent_at=timezone.now() - timedelta(days=11))
    waiting.update(send_at=timezone.now())
    assert sending.let_out_waiting(lambda: None) == 19
    run_all()
    assert other.invitations.filter(state=State.SENT).count() == 19


def test_a_mail_that_comes_back_fails_its_invitation(
    survey: Survey, alice_person: Person, office: Post, store: Store
) -> None:
    office.refuses["c3@example.com"] = "550 5.1.1 no such user"
    distribute(survey, alice_person)
    assert survey.invitations.get(customer="c3").state == State.FAILED
    (row,) = [fact for fact in messages_facts(store) if fact["customer"] == "c3"]
    assert (row["bounced"], row["delivered_at"]) == (True, None)


def test_an_anonymous_survey_keeps_nobody_and_its_mails_hold_no_values(
    members: Workspace, survey: Survey, alice_person: Person, office: Post, store: Store, alice: Client
) -> None:
    made = make_survey(members, "enps", anonymous=True)
    distribute(made, alice_person)
    html = html_of(office.to("c0@example.com")[0])
    assert "nps=" not in html
    assert "anonymous" in html
    assert {(i.customer, str(i.traits.keys() - {"name"})) for i in made.invitations.all()} == {("", "set()")}
    assert {fact["customer"] for fact in messages_facts(store)} == {None}
    assert set(Message.objects.values_list("customer", flat=True)) == {""}
    invitation = made.invitations.get(address="c0@example.com")
    Invitation.objects.filter(pk=invitation.pk).update(state=State.ANSWERED)
    Survey.objects.filter(pk=made.pk).update(least_answers=50)
    few = alice.get("/w/acme/surveys/enps/send/").content.decode()
    assert '<td class="num">–</td><td class="num">–</td>' in few
    page = alice.get("/w/acme/surveys/enps/send/invitations/?state=answered").content.decode()
    assert "Answered</" not in page
    assert "c0@example.com" in alice.get("/w/acme/surveys/enps/send/invitations/?state=sent").content.decode()


def test_a_segment_is_asked_and_nobody_else(survey: Survey, alice_person: Person, office: Post) -> None:
    rule = {"trait": "country", "is": ["BR"]}
    segment = Segment.objects.create(workspace=survey.workspace, slug="brazil", name="Brazil", rule=rule)
    distribute(survey, alice_person, audience={"segment": segment.pk})
    assert {address for address, _ in office.mails} == {f"c{i}@example.com" for i in range(5)}


def test_words_of_ones_own_recall_who_is_asked_and_are_no_markup(
    survey: Survey, alice_person: Person, office: Post
) -> None:
    words = {"en": "Dear {customer.name|you}, how is the {customer.car} car? <b>{customer.plan|basic}</b>"}
    distribute(survey, alice_person, subject={"en": "{customer.name}!"}, words=words)
    (mail,) = office.to("c0@example.com")
    assert mail["Subject"] == "Ana 0!"
    assert "Dear Ana 0, how is the red car? &lt;b&gt;basic&lt;/b&gt;" in html_of(mail)
    assert "the red car? <b>basic</b>" in text_of(mail)


def test_a_survey_that_nobody_can_answer_is_not_sent(survey: Survey, alice_person: Person, office: Post) -> None:
    waits = actions.make_distribution(
        survey, channel="email", audience={"segment": None}, subject={}, words={}, by=alice_person
    )
    Survey.objects.filter(pk=survey.pk).update(state=Survey.State.CLOSED)
    run_all()
    waits.refresh_from_db()
    assert waits.state == Distribution.State.STOPPED
    survey.refresh_from_db()
    with pytest.raises(BadQuestion):
        distribute(survey, alice_person)
    assert office.mails == []


def hours_ago(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


def make_rule(survey: Survey, by: Person, **more: Any) -> Trigger:
    values = {"event": "delivered", "name": "", "after_hours": 24, "share": 1.0, "channel": "email", "segment": None}
    made = actions.make_rule(survey, by=by, **values | more)
    Trigger.objects.filter(pk=made.pk).update(looked_until=timezone.now() - timedelta(hours=48))
    return made


def look(at_kill: int = 999) -> int:
    calls = []

    def check() -> None:
        calls.append(1)
        if len(calls) > at_kill:
            raise KeyboardInterrupt

    return triggers.look(check)


def test_a_rule_asks_about_each_order_once_however_often_it_looks(
    survey: Survey, alice_person: Person, office: Post, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triggers, "PORTION", 2)
    Survey.objects.filter(pk=survey.pk).update(gap_days=0)
    ContactPolicy.objects.update(most=None)
    orders = [(f"o{i}", f"c{i}", 25 + i) for i in range(5)]
    orders += [("early", "c8", 60), ("fresh", "c9", 2), ("nobody", None, 30)]
    rows = [{"id": key, "customer": who, "at": hours_ago(99), "delivered_at": hours_ago(h)} for key, who, h in orders]
    store.append("orders", [*rows, {"id": "open", "customer": "c7", "at": hours_ago(30)}], workspace="acme")
    rule = make_rule(survey, alice_person)
    for at_kill in (1, 2, 2):
        with pytest.raises(KeyboardInterrupt):
            look(at_kill)
    assert look() <= 1
    assert look() == 0
    assert sorted(rule.invitations.values_list("interaction", flat=True)) == [f"o{i}" for i in range(5)]
    # A delivery that is told late is still asked about.
    late = {"id": "late", "customer": "c6", "at": hours_ago(99), "delivered_at": hours_ago(29)}
    store.append("orders", [late], workspace="acme")
    assert look() == 1
    sending.let_out_waiting(lambda: None)
    run_all()
    assert len(office.mails) == 6
    asked = survey.invitations.get(interaction="o0")
    answer(asked)
    fact_outbox.load()
    t = store.table("answers", "acme")
    facts = store.engine.fetch(store.engine.sql(t.filter(t.metric == "nps"))).to_pylist()
    assert [(f["interaction"], f["customer"]) for f in facts] == [("o0", "c0")]


def test_a_rule_that_rested_does_not_ask_about_that_time(survey: Survey, alice_person: Person, store: Store) -> None:
    rule = make_rule(survey, alice_person, after_hours=0)
    actions.switch_rule(rule, False, by=alice_person)
    store.append("orders", [{"id": "o1", "customer": "c1", "at": hours_ago(9), "delivered_at": hours_ago(1)}], workspace="acme")  # fmt: skip
    assert look() == 0
    rule.refresh_from_db()
    actions.switch_rule(rule, True, by=alice_person)
    assert look() == 0


HAPPENED = [
    ("delivered", "", {("o1", "c1")}),
    ("resolved", "", {("t1", "c1"), ("t4", "c4")}),
    ("churned", "", {("s1", "c1"), ("p4", "c6")}),
    ("happened", "Visited", {("e1", "c1"), ("e2", "c1")}),
]


def happened(store: Store, workspace: str) -> None:
    """Write what rules look for: one to two days old, and what is not to be found."""
    steps = [("t1", "c1", "resolved", 30), ("t2", "c2", "resolved", 40), ("t2", "c2", "reopened", 26), ("t3", "c3", "message", 30)]  # fmt: skip
    periods = [("p1", "s1", "c1", 30), ("p0", "s1", "c1", 200), ("p2", "s2", "c2", 30), ("p3", "s2", "c2", None), ("p4", None, "c6", 30)]  # fmt: skip
    tables: dict[str, list[dict[str, Any]]] = {
        "ticket_events": [
            {"id": f"x{i}", "ticket": t, "customer": c, "kind": k, "at": hours_ago(h)} for i, (t, c, k, h) in enumerate(steps)
        ],
        "tickets": [{"id": "t4", "customer": "c4", "opened_at": hours_ago(50), "resolved_at": hours_ago(27)}],
        "subscriptions": [
            {"id": key, "subscription": s, "customer": c, "started_at": hours_ago(999), "ended_at": end and hours_ago(end)}
            for key, s, c, end in periods
        ],
        "events": [
            {"id": f"e{i}", "customer": "c1", "name": n, "at": hours_ago(30)} for i, n in enumerate(["Left", "Visited", "Visited"])
        ],
        "orders": [
            {"id": "o1", "customer": "c1", "at": hours_ago(40), "delivered_at": hours_ago(30)},
            {"id": "open", "customer": "c7", "at": hours_ago(30)},
        ],
    }  # fmt: skip
    for table, rows in tables.items():
        store.append(table, rows, workspace=workspace)


@pytest.mark.parametrize(("event", "name", "expected"), HAPPENED)
def test_rules_look_for_orders_tickets_subscriptions_and_events(
    event: str, name: str, expected: set[tuple[str, str]], survey: Survey, alice_person: Person, store: Store
) -> None:
    happened(store, "acme")
    rule = make_rule(survey, alice_person, event=event, name=name)
    assert triggers.in_last_month(Trigger.objects.select_related("survey__workspace").get(pk=rule.pk)) >= len(expected)
    look()
    assert set(rule.invitations.values_list("interaction", "customer")) == expected


@pytest.mark.parametrize("url", [":memory:", "chdb://memory/default"])
def test_both_engines_find_the_same(url: str) -> None:
    workspace = Workspace(slug="happenings", name="Happenings", time_zone="UTC")
    with Store.open(url) as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, "_store", store)
        happened(store, workspace.slug)
        store.append("customers", [_customer(1)], workspace=workspace.slug)
        rule = parse({"trait": "country", "is": ["BR"]})
        span = (datetime.now(UTC) - timedelta(hours=48), datetime.now(UTC) - timedelta(hours=24))
        for event, name, expected in HAPPENED:
            found = happenings(workspace, event, name, *span)
            assert {(one.interaction, one.customer) for one in found} == expected
            assert how_many(workspace, event, name, *span) == len(expected)
            assert {one.customer for one in happenings(workspace, event, name, *span, rule)} == {"c1"}
        assert set(customer_rows(workspace, ["c1", "it's nobody"])) == {"c1"}


def test_a_rule_for_a_segment_asks_only_those(survey: Survey, alice_person: Person, store: Store) -> None:
    rule = {"trait": "country", "is": ["BR"]}
    segment = Segment.objects.create(workspace=survey.workspace, slug="brazil", name="Brazil", rule=rule)
    rows = [{"id": f"o{i}", "customer": f"c{i}", "at": hours_ago(40), "delivered_at": hours_ago(30)} for i in (1, 9)]
    store.append("orders", rows, workspace="acme")
    made = make_rule(survey, alice_person, segment=segment)
    look()
    assert list(made.invitations.values_list("customer", flat=True)) == ["c1"]
    (use,) = uses(segment)
    assert (use.kind, use.href, use.holds) == ("Rule that sends a survey", SEND, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ana@x.com\nbob@x.com\n\nana@x.com", [{"address": "ana@x.com"}, {"address": "bob@x.com"}]),
        ("Ana Lima <Ana@X.com>", [{"address": "ana@x.com", "name": "Ana Lima"}]),
        ("ana@x.com;Ana;pt-BR", [{"address": "ana@x.com", "name": "Ana", "language": "pt-BR"}]),
        (
            'E-mail,Nome,Idioma,Plano de uso\n"ana@x.com","Lima, Ana",pt,Pro\nnobody,Bob,it,Free',
            [{"address": "ana@x.com", "name": "Lima, Ana", "language": "pt", "traits": {"plano_de_uso": "Pro"}}],
        ),
        ("\ufeffname\taddress\nAna\tana@x.com", [{"address": "ana@x.com", "name": "Ana"}]),
    ],
)
def test_lists_are_read_as_people_write_them(text: str, expected: list[dict[str, Any]], survey: Survey) -> None:
    found = read_people(text, Reach(survey.workspace, "email").address)
    assert found.people == [{"traits": {}} | person for person in expected]
    assert found.problems == (["nobody, Bob, it, Free"] if "nobody" in text else [])


def form(**more: Any) -> dict[str, Any]:
    return {"channel": "email", "audience": "segment", "segment": "", "when": "now"} | more


def test_the_page_counts_previews_tries_and_sends(
    survey: Survey, alice: Client, office: Post, alice_person: Person
) -> None:
    Suppression.objects.create(workspace=survey.workspace, address="c1@example.com", because="bounced")
    page = alice.get(SEND).content.decode()
    assert "Nothing was sent yet" in page
    assert 'value="send"' not in page
    seen = alice.post(SEND, form(do="look", language="it")).content.decode()
    assert 'id="sending-allowed">19<' in seen
    assert "Messages came back" in seen
    assert "No address" in seen
    assert "Acme vorrebbe sapere cosa ne pensi" in seen
    assert not Invitation.objects.exists()
    assert not Message.objects.exists()
    (frame, _) = re.findall(r'<iframe class="[^"]+" src="([^"]+)"', seen)
    letter = alice.get(frame.replace("&amp;", "&"))
    assert "Consiglieresti Acme?" in letter.content.decode()
    assert letter["X-Frame-Options"] == "SAMEORIGIN"
    assert "style-src 'unsafe-inline'" in letter["Content-Security-Policy"]
    assert alice.get(SEND + "letter/?letter=x").status_code == 404
    assert "19" in alice.post(SEND + "count/", form()).content.decode()
    alice.post(SEND, form(do="test", language="pt-BR"))
    run_all()
    (tried,) = office.to("alice@acme.test")
    assert "Este é um teste" in text_of(tried)
    assert "/edit/preview/" in html_of(tried)
    assert not Invitation.objects.exists()
    assert alice.post(SEND, form(do="send", remind_days="3", most_reminders="2")).status_code == 302
    run_all()
    made = survey.distributions.get()
    assert (made.remind_days, made.most_reminders, made.made_by) == (3, 2, alice_person)
    page = alice.get(SEND).content.decode()
    assert "2 reminders, each after 3 days" in page
    assert len(office.mails) == 20


def test_a_list_is_pasted_or_uploaded_and_sent(survey: Survey, alice: Client, office: Post) -> None:
    wrong = alice.post(SEND, form(do="look", audience="list", people="nobody"))
    assert wrong.status_code == 400
    assert "There is no address in the list" in wrong.content.decode()
    file = SimpleUploadedFile("people.csv", "address,name,language\nana@x.com,Ana,it\nx,y,z\n".encode("utf-8-sig"))
    seen = alice.post(SEND, form(do="look", audience="list", file=file)).content.decode()
    assert "1 line names nobody" in seen
    assert "ana@x.com,Ana,it" in seen  # it stays in the field
    alice.post(SEND, form(do="send", audience="list", people="ana@x.com,Ana,it\nbob@x.com"))
    run_all()
    assert office.to("ana@x.com")[0]["Subject"] == "Acme vorrebbe sapere cosa ne pensi"
    assert survey.distributions.get().audience == {"list": 2}
    assert "A list of 2 addresses" in alice.get(SEND).content.decode()


def test_a_time_is_one_of_the_workspace_and_not_in_the_past(survey: Survey, alice: Client) -> None:
    assert alice.post(SEND, form(do="send", when="later", at="2020-01-01T10:00")).status_code == 400
    assert alice.post(SEND, form(do="send", when="later")).status_code == 400
    assert alice.post(SEND, form(do="send", when="later", at="2031-05-05T10:00")).status_code == 302
    made = survey.distributions.get()
    assert made.send_at == datetime(2031, 5, 5, 13, 0, tzinfo=UTC)
    assert alice.post(f"{SEND}{made.pk}/stop/").status_code == 302
    made.refresh_from_db()
    assert made.state == Distribution.State.STOPPED


def test_rules_are_added_switched_and_removed(survey: Survey, alice: Client, store: Store) -> None:
    rows = [{"id": f"o{i}", "customer": f"c{i}", "at": hours_ago(40), "delivered_at": hours_ago(30)} for i in range(6)]
    store.append("orders", rows, workspace="acme")
    values = {"event": "delivered", "after_hours": "48", "share": "50", "by_channel": "email"}
    assert alice.post(SEND + "rules/new/", values | {"event": "happened"}).status_code == 400
    assert alice.post(SEND + "rules/new/", values).status_code == 302
    page = alice.get(SEND).content.decode()
    assert "2 days after an order was delivered" in page
    assert '<td class="num">3</td>' in page
    rule = Trigger.objects.get()
    alice.post(f"{SEND}rules/{rule.pk}/switch/")
    assert "Rests" in alice.get(SEND).content.decode()
    alice.post(f"{SEND}rules/{rule.pk}/remove/")
    assert not Trigger.objects.exists()
    done = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"survey_rule_made", "survey_rule_changed", "survey_rule_removed"} <= done


def test_single_invitations_are_found_sent_again_and_cancelled(
    survey: Survey, alice: Client, bob: Client, alice_person: Person, office: Post
) -> None:
    distribute(survey, alice_person)
    address = SEND + "invitations/"
    page = bob.get(address + "?state=refused").content.decode()
    assert "No address" in page
    assert "/again/" not in page
    first = survey.invitations.get(customer="c0")
    assert "c0@example.com" in alice.get(address + "?q=ana 0").content.decode()
    alice.post(f"{address}{first.pk}/again/")
    run_all()
    assert len(office.to("c0@example.com")) == 2
    second = survey.invitations.get(customer="c2")
    alice.post(f"{address}{second.pk}/cancel/")
    second.refresh_from_db()
    assert second.state == State.CANCELLED
    assert bob.post(f"{address}{first.pk}/cancel/").status_code == 403


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("editor", True), ("analyst", False), ("viewer", False)])
def test_only_who_may_edit_sends(role: str, may: bool, survey: Survey, as_role: Callable[[str], Client]) -> None:
    assert as_role(role).get(SEND).status_code == (200 if may else 403)


def test_strangers_see_nothing(survey: Survey, charlie: Client) -> None:
    assert charlie.get(SEND).status_code == 404
    assert charlie.get(SEND + "invitations/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_ask_the_database_as_often_whatever_they_list(
    rows: int, survey: Survey, alice: Client, alice_person: Person, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        distribute(survey, alice_person)
        make_rule(survey, alice_person)
    with django_assert_num_queries(17):
        alice.get(SEND)
    with django_assert_num_queries(8):
        alice.get(SEND + "invitations/")


def test_a_text_message_is_short_and_holds_the_link(survey: Survey, alice_person: Person) -> None:
    values = {"url": "https://gateway.example.com/", "country": "BR"}
    change_channel(survey.workspace, "sms", values, by=alice_person)
    people = [{"address": "+55 11 91234-5678", "language": "pt", "traits": {}}]
    made = actions.make_distribution(
        survey, channel="sms", audience={"people": people}, subject={}, words={}, by=alice_person
    )
    sending.distribute(made, lambda share, n: None)
    message = Message.objects.get()
    assert message.address == "+5511912345678"
    assert message.text.startswith("Acme: como estamos indo? Leva um minuto: http")
    assert "Não receber mais: http" in message.text
    assert message.html == ""


def test_who_looks_at_the_demo_makes_it_write_to_nobody(
    survey: Survey, office: Post, members: Workspace, as_role: Callable[[str], Client], bob_person: Person
) -> None:
    visitor = as_role("editor")
    Person.objects.filter(pk=bob_person.pk).update(is_demo=True)
    for do in ("test", "send"):
        page = visitor.post(
            SEND,
            {
                "channel": "email",
                "audience": "list",
                "people": "x@else.test",
                "when": "now",
                "do": do,
                "test_to": "x@else.test",
            },
        )
        assert "The demo company sends nothing" in page.content.decode()
    assert visitor.post("/w/acme/reports/new/", {}).status_code == 403
    run_all()
    assert not Message.objects.exists()
    assert office.mails == []
