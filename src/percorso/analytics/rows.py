"""From anything that holds rows (dicts, pandas, polars, Arrow) to an Arrow table with a fact table's columns."""

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from percorso.analytics.tables import ARROW, Kind, Table
from percorso.errors import BadRows
from percorso.i18n import mark

Rows: TypeAlias = Any  # list of dicts, Arrow table, pandas or polars data frame
NOT_A_NUMBER = float("nan")


def to_arrow(table: Table, rows: Rows, workspace: str, batch: str | None = None) -> pa.Table:
    """Return `rows` as an Arrow table with exactly the columns of `table`.

    Parameters
    ----------
    rows : list of dicts, pandas or polars data frame, Arrow table
        One item a fact. Instants without an offset are UTC. A ``number`` that is text or a boolean becomes NaN: it
        is counted as invalid by the indicators, never guessed (specification 1.3).
    workspace : the owner of every row; a `workspace` column in `rows` is ignored.
    batch : the import or sender, kept with each row.

    Raises
    ------
    BadRows : an id is missing, a column is unknown (data frames), an instant cannot be read.
    """
    data = _from_dicts(table, rows) if _is_dicts(rows) else _from_frame(table, rows)
    n = data.num_rows
    fixed = {
        "workspace": pa.repeat(pa.scalar(workspace), n) if n else pa.array([], pa.string()),
        "deliveries": pa.repeat(pa.scalar(1, pa.int64()), n) if n else pa.array([], pa.int64()),
    }
    if batch is not None:
        fixed["batch"] = pa.repeat(pa.scalar(batch), n) if n else pa.array([], pa.string())
    columns = {c.name: fixed.get(c.name, data[c.name]) for c in table.columns}
    _fill(columns, "customer", "identity")
    if table.at_from:
        _fill(columns, "at", table.at_from)
    if columns["id"].null_count:
        raise BadRows(
            mark("{count} rows of {table} have no id: give each row the id that it has in its source."),
            count=columns["id"].null_count,
            table=table.name,
        )
    return pa.table(columns, schema=table.schema)


def _is_dicts(rows: Rows) -> bool:
    return not (isinstance(rows, pa.Table) or hasattr(rows, "columns"))


def _fill(columns: dict[str, Any], one: str, other: str) -> None:
    """Give each of two columns the other's value where it is empty."""
    a, b = columns[one], columns[other]
    columns[one], columns[other] = pc.coalesce(a, b), pc.coalesce(b, a)


def _from_dicts(table: Table, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    known = set(table.names)
    values: dict[str, list[Any]] = {name: [] for name in table.names}
    for number, row in enumerate(rows):
        rest = {k: v for k, v in row.items() if k not in known and v is not None}
        for column in table.columns:
            value = row.get(column.name)
            if column.name == "properties" and rest:
                value = {**(value or {}), **rest}
            try:
                values[column.name].append(None if value is None else _CONVERT[column.kind](value))
            except (ValueError, TypeError) as error:
                raise BadRows(
                    mark("Row {row} of {table}: {column} cannot be {value}. Give {expected}."),
                    row=number + 1,
                    table=table.name,
                    column=column.name,
                    value=repr(value),
                    expected=_EXPECTED[column.kind],
                ) from error
    return pa.table({c.name: pa.array(values[c.name], ARROW[c.kind]) for c in table.columns})


def _from_frame(table: Table, frame: Any) -> pa.Table:
    data = frame if isinstance(frame, pa.Table) else _frame_to_arrow(frame)
    unknown = [name for name in data.column_names if name not in table.names]
    if unknown:
        raise BadRows(
            mark("{table} has no column {unknown}. Its columns: {known}."),
            table=table.name,
            unknown=", ".join(unknown),
            known=", ".join(table.names),
        )
    columns = {}
    for column in table.columns:
        if column.name in data.column_names:
            columns[column.name] = _cast(data[column.name], column.kind, table.name, column.name)
        else:
            columns[column.name] = pa.nulls(data.num_rows, ARROW[column.kind])
    return pa.table(columns)


def _frame_to_arrow(frame: Any) -> pa.Table:
    if hasattr(frame, "to_arrow"):
        return frame.to_arrow()
    return pa.Table.from_pandas(frame, preserve_index=False)


def _cast(values: Any, kind: Kind, table: str, column: str) -> Any:
    wanted = ARROW[kind]
    if kind == "number" and not _is_numeric(values.type):
        values = pc.if_else(pc.is_null(values), None, NOT_A_NUMBER)
    if kind == "instant" and pa.types.is_timestamp(values.type) and values.type.tz:
        values = values.cast(pa.timestamp("us", tz="UTC"), safe=False)
    try:
        return values.cast(wanted, safe=kind != "instant")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise BadRows(
            mark("{table}.{column} cannot be read: {reason}. Give {expected}."),
            table=table,
            column=column,
            reason=str(error),
            expected=_EXPECTED[kind],
        ) from error


def _is_numeric(kind: pa.DataType) -> bool:
    return (
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind)
    )


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        # NumPy scalars are numbers too; text and booleans are not (True == 1 in Python).
        return float(value) if hasattr(value, "dtype") and value.dtype.kind in "iuf" else NOT_A_NUMBER
    return float(value)


def _integer(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError(value)
    if int(value) != value:
        raise ValueError(value)
    return int(value)


def _instant(value: Any) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime.combine(value, time.min)
    raise TypeError(value)


def _flag(value: Any) -> bool:
    if value in (True, False):
        return bool(value)
    raise ValueError(value)


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


_CONVERT: dict[Kind, Any] = {
    "text": str,
    "number": _number,
    "integer": _integer,
    "flag": _flag,
    "instant": _instant,
    "json": _json,
}

_EXPECTED: dict[Kind, str] = {
    "text": mark("text"),
    "number": mark("a number"),
    "integer": mark("a whole number"),
    "flag": mark("true or false"),
    "instant": mark("an instant such as 2026-03-31T23:30:00Z"),
    "json": mark("an object"),
}
