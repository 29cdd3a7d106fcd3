"""Connectors for files whose columns are mapped: suggested, corrected, kept; each chunk becomes facts by the mapping."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import polars as pl

from percorso.errors import UserError
from percorso.i18n import mark
from percorso.sources.columns import DATES, suggest
from percorso.sources.connector import Connector, Context, Piece
from percorso.sources.corrections import Corrections, corrected
from percorso.sources.ids import Occurrences
from percorso.sources.instants import Dates, is_ambiguous, one_instant, order_votes
from percorso.sources.mapping import ROLES, TIME, Mapping, Score, fingerprint
from percorso.sources.readers import BadFile, Reader, open_file
from percorso.sources.report import Message, Problem
from percorso.sources.sieve import Sieve
from percorso.sources.values import Unreadable
from percorso.sources.words import language_of


class Record:
    """The records of one chunk, read by role: a column of the file, or a constant."""

    def __init__(self, sieve: Sieve, mapping: Mapping, seen: Occurrences) -> None:
        self.sieve, self.mapping = sieve, mapping
        self.dates = Dates(mapping.dates, mapping.zone)
        self.ids = sieve.ids(mapping.columns.get("id"), seen)

    def _constant(self, value: object, kind: pl.DataType | type[pl.DataType] | None = None) -> pl.Series:
        return pl.Series("constant", [value], kind).new_from_index(0, self.sieve.height)

    def text(self, role: str) -> pl.Series:
        """Return a role's values as text."""
        if role in self.mapping.constants:
            return self._constant(self.mapping.constants[role], pl.String)
        return self.sieve.text(self.mapping.columns.get(role))

    def number(self, role: str) -> pl.Series:
        """Return a role's values as numbers."""
        if role in self.mapping.constants:
            return self._constant(self.mapping.constants[role], pl.String).cast(pl.Float64, strict=False)
        return self.sieve.numbers(self.mapping.columns.get(role), self.mapping.decimal)

    def flag(self, role: str) -> pl.Series:
        """Return a role's values as true and false."""
        return self.sieve.flags(self.mapping.columns.get(role))

    def instant(self, role: str) -> pl.Series:
        """Return a role's values as instants."""
        if role in self.mapping.constants:
            return self._constant(constant_instant(self.mapping, role), pl.Datetime("us", "UTC"))
        return self.sieve.instants(self.mapping.columns.get(role), self.dates)

    def time(self) -> pl.Series:
        """Return when the records happened; those without a date are set aside."""
        role = TIME[self.mapping.table]
        at = self.instant(role)
        self.sieve.reject(
            at.is_null(), mark("{column}: the record has no date."), column=self.mapping.columns.get(role)
        )
        return at

    def score(self, score: Score) -> pl.Series:
        """Return a score column; records whose score is not on its scale are set aside."""
        values = self.sieve.numbers(score.column, self.mapping.decimal, self.mapping.blank, score.labels, score.high)
        self.sieve.reject(
            ~values.is_between(score.low, score.high),
            mark("{column}: {value} is not on the scale {low}-{high}."),
            column=score.column,
            value=self.sieve.column(score.column),
            low=f"{score.low:g}",
            high=f"{score.high:g}",
        )
        return values

    def properties(self) -> pl.Series:
        """Return the columns that have no role as JSON."""
        named = self.mapping.used() | set(self.mapping.leave_out)
        return self.sieve.properties([c for c in self.sieve.frame.columns if c not in named])


