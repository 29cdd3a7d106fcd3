"""ClickHouse: a server or cluster by URL, or its engine inside this process (chDB).

Facts lie in ``<table>_rows`` as ReplacingMergeTree: the last delivery of an id wins whenever parts merge, so an append
that was cut off can be repeated. Readers see ``<table>``, a view over FINAL, where every id counts once at any time.
"""

import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import clickhouse_connect
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from percorso.analytics.engines.base import Appended, Engine, builtin, with_offset
from percorso.analytics.tables import FORGOTTEN, Kind, Table

TYPES: dict[Kind, str] = {
    "text": "Nullable(String)",
    "number": "Nullable(Float64)",
    "integer": "Nullable(Int64)",
    "flag": "Nullable(Bool)",
    "instant": "Nullable(DateTime64(6, 'UTC'))",
    "json": "Nullable(String)",
}
KEYS = ("workspace", "id")
INSTANT = "timestamp('UTC', 6)"


_epoch_us = builtin("toUnixTimestamp64Micro", (INSTANT,), "int64")
_from_unix_us = builtin("fromUnixTimestamp64Micro", ("int64", "string"), INSTANT)
_hash = builtin("cityHash64", ("string",), "uint64")
_rest = builtin("modulo", ("uint64", "uint64"), "uint64")
_json_string = builtin("JSONExtractString", ("string", "string"), "string")
_json_strings = builtin("JSONExtract", ("string", "string"), "array<string>")
_parsed = builtin("parseDateTime64BestEffortOrNull", ("string", "int64"), INSTANT)
_exact_median = ibis.udf.agg.builtin(
    # quantile and median of ClickHouse look at a sample of more than 8192 rows.
    lambda x: ...,
    name="quantileExactInclusive",
    signature=((ibis.dtype("float64"),), ibis.dtype("float64")),
)
_json_raw = builtin("JSONExtractRaw", ("string", "string"), "string")


