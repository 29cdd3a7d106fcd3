"""What runs later: reading what was taken, and forgetting what was kept long enough."""

from datetime import time

from percorso.accounts.models import Workspace
from percorso.base.jobs import Rule, job
from percorso.base.models import Job
from percorso.i18n import mark
from percorso.sources.webhooks import forgetting, intake
from percorso.sources.webhooks.models import WebhookDelivery
from percorso.sources.webhooks.reading import read_waiting


@job(intake.JOB, mark("Reading what webhook sources told"), local=True)
def read_webhooks(row: Job) -> int:
    """Read what waits in a workspace."""
    return read_waiting(Workspace.objects.get(slug=row.workspace))


@job("read_all_webhooks", mark("Reading what webhook sources told"), every=Rule(minutes=5), local=True)
def read_all_webhooks(row: Job) -> int:
    """Line up what was left: a process may have ended after it had kept a call."""
    waiting = WebhookDelivery.objects.filter(state=WebhookDelivery.State.WAITING)
    slugs = set(waiting.order_by().values_list("source__workspace__slug", flat=True).distinct())
    for slug in slugs:
        intake.line_up(slug)
    return len(slugs)


@job("forget_webhook_calls", mark("Deleting old calls of webhook sources"), every=Rule(at=time(3, 50)))
def forget_webhook_calls(row: Job) -> int:
    """Empty calls that were kept long enough."""
    return forgetting.forget_old()
