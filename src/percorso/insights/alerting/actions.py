"""Changes of watches and alarms, and the daily run."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.base import jobs
from percorso.base.models import Job
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.alerting import previews, recording, telling
from percorso.insights.alerting.looking import settings_of, today
from percorso.insights.alerting.series import BY, GRAINS, can_be_watched
from percorso.insights.alerts import ALERTS
from percorso.insights.models import Alarm, Watch
from percorso.sources.models import Import

LOOK = "look_for_alarms"
USUAL = "change"
FIELDS = ("name", "config", "indicators", "segment", "grain", "active")


def refuse_wrong_watch(watch: Watch, people: Sequence[Person] = ()) -> None:
    """Check that a watch makes sense.

    Raises
    ------
    BadQuestion : no such alert or indicator, settings that do not fit, a segment or a person from elsewhere.
    """
    if watch.alert not in ALERTS:
        raise BadQuestion(
            mark("There is no alert {key}. Choose one of: {known}."), key=watch.alert, known=", ".join(ALERTS)
        )
    settings_of(watch)
    if watch.grain not in GRAINS:
        raise BadQuestion(mark("Alerts watch days, weeks or months, not {grain}."), grain=watch.grain)
    for key in watch.indicators:
        if key not in INDICATORS or not can_be_watched(INDICATORS[key]):
            raise BadQuestion(mark("{key} is no indicator that an alert can watch."), key=key)
        if BY in watch.config and watch.config[BY] not in INDICATORS[key].segments:
            raise BadQuestion(mark("{key} is not made up by {column}."), key=key, column=watch.config[BY])
    if watch.segment is not None and watch.segment.workspace_id != watch.workspace_id:
        raise BadQuestion(mark("There is no such segment in this workspace."))
    for person in people:
        if not watch.workspace.memberships.filter(person=person).exists():
            raise BadQuestion(mark("{person} is not a member of this workspace."), person=person.email)


@transaction.atomic
def make_watch(
    workspace: Workspace, *, alert: str, by: Person | str, people: Sequence[Person] = (), **given: Any
) -> Watch:
    """Watch something from now on. `given`: name, config, indicators, segment, grain, active.

    What already is when it is switched on is shown, and told to nobody.

    Raises
    ------
    BadQuestion : see `refuse_wrong_watch`.
    """
    person = by if isinstance(by, Person) else None
    watch = Watch(workspace=workspace, alert=alert, by=person, **given)
    refuse_wrong_watch(watch, people)
    watch.name = watch.name or gettext(ALERTS[alert].label)
    watch.save()
    watch.people.set(people)
    audit.record("watch_made", workspace, by=by, target=watch.name, alert=alert)
    _begin(watch, watch.active)
    return watch


def usual_watch(workspace: Workspace, *, by: Person) -> Watch:
    """Make and switch on the watch that most teams want: changes of the overview's indicators, told to who made it."""
    people = [] if by.is_demo else [by]
    name = gettext("Changes of the overview")
    return make_watch(workspace, alert=USUAL, by=by, people=people, name=name, active=True)


@transaction.atomic
def change_watch(watch: Watch, *, by: Person | str, people: Sequence[Person] | None = None, **given: Any) -> Watch:
    """Change a watch; switched off, its open findings are closed.

    Raises
    ------
    BadQuestion : see `refuse_wrong_watch`.
    """
    was_active = Watch.objects.get(pk=watch.pk).active
    for name, value in given.items():
        setattr(watch, name, value)
    refuse_wrong_watch(watch, people or ())
    watch.save(update_fields=[*given])
    if people is not None:
        watch.people.set(people)
    audit.record("watch_changed", watch.workspace, by=by, target=watch.name, changed=sorted(given))
    if watch.active:
        _begin(watch, not was_active or bool(given.keys() & {"config", "indicators", "segment", "grain"}))
    elif was_active:
        watch.findings.filter(closed_at=None).update(closed_at=timezone.now())
        recording.close_calm(watch.workspace)
    return watch


def _begin(watch: Watch, anew: bool) -> None:
    """Line up a first look, which tells nobody of what is already so."""
    if anew:
        jobs.enqueue(LOOK, workspace=watch.workspace.slug, quiet=[watch.pk])


