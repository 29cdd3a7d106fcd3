"""Carries out jobs: threads inside the server, or processes of their own."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.db import Error as DatabaseError
from django.db import connections, transaction
from django.utils import timezone

from percorso.base import jobs
from percorso.base.models import Job
from percorso.errors import UserError

log = logging.getLogger("percorso.jobs")
PAUSE_SECONDS = 1.0
BEAT_SECONDS = 20.0
TICK_SECONDS = 15.0
Zones = Callable[[], Iterable[tuple[str, str]]]


class Worker:
    """Some threads that carry out jobs until they are told to end, and one that watches the clock."""

    def __init__(self, threads: int, zones: Zones, *, local: bool) -> None:
        self.zones, self.local = zones, local
        self.over = threading.Event()
        name = f"{socket.gethostname()}:{os.getpid()}"
        self.threads = [
            threading.Thread(target=self._work, args=(f"{name}:{n}",), name=f"percorso-job-{n}", daemon=True)
            for n in range(threads)
        ]
        self.threads.append(threading.Thread(target=self._watch_clock, name="percorso-clock", daemon=True))

    def start(self) -> None:
        """Start the threads."""
        for thread in self.threads:
            thread.start()

    def end(self, wait_seconds: float = 10.0) -> None:
        """Take no more jobs; wait a little for those at hand. What is not finished is taken over later."""
        self.over.set()
        for thread in self.threads:
            thread.join(wait_seconds)

    def _work(self, name: str) -> None:
        while not self.over.is_set():
            try:
                row = jobs.take(name, local=self.local)
                if row is not None:
                    run(row)
                    continue
            except DatabaseError:
                log.exception("the queue cannot be reached")
            finally:
                connections.close_all()
            self.over.wait(PAUSE_SECONDS)

    def _watch_clock(self) -> None:
        while not self.over.wait(TICK_SECONDS):
            try:
                jobs.tick(self.zones())
            except DatabaseError:
                log.exception("the schedule cannot be read")
            finally:
                connections.close_all()


def run(row: Job) -> None:
    """Carry out one leased job and write down how it ended."""
    kind = jobs.KINDS[row.name]
    ended = threading.Event()
    beat = threading.Thread(target=_keep_lease, args=(row.pk, ended), daemon=True)
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
        _close(row, Job.State.FAILED, error=str(error))
    except Exception as error:
        log.exception("job %s failed", row.name)
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


def _again(row: Job, kind: jobs.Kind, error: str, delay: timedelta | None) -> None:
    if row.attempts > len(kind.delays):
        _close(row, Job.State.FAILED, error=error)
        return
    wait = delay if delay is not None else kind.delays[row.attempts - 1]
    Job.objects.filter(pk=row.pk).update(
        state=Job.State.WAITING, run_at=timezone.now() + wait, error=error, leased_until=None, worker=""
    )


def _close(row: Job, state: str, **values: object) -> None:
    with transaction.atomic():
        Job.objects.filter(pk=row.pk).update(
            state=state, finished_at=timezone.now(), leased_until=None, **({"error": ""} | values)
        )


def _keep_lease(pk: int, ended: threading.Event) -> None:
    try:
        while not ended.wait(BEAT_SECONDS):
            Job.objects.filter(pk=pk).update(leased_until=timezone.now() + jobs.LEASE)
    except DatabaseError:
        log.exception("the lease of job %s cannot be renewed", pk)
    finally:
        connections.close_all()
