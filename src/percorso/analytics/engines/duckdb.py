"""DuckDB: one file that one process owns, or Parquet files read where they lie."""

import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from percorso.analytics.engines.base import Appended, Engine, builtin, with_offset
from percorso.analytics.engines.ordering import Ordering, one
from percorso.analytics.engines.seen import Hashes, SeenIds
from percorso.analytics.tables import FORGOTTEN, TABLES, Kind, Table
from percorso.errors import BadQuestion, StoreBusy, UserError
from percorso.i18n import mark

TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "flag": "BOOLEAN",
    "instant": "TIMESTAMP",
    "json": "VARCHAR",
}

INSTANT = "timestamp"
UUID_BYTES = 16
ROW_GROUP = 122_880
# Each turn fills what was free; more than one is needed when a checkpoint frees places of its own.
MOST_OVERWRITING = 5

# Auto-install would reach for the network on the first unknown function.
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # Many small appends follow each other: a checkpoint for each sixteen megabytes, as usual, writes the same rows again.
    "checkpoint_threshold": "256MB",
}


_epoch_us = builtin("epoch_us", (INSTANT,), "int64")
_make_timestamp = builtin("make_timestamp", ("int64",), INSTANT)
_epoch_us_of_zoned = builtin("epoch_us", ("timestamp('UTC')",), "int64")
_json_extract_string = builtin("json_extract_string", ("string", "string"), "string")
_hash = builtin("hash", ("string",), "uint64")
_rest = builtin("mod", ("uint64", "uint64"), "uint64")
_is_among = builtin("list_contains", ("array<string>", "string"), "boolean")
_place_among = builtin("list_position", ("array<string>", "string"), "int32")
_json_valid = builtin("json_valid", ("string",), "boolean")
_json_extract_strings = builtin("json_extract_string", ("string", "string"), "array<string>")


