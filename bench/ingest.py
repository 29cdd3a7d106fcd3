"""Events over HTTP against a real server: how many a second are durable before the answer, and how soon they are facts."""

import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
from rich.console import Console
from rich.table import Table

from bench.answers import PORT, _cpu_seconds, _server
from percorso.analytics.store import Store

SECONDS, CONNECTIONS, BATCH = 20, 32, 100
# A server that has just started compiles what its pages ask.
WARMING_SECONDS = 20
PEOPLE = 50_000
NAMES = ("search", "product", "cart", "purchase", "view", "help", "login", "filter")
TARGET_BATCHED, TARGET_SINGLE, TARGET_P99_MS, TARGET_LAG_SECONDS = 60_000, 5_000, 300, 5.0
# What a server that takes one source's events at this rate is told to allow.
ALLOWED = {"PERCORSO_SOURCE_REQUESTS": "1000000"}
SOURCE = """
import django
django.setup()
from percorso.base.upgrades import migrate
migrate()
from percorso.commands.workspaces import workspace_to_fill
workspace_to_fill("bench", "bench", "UTC")
from percorso.accounts.models import Workspace
from percorso.sources.models import Source
print(Source.objects.create(workspace=Workspace.objects.get(slug="bench"), name="bench", key="bench-key").key)
"""


class Load(NamedTuple):
    """What a run gave: waits in milliseconds, events acknowledged and a second, the longest wait in the spool, server CPU."""

    waits: list[float]
    events: int
    a_second: float
    lag_seconds: float
    cpu_us: float


def compare(folder: Path, console: Console) -> bool:
    """Print what the server takes in batches, one by one, and during heavy questions, and what of it was lost."""
    with tempfile.TemporaryDirectory(dir=folder) as data:
        environment = {**os.environ, **ALLOWED, "PERCORSO_DATA": data, "PERCORSO_PORT": str(PORT), "DJANGO_SETTINGS_MODULE": "percorso.web.settings"}  # fmt: skip
        subprocess.run([sys.executable, "-c", SOURCE], env=environment, check=True, stdout=subprocess.DEVNULL)
        percorso = str(Path(sys.executable).parent / "percorso")
        with _server([percorso, "serve"], environment) as server:
            time.sleep(WARMING_SECONDS)
            spool = Path(data) / "spool"
            loads = {
                f"batches of {BATCH}, {TARGET_BATCHED:,} a second": asyncio.run(
                    _load(server, spool, BATCH, TARGET_BATCHED // BATCH)
                ),
                f"batches of {BATCH}, as many as can be": asyncio.run(_load(server, spool, BATCH, None)),
                "one by one": asyncio.run(_load(server, spool, 1, None)),
                "one by one, 1,000 a second": asyncio.run(_load(server, spool, 1, 1000)),
            }
            asking = threading.Event()
            asker = threading.Thread(target=_ask, args=(percorso, environment, asking))
            asker.start()
            loads["the same during questions"] = asyncio.run(_load(server, spool, 1, 1000))
            asking.set()
            asker.join()
            _until_loaded(spool)
        with Store.open(Path(data) / "facts.duckdb") as store:
            stored = int(store.table("events", "bench").count().execute())
    sent = sum(load.events for load in loads.values())
    table = Table(
        title=f"events over HTTP, durable before the answer: {CONNECTIONS} connections, {SECONDS} seconds each"
    )
    for name in ("", "events a second", "median ms", "p99 ms", "longest until a fact", "server CPU µs an event"):
        table.add_column(name, justify="right" if name else "left")
    for name, load in loads.items():
        waits = sorted(load.waits)
        table.add_row(name, f"{load.a_second:,.0f}", f"{waits[len(waits) // 2]:.1f}", f"{_p99(load):.1f}", f"{load.lag_seconds:.1f} s", f"{load.cpu_us:.1f}")  # fmt: skip
    console.print(table)
    console.print(f"acknowledged {sent:,}, stored {stored:,}, lost {sent - stored}")
    batched, _, single, _, asked = loads.values()
    return (
        stored == sent
        and batched.a_second >= 0.99 * TARGET_BATCHED
        and single.a_second >= TARGET_SINGLE
        and _p99(asked) < TARGET_P99_MS
        and max(load.lag_seconds for load in (batched, single, asked)) < TARGET_LAG_SECONDS
    )


def _p99(load: Load) -> float:
    waits = sorted(load.waits)
    return waits[int(len(waits) * 0.99)]


def _ask(percorso: str, environment: dict[str, str], over: threading.Event) -> None:
    """Ask heavy questions, one after the other."""
    while not over.is_set():
        subprocess.run(
            [percorso, "funnel", *NAMES[:4], "--window", "7d"], env=environment, stdout=subprocess.DEVNULL, check=False
        )


def _until_loaded(spool: Path) -> None:
    while any(path.stat().st_size for path in _waiting(spool)):
        time.sleep(0.1)


def _waiting(spool: Path) -> list[Path]:
    return [path for path in spool.glob("*") if path.suffix in (".writing", ".ready")]


async def _load(server: int, spool: Path, batch: int, rate: int | None) -> Load:
    """Send for some seconds, at a rate or as fast as answers come; then wait until all of it is loaded."""
    waits: list[float] = []
    count = 0
    begun, before, over, lag = time.perf_counter(), _cpu_seconds(server), time.perf_counter() + SECONDS, 0.0

    async def sender(number: int) -> None:
        nonlocal count
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        bodies, turn = _bodies(number, batch), 0
        while time.perf_counter() < over:
            at = time.perf_counter()
            if rate is not None:
                at = begun + (turn * CONNECTIONS + number) / rate
                turn += 1
                await asyncio.sleep(max(0.0, at - time.perf_counter()))
            writer.write(next(bodies))
            answer = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]))
            if answer.split(b" ", 2)[1] != b"200":
                raise AssertionError(answer.decode())
            waits.append((time.perf_counter() - at) * 1000)
            count += batch
        writer.close()

    async def watch() -> None:
        nonlocal lag
        while True:
            names = [int(path.name.partition("-")[0]) for path in _waiting(spool)]
            lag = max(lag, time.time() - min(names) / 1e9) if names else lag
            await asyncio.sleep(0.1)

    watcher = asyncio.create_task(watch())
    await asyncio.gather(*(sender(n) for n in range(CONNECTIONS)))
    took = time.perf_counter() - begun
    await asyncio.to_thread(_until_loaded, spool)
    watcher.cancel()
    cpu = _cpu_seconds(server) - before
    return Load(waits, count, count / took, lag, cpu / count * 1e6)


