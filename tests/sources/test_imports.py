"""Imports from the outside: progress, stopping, again, two at once, killed, a full disk."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from percorso.accounts.models import Workspace
from percorso.analytics.store import Store
from percorso.errors import UserError
from percorso.sources.actions import import_files, mark_interrupted, this_process
from percorso.sources.models import Import, KeptMapping
from percorso.sources.readers.csv import CsvReader

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workspace():
    return Workspace.objects.create(slug="demo", name="Demo", time_zone="America/Sao_Paulo")


def survey(path: Path, rows: int, first: int = 0) -> Path:
    lines = (f"r{n},c{n % 50},2025-01-{1 + n % 28:02} 10:00:00,{n % 11},text {n}" for n in range(first, first + rows))
    path.write_text("response id,customer,date,nps,comment\n" + "\n".join(lines) + "\n")
    return path


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"PERCORSO_DATA": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "percorso.web.settings"}


def count(store: Store, what: str = "count(*)", table: str = "answers") -> int:
    return store.engine.fetch(f"SELECT {what} AS n FROM {table}").to_pylist()[0]["n"]


def test_import_is_recorded_counted_and_harmless_again(workspace, store, tmp_path):
    path = survey(tmp_path / "a.csv", 1000)
    path.write_text(path.read_text() + "r1000,c1,2025-01-01,17,out of scale\nr1001,c1,soon,9,no date\n")
    seen = []
    report = import_files(workspace, "answers", [path], store=store, progress=seen.append, by="Rita")
    assert (report.state, report.records, report.new, report.rejected) == ("done", 1002, 2000, 2)
    assert (seen[-1].share, seen[-1].file, seen[-1].rows) == (1.0, "a.csv", 2000)
    row = Import.objects.get()
    assert (row.state, row.records, row.rows, row.new, row.rejected, row.by) == ("done", 1002, 2000, 2000, 2, "Rita")
    assert row.finished_at is not None
    kept = [json.loads(line) for line in report.rejected_file.read_text().splitlines()]
    assert [(r["line"], r["reason"]) for r in kept] == [
        (1002, "nps: 17 is not on the scale 0-10."), (1003, "date: soon is not a date and time that can be read."),
    ]  # fmt: skip
    assert kept[0]["values"]["comment"] == "out of scale"
    again = import_files(workspace, "answers", [path], store=store)
    assert (again.new, again.repeated) == (0, 2000)
    assert count(store) == 1000
    assert count(store, table="mentions") == 1000


def test_dry_run_shows_what_would_be_and_stores_nothing(workspace, store, tmp_path):
    path = survey(tmp_path / "a.csv", 50)
    path.write_text(path.read_text() + "r49,c1,2025-01-01,9,again\nr50,c1,2025-01-01,9,x,y\n")
    report = import_files(workspace, "answers", [path], store=store, dry_run=True)
    assert (report.state, report.records, report.rejected) == ("dry", 52, 1)
    assert (report.tables["answers"].new, report.tables["answers"].repeated) == (50, 1)
    assert report.first["answers"][0]["score"] == 0.0
    assert [(c.column, c.role) for c in report.columns] == [
        ("response id", "id"), ("customer", "customer"), ("date", "at"), ("nps", "score"), ("comment", "comment"),
    ]  # fmt: skip
    assert report.rejects[0].line == 53
    assert count(store) == 0
    assert not Import.objects.exists()
    assert not KeptMapping.objects.exists()


def test_mapping_is_kept_for_the_next_file_and_under_a_name(workspace, store, tmp_path):
    first = tmp_path / "march.csv"
    first.write_text("n;quando;grade;where\n1;03/04/2025;9;kiosk\n")
    given = {
        "map": {"score": "grade", "at": "quando", "id": "n", "channel": "where"},
        "metric": "nps",
        "dates": "month",
    }
    import_files(workspace, "answers", [first], store=store, config=given, kept="kiosk")
    second = tmp_path / "april.csv"
    second.write_text("where;grade;n;quando\nkiosk;2;2;04/05/2025\n")
    report = import_files(workspace, "answers", [second], store=store)
    assert [str(w) for w in report.warnings] == ["The mapping that was kept for files with these columns is used."]
    assert report.mapping.columns == {"at": "quando", "id": "n", "channel": "where"}
    other = tmp_path / "may.csv"
    other.write_text("n;quando;grade;where;more\n3;05/06/2025;3;kiosk;x\n")
    import_files(workspace, "answers", [other], store=store, kept="kiosk")
    found = store.engine.fetch('SELECT month("at") AS m, metric, channel FROM answers ORDER BY id').to_pylist()
    assert found == [{"m": m, "metric": "nps", "channel": "kiosk"} for m in (3, 4, 5)]


def test_stop_keeps_what_was_read_and_the_rest_follows(workspace, store, tmp_path, monkeypatch):
    monkeypatch.setattr(CsvReader, "block", 10_000)
    path, stop = survey(tmp_path / "a.csv", 20_000), threading.Event()
    report = import_files(workspace, "answers", [path], store=store, stop=stop, progress=lambda _: stop.set())
    assert report.state == Import.objects.get().state == "stopped"
    assert 0 < count(store) == report.records < 20_000
    report = import_files(workspace, "answers", [path], store=store)
    assert report.new + count(store, table="mentions") > 20_000
    assert count(store) == count(store, "count(DISTINCT id)") == 20_000


TOGETHER = """
import sys, threading
import django
django.setup()
from django.core.management import call_command
from django.db import connections
from percorso.accounts.models import Workspace
from percorso.analytics.store import Store
from percorso.config import data_folder
from percorso.sources.actions import import_files
from percorso.sources.models import Import, KeptMapping

