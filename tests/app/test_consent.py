"""The ledger of consent: append only, the newest entry holds; on a customer's page and over the REST interface."""

from collections.abc import Callable

import pytest
from django.test import Client

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.customers.consent import may_contact, record_consent
from percorso.customers.models import Consent
from percorso.errors import BadQuestion
from tests.app.api_client import Program

PAGE = "/w/acme/customers/c1/consent/"
TYPED = {"given": "yes", "purpose": "survey", "channel": "", "address": "ana@x.test", "basis": "consent", "proof": "form 12"}  # fmt: skip


def test_the_newest_entry_of_purpose_and_channel_holds(acme: Workspace) -> None:
    def entry(given: bool, purpose: str = "survey", channel: str = "", customer: str = "") -> None:
        record_consent(acme, " Ana@X.test", purpose, given=given, channel=channel, customer=customer, proof={}, by="test")  # fmt: skip

    assert not may_contact(acme, "ana@x.test", "survey")
    assert may_contact(acme, "ana@x.test", "survey", needed=False)
    entry(True)
    assert may_contact(acme, "ANA@x.test", "survey", channel="sms")
    entry(False, channel="sms")
    assert not may_contact(acme, "ana@x.test", "survey", channel="sms", needed=False)
    assert may_contact(acme, "ana@x.test", "survey", channel="email")
    entry(True, "campaign", customer="c1")
    assert may_contact(acme, "other@x.test", "campaign", customer="c1"), "a customer agrees, not an address"
    entry(False, "survey")
    assert not may_contact(acme, "ana@x.test", "survey", channel="email")


def test_entries_are_never_changed(acme: Workspace) -> None:
    made = record_consent(acme, "ana@x.test", "survey", given=True, proof={"form": 12}, by="test")
    made.given = False
    with pytest.raises(TypeError, match="never changed"):
        made.save()
    assert Consent.objects.get().given


@pytest.mark.parametrize("wrong", [{"address": " "}, {"purpose": "x"}, {"basis": "x"}])
def test_what_cannot_be_recorded(wrong: dict[str, str], acme: Workspace) -> None:
    given = {"address": "ana@x.test", "purpose": "survey"} | wrong
    with pytest.raises(BadQuestion):
        record_consent(acme, given.pop("address"), given.pop("purpose"), given=True, proof={}, by="test", **given)  # type: ignore[arg-type]
    assert not Consent.objects.exists()


def test_the_ledger_on_a_customers_page(alice: Client, as_role: Callable[[str], Client], acme: Workspace) -> None:
    assert "Nothing on record" in alice.get("/w/acme/customers/c1/").content.decode()
    assert alice.post(PAGE, TYPED).status_code == 302
    html = alice.get("/w/acme/customers/c1/").content.decode()
    assert "form 12" in html
    assert "Given" in html
    alice.post(PAGE, TYPED | {"given": "no", "proof": "phone call"})
    html = alice.get("/w/acme/customers/c1/").content.decode()
    assert "Withdrawn" in html
    assert "form 12" in html, "the entry before stays"
    assert list(AuditEntry.objects.filter(action__startswith="consent_").values_list("action", "target").order_by("id")) == [("consent_given", "c1"), ("consent_withdrawn", "c1")]  # fmt: skip

    viewer = as_role("viewer")
    html = viewer.get("/w/acme/customers/c1/").content.decode()
    assert "phone call" in html
    assert "Record consent or its withdrawal" not in html
    assert viewer.post(PAGE, TYPED).status_code == 403
    assert Consent.objects.count() == 2


def test_an_entry_without_proof_is_asked_for_one(alice: Client) -> None:
    answer = alice.post(PAGE, TYPED | {"proof": ""})
    assert answer.status_code == 422
    assert "ana@x.test" in answer.content.decode(), "what was typed stays"
    assert not Consent.objects.exists()
    assert alice.post("/w/acme/customers/nobody-knows/consent/", TYPED).status_code == 404


def test_programs_read_and_write_the_ledger(members: Workspace, alice_person: Person) -> None:
    program = Program(members, alice_person)
    given = {"address": "Ana@X.test", "purpose": "survey", "given": True, "customer": "c1", "proof": {"form": "shop"}}
    made = program.post("/consents", given)
    assert made.status_code == 201
    assert made.json()["address"] == "ana@x.test"
    program.post("/consents", given | {"given": False})
    program.post("/consents", given | {"address": "bob@x.test", "customer": ""})
    assert [row["given"] for row in program.get("/consents?customer=c1").json()["items"]] == [False, True]
    assert len(program.get("/consents?address=BOB@x.test").json()["items"]) == 1
    first = program.get("/consents?limit=2").json()
    assert len(program.get(f"/consents?limit=2&cursor={first['next']}").json()["items"]) == 1
    assert program.post("/consents", given | {"purpose": "x"}).status_code == 400
    assert program.post("/consents", given | {"address": ""}).status_code == 422


def test_keys_without_personal_data_do_neither(members: Workspace, alice_person: Person) -> None:
    program = Program(members, alice_person, personal=False)
    given = {"address": "ana@x.test", "purpose": "survey", "given": True}
    assert program.post("/consents", given).status_code == 403
    assert program.get("/consents").status_code == 403
    assert not Consent.objects.exists()
