"""The queue: jobs are functions known by name, kept in the operational database, carried out by one process or many.

A job is leased for a minute and the lease renewed while it runs; when a worker dies, another takes the job over. So a job
may run twice: what must happen once is done inside `once`. Failures are tried again later and later (`DELAYS`).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from percorso.analytics.calendar import offsets
from percorso.base.models import Clock, Effect, Job

LEASE = timedelta(minutes=1)
DELAYS = (timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
KEPT = timedelta(days=30)

Work = Callable[..., Any]


class Stopped(Exception):
    """Raised inside of a job that somebody stopped."""


class Later(Exception):
    """Raised by a job that wants to run again after `delay`; counts as an attempt."""

    def __init__(self, delay: timedelta, why: str) -> None:
        super().__init__(why)
        self.delay = delay


@dataclass(frozen=True)
class Kind:
    """What is known of all jobs of one name: the function, its readable name (marked), how it is tried again."""

    name: str
    label: str
    work: Work
    delays: tuple[timedelta, ...]
    local: bool


@dataclass(frozen=True)
class Rule:
    """When a scheduled job runs: every so many minutes, or at a local time on some days of the week (0: Monday)."""

    minutes: int = 0
    at: time | None = None
    days: tuple[int, ...] = tuple(range(7))

    def after(self, moment: datetime, zone: str) -> datetime:
        """Return the first instant after `moment`; a local time that a change of the clock skips runs at the change."""
        if self.at is None:
            step = timedelta(minutes=self.minutes)
            midnight = datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC"))
            return midnight + ((moment - midnight) // step + 1) * step
        day = moment.astimezone(ZoneInfo(zone)).date()
        for ahead in range(9):
            at = _local_instant(day + timedelta(days=ahead), self.at, zone)
            if at > moment and (day + timedelta(days=ahead)).weekday() in self.days:
                return at
        raise ValueError(f"the rule {self} names no day of the week")


def _local_instant(day: date, at: time, zone: str) -> datetime:
    """Return the instant of a local time; of two (autumn) the first, of none (spring) the change of the clock."""
    instant = datetime.combine(day, at, ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
    if instant.astimezone(ZoneInfo(zone)).time() == at:
        return instant
    return max(since for since, _ in offsets(instant - timedelta(hours=3), instant + timedelta(hours=3), zone))


KINDS: dict[str, Kind] = {}
SCHEDULE: dict[str, tuple[Rule, bool]] = {}


def job(
    name: str, label: str, *, delays: tuple[timedelta, ...] = DELAYS, every: Rule | None = None, per_workspace: bool = False,
    local: bool = False,
) -> Callable[[Work], Work]:
    """Make a function a job, by decorator. It is called as ``work(job, **arguments)``.

    Parameters
    ----------
    label : what pages call it, marked. delays : how long to wait after each failure; then it has failed for good.
    every, per_workspace : run it on a clock, once in all or for each workspace in its own time zone.
    local : it needs what only the process with the data folder has (the figures' file).
    """

    def decorate(work: Work) -> Work:
        if name in KINDS and KINDS[name].work.__module__ != work.__module__:
            raise ValueError(f"there is a job {name} already")
        KINDS[name] = Kind(name, label, work, delays, local)
        if every is not None:
            SCHEDULE[name] = (every, per_workspace)
        return work

    return decorate


def enqueue(
    name: str, *, workspace: str = "", key: str | None = None, run_at: datetime | None = None, by: str = "", **arguments: Any
) -> Job:
    """Line up a job; inside of a transaction it is seen when the transaction is. One `key` is lined up once."""
    if name not in KINDS:
        raise ValueError(f"there is no job {name}: {sorted(KINDS)}")
    values = {"name": name, "workspace": workspace, "arguments": arguments, "by": by[:254], "run_at": run_at or timezone.now()}
    if key is None:
        return Job.objects.create(**values)
    return Job.objects.get_or_create(key=key, defaults=values)[0]


@contextmanager
def once(key: str) -> Iterator[bool]:
    """Give whether `key` is new. What is done inside of the block and in the database happens once for a key, for good."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                Effect.objects.create(key=key)
        except IntegrityError:
            yield False
            return
        yield True


def stop(row: Job) -> None:
    """Stop a job: one that waits will not run, one that runs stops at its next `check`."""
    now = timezone.now()
    waiting = Job.objects.filter(pk=row.pk, state=Job.State.WAITING)
    if not waiting.update(state=Job.State.STOPPED, finished_at=now):
        Job.objects.filter(pk=row.pk, state=Job.State.RUNNING).update(stop_wanted=True)


def repeat(row: Job) -> None:
    """Run a job that is over once more, now."""
    over = (Job.State.FAILED, Job.State.STOPPED, Job.State.DONE)
    Job.objects.filter(pk=row.pk, state__in=over).update(
        state=Job.State.WAITING, run_at=timezone.now(), attempts=0, error="", progress=0, stop_wanted=False, finished_at=None
    )


def check(row: Job, progress: float | None = None, doing: str = "") -> None:
    """Tell how far a job is, and raise `Stopped` when somebody stopped it. Cheap enough for once a second."""
    values: dict[str, Any] = {"leased_until": timezone.now() + LEASE}
    if progress is not None:
        values["progress"] = progress
    if doing:
        values["doing"] = doing[:254]
    Job.objects.filter(pk=row.pk).update(**values)
    if Job.objects.filter(pk=row.pk, stop_wanted=True).exists():
        raise Stopped


def take(worker: str, *, local: bool) -> Job | None:
    """Lease the next job that is due; None when there is none. `local`: whether jobs that need the data folder may be."""
    now = timezone.now()
    names = [kind.name for kind in KINDS.values() if local or not kind.local]
    due = Q(state=Job.State.WAITING, run_at__lte=now) | Q(state=Job.State.RUNNING, leased_until__lt=now)
    with transaction.atomic():
        rows = Job.objects.filter(due, name__in=names).order_by("run_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        row = rows.first()
        if row is None:
            return None
        row.state, row.worker, row.leased_until = Job.State.RUNNING, worker, now + LEASE
        row.attempts += 1
        row.started_at = row.started_at or now
        row.save(update_fields=["state", "worker", "leased_until", "attempts", "started_at"])
    return row


def tick(workspaces: Iterable[tuple[str, str]]) -> int:
    """Line up the scheduled jobs whose time has come; return how many. `workspaces`: slug and time zone of each."""
    now, made = timezone.now(), 0
    every = list(workspaces)
    for name, (rule, per_workspace) in SCHEDULE.items():
        for slug, zone in every if per_workspace else [("", "UTC")]:
            clock, new = Clock.objects.get_or_create(
                name=name, workspace=slug, defaults={"next_at": rule.after(now, zone)}
            )
            if new or clock.next_at > now:
                continue
            # Slots that passed while nothing ran are made up for once. Who moves the clock lines the job up.
            moved = Clock.objects.filter(pk=clock.pk, next_at=clock.next_at)
            with transaction.atomic():
                if moved.update(next_at=rule.after(now, zone)):
                    enqueue(name, workspace=slug, key=f"{name}:{slug}:{clock.next_at:%Y-%m-%dT%H:%M}", by="clock")
                    made += 1
    return made


def forget_old() -> int:
    """Delete jobs and marks that were over long ago; return how many jobs."""
    before = timezone.now() - KEPT
    return Job.objects.filter(finished_at__lt=before).delete()[0]