class ClickHouseEngine(Engine):
    """One ClickHouse client; statements of all threads pass one after the other."""

    def __init__(self, dsn: str) -> None:
        self.client: Any = clickhouse_connect.get_client(dsn=dsn)
        self.backend = ibis.clickhouse.from_connection(self.client)
        self._lock = threading.RLock()

    def create(self, table: Table) -> None:
        columns = ", ".join(f"`{c.name}` {'String' if c.name in KEYS else TYPES[c.kind]}" for c in table.columns)
        self.execute(
            f"CREATE TABLE IF NOT EXISTS {table.name}_rows ({columns}, delivery Int64)"
            " ENGINE = ReplacingMergeTree(delivery) ORDER BY (workspace, id)"
        )
        for column in table.columns:
            self.execute(f"ALTER TABLE {table.name}_rows ADD COLUMN IF NOT EXISTS `{column.name}` {TYPES[column.kind]}")
        names = ", ".join(f"`{name}`" for name in table.names)
        self.execute(f"CREATE OR REPLACE VIEW {table.name} AS SELECT {names} FROM {table.name}_rows FINAL")

    def append(self, table: Table, rows: pa.Table, workspace: str) -> Appended:
        staged = f"staged_{uuid.uuid4().hex}"
        names = ", ".join(f"`{name}`" for name in table.names)
        with self._lock:
            self.execute(f"CREATE TABLE {staged} AS {table.name}_rows ENGINE = Memory")
            try:
                place = pa.array(range(rows.num_rows), pa.int64())
                self.client.insert_arrow(staged, rows.append_column("delivery", place))
                distinct, known = self._known(table, staged, workspace)
                self.execute(_LAST_DELIVERED.format(
                    names=names, rows=f"{table.name}_rows", staged=staged, workspace=_quote(workspace), now=time.time_ns(),
                    order="DESC" if table.repeated == "last" else "ASC",
                ))  # fmt: skip
            finally:
                self.execute(f"DROP TABLE {staged}")
        return Appended(rows.num_rows, distinct - known, rows.num_rows - distinct + known)

    def _known(self, table: Table, staged: str, workspace: str) -> tuple[int, int]:
        distinct = self.client.query(f"SELECT uniqExact(id) FROM {staged}").first_row[0]
        known = self.client.query(
            f"SELECT uniqExact(id) FROM {table.name}_rows"
            f" WHERE workspace = {_quote(workspace)} AND id IN (SELECT id FROM {staged})"
        ).first_row[0]
        return distinct, known

    def update(self, table: Table, values: Mapping[str, str | None], where: Mapping[str, str]) -> None:
        sets = ", ".join(f"`{name}` = {'NULL' if v is None else _quote(v)}" for name, v in values.items())
        self.execute(f"ALTER TABLE {table.name}_rows UPDATE {sets} WHERE {_tests(where)} SETTINGS mutations_sync = 2")

    def move(self, table: Table, workspace: str, customers: Mapping[str, str]) -> bool:
        olds, news = (", ".join(_quote(i) for i in every) for every in (customers, customers.values()))
        where = f"workspace = {_quote(workspace)} AND identity IN ({olds})"
        rows = self.fetch(
            f"SELECT count() AS n FROM {table.name}_rows WHERE {where} AND customer != transform(identity, [{olds}], [{news}], '')"
        )
        if not rows["n"][0].as_py():
            return False
        self.execute(
            f"ALTER TABLE {table.name}_rows UPDATE customer = transform(identity, [{olds}], [{news}], '') WHERE {where}"
            " SETTINGS mutations_sync = 2"
        )
        return True

    def delete(self, table: Table, where: Mapping[str, str]) -> None:
        self.execute(f"ALTER TABLE {table.name}_rows DELETE WHERE {_tests(where)} SETTINGS mutations_sync = 2")

    def rewrite(self, table: Table, columns: Sequence[str], workspace: str, pattern: str, text: str) -> None:
        # What rows are sorted by cannot be changed.
        free = [name for name in columns if name not in KEYS]
        wanted, to = _quote(f"(?i){pattern}"), _quote(text)
        sets = ", ".join(f"`{name}` = replaceRegexpAll(`{name}`, {wanted}, {to})" for name in free)
        tests = " OR ".join(f"match(ifNull(`{name}`, ''), {wanted})" for name in free)
        self.execute(
            f"ALTER TABLE {table.name}_rows UPDATE {sets} WHERE workspace = {_quote(workspace)} AND ({tests})"
            " SETTINGS mutations_sync = 2"
        )

    def end(self, table: Table, workspace: str, before: str, emptied: Sequence[str], salt: str) -> None:
        where = f"workspace = {_quote(workspace)} AND `at` < toDateTime64({_quote(before)}, 6, 'UTC')"
        if not salt:
            self.execute(f"ALTER TABLE {table.name}_rows DELETE WHERE {where} SETTINGS mutations_sync = 2")
            return
        sets = "".join(f", `{name}` = NULL" for name in emptied)
        whose = (
            f"concat('{FORGOTTEN}', left(lower(hex(MD5(concat({_quote(salt)}, coalesce(customer, identity))))), 16))"
        )
        known = f"coalesce(customer, identity, '') NOT LIKE '{FORGOTTEN}%'"
        self.execute(
            f"ALTER TABLE {table.name}_rows UPDATE customer = {whose}{sets} WHERE {where} AND {known}"
            " SETTINGS mutations_sync = 2"
        )

    def withdraw(self, table: Table, workspace: str, batch: str) -> None:
        # An earlier delivery that waits to be merged away would come back.
        self.compact(table)
        super().withdraw(table, workspace, batch)

    def compact(self, table: Table) -> None:
        # The order is the sorting key's; what can be done is to leave one delivery of each id.
        self.execute(f"OPTIMIZE TABLE {table.name}_rows FINAL")

    def fetch(self, sql: str) -> pa.Table:
        with self._lock:
            return self.client.query_arrow(sql, use_strings=True)

    def execute(self, sql: str) -> None:
        """Run a statement that returns nothing."""
        with self._lock:
            self.client.command(sql)

    def keep_integers(self, name: str, rows: pa.Table) -> None:
        columns = ", ".join(f"`{column}` Int64" for column in rows.column_names)
        with self._lock:
            if not self.client.query(f"EXISTS TABLE {name}").first_row[0]:
                self.execute(f"CREATE TABLE {name} ({columns}) ENGINE = MergeTree ORDER BY {rows.column_names[0]}")
                self.client.insert_arrow(name, rows)

    def close(self) -> None:
        self.client.close()

    def epoch_us(self, instant: ir.TimestampColumn) -> ir.IntegerColumn:
        return _epoch_us(instant)

    def instant(self, text: str) -> ir.TimestampScalar:
        return ibis.literal(text).cast(INSTANT)

    def hashed(self, text: ir.StringColumn) -> ir.IntegerColumn:
        return _hash(text)

    def rest(self, hashed: ir.IntegerColumn, by: ir.IntegerValue) -> ir.IntegerColumn:
        return _rest(hashed, by)

    def from_epoch_us(self, microseconds: ir.IntegerColumn) -> ir.TimestampColumn:
        return _from_unix_us(microseconds, "UTC")

    def median(self, column: ir.NumericColumn) -> ir.FloatingScalar:
        return _exact_median(column.cast("float64"))

    def escaped(self, text: str) -> str:
        return text.replace("\\", "\\\\").replace("'", "\\'")

    def json_text(self, document: ir.StringColumn, key: str) -> ir.StringColumn:
        # JSONExtractString gives '' for numbers and absent keys alike; the raw form tells them apart.
        raw = _json_raw(document, key)
        text = ibis.ifelse(raw.startswith('"'), _json_string(document, key), raw)
        return ibis.ifelse(document.isnull() | (raw == "") | (raw == "null"), ibis.null("string"), text)

    def json_texts(self, document: ir.StringColumn) -> ir.ArrayColumn:
        return _json_strings(document.fill_null("[]"), "Array(String)")

    def told_instant(self, text: ir.StringColumn) -> ir.TimestampColumn:
        return _parsed(with_offset(text), 6)


_LAST_DELIVERED = """INSERT INTO {rows} ({names}, delivery)
SELECT {names}, {now} AS delivery FROM (
    SELECT * REPLACE (times + ifNull(k.before, 0) AS deliveries)
    FROM (
        SELECT *, count() OVER (PARTITION BY id) AS times,
               row_number() OVER (PARTITION BY id ORDER BY delivery {order}) AS turn
        FROM {staged}
    ) i LEFT JOIN (
        SELECT id, deliveries AS before FROM {rows} FINAL
        WHERE workspace = {workspace} AND id IN (SELECT id FROM {staged})
    ) k ON i.id = k.id WHERE turn = 1
)"""


def _tests(where: Mapping[str, str]) -> str:
    return " AND ".join(f"`{name}` = {_quote(value)}" for name, value in where.items())


def _quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
