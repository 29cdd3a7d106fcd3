"""A backup made while everything is written to, restored elsewhere: the figures are equal."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection, connections

from percorso.accounts.models import Workspace
from percorso.analytics.store import Store
from percorso.analytics.tables import TABLES
from percorso.base import backup
from percorso.errors import UserError
from tests.commands.conftest import PERCORSO, environment

BATCH = 500
Terminal = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with an upload and rejected rows."""
    made = tmp_path / "data"
    (made / "uploads" / "7").mkdir(parents=True)
    (made / "uploads" / "7" / "answers.csv").write_text("id,score\n1,9\n")
    (made / "rejected").mkdir()
    (made / "rejected" / "import-1.jsonl").write_text("{}\n")
    (made / "secret_key").write_text("the key")
    (made / "owner.sock").write_text("")
    monkeypatch.setenv("PERCORSO_DATA", str(made))
    return made


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with Store.open(folder / "facts.duckdb") as made:
        yield made


def answers(first: int, rows: int = BATCH) -> list[dict[str, Any]]:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return [
        {
            "id": f"a{n}",
            "identity": f"c{n % 50}",
            "at": at,
            "metric": "nps",
            "score": n % 11,
            "scale_min": 0,
            "scale_max": 10,
        }
        for n in range(first, first + rows)
    ]


def restored(file: Path, into: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PERCORSO, "restore", str(file)], env=environment(into, **more), capture_output=True, text=True, timeout=120
    )


def told(answer: subprocess.CompletedProcess[str]) -> str:
    return " ".join(answer.stdout.split())


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="restores SQLite")
@pytest.mark.parametrize("ending", ["tar.gz", "tar.zst"])
def test_a_backup_made_while_rows_arrive_is_one_moment_of_both_stores(
    ending: str, folder: Path, store: Store, tmp_path: Path
) -> None:
    written: list[int] = []
    over, file, elsewhere = threading.Event(), tmp_path / f"b.{ending}", tmp_path / "elsewhere"

    def write() -> None:
        n = 0
        while not over.is_set():
            store.append("answers", answers(n), workspace="shop")
            store.append("customers", [{"id": f"c{n}", "at": datetime(2026, 1, 1, tzinfo=UTC)}], workspace="shop")
            n += BATCH
            written.append(n)
            Workspace.objects.create(slug=f"w{n}", name=f"W {n}", time_zone="UTC")
        connections.close_all()

    writing = threading.Thread(target=write)
    writing.start()
    try:
        until(lambda: len(written) >= 3)
        manifest = backup.back_up(file, store)
        at_its_end = len(written)
        until(lambda: len(written) >= at_its_end + 2)
    finally:
        over.set()
        writing.join()

    assert file.stat().st_mode & 0o777 == 0o600
    answer = restored(file, elsewhere)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    with Store.open(elsewhere / "facts.duckdb") as copy:
        rows = {name: copy.table(name).count().execute() for name in TABLES}
        scores = copy.table("answers").score.sum().execute()
    assert rows == manifest["rows"]
    # Whole batches, fewer than were written in the end; what was appended together is there together.
    assert rows["answers"] % BATCH == 0
    assert 3 * BATCH <= rows["answers"] < store.table("answers").count().execute()
    assert rows["answers"] // BATCH - rows["customers"] in (0, 1)
    assert scores == sum(n % 11 for n in range(rows["answers"]))
    known = (
        sqlite3.connect(elsewhere / "percorso.sqlite3").execute("SELECT count(*) FROM accounts_workspace").fetchone()[0]
    )
    # The facts may be newer than what the application knows, never older.
    assert 2 <= known <= rows["customers"]
    for name, text in {
        "uploads/7/answers.csv": "id,score\n1,9\n",
        "rejected/import-1.jsonl": "{}\n",
        "secret_key": "the key",
    }.items():
        assert (elsewhere / name).read_text() == text
    assert not (elsewhere / "owner.sock").exists()
    note = json.loads((folder / backup.NOTE).read_text())
    assert note["bytes"] == file.stat().st_size
    assert datetime.fromisoformat(note["at"]).tzinfo is not None
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".part", "percorso-backup"))] == []


@pytest.fixture
def made(db: None, folder: Path, store: Store, tmp_path: Path) -> Path:
    """A backup of a small store, and of an operational database that the tests' own transaction does not hide."""
    store.append("answers", answers(0), workspace="shop")
    file = tmp_path / "made.tar.gz"
    backup.back_up(file, store)
    return file


