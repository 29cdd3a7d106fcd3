"""Reads of the pages on which surveys are written."""

from datetime import UTC, datetime, time, timedelta

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from percorso.accounts.models import Workspace
from percorso.analytics.calendar import zone
from percorso.surveys.models import Invitation, Response, Survey
from percorso.surveys.results import stored

RECENT_DAYS = 28
ASKED = (Invitation.State.SENT, Invitation.State.STARTED, Invitation.State.ANSWERED)


def surveys(workspace: Workspace, state: str = "", text: str = "") -> QuerySet[Survey]:
    """Return the workspace's surveys, newest first, each with `answers`, `last_answer`, `asked` and `asked_answered`."""
    found = workspace.surveys.select_related("live")
    if state:
        found = found.filter(state=state)
    if text:
        found = found.filter(name__icontains=text)
    completed = Response.objects.filter(survey=OuterRef("pk"), completed_at__isnull=False).order_by()
    asked = Invitation.objects.filter(survey=OuterRef("pk")).order_by().values("survey").annotate(n=Count("pk"))
    counted = completed.values("survey").annotate(n=Count("pk"), last=Max("completed_at"))
    return found.annotate(
        answers=Coalesce(Subquery(counted.values("n")), 0),
        last_answer=Subquery(counted.values("last")),
        asked=Coalesce(Subquery(asked.filter(state__in=ASKED).values("n")), 0),
        asked_answered=Coalesce(Subquery(asked.filter(state=Invitation.State.ANSWERED).values("n")), 0),
    )


def recent(workspace: Workspace) -> dict[str, list[int]]:
    """Return how many responses each survey got on each of the last `RECENT_DAYS` days, today among them; none for those without."""
    local = zone(workspace.time_zone)
    first = datetime.now(UTC).astimezone(local).date() - timedelta(days=RECENT_DAYS - 1)
    found = stored.daily(workspace, datetime.combine(first, time(), local))
    days = [first + timedelta(days=i) for i in range(RECENT_DAYS)]
    return {survey: [answered.get(day, 0) for day in days] for survey, answered in found.items()}