class DuckDBEngine(Engine):
    """One DuckDB database; each thread gets its own cursor, one writer at a time."""

    alone = True
    local = True

    def __init__(self, path: str | Path, memory_limit: str | None = None) -> None:
        config = dict(SETTINGS)
        if memory_limit:
            config["memory_limit"] = memory_limit
        try:
            self.connection = duckdb.connect(str(path), config=config)
        except duckdb.IOException as error:
            raise _explain(error, path) from error
        self.backend = ibis.duckdb.from_connection(self.connection)
        self._local = threading.local()
        self._writing = threading.Lock()
        self._kept: set[str] = set()
        self._ordering = Ordering(self.connection, self._writing)
        # By table, made with its first append.
        self._seen: dict[str, SeenIds] = {}

    @classmethod
    def over_files(cls, folder: Path) -> "DuckDBEngine":
        """Open Parquet files as fact tables: ``answers.parquet`` or a folder ``answers/`` of parts; read only."""
        engine = cls(":memory:")
        engine.alone = False
        found = [name for name in TABLES if _parquet_of(folder, name)]
        if not found:
            raise BadQuestion(
                mark("{folder} holds no fact table: name the files after them, e.g. answers.parquet. Tables: {known}."),
                folder=str(folder),
                known=", ".join(TABLES),
            )
        for table in TABLES.values():
            engine._view(table, _parquet_of(folder, table.name))
        return engine

    def _view(self, table: Table, files: str | None) -> None:
        have: set[str] = set()
        if files:
            described = self.connection.execute(f"DESCRIBE SELECT * FROM read_parquet('{files}')").fetchall()
            have = {row[0] for row in described}
        picks = [_pick(c.name, TYPES[c.kind], have) for c in table.columns]
        source = f" FROM read_parquet('{files}')" if files else " WHERE false"
        self.connection.execute(f"CREATE VIEW {table.name} AS SELECT {', '.join(picks)}{source}")

    @property
    def cursor(self) -> duckdb.DuckDBPyConnection:
        """This thread's cursor: DuckDB connections may not be shared by threads."""
        if not hasattr(self._local, "cursor"):
            self._local.cursor = self.connection.cursor()
        return self._local.cursor

    def create(self, table: Table) -> None:
        self._ordering.create()
        columns = ", ".join(f'"{c.name}" {TYPES[c.kind]}' for c in table.columns)
        self.connection.execute(f"CREATE TABLE IF NOT EXISTS {table.name} ({columns})")
        for column in table.columns:
            self.connection.execute(
                f'ALTER TABLE {table.name} ADD COLUMN IF NOT EXISTS "{column.name}" {TYPES[column.kind]}'
            )

    def append(self, table: Table, rows: pa.Table, workspace: str) -> Appended:
        with self._writing:
            cursor = self.connection.cursor()
            cursor.register("incoming", rows)
            cursor.execute("BEGIN")
            try:
                appended = self._replace(cursor, table, rows.num_rows, workspace)
                cursor.execute("COMMIT")
            except duckdb.Error as error:
                cursor.execute("ROLLBACK")
                raise _explain(error, table.name) from error
            finally:
                cursor.close()
        return appended

    def _replace(self, cursor: duckdb.DuckDBPyConnection, table: Table, rows: int, workspace: str) -> Appended:
        (distinct,) = one(cursor, "SELECT count(DISTINCT id) FROM incoming")
        hashes = cursor.execute("SELECT hash(id) AS h FROM incoming").to_arrow_table()["h"].to_numpy()
        seen = self._seen_in(table)
        maybe = seen.among(hashes)
        known = self._known(cursor, table, workspace, hashes[maybe])
        # What is remembered and then not stored, because the disk is full, is looked up for nothing later, no more.
        seen.add(hashes[~maybe])
        names = ", ".join(f'"{name}"' for name in table.names)
        if known:
            cursor.execute(
                f"DELETE FROM {table.name} WHERE workspace = ? AND id IN (SELECT id FROM known)", [workspace]
            )
            self._ordering.changes[table.name] += 1
        order = "ORDER BY " + ", ".join((*table.together, '"at"'))
        picked = _LAST_DELIVERED if known or distinct < rows else "SELECT {names} FROM incoming"
        picked = picked.format(names=names, order="DESC" if table.repeated == "last" else "ASC")
        cursor.execute(f"INSERT INTO {table.name} ({names}) {picked} {order}")
        return Appended(rows, distinct - known, rows - distinct + known)

    def _seen_in(self, table: Table) -> SeenIds:
        if table.name not in self._seen:
            with self.connection.cursor() as cursor:
                rows = cursor.execute(f"SELECT hash(id) AS h FROM {table.name} WHERE id IS NOT NULL").to_arrow_table()
            self._seen[table.name] = SeenIds(rows["h"].to_numpy())
        return self._seen[table.name]

    def _known(self, cursor: duckdb.DuckDBPyConnection, table: Table, workspace: str, repeated: Hashes) -> int:
        """Make the table `known`: which incoming ids the workspace has, and how often they were delivered."""
        cursor.register("repeated", pa.table({"h": repeated}))
        which = (
            "id IN (SELECT id FROM incoming WHERE hash(id) IN (SELECT h FROM repeated))" if len(repeated) else "false"
        )
        cursor.execute(
            f"CREATE OR REPLACE TEMP TABLE known AS SELECT id, sum(deliveries) AS deliveries FROM {table.name}"
            f" WHERE workspace = ? AND {which} GROUP BY id",
            [workspace],
        )
        return one(cursor, "SELECT count(*) FROM known")[0]

    def update(self, table: Table, values: Mapping[str, str | None], where: Mapping[str, str]) -> None:
        sets = ", ".join(f'"{name}" = ?' for name in values)
        tests = " AND ".join(f'"{name}" = ?' for name in where)
        self._change(f"UPDATE {table.name} SET {sets} WHERE {tests}", [*values.values(), *where.values()])

    def move(self, table: Table, workspace: str, customers: Mapping[str, str]) -> bool:
        moved = pa.table({"identity": list(customers), "customer": list(customers.values())})
        with self._writing:
            cursor = self.connection.cursor()
            cursor.register("moved", moved)
            sql = (
                f"UPDATE {table.name} SET customer = moved.customer FROM moved WHERE {table.name}.workspace = ?"
                f" AND {table.name}.identity = moved.identity AND {table.name}.customer IS DISTINCT FROM moved.customer"
            )
            cursor.execute(sql, [workspace])
            (changed,) = cursor.fetchone() or (0,)
            cursor.close()
            self._ordering.changes[table.name] += 1
        return bool(changed)

    def delete(self, table: Table, where: Mapping[str, str]) -> None:
        tests = " AND ".join(f'"{name}" = ?' for name in where)
        self._change(f"DELETE FROM {table.name} WHERE {tests}", list(where.values()))

    def compact(self, table: Table) -> None:
        self._ordering.compact(table)

    def out_of_order(self, table: Table) -> float:
        return self._ordering.out_of_order(table)

    def owners_at(self, table: Table, count: int) -> list[tuple[str, str]]:
        return self._ordering.owners_at(table, count)

    def rewrite(self, table: Table, columns: Sequence[str], workspace: str, pattern: str, text: str) -> None:
        sets = ", ".join(f'"{name}" = regexp_replace("{name}", ?, ?, \'gi\')' for name in columns)
        tests = " OR ".join(f"regexp_matches(\"{name}\", ?, 'i')" for name in columns)
        values = [*(given for _ in columns for given in (pattern, text)), workspace, *(pattern for _ in columns)]
        self._change(f"UPDATE {table.name} SET {sets} WHERE workspace = ? AND ({tests})", values)

    def end(self, table: Table, workspace: str, before: str, emptied: Sequence[str], salt: str) -> None:
        where = 'WHERE workspace = ? AND "at" < ?::TIMESTAMP'
        if not salt:
            self._change(f"DELETE FROM {table.name} {where}", [workspace, before])
            return
        sets = "".join(f', "{name}" = NULL' for name in emptied)
        whose = f"'{FORGOTTEN}' || left(md5(? || coalesce(customer, identity)), 16)"
        known = f" AND coalesce(customer, identity, '') NOT LIKE '{FORGOTTEN}%'"
        self._change(f"UPDATE {table.name} SET customer = {whose}{sets} {where}{known}", [salt, workspace, before])

    def overwrite(self) -> None:
        # A checkpoint writes rows anew and leaves the old blocks as they are until something else needs the place.
        with self._writing, self.connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS overwriting")
            cursor.execute("CHECKPOINT")
            cursor.execute("CREATE TABLE overwriting (noise UUID)")
            for _ in range(MOST_OVERWRITING):
                size, free = one(cursor, "SELECT block_size, free_blocks FROM pragma_database_size()")
                if not free:
                    break
                rows = free * size // UUID_BYTES + ROW_GROUP
                cursor.execute(f"INSERT INTO overwriting SELECT gen_random_uuid() FROM range({rows})")
                cursor.execute("CHECKPOINT")
            cursor.execute("DROP TABLE overwriting")
            cursor.execute("CHECKPOINT")

    def _change(self, sql: str, values: Sequence[str | None]) -> None:
        with self._writing:
            self._ordering.changes.update(list(TABLES))
            self.cursor.execute(sql, values)

    def fetch(self, sql: str) -> pa.Table:
        return self.cursor.execute(sql).to_arrow_table()

    def keep_integers(self, name: str, rows: pa.Table) -> None:
        if name in self._kept:
            return
        with self._writing:
            cursor = self.connection.cursor()
            cursor.register("helper", rows)
            cursor.execute(f"CREATE TABLE IF NOT EXISTS {name} AS SELECT * FROM helper")
            cursor.close()
        self._kept.add(name)

    def copy_to(self, folder: Path) -> None:
        # A transaction sees all tables as they were at its start; writers go on meanwhile.
        with self.connection.cursor() as cursor:
            cursor.execute("BEGIN")
            for name in TABLES:
                cursor.execute(f"COPY {name} TO '{_quoted(folder / name)}.parquet' (FORMAT parquet, COMPRESSION zstd)")
            cursor.execute("COMMIT")

    def load_from(self, folder: Path) -> None:
        with self._writing, self.connection.cursor() as cursor:
            cursor.execute("BEGIN")
            for name in TABLES:
                if (folder / f"{name}.parquet").exists():
                    file = f"{_quoted(folder / name)}.parquet"
                    cursor.execute(f"INSERT INTO {name} BY NAME SELECT * FROM read_parquet('{file}')")
            cursor.execute("COMMIT")
            self._seen.clear()

    def close(self) -> None:
        self.connection.close()

    def instant(self, text: str) -> ir.TimestampScalar:
        # Compared with an instant that has a zone, every row would be converted, and no block skipped by its range.
        return ibis.literal(text).cast(INSTANT)

    def epoch_us(self, instant: ir.TimestampColumn) -> ir.IntegerColumn:
        return _epoch_us(instant)

    def hashed(self, text: ir.StringColumn) -> ir.IntegerColumn:
        return _hash(text)

    def rest(self, hashed: ir.IntegerColumn, by: ir.IntegerValue) -> ir.IntegerColumn:
        return _rest(hashed, by)

    def is_among(self, text: ir.StringColumn, texts: Sequence[str]) -> ir.BooleanColumn:
        # Functions of one column are worked out once for each different text of a block.
        return _is_among(ibis.array([ibis.literal(each) for each in texts]), text)

    def place_among(self, text: ir.StringColumn, texts: Sequence[str]) -> ir.IntegerColumn:
        return _place_among(ibis.array([ibis.literal(each) for each in texts]), text)

    def from_epoch_us(self, microseconds: ir.IntegerColumn) -> ir.TimestampColumn:
        return _make_timestamp(microseconds)

    def listed(self, column: ir.Column) -> ir.ArrayScalar:
        # Leaving out nulls, where there are none, costs a pass over the rows.
        return column.collect(include_null=True)

    def json_text(self, document: ir.StringColumn, key: str) -> ir.StringColumn:
        return _json_extract_string(document, '$."{}"'.format(key.replace('"', "")))

    def json_texts(self, document: ir.StringColumn) -> ir.ArrayColumn:
        listed = ibis.ifelse(_json_valid(document).fill_null(False), document, "[]")
        return _json_extract_strings(listed, "$[*]")

    def told_instant(self, text: ir.StringColumn) -> ir.TimestampColumn:
        return _make_timestamp(_epoch_us_of_zoned(with_offset(text).try_cast("timestamp('UTC')")))


