# ruff: noqa: F811 fixtures are imported
"""Reminders of rules and sendings, the language they come in, and the places in line of what asks no more."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from percorso.accounts.models import Person, Workspace
from percorso.analytics.store import Store
from percorso.base import jobs
from percorso.base.worker import run_all
from percorso.outreach.channel_accounts import switch_channel
from percorso.outreach.models import ContactPolicy, Message, Place, Preference, Suppression
from percorso.surveys.editing.actions import close_survey, remove_survey
from percorso.surveys.inviting import actions, reminding, sending
from percorso.surveys.models import Distribution, Invitation, Survey, Trigger
from tests.app.test_inviting import (  # noqa: F401 fixtures
    LANGUAGES,
    SEND,
    answer,
    distribute,
    hours_ago,
    look,
    make_rule,
    make_survey,
    office,
    store,
    survey,
)
from tests.smtp import Post

State = Invitation.State
DAY = timedelta(days=1)
REMINDER = ("reminder", "lembrete", "promemoria")


def invited_by_rule(survey: Survey, by: Person, store: Store, **more: Any) -> Trigger:
    """Return a rule that has asked four customers about an order."""
    orders = [
        {"id": f"o{i}", "customer": f"c{i}", "at": hours_ago(99), "delivered_at": hours_ago(30)} for i in range(4)
    ]
    store.append("orders", orders, workspace="acme")
    rule = make_rule(survey, by, **more)
    look()
    sending.let_out_waiting(lambda: None)
    run_all()
    assert rule.invitations.filter(state=State.SENT).count() == 4
    return rule


def sent(survey: Survey, by: Person, **more: Any) -> Distribution:
    """Send a survey in words of its own: the same ones go nowhere twice within hours."""
    return distribute(survey, by, subject=dict.fromkeys(LANGUAGES, f"Asked by {survey.slug}"), **more)


def days_pass(survey: Survey, days: float) -> None:
    for row in survey.invitations.all():
        row.sent_at = row.sent_at and row.sent_at - DAY * days
        row.reminded_at = row.reminded_at and row.reminded_at - DAY * days
        row.save(update_fields=["sent_at", "reminded_at"])
    for message in Message.objects.exclude(sent_at=None):
        Message.objects.filter(pk=message.pk).update(sent_at=message.sent_at - DAY * days)


def reminded(office: Post) -> list[str]:
    return sorted(to for to, mail in office.mails if any(word in mail["Subject"].lower() for word in REMINDER))


def test_a_rule_reminds_only_who_has_not_answered(
    survey: Survey,
    alice_person: Person,
    office: Post,
    store: Store,
) -> None:
    rule = invited_by_rule(survey, alice_person, store, remind_days=3, most_reminders=2)
    answer(rule.invitations.get(customer="c0"))
    Suppression.objects.create(workspace=survey.workspace, address="c1@example.com", because="unsubscribed")
    assert reminding.remind(lambda: None) == 0, "too early"
    days_pass(survey, 3.1)
    assert reminding.remind(lambda: None) == 2
    assert reminding.remind(lambda: None) == 0, "a second clock, or the job begun again"
    run_all()
    assert reminded(office) == ["c2@example.com", "c3@example.com"]
    days_pass(survey, 3.1)
    answer(rule.invitations.get(customer="c2"))
    jobs.enqueue("remind")
    run_all()
    assert reminded(office) == ["c2@example.com", "c3@example.com", "c3@example.com"]
    days_pass(survey, 3.1)
    assert reminding.remind(lambda: None) == 0, "two at most"


@pytest.mark.parametrize("end", ["rests", "removed", "none"])
def test_a_rule_that_rests_is_gone_or_has_none_reminds_nobody(
    end: str,
    survey: Survey,
    alice_person: Person,
    office: Post,
    store: Store,
) -> None:
    rule = invited_by_rule(survey, alice_person, store, **({} if end == "none" else {"remind_days": 3}))
    if end == "rests":
        actions.switch_rule(rule, False, by=alice_person)
    if end == "removed":
        actions.remove_rule(rule, by=alice_person)
    days_pass(survey, 5)
    assert reminding.remind(lambda: None) == 0


def test_the_page_of_rules_takes_and_tells_reminders(survey: Survey, alice: Client) -> None:
    values = {"event": "delivered", "after_hours": "48", "share": "50", "by_channel": "email"}
    alice.post(SEND + "rules/new/", values | {"remind_after": "5", "at_most": "2"})
    alice.post(SEND + "rules/new/", values)
    assert list(Trigger.objects.values_list("remind_days", "most_reminders")) == [(5, 2), (None, 0)]
    assert "2 reminders, each after 5 days" in alice.get(SEND).content.decode()
    assert alice.post(SEND + "rules/new/", values | {"remind_after": "4"}).status_code == 400


def test_reminders_of_what_was_sent_can_be_stopped(
    survey: Survey,
    alice: Client,
    alice_person: Person,
    office: Post,
) -> None:
    quiet = sent(make_survey(survey.workspace, "quiet"), alice_person)
    made = sent(make_survey(survey.workspace, "loud"), alice_person, remind_days=3)
    assert (made.state, quiet.state) == (Distribution.State.DONE, Distribution.State.DONE)
    assert "/stop/" not in alice.get("/w/acme/surveys/quiet/send/").content.decode()
    page = f"/w/acme/surveys/loud/send/{made.pk}/stop/"
    assert page in alice.get("/w/acme/surveys/loud/send/").content.decode()
    alice.post(page)
    assert page not in alice.get("/w/acme/surveys/loud/send/").content.decode()
    days_pass(made.survey, 5)
    assert reminding.remind(lambda: None) == 0


def test_letters_and_reminders_come_in_the_language_that_was_chosen(
    survey: Survey,
    alice_person: Person,
    office: Post,
) -> None:
    Preference.objects.create(workspace=survey.workspace, address="c0@example.com", language="it")
    sent(survey, alice_person, remind_days=3)
    assert office.to("c0@example.com")[0]["Content-Language"] == "it"
    assert office.to("c1@example.com")[0]["Content-Language"] == "pt-BR"
    Preference.objects.create(workspace=survey.workspace, address="c1@example.com", language="it")
    days_pass(survey, 4)
    reminding.remind(lambda: None)
    run_all()
    assert "promemoria" in office.to("c1@example.com")[1]["Subject"]
    assert survey.invitations.get(customer="c1").language == "it"


def test_who_waits_is_written_to_in_the_language_chosen_meanwhile(
    survey: Survey,
    alice_person: Person,
    office: Post,
) -> None:
    ContactPolicy.objects.update(most=1, days=10)
    sent(make_survey(survey.workspace, "other"), alice_person)
    sent(survey, alice_person)
    assert survey.invitations.filter(state=State.WAITING).count() == 20
    Preference.objects.create(workspace=survey.workspace, address="c0@example.com", language="it")
    days_pass(survey, 11)
    survey.invitations.filter(state=State.WAITING).update(send_at=timezone.now())
    sending.let_out_waiting(lambda: None)
    run_all()
    assert [mail["Content-Language"] for mail in office.to("c0@example.com")] == ["en", "it"]


ENDS = ["closed", "closed by the clock", "stopped", "removed", "cancelled"]


def end(how: str, survey: Survey, by: Person) -> None:
    if how == "closed":
        close_survey(survey, by=by)
    elif how == "closed by the clock":
        Survey.objects.filter(pk=survey.pk).update(closes_at=timezone.now() - DAY)
        survey.invitations.filter(state=State.WAITING).update(send_at=timezone.now())
        sending.let_out_waiting(lambda: None)
    elif how == "stopped":
        actions.stop_distribution(survey.distributions.get(), by=by)
    elif how == "removed":
        remove_survey(survey, by=by)
    else:
        for invitation in survey.invitations.filter(state=State.WAITING):
            actions.cancel_invitation(invitation, by=by)


@pytest.mark.parametrize("how", ["goes on", *ENDS])
def test_a_survey_that_asks_no_more_holds_no_slot(
    how: str,
    survey: Survey,
    alice_person: Person,
    office: Post,
) -> None:
    """A quarterly survey waits for its slot; when it ends, a small one with a faster clock gets it."""
    ContactPolicy.objects.update(most=1, days=10)
    members: Workspace = survey.workspace
    sent(make_survey(members, "first"), alice_person)
    sent(survey, alice_person)
    assert Place.objects.filter(reference="survey:nps").count() == 20
    days_pass(survey, 11)
    if how != "goes on":
        end(how, survey, alice_person)
        assert not Place.objects.filter(reference="survey:nps").exists()
    small = make_survey(members, "small", gap_days=7, priority=9)
    sent(small, alice_person)
    waits = set(small.invitations.filter(state=State.WAITING).values_list("because", flat=True))
    assert waits == ({"queue"} if how == "goes on" else set())
    assert small.invitations.filter(state=State.SENT).count() == (0 if how == "goes on" else 20)


def test_a_sending_that_is_stopped_leaves_the_places_of_another_one(
    survey: Survey,
    alice_person: Person,
    office: Post,
) -> None:
    ContactPolicy.objects.update(most=1, days=10)
    sent(make_survey(survey.workspace, "first"), alice_person)
    all_of_them = sent(survey, alice_person)
    sent(survey, alice_person, audience={"people": [{"address": "c3@example.com", "customer": "c3"}]})
    actions.stop_distribution(all_of_them, by=alice_person)
    assert list(Place.objects.values_list("address", flat=True)) == ["c3@example.com"]


def test_invitations_wait_while_their_channel_is_switched_off(
    survey: Survey, alice_person: Person, office: Post, store: Store
) -> None:
    rule = make_rule(survey, alice_person)
    order = {"id": "o1", "customer": "c1", "at": hours_ago(99), "delivered_at": hours_ago(30)}
    store.append("orders", [order], workspace="acme")
    look()
    switch_channel(survey.workspace, "email", False, by=alice_person)
    assert sending.let_out_waiting(lambda: None) == 0
    assert rule.invitations.get().state == State.WAITING
    switch_channel(survey.workspace, "email", True, by=alice_person)
    assert sending.let_out_waiting(lambda: None) == 1