@pytest.mark.parametrize("name", ["b.zip", "b.tar", "b"])
def test_a_file_of_another_kind_is_refused(name: str, folder: Path, store: Store, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\.tar\.zst / \.tar\.gz"):
        backup.back_up(tmp_path / name, store)


def test_a_backup_is_not_written_over_another_nor_into_what_it_saves(made: Path, folder: Path, store: Store) -> None:
    with pytest.raises(UserError, match="is there already"):
        backup.back_up(made, store)
    with pytest.raises(UserError, match="would be lost with it"):
        backup.back_up(folder / "b.tar.gz", store)
    with pytest.raises(UserError, match="There is no folder"):
        backup.back_up(made.parent / "nowhere" / "b.tar.gz", store)


@pytest.fixture
def elsewhere(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, after the backup was made."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.setenv("PERCORSO_DATA", str(folder))
    return folder


def test_a_folder_with_something_in_it_is_not_restored_into(made: Path, elsewhere: Path) -> None:
    (elsewhere / "facts.duckdb").write_text("")
    with pytest.raises(UserError, match="is not empty"):
        backup.restore(made)


def changed(file: Path, change: Callable[[dict[str, Any]], None], damaged: str = "") -> Path:
    """Write a backup again with another manifest, and one file damaged."""
    folder, new = file.parent / "unpacked", file.with_name("changed.tar.gz")
    with tarfile.open(file) as tar:
        tar.extractall(folder, filter="data")
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    if damaged:
        (folder / damaged).write_bytes((folder / damaged).read_bytes()[:-1] + b"?")
    with tarfile.open(new, "w:gz") as tar:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            tar.add(path, str(path.relative_to(folder)))
    return new


@pytest.mark.parametrize(
    ("change", "damaged", "expected"),
    [
        (lambda m: m["migrations"].append("accounts.9999_later"), "", r"newer percorso \(accounts.9999_later\)"),
        (lambda m: m, "facts/answers.parquet", "are not what was backed up: facts/answers.parquet"),
        (lambda m: m["files"].pop("folder/secret_key"), "", "are not what was backed up: folder/secret_key"),
        (lambda m: m["files"].update({"folder/lost": "0"}), "", "are not what was backed up: folder/lost"),
        (lambda m: m["rows"].update(answers=501), "", "were not restored whole"),
        (lambda m: m.pop("files"), "", "cut off, damaged, or no backup"),
        (lambda m: m.update(database="postgresql"), "", "This is a backup of PostgreSQL"),
    ],
)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the tests' PostgreSQL is not empty, which is told first")
def test_a_backup_that_is_not_right_is_refused_and_leaves_nothing(
    change: Callable[[dict[str, Any]], None], damaged: str, expected: str, made: Path, elsewhere: Path
) -> None:
    with pytest.raises(UserError, match=expected):
        backup.restore(changed(made, change, damaged))
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"no archive at all"])
def test_what_is_no_backup_is_told(content: bytes, elsewhere: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.zst"
    file.write_bytes(content)
    with pytest.raises(UserError, match="no backup of percorso"):
        backup.restore(file)
    with pytest.raises(UserError, match="There is no file"):
        backup.restore(tmp_path / "none.tar.gz")


def test_a_backup_that_was_cut_off_is_told(made: Path, elsewhere: Path) -> None:
    made.write_bytes(made.read_bytes()[:-2000])
    with pytest.raises(UserError, match="cut off"):
        backup.restore(made)


def test_nothing_is_unpacked_outside_of_the_folder(elsewhere: Path, tmp_path: Path) -> None:
    evil, file = tmp_path / "evil", tmp_path / "evil.tar.zst"
    evil.write_text("x")
    with pa.CompressedOutputStream(str(file), "zstd") as out, tarfile.open(fileobj=out, mode="w|") as tar:
        tar.add(evil, "../../escaped")
    with pytest.raises(UserError, match="no backup of percorso"):
        backup.restore(file)
    assert not list(tmp_path.rglob("escaped"))


def test_a_backup_while_the_server_runs_is_made_by_it(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    survey = tmp_path / "s.csv"
    survey.write_text("id,date,score\n" + "".join(f"{n},2026-03-01 10:00:00,{n % 11}\n" for n in range(200)))

    def run(*words: str, folder: Path = data) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PERCORSO, *words], cwd=tmp_path, env=environment(folder), capture_output=True, text=True, timeout=120
        )

    assert run("import", "answers", str(survey), "--metric", "nps", "--scale", "0-10").returncode == 0
    with subprocess.Popen(
        [sys.executable, "-c", HOST],
        env=environment(data),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as host:
        assert host.stdout is not None
        assert host.stdin is not None
        assert host.stdout.readline() == "hosting\n"
        made = run("backup", "b.tar.zst")
        assert made.returncode == 0, made.stdout + made.stderr
        host.stdin.close()
    assert run("restore", "b.tar.zst", folder=elsewhere).returncode == 0
    words = ("measure", "nps", "--format", "json")
    assert run(*words, folder=elsewhere).stdout == run(*words).stdout
    assert json.loads(run(*words).stdout)[0]["n"] == 200


# What the server does with the data folder, without its pages.
HOST = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "percorso.web.settings"
django.setup()
from percorso.base import owner
from percorso.commands.session import run_for_guest
with owner.hosting(run_for_guest):
    print("hosting", flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")
@pytest.mark.skipif(not shutil.which("pg_dump"), reason="needs PostgreSQL's client")
@pytest.mark.django_db(transaction=True)
def test_postgresql_is_backed_up_and_restored(folder: Path, store: Store, tmp_path: Path) -> None:
    Workspace.objects.create(slug="shop", name="Our shop", time_zone="UTC")
    store.append("answers", answers(0), workspace="shop")
    file, name = tmp_path / "b.tar.zst", "restored_" + str(connection.settings_dict["NAME"])
    backup.back_up(file, store)
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        url = os.environ["PERCORSO_DATABASE_URL"].replace("/percorso?", f"/{name}?")
        answer = restored(file, tmp_path / "elsewhere", PERCORSO_DATABASE_URL=url)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        people = subprocess.run(
            [PERCORSO, "measure", "nps", "--workspace", "shop", "--format", "json"],
            env=environment(tmp_path / "elsewhere", PERCORSO_DATABASE_URL=url), capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert json.loads(people.stdout)[0]["n"] == BATCH
        again = restored(file, tmp_path / "third", PERCORSO_DATABASE_URL=url)
        assert "is not empty" in told(again)
        assert "PERCORSO_DATABASE_URL names SQLite" in told(restored(file, tmp_path / "fourth"))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.mark.django_db
def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="no_such_program is missing"):
        backup._run(["no_such_program"], {})