_LAST_DELIVERED = """SELECT {names} FROM (
    SELECT i.* REPLACE (i.times + coalesce(k.deliveries, 0) AS deliveries)
    FROM (
        SELECT *, count(*) OVER (PARTITION BY id) AS times, row_number() OVER (PARTITION BY id ORDER BY place {order}) AS turn
        FROM (SELECT *, row_number() OVER () AS place FROM incoming)
    ) i LEFT JOIN known k ON i.id = k.id WHERE i.turn = 1
)"""


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _pick(name: str, kind: str, have: set[str]) -> str:
    if name in have:
        return f'CAST("{name}" AS {kind}) AS "{name}"'
    default = {"deliveries": "1", "workspace": "''"}.get(name, "NULL")
    return f'CAST({default} AS {kind}) AS "{name}"'


def _parquet_of(folder: Path, name: str) -> str | None:
    if (folder / f"{name}.parquet").is_file():
        return str(folder / f"{name}.parquet").replace("'", "''")
    if any((folder / name).glob("*.parquet")):
        return str(folder / name / "*.parquet").replace("'", "''")
    return None


def _explain(error: duckdb.Error, path: object) -> UserError:
    text = str(error)
    holder = re.search(r"PID (\d+)", text)
    if "lock" in text.lower() and holder:
        return StoreBusy(
            mark(
                "The data folder is in use by process {pid} ({path}). Stop it, or give another folder in PERCORSO_DATA."
            ),
            pid=holder.group(1),
            path=str(path),
        )
    if "no space left" in text.lower() or "could not write" in text.lower():
        return UserError(
            mark("The disk is full: nothing of this batch was stored. Free some space and run the same command again.")
        )
    return UserError(mark("The figures' database refused: {reason}"), reason=text)
