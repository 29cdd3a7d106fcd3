"""The pages of privacy: a copy for who asks, erasure with a receipt, what is masked, how long what is kept."""
# ruff: noqa: F811 fixtures are imported

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.test import Client
from django.utils import timezone

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.analytics.store import Store
from percorso.base import fact_outbox
from percorso.base.models import Job
from percorso.base.worker import run_all
from percorso.customers.models import ErasureReceipt, Privacy
from percorso.customers.privacy import export, retention
from percorso.customers.privacy.subject import subject_of
from percorso.outreach.models import Message
from percorso.sources.models import RefusedCall, Source
from percorso.surveys.models import Response, Survey, Version
from percorso.surveys.submitting import Sent, submit
from tests.app.api_client import Program
from tests.app.test_inviting import NPS
from tests.app.test_privacy_erasure import AT, AT_TEXT, ID, MAIL, NAME, OTHER, fact, fill_facts, folder, store  # noqa: F401 fixtures

SCHEMA = Path(__file__).parents[2] / "docs" / "personal-data.schema.json"
ONE, ALL = f"/w/acme/customers/{ID}/privacy/", "/w/acme/settings/privacy/"


@pytest.fixture
def known(members: Workspace, store: Store) -> Workspace:
    """A person with facts, a message and a Portuguese questionnaire."""
    fill_facts(store)
    store.append(
        "customers",
        [
            {
                "id": ID,
                "customer": ID,
                "name": NAME,
                "language": "pt-BR",
                "created_at": AT_TEXT,
                "traits": json.dumps({"email": MAIL}),
            }
        ],
        workspace="acme",
    )
    Message.objects.create(
        workspace=members,
        channel="email",
        purpose="survey",
        address=MAIL,
        customer=ID,
        name=NAME,
        text="Oi",
        send_at=AT,
        state="sent",
    )
    return members


def test_the_schema_that_is_published_is_the_one_that_holds() -> None:
    assert json.loads(SCHEMA.read_text()) == export.schema()


def test_a_copy_is_made_downloaded_and_noted(known: Workspace, bob: Client, store: Store) -> None:
    assert bob.post(ONE + "copy/").status_code == 302
    run_all()
    job = Job.objects.get(name="export_person")
    answer = bob.get(f"{ONE}copy/{job.pk}/")
    made = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    jsonschema.validate(made, export.schema(), cls=jsonschema.Draft202012Validator)
    assert made["person"]["names"] == [NAME]
    assert {"answers", "events", "mentions", "orders", "customers"} <= set(made["facts"])
    assert made["facts"]["customers"][0]["traits"] == {"email": MAIL}
    assert [row["text"] for row in made["parts"]["messages"]["rows"]] == ["Oi"]
    assert OTHER not in json.dumps(made)
    actions = set(AuditEntry.objects.filter(target=ID).values_list("action", flat=True))
    assert {"personal_copy_made", "personal_copy_read"} <= actions
    Job.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert bob.get(f"{ONE}copy/{job.pk}/").status_code == 404


def test_old_copies_go(known: Workspace, alice: Client) -> None:
    import os

    alice.post(ONE + "copy/")
    run_all()
    [file] = export.folder().iterdir()
    assert export.forget_old() == 0
    os.utime(file, (0, 0))
    assert export.forget_old() == 1
    assert not file.exists()


def test_everything_is_read_in_the_persons_language(known: Workspace, alice: Client) -> None:
    page = alice.get(ONE + "read/").content.decode()
    assert 'lang="pt-br"' in page.lower()
    assert NAME in page
    assert "Write to" in page


def test_a_program_gets_the_copy(known: Workspace, alice_person: Person) -> None:
    made = Program(known, alice_person).get(f"/customers/{ID}/personal-data").json()
    jsonschema.validate(made, export.schema(), cls=jsonschema.Draft202012Validator)
    assert Program(known, alice_person).get("/customers/nobody/personal-data").status_code == 404
    assert Program(known, alice_person, personal=False).get(f"/customers/{ID}/personal-data").status_code == 403


@pytest.mark.parametrize(
    ("role", "sees", "erases"), [("analyst", 403, 403), ("viewer", 200, 403), ("editor", 200, 403)]
)
def test_who_may_not_see_people_gets_no_copy_and_only_owners_erase(
    role: str, sees: int, erases: int, known: Workspace, as_role: Callable[[str], Client]
) -> None:
    client = as_role(role)
    assert client.get(ONE).status_code == sees
    assert client.post(ONE + "erase/", {"confirmed": NAME}).status_code == erases
    assert "Erase this person" not in client.get(ONE).content.decode()
    assert client.get(ALL).status_code == 403


