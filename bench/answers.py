"""Answers of respondents against a real server: 300 a second for a minute, and their cost beside inserting one row."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode
from urllib.request import build_opener

from rich.console import Console
from rich.table import Table

PORT = 8178
# Each connection comes from an address of its own (all of them this machine): the limit per address stays in force.
RATE, SECONDS, CONNECTIONS = 300, 60, 64
TARGET_P99_MS, TARGET_RATIO = 250, 3.0
CLOSED_SECONDS = 8
SPARE = 8000
# What pages that were shown carry, one for each answer.
SEALS: list[str] = []
BARE = """
from granian import Granian
from granian.constants import Interfaces
from percorso.base.upgrades import migrate
import django
django.setup()
migrate()
Granian("bench.bare:application", address="127.0.0.1", port={port}, interface=Interfaces.WSGI, workers=1, blocking_threads={threads}, log_level="error").serve()
"""
SURVEY = """
import django
django.setup()
from percorso.base.upgrades import migrate
migrate()
from percorso.commands.workspaces import workspace_to_fill
workspace_to_fill("bench", "bench", "UTC")
from percorso.accounts.models import Workspace
from percorso.surveys.models import Survey, Version
content = dict(languages=["en"], title=dict(en="Bench"), pages=[dict(id="p", questions=[
    dict(id="nps", type="nps", required=True, metric="nps", text=dict(en="How likely?")),
    dict(id="why", type="text", text=dict(en="Why?"))])])
survey = Survey.objects.create(workspace=Workspace.objects.get(slug="bench"), name="Bench", slug="bench", draft=content, repeated=True)
survey.live = Version.objects.create(survey=survey, number=1, content=content)
survey.state = "live"
survey.save()
from percorso.surveys.respond.seals import Seal
for _ in range({seals}):
    print(Seal().written(survey))
print(survey.key)
"""


class Load(NamedTuple):
    """What a run gave: waits in milliseconds, how many were acknowledged, and CPU milliseconds a request."""

    waits: list[float]
    taken: int
    cpu_ms: float
    a_second: float


def compare(folder: Path, console: Console) -> bool:
    """Print the waits of a minute at the rate asked for, what was lost, and the cost beside a bare endpoint."""
    with tempfile.TemporaryDirectory(dir=folder) as data:
        environment = {**os.environ, "PERCORSO_DATA": data, "PERCORSO_PORT": str(PORT), "DJANGO_SETTINGS_MODULE": "percorso.web.settings"}  # fmt: skip
        made = subprocess.run(
            [sys.executable, "-c", SURVEY.format(seals=RATE * SECONDS + SPARE)],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        *seals, key = made.stdout.decode().split()
        SEALS.extend(seals)
        percorso = str(Path(sys.executable).parent / "percorso")
        with _server([percorso, "serve"], environment) as server:
            steady = asyncio.run(_steady(server, f"/s/{key}/"))
            closed = asyncio.run(_closed(server, f"/s/{key}/"))
        stored = _count(Path(data) / "percorso.sqlite3", "surveys_response")
    with tempfile.TemporaryDirectory(dir=folder) as data:
        environment |= {"PERCORSO_DATA": data, "DJANGO_SETTINGS_MODULE": "bench.bare_settings"}
        with _server([sys.executable, "-c", BARE.format(port=PORT, threads=8)], environment) as server:
            bare = asyncio.run(_closed(server, "/insert/"))
    waits, lost = sorted(steady.waits), steady.taken + closed.taken - stored
    p50, p99 = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
    ratio = closed.cpu_ms / bare.cpu_ms
    table = Table(
        title=f"answers: {RATE} a second for {SECONDS} seconds; then as many as {CONNECTIONS} connections can"
    )
    for name in ("acknowledged", "lost", "median ms", "p99 ms", "most a second", "CPU ms each", "bare: a second", "bare: CPU ms", "cost ratio"):  # fmt: skip
        table.add_column(name, justify="right")
    table.add_row(f"{steady.taken:,}", str(lost), f"{p50:.0f}", f"{p99:.0f}", f"{closed.a_second:.0f}", f"{closed.cpu_ms:.2f}", f"{bare.a_second:.0f}", f"{bare.cpu_ms:.2f}", f"{ratio:.1f}×")  # fmt: skip
    console.print(table)
    return lost == 0 and steady.taken == RATE * SECONDS and p99 < TARGET_P99_MS and ratio <= TARGET_RATIO


class _server:
    """A server that runs inside of the block."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)

    def __enter__(self) -> int:
        for _ in range(120):
            try:
                build_opener().open(f"http://127.0.0.1:{PORT}/health/ready", timeout=2)
                return self.process.pid
            except OSError:
                time.sleep(0.5)
        raise AssertionError("the server does not answer")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(30)


