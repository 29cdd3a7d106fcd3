"""What every engine can do for the store, and the functions whose meaning differs between engines."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from percorso.analytics.tables import Table


@dataclass(frozen=True)
class Appended:
    """What one append did: rows given, ids that were new, deliveries of ids that were known or came twice."""

    rows: int
    new: int
    repeated: int


class Engine(ABC):
    """One connection to one engine. Safe to use from several threads."""

    backend: ibis.BaseBackend

    def table(self, name: str) -> ir.Table:
        """Return the fact table called `name` as an Ibis table, every id once."""
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
    def delete(self, table: Table, where: Mapping[str, str]) -> None:
        """Delete the rows whose columns equal `where`, for good."""

    @abstractmethod
    def compact(self, table: Table) -> None:
        """Rewrite a table in the order (workspace, customer, at), so that one customer's rows lie together."""

    @abstractmethod
    def fetch(self, sql: str) -> pa.Table:
        """Run a query and return its rows."""

    @abstractmethod
    def keep_integers(self, name: str, rows: pa.Table) -> None:
        """Keep a small helper table of int64 columns under `name` unless it is there."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection; the data stays."""

    @abstractmethod
    def epoch_us(self, instant: ir.TimestampColumn) -> ir.IntegerColumn:
        """Microseconds since 1970 as int64: the only exact way to subtract instants on both engines."""

    @abstractmethod
    def from_epoch_us(self, microseconds: ir.IntegerColumn) -> ir.TimestampColumn:
        """The instant so many microseconds after 1970."""

    def listed(self, column: ir.Column) -> ir.ArrayScalar:
        """All values of a column that has no nulls, as one list, in no order."""
        return column.collect()

    def escaped(self, text: str) -> str:
        """Return `text` as it is written inside of a quoted constant."""
        return text.replace("'", "''")

    @abstractmethod
    def instant(self, text: str) -> ir.TimestampScalar:
        """The instant written as ``2026-03-31 23:30:00.000000`` (UTC), typed as the instants of the fact tables are."""

    @abstractmethod
    def json_text(self, document: ir.StringColumn, key: str) -> ir.StringColumn:
        """The value of a top-level key of a JSON object as text; null when absent."""


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
