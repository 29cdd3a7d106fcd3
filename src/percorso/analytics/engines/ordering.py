"""How tables of a DuckDB file are put in their order, while others go on reading and appending (decision record 20)."""

import threading
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import duckdb

from percorso.analytics.tables import Table

# How many rows of a table were put in its order by the last time.
IN_ORDER = "rows_in_order"
# So many rows are sorted at once: memory stays bounded, and twice the rows take twice the time.
ROWS_AT_ONCE = 16_000_000
# So many rows are looked at to find customers who cut a table into equal parts.
SAMPLED = 100_000

Owner = tuple[str, str]


class Ordering:
    """What puts the tables of one database in order; `changes` counts, by table, changes of rows that were there."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, writing: threading.Lock) -> None:
        self._connection = connection
        self._writing = writing
        self.changes: Counter[str] = Counter()
        self.rows_at_once = ROWS_AT_ONCE
        # By table and number of parts: how many changes there were, and the owners.
        self._cuts: dict[tuple[str, int], tuple[int, list[Owner]]] = {}

    def create(self) -> None:
        """Make the table that says how many rows are in order."""
        self._connection.execute(f"CREATE TABLE IF NOT EXISTS {IN_ORDER} (name VARCHAR, rows BIGINT)")

    def compact(self, table: Table) -> None:
        """Rewrite a table in its order. Appends go on meanwhile; when anything else changed, it is done again without them."""
        changes = self.changes[table.name]
        with self._connection.cursor() as cursor:
            last = self._copied(cursor, table)
            with self._writing:
                if changes != self.changes[table.name] or not self._put_in_place(cursor, table, last):
                    self._put_in_place(cursor, table, self._copied(cursor, table))

    def out_of_order(self, table: Table) -> float:
        """Return the share of a table's rows that came since it was last put in its order."""
        with self._connection.cursor() as cursor:
            (rows,) = one(cursor, f"SELECT count(*) FROM {table.name}")
            (ordered,) = one(cursor, f"SELECT coalesce(max(rows), 0) FROM {IN_ORDER} WHERE name = '{table.name}'")
        return max(0.0, 1 - ordered / rows) if rows else 0.0

    def owners_at(self, table: Table, count: int) -> list[Owner]:
        """Return the workspaces and customers who cut a table into so many parts of about as many rows, in its order."""
        # Any cut is right, and equal ones are fast: they are looked for again when rows have changed, not when some came.
        known, found = self._cuts.get((table.name, count), (-1, []))
        if known != self.changes[table.name]:
            known = self.changes[table.name]
            with self._connection.cursor() as cursor:
                (rows,) = one(cursor, f"SELECT count(*) FROM {table.name}")
                found = [owner for i in range(1, count) if (owner := _owner_near(cursor, table, rows * i // count))]
            self._cuts[table.name, count] = known, found
        return found

    def _copied(self, cursor: duckdb.DuckDBPyConnection, table: Table) -> int:
        """Make a copy of a table in its order; return the number of the last row that is in it."""
        cursor.execute(f"DROP TABLE IF EXISTS {table.name}_ordered")
        cursor.execute("BEGIN")
        (last,) = one(cursor, f"SELECT coalesce(max(rowid), -1) FROM {table.name}")
        cursor.execute(f"CREATE TABLE {table.name}_ordered AS SELECT * FROM {table.name} LIMIT 0")
        for where in self._parts(cursor, table):
            cursor.execute(
                f"INSERT INTO {table.name}_ordered SELECT * FROM {table.name} WHERE {where} ORDER BY {', '.join(table.order)}"
            )
        cursor.execute("COMMIT")
        return last

    def _parts(self, cursor: duckdb.DuckDBPyConnection, table: Table) -> Iterator[str]:
        """Yield conditions, one after the other in the table's order, that part its rows among them."""
        (rows,) = one(cursor, f"SELECT count(*) FROM {table.name}")
        owners = self._owners(cursor, table, rows) if table.by_customer and rows > self.rows_at_once else []
        count = 1 + rows // self.rows_at_once
        cuts = sorted({owners[len(owners) * i // count] for i in range(1, count)} if owners else ())
        for low, high in pairwise([None, *cuts, None]):
            yield _between(low, high)

    def _owners(self, cursor: duckdb.DuckDBPyConnection, table: Table, rows: int) -> list[Owner]:
        """Return the workspaces and customers of some rows, in order."""
        share = min(100.0, 100 * SAMPLED / rows)
        found = cursor.execute(
            f"SELECT workspace, customer FROM {table.name} TABLESAMPLE {share:f} PERCENT (SYSTEM) WHERE customer IS NOT NULL"
        )
        return sorted(found.fetchall())

    def _put_in_place(self, cursor: duckdb.DuckDBPyConnection, table: Table, last: int) -> bool:
        """Give the copy the rows that came since and the table's name; return whether no row is lost by it."""
        cursor.execute("BEGIN")
        cursor.execute(f"INSERT INTO {table.name}_ordered SELECT * FROM {table.name} WHERE rowid > ?", [last])
        count = f"SELECT (SELECT count(*) FROM {table.name}), (SELECT count(*) FROM {table.name}_ordered)"
        rows, kept = one(cursor, count)
        if rows != kept:
            # Rows were numbered anew meanwhile.
            cursor.execute("ROLLBACK")
            return False
        cursor.execute(f"DROP TABLE {table.name}")
        cursor.execute(f"ALTER TABLE {table.name}_ordered RENAME TO {table.name}")
        cursor.execute(f"DELETE FROM {IN_ORDER} WHERE name = ?", [table.name])
        cursor.execute(f"INSERT INTO {IN_ORDER} VALUES (?, ?)", [table.name, rows])
        cursor.execute("COMMIT")
        self._cuts.clear()
        return True


def one(cursor: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    """Return the one row of a query."""
    row = cursor.execute(sql).fetchone()
    assert row is not None
    return row


def _owner_near(cursor: duckdb.DuckDBPyConnection, table: Table, row: int) -> Owner | None:
    # By the numbers of rows alone, so that no other block is read; of so many some are there, unless all were erased.
    where = f"rowid BETWEEN {row} AND {row + 2047}"
    workspace, customer = one(cursor, f"SELECT min(workspace), min(customer) FROM {table.name} WHERE {where}")
    return (workspace, customer) if customer is not None else None


def _between(low: Owner | None, high: Owner | None) -> str:
    """Return which rows lie between two owners, the first of them inside; within a workspace those of nobody are last."""
    if low and high and low[0] == high[0]:
        # Of each column itself, so that blocks of others are passed over.
        return f"workspace = {_text(low[0])} AND customer >= {_text(low[1])} AND customer < {_text(high[1])}"
    since = until = "true"
    if low:
        workspace, customer = map(_text, low)
        since = f"(workspace > {workspace} OR workspace = {workspace} AND (customer >= {customer} OR customer IS NULL))"
    if high:
        workspace, customer = map(_text, high)
        until = f"(workspace < {workspace} OR workspace = {workspace} AND customer < {customer})"
    return f"{since} AND {until}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
