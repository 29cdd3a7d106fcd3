"""Previews of alerts on the past: what a form describes, and the job that tries it."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone, translation

from percorso.accounts.models import Person, Workspace
from percorso.analytics.segments import to_json
from percorso.base.models import Job
from percorso.base.owner import store
from percorso.customers.queries import rule_of
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.alerting.looking import today
from percorso.insights.alerting.series import keys_of
from percorso.insights.alerts import ALERTS
from percorso.insights.models import Watch
from percorso.insights.queries import FRESH
from percorso.sources.models import Import

JOB = "preview_watch"
# The versions of facts count from zero in every process.
PROCESS = secrets.token_hex(8)
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Draft:
    """A watch as a form describes it: not kept, and who would get its mails (ids). `changes`: the kept one that it changes."""

    watch: Watch
    people: tuple[int, ...] = ()
    changes: int | None = None

    @property
    def form(self) -> str:
        return form_of(self.watch.alert, self.changes)

    def to_json(self) -> dict[str, Any]:
        """Return what the job and the page need to know, as JSON."""
        names = ("alert", "name", "config", "indicators", "segment_id", "grain")
        told = {name: getattr(self.watch, name) for name in names}
        return told | {"people": list(self.people), "changes": self.changes}

    @classmethod
    def read(cls, workspace: Workspace, told: dict[str, Any]) -> "Draft":
        """Return what `to_json` has written.

        Raises
        ------
        BadQuestion : its segment is gone.
        """
        given = {name: told[name] for name in ("alert", "name", "config", "indicators", "grain")}
        segment = workspace.segments.filter(pk=told["segment_id"]).first()
        if told["segment_id"] is not None and segment is None:
            raise BadQuestion(mark("There is no such segment in this workspace."))
        watch = Watch(workspace=workspace, segment=segment, **given)
        return cls(watch, tuple(told["people"]), told["changes"])


def form_of(alert: str, changes: int | None) -> str:
    """Return the name of a form: of a new watch, or of one that is changed."""
    return f"{alert}:{'new' if changes is None else changes}"


def key_of(draft: Draft, person: Person) -> str:
    """Return the key of a preview's job: the same as long as all that it depends on is the same."""
    watch = draft.watch
    workspace, rule = watch.workspace, rule_of(watch.segment)
    told = (
        person.pk, draft.form, watch.config, watch.grain, keys_of(watch), None if rule is None else to_json(rule),
        _goals(watch) if ALERTS[watch.alert].needs == "goal" else [], workspace.schedule, workspace.time_zone,
        watch.segment.name if watch.segment else "", today(workspace), translation.get_language(), _facts(workspace),
    )  # fmt: skip
    return f"{JOB}:{workspace.slug}:{hashlib.sha256(json.dumps(told, default=repr).encode()).hexdigest()}"


def _goals(watch: Watch) -> list[Any]:
    goals = watch.workspace.goals.order_by("id").select_related("segment")
    return [
        (g.pk, g.indicator, g.options, g.target, g.baseline, g.starts, g.due, g.segment and to_json(rule_of(g.segment)))  # type: ignore[arg-type]
        for g in goals
    ]


def _facts(workspace: Workspace) -> tuple[Any, ...]:
    """Return what is another after every change of the facts, and when the last of their files came.

    Where other processes write too, it is another one every few minutes.
    """
    facts = store()
    files: datetime | None = Import.objects.filter(workspace=workspace).aggregate(at=Max("finished_at"))["at"]
    if not facts.engine.alone:
        return timezone.now().timestamp() // FRESH.total_seconds(), files
    return PROCESS, id(facts), facts.version(workspace.slug), facts.is_filling(workspace.slug), files


def running(workspace: Workspace, person: Person, form: str) -> list[Job]:
    """Return the previews of a person and a form that are not over."""
    return list(_of(workspace, person).filter(arguments__form=form, state__in=(Job.State.WAITING, Job.State.RUNNING)))


def stopping(job: Job, form: str) -> bool:
    """Return whether an older preview of the same person and form is still at work, though told to stop."""
    mine = Job.objects.filter(name=JOB, workspace=job.workspace, by=job.by, arguments__form=form)
    at_work = mine.filter(state=Job.State.RUNNING, stop_wanted=True, leased_until__gt=timezone.now())
    return at_work.exclude(pk=job.pk).exists()


def tried(workspace: Workspace, person: Person, pk: int) -> Job | None:
    """Return a preview that a person has asked for; None when there is none, or no longer."""
    return _of(workspace, person).filter(pk=pk).first() if pk <= LARGEST_ID else None


def _of(workspace: Workspace, person: Person) -> Any:
    return Job.objects.filter(name=JOB, workspace=workspace.slug, by=person.email)
