"""SQL with the fact tables that it reads, and the rows that statements gave for as long as these tables stay as they are."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import NamedTuple

import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa

MOST_BYTES = 64 << 20
MOST_BYTES_EACH = 16 << 20
MOST_STATEMENTS = 4000


class Statement(NamedTuple):
    """One statement and the names of the tables that its rows depend on."""

    sql: str
    reads: frozenset[str]


def tables_of(expr: ir.Expr) -> frozenset[str]:
    """Return the names of the tables that an expression reads."""
    return frozenset(table.name for table in expr.op().find(ops.PhysicalTable))


class KeptRows:
    """Rows by statement, the ones asked for last. Safe to use from several threads."""

    def __init__(self) -> None:
        self._rows: OrderedDict[str, tuple[tuple[int, ...], pa.Table]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, sql: str, versions: Iterable[int], make: Callable[[], pa.Table]) -> pa.Table:
        """Return the rows of a statement; made anew unless those that are kept are of the same versions of its tables.

        `versions` are of before the rows are read: a change meanwhile makes them count as old.
        """
        now = tuple(versions)
        with self._lock:
            kept = self._rows.get(sql)
            if kept is not None and kept[0] == now:
                self._rows.move_to_end(sql)
                return kept[1]
        rows = make()
        if rows.nbytes > MOST_BYTES_EACH:
            return rows
        with self._lock:
            self._forget(sql)
            self._rows[sql] = now, rows
            self._bytes += _weight(sql, rows)
            while self._rows and (self._bytes > MOST_BYTES or len(self._rows) > MOST_STATEMENTS):
                self._forget(next(iter(self._rows)))
        return rows

    def _forget(self, sql: str) -> None:
        found = self._rows.pop(sql, None)
        if found is not None:
            self._bytes -= _weight(sql, found[1])


def _weight(sql: str, rows: pa.Table) -> int:
    return len(sql) + int(rows.nbytes)
