"""The pages of imports: upload, what the columns are, trying, importing, running again, undoing."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from percorso.accounts.models import AuditEntry, Notice, Person, Workspace
from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.store import Store
from percorso.base import jobs, owner
from percorso.base.models import Job
from percorso.base.worker import run_all
from percorso.config import data_folder
from percorso.errors import BadQuestion, UserError
from percorso.sources import actions, runs
from percorso.sources.models import Import, KeptMapping

REVIEWS = Path(__file__).parents[1] / "sources/fixtures/olist"
DAYS = Period(date(2024, 1, 1), date(2024, 12, 31), "America/Sao_Paulo")


@pytest.fixture
def empty(acme: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store without facts, for the workspace `acme`."""
    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        yield store


def reviews(scores: list[int], first: int = 0) -> bytes:
    """An export of reviews with these scores."""
    lines = (f"r{first + n},c{n},2024-03-{1 + n % 28:02} 10:00:00,{score},Texto {n}" for n, score in enumerate(scores))
    return (
        "review_id,customer_id,review_answer_timestamp,review_score,review_comment_message\n" + "\n".join(lines) + "\n"
    ).encode()


def send(client: Client, *files: tuple[str, bytes], connector: str = "answers") -> Any:
    given = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post("/w/acme/imports/new/", {"connector": connector, "files": given})


def uploaded(client: Client, *files: tuple[str, bytes], connector: str = "answers") -> Import:
    answer = send(client, *files, connector=connector)
    assert answer.status_code == 302, answer.content.decode()
    row = Import.objects.get(pk=int(answer.url.split("/")[-3]))
    assert answer.url == reverse("import_mapping", args=["acme", row.pk])
    return row


def as_shown(client: Client, row: Import, **changes: str) -> dict[str, str]:
    """What the form on the mapping page sends when a person leaves it as it is, but for `changes`."""
    form = client.get(reverse("import_mapping", args=["acme", row.pk])).context["form"]
    return {name: form[name].value() or "" for name in form.fields} | changes


def describe(client: Client, row: Import, do: str, **changes: str) -> Any:
    return client.post(reverse("import_mapping", args=["acme", row.pk]), as_shown(client, row, **changes) | {"do": do})


def imported(client: Client, *files: tuple[str, bytes], connector: str = "answers") -> Import:
    row = uploaded(client, *files, connector=connector)
    assert describe(client, row, "import").status_code == 302
    run_all()
    row.refresh_from_db()
    return row


def page(client: Client, row: Import) -> str:
    return client.get(reverse("import", args=["acme", row.pk])).content.decode()


def csat(store: Store) -> tuple[float | None, float | None, float | None, int | None]:
    cell = measure(store, Query(("csat",), workspace="acme", period=DAYS)).one()
    return cell.value, cell.low, cell.high, cell.n


def test_reviews_come_in_through_the_page_count_as_by_the_command_and_leave_again(
    alice: Client, empty: Store, acme: Workspace, tmp_path: Path
) -> None:
    before = csat(empty)
    content = reviews([5, 4, 4, 1, 3, 5, 5, 2] * 10)
    row = imported(alice, ("reviews.csv", content))
    assert (row.state, row.records, row.new, row.rejected) == ("done", 80, 160, 0)
    by_page = csat(empty)
    assert by_page[3] == 80

    (tmp_path / "reviews.csv").write_bytes(content)
    with Store.open(":memory:") as other:
        actions.import_files(acme, "answers", [tmp_path / "reviews.csv"], store=other)
        assert csat(other) == by_page

    shown = page(alice, row)
    assert "reviews.csv" in shown
    assert reverse("indicator", args=["acme", "csat"]) in shown
    for other_indicator in ("nps", "sps", "review_rating"):
        assert reverse("indicator", args=["acme", other_indicator]) not in shown

    folder = row.folder
    assert folder.is_dir()
    assert alice.post(reverse("import_undo", args=["acme", row.pk])).status_code == 302
    assert "badge-busy" in page(alice, row) or "hx-get" in page(alice, row)
    run_all()
    row.refresh_from_db()
    assert row.state == "undone"
    assert csat(empty) == before
    assert not folder.exists()
    assert "its rows are out of all figures" in page(alice, row)
    assert "Rows taken out" in page(alice, row)
    done = list(AuditEntry.objects.filter(workspace=acme).order_by("id").values_list("action", flat=True))
    assert done == ["import_uploaded", "import_started", "import_undone"]


