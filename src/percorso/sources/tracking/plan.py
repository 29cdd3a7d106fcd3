"""What a workspace expects of its events, and what of an event is otherwise. Nothing is refused for it: it is counted."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from percorso.i18n import mark
from percorso.sources.models import PlannedEvent
from percorso.sources.tracking.rows import NAMES

UNKNOWN_EVENT, MISSING, UNKNOWN_PROPERTY, WRONG_TYPE = "unknown_event", "missing", "unknown_property", "wrong_type"
VIOLATIONS = {
    UNKNOWN_EVENT: mark("Event is not in the plan"),
    MISSING: mark("Property is missing"),
    UNKNOWN_PROPERTY: mark("Property is not in the plan"),
    WRONG_TYPE: mark("Property is of another type"),
}
# Ours among the properties of an event, and events that clients send by themselves.
OWN_PROPERTY = "context"
BY_THEMSELVES = tuple(NAMES.values())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_instant(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


TYPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "text": (mark("Text"), lambda value: isinstance(value, str)),
    "number": (mark("Number"), _is_number),
    "integer": (mark("Whole number"), lambda value: _is_number(value) and float(value).is_integer()),
    "flag": (mark("Yes or no"), lambda value: isinstance(value, bool)),
    "instant": (mark("Date or time"), _is_instant),
    "list": (mark("List"), lambda value: isinstance(value, list)),
    "object": (mark("Object"), lambda value: isinstance(value, dict)),
    "any": (mark("Anything"), lambda value: True),
}


@dataclass(frozen=True)
class Expected:
    """What an event of the plan has: the types of its properties, those that it must have, whether it may have others."""

    types: Mapping[str, str]
    required: frozenset[str]
    closed: bool


_read = msgspec.json.Decoder(dict[str, Any]).decode


def plan_of(workspace: str) -> dict[str, Expected]:
    """Return the tracking plan of a workspace by the names of its events; empty where there is none."""
    rows = PlannedEvent.objects.filter(workspace__slug=workspace).values_list("name", "properties", "closed")
    return {
        name: Expected(
            {p["name"]: p["kind"] for p in properties},
            frozenset(p["name"] for p in properties if p["required"]),
            closed,
        )
        for name, properties, closed in rows
    }


def violations_of(plan: Mapping[str, Expected], name: str, properties: str | None) -> Iterator[tuple[str, str]]:
    """Yield what of an event is not as planned: a key of `VIOLATIONS`, and which property it is about."""
    expected = plan.get(name)
    if expected is None:
        if name not in BY_THEMSELVES:
            yield UNKNOWN_EVENT, ""
        return
    if not expected.types and not expected.closed:
        return
    given = {key: value for key, value in _read(properties or "{}").items() if value is not None}
    for key in sorted(expected.required - given.keys()):
        yield MISSING, key
    for key, value in given.items():
        kind = expected.types.get(key)
        if kind is not None and not TYPES[kind][1](value):
            yield WRONG_TYPE, key
        elif kind is None and expected.closed and key != OWN_PROPERTY:
            yield UNKNOWN_PROPERTY, key
