"""Changes of the tracking plan: one event, the whole of it, or what is seen taken over."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.sources.arriving.latest import sample
from percorso.sources.arriving.seen import seen_events
from percorso.sources.models import PlannedEvent, Violation
from percorso.sources.tracking.plan import TYPES

MOST_EVENTS, MOST_PROPERTIES = 2000, 200
# So many events are taken over at once, of each the newest so many are looked at.
TAKEN_OVER, LOOKED_AT = 50, 300
# What every one of so many events has is taken to be required.
SURE = 20
LONGEST_NAME = 200
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)]


class Told(BaseModel):
    """A part of a plan as it is told: a name that does not exist is an error."""

    model_config = ConfigDict(extra="forbid")


class PlannedProperty(Told):
    """A property that an event has."""

    name: Name
    kind: Literal[tuple(TYPES)] = "any"  # type: ignore[valid-type]
    required: bool = False


class Planned(Told):
    """An event of the plan; `closed`: it has no other properties than these."""

    name: Name
    about: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""
    closed: bool = False
    properties: Annotated[list[PlannedProperty], Field(max_length=MOST_PROPERTIES)] = []


def planned(row: PlannedEvent) -> Planned:
    """Return a row of the plan as it is told."""
    return Planned(name=row.name, about=row.about, closed=row.closed, properties=row.properties)


def save_planned_event(workspace: Workspace, event: Planned, *, was: str = "", by: Person | str) -> None:
    """Put an event into the plan, or change it; `was` is the name that it had. What violated it before is forgotten.

    Raises
    ------
    BadQuestion : the plan has an event of the new name, or too many; a property is there twice.
    """
    _check([event])
    rows = PlannedEvent.objects.filter(workspace=workspace)
    if event.name != was and rows.filter(name=event.name).exists():
        raise BadQuestion(mark("The plan has an event {name} already."), name=event.name)
    if not was and rows.count() >= MOST_EVENTS:
        raise BadQuestion(mark("A plan may have {most} events."), most=MOST_EVENTS)
    with transaction.atomic():
        if was and was != event.name:
            rows.filter(name=was).delete()
        _write(workspace, [event])
        audit.record("tracking_plan_changed", workspace, by=by, target=event.name)


def remove_planned_event(workspace: Workspace, name: str, *, by: Person | str) -> None:
    """Take an event out of the plan."""
    with transaction.atomic():
        PlannedEvent.objects.filter(workspace=workspace, name=name).delete()
        Violation.objects.filter(workspace=workspace, event=name).delete()
        audit.record("tracking_plan_changed", workspace, by=by, target=name)


def replace_plan(workspace: Workspace, events: Sequence[Planned], *, by: Person | str) -> None:
    """Make these events the plan; without any there is none.

    Raises
    ------
    BadQuestion : an event or a property is there twice, or there are too many.
    """
    _check(events)
    before = {row.name: planned(row) for row in PlannedEvent.objects.filter(workspace=workspace)}
    names = {event.name for event in events}
    with transaction.atomic():
        gone = [name for name in before if name not in names]
        PlannedEvent.objects.filter(workspace=workspace).exclude(name__in=names).delete()
        Violation.objects.filter(workspace=workspace, event__in=gone).delete()
        _write(workspace, [event for event in events if before.get(event.name) != event])
        audit.record("tracking_plan_changed", workspace, by=by, target=str(len(events)))


def take_over(workspace: Workspace, names: Iterable[str] | None = None, *, by: Person | str) -> tuple[int, int]:
    """Put events that are seen and not planned into the plan as they are; return how many, and how many are left.

    names : only these; all without them, those that come most first.
    """
    there = set(PlannedEvent.objects.filter(workspace=workspace).values_list("name", flat=True))
    wanted = [event.name for event in seen_events(workspace).events] if names is None else names
    new = [name for name in dict.fromkeys(wanted) if name not in there]
    some = new[: min(TAKEN_OVER, MOST_EVENTS - len(there))]
    found = [event for name in some if (event := _as_seen(workspace, name)) is not None]
    with transaction.atomic():
        _write(workspace, found)
        if found:
            audit.record("tracking_plan_changed", workspace, by=by, target=", ".join(event.name for event in found))
    return len(found), len(new) - len(some)


def _as_seen(workspace: Workspace, name: str) -> Planned | None:
    """Return an event as its newest are; None when there is none, or its name is too long for a plan."""
    looked = sample(workspace, name, LOOKED_AT)
    if not looked.size or len(name) > LONGEST_NAME:
        return None
    properties = [
        PlannedProperty(name=p.name, kind=p.kind, required=p.filled == looked.size >= SURE)
        for p in looked.properties[:MOST_PROPERTIES]
        if 0 < len(p.name.strip()) <= LONGEST_NAME
    ]
    return Planned(name=name, properties=properties)


def _write(workspace: Workspace, events: Sequence[Planned]) -> None:
    for event in events:
        told = event.model_dump()
        PlannedEvent.objects.update_or_create(workspace=workspace, name=told.pop("name"), defaults=told)
    Violation.objects.filter(workspace=workspace, event__in=[event.name for event in events]).delete()


def _check(events: Sequence[Planned]) -> None:
    if len(events) > MOST_EVENTS:
        raise BadQuestion(mark("A plan may have {most} events."), most=MOST_EVENTS)
    names = [event.name for event in events]
    for given in (names, *([p.name for p in event.properties] for event in events)):
        for name, times in Counter(given).items():
            if times > 1:
                raise BadQuestion(mark("{name} is there twice: give it once."), name=name)
