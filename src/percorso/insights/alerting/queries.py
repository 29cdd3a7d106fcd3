"""Reads of watches and alarms."""

from datetime import date

from django.db.models import Q, QuerySet

from percorso.accounts.models import Person, Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.insights.alerts import ALERTS
from percorso.insights.models import Alarm, Watch


def watches(workspace: Workspace) -> QuerySet[Watch]:
    """Return the watches whose alert still exists."""
    return (
        workspace.watches.filter(alert__in=list(ALERTS))
        .select_related("segment", "workspace")
        .prefetch_related("people")
    )


def alarms(workspace: Workspace) -> QuerySet[Alarm]:
    """Return the alarms with their findings, the newest first."""
    rows = workspace.alarms.select_related("workspace").prefetch_related("findings__watch__segment")
    return rows.filter(findings__indicator__in=list(INDICATORS), findings__watch__alert__in=list(ALERTS)).distinct()


def open_alarms(workspace: Workspace, day: date) -> QuerySet[Alarm]:
    """Return the alarms that want to be looked at on a day."""
    awake = Q(snoozed_until=None) | Q(snoozed_until__lte=day)
    return alarms(workspace).filter(awake, closed_at=None)


def snoozed_alarms(workspace: Workspace, day: date) -> QuerySet[Alarm]:
    """Return the alarms that are put aside on a day."""
    return alarms(workspace).filter(closed_at=None, snoozed_until__gt=day)


def closed_alarms(workspace: Workspace) -> QuerySet[Alarm]:
    """Return the alarms that are over."""
    return alarms(workspace).filter(closed_at__isnull=False)


def people(workspace: Workspace) -> QuerySet[Person]:
    """Return who can get mails of alerts."""
    members = Person.objects.filter(memberships__workspace=workspace, is_active=True, is_demo=False)
    return members.order_by("name", "email")
