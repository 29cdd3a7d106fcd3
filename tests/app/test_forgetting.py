"""Forgetting a customer on request: what surveys and messages keep of them, and what goes on holding."""
# ruff: noqa: F811 fixtures are imported

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.utils import timezone

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.analytics.store import Store
from percorso.base import fact_outbox
from percorso.base.worker import run_all
from percorso.customers.forgetting import forget_customer
from percorso.outreach import contact
from percorso.outreach.models import ContactPolicy, Message, Preference, Refusal, Suppression
from percorso.outreach.preferences import on_record, unsubscribe
from percorso.outreach.unsubscribe import Recipient, unsubscribe_link
from percorso.surveys.inviting import actions, reminding, sending
from percorso.surveys.models import Invitation, Response, Survey
from percorso.surveys.results.actions import erase
from tests.app.api_client import Program
from tests.app.test_inviting import (  # noqa: F401 fixtures
    LANGUAGES,
    SEND,
    answer,
    distribute,
    make_survey,
    office,
    store,
    survey,
)
from tests.smtp import Post

State = Invitation.State
TRACES = ("c0@example.com", "ana 0", '"c0"', "c0 ")


def kept() -> str:
    """Return all that the apps of surveys and messages have in their tables, as one text."""
    told: list[str] = []
    for label in ("surveys", "outreach"):
        for model in apps.get_app_config(label).get_models():
            names = [
                f.name
                for f in model._meta.concrete_fields
                if isinstance(f, models.CharField | models.TextField | models.JSONField)
            ]
            told += [repr(row).replace("'", '"') for row in model._default_manager.values_list(*names)]
    return "\n".join(told).lower()


@pytest.fixture
def asked(survey: Survey, alice_person: Person, office: Post) -> Survey:
    """A survey that twenty people got, of whom c0 and c1 have answered."""
    distribute(survey, alice_person, remind_days=3)
    for customer in ("c0", "c1"):
        answer(survey.invitations.get(customer=customer), "nps=9")
    Response.objects.update(origin="abc")
    return survey


def forget(survey: Survey, by: Person, customer: str = "c0") -> None:
    forget_customer(survey.workspace, customer, by=by, reason="asked by mail")
    run_all()


def test_nothing_tells_who_it_was(asked: Survey, alice_person: Person, alice: Client, store: Store) -> None:
    Preference.objects.create(workspace=asked.workspace, address="c0@example.com", language="it")
    distribute(asked, alice_person)  # refused, for it was asked lately
    assert Refusal.objects.filter(customer="c0").exists()
    assert all(trace in kept() for trace in TRACES[:3])
    forget(asked, alice_person)
    left = kept()
    assert not [trace for trace in TRACES if trace in left]
    assert "c1@example.com" in left
    response = Response.objects.get(invitation__customer="", survey=asked)
    assert (response.customer, response.traits, response.origin) == ("", {}, "")
    assert response.answers == {"nps": 9}, "the score stays, what was written goes"
    fact_outbox.load()
    for table in ("messages", "answers", "mentions"):
        t = store.table(table, "acme")
        assert not store.engine.fetch(store.engine.sql(t.filter(t.customer == "c0"))).to_pylist()
    page = alice.get(SEND + "invitations/").content.decode()
    assert "Somebody who was forgotten" in page
    assert "forgotten:" not in page
    entry = AuditEntry.objects.get(action="customer_forgotten")
    assert "c0" not in (entry.target, str(entry.details))


def test_two_people_of_one_sending_are_forgotten(asked: Survey, alice_person: Person) -> None:
    for customer in ("c0", "c1", "c2", "c20", "c0"):
        forget(asked, alice_person, customer)
    assert asked.invitations.filter(customer="", address__startswith="forgotten:").count() == 4


def test_who_waits_gets_nothing_and_nobody_is_reminded(survey: Survey, alice_person: Person, office: Post) -> None:
    ContactPolicy.objects.update(most=1, days=10)
    distribute(
        make_survey(survey.workspace, "other"), alice_person, subject=dict.fromkeys(LANGUAGES, "Another"), remind_days=2
    )
    distribute(survey, alice_person)
    forget(survey, alice_person)
    assert survey.invitations.filter(state=State.CANCELLED).count() == 1
    Message.objects.update(sent_at=timezone.now() - timezone.timedelta(days=11))
    Invitation.objects.filter(state=State.SENT).update(sent_at=timezone.now() - timezone.timedelta(days=11))
    survey.invitations.filter(state=State.WAITING).update(send_at=timezone.now())
    assert sending.let_out_waiting(lambda: None) == 19
    assert reminding.remind(lambda: None) == 19
    run_all()
    assert len(office.to("c0@example.com")) == 1
    for forgotten in Invitation.objects.filter(address__startswith="forgotten:"):
        assert not actions.send_again(forgotten, by=alice_person)