def test_who_uploads_sees_what_columns_are_taken_for_and_tries_before_anything_is_stored(
    alice: Client, empty: Store
) -> None:
    bad = b"r900,c1,2024-03-01,17,out of scale\nr901,c1,soon,4,no date\n"
    row = uploaded(alice, ("reviews.csv", reviews([5, 4, 3]) + bad))
    form = alice.get(reverse("import_mapping", args=["acme", row.pk])).context["form"]
    roles = {entry["column"].name: entry["field"].value() for entry in form.columns()}
    assert roles == {
        "review_id": "id", "customer_id": "customer", "review_answer_timestamp": "at",
        "review_score": "score:csat:1:5:higher", "review_comment_message": "comment",
    }  # fmt: skip
    assert describe(alice, row, "try").status_code == 302
    waiting = alice.get(reverse("import_mapping", args=["acme", row.pk])).content.decode()
    assert 'value="import"' not in waiting  # while a job is at work nothing else can be asked for
    run_all()
    shown = alice.get(reverse("import_mapping", args=["acme", row.pk])).content.decode()
    assert "Tried: 5 rows were read, nothing was stored" in shown
    assert "2 rows cannot be imported" in shown
    assert "review_score: 17 is not on the scale 1-5." in shown
    assert "review_answer_timestamp: soon is not a date and time that can be read." in shown
    assert csat(empty)[3] in (0, None)
    row.refresh_from_db()
    assert row.state == "draft"


def test_what_a_person_corrects_is_used_kept_and_said_for_the_next_file(alice: Client, empty: Store) -> None:
    first = b"n;quando;grade;where\n1;03/04/2024;9;kiosk\n2;03/05/2024;99;kiosk\n"
    row = uploaded(alice, ("kiosk.csv", first))
    said = {"column-0": "id", "column-1": "at", "column-2": "score:nps:0:10:higher", "column-3": "channel"}
    describe(alice, row, "import", **said, dates="month", blank="99", **{"same-survey": "Kiosk"})
    run_all()
    t = empty.table("answers", "acme")
    rows = empty.engine.fetch(
        empty.engine.sql(t.order_by("id").select("metric", "score", "channel", "survey", "at"))
    ).to_pylist()
    assert [(r["metric"], r["score"], r["channel"], r["survey"], r["at"].month) for r in rows] == [
        ("nps", 9.0, "kiosk", "Kiosk", 3), ("nps", None, "kiosk", "Kiosk", 3),
    ]  # fmt: skip
    assert KeptMapping.objects.count() == 1
    after = uploaded(alice, ("next.csv", b"n;quando;grade;where\n3;06/07/2024;2;kiosk\n"))
    shown = alice.get(reverse("import_mapping", args=["acme", after.pk])).content.decode()
    assert "were imported before" in shown
    assert as_shown(alice, after)["column-2"] == "score:nps:0:10:higher"
    assert as_shown(alice, after)["dates"] == "month"


def test_two_columns_cannot_be_the_same_thing(alice: Client, empty: Store) -> None:
    row = uploaded(alice, ("reviews.csv", reviews([5])))
    answer = describe(alice, row, "import", **{"column-0": "customer"})
    assert answer.status_code == 422
    assert "Two columns, review_id and customer_id, are customer" in answer.content.decode()
    assert not Job.objects.exists()


def test_a_mapping_without_a_date_says_what_to_choose_in_the_words_of_the_page(alice: Client, empty: Store) -> None:
    row = uploaded(alice, ("reviews.csv", reviews([5])))
    describe(alice, row, "try", **{"column-2": ""})
    run_all()
    shown = alice.get(reverse("import_mapping", args=["acme", row.pk])).content.decode()
    assert "It cannot be imported like this" in shown
    assert "Choose the column that does, or give one date for all rows." in shown
    assert "--map" not in shown