def test_a_person_is_erased_when_the_name_is_typed(known: Workspace, alice: Client, store: Store) -> None:
    page = alice.get(ONE).content.decode()
    assert "Erase this person" in page
    assert "Scores" in page or "scores" in page
    refused = alice.post(ONE + "erase/", {"confirmed": "somebody else"})
    assert (refused.status_code, ErasureReceipt.objects.count()) == (422, 0)
    assert "Nothing was erased" in refused.content.decode()
    answer = alice.post(ONE + "erase/", {"confirmed": NAME.upper(), "reason": "letter of 3 March"})
    receipt = ErasureReceipt.objects.get()
    assert answer.headers["Location"] == f"{ALL}receipts/{receipt.pk}/"
    assert "Under way" in alice.get(answer.headers["Location"]).content.decode()
    run_all()
    page = alice.get(answer.headers["Location"]).content.decode()
    assert "letter of 3 March" in page
    assert "Erased everywhere" in page
    assert NAME not in page
    told = alice.get(f"{answer.headers['Location']}json/").json()
    assert told["rows"]["answers"] == 2
    assert MAIL not in json.dumps(told)
    assert alice.get(ONE).status_code == 404
    nobody = store.table("answers", "acme").filter(lambda t: t.customer.startswith("forgotten:")).customer.execute()[0]
    assert alice.get(f"/w/acme/customers/{nobody.replace(':', '~3A')}/privacy/").status_code == 404


