"""What runs on a clock: looking for alarms every morning and after imports, and their mails; and previews on the past."""

from dataclasses import asdict
from datetime import time, timedelta
from time import sleep
from typing import Any

from django.utils import translation
from django.utils.translation import ngettext

from percorso.accounts.models import Person, Workspace
from percorso.base import words
from percorso.base.jobs import Rule, check, job, once
from percorso.base.models import Effect, Job
from percorso.i18n import mark
from percorso.insights.alerting import actions, previews, shown, telling

PAUSE_SECONDS = 0.2


@job("alarms_of_the_day", mark("Look for alarms"), every=Rule(at=time(5, 30)), per_workspace=True, local=True)
def alarms_of_the_day(row: Job) -> dict[str, int]:
    """Look at the day that is over, before people begin to work."""
    return dict(actions.look_for_alarms(Workspace.objects.get(slug=row.workspace)))


@job(actions.LOOK, mark("Look for alarms"), local=True)
def look_for_alarms(row: Job, quiet: list[int] | None = None) -> dict[str, int]:
    """Look out of turn: facts were imported, or a watch was switched on, whose findings are then told to nobody."""
    return dict(actions.look_for_alarms(Workspace.objects.get(slug=row.workspace), quiet or ()))


@job("alarms_after_imports", mark("Look for finished imports"), every=Rule(minutes=15))
def alarms_after_imports(row: Job) -> int:
    """Line up a look for the workspaces whose facts have changed by an import."""
    return actions.follow_imports()


@job(telling.MAIL, mark("Send mails about alarms"))
def mail_alarms(row: Job, person: int, alarms: list[int]) -> int:
    """Send one mail; it is sent again only when this process dies at the very moment of sending it."""
    key = f"alarm-mailed:{person}:{alarms[0]}"
    workspace = Workspace.objects.get(slug=row.workspace)
    to = Person.objects.filter(pk=person, memberships__workspace=workspace, is_active=True).first()
    found = list(workspace.alarms.filter(pk__in=alarms, findings__isnull=False).distinct())
    if to is None or not found or Effect.objects.filter(key=key).exists():
        return 0
    # Not inside of the transaction: a slow mail server would keep all other writers waiting.
    telling.send_mail(to, workspace, found)
    with once(key):
        return len(found)


@job(previews.JOB, mark("Preview of an alert"), delays=(timedelta(seconds=5),), local=True)
def preview_watch(row: Job, draft: dict[str, Any], form: str, language: str) -> dict[str, Any]:
    """Try an alert on the past, in the language of whoever asked; what the page shows is the job's result."""

    def tell(done: int, of: int) -> None:
        doing = ngettext("{done} of {n} indicator", "{done} of {n} indicators", of)
        check(row, done / of, doing.format(done=words.count(done), n=words.count(of)))

    while previews.stopping(row, form):
        check(row)
        sleep(PAUSE_SECONDS)
    with translation.override(language):
        return asdict(shown.rehearse(previews.Draft.read(Workspace.objects.get(slug=row.workspace), draft).watch, tell))