async def _steady(server: int, path: str) -> Load:
    """Send at a steady rate, whatever the answers take: a wait counts from when the request was due."""
    due: list[asyncio.Queue[float]] = [asyncio.Queue() for _ in range(CONNECTIONS)]
    waits: list[float] = []
    begun, before = time.perf_counter(), _cpu_seconds(server)

    async def clock() -> None:
        for turn in range(RATE * SECONDS):
            at = begun + turn / RATE
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            due[turn % CONNECTIONS].put_nowait(at)
        for each in due:
            each.put_nowait(-1.0)

    async def sender(number: int) -> None:
        connection = _Connection(path, number)
        while (at := await due[number].get()) >= 0:
            if await connection.send():
                waits.append((time.perf_counter() - at) * 1000)
        await connection.close()

    await asyncio.gather(clock(), *(sender(n) for n in range(CONNECTIONS)))
    taken = max(1, len(waits))
    return Load(
        waits, len(waits), (_cpu_seconds(server) - before) / taken * 1000, taken / (time.perf_counter() - begun)
    )


async def _closed(server: int, path: str) -> Load:
    """Send as fast as answers come."""
    waits: list[float] = []
    begun, before = time.perf_counter(), _cpu_seconds(server)

    async def sender(number: int) -> None:
        connection = _Connection(path, number)
        while time.perf_counter() - begun < CLOSED_SECONDS:
            at = time.perf_counter()
            if await connection.send():
                waits.append((time.perf_counter() - at) * 1000)
        await connection.close()

    await asyncio.gather(*(sender(n) for n in range(CONNECTIONS)))
    taken = max(1, len(waits))
    return Load(
        waits, len(waits), (_cpu_seconds(server) - before) / taken * 1000, taken / (time.perf_counter() - begun)
    )


class _Connection:
    """One connection, on which the answers of many people come."""

    def __init__(self, path: str, number: int) -> None:
        self.path, self.address = path, f"127.0.0.{number + 2}"
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self) -> bool:
        """Send one answer; return whether it was acknowledged."""
        if self.streams is None:
            local = (self.address, 0)
            self.streams = await asyncio.open_connection("127.0.0.1", PORT, local_addr=local, limit=2**20)
        given = {
            "_seal": SEALS.pop() if SEALS else "",
            "_page": "p",
            "nps": "9",
            "why": "quick and kind",
        }
        status, _ = await self._ask("POST", given)
        return status in ("200", "303", "302")

    async def _ask(self, method: str, given: dict[str, str]) -> tuple[str, bytes]:
        assert self.streams is not None
        reader, writer = self.streams
        body = urlencode(given).encode()
        head = (
            f"{method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        )
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(answer.lower().partition("content-length:")[2].partition("\r\n")[0] or 0)
        return answer.split()[1], await reader.readexactly(length)

    async def close(self) -> None:
        if self.streams is not None:
            self.streams[1].close()


def _cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and of its children."""
    total, ticks = 0.0, os.sysconf("SC_CLK_TCK")
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = each.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(each.parent.name) == pid or int(fields[1]) == pid:
            total += (int(fields[11]) + int(fields[12])) / ticks
    return total


def _count(file: Path, table: str) -> int:
    with sqlite3.connect(file) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