def test_somebody_is_found_by_the_address_copied_and_erased(members: Workspace, alice: Client, store: Store) -> None:
    Message.objects.create(
        workspace=members,
        channel="email",
        purpose="survey",
        address=MAIL,
        name=NAME,
        text="Hi",
        send_at=AT,
        state="sent",
    )
    page = alice.post(ALL + "find/", {"who": MAIL}).content.decode()
    assert NAME in page
    key = page.partition('name="key" value="')[2].partition('"')[0]
    copy = alice.post(ALL + "copy/", {"who": MAIL, "key": key})
    assert copy.json()["person"]["addresses"] == [MAIL]
    assert alice.post(ALL + "copy/", {"who": MAIL, "key": "other"}).status_code == 404
    assert alice.post(ALL + "erase/", {"who": MAIL, "key": key, "confirmed": "no"}).status_code == 422
    assert alice.post(ALL + "erase/", {"who": MAIL, "key": key, "confirmed": NAME}).status_code == 302
    run_all()
    assert "Nothing is kept under this" in alice.post(ALL + "find/", {"who": MAIL}).content.decode()
    assert not Message.objects.filter(address=MAIL).exists()
    assert "taken again" in alice.post(ALL + "lift/", {"lift-who": MAIL}, follow=True).content.decode()
    assert "Nobody who was erased" in alice.post(ALL + "lift/", {"lift-who": MAIL}, follow=True).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_receipts_asks_as_often_for_three_as_for_one(
    rows: int, members: Workspace, alice: Client, store: Store, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        ErasureReceipt.objects.create(workspace=members, by="Alice")
    alice.get(ALL)
    with django_assert_num_queries(8):
        assert alice.get(ALL).content.decode().count("No. ") >= rows


def test_what_is_older_than_it_is_kept_ends(members: Workspace, alice: Client, store: Store) -> None:
    old, new = "2020-01-10T00:00:00Z", timezone.now().isoformat()
    score = {"metric": "nps", "scale_min": 0, "scale_max": 10, "polarity": "higher", "survey": "s"}
    store.append("answers", [fact("answers", i, at=old, score=i, **score) for i in range(2)], workspace="acme")
    store.append("answers", [fact("answers", 7, at=new, score=9, **score)], workspace="acme")
    store.append("events", [fact("events", 1, at=old, name="x"), fact("events", 2, at=new, name="x")], workspace="acme")
    store.append("events", [fact("events", 3, at=old, name="x")], workspace="elsewhere")
    source = Source.objects.create(workspace=members, name="Shop", key="k" * 32)
    RefusedCall.objects.create(source=source, reason="r", body=MAIL, at=datetime(2020, 1, 1, tzinfo=UTC))
    chosen = {
        "months:facts.answers": "24",
        "months:facts.events": "12",
        "months:sources.refused": "1",
        "masked": ["card"],
    }
    tried = alice.post(ALL, chosen | {"try": "1"}).content.decode()
    assert "nothing is saved yet" in tried
    assert not Privacy.objects.exists()
    assert alice.post(ALL, chosen).status_code == 302
    row = Privacy.objects.get()
    assert (row.masked, row.months) == (["card"], {"facts.answers": 24, "facts.events": 12, "sources.refused": 1})
    assert retention.preview(members, row.months) == {"facts.answers": 2, "facts.events": 1, "sources.refused": 1}
    assert retention.carry_out(members, by="clock") == {"facts.answers": 2, "facts.events": 1, "sources.refused": 1}
    assert retention.carry_out(members, by="clock") == {}
    names = store.table("answers", "acme").order_by("at").customer.execute().tolist()
    assert names[0] == names[1] != names[2] == ID
    assert names[0].startswith("forgotten:")
    assert sorted(store.table("answers", "acme").score.execute()) == [0, 1, 9]
    assert store.table("events", "acme").id.execute().tolist() == ["events-2"]
    assert store.table("events", "elsewhere").count().execute() == 1
    entry = AuditEntry.objects.get(action="kept_long_enough")
    assert entry.details == {"facts.answers": 2, "facts.events": 1, "sources.refused": 1}
    assert alice.post(ALL, {"months:facts.events": "0"}).status_code == 422


def test_old_responses_and_messages_are_of_nobody(members: Workspace, store: Store) -> None:
    survey = Survey.objects.create(workspace=members, name="NPS", slug="nps", draft=NPS, state="live")
    survey.live = version = Version.objects.create(survey=survey, number=1, content=NPS)
    survey.save()
    old = datetime(2020, 1, 1, tzinfo=UTC)
    Response.objects.create(
        survey=survey,
        version=version,
        customer=ID,
        language="en",
        channel="web",
        answers={"nps": 9, "why": NAME},
        started_at=old,
        changed_at=old,
    )
    message = Message.objects.create(
        workspace=members,
        channel="email",
        purpose="survey",
        address=MAIL,
        customer=ID,
        text=NAME,
        send_at=old,
        state="sent",
    )
    Message.objects.filter(pk=message.pk).update(created_at=old)
    months = {"surveys.responses": 12, "outreach.messages": 12}
    Privacy.objects.create(workspace=members, months=months)
    assert retention.carry_out(members, by="clock") == {"surveys.responses": 1, "outreach.messages": 1}
    assert retention.carry_out(members, by="clock") == {}
    assert (Response.objects.get().answers, Response.objects.get().customer) == ({"nps": 9}, "")
    assert Message.objects.get().text == ""


def test_what_people_write_is_masked_on_entry(members: Workspace, store: Store) -> None:
    survey = Survey.objects.create(workspace=members, name="NPS", slug="nps", draft=NPS, state="live")
    survey.live = Version.objects.create(survey=survey, number=1, content=NPS)
    survey.save()
    given = {"nps": 3, "why": "Call +55 11 98760-4321, CPF 529.982.247-25"}
    for _ in range(2):
        response, _new = submit(survey, given, Sent("api", "en", key="r1"))
    assert response.answers == {"nps": 3, "why": "Call [phone], CPF [CPF]"}
    fact_outbox.load()
    [text] = store.table("mentions", "acme").text.execute()
    assert text == "Call [phone], CPF [CPF]"
    properties = {"email": MAIL, "note": f"mine is {MAIL}", "order_id": "11987654321"}
    store.append(
        "events",
        [fact("events", 1, name="x", properties=json.dumps(properties), page=f"/in?mail={MAIL}")],
        workspace="acme",
    )
    store.append("mentions", [{"id": "m", "at": AT_TEXT, "text": "card 4111 1111 1111 1111"}], workspace="acme")
    row = store.table("events", "acme").execute().to_dict("records")[0]
    assert json.loads(row["properties"]) == properties | {"note": "mine is [e-mail]"}
    assert row["page"] == "/in?mail=[e-mail]"
    assert "card [card]" in store.table("mentions", "acme").text.execute().tolist()


def test_a_kind_that_is_switched_off_stays(members: Workspace, alice: Client, store: Store) -> None:
    alice.post(ALL, {"masked": ["card"]})
    store.append("mentions", [{"id": "m", "at": AT_TEXT, "text": f"{MAIL} 4111111111111111"}], workspace="acme")
    assert store.table("mentions", "acme").text.execute().tolist() == [f"{MAIL} [card]"]


def test_a_person_may_be_asked_for_by_every_app(known: Workspace) -> None:
    subject = subject_of(known, ID)
    assert set(export.collect(known, subject)) == {"version", "made_at", "company", "person", "facts", "parts"}