def test_the_nine_files_of_olist_are_known_by_their_names(alice: Client, empty: Store) -> None:
    files = [(path.name, path.read_bytes()) for path in sorted(REVIEWS.glob("*.csv"))]
    row = uploaded(alice, *files, connector="olist")
    shown = alice.get(reverse("import_mapping", args=["acme", row.pk])).content.decode()
    assert "orders with promised and delivered times" in shown
    describe(alice, row, "import")
    run_all()
    row.refresh_from_db()
    assert row.state == "done"
    assert set(row.tables) >= {"orders", "customers", "answers"}


def test_a_job_that_runs_twice_counts_nothing_twice_and_tells_once(
    alice: Client, empty: Store, alice_person: Person
) -> None:
    row = imported(alice, ("reviews.csv", reviews([5, 4, 3, 1])))
    before = (row.new, row.repeated, row.tables, csat(empty))
    assert row.job is not None
    # As after a kill: the process is gone, the lease has run out, and another worker takes the job over.
    Import.objects.update(state="running")
    Job.objects.filter(pk=row.job.pk).update(state="running", leased_until=timezone.now() - timedelta(minutes=5))
    run_all()
    row.refresh_from_db()
    assert (row.new, row.repeated, row.tables, csat(empty)) == before
    assert row.state == "done"
    assert Notice.objects.filter(person=alice_person).count() == 1
    assert Job.objects.filter(name="publish_event").count() == 1


def test_what_a_killed_run_stored_before_it_could_say_so_counts_as_new(
    alice: Client, empty: Store, acme: Workspace
) -> None:
    row = imported(alice, ("reviews.csv", reviews([5, 4, 3, 1])))
    Import.objects.update(state="running", tables={}, new=0, rows=0)
    actions.run_import(Import.objects.get(), by="key")
    run_all()
    row.refresh_from_db()
    assert (row.new, row.repeated) == (8, 0)


def test_running_again_adds_nothing(alice: Client, empty: Store) -> None:
    row = imported(alice, ("reviews.csv", reviews([5, 4])))
    assert alice.post(reverse("import_again", args=["acme", row.pk])).status_code == 302
    run_all()
    assert csat(empty)[3] == 2
    assert Import.objects.count() == 1


def test_undoing_brings_back_what_the_import_had_replaced(alice: Client, empty: Store) -> None:
    first = imported(alice, ("march.csv", reviews([5, 5, 5, 5])))
    figure = csat(empty)
    second = imported(alice, ("april.csv", reviews([1, 1, 1, 1, 1, 1], first=2)))
    assert (second.new, second.repeated) == (8, 4)
    assert csat(empty)[3] == 8
    alice.post(reverse("import_undo", args=["acme", second.pk]))
    run_all()
    assert csat(empty) == figure
    assert empty.delivered("acme", second.batch) == {}
    assert empty.delivered("acme", first.batch) == {"answers": 4, "mentions": 4}
    assert Job.objects.get(name="undo_import").result == {"removed": 8, "brought_back": 4}


def test_an_undo_that_was_cut_off_is_made_good_by_running_it_again(alice: Client, empty: Store) -> None:
    imported(alice, ("march.csv", reviews([5, 5])))
    second = imported(alice, ("april.csv", reviews([1, 1, 1])))
    job = actions.undo_import(Import.objects.get(pk=second.pk), by="key")
    Job.objects.filter(pk=job.pk).update(state="running", worker="w", leased_until=timezone.now())
    job.refresh_from_db()
    runs.bring_back(job, second, empty)  # and then the process was killed
    assert csat(empty)[3] == 3
    Job.objects.filter(pk=job.pk).update(leased_until=timezone.now() - timedelta(minutes=1))
    run_all()
    assert csat(empty)[3] == 2


def test_a_stop_before_its_turn_is_said_and_can_be_made_good(alice: Client, empty: Store) -> None:
    row = uploaded(alice, ("reviews.csv", reviews([5, 4])))
    describe(alice, row, "import")
    assert "waits for its turn" in page(alice, row)
    assert alice.post(reverse("import_stop", args=["acme", row.pk])).status_code == 302
    assert run_all() == 0
    shown = page(alice, row)
    assert "It was stopped." in shown
    assert reverse("import_again", args=["acme", row.pk]) in shown
    alice.post(reverse("import_again", args=["acme", row.pk]))
    run_all()
    assert csat(empty)[3] == 2


