"""What runs later: telling webhooks what happened."""

from typing import Any

from percorso.base.jobs import Later, Rule, job
from percorso.base.models import Job
from percorso.i18n import mark
from percorso.outreach import actions
from percorso.outreach.models import Delivery


@job("publish_event", mark("Tell webhooks of an event"))
def publish_event(row: Job, *, event: str, kind: str, at: str, data: dict[str, Any]) -> int:
    """Line up a delivery for every webhook that wants the event."""
    return actions.publish_event(row.workspace, event, kind, at, data)


@job("deliver", mark("Send a webhook"), delays=actions.DELAYS)
def deliver(row: Job, *, delivery: int) -> str:
    """Try once; a failure is tried again later and later."""
    found = Delivery.objects.select_related("webhook__workspace").filter(pk=delivery).first()
    if found is None:
        return ""
    wait = actions.deliver(found, row.attempts)
    if wait is not None:
        raise Later(wait, str(found.code or found.told))
    return found.state


@job("delete_old_deliveries", mark("Delete old deliveries of webhooks"), every=Rule(minutes=24 * 60))
def delete_old_deliveries(row: Job) -> int:
    """Delete what was over thirty days ago, and answers that were kept for requests that are repeated."""
    return actions.delete_old()
