"""What runs later: sending messages, reading what comes back, telling webhooks what happened."""

from functools import partial
from typing import Any

from percorso.accounts.models import Workspace
from percorso.base.jobs import Later, Rule, check, job
from percorso.base.models import Job
from percorso.i18n import mark
from percorso.outreach import actions
from percorso.outreach.mailbox import queue_mailboxes, read_mailbox_of
from percorso.outreach.messages import send_due, wake_due
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


@job("send_messages", mark("Send messages"))
def send_messages(row: Job) -> int:
    """Send the messages of a workspace that are due."""
    workspace = Workspace.objects.filter(slug=row.workspace).first()
    return send_due(workspace, partial(check, row)) if workspace else 0


@job("messages_due", mark("Look for messages that are due"), every=Rule(minutes=5))
def messages_due(row: Job) -> int:
    """Have messages sent whose time has come."""
    return wake_due()


@job("mailboxes", mark("Look into the mailboxes for bounces"), every=Rule(minutes=15))
def mailboxes(row: Job) -> int:
    """Line up the reading of every mailbox for bounces."""
    return queue_mailboxes()


@job("read_mailbox", mark("Read the mailbox for bounces"))
def read_mailbox(row: Job) -> int:
    """Note what came back."""
    return read_mailbox_of(row.workspace)