def _bodies(sender: int, batch: int) -> Iterator[bytes]:
    """Yield requests, each with events of its own; what differs is put into bytes made before, as sending must cost little."""
    path = "/v1/batch" if batch > 1 else "/v1/track"
    mark = f"{time.time_ns():x}-{sender}"
    place = sender
    while True:
        calls = []
        for _ in range(batch):
            place += 7919
            calls.append(
                _CALL % (f"{mark}-{place:012d}".encode(), b"u%d" % (place * 31 % PEOPLE), NAMES[place % 8].encode())
            )
        body = b'{"batch":[' + b",".join(calls) + b'],"writeKey":"bench-key"}' if batch > 1 else calls[0]
        yield b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Basic YmVuY2gta2V5Og==\r\nContent-Length: %d\r\n\r\n" % (path.encode(), len(body)) + body  # fmt: skip


# As the client for Node.js writes it: about 640 bytes.
_CALL = msgspec.json.encode(
    {
        "type": "track", "messageId": "MESSAGE", "userId": "USER", "event": "EVENT",
        "properties": {"plan": "pro", "value": 129.9, "currency": "BRL", "category": "books", "list": "recommended", "position": 3},
        "context": {
            "library": {"name": "@segment/analytics-node", "version": "2.3.0"}, "locale": "pt-BR", "timezone": "America/Sao_Paulo",
            "userAgent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
        },
        "integrations": {}, "timestamp": "2026-01-10T10:00:00.000Z", "_metadata": {"nodeVersion": "24.1.0", "jsRuntime": "node"},
    }
).replace(b"%", b"%%").replace(b"MESSAGE", b"%s").replace(b"USER", b"%s").replace(b"EVENT", b"%s")  # fmt: skip
