"""Facts that programs append: checked cell by cell, so that whoever sent them learns what does not fit, and where."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from percorso.accounts import audit
from percorso.accounts.models import ApiKey, Workspace
from percorso.analytics.engines.base import Appended
from percorso.analytics.store import Store
from percorso.analytics.tables import STORED, TABLES, Kind, Table
from percorso.errors import BadRows
from percorso.i18n import mark

MOST_ROWS = 5_000
MOST_ERRORS = 100
LONGEST_TEXT = 100_000
FIRST_YEAR, LAST_YEAR = 1900, 2200
# Filled in by percorso itself.
OURS = {"workspace", *(c.name for c in STORED if c.name != "properties")}


class NotFitting(Exception):
    """Rows that do not fit: `errors` are (row from 0, column, template of the reason, its places)."""

    def __init__(self, errors: list[tuple[int, str, str, dict[str, str]]]) -> None:
        super().__init__(f"{len(errors)} values do not fit")
        self.errors = errors


def append_facts(
    workspace: Workspace, table: str, rows: Sequence[Mapping[str, Any]], *, store: Store, by: ApiKey
) -> Appended:
    """Append rows to a fact table: all of them or none. A row whose id is known replaces the earlier one.

    Raises
    ------
    NotFitting : rows with values that do not fit; nothing is stored. BadQuestion : no such table.
    """
    spec = TABLES[table]
    errors: list[tuple[int, str, str, dict[str, str]]] = []
    for number, row in enumerate(rows):
        errors += [(number, column, why, places) for column, why, places in _wrong(spec, row)]
        if len(errors) >= MOST_ERRORS:
            break
    if errors:
        raise NotFitting(errors[:MOST_ERRORS])
    try:
        appended = store.append(
            table, [_read(spec, row) for row in rows], workspace=workspace.slug, batch=f"api-{by.pk}"
        )
    except BadRows as error:
        raise NotFitting([(int(error.params.get("row", 1)) - 1, str(error.params.get("column", "")), error.message, {k: str(v) for k, v in error.params.items()})]) from error  # fmt: skip
    audit.record(
        "facts_appended",
        workspace,
        by=str(by),
        target=table,
        rows=appended.rows,
        new=appended.new,
        repeated=appended.repeated,
    )
    return appended


def _wrong(table: Table, row: Mapping[str, Any]) -> list[tuple[str, str, dict[str, str]]]:
    """Return what does not fit in a row: column, reason, its places."""
    found: list[tuple[str, str, dict[str, str]]] = []
    if not row.get("id"):
        found.append(("id", mark("Give the id that the row has in its source."), {}))
    when = [name for name in ("at", table.at_from) if name]
    if table.name != "customers" and not any(row.get(name) for name in when):
        found.append((table.at_from or "at", mark("Say when it happened."), {}))
    for name, value in row.items():
        if name in OURS:
            found.append((name, mark("This is filled in by percorso. Leave it out."), {}))
        elif value is not None and name in table.names:
            fits, why = FITS[table.column(name).kind]
            if not fits(value):
                found.append((name, why, {}))
    return found


def _read(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as the store takes it."""
    kinds = {name: table.column(name).kind for name in row if name in table.names}
    return {name: _instant(value) if kinds.get(name) == "instant" and value else value for name, value in row.items()}


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if not FIRST_YEAR < at.year < LAST_YEAR:
        raise ValueError(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _is_instant(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(_instant(value))
    except (ValueError, OverflowError):
        return False


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300 and math.isfinite(value)
    )


def _is_integer(value: Any) -> bool:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return whole and not isinstance(value, bool) and abs(value) < 2**63


def _is_json(value: Any) -> bool:
    return isinstance(value, (dict, list)) and len(json.dumps(value)) <= LONGEST_TEXT


FITS: dict[Kind, tuple[Callable[[Any], bool], str]] = {
    "text": (lambda v: isinstance(v, str) and len(v) <= LONGEST_TEXT, mark("Give text of at most 100,000 characters.")),
    "number": (_is_number, mark("Give a number.")),
    "integer": (_is_integer, mark("Give a whole number.")),
    "flag": (lambda v: isinstance(v, bool), mark("Give true or false.")),
    "instant": (_is_instant, mark("Give an instant such as 2026-03-31T23:30:00Z.")),
    "json": (_is_json, mark("Give an object.")),
}
