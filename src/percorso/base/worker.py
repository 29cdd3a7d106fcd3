"""Carries out jobs: threads inside the server, or processes of their own."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.db import Error as DatabaseError
from django.db import connections
from django.utils import timezone

from percorso.base import jobs
from percorso.base.fact_outbox import Loader
from percorso.base.models import Job
from percorso.errors import UserError

log = logging.getLogger("percorso.jobs")
PAUSE_SECONDS = 0.5
BEAT_SECONDS = 20.0
TICK_SECONDS = 15.0
Zones = Callable[[], Iterable[tuple[str, str]]]


class Worker:
    """Some threads that carry out jobs until they are told to end, and one that watches the clock."""

    def __init__(self, threads: int, zones: Zones, *, local: bool) -> None:
        self.zones, self.local = zones, local
        self.over = threading.Event()
        self.name = f"{socket.gethostname()[:80]}:{os.getpid()}"
        self.loader = Loader()
        self.threads = [
            threading.Thread(target=self._work, args=(f"{self.name}:{n}",), name=f"percorso-job-{n}", daemon=True)
            for n in range(threads)
        ]
        self.threads.append(threading.Thread(target=self._watch_clock, name="percorso-clock", daemon=True))

    def start(self) -> None:
        """Start the threads."""
        for thread in self.threads:
            thread.start()
        if self.local:
            self.loader.start()

    def end(self, wait_seconds: float | None = None) -> None:
        """Take no more jobs and wait for those at hand, for ever or `wait_seconds`; the next worker takes over the rest."""
        self.over.set()
        until = None if wait_seconds is None else time.monotonic() + wait_seconds
        for thread in self.threads:
            thread.join(None if until is None else max(0.0, until - time.monotonic()))
        if self.local:
            self.loader.end(None if until is None else max(0.0, until - time.monotonic()))
        if wait_seconds is not None:
            mine = Job.objects.filter(state=Job.State.RUNNING, worker__startswith=f"{self.name}:")
            mine.update(leased_until=timezone.now(), worker="")

    def _work(self, name: str) -> None:
        while not self.over.is_set():
            try:
                row = jobs.take(name, local=self.local)
                if row is not None:
                    run(row)
                    continue
            except DatabaseError:
                log.exception("the queue cannot be reached")
                connections.close_all()
            self.over.wait(PAUSE_SECONDS)
        connections.close_all()

    def _watch_clock(self) -> None:
        while not self.over.wait(TICK_SECONDS):
            try:
                jobs.tick(self.zones())
            except DatabaseError:
                log.exception("the schedule cannot be read")
                connections.close_all()
        connections.close_all()


def run(row: Job) -> None:
    """Carry out one leased job and write down how it ended."""
    kind = jobs.KINDS[row.name]
    ended = threading.Event()
    beat = threading.Thread(target=_keep_lease, args=(row, ended), daemon=True)
    beat.start()
    try:
        result = kind.work(row, **row.arguments)
        _close(row, Job.State.DONE, result=result, progress=1.0)
    except jobs.Stopped:
        _close(row, Job.State.STOPPED)
    except jobs.Later as later:
        _again(row, kind, str(later), later.delay)
    except UserError as error:
        # A person has to do something first: trying again by itself would change nothing.
        _close(row, Job.State.FAILED, error=error.message, error_params=_told(error))
    except Exception as error:
        log.exception("job %s (%s) failed", row.pk, row.name)
        _again(row, kind, f"{type(error).__name__}: {error}", None)
    finally:
        ended.set()


def run_all(limit: int = 1000) -> int:
    """Carry out everything that is due, here and now; return how many jobs (for tests and one-shot commands)."""
    for done in range(limit):
        row = jobs.take("here", local=True)
        if row is None:
            return done
        run(row)
    return limit


def _told(error: UserError) -> dict[str, Any]:
    """Return the places of an error's text as the database can keep them."""
    return {name: value if isinstance(value, int | float | str) else str(value) for name, value in error.params.items()}


def _again(row: Job, kind: jobs.Kind, error: str, delay: timedelta | None) -> None:
    if row.attempts > len(kind.delays):
        _close(row, Job.State.FAILED, error=error)
        return
    wait = delay if delay is not None else kind.delays[row.attempts - 1]
    waits = jobs.leased(row).filter(stop_wanted=False).update(
        state=Job.State.WAITING, run_at=timezone.now() + wait, error=error, error_params=None, leased_until=None, worker=""
    )  # fmt: skip
    if not waits:
        _close(row, Job.State.STOPPED)


def _close(row: Job, state: str, **values: object) -> None:
    over: dict[str, Any] = {"state": state, "finished_at": timezone.now(), "leased_until": None}
    over |= {"error": "", "error_params": None, **values}
    jobs.leased(row).update(**over)


def _keep_lease(row: Job, ended: threading.Event) -> None:
    try:
        while not ended.wait(BEAT_SECONDS):
            jobs.leased(row).update(leased_until=timezone.now() + jobs.LEASE)
    except DatabaseError:
        log.exception("the lease of job %s cannot be renewed", row.pk)
    finally:
        connections.close_all()
