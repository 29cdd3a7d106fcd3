"""Reads of sources, of what they sent, of what was refused, and of violations of the tracking plan."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDay
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.sources.models import CallCount, PlannedEvent, RefusedCall, Source, Violation
from percorso.sources.tracking.tally import TAKEN

DAYS = 7


@dataclass(frozen=True)
class Traffic:
    """What became of a source's calls: taken by day (oldest first), in 24 hours, refused, and the latter by reason."""

    days: tuple[int, ...]
    day: int
    refused: int
    reasons: Counter[str]

    @property
    def week(self) -> int:
        """How many were taken in all of the days."""
        return sum(self.days)


def sources(workspace: Workspace) -> QuerySet[Source]:
    """Return the sources of a workspace, those that are open first."""
    return Source.objects.filter(workspace=workspace).order_by("revoked_at", "name", "pk")


def last_days(workspace: Workspace) -> list[date]:
    """Return the last days in the workspace's time zone, today last."""
    today = timezone.now().astimezone(ZoneInfo(workspace.time_zone)).date()
    return [today - timedelta(days=ago) for ago in reversed(range(DAYS))]


def traffic(workspace: Workspace) -> dict[int, Traffic]:
    """Return what became of the calls of each source in the last seven days; sources without any are not in it."""
    zone, now = ZoneInfo(workspace.time_zone), timezone.now()
    days = last_days(workspace)
    begin = datetime.combine(days[0], datetime.min.time(), zone)
    lately = Sum("count", filter=Q(hour__gte=now - timedelta(hours=24)), default=0)
    asked = (
        CallCount.objects.filter(source__workspace=workspace, hour__gte=begin)
        .annotate(day=TruncDay("hour", tzinfo=zone))
        .values_list("source", "day", "outcome")
        .annotate(n=Sum("count"), lately=lately)
    )
    taken: dict[int, dict[date, int]] = {}
    recent, refused = Counter[int](), dict[int, Counter[str]]()
    for source, day, outcome, n, late in asked:
        if outcome == TAKEN:
            taken.setdefault(source, {})[day.date()] = n
            recent[source] += late
        else:
            refused.setdefault(source, Counter())[outcome] += n
    return {
        source: Traffic(
            tuple(taken.get(source, {}).get(day, 0) for day in days),
            recent[source],
            refused.get(source, Counter()).total(),
            refused.get(source, Counter()),
        )
        for source in {*taken, *refused}
    }


def refused_today(workspace: Workspace) -> dict[str, int]:
    """Return how many calls were refused since midnight, by reason, most first; whole requests count as one."""
    zone = ZoneInfo(workspace.time_zone)
    begin = timezone.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = CallCount.objects.filter(source__workspace=workspace, hour__gte=begin).exclude(outcome=TAKEN)
    return dict(rows.values_list("outcome").annotate(n=Sum("count")).order_by("-n", "outcome"))


def nobodys_today() -> int:
    """Return how many calls came to this server in 24 hours whose key opens no source."""
    rows = CallCount.objects.filter(source=None, hour__gte=timezone.now() - timedelta(hours=24))
    return int(rows.aggregate(n=Sum("count", default=0))["n"])


def refused_calls(workspace: Workspace, source: str = "", reason: str = "") -> QuerySet[RefusedCall]:
    """Return the refused calls that are kept, the newest first; of one source (its id), for one reason."""
    rows = RefusedCall.objects.filter(source__workspace=workspace).select_related("source")
    rows = rows.filter(source=int(source)) if source.isdecimal() and len(source) < 18 else rows
    return rows.filter(reason=reason) if reason else rows


def refused_groups(workspace: Workspace) -> list[dict[str, object]]:
    """Return how many refused calls are kept by source and reason, and when the last of them came."""
    rows = RefusedCall.objects.filter(source__workspace=workspace).values("source", "source__name", "reason")
    return list(rows.annotate(n=Count("pk"), last=Max("at")).order_by("-n", "source__name", "reason"))


def planned_events(workspace: Workspace) -> QuerySet[PlannedEvent]:
    """Return the tracking plan of a workspace, by name."""
    return PlannedEvent.objects.filter(workspace=workspace)


def violations(workspace: Workspace, event: str | None = None) -> list[dict[str, object]]:
    """Return what was not as planned in the last seven days, by event, kind and property, most first."""
    rows = Violation.objects.filter(workspace=workspace, day__gte=last_days(workspace)[0])
    rows = rows if event is None else rows.filter(event=event)
    grouped = rows.values("event", "kind", "property").annotate(n=Sum("count"), last=Max("at"), newest=Max("pk"))
    found = list(grouped.order_by("-n", "event", "property"))
    examples = dict(Violation.objects.filter(pk__in=[row["newest"] for row in found]).values_list("pk", "example"))
    return [{**row, "example": examples.get(row["newest"], "")} for row in found]
