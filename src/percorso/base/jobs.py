"""The queue: jobs are functions known by name, kept in the operational database, carried out by one process or many.

A job is leased for a minute and the lease renewed while it runs; when a worker dies, another takes the job over. So a job
may run twice: what must happen once is done inside `once`. Failures are tried again later and later (`DELAYS`).
Every lease has a name of its own (`Job.worker`): who has lost it can neither renew it nor say how the job ended.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from percorso.analytics.clocks import EPOCH, local_seconds_to_utc, seconds_of_day
from percorso.base.models import Clock, Effect, Job
from percorso.i18n import mark

LEASE = timedelta(minutes=1)
DELAYS = (timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
KEPT = timedelta(days=30)
LOST = mark("The process that carried it out ended, again and again.")

Work = Callable[..., Any]


class Stopped(Exception):
    """Raised inside of a job that somebody stopped, or that another worker has taken over."""


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

    def __post_init__(self) -> None:
        if (self.minutes > 0) == (self.at is not None) or not set(self.days) & set(range(7)):
            raise ValueError(f"the rule {self} names no minutes or no time on a day of the week, or both")

    def after(self, moment: datetime, zone: str) -> datetime:
        """Return the first instant after `moment`; a local time that a change of the clock skips runs at the change."""
        if self.at is None:
            step = timedelta(minutes=self.minutes)
            return EPOCH + ((moment - EPOCH) // step + 1) * step
        today = moment.astimezone(ZoneInfo(zone)).date()
        days = (today + timedelta(days=ahead) for ahead in range(9))
        instants = (_local_instant(day, self.at, zone) for day in days if day.weekday() in self.days)
        return next(instant for instant in instants if instant > moment)


def _local_instant(day: date, at: time, zone: str) -> datetime:
    """Return the instant of a local time; of two (autumn) the first, of none (spring) the change of the clock."""
    seconds = seconds_of_day(day) + at.hour * 3600 + at.minute * 60
    return EPOCH + timedelta(seconds=local_seconds_to_utc(seconds, zone))


KINDS: dict[str, Kind] = {}
SCHEDULE: dict[str, tuple[Rule, bool]] = {}


def job(
    name: str,
    label: str,
    *,
    delays: tuple[timedelta, ...] = DELAYS,
    every: Rule | None = None,
    per_workspace: bool = False,
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
    name: str,
    *,
    workspace: str = "",
    key: str | None = None,
    run_at: datetime | None = None,
    by: str = "",
    **arguments: Any,
) -> Job:
    """Line up a job; inside of a transaction it is seen when the transaction is. One `key` is lined up once."""
    if name not in KINDS:
        raise ValueError(f"there is no job {name}: {sorted(KINDS)}")
    values = {
        "name": name,
        "workspace": workspace,
        "arguments": arguments,
        "by": by[:254],
        "run_at": run_at or timezone.now(),
    }
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
        state=Job.State.WAITING, run_at=timezone.now(), attempts=0, error="", error_params=None, progress=0, doing="", result=None,
        stop_wanted=False, started_at=None, finished_at=None,
    )  # fmt: skip


def check(row: Job, progress: float | None = None, doing: str = "") -> None:
    """Tell how far a job is, and raise `Stopped` when somebody stopped it. Cheap enough for once a second."""
    values: dict[str, Any] = {"leased_until": timezone.now() + LEASE}
    if progress is not None:
        values["progress"] = progress
    if doing:
        values["doing"] = doing[:254]
    if not leased(row).filter(stop_wanted=False).update(**values):
        raise Stopped


def leased(row: Job) -> QuerySet[Job]:
    """Return the job as rows to change, none when its lease has gone to another worker."""
    return Job.objects.filter(pk=row.pk, worker=row.worker, state=Job.State.RUNNING)


def take(worker: str, *, local: bool) -> Job | None:
    """Lease the next job that is due; None when there is none. `local`: whether jobs that need the data folder may be."""
    due = _due(local)
    # Asked first without a transaction: on SQLite every transaction keeps all other writers waiting.
    while due.exists():
        with transaction.atomic():
            skips = connection.features.has_select_for_update_skip_locked
            row = (due.select_for_update(skip_locked=True) if skips else due).first()
            if row is None:
                return None
            if _begin(row, worker):
                return row
    return None


def _due(local: bool) -> QuerySet[Job]:
    now = timezone.now()
    names = [kind.name for kind in KINDS.values() if local or not kind.local]
    due = Q(state=Job.State.WAITING, run_at__lte=now) | Q(state=Job.State.RUNNING, leased_until__lt=now)
    return Job.objects.filter(due, name__in=names).order_by("run_at", "id")


def _begin(row: Job, worker: str) -> bool:
    """Lease a job that is due; false when its worker died and it must not be carried out again."""
    now = timezone.now()
    if row.state == Job.State.RUNNING and (row.stop_wanted or row.attempts > len(KINDS[row.name].delays)):
        row.state = Job.State.STOPPED if row.stop_wanted else Job.State.FAILED
        row.error = "" if row.stop_wanted else LOST
        row.worker, row.leased_until, row.finished_at = "", None, now
    else:
        row.state, row.leased_until = Job.State.RUNNING, now + LEASE
        row.worker = f"{worker[:100]}#{secrets.token_hex(6)}"
        row.attempts += 1
        row.started_at = row.started_at or now
    row.save(update_fields=["state", "error", "worker", "leased_until", "finished_at", "attempts", "started_at"])
    return row.state == Job.State.RUNNING


def tick(workspaces: Iterable[tuple[str, str]]) -> int:
    """Line up the scheduled jobs whose time has come; return how many. `workspaces`: slug and time zone of each."""
    now, made, zones = timezone.now(), 0, dict(workspaces)
    clocks = {(clock.name, clock.workspace): clock for clock in Clock.objects.all()}
    for name, (rule, per_workspace) in SCHEDULE.items():
        for slug, zone in (zones if per_workspace else {"": "UTC"}).items():
            clock, next_at = clocks.get((name, slug)), rule.after(now, zone)
            if clock is None:
                Clock.objects.get_or_create(name=name, workspace=slug, defaults={"next_at": next_at})
            elif clock.next_at <= now:
                made += _line_up(clock, next_at)
            elif clock.next_at != next_at:
                # The workspace has moved to another zone, or a new version to another rule.
                Clock.objects.filter(pk=clock.pk).update(next_at=next_at)
    return made


def _line_up(clock: Clock, next_at: datetime) -> bool:
    """Line up a scheduled job; slots that passed while nothing ran are made up for once."""
    slot = f"{clock.name}:{clock.workspace}:{clock.next_at.astimezone(UTC):%Y-%m-%dT%H:%M}"
    with transaction.atomic():
        # Of several clocks one moves it, and that one lines the job up.
        moved = Clock.objects.filter(pk=clock.pk, next_at=clock.next_at).update(next_at=next_at)
        if moved:
            enqueue(clock.name, workspace=clock.workspace, key=slot, by="clock")
    return bool(moved)


def forget_old() -> int:
    """Delete jobs that were over long ago; return how many. The marks of `once` stay: they hold for good."""
    before = timezone.now() - KEPT
    return Job.objects.filter(finished_at__lt=before).delete()[0]
