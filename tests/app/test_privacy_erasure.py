"""Erasing a person: nothing that names them is left in any table, file, log or backup; what was scored stays as it was."""

import io
import json
import logging
import tarfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from percorso.accounts.audit import record
from percorso.accounts.models import AuditEntry, Notice, Person, Workspace
from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.store import Store
from percorso.analytics.tables import TABLES
from percorso.base import backup, fact_outbox, jobs, owner
from percorso.base.models import Job
from percorso.base.worker import run_all
from percorso.customers.actions import note_view
from percorso.customers.consent import record_consent
from percorso.customers.forgetting import forget_customer
from percorso.customers.models import Consent, ErasedIdentity, ErasureReceipt, Identity, IdentityClaim
from percorso.customers.privacy import entry, erasing, export
from percorso.customers.privacy.erased import look_again
from percorso.customers.privacy.erasing import erase, lift
from percorso.customers.privacy.subject import Subject, subject_of, subjects_at
from percorso.outreach.models import Delivery, KeptAnswer, Message, Place, Preference, Refusal, Suppression, Webhook
from percorso.sources.models import Import, RefusedCall, Source
from percorso.sources.tracking import loader
from percorso.sources.tracking.keys import forget_keys
from percorso.surveys.models import Invitation, Response, Survey, Version
from percorso.surveys.submitting import Sent, submit
from tests.app.api_client import Program
from tests.app.test_inviting import NPS
from tests.app.test_tracking import Site

ID, NAME, MAIL, PHONE, DEVICE = "cust-90417", "Quitéria Zanoncelli", "quiteria.zanoncelli@example.com", "+5511987604321", "dev-7f3a-90c1-44"  # fmt: skip
TRACES = (ID, NAME, MAIL, PHONE, PHONE[1:], DEVICE, "quiteria", "zanoncelli", "Quit\\u00e9ria")
OTHER = "cust-11111"
AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
AT_TEXT = AT.isoformat()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "data"
    made.mkdir()
    monkeypatch.setenv("PERCORSO_DATA", str(made))
    return made