call_command("migrate", verbosity=0)
workspace = Workspace.objects.create(slug="demo", name="Demo", time_zone="UTC")
reports = []

def work(path):
    reports.append(import_files(workspace, "answers", [path], store=store))
    connections.close_all()

with Store.open(data_folder() / "facts.duckdb") as store:
    threads = [threading.Thread(target=work, args=(path,)) for path in sys.argv[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print([r.state for r in reports], sum(r.tables["answers"].new for r in reports))
print(sorted(Import.objects.values_list("state", flat=True)), KeptMapping.objects.count())
"""


def test_two_imports_at_once_lose_and_double_nothing(tmp_path):
    # In a process of its own: the operational database is a file there, as it is in use.
    files = [str(survey(tmp_path / f"{n}.csv", 30_000, first=20_000 * n)) for n in range(2)]
    command = [sys.executable, "-c", TOGETHER, *files]
    ended = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, check=True)
    # 10,000 responses stand in both files.
    assert ended.stdout.splitlines() == ["['done', 'done'] 50000", "['done', 'done'] 1"]
    with duckdb.connect(str(tmp_path / "data" / "facts.duckdb")) as facts:
        assert facts.execute("SELECT count(*), count(DISTINCT id) FROM answers").fetchone() == (50_000, 50_000)
        assert facts.execute("SELECT count(*), count(DISTINCT id) FROM mentions").fetchone() == (50_000, 50_000)


KILLED = """
import sys, time
import django
django.setup()
from django.core.management import call_command
from percorso.accounts.models import Workspace
from percorso.analytics.store import Store
from percorso.config import data_folder
from percorso.sources import imports
from percorso.sources.actions import import_files
from percorso.sources.models import Import
from percorso.sources.readers.csv import CsvReader

call_command("migrate", verbosity=0)
workspace, _ = Workspace.objects.get_or_create(slug="demo", defaults={"name": "Demo", "time_zone": "UTC"})
slow = sys.argv[2] == "slow"
if slow:
    CsvReader.block, imports.AT_ONCE = 20_000, 500

def progress(seen):
    print(seen.rows, flush=True)
    time.sleep(0.05 if slow else 0)

with Store.open(data_folder() / "facts.duckdb") as store:
    report = import_files(workspace, "answers", [sys.argv[1]], store=store, progress=progress)
print(report.state, report.tables["answers"].new, list(Import.objects.order_by("id").values_list("state", flat=True)))
"""


def test_killed_import_is_made_good_by_running_it_again(tmp_path):
    path = survey(tmp_path / "a.csv", 20_000)
    path.write_text(path.read_text() + "bad,c1,2025-01-01,17,x\n")
    command = [sys.executable, "-c", KILLED, str(path)]
    with subprocess.Popen([*command, "slow"], env=environment(tmp_path), stdout=subprocess.PIPE, text=True) as process:
        acknowledged = 0
        for line in process.stdout:
            acknowledged = int(line)
            if acknowledged >= 3000:
                break
        process.send_signal(signal.SIGKILL)
    with duckdb.connect(str(tmp_path / "data" / "facts.duckdb")) as facts:
        there = sum(facts.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("answers", "mentions"))
    assert there >= acknowledged >= 3000
    ended = subprocess.run(
        [*command, "fast"], env=environment(tmp_path), capture_output=True, text=True, check=True
    ).stdout
    assert ended.splitlines()[-1].endswith("['interrupted', 'done']")
    with duckdb.connect(str(tmp_path / "data" / "facts.duckdb")) as facts:
        figures = "SELECT count(*), count(DISTINCT id), sum(score) FROM answers"
        assert facts.execute(figures).fetchone() == (20_000, 20_000, float(sum(n % 11 for n in range(20_000))))
        assert facts.execute("SELECT count(*), count(DISTINCT id) FROM mentions").fetchone() == (20_000, 20_000)
    (rejected,) = (tmp_path / "data" / "rejected" / "import-2.jsonl").read_text().splitlines()
    assert json.loads(rejected)["line"] == 20_002


FULL = """
import resource, signal, sys
from pathlib import Path
from percorso.analytics.store import Store
from percorso.errors import UserError
from percorso.sources.connector import CONNECTORS, Context
from percorso.sources.corrections import Corrections
from percorso.sources.imports import StoreSink, run

folder, path = Path(sys.argv[1]), Path(sys.argv[2])
with Store.open(folder / "facts.duckdb") as store:
    store.append("answers", [{"id": "before", "score": 9}])
with Store.open(folder / "facts.duckdb") as store:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    size = (folder / "facts.duckdb").stat().st_size + 200_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    try:
        run(CONNECTORS["answers"], [path], Corrections(), Context(), StoreSink(store, "demo", "x"), folder / "bad.jsonl")
    except UserError as error:
        print(error)
"""


def test_full_disk_is_named_and_nothing_of_before_is_lost(tmp_path):
    # A limit on the size of files stands for a disk that is full: the system refuses to write in the same place.
    path = survey(tmp_path / "a.csv", 150_000)
    command = [sys.executable, "-c", FULL, str(tmp_path), str(path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "The disk is full" in ended.stdout, ended.stderr
    assert "run the same command again" in ended.stdout
    with duckdb.connect(str(tmp_path / "facts.duckdb")) as facts:
        assert facts.execute("SELECT count(*) FROM answers WHERE id = 'before'").fetchone() == (1,)


def test_import_that_fails_says_why(workspace, store, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match="No column says when it was answered"):
        import_files(workspace, "answers", [path], store=store)
    row = Import.objects.get()
    assert (row.state, row.message[:40]) == ("failed", "No column says when it was answered. Give --map"[:40])
    with pytest.raises(UserError, match=r"There is no file or folder .*nothing\.csv\."):
        import_files(workspace, "answers", [tmp_path / "nothing.csv"], store=store)
    with pytest.raises(UserError, match=r"There is no hubspot here\. Choose one of: answers, call_center, cases"):
        import_files(workspace, "hubspot", [path], store=store)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no files to import"):
        import_files(workspace, "answers", [tmp_path / "empty"], store=store)


def test_imports_of_processes_that_are_gone_are_marked(workspace):
    gone = Import.objects.create(workspace=workspace, connector="answers", process=f"{os.uname().nodename}:999999999:1")
    mine = Import.objects.create(workspace=workspace, connector="answers", process=this_process())
    silent = Import.objects.create(workspace=workspace, connector="answers", process="another-host:1:1")
    heard = Import.objects.create(workspace=workspace, connector="answers", process="another-host:1:1")
    Import.objects.filter(pk=silent.pk).update(saved_at=datetime(2025, 1, 1, tzinfo=UTC))
    assert mark_interrupted() == 2
    gone.refresh_from_db()
    mine.refresh_from_db()
    assert (gone.state, mine.state) == ("interrupted", "running")
    assert set(Import.objects.filter(state="running")) == {mine, heard}
    assert "Run it again" in gone.message


def test_reader_that_breaks_ends_the_import(workspace, store, tmp_path, monkeypatch):
    def broken(*_):
        raise RuntimeError("a defect")

    monkeypatch.setattr(CsvReader, "chunks", broken)
    threads = threading.active_count()
    with pytest.raises(RuntimeError, match="a defect"):
        import_files(workspace, "answers", [survey(tmp_path / "a.csv", 10)], store=store)
    assert Import.objects.get().state == "failed"
    time.sleep(0.01)
    assert threading.active_count() <= threads