def test_a_message_that_waits_is_not_sent(survey: Survey, alice_person: Person, office: Post) -> None:
    made = actions.make_distribution(
        survey, channel="email", audience={"segment": None}, subject={}, words={}, by=alice_person
    )
    sending.distribute(made, lambda share, n: None)
    assert Message.objects.filter(state=Message.State.WAITING).count() == 20
    forget(survey, alice_person)
    assert len(office.mails) == 19
    assert not office.to("c0@example.com")


def test_who_has_unsubscribed_stays_so_without_an_address(asked: Survey, alice_person: Person, alice: Client) -> None:
    acme = asked.workspace
    person = Recipient(acme, "email", "c0@example.com", "survey", "c0")
    unsubscribe(person, {"browser": "of c0@example.com"})
    contact.suppress(acme, "c1@example.com", because="bounced", by="test", proof={"told": "<c1@example.com> unknown"})
    forget(asked, alice_person)
    row = Suppression.objects.get(because="unsubscribed")
    assert (row.address[:10], row.proof) == ("forgotten:", {})
    assert contact.suppressed(acme, "email", "survey", "c0@example.com") == "unsubscribed"
    assert contact.suppressed(acme, "email", "survey", "c1@example.com") == "bounced"
    assert not unsubscribe(person, {}), "it stands there already"
    assert Suppression.objects.count() == 2
    assert [row.pk for row in on_record(person).stopped] == [row.pk]
    assert "Somebody who was forgotten" in alice.get("/w/acme/settings/contact/suppressed/").content.decode()
    made = distribute(make_survey(acme, "again"), alice_person, subject=dict.fromkeys(LANGUAGES, "Again"))
    assert not made.invitations.filter(state=State.SENT, address="c0@example.com").exists()
    # The link in an old message still works, and the person may take it back.
    path = unsubscribe_link(acme, "email", "c0@example.com", "survey", "c0").split("/", 3)[3]
    alice.post(f"/{path}preferences/", {"do": "choose", "wanted": ["email:survey", "email:campaign", "email:service"]})
    assert contact.suppressed(acme, "email", "survey", "c0@example.com") == ""


def test_who_shares_an_address_keeps_what_is_theirs(survey: Survey, alice_person: Person, office: Post) -> None:
    both = [{"address": "family@x.test", "customer": who, "name": who} for who in ("c0", "c1")]
    distribute(survey, alice_person, audience={"people": both[:1]})
    distribute(
        make_survey(survey.workspace, "b"),
        alice_person,
        audience={"people": both[1:]},
        subject=dict.fromkeys(LANGUAGES, "B"),
    )
    forget(survey, alice_person)
    assert list(Invitation.objects.filter(address="family@x.test").values_list("customer", flat=True)) == ["c1"]
    assert list(Message.objects.filter(address="family@x.test").values_list("customer", flat=True)) == ["c1"]


def test_another_workspace_forgets_nobody(asked: Survey, alice_person: Person, charlie_person: Person) -> None:
    elsewhere = Workspace.objects.get(slug="elsewhere")
    forget_customer(elsewhere, "c0", by=charlie_person, reason="asked")
    run_all()
    assert asked.invitations.filter(customer="c0", address="c0@example.com").exists()


def test_erasing_one_response_erases_whom_its_invitation_was_for(asked: Survey, alice_person: Person) -> None:
    invitation = asked.invitations.get(customer="c0")
    erase(invitation.response, reason="asked", by=alice_person)
    invitation.refresh_from_db()
    assert (invitation.customer, invitation.name, invitation.traits, invitation.state) == ("", "", {}, State.ANSWERED)
    assert invitation.is_forgotten
    left = kept()
    assert not [trace for trace in TRACES if trace in left]
    assert asked.invitations.filter(customer="c1").exists()


def test_a_list_that_is_still_to_be_sent_to_loses_who_was_forgotten(survey: Survey, alice_person: Person) -> None:
    people = [{"address": f"c{i}@example.com", "customer": f"c{i}", "name": f"Ana {i}"} for i in range(3)]
    later = timezone.now() + timezone.timedelta(days=1)
    made = actions.make_distribution(
        survey, channel="email", audience={"people": people}, subject={}, words={}, by=alice_person, send_at=later
    )
    forget(survey, alice_person)
    made.refresh_from_db()
    assert [person["customer"] for person in made.audience["people"]] == ["c1", "c2"]
    actions.stop_distribution(made, by=alice_person)
    made.refresh_from_db()
    assert made.audience == {"list": 2}


def test_a_program_forgets_a_customer(asked: Survey, members: Workspace, alice_person: Person) -> None:
    blind = Program(members, alice_person, personal=False)
    assert blind.ask("DELETE", "/customers/c0").status_code == 403
    assert asked.invitations.filter(customer="c0").exists()
    for _ in range(2):
        assert Program(members, alice_person).ask("DELETE", "/customers/c0").status_code == 204
    run_all()
    assert not [trace for trace in TRACES if trace in kept()]
