"""Reads of messages by channel: what waits, what went out, what did not."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.base.models import Job
from percorso.outreach.messages import TEST
from percorso.outreach.models import Message

WEEK = timedelta(days=7)
TROUBLE = (Message.State.FAILED, Message.State.BOUNCED, Message.State.COMPLAINED, Message.State.REFUSED)
NOTHING = {"waiting": 0, "sent": 0, "trouble": 0, "oldest": None}


def counts(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """Return for each channel how many messages wait (and since when), were sent and went wrong in the last seven days."""
    since = timezone.now() - WEEK
    waiting = Q(state=Message.State.WAITING)
    rows = (
        Message.objects.filter(workspace=workspace)
        .filter(waiting | Q(created_at__gt=since))
        .order_by()
        .values("channel")
        .annotate(
            waiting=Count("pk", filter=waiting),
            oldest=Min("created_at", filter=waiting),
            sent=Count("pk", filter=Q(sent_at__gt=since)),
            trouble=Count("pk", filter=Q(state__in=TROUBLE)),
        )
    )
    return {row.pop("channel"): row for row in rows}


def troubles(workspace: Workspace, channel: str, most: int) -> Sequence[Message]:
    """Return the last messages that did not go out, came back, or are tried again."""
    again = Q(state=Message.State.WAITING, attempts__gt=0) & ~Q(told="")
    mine = Message.objects.filter(workspace=workspace, channel=channel).filter(Q(state__in=TROUBLE) | again)
    return list(mine.order_by("-id")[:most])


def tests(workspace: Workspace, channel: str, most: int) -> Sequence[Message]:
    """Return the last test messages."""
    return list(Message.objects.filter(workspace=workspace, channel=channel, purpose=TEST).order_by("-id")[:most])


def last_reading(workspace: Workspace) -> Job | None:
    """Return the last reading of the mailbox for bounces that is over."""
    over = (Job.State.DONE, Job.State.FAILED)
    return Job.objects.filter(name="read_mailbox", workspace=workspace.slug, state__in=over).order_by("-id").first()
