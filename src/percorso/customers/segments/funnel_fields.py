"""What the fields of a condition about a funnel show and offer."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext

from percorso.analytics.behaviour.funnel import ANCHORS, MODES
from percorso.analytics.segments.parse import MOST_STEPS
from percorso.base.columns import STEP_COLUMNS, column_name
from percorso.customers.segments.funnel_row import LAST, MOST_WITHOUT, UNITS, FunnelRow, WithoutRow
from percorso.customers.segments.rows import Row
from percorso.customers.segments.sentences import begun

Entries = list[dict[str, Any]]


def fields(row: Row, prefix: str, columns: Iterable[str]) -> dict[str, Any]:
    """Return a funnel with what its fields offer: the names of fields begin with `prefix`, `columns` are further ones by
    which steps may be told apart.
    """
    funnel = row.funnel
    every = dict.fromkeys([*STEP_COLUMNS, *columns, *(step.column for step in funnel.steps if step.column)])
    named = {"": gettext("With any details")} | {name: column_name(name) for name in every}
    units = {unit: label for unit, label in UNITS.items() if unit != "s" or funnel.unit == "s"}
    return {
        "stops": _entries(_stops(funnel), funnel.stopped_at),
        "steps": [
            {"number": n, "id": f"{prefix}.step-{n}", "step": step, "columns": _entries(named, step.column)}
            for n, step in enumerate(funnel.steps, start=1)
        ],
        "more_steps": len(funnel.steps) < MOST_STEPS,
        "units": _translated(units, funnel.unit),
        "modes": _translated(MODES, funnel.mode),
        "anchors": _translated(ANCHORS, funnel.anchor),
        "without": [
            {"number": n, "id": f"{prefix}.without-{n}", **_without(funnel, each)}
            for n, each in enumerate(funnel.without, start=1)
        ],
        "more_without": len(funnel.without) < MOST_WITHOUT,
        "details": funnel.anchor != "first" or bool(funnel.without),
        "begun": "; ".join(begun(_instant(funnel.since), _instant(funnel.before))),
        "days_id": f"{prefix}.days",
    }


def _stops(funnel: FunnelRow) -> dict[str, str]:
    """Return where somebody may have stopped; a step that is chosen and not there any more stays, to be told of."""
    last = len(funnel.steps)
    chosen = [] if funnel.stopped_at == LAST else [funnel.stopped_at]
    if funnel.mode == "any":
        text, whole = gettext("did {n} of {all} steps and no more"), gettext("did all steps")
    else:
        text, whole = gettext("got to step {n} and no further"), gettext("got to the last step")
    numbers = dict.fromkeys([*map(str, range(1, last)), *chosen])
    return {n: text.format(n=n, all=last) for n in numbers} | {LAST: whole}


def _without(funnel: FunnelRow, each: WithoutRow) -> dict[str, Any]:
    numbers = range(1, len(funnel.steps) + 1)
    after = dict.fromkeys([*map(str, numbers[:-1]), each.after])
    upto = dict.fromkeys([*map(str, numbers[1:-1]), *([] if each.upto == LAST else [each.upto])])
    return {
        "event": each.event,
        "after": _entries({n: n for n in after}, each.after),
        "upto": _entries({LAST: gettext("the last")} | {n: n for n in upto}, each.upto),
    }


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _entries(known: Mapping[str, str], chosen: str) -> Entries:
    return [{"value": value, "label": label, "chosen": value == chosen} for value, label in known.items()]


def _translated(known: Mapping[Any, str], chosen: str) -> Entries:
    return _entries({value: gettext(label) for value, label in known.items()}, chosen)
