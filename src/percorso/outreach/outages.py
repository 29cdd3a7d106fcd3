"""Owners are told when a channel has been down for long: messages wait, and only they can do something about it."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from percorso.accounts.actions import notify
from percorso.accounts.models import Role, Workspace
from percorso.base.jobs import once
from percorso.i18n import mark
from percorso.outreach.models import Message

# Servers restart, gateways pause: nobody has to know of less.
PATIENCE = timedelta(hours=1)
DOWN = mark("Nothing goes out by the channel {channel}: {told}")


def tell_owners(workspace: Workspace, channel: str, told: str) -> bool:
    """Tell the owners, once a day, when messages have waited for an hour because of the channel; return whether."""
    before = timezone.now() - PATIENCE
    stuck = Message.objects.filter(
        workspace=workspace, channel=channel, state=Message.State.WAITING, attempts__gt=0, created_at__lt=before
    )
    if not stuck.exists():
        return False
    with once(f"channel_down:{workspace.pk}:{channel}:{timezone.now():%Y-%m-%d}") as first:
        if first:
            owners = [m.person for m in workspace.memberships.filter(role=Role.OWNER).select_related("person")]
            href = reverse("settings_channel", args=[workspace.slug, channel])
            notify(owners, workspace, DOWN, {"channel": channel, "told": told[:200]}, href=href, tone="bad")
    return bool(first)
