"""The official clients of Segment's tracking API, unchanged, against a real server; and a server that is killed."""

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from percorso.analytics.store import Store
from percorso.errors import StoreBusy
from tests.commands.conftest import PERCORSO, Run, environment

# `make reliability` kills it a hundred times.
KILLS = int(os.environ.get("PERCORSO_TEST_KILLS", "3"))
CLIENTS = Path(__file__).parents[2] / "frontend" / "node_modules" / "@segment"
NODE = """
import { Analytics } from "@segment/analytics-node";
const [host, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host, flushAt: 3 });
analytics.on("error", (error) => { console.error(error); process.exit(1); });
analytics.identify({ userId: "u1", traits: { email: "ana@example.com" } });
analytics.track({ userId: "u1", event: "Order Completed", properties: { total: 12.5 } });
analytics.page({ anonymousId: "d1", name: "Home" });
analytics.group({ userId: "u1", groupId: "acme" });
analytics.alias({ userId: "u1", previousId: "old" });
await analytics.closeAndFlush();
"""


class Served:
    """A server and the key of a source of it."""

    def __init__(self, data: Path, key: str, port: int) -> None:
        self.data, self.key, self.host = data, key, f"http://127.0.0.1:{port}"
        self.process: subprocess.Popen[bytes]

    def start(self) -> None:
        """Start, and wait until it answers."""
        port = self.host.rpartition(":")[2]
        told = environment(self.data, PERCORSO_PORT=port)
        self.process = subprocess.Popen(
            [PERCORSO, "serve"], env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        until(lambda: urllib.request.urlopen(f"{self.host}/health/ready", timeout=2).status == 200)

    def end(self) -> None:
        """End as a supervisor does."""
        self.process.terminate()
        self.process.wait(60)

    def send(self, message: str, **call: Any) -> None:
        """Send one event; return when it is acknowledged."""
        body = json.dumps(
            {"writeKey": self.key, "userId": "u1", "event": "Hello", "messageId": message, **call}
        ).encode()
        asked = urllib.request.Request(f"{self.host}/v1/track", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert json.load(answer) == {"success": True}

    def events(self) -> list[dict[str, Any]]:
        """Return the events once nobody writes any more: what the server started may take a moment to end after it."""
        deadline = time.monotonic() + 60
        while True:
            try:
                with Store.open(self.data / "facts.duckdb") as store:
                    rows: list[dict[str, Any]] = store.table("events", "main").order_by("id").to_pyarrow().to_pylist()
                return rows
            except StoreBusy:
                assert time.monotonic() < deadline, "the data folder stays in use"
                time.sleep(0.2)


def until(holds: Callable[[], Any], seconds: float = 60) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.1)


@pytest.fixture
def served(data: Path, run: Run) -> Iterator[Served]:
    made = run("sources", "add", "Shop")
    assert made.returncode == 0, made.stdout + made.stderr
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Served(data, made.stdout.strip(), port)
    server.start()
    yield server
    if server.process.poll() is None:
        server.end()


@contextmanager
def _spool_is_loaded(served: Served) -> Iterator[None]:
    yield
    until(lambda: not list((served.data / "spool").glob("*")))
    served.end()


def test_the_client_for_python(served: Served) -> None:
    from segment.analytics.client import Client

    problems: list[object] = []
    with _spool_is_loaded(served):
        client = Client(
            served.key, host=served.host, on_error=lambda error, items: problems.append(error), gzip=True, max_retries=1
        )
        client.identify("u1", {"email": "ana@example.com"})
        client.track("u1", "Order Completed", {"total": 12.5})
        client.page(anonymous_id="d1", name="Home")
        client.screen("u1", name="Basket")
        client.group("u1", "acme", {"name": "Acme"})
        client.alias("old", "u1")
        client.flush()
        client.join()
    assert problems == []
    assert sorted(row["name"] for row in served.events()) == ["Order Completed", "Page Viewed", "Screen Viewed"]


@pytest.mark.skipif(
    shutil.which("node") is None or not CLIENTS.exists(), reason="Node.js or its client is not installed"
)
def test_the_client_for_node(served: Served, tmp_path: Path) -> None:
    script = CLIENTS.parent.parent / f"tracking-{os.getpid()}.mjs"
    script.write_text(NODE)
    try:
        with _spool_is_loaded(served):
            ran = subprocess.run(["node", script, served.host, served.key], capture_output=True, text=True, timeout=60)
            assert ran.returncode == 0, ran.stderr
    finally:
        script.unlink()
    events = {row["name"]: row for row in served.events()}
    assert sorted(events) == ["Order Completed", "Page Viewed"]
    assert json.loads(events["Order Completed"]["properties"])["total"] == 12.5


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(served: Served) -> None:
    acknowledged: list[str] = []
    over = threading.Event()

    def send(sender: int) -> None:
        number = 0
        while not over.is_set():
            message = f"m{sender}-{number}"
            try:
                served.send(message)
            except OSError:
                time.sleep(0.05)  # the same again, as clients do
                continue
            acknowledged.append(message)
            number += 1

    senders = [threading.Thread(target=send, args=(i,), daemon=True) for i in range(4)]
    for sender in senders:
        sender.start()
    for _ in range(KILLS):
        enough = len(acknowledged) + 200
        until(lambda enough=enough: len(acknowledged) > enough)  # type: ignore[misc]
        # What it started ends too, and lets go of the data folder.
        served.process.send_signal(signal.SIGKILL)
        served.process.wait()
        served.start()
    over.set()
    for sender in senders:
        sender.join()
    until(lambda: not list((served.data / "spool").glob("*")))
    served.end()
    stored = [row["id"].partition("-")[2] for row in served.events()]
    assert len(stored) == len(set(stored))
    assert set(acknowledged) <= set(stored)


def test_what_came_is_asked_about_while_the_server_runs(served: Served, run: Run) -> None:
    served.send("m1")
    served.send("m2", event="Bought")
    until(lambda: not list((served.data / "spool").glob("*")))
    asked = run("funnel", "Hello", "Bought", "--format", "json")
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert [row["customers"] for row in json.loads(asked.stdout)] == [1, 1]
    assert "Hello" in run("flows", "--steps", "2").stdout
    assert "Began" in run("retention", "Hello").stdout
