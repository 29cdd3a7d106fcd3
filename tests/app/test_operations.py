"""Running it: health, metrics, log lines, upgrades, commands for many processes."""

import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from percorso.accounts.models import Workspace
from percorso.base import owner
from percorso.base.jobs import enqueue, job
from percorso.base.upgrades import applied, migrate, refuse_newer
from percorso.errors import StoreBusy, UserError
from percorso.i18n import mark
from percorso.web import health
from percorso.web.lines import Lines
from percorso.web.telemetry import Requests
from tests.commands.conftest import PERCORSO, environment

SECRET = "maria@example.com"


@pytest.fixture
def stranger(acme: Workspace) -> Client:
    return Client(SERVER_NAME="localhost")


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    health._migrated.clear()
    yield
    health._migrated.clear()


# Health


def test_a_stranger_sees_that_it_lives_and_is_ready_and_no_more(stranger: Client) -> None:
    assert stranger.get("/health/live").content == b"alive\n"
    assert stranger.get("/health/ready").content == b"ready\n"
    assert stranger.post("/health/ready").status_code == 405


def test_it_is_not_ready_without_its_figures_and_does_not_tell_why(
    stranger: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def busy() -> None:
        raise StoreBusy(mark("in use"))

    monkeypatch.setattr(owner, "store", busy)
    answer = stranger.get("/health/ready")
    assert (answer.status_code, answer.content) == (503, b"not ready\n")
    assert "not ready" in caplog.text


def test_it_is_not_ready_with_a_migration_missing(stranger: Client) -> None:
    MigrationRecorder.Migration.objects.filter(app="base").delete()
    assert stranger.get("/health/ready").status_code == 503


# Metrics


def test_this_machine_reads_the_metrics(stranger: Client) -> None:
    job("counted", "Counted")(lambda row: None)
    enqueue("counted")
    stranger.get("/health/live")
    text = stranger.get("/metrics").content.decode()
    assert 'percorso_requests_total{method="GET",route="health_live",status="200"}' in text
    assert 'percorso_request_seconds_count{method="GET",route="health_live"}' in text
    assert 'percorso_jobs{state="waiting"} 1.0' in text
    assert 'percorso_imports{state="done"} 0.0' in text
    answers = owner.store().table("answers").count().execute()
    assert f'percorso_facts{{table="answers"}} {float(answers)}' in text


@pytest.mark.parametrize(
    "place",
    [
        {"REMOTE_ADDR": "203.0.113.9"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"HTTP_VIA": "1.1 proxy"},
    ],
)
def test_others_read_the_metrics_only_with_the_token(
    stranger: Client, monkeypatch: pytest.MonkeyPatch, place: dict[str, str]
) -> None:
    assert stranger.get("/metrics", **place).status_code == 404
    assert stranger.get("/metrics", **place, HTTP_AUTHORIZATION="Bearer ").status_code == 404
    monkeypatch.setenv("PERCORSO_METRICS_TOKEN", "s3cret-token")
    assert stranger.get("/metrics", **place, HTTP_AUTHORIZATION="Bearer wrong").status_code == 404
    assert stranger.get("/metrics", **place, HTTP_AUTHORIZATION="Bearer s3cret-token").status_code == 200


def test_no_metric_carries_an_address_or_a_customer(stranger: Client) -> None:
    stranger.get(f"/w/acme/customers/{SECRET}/?q={SECRET}")
    assert SECRET not in stranger.get("/metrics").content.decode()


# Log lines


def line(form: str, **values: Any) -> str:
    record = logging.LogRecord(
        "percorso.test", logging.ERROR, __file__, 1, values.pop("msg", "told"), values.pop("args", ()), None
    )
    vars(record).update(values)
    return Lines(form).format(record)


def thrown(error: Exception, cause: Exception | None = None) -> Any:
    try:
        raise error from cause
    except Exception:
        return sys.exc_info()


def test_a_request_is_one_line_with_route_status_and_time_and_nothing_of_the_person(
    alice: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "percorso.requests"):
        answer = alice.get(f"/w/acme/nowhere/{SECRET}/?q={SECRET}")
    (record,) = [r for r in caplog.records if r.name == "percorso.requests"]
    told = json.loads(Lines("json").format(record))
    assert (told["route"], told["method"], told["status"]) == ("none", "GET", 404)
    assert told["ms"] > 0
    assert len(answer.headers["X-Request-ID"]) == 16
    assert SECRET not in json.dumps(told) + Lines("text").format(record)


def test_lines_within_a_request_carry_its_id(rf: RequestFactory) -> None:
    lines = []

    def view(request: HttpRequest) -> HttpResponse:
        lines.extend([line("text"), line("json")])
        return HttpResponse()

    answer = Requests(view)(rf.get("/"))
    identity = answer.headers["X-Request-ID"]
    assert lines[0].endswith(f"told [{identity}]")
    assert json.loads(lines[1])["request"] == identity
    assert "request" not in json.loads(line("json"))


def test_an_id_is_believed_from_the_proxy_alone(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    def identity(given: str) -> str:
        return Requests(lambda request: HttpResponse())(rf.get("/", HTTP_X_REQUEST_ID=given)).headers["X-Request-ID"]

    assert identity("abcdefgh-1") != "abcdefgh-1"
    monkeypatch.setattr(settings, "SECURE_PROXY_SSL_HEADER", ("HTTP_X_FORWARDED_PROTO", "https"))
    assert identity("abcdefgh-1") == "abcdefgh-1"
    assert identity("a b\nforged line") != "a b\nforged line"


@pytest.mark.parametrize("form", ["text", "json"])
def test_errors_are_logged_with_their_place_and_without_values(form: str) -> None:
    cause = IntegrityError(f"Key (email)=({SECRET}) already exists")
    told = line(form, exc_info=thrown(ValueError(f"cannot read {SECRET}"), cause))
    assert SECRET not in told
    assert "builtins.ValueError" in told
    assert "IntegrityError" in told
    assert "test_operations.py" in told


def test_errors_of_servers_and_of_code_keep_their_message() -> None:
    told = line("text", exc_info=thrown(OperationalError(f"connection refused\nDETAIL: {SECRET}")))
    assert "connection refused" in told
    assert SECRET not in told
    assert "no attribute 'x'" in line("text", exc_info=thrown(AttributeError("no attribute 'x'")))
    assert "No space left" in line("text", exc_info=thrown(OSError(28, "No space left on device", SECRET)))


def test_djangos_own_lines_name_the_route_and_not_the_path(rf: RequestFactory) -> None:
    request = rf.get(f"/w/acme/customers/{SECRET}/")
    request.resolver_match = SimpleNamespace(view_name="customer")  # type: ignore[assignment]
    told = line("text", msg="%s: %s", args=("Internal Server Error", request.path), request=request)
    assert told.endswith("Internal Server Error: customer")


# Upgrades


@pytest.mark.django_db
def test_data_of_a_newer_version_is_refused() -> None:
    MigrationRecorder(connection).record_applied("accounts", "9999_from_the_future")
    with pytest.raises(UserError, match=r"newer percorso \(accounts\.9999_from_the_future\)"):
        migrate()


@pytest.mark.django_db
def test_what_others_have_migrated_is_no_reason_to_refuse() -> None:
    MigrationRecorder(connection).record_applied("removed_plugin", "0001_initial")
    refuse_newer(applied())


@pytest.fixture
def terminal(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PERCORSO, *words],
            cwd=tmp_path,
            env=environment(tmp_path / "data", **more),
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


def test_a_data_folder_of_the_first_release_is_brought_up_and_keeps_its_workspace(
    tmp_path: Path, terminal: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    for app in ("accounts", "sources"):
        assert terminal("manage", "migrate", app, "0001_initial").returncode == 0
    database = sqlite3.connect(tmp_path / "data" / "percorso.sqlite3")
    columns = {row[1] for row in database.execute("PRAGMA table_info(accounts_workspace)")}
    values = {"slug": "shop", "name": "Our shop", "time_zone": "Europe/Rome", "created_at": "2026-01-01 00:00:00"}
    values = {name: values.get(name, "[]") for name in columns - {"id"}}
    marks = ", ".join("?" for _ in values)
    with database:
        database.execute(
            f"INSERT INTO accounts_workspace ({', '.join(values)}) VALUES ({marks})", list(values.values())
        )
    assert "Our" not in terminal("people", "list").stdout
    assert database.execute("SELECT name, time_zone FROM accounts_workspace WHERE slug = 'shop'").fetchall() == [
        ("Our shop", "Europe/Rome")
    ]
    assert database.execute("SELECT count(*) FROM base_job").fetchone() == (0,)
    with database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('base', '9999_later', '2027-01-01')"
        )
    refused = terminal("people", "list")
    assert refused.returncode == 1
    assert "written by a newer percorso (base.9999_later)" in " ".join(refused.stdout.split())


# One process, many processes


@pytest.mark.parametrize("command", ["web", "worker"])
def test_many_processes_are_refused_on_stores_of_one(
    command: str, terminal: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    told = terminal(command)
    assert told.returncode == 1
    assert "set PERCORSO_DATABASE_URL & PERCORSO_ANALYTICS_URL" in " ".join(told.stdout.split())


def get(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_the_server_carries_out_jobs_and_ends_cleanly(tmp_path: Path, unused_port: int) -> None:
    data = tmp_path / "data"
    words = [PERCORSO, "serve", "--port", str(unused_port)]
    log = tmp_path / "log"
    with log.open("w") as out:
        server = subprocess.Popen(words, env=environment(data), stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + 60
        while get(f"http://127.0.0.1:{unused_port}/health/ready") != 200:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        database = sqlite3.connect(data / "percorso.sqlite3", timeout=20)
        with database:
            database.execute(
                "INSERT INTO base_job (name, workspace, arguments, by, state, run_at, attempts, worker, stop_wanted,"
                " progress, doing, error, created_at) VALUES"
                " ('tidy', '', '{}', '', 'waiting', '2026-01-01', 0, '', 0, 0, '', '', '2026-01-01')"
            )
        while database.execute("SELECT state FROM base_job WHERE name = 'tidy'").fetchone() != ("done",):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    assert server.returncode in (0, -signal.SIGTERM)
    assert not (data / "owner.sock").exists()
    assert "Traceback" not in log.read_text()


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_https_addresses_make_browsers_stay_with_https(tmp_path: Path) -> None:
    code = "from django.conf import settings as s; print(s.SECURE_HSTS_SECONDS, s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_NAME)"
    for url, expected in (
        ("https://cx.example.com", "31536000 True __Host-session"),
        ("http://localhost:8000", "0 False percorso_session"),
    ):
        more = {"PERCORSO_URL": url, "DJANGO_SETTINGS_MODULE": "percorso.web.settings"}
        env = {**os.environ, **environment(tmp_path / "data", **more)}
        assert subprocess.check_output([sys.executable, "-c", code], env=env, text=True).strip() == expected


@pytest.fixture
def own_database() -> Iterator[str]:
    """The URL of an empty PostgreSQL database beside that of the tests."""
    name = f"own_{os.getpid()}"
    connected = psycopg.connect(
        **connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}, autocommit=True
    )
    with connected:
        connected.execute(f'CREATE DATABASE "{name}"')
        yield os.environ["PERCORSO_DATABASE_URL"].replace("/percorso?", f"/{name}?")
        connected.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


TOGETHER = """
import os, sys, time
from percorso.web import settings
keys = set()
for turn in range(40):
    settings.DATA = settings.Path(sys.argv[1]) / str(turn)
    settings.DATA.mkdir(exist_ok=True)
    time.sleep(max(0, float(sys.argv[2]) + turn / 40 - time.time()))
    keys.add(settings._secret_key())
print(sorted(map(len, keys)), hash(frozenset(keys)))
"""


def test_processes_that_start_together_have_one_key(tmp_path: Path) -> None:
    env = environment(tmp_path, PYTHONHASHSEED="0")
    command = [sys.executable, "-c", TOGETHER, str(tmp_path), str(time.time() + 3)]
    running = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    told = {process.communicate(timeout=60)[0] for process in running}
    assert len(told) == 1
    assert told.pop().startswith(f"[{', '.join(['67'] * 40)}]")
    assert not list(tmp_path.rglob("secret_key.*"))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")
@pytest.mark.django_db
def test_many_processes_serve_and_work_on_postgresql(tmp_path: Path, unused_port: int, own_database: str) -> None:
    urls = {"PERCORSO_DATABASE_URL": own_database, "PERCORSO_ANALYTICS_URL": "chdb://memory/default"}
    env, log = environment(tmp_path / "data", **urls), tmp_path / "log"
    commands = (["web", "--processes", "2", "--port", str(unused_port)], ["worker"], ["worker"])
    with log.open("w") as out:
        running = [subprocess.Popen([PERCORSO, *words], env=env, stdout=out, stderr=out) for words in commands]
    try:
        deadline = time.monotonic() + 90
        while get(f"http://127.0.0.1:{unused_port}/health/ready") != 200:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        with urllib.request.urlopen(f"http://127.0.0.1:{unused_port}/metrics", timeout=20) as answer:
            assert 'percorso_requests_total{method="GET",route="health_ready",status="200"}' in answer.read().decode()
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(60) for process in running]
    assert codes[1:] == [0, 0], log.read_text()
    assert "Traceback" not in log.read_text()
