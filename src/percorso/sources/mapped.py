"""Connectors for files whose columns are mapped: suggested, corrected, kept; each chunk becomes facts by the mapping."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import polars as pl

from percorso.analytics.format import exponent
from percorso.errors import UserError
from percorso.i18n import mark
from percorso.sources.checks import check, id_column, read_constant
from percorso.sources.columns import fitted, suggest
from percorso.sources.connector import Connector, Context, Piece
from percorso.sources.corrections import Corrections, corrected
from percorso.sources.ids import Occurrences
from percorso.sources.instants import Dates, is_ambiguous, order_votes
from percorso.sources.mapping import Mapping, Score, fingerprint
from percorso.sources.readers import BadFile, Reader, open_file
from percorso.sources.report import Message, Problem
from percorso.sources.roles import DATES, DURATIONS, ROLES, TIME
from percorso.sources.sieve import Sieve
from percorso.sources.words import language_of


class Record:
    """The records of one chunk, read by role: a column of the file, or a constant."""

    def __init__(self, sieve: Sieve, mapping: Mapping, seen: Occurrences) -> None:
        self.sieve, self.mapping = sieve, mapping
        self.dates = Dates(mapping.dates, mapping.zone)
        self.ids = sieve.ids(id_column(mapping), seen)

    def _constant(self, role: str) -> pl.Series:
        """Return a fixed value, which was checked before, throughout."""
        return read_constant(self.mapping, role).new_from_index(0, self.sieve.height)

    def text(self, role: str) -> pl.Series:
        """Return a role's values as text."""
        if role in self.mapping.constants:
            return self._constant(role)
        return self.sieve.text(self.mapping.columns.get(role))

    def number(self, role: str) -> pl.Series:
        """Return a role's values as numbers; lengths of time in seconds."""
        column = self.mapping.columns.get(role)
        if role in self.mapping.constants:
            return self._constant(role)
        if role in DURATIONS:
            return self.sieve.durations(column, self.mapping.unit(role))
        return self.sieve.numbers(column, self.mapping.decimal)

    def amount(self, role: str) -> pl.Series:
        """Return a role's values as money in minor units of the record's currency."""
        if role in self.mapping.constants:
            return self._constant(role)
        if self.mapping.unit(role) == "minor":
            places = pl.Series([0]).new_from_index(0, self.sieve.height)
        else:
            known = {code: exponent(code) for code in self.currency().unique().drop_nulls()}
            places = self.currency().replace_strict(known, default=exponent(None), return_dtype=pl.Int64)
        return self.sieve.amounts(self.mapping.columns.get(role), self.mapping.decimal, places)

    def currency(self) -> pl.Series:
        """Return the records' currencies as ISO 4217 writes them."""
        return self.text("currency").str.to_uppercase()

    def flag(self, role: str) -> pl.Series:
        """Return a role's values as true and false."""
        if role in self.mapping.constants:
            return self._constant(role)
        return self.sieve.flags(self.mapping.columns.get(role))

    def instant(self, role: str) -> pl.Series:
        """Return a role's values as instants."""
        if role in self.mapping.constants:
            return self._constant(role)
        return self.sieve.instants(self.mapping.columns.get(role), self.dates)

    def document(self, role: str, *, listed: bool = False) -> pl.Series:
        """Return a role's values as JSON text: objects, or lists."""
        if role in self.mapping.constants:
            return self._constant(role)
        return self.sieve.documents(self.mapping.columns.get(role), listed)

    def time(self) -> pl.Series:
        """Return when the records happened; those without a date are set aside."""
        role = TIME[self.mapping.table]
        at = self.instant(role)
        self.sieve.reject(
            at.is_null(), mark("{column}: the record has no date."), column=self.mapping.columns.get(role)
        )
        return at

    def score(self, score: Score, low: pl.Series, high: pl.Series) -> pl.Series:
        """Return a score column; records whose score is not on its scale, which may differ by record, are set aside."""
        values = self.sieve.numbers(score.column, self.mapping.decimal, self.mapping.blank, score.labels, score.high)
        self.sieve.reject(
            (values < low) | (values > high),
            mark("{column}: {value} is not on the scale {low}-{high}."),
            column=score.column,
            value=self.sieve.column(score.column),
            low=_bounds(low),
            high=_bounds(high),
        )
        return values

    def properties(self, prefix: str = "properties") -> pl.Series:
        """Return the columns that have no role as JSON; of ``properties.plan``, as objects in files give it, ``plan``."""
        named = self.mapping.used() | set(self.mapping.leave_out)
        columns = [c for c in self.sieve.frame.columns if c not in named]
        inner = {c: c.removeprefix(f"{prefix}.") for c in columns}
        inner = {c: name for c, name in inner.items() if c != name and name and name not in columns}
        more = {name: self.sieve.frame[c].cast(pl.String) for c, name in inner.items()}
        return self.sieve.properties([c for c in columns if c not in inner], **more)


def _bounds(series: pl.Series) -> pl.Series:
    return series.cast(pl.String).str.strip_suffix(".0")


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
        check(mapping, reader)
        if "currency" in ROLES[mapping.table] and not mapping.has("currency"):
            context.warn(mark("No column says the currency: amounts are stored without one. If all are in the same, say so: --constant currency=BRL."))  # fmt: skip
        context.mapping = mapping
        context.columns = [replace(column, role=mapping.role(column.column)) for column in context.columns]
        return mapping

    def suggested(self, files: Sequence[Path], reader: Reader, config: Corrections, context: Context) -> Mapping:
        head = _head(reader)
        found = suggest(head, self.table, context.zone)
        context.columns = found.columns
        context.warnings += [w for w in found.warnings if not _answered(w, config)]
        with_roles = corrected(found.mapping, config, reader.columns)
        context.warnings += fitted(found, with_roles, head, config.unit)
        if config.dates is None:
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
