"""Fifty people who click at once, with and without an import beside them: server time as each of them waits for it."""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from rich.console import Console

from bench.data import csv

PEOPLE, CLICKS, READING_SECONDS = 50, 6, 3.0
TARGET_P95_MS, TARGET_MEDIAN_MS = 400, 100
PORT = 8177
PAGES = (
    "",
    "?period=last_90_days",
    "indicators/",
    "indicators/nps/",
    "indicators/csat/?period=last_90_days",
    "customers/",
    "imports/",
    "settings/",
)


class Person:
    """One signed-in browser without pictures."""

    def __init__(self, base: str) -> None:
        self.base, self.opener = base, build_opener(HTTPCookieProcessor())
        page = self.opener.open(f"{base}/accounts/login/", timeout=60).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        body = urlencode({"csrfmiddlewaretoken": token[1]}).encode()
        self.opener.open(Request(f"{base}/demo/", body, {"Referer": base}), timeout=60)

    def click(self, page: str) -> float:
        """Open a page of the demo and return how long it took in milliseconds."""
        start = time.perf_counter()
        try:
            self.opener.open(f"{self.base}/w/demo/{page}", timeout=60).read()
        except HTTPError as error:
            raise AssertionError(f"{page}: {error.code}") from error
        return (time.perf_counter() - start) * 1000


def compare(folder: Path, console: Console) -> bool:
    """Serve the demo company, let fifty people click for some seconds, twice, and print what they waited."""
    with tempfile.TemporaryDirectory(dir=folder) as data:
        environment = {
            **os.environ,
            "PERCORSO_DATA": data,
            "PERCORSO_PORT": str(PORT),
            "PERCORSO_URL": f"http://127.0.0.1:{PORT}",
        }
        percorso = str(Path(sys.executable).parent / "percorso")
        subprocess.run([percorso, "demo"], env=environment, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen(
            [percorso, "serve"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            base = f"http://127.0.0.1:{PORT}"
            _wait(base)
            first = Person(base)
            for page in PAGES * 2:
                first.click(page)
            alone = sorted(first.click(page) for page in PAGES * 4)
            quiet = _crowd(base)
            importing = subprocess.Popen(
                [percorso, "import", "answers", str(csv(folder, 10_000_000)), "--metric", "nps", "--zone", "UTC"],
                env=environment, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            busy = _crowd(base)
            still = importing.poll() is None
            importing.terminate()
            importing.wait(60)
        finally:
            server.terminate()
            server.wait(30)
    ok = alone[len(alone) // 2] < TARGET_MEDIAN_MS and _p95(busy) < TARGET_P95_MS
    console.print(
        f"pages, one person: median {alone[len(alone) // 2]:.0f} ms (target {TARGET_MEDIAN_MS}); {PEOPLE} people: p95 "
        f"{_p95(quiet):.0f} ms; while an import runs{'' if still else ' (it ended before)'}: p95 {_p95(busy):.0f} ms "
        f"(target {TARGET_P95_MS}), {len(busy)} pages{'' if ok else '  MISSED'}",
        style=None if ok else "red",
    )
    return ok


def _crowd(base: str) -> list[float]:
    """Let people click, each with a little time to read, and return every wait."""
    waits: list[float] = []
    people = [Person(base) for _ in range(PEOPLE)]

    def browse(number: int, person: Person) -> None:
        time.sleep(number * READING_SECONDS / PEOPLE)
        for click in range(CLICKS):
            waits.append(person.click(PAGES[(number + click) % len(PAGES)]))
            time.sleep(READING_SECONDS)

    threads = [threading.Thread(target=browse, args=(n, p)) for n, p in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits


def _p95(waits: list[float]) -> float:
    return sorted(waits)[int(len(waits) * 0.95)] if waits else float("inf")


def _wait(base: str) -> None:
    for _ in range(120):
        try:
            build_opener().open(f"{base}/health/ready", timeout=2)
            return
        except OSError:
            time.sleep(0.5)
    raise AssertionError("the server does not answer")
