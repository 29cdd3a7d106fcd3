"""Reads of webhooks and of what they were sent."""

from django.db.models import Count, Q, QuerySet

from percorso.accounts.models import Workspace
from percorso.outreach.models import Delivery, Webhook


def webhooks(workspace: Workspace) -> QuerySet[Webhook]:
    """Return the webhooks of a workspace, with how many deliveries wait and have failed."""
    counts = {
        "waiting": Count("deliveries", filter=Q(deliveries__state=Delivery.State.WAITING)),
        "failed": Count("deliveries", filter=Q(deliveries__state=Delivery.State.FAILED)),
    }
    return workspace.webhooks.annotate(**counts)


def deliveries(workspace: Workspace, webhook: int) -> QuerySet[Delivery]:
    """Return what a webhook was sent, the newest first."""
    return Delivery.objects.filter(webhook__workspace=workspace, webhook=webhook)
