"""Zendesk's ticket export: JSON or JSON Lines, with metrics, comments, audits, users and groups where it has them."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl

from percorso.analytics.tables import TABLES, Kind
from percorso.i18n import mark
from percorso.sources.connector import Connector, Context, Piece
from percorso.sources.connectors._zendesk_events import Beside, Data, Rows, Unusable
from percorso.sources.connectors._zendesk_tickets import convert
from percorso.sources.readers import BadFile, Format, Reader
from percorso.sources.readers.json import JsonReader, Record
from percorso.sources.report import Message, Problem, Rejected

AT_ONCE = 5000
POLARS: dict[Kind, Any] = {
    "text": pl.String, "number": pl.Float64, "integer": pl.Int64, "flag": pl.Boolean,
    "instant": pl.Datetime("us", "UTC"), "json": pl.String,
}  # fmt: skip


class Zendesk(Connector[Format]):
    """One object a ticket. Comments and audits, in the ticket or as objects of their own, become its events.

    Without comments the first reply is told by the metrics; without audits the resolution is, or else by the last
    change of a ticket that is solved or closed.
    """

    label = mark("Zendesk")
    about = mark("Zendesk's ticket export (JSON, JSON Lines): tickets, comments, audits, metrics, satisfaction.")

    def read(self, files: Sequence[Path], config: Format, context: Context) -> Iterator[Piece]:
        readers = [reader for path in files if (reader := context.opened(path, config))]
        beside = Beside()
        for reader in readers:
            _learned(reader, beside)
        for reader in readers:
            yield from self._pieces(reader, beside, context)

    def _pieces(self, reader: Reader, beside: Beside, context: Context) -> Iterator[Piece]:
        rows: Rows = {}
        rejected: list[Rejected] = []
        position, count = [0], 0
        try:
            for line, record, bad in _records(reader, position):
                count += 1
                if bad is None:
                    bad = _taken(reader, line, record or {}, beside, rows)
                rejected += [bad] if bad else []
                if count == AT_ONCE:
                    context.position[reader.path] = position[0]
                    yield Piece(_frames(rows), rejected, count)
                    rows, rejected, count = {}, [], 0
        except BadFile as error:
            context.problems.append(Problem(str(reader.path), Message.of(error)))
        context.position[reader.path] = reader.size
        yield Piece(_frames(rows), rejected, count)


def _taken(reader: Reader, line: int, record: Data, beside: Beside, rows: Rows) -> Rejected | None:
    """Add a record's facts to `rows`, or return why it has none."""
    try:
        added = convert(record, beside)
    except Unusable as error:
        return reader.reject(line, error.template, record, **error.values)
    except (TypeError, AttributeError, KeyError) as error:
        return reader.reject(
            line, mark("it has another shape than a ticket of Zendesk ({reason})."), record, reason=str(error)
        )
    for table, own in added.items():
        rows.setdefault(table, []).extend(own)
    return None


def _records(reader: Reader, position: list[int]) -> Iterator[Record]:
    """The objects of a file. In a table, ``via.channel`` is a place in an inner object and JSON text is what it says."""
    if isinstance(reader, JsonReader):
        yield from reader.records(position)
        return
    for chunk in reader.chunks():
        position[0] = chunk.position
        for bad in chunk.rejected:
            yield bad.line, None, bad
        for line, row in zip(chunk.lines.tolist(), chunk.frame.iter_rows(named=True), strict=True):
            yield line, _nested(row), None


def _nested(row: Data) -> Data:
    record: Data = {}
    for name, value in row.items():
        if value is None:
            continue
        if isinstance(value, str) and value[:1] in "[{":
            with suppress(ValueError):
                value = json.loads(value)
        *outer, last = name.split(".")
        place = record
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
    return record


def _frames(rows: Rows) -> dict[str, pl.DataFrame]:
    frames = {}
    for table, items in rows.items():
        used = {c.name: POLARS[c.kind] for c in TABLES[table].columns if any(c.name in item for item in items)}
        frames[table] = pl.DataFrame(items, schema=used)
    return frames


def _learned(reader: Reader, beside: Beside) -> None:
    """Go through a file's objects; what is broken is told when they are read for good."""
    with suppress(BadFile):
        for _, record, _ in _records(reader, [0]):
            with suppress(TypeError, AttributeError):
                beside.learn(record or {})
