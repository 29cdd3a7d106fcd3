"""Steps as an address tells them: the event, and one column that must have a value."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from percorso.analytics.behaviour.events import Step
from percorso.analytics.tables import TABLES
from percorso.base.columns import tells_who
from percorso.errors import BadQuestion
from percorso.i18n import mark

LONGEST = 200


@dataclass(frozen=True)
class Row:
    """One step as the form has it; an empty event is a step that is still to be chosen."""

    event: str = ""
    column: str = ""
    value: str = ""

    @property
    def step(self) -> Step:
        """The step in the facts; a column without a value says nothing."""
        return Step(self.event, ((self.column, self.value),) if self.column and self.value else ())


NOTHING = Row()


def rows_in(given: QueryDict, names: Sequence[str]) -> list[Row]:
    """Return the steps of an address: ``names`` are the parameters of event, column and value, place by place.

    Raises
    ------
    BadQuestion : a column does not exist, or a text is too long.
    """
    events, columns, values = (given.getlist(name) for name in names)
    return [
        Row(_text(event), _column(columns[i] if i < len(columns) else ""), _text(values[i] if i < len(values) else ""))
        for i, event in enumerate(events)
    ]


def parameters(rows: Sequence[Row], names: Sequence[str]) -> dict[str, list[str]]:
    """Return the parameters that `rows_in` reads; columns and values only when a step has one."""
    event, column, value = names
    made = {event: [row.event for row in rows]}
    if any(row.column for row in rows):
        made |= {column: [row.column for row in rows], value: [row.value for row in rows]}
    return made


def breakdown(name: str) -> str:
    """Return the column of a breakdown: as in steps, or a trait of the customer (``customer.country``); empty: none.

    Raises
    ------
    BadQuestion : there is no such column.
    """
    is_trait = name.startswith("customer.") and len(name) <= LONGEST
    return name if is_trait else _column(name)


def personal(rows: Sequence[Row]) -> bool:
    """Whether a step is told by a column that can tell who somebody is."""
    return any(tells_who(row.column) for row in rows if row.column)


def _text(text: str) -> str:
    if len(text) > LONGEST:
        raise BadQuestion(mark("A name has at most {most} characters."), most=LONGEST)
    return text.strip()


def _column(name: str) -> str:
    if name and name not in TABLES["events"].names and not (name.startswith("properties.") and len(name) <= LONGEST):
        raise BadQuestion(
            mark("There is no column {name} here. Use one of: {known} or properties.<key>."),
            name=name,
            known=", ".join(TABLES["events"].names),
        )
    return name