@transaction.atomic
def remove_watch(watch: Watch, *, by: Person | str) -> None:
    """Take a watch away, with all that it has found."""
    audit.record("watch_removed", watch.workspace, by=by, target=watch.name)
    workspace = watch.workspace
    watch.delete()
    workspace.alarms.filter(findings=None).delete()


@transaction.atomic
def snooze_watch(watch: Watch, until: date | None, *, by: Person | str) -> None:
    """Tell nothing of a watch before a day; what it finds is kept. None: tell again."""
    watch.snoozed_until = until
    watch.save(update_fields=["snoozed_until"])
    audit.record("watch_snoozed", watch.workspace, by=by, target=watch.name, until=until.isoformat() if until else "")


@transaction.atomic
def snooze_alarm(alarm: Alarm, until: date | None, *, by: Person | str) -> None:
    """Put an alarm aside until a day; if it is still open then, people are told again. None: bring it back."""
    alarm.snoozed_until = until
    alarm.save(update_fields=["snoozed_until"])
    audit.record("alarm_snoozed", alarm.workspace, by=by, target=str(alarm), until=until.isoformat() if until else "")


@transaction.atomic
def close_alarm(alarm: Alarm, *, by: Person | str) -> None:
    """Close an alarm: its cause is known."""
    now = timezone.now()
    alarm.findings.filter(closed_at=None).update(closed_at=now)
    if alarm.closed_at is None:
        alarm.closed_at = now
        alarm.save(update_fields=["closed_at"])
        audit.record("alarm_closed", alarm.workspace, by=by, target=str(alarm))


@transaction.atomic
def start_preview(draft: previews.Draft, *, by: Person) -> Job:
    """Line up the preview of an alert on the past, in the language of the request; the kept one if nothing has changed.

    A person has one preview of a form at a time: an older one that is not over is stopped.
    """
    workspace = draft.watch.workspace
    # Of two requests at once, the second sees what the first has lined up.
    Person.objects.select_for_update().get(pk=by.pk)
    told = {"draft": draft.to_json(), "form": draft.form, "language": translation.get_language()}
    job = jobs.enqueue(
        previews.JOB, workspace=workspace.slug, key=previews.key_of(draft, by), by=by.email, **told
    )  # fmt: skip
    for older in previews.running(workspace, by, draft.form):
        if older.pk != job.pk:
            jobs.stop(older)
    # Its name and who gets mails may be other ones: nothing that the preview depends on.
    Job.objects.filter(pk=job.pk).update(arguments=told)
    if job.state in (Job.State.FAILED, Job.State.STOPPED):
        jobs.repeat(job)
    return job


@transaction.atomic
def stop_preview(job: Job, workspace: Workspace, *, by: Person) -> None:
    """Stop a preview; one that is over stays as it is."""
    if not job.is_over:
        jobs.stop(job)
        audit.record("job_stopped", workspace, by=by, target=job.name, job=job.pk)


def look_for_alarms(workspace: Workspace, quiet: Collection[int] = (), end: date | None = None) -> Mapping[str, int]:
    """Write down what the watches find as known at the first instant of a day (today), and tell of what is new.

    Findings, notices, mails and events are written in one transaction, so that nothing is told twice or not at all.
    """
    end = end or today(workspace)
    if not workspace.watches.filter(active=True).exists():
        return {"alarms": 0, "told": 0}
    found = recording.run(workspace, end, quiet, then=lambda told: telling.tell(workspace, told))
    _wake(workspace, end)
    return {"alarms": len(found.made), "told": len(found.told)}


@transaction.atomic
def _wake(workspace: Workspace, end: date) -> None:
    """Bring back the alarms whose snooze is over and that are still open."""
    over = list(workspace.alarms.select_for_update().filter(closed_at=None, snoozed_until__lte=end))
    workspace.alarms.filter(pk__in=[alarm.pk for alarm in over]).update(snoozed_until=None)
    telling.remind(workspace, over)


def follow_imports() -> int:
    """Line up a look for every import that has finished since the last one; return how many were lined up."""
    made = 0
    done = Import.objects.filter(state=Import.State.DONE, new__gt=0, finished_at__gte=timezone.now() - recording.SAME)
    for row in done.select_related("workspace").filter(workspace__watches__active=True).distinct():
        with jobs.once(f"alarms-after-import:{row.pk}:{row.finished_at:%Y-%m-%dT%H:%M:%S}") as new:
            if new:
                jobs.enqueue(LOOK, workspace=row.workspace.slug)
                made += 1
    return made
