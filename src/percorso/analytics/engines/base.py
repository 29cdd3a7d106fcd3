"""What every engine can do for the store, and the functions whose meaning differs between engines."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from percorso.analytics.tables import Table
from percorso.errors import UserError
from percorso.i18n import mark

# Ibis asks for a table's columns on the one connection that it has: two threads at once would mix up the answers.
_DESCRIBING = threading.Lock()


@dataclass(frozen=True)
class Appended:
    """What one append did: rows given, ids that were new, deliveries of ids that were known or came twice."""

    rows: int
    new: int
    repeated: int


class Engine(ABC):
    """One connection to one engine. Safe to use from several threads."""

    backend: ibis.BaseBackend
    # How many windows of time one statement compares (methods.levels): planning takes longer than reading beyond that, and
    # ClickHouse refuses statements of more than 262,144 characters.
    windows_at_once = 16
    # Whether no other process can write to what this one reads.
    alone = False
    # Whether it runs in this process: rows come as arrays, without a way over a network.
    local = False

    def table(self, name: str) -> ir.Table:
        """Return the fact table called `name` as an Ibis table, every id once."""
        with _DESCRIBING:
            return self.backend.table(name)

    def sql(self, expr: ir.Table) -> str:
        """Return the SQL of an expression in this engine's dialect."""
        return str(self.backend.compile(expr))

    @abstractmethod
    def create(self, table: Table) -> None:
        """Create a fact table when it does not exist, and add columns that a newer version brought."""

    @abstractmethod
    def append(self, table: Table, rows: pa.Table, workspace: str) -> Appended:
        """Write rows of one workspace; an id that is there already is replaced and its deliveries counted."""

    @abstractmethod
    def update(self, table: Table, values: Mapping[str, str | None], where: Mapping[str, str]) -> None:
        """Set text columns of the rows whose columns equal `where`."""

    @abstractmethod
    def move(self, table: Table, workspace: str, customers: Mapping[str, str]) -> bool:
        """Set the customer of the rows of each identity; return whether any row has changed."""

    @abstractmethod
    def delete(self, table: Table, where: Mapping[str, str]) -> None:
        """Delete the rows whose columns equal `where`, for good."""

    @abstractmethod
    def rewrite(self, table: Table, columns: Sequence[str], workspace: str, pattern: str, text: str) -> None:
        """Replace in text columns what matches a pattern (RE2, letters large or small); ``\\1`` is its first group."""

    @abstractmethod
    def end(self, table: Table, workspace: str, before: str, emptied: Sequence[str], salt: str) -> None:
        """Make rows that are older than an instant nobody's: `emptied` become null, the customer a hash made with `salt`.

        Without a salt the rows are deleted.
        """

    def overwrite(self) -> None:  # noqa: B027 where a server keeps the data, it does this by itself
        """Overwrite what earlier rows have left in places of the file that are free by now."""

    def withdraw(self, table: Table, workspace: str, batch: str) -> None:
        """Delete the rows of a workspace whose last delivery came with `batch`."""
        self.delete(table, {"workspace": workspace, "batch": batch})

    @abstractmethod
    def compact(self, table: Table) -> None:
        """Rewrite a table in its order (`Table.order`), without holding up appends."""

    def out_of_order(self, table: Table) -> float:
        """Return the share of a table's rows that came since it was last put in its order; 0 where the engine sees to it."""
        return 0.0

    def owners_at(self, table: Table, count: int) -> list[tuple[str, str]]:
        """Return workspaces and customers who cut a table in its order into so many like parts; none where none is told."""
        return []

    @abstractmethod
    def fetch(self, sql: str) -> pa.Table:
        """Run a query and return its rows."""

    @abstractmethod
    def keep_integers(self, name: str, rows: pa.Table) -> None:
        """Keep a small helper table of int64 columns under `name` unless it is there."""

    def copy_to(self, folder: Path) -> None:
        """Write every fact table as ``<table>.parquet`` into a folder, all as of one instant, while others write.

        Raises
        ------
        UserError : the engine is a server with backups of its own.
        """
        raise UserError(mark("The facts are kept by a server: back them up by its own command."))

    def load_from(self, folder: Path) -> None:
        """Put what `copy_to` wrote into fact tables that are empty; columns that are newer than the copy stay null.

        Raises
        ------
        UserError : as for `copy_to`.
        """
        raise UserError(mark("The facts are kept by a server: restore them by its own command."))

    @abstractmethod
    def close(self) -> None:
        """Close the connection; the data stays."""

    @abstractmethod
    def epoch_us(self, instant: ir.TimestampColumn) -> ir.IntegerColumn:
        """Microseconds since 1970 as int64: the only exact way to subtract instants on both engines."""

    @abstractmethod
    def hashed(self, text: ir.StringColumn) -> ir.IntegerColumn:
        """A number of 64 bits (uint64) for a text, the same one for the same text on one engine."""

    @abstractmethod
    def rest(self, hashed: ir.IntegerColumn, by: ir.IntegerValue) -> ir.IntegerColumn:
        """What a number of 64 bits (uint64) leaves when it is divided: Ibis divides by nought to tell the type of that."""

    def is_among(self, text: ir.StringColumn, texts: Sequence[str]) -> ir.BooleanColumn:
        """Whether a text is one of some."""
        return text.isin(list(texts))

    def place_among(self, text: ir.StringColumn, texts: Sequence[str]) -> ir.IntegerColumn:
        """The first place of a text among some, from 1; null when it is none of them."""
        return text.cases(*((each, place) for place, each in enumerate(texts, 1)))

    @abstractmethod
    def from_epoch_us(self, microseconds: ir.IntegerColumn) -> ir.TimestampColumn:
        """The instant so many microseconds after 1970."""

    def listed(self, column: ir.Column) -> ir.ArrayScalar:
        """All values of a column that has no nulls, as one list, in no order."""
        return column.collect()

    def median(self, column: ir.NumericColumn) -> ir.FloatingScalar:
        """The exact median (type 7) of the values that are not null; null when there are none."""
        return column.cast("float64").quantile(0.5)

    def escaped(self, text: str) -> str:
        """Return `text` as it is written inside of a quoted constant."""
        return text.replace("'", "''")

    @abstractmethod
    def instant(self, text: str) -> ir.TimestampScalar:
        """The instant written as ``2026-03-31 23:30:00.000000`` (UTC), typed as the instants of the fact tables are."""

    @abstractmethod
    def json_text(self, document: ir.StringColumn, key: str) -> ir.StringColumn:
        """The value of a top-level key of a JSON object as text; null when absent."""

    @abstractmethod
    def json_texts(self, document: ir.StringColumn) -> ir.ArrayColumn:
        """The texts of a JSON list; an empty list where there is none."""

    @abstractmethod
    def told_instant(self, text: ir.StringColumn) -> ir.TimestampColumn:
        """The instant that a text names (ISO 8601, UTC without an offset); null where it names none."""