class MappedConnector(Connector[Corrections]):
    """A connector whose files may have any columns; `table` names the roles that they can have."""

    table: ClassVar[str]
    Config = Corrections

    @abstractmethod
    def facts(self, record: Record) -> dict[str, pl.DataFrame]:
        """Return the rows of each fact table."""

    def read(self, files: Sequence[Path], config: Corrections, context: Context) -> Iterator[Piece]:
        mapping = self.prepare(files, config, context)
        for path in files:
            reader = context.opened(path, config)
            if reader is None:
                continue
            if missing := mapping.missing(reader.columns):
                template = mark("{file} has no column {missing}: it was left out. Import it by itself.")
                params = {"file": path.name, "missing": ", ".join(missing)}
                context.problems.append(Problem(str(path), Message(template, params)))
                context.position[path] = reader.size
                continue
            seen = Occurrences()
            for chunk in context.chunks(reader):
                sieve = Sieve(chunk, str(path))
                yield Piece.of(sieve, **self.facts(Record(sieve, mapping, seen)))

    def prepare(self, files: Sequence[Path], config: Corrections, context: Context) -> Mapping:
        """Return the mapping to read with: the one given, the one kept for such files, or a suggested one; corrected.

        Raises
        ------
        UserError : no file can be opened, or nothing says when records happened or what was scored.
        """
        reader = next((r for path in files if (r := context.opened(path, config))), None)
        context.problems.clear()  # each file is opened again when its turn comes
        if reader is None:
            raise _unreadable(files, config)
        context.fingerprint = fingerprint(reader.columns)
        mapping = context.mapping or context.kept.get(context.fingerprint)
        if mapping is not None and context.mapping is None:
            context.warn(mark("The mapping that was kept for files with these columns is used."))
        if mapping is None or mapping.table != self.table:
            mapping = self.suggested(files, reader, config, context)
        mapping = corrected(mapping, config, reader.columns)
        _check(mapping, reader)
        context.mapping = mapping
        return mapping

    def suggested(self, files: Sequence[Path], reader: Reader, config: Corrections, context: Context) -> Mapping:
        head = _head(reader)
        found = suggest(head, self.table, context.zone)
        context.columns = found.columns
        context.warnings += [w for w in found.warnings if not _answered(w, config)]
        if config.dates is None:
            with_roles = corrected(found.mapping, config, reader.columns)
            dated = [head[c] for role, c in with_roles.columns.items() if role in DATES]
            unsure = [c.name for c in dated if c.dtype == pl.String and is_ambiguous(c)]
            if unsure:
                _decide_order(found.mapping, unsure, files, config, context)
        return found.mapping


def _answered(warning: Message, config: Corrections) -> bool:
    """Whether a person's settings already say what a warning asks for."""
    if any(getattr(config, name) for name in warning.params.get("settings", ())):
        return True
    return warning.params.get("role") in {*config.map, *config.set}


def _head(reader: Reader) -> pl.DataFrame:
    chunk = next(reader.chunks(), None)
    return chunk.frame.head(5000) if chunk is not None else pl.DataFrame({c: [] for c in reader.columns})


def _decide_order(
    mapping: Mapping, columns: list[str], files: Sequence[Path], config: Corrections, context: Context
) -> None:
    """Tell from all values whether day or month comes first; read on until one does."""
    day = month = 0
    for values in _values(columns, files, config):
        votes = order_votes(values.cast(pl.String))
        day, month = day + votes[0], month + votes[1]
        if day or month:
            break
    mapping.dates = "month" if month > day else "day"
    if day and month:
        context.warn(
            mark("{column} has dates with the day first and dates with the month first. It is read {order} first; what does not fit is rejected."),
            column=columns[0], order=mapping.dates,
        )  # fmt: skip
    elif not day and not month and language_of(columns + list(_names(files, config))) is None:
        context.warn(
            mark("Nothing in {column} tells whether 03/04/2025 is in March or in April: it is read as 3 April. If that is wrong, give --dates month."),
            column=columns[0],
        )  # fmt: skip


def _values(columns: list[str], files: Sequence[Path], config: Corrections) -> Iterator[pl.Series]:
    for path in files:
        try:
            for chunk in Context().chunks(open_file(path, config)):
                yield from (chunk.frame[c] for c in columns if c in chunk.frame.columns)
        except BadFile:
            continue


def _names(files: Sequence[Path], config: Corrections) -> list[str]:
    for path in files:
        try:
            return open_file(path, config).columns
        except BadFile:
            continue
    return []


def _unreadable(files: Sequence[Path], config: Corrections) -> UserError:
    for path in files:
        try:
            open_file(path, config)
        except BadFile as error:
            return error
    return UserError(mark("There are no files to read."))


def _check(mapping: Mapping, reader: Reader) -> None:
    known = ", ".join(reader.columns)
    for column in mapping.missing(reader.columns):
        raise UserError(
            mark("{file} has no column {column}, which the mapping needs. Columns: {known}."),
            file=reader.path.name,
            column=column,
            known=known,
        )
    role = TIME[mapping.table]
    if role not in mapping.columns and role not in mapping.constants:
        raise UserError(
            mark("No column says {about}. Give --map {role}=COLUMN, or one date for all: --set {role}=2026-03-31. Columns: {known}."),
            about=ROLES[mapping.table][role], role=role, known=known,
        )  # fmt: skip
    if mapping.table == "answers" and not mapping.scores and not mapping.comments:
        raise UserError(
            mark("No column looks like a score or a comment. Give --map score=COLUMN or --map comment=COLUMN. Columns: {known}."),
            known=known,
        )  # fmt: skip
    for constant in set(mapping.constants) & DATES:
        constant_instant(mapping, constant)


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