@pytest.fixture
def store(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The file of facts in the data folder, as the server has it."""
    look_again()
    forget_keys()
    with Store.open(folder / "facts.duckdb") as made:
        made.entering = entry.entering
        monkeypatch.setattr(owner, "_store", made)
        yield made
    look_again()
    forget_keys()


def fact(table: str, number: int, **more: Any) -> dict[str, Any]:
    row = {"id": f"{table}-{number}", "customer": ID, "identity": ID, "at": AT_TEXT, "channel": "web"}
    return row | more


def fill_facts(store: Store) -> None:
    """A person in every table, beside somebody else of whom nothing may change."""
    score = {
        "metric": "nps",
        "scale_min": 0,
        "scale_max": 10,
        "polarity": "higher",
        "survey": "s",
        "population": "customer",
    }
    # Two answers of one person in one period: only the newest counts.
    store.append(
        "answers",
        [fact("answers", i, score=s, at=f"2026-05-0{i + 1}T10:00:00Z", **score) for i, s in enumerate((2, 10))],
        workspace="acme",
    )
    others = [{"id": f"o{i}", "customer": f"{OTHER}{i}", "at": AT_TEXT, "score": i, **score} for i in range(5)]
    store.append("answers", others, workspace="acme")
    traits = {"email": MAIL.title(), "phone": "+55 11 98760-4321", "note": f"called {NAME}"}
    store.append(
        "customers",
        [{"id": ID, "customer": ID, "name": NAME, "created_at": AT_TEXT, "traits": json.dumps(traits)}],
        workspace="acme",
    )
    store.append(
        "customers", [{"id": OTHER, "customer": OTHER, "name": "Bruna", "created_at": AT_TEXT}], workspace="acme"
    )
    store.entering, guard = None, store.entering  # as it was stored before anything was masked
    told = json.dumps({"text": f"I am {NAME}, {MAIL}"})
    for table in TABLES:
        if table not in ("answers", "customers"):
            more = {"text": f"Write to {MAIL} or {PHONE}"} if table == "mentions" else {}
            # Delivered twice: the first one stays in the file as a row that is gone.
            for _ in range(2):
                store.append(table, [fact(table, 1, properties=told, **more)], workspace="acme")
    store.append(
        "mentions",
        [{"id": "other", "customer": OTHER, "at": AT_TEXT, "text": f"{NAME} ({MAIL}) told me. Fine!", "rating": 4}],
        workspace="acme",
    )
    store.append(
        "events",
        [
            {
                "id": "shared",
                "customer": OTHER,
                "at": AT_TEXT,
                "name": "Viewed",
                "page": f"/u/{MAIL}",
                "properties": json.dumps({"by": ID}),
            }
        ],
        workspace="acme",
    )
    store.entering = guard


def fill_tables(acme: Workspace, by: Person, site: Site, folder: Path) -> Survey:
    """A person in everything that apps keep."""
    survey = Survey.objects.create(workspace=acme, name="NPS", slug="nps", draft=NPS, state="live")
    survey.live = version = Version.objects.create(survey=survey, number=1, content=NPS)
    survey.save()
    who: dict[str, Any] = {"workspace": acme, "channel": "email", "address": MAIL, "customer": ID}
    message = Message.objects.create(
        **who,
        purpose="survey",
        name=NAME,
        subject=f"{NAME}?",
        text=f"Hi {NAME}",
        html=f"<p>{NAME}",
        headers={"To": MAIL},
        state="sent",
        send_at=AT,
        told=f"ok {MAIL}",
    )
    invitation = Invitation.objects.create(
        survey=survey,
        customer=ID,
        address=MAIL,
        name=NAME,
        channel="email",
        traits={"name": NAME},
        message=message,
        send_at=AT,
        expires_at=timezone.now(),
    )
    now = timezone.now()
    Response.objects.create(
        survey=survey,
        version=version,
        invitation=invitation,
        customer=ID,
        language="en",
        channel="email",
        answers={"nps": 9, "why": f"I am {NAME}"},
        traits={"email": MAIL},
        origin="o",
        started_at=now,
        changed_at=now,
    )
    Refusal.objects.create(**who, purpose="survey", because="often")
    Place.objects.create(**who, reference="survey:nps", since=AT, until=now)
    Preference.objects.create(workspace=acme, address=MAIL, language="it")
    Suppression.objects.create(workspace=acme, address=MAIL, because="bounced", proof={"told": MAIL}, by=MAIL)
    record_consent(acme, MAIL, "survey", given=True, by=MAIL, proof={"signed": NAME}, customer=ID)
    hook = Webhook.objects.create(workspace=acme, url="https://x.test/", secret="s")
    Delivery.objects.create(
        webhook=hook, event="e1", kind="response.completed", body=json.dumps({"customer": ID, "why": NAME})
    )
    key = Program(acme, by).key if hasattr(Program(acme, by), "key") else None
    if key is not None:
        KeptAnswer.objects.create(
            api_key=key, name="n", fingerprint="f", status=200, body=json.dumps({"name": NAME, "email": MAIL}), at=now
        )
    note_view(acme, ID, by=by)
    record("downloaded", acme, by=by, target=f"{MAIL}.csv", about=ID)
    Notice.objects.create(person=by, workspace=acme, template="{name} wrote", params={"name": NAME})
    fact_outbox.put("acme", {"answers": [fact("answers", 9, score=7, metric="csat", scale_min=0, scale_max=10)]})
    # Calls: taken, refused, and one that waits in the spool.
    site.send(
        "identify", {"userId": ID, "anonymousId": DEVICE, "traits": {"email": MAIL, "phone": PHONE, "name": NAME}}
    )
    site.send("track", {"anonymousId": DEVICE, "event": "Bought", "properties": {"note": NAME}})
    site.send("track", {"userId": ID, "properties": {"email": MAIL}})
    loader.load()
    site.send("track", {"userId": ID, "event": "Waits", "properties": {"note": NAME}})
    row = Import.objects.create(
        workspace=acme,
        connector="customers",
        files=["c.csv"],
        upload="acme/abc",
        preview={"rows": [{"name": NAME, "email": MAIL}]},
        told=[{"params": {"id": ID}}],
        message=f"row of {MAIL}",
        state="done",
    )
    files = {"uploads/acme/abc/c.csv": f"id,name\n{ID},{NAME}\n", f"rejected/{row.rejected_path.name}": json.dumps({"id": ID, "name": NAME}) + "\n" + json.dumps({"id": OTHER}) + "\n",
             "mail/1.log": f"To: {MAIL}\n\nHi\n{'-' * 79}\nTo: other@x.test\n\nHi\n{'-' * 79}\n", "exports/answers.csv": f"{NAME},9\n"}  # fmt: skip
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    Job.objects.create(
        name="export_answers",
        workspace="acme",
        state="done",
        run_at=now,
        finished_at=now,
        result={"file": "answers.csv"},
        arguments={"who": MAIL},
    )
    jobs.enqueue(
        "publish_event",
        workspace="acme",
        event="e9",
        kind="response.completed",
        at=AT_TEXT,
        data={"customer": ID, "name": NAME},
    )
    made = export.line_up(acme, ID, "en", by=by.email)
    run_all()
    assert export.file_of(Job.objects.get(pk=made.pk)) is not None
    return survey


def found_in(data: bytes | str) -> list[str]:
    text = (data.decode("utf-8", "replace") if isinstance(data, bytes) else data).lower()
    return [trace for trace in TRACES if trace.lower() in text]


def in_tables() -> dict[str, list[str]]:
    """Return which table of the database has which trace, whatever kind its columns are."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            if traces := found_in(repr(cursor.fetchall())):
                found[table] = traces
    return found


def in_facts(store: Store) -> dict[str, list[str]]:
    rows = {name: store.engine.fetch(f"SELECT * FROM {name}").to_pylist() for name in TABLES}
    return {name: traces for name, every in rows.items() if (traces := found_in(str(every)))}


def in_files(folder: Path) -> dict[str, list[str]]:
    return {str(p): traces for p in folder.rglob("*") if p.is_file() and (traces := found_in(p.read_bytes()))}


def in_backup(file: Path) -> dict[str, list[str]]:
    """Return what an archive holds, its tables of facts read."""
    import pyarrow.parquet as pq

    found = {}
    with tarfile.open(file) as archive:
        for member in archive.getmembers():
            data = archive.extractfile(member)
            content = data.read() if data else b""
            text = str(pq.read_table(io.BytesIO(content)).to_pylist()) if member.name.endswith(".parquet") else content
            if traces := found_in(text):
                found[member.name] = traces
    return found


def nps(store: Store) -> list[tuple[float | None, int]]:
    """Return the NPS of May 2026 and of how many it is: of all answers, and of the newest one of each customer."""
    period = Period(date(2026, 5, 1), date(2026, 5, 31))
    told = []
    for options in ({}, {"latest_per": "customer"}):
        cell = measure(store, Query(("nps",), period=period, workspace="acme", options=options)).one()
        told.append((cell.value, cell.n))
    return told


def database_bytes() -> bytes:
    """Return what lies in the files of the database: SQLite's and its log, or those of PostgreSQL's tables and indexes."""
    if connection.vendor == "sqlite":
        file = Path(str(connection.settings_dict["NAME"]))
        return file.read_bytes() + Path(f"{file}-wal").read_bytes()
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(
            "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
        )
        folder, database = cursor.fetchone()
    return b"".join(p.read_bytes() for p in Path(folder, "base", str(database)).iterdir() if p.is_file())


@pytest.mark.django_db(transaction=True)
def test_nothing_of_an_erased_person_can_be_found_anywhere(
    members: Workspace, alice_person: Person, store: Store, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    site = Site(Source.objects.create(workspace=members, name="Shop", key="k" * 32))
    fill_facts(store)
    fill_tables(members, alice_person, site, folder)
    before = {
        name: store.table(name, "acme").count().execute() for name in TABLES if name not in ("customers", "events")
    }
    figure = nps(store)
    scores = sorted(store.table("answers", "acme").score.execute().tolist())
    assert set(in_facts(store)) == set(TABLES)
    assert len(in_tables()) >= 15, sorted(in_tables())
    assert len(in_files(folder)) >= 5
    assert found_in(database_bytes())
    caplog.clear()
    capfd.readouterr()

    with caplog.at_level(logging.DEBUG):
        forget_customer(members, ID, by=alice_person, reason=f"{NAME} asked by mail from {MAIL}")
        run_all()
        site.send("track", {"userId": ID, "event": "Later", "properties": {"note": NAME}})
        site.send("identify", {"userId": ID, "traits": {"email": MAIL}})
        site.send("track", {"userId": ID, "properties": {"email": MAIL}})
        site.send("page", {"anonymousId": DEVICE, "name": NAME})
        loader.load()
        store.append("customers", [{"id": ID, "name": NAME}], workspace="acme")
        store.append("answers", [fact("answers", 1, score=0, metric="nps")], workspace="acme", batch="imported again")
        run_all()

    receipt = ErasureReceipt.objects.get()
    assert receipt.erased_at, Job.objects.filter(state="failed").values_list("name", "error")
    assert receipt.overwritten_at, Job.objects.filter(state="failed").values_list("name", "error")
    assert in_facts(store) == {}
    assert in_tables() == {}
    store.engine.connection.execute("CHECKPOINT")  # type: ignore[attr-defined]
    assert in_files(folder) == {}
    assert found_in(database_bytes()) == []
    file = tmp_path / "after.tar.gz"
    backup.back_up(file, store)
    assert in_backup(file) == {}
    assert found_in(caplog.text + "".join(capfd.readouterr())) == []
    assert not [m for m in getattr(mail, "outbox", []) if found_in(str(m.message()))]
    # What was measured stays, of nobody.
    after = {name: store.table(name, "acme").count().execute() for name in before}
    assert after == before | {"answers": before["answers"] + 1}, "one was on its way"
    assert sorted(store.table("answers", "acme").score.execute().tolist()) == sorted([*scores, 7.0])
    assert nps(store) == figure
    response = Response.objects.get()
    assert (response.answers, response.customer, response.traits) == ({"nps": 9}, "", {})
    assert Suppression.objects.get().is_forgotten
    assert not RefusedCall.objects.exists()
    assert not Identity.objects.exists()
    assert not IdentityClaim.objects.exists()
    # Others keep what is theirs.
    assert store.table("customers", "acme").id.execute().tolist() == [OTHER]
    other = store.table("mentions", "acme").filter(lambda t: t.id == "other").text.execute()[0]
    assert other.endswith("told me. Fine!")
    assert (folder / "mail" / "1.log").read_text().count("other@x.test") == 1
    assert OTHER in next((folder / "rejected").glob("*.jsonl")).read_text()


def test_past_scores_do_not_change(members: Workspace, alice_person: Person, store: Store) -> None:
    fill_facts(store)
    before = nps(store)
    assert [n for _, n in before] == [7, 6], "of two answers of one person the newest counts"
    forget_customer(members, ID, by=alice_person, reason="asked")
    run_all()
    assert nps(store) == before
    names = set(store.table("answers", "acme").customer.execute()) - {f"{OTHER}{i}" for i in range(5)}
    assert len(names) == 1
    assert names.pop().startswith("forgotten:")


def test_the_receipt_says_what_was_done_and_not_to_whom(members: Workspace, alice_person: Person, store: Store) -> None:
    fill_facts(store)
    receipt = forget_customer(members, ID, by=alice_person, reason=f"letter of {NAME}")
    receipt.refresh_from_db()
    assert receipt.subject["customers"] == [ID]
    run_all()
    receipt.refresh_from_db()
    assert (receipt.subject, receipt.reason, receipt.by) == ({}, "letter of [erased]", "Alice Albuquerque")
    assert receipt.counts | {"answers": 2, "customers": 1, "mentions": 1} == receipt.counts
    assert not found_in(json.dumps([receipt.counts, receipt.hashes, receipt.reason]))
    assert all(mark.startswith("forgotten:") for mark in receipt.hashes)
    entry = AuditEntry.objects.get(action="customer_forgotten")
    assert not found_in(entry.target + str(entry.details))


def test_who_shares_an_address_keeps_it(members: Workspace, alice_person: Person, store: Store) -> None:
    for i, name in enumerate(("Ana Um", "Ana Dois")):
        row = {
            "id": f"family-{i}",
            "customer": f"family-{i}",
            "name": name,
            "traits": json.dumps({"email": "family@x.test"}),
        }
        store.append("customers", [row], workspace="acme")
        record_consent(members, "family@x.test", "survey", given=True, by="test", proof={}, customer=f"family-{i}")
    forget_customer(members, "family-0", by=alice_person, reason="asked")
    run_all()
    assert Consent.objects.filter(customer="family-1", address="family@x.test").exists()
    assert not Consent.objects.filter(customer="family-0").exists()
    [left] = store.table("customers", "acme").execute().to_dict("records")
    assert (left["id"], json.loads(left["traits"])) == ("family-1", {"email": "family@x.test"})


def test_who_is_no_customer_is_found_by_the_address_and_erased(
    members: Workspace, alice_person: Person, store: Store
) -> None:
    Message.objects.create(
        workspace=members,
        channel="email",
        purpose="survey",
        address=MAIL,
        name=NAME,
        text=f"Hi {NAME}",
        send_at=AT,
        state="sent",
    )
    store.append(
        "mentions",
        [{"id": "m", "at": AT_TEXT, "text": "good", "properties": json.dumps({"email": MAIL})}],
        workspace="acme",
    )
    [subject] = subjects_at(members, f" {MAIL.upper()} ")
    assert (subject.customers, subject.addresses, subject.names) == ((f"email:{MAIL}",), (MAIL,), (NAME,))
    erase(members, subject, by=alice_person, reason="asked")
    run_all()
    assert (in_facts(store), found_in(Message.objects.get().address)) == ({}, [])
    [again] = subjects_at(members, MAIL)
    assert again.names == ()


def test_a_customer_is_found_by_address_phone_and_id(members: Workspace, store: Store) -> None:
    fill_facts(store)
    for known in (MAIL, PHONE, ID, "+55 (11) 98760-4321"):
        assert [subject.customers for subject in subjects_at(members, known)] == [(ID,)], known
    subject = subject_of(members, ID)
    assert {MAIL, PHONE} <= set(subject.addresses)
    assert NAME in subject.names


def test_erased_data_comes_in_again_only_when_it_is_let_in(
    members: Workspace, alice_person: Person, store: Store
) -> None:
    fill_facts(store)
    forget_customer(members, ID, by=alice_person, reason="asked")
    run_all()
    store.append("orders", [fact("orders", 5)], workspace="acme")
    assert not store.table("orders", "acme").filter(lambda t: t.id == "orders-5").count().execute()
    assert lift(members, MAIL, by=alice_person), "by any of the names that were erased"
    assert not lift(members, MAIL, by=alice_person)
    assert not ErasedIdentity.objects.exists()
    store.append("orders", [fact("orders", 5)], workspace="acme")
    assert store.table("orders", "acme").filter(lambda t: t.id == "orders-5").count().execute() == 1


def test_a_namesake_and_equal_numbers_stay(members: Workspace, alice_person: Person, store: Store) -> None:
    """Ids of digits stand for orders as well, and two people may be called the same."""
    for number in ("1002345", "2002345"):
        row = {"id": number, "customer": number, "name": NAME, "created_at": AT_TEXT}
        store.append("customers", [row], workspace="acme")
        Message.objects.create(
            workspace=members,
            channel="email",
            purpose="survey",
            address=f"{number}@x.test",
            customer=number,
            name=NAME,
            text=f"Hi {NAME}",
            send_at=AT,
            state="sent",
        )
    store.append(
        "orders", [{"id": "1002345", "customer": "2002345", "at": AT_TEXT, "status": "paid 1002345"}], workspace="acme"
    )
    forget_customer(members, "1002345", by=alice_person, reason="asked")
    run_all()
    assert store.table("customers", "acme").execute()[["id", "name"]].to_numpy().tolist() == [["2002345", NAME]]
    assert store.table("orders", "acme").execute()[["id", "status"]].to_numpy().tolist() == [
        ["1002345", "paid 1002345"]
    ]
    assert list(Message.objects.order_by("name").values_list("name", "text")) == [("", ""), (NAME, f"Hi {NAME}")]


@pytest.mark.parametrize(
    "written", [PHONE, PHONE[1:], "+55 (11) 98760-4321", "11 98760-4321", "(11) 987604321", "0055 11 98760 4321"]
)
def test_a_phone_is_found_however_it_is_written(written: str) -> None:
    subject = Subject(("c1",), addresses=(PHONE,))
    assert "4321" not in subject.scrub(f"call {written}.")
    assert subject.scrub("order 987604321 and 2119876043210") == "order 987604321 and 2119876043210"


def test_what_an_erased_person_answers_later_is_of_nobody(
    members: Workspace, alice_person: Person, store: Store
) -> None:
    survey = Survey.objects.create(workspace=members, name="NPS", slug="nps", draft=NPS, state="live")
    survey.live = Version.objects.create(survey=survey, number=1, content=NPS)
    survey.save()
    fill_facts(store)
    forget_customer(members, ID, by=alice_person, reason="asked")
    response, _ = submit(survey, {"nps": 4}, Sent("api", "en", customer=ID, traits={"email": MAIL}))
    assert (response.customer, response.traits, response.answers) == ("", {}, {"nps": 4})
    fact_outbox.load()
    scores = store.table("answers", "acme").filter(lambda t: t.survey == "nps").execute()
    assert scores[["customer", "score"]].to_numpy().tolist() == [[None, 4.0]]


def test_an_erasure_whose_job_was_stopped_is_finished(members: Workspace, alice_person: Person, store: Store) -> None:
    fill_facts(store)
    receipt = forget_customer(members, ID, by=alice_person, reason="asked")
    jobs.stop(Job.objects.get(name="erase_person"))
    run_all()
    assert erasing.finish() == 0, "it may still be under way"
    ErasureReceipt.objects.update(at=timezone.now() - erasing.LATE * 2)
    assert erasing.finish() == 1
    run_all()
    receipt.refresh_from_db()
    assert receipt.overwritten_at is not None
    assert erasing.finish() == 0
    assert in_facts(store) == {}


def test_another_workspace_is_not_touched(members: Workspace, alice_person: Person, store: Store) -> None:
    store.append("orders", [fact("orders", 1)], workspace="elsewhere")
    fill_facts(store)
    forget_customer(members, ID, by=alice_person, reason="asked")
    run_all()
    assert store.table("orders", "elsewhere").customer.execute().tolist() == [ID]
    store.append("orders", [fact("orders", 2)], workspace="elsewhere")
    assert store.table("orders", "elsewhere").count().execute() == 2