def with_offset(text: ir.StringColumn) -> ir.StringColumn:
    """Return a text that names a day or an instant with its offset, UTC where it has none; null for any other text."""
    told = ibis.ifelse(text.re_search(r"^\d{4}-\d\d-\d\d"), text, ibis.null("string"))
    told = ibis.ifelse(told.length() <= len("2026-03-31"), told + " 00:00:00", told)
    # Without an offset it would be read in the zone of this machine.
    return ibis.ifelse(told.re_search(r"([Zz]|[+-]\d\d(:?\d\d)?)$"), told, told + "Z")


def builtin(name: str, arguments: tuple[str, ...], returns: str) -> Callable[..., Any]:
    """Return a function of the engine that Ibis does not know, of one or two arguments, for use in expressions."""

    def one(a: Any) -> Any: ...

    def two(a: Any, b: Any) -> Any: ...

    types = tuple(ibis.dtype(kind) for kind in arguments)
    made: Callable[..., Any] = ibis.udf.scalar.builtin(
        one if len(arguments) == 1 else two, name=name, signature=(types, ibis.dtype(returns))
    )
    return made


def nullable(column: ir.Column) -> ir.Column:
    """Return `column` typed nullable: lag and lead past the edge of a NOT NULL column give '' or 0 on ClickHouse."""
    return column.cast(column.type().copy(nullable=True))
