"""How often events are not as the tracking plan says: counted by day while they are loaded."""

from collections import Counter
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa
from django.db.models import F
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.sources.models import Violation
from percorso.sources.tracking.plan import plan_of, violations_of

# Names of properties can be made up without end: further ones of a day are counted together.
MOST_A_DAY = 1000
LONGEST = 200


class Place(NamedTuple):
    """What was violated: of which event, how, and about which property."""

    event: str
    kind: str
    property: str


def count_violations(workspace: Workspace, events: pa.Table) -> None:
    """Count what of these events is not as planned; nothing where there is no plan."""
    plan = plan_of(workspace.slug)
    if not plan:
        return
    counts, examples = Counter[Place](), dict[Place, str]()
    columns = (events[column].to_pylist() for column in ("id", "name", "properties"))
    for event, name, properties in zip(*columns, strict=True):
        for kind, key in violations_of(plan, name, properties):
            place = Place(name, kind, key[:LONGEST])
            counts[place] += 1
            examples[place] = event
    if counts:
        _add(workspace, counts, examples)


def _add(workspace: Workspace, counts: Counter[Place], examples: dict[Place, str]) -> None:
    now = timezone.now()
    today = Violation.objects.filter(workspace=workspace, day=now.astimezone(ZoneInfo(workspace.time_zone)).date())
    there = {Place(*row) for row in today.values_list("event", "kind", "property")}
    for place, count in counts.items():
        where = place if place in there or len(there) < MOST_A_DAY else Place("", place.kind, "")
        there.add(where)
        _add_one(workspace, where, count, examples[place], now)


def _add_one(workspace: Workspace, place: Place, count: int, example: str, now: datetime) -> None:
    day = now.astimezone(ZoneInfo(workspace.time_zone)).date()
    named = {"workspace": workspace, "day": day, **place._asdict()}
    told = {"example": example, "at": now}
    if not Violation.objects.filter(**named).update(count=F("count") + count, **told):
        Violation.objects.get_or_create(**named, defaults={"count": count, **told})
