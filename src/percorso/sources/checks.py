"""Whether a mapping says enough to read a file by it, and what its fixed values are."""

from datetime import datetime

import polars as pl

from percorso.analytics.format import exponent
from percorso.errors import UserError
from percorso.i18n import mark
from percorso.sources.instants import Dates, one_instant
from percorso.sources.mapping import AS_TOLD, Mapping, without_scale
from percorso.sources.readers import Reader
from percorso.sources.roles import DATES, DURATIONS, KINDS, MONEY, NEEDED, ROLES
from percorso.sources.values import Unreadable, amounts, documents, durations, flags, numbers

EXPECTED = {
    "flag": mark("yes or no"), "json": mark("a JSON object"), "number": mark("a number"), "integer": mark("a number"),
}  # fmt: skip


def id_column(mapping: Mapping) -> str | None:
    """Return the column of the records' ids; a customer without an id of the row is told by who it is."""
    return mapping.columns.get("id") or (mapping.columns.get("customer") if mapping.table == "customers" else None)


def check(mapping: Mapping, reader: Reader) -> None:
    """Check that a file can be read by a mapping.

    Raises
    ------
    UserError : a column that the mapping needs is missing, nothing says what a record cannot do without, or a fixed
        value is none.
    """
    known = ", ".join(reader.columns)
    for column in mapping.missing(reader.columns):
        raise UserError(
            mark("{file} has no column {column}, which the mapping needs. Columns: {known}."),
            file=reader.path.name,
            column=column,
            known=known,
        )
    _check_roles(mapping, known)
    for role in mapping.constants:
        read_constant(mapping, role)


def _check_roles(mapping: Mapping, known: str) -> None:
    role = next((role for role in NEEDED[mapping.table] if not mapping.has(role)), None)
    if role in DATES:
        raise UserError(
            mark("No column says {about}. Give --map {role}=COLUMN, or one date for all: --set {role}=2026-03-31. Columns: {known}."),
            about=ROLES[mapping.table][role], role=role, known=known,
        )  # fmt: skip
    if role is not None:
        raise UserError(
            mark("No column says {about}. Give --column {role}=COLUMN, or one value for all: --constant {role}=VALUE. Columns: {known}."),
            about=ROLES[mapping.table][role], role=role, known=known,
        )  # fmt: skip
    if mapping.table == "customers" and id_column(mapping) is None:
        raise UserError(
            mark("No column says {about}. Give --column {role}=COLUMN. Columns: {known}."),
            about=ROLES["customers"]["id"], role="id", known=known,
        )  # fmt: skip
    if mapping.table == "answers" and not mapping.scores and not mapping.comments:
        raise UserError(
            mark("No column looks like a score or a comment. Give --map score=COLUMN or --map comment=COLUMN. Columns: {known}."),
            known=known,
        )  # fmt: skip
    if any(score.metric == AS_TOLD for score in mapping.scores) and not mapping.has("metric"):
        raise UserError(mark("No column says what the scores measure. Give --column metric=COLUMN, or --metric."))
    if score := without_scale(mapping):
        raise UserError(mark("{column} needs its scale: give --scale, for example --scale 0-5."), column=score.column)


def read_constant(mapping: Mapping, role: str) -> pl.Series:
    """Return a value that is the same for all records, as the role's kind.

    Raises
    ------
    UserError : it is none of that kind.
    """
    value = pl.Series(role, [mapping.constants[role]], pl.String)
    kind = KINDS.get(role, "text")
    if kind == "instant":
        return pl.Series(role, [constant_instant(mapping, role)], pl.Datetime("us", "UTC"))
    if kind == "text":
        return value
    if kind == "flag":
        read = flags(value)
    elif kind == "json":
        read = documents(value, role == "themes")
    elif role in MONEY:
        minor = mapping.unit(role) == "minor"
        places = 0 if minor else exponent(mapping.constants.get("currency", "").upper())
        read = amounts(value, mapping.decimal, pl.Series([places]))
    else:
        read = durations(value, mapping.unit(role)) if role in DURATIONS else numbers(value, mapping.decimal)
    if read.values.null_count():
        raise UserError(
            mark("{role} cannot be {value}: give {expected}."),
            role=role, value=mapping.constants[role], expected=EXPECTED[kind],
        )  # fmt: skip
    return read.values


def constant_instant(mapping: Mapping, role: str) -> datetime:
    """Return a date that is the same for all records.

    Raises
    ------
    UserError : it is none.
    """
    value = mapping.constants[role]
    try:
        return one_instant(value, Dates(mapping.dates, mapping.zone))
    except Unreadable as error:
        raise UserError(
            mark("{role} cannot be {value}: give a date such as 2026-03-31."), role=role, value=value
        ) from error