def test_a_stop_in_the_middle_keeps_what_was_read(alice: Client, empty: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from percorso.sources.readers.csv import CsvReader

    monkeypatch.setattr(CsvReader, "block", 10_000)
    monkeypatch.setattr(runs, "CHECK_EVERY_SECONDS", 0)
    row = uploaded(alice, ("reviews.csv", reviews([5] * 20_000)))
    describe(alice, row, "import")
    real = jobs.check

    def stopped(job: Job, *args: Any, **more: Any) -> None:
        Job.objects.filter(pk=job.pk).update(stop_wanted=True)
        real(job, *args, **more)

    monkeypatch.setattr(jobs, "check", stopped)
    run_all()
    row.refresh_from_db()
    assert row.job is not None
    assert (row.state, Job.objects.get(pk=row.job.pk).state) == ("stopped", "stopped")
    assert 0 < (csat(empty)[3] or 0) < 20_000


def test_an_import_that_fails_says_why_on_its_page_and_in_a_notice(
    alice: Client, empty: Store, alice_person: Person
) -> None:
    row = imported(alice, ("reviews.csv", reviews([5])))
    (row.folder / "reviews.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 50)
    alice.post(reverse("import_again", args=["acme", row.pk]))
    run_all()
    shown = page(alice, row)
    assert "reviews.csv is a picture, not a table." in shown
    assert str(data_folder()) not in shown
    assert Notice.objects.filter(person=alice_person, tone="bad").count() == 1


def test_rejected_rows_are_listed_page_by_page_and_downloaded(alice: Client, empty: Store) -> None:
    row = uploaded(alice, ("reviews.csv", reviews([17] * 120 + [5])))
    describe(alice, row, "import", **{"column-3": "score:csat:1:5:higher"})
    run_all()
    row.refresh_from_db()
    assert row.rejected == 120
    assert page(alice, row).count("is not on the scale") == 50
    last = alice.get(reverse("import", args=["acme", row.pk]), {"page": "3"}).content.decode()
    assert last.count("is not on the scale") == 20
    answer = alice.get(reverse("import_rejected", args=["acme", row.pk]))
    lines = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert (len(lines), lines[0]["line"], lines[0]["values"]["review_id"]) == (120, 2, "r0")
    assert AuditEntry.objects.filter(action="downloaded").count() == 1


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("photo.csv", b"\x89PNG\r\n\x1a\n" + b"\x00" * 90, "photo.csv is a picture, not a table."),
        ("page.csv", b"<!doctype html><p>sign in</p>", "is a web page, perhaps an error message or a sign-in page"),
        ("blanks.csv", b"  \n\n ", "blanks.csv is empty: export it again."),
        ("cut.csv.gz", b"\x1f\x8b\x08\x00broken", "is damaged: its compressed data end too early"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_says_what_it_is(
    alice: Client, empty: Store, name: str, content: bytes, told: str
) -> None:
    row = uploaded(alice, (name, content))
    shown = alice.get(reverse("import_mapping", args=["acme", row.pk])).content.decode()
    assert told in shown
    assert str(data_folder()) not in shown
    assert "Upload another file" in shown
    assert 'value="import"' not in shown


def test_letters_of_another_encoding_are_read_and_can_be_read_again(alice: Client, empty: Store) -> None:
    content = "id;data;nota;comentário\n1;01/02/2024;5;ótimo atendimento\n".encode("cp1252")
    row = uploaded(alice, ("avaliações.csv", content))
    assert "ótimo atendimento" in alice.get(reverse("import_mapping", args=["acme", row.pk])).content.decode()
    alice.post(reverse("import_format", args=["acme", row.pk]), {"encoding": "cp1252", "delimiter": ";"})
    assert "comentário" in alice.get(reverse("import_mapping", args=["acme", row.pk])).content.decode()
    answer = alice.post(reverse("import_format", args=["acme", row.pk]), {"encoding": "klingon"}, follow=True)
    assert "a name such as utf-8" in answer.content.decode()


def test_nothing_chosen_an_empty_file_and_no_kind_are_told(alice: Client, empty: Store) -> None:
    assert "Choose at least one file." in alice.post("/w/acme/imports/new/", {"connector": "answers"}).content.decode()
    assert "One of the files is empty" in send(alice, ("a.csv", b"")).content.decode()
    answer = send(alice, ("a.csv", b"a\n1\n"), connector="hubspot")
    assert answer.status_code == 422
    assert not Import.objects.exists()
    assert list((data_folder() / "uploads" / "incoming").iterdir()) == []


def test_too_large_an_upload_is_told_without_keeping_it(
    alice: Client, empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERCORSO_UPLOAD_LIMIT_MB", "1")
    for size, status in ((1_500_000, 422), (4_000_000, 413)):
        answer = send(alice, ("a.csv", b"a,b\n" * (size // 4)))
        assert answer.status_code == status
        assert "The files are larger than 1 MB together." in answer.content.decode()
    assert not Import.objects.exists()


def test_a_full_disk_is_told_as_such(alice: Client, empty: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("percorso.sources.arrivals.Arriving.write", full, raising=False)
    monkeypatch.setattr("percorso.sources.uploads.shutil.move", full)
    answer = send(alice, ("a.csv", reviews([5])))
    assert answer.status_code == 503
    assert "disk" in answer.content.decode()
    assert not Import.objects.exists()


def test_names_of_files_are_shown_and_never_followed(alice: Client, empty: Store) -> None:
    names = ["../../../etc/cron.d/x.csv", "🎉 notas <b>.csv", "...csv", "a" * 300 + ".csv"]
    for name in names:
        row = uploaded(alice, (name, reviews([5])))
        (kept,) = list(row.folder.iterdir())
        assert kept.parent == row.folder
        assert kept.name not in ("..", ".")
        assert len(os.fsencode(kept.name)) <= 255
    shown = alice.get("/w/acme/imports/").content.decode()
    assert "🎉 notas &lt;b&gt;.csv" in shown
    two = uploaded(alice, ("a.csv", reviews([5])), ("a.csv", reviews([4], first=9)))
    assert sorted(two.files) == ["a-2.csv", "a.csv"]
    assert two.names == ["a.csv", "a.csv"]


def test_a_draft_can_be_discarded_but_not_what_was_run(alice: Client, empty: Store) -> None:
    draft = uploaded(alice, ("a.csv", reviews([5])))
    folder = draft.folder
    assert alice.post(reverse("import_discard", args=["acme", draft.pk])).status_code == 302
    assert not folder.exists()
    assert not Import.objects.exists()
    row = imported(alice, ("a.csv", reviews([5])))
    assert alice.post(reverse("import_discard", args=["acme", row.pk])).status_code == 400


def test_only_one_job_works_on_an_import(alice: Client, empty: Store) -> None:
    row = uploaded(alice, ("a.csv", reviews([5])))
    describe(alice, row, "import")
    answer = alice.post(reverse("import_undo", args=["acme", row.pk]))
    assert answer.status_code == 400
    assert "A job is at work on this import already." in answer.content.decode()


def test_two_imports_lined_up_together_lose_and_double_nothing(alice: Client, empty: Store) -> None:
    rows = [uploaded(alice, (f"{n}.csv", reviews([5] * 10, first=5 * n))) for n in range(2)]
    for row in rows:
        describe(alice, row, "import")
    assert run_all() >= 2
    assert csat(empty)[3] == 15


def test_uploaded_files_are_forgotten_after_a_month_and_drafts_with_them(alice: Client, empty: Store) -> None:
    row = imported(alice, ("a.csv", reviews([5])))
    draft = uploaded(alice, ("b.csv", reviews([5])))
    folders = [row.folder, draft.folder]
    Import.objects.update(started_at=timezone.now() - timedelta(days=29))
    jobs.enqueue("forget_uploads")
    run_all()
    assert all(folder.exists() for folder in folders)
    Import.objects.update(started_at=timezone.now() - timedelta(days=31))
    jobs.enqueue("forget_uploads")
    run_all()
    assert not any(folder.exists() for folder in folders)
    assert list(Import.objects.all()) == [row]
    shown = page(alice, row)
    assert "a.csv" in shown
    assert "upload them again" in shown
    assert reverse("import_again", args=["acme", row.pk]) not in shown
    assert csat(empty)[3] == 1


def test_an_import_is_started_by_a_program_with_its_files_moved(empty: Store, acme: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(reviews([5, 4]))
    row = actions.start_import(acme, "answers", [path], config={"metric": "csat"}, by="key Reports")
    assert not path.exists()
    assert (row.state, row.by) == ("waiting", "key Reports")
    run_all()
    row.refresh_from_db()
    assert (row.state, row.new) == ("done", 4)
    path.write_bytes(reviews([5]))
    with pytest.raises(UserError, match="answers has no setting colour"):
        actions.start_import(acme, "answers", [path], config={"colour": "red"}, by="key")
    assert path.exists()
    actions.undo_import(row, by="key")
    with pytest.raises(BadQuestion, match="A job is at work"):
        actions.undo_import(row, by="key")


def test_an_import_of_the_command_is_listed_and_can_be_undone_but_not_repeated(
    alice: Client, empty: Store, acme: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(reviews([5, 4]))
    actions.import_files(acme, "answers", [path], store=empty, by="command line")
    row = Import.objects.get()
    shown = alice.get("/w/acme/imports/").content.decode()
    assert "reviews.csv" in shown
    assert str(tmp_path) not in shown
    assert reverse("import_again", args=["acme", row.pk]) not in page(alice, row)
    alice.post(reverse("import_undo", args=["acme", row.pk]))
    run_all()
    assert csat(empty)[3] in (0, None)
    assert path.exists()


def test_the_empty_history_teaches_the_next_step(alice: Client, empty: Store) -> None:
    shown = alice.get("/w/acme/imports/").content.decode()
    assert "Nothing was imported yet" in shown
    assert "/w/acme/imports/new/" in shown


@pytest.mark.parametrize("rows", [1, 3])
def test_the_history_asks_the_database_the_same_however_many_imports(
    rows: int, alice: Client, empty: Store, acme: Workspace, alice_person: Person, django_assert_num_queries: Any
) -> None:
    for n in range(rows):
        job = jobs.enqueue("import_files", workspace="acme", import_id=n)
        Import.objects.create(
            workspace=acme, connector="answers", files=["/a.csv"], state="done", job=job, person=alice_person
        )
    alice.get("/w/acme/imports/")
    with django_assert_num_queries(HISTORY_QUERIES):
        alice.get("/w/acme/imports/")


HISTORY_QUERIES = 7


ADDRESSES = ("imports", "import_new", "import", "import_mapping", "import_rejected")
CHANGES = (
    "import_new",
    "import_mapping",
    "import_format",
    "import_again",
    "import_stop",
    "import_undo",
    "import_discard",
)


def test_a_viewer_may_not_a_stranger_does_not_even_learn_that_it_is_there(
    alice: Client, bob: Client, charlie: Client, as_role: Callable[[str], Client], empty: Store
) -> None:
    row = imported(alice, ("a.csv", reviews([5, 17])))
    for method, names in (("get", ADDRESSES), ("post", CHANGES)):
        for name in names:
            address = reverse(name, args=["acme"] if name in ("imports", "import_new") else ["acme", row.pk])
            assert getattr(bob, method)(address).status_code == 403, name
            assert getattr(charlie, method)(address).status_code == 404, name
    elsewhere = reverse("import", args=["elsewhere", row.pk])
    assert charlie.get(elsewhere).status_code == 404
    assert as_role("analyst").get("/w/acme/imports/").status_code == 403
    assert as_role("editor").get("/w/acme/imports/").status_code == 200


def test_a_script_is_told_where_to_go_on(alice: Client, empty: Store) -> None:
    files = {"connector": "answers", "files": [SimpleUploadedFile("a.csv", reviews([5]))]}
    answer = alice.post("/w/acme/imports/new/", files, headers={"X-Upload": "script"})
    assert (answer.status_code, answer["Location"]) == (
        201,
        reverse("import_mapping", args=["acme", Import.objects.get().pk]),
    )


def test_a_form_of_another_site_uploads_nothing(alice_person: Person, members: Workspace, empty: Store) -> None:
    strict = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    strict.force_login(alice_person)
    assert send(strict, ("a.csv", reviews([5]))).status_code == 403
    assert not Import.objects.exists()
