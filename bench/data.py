"""Facts for the comparisons, as Parquet: made once per size, the same rows every time."""

from pathlib import Path

import duckdb

ANSWERS = """
SELECT '' AS workspace, 'a' || i AS id, 'c' || (hash(i) % 200000) AS customer, 'c' || (hash(i) % 200000) AS identity,
    TIMESTAMP '2024-01-01' + INTERVAL (i * 63072000 // {n}) SECOND AS "at",
    ['email', 'phone', 'chat', 'web'][1 + (hash(i * 7) % 4)::INT] AS channel,
    CASE hash(i * 3) % 2 WHEN 0 THEN 'nps' ELSE 'csat' END AS metric,
    CASE hash(i * 3) % 2 WHEN 0 THEN (hash(i * 11) % 11)::DOUBLE ELSE 1 + (hash(i * 11) % 5)::DOUBLE END AS score,
    CASE hash(i * 3) % 2 WHEN 0 THEN 0.0 ELSE 1.0 END AS scale_min,
    CASE hash(i * 3) % 2 WHEN 0 THEN 10.0 ELSE 5.0 END AS scale_max,
    'higher' AS polarity, 'customer' AS population,
    CASE hash(i * 23) % 8 WHEN 0 THEN 'service' WHEN 1 THEN 'product' END AS aspect, 1 AS deliveries
FROM range({n}) t(i)
"""

# Four events a ticket: the customer's message, the first reply, another reply, the resolution.
TICKETS = """
SELECT '' AS workspace, 't' || i AS id, 'c' || (hash(i) % 200000) AS customer, 'c' || (hash(i) % 200000) AS identity,
    TIMESTAMP '2024-01-01' + INTERVAL (i * 63072000 // {n}) SECOND AS "at",
    TIMESTAMP '2024-01-01' + INTERVAL (i * 63072000 // {n}) SECOND AS opened_at,
    ['email', 'phone', 'chat', 'web'][1 + (hash(i * 7) % 4)::INT] AS channel, 1 AS deliveries
FROM range({n}) t(i)
"""
EVENTS = """
SELECT '' AS workspace, 't' || i || '-' || k AS id, 't' || i AS ticket,
    TIMESTAMP '2024-01-01' + INTERVAL (i * 63072000 // {n}) SECOND + INTERVAL (CASE k WHEN 0 THEN 0
        WHEN 1 THEN 60 + hash(i * 13) % 7200 WHEN 2 THEN 8000 + hash(i * 17) % 7200
        ELSE 20000 + hash(i * 19) % 200000 END::BIGINT) SECOND AS "at",
    CASE WHEN k = 3 THEN 'resolved' ELSE 'message' END AS kind,
    CASE k WHEN 0 THEN 'customer' ELSE 'agent' END AS actor, true AS public, 1 AS deliveries
FROM range({n}) t(i), range(4) e(k)
"""


def parquet(folder: Path, rows: int) -> Path:
    """Return a folder with `rows` answers, and `rows` ticket events of a fourth as many tickets, as Parquet files."""
    target = folder / f"parquet-{rows}"
    if not (target / "done").exists():
        target.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as connection:
            for name, sql, n in (
                ("answers", ANSWERS, rows),
                ("tickets", TICKETS, rows // 4),
                ("ticket_events", EVENTS, rows // 4),
            ):
                connection.execute(f"COPY ({sql.format(n=n)}) TO '{target / name}.parquet' (COMPRESSION zstd)")
        (target / "done").touch()
    return target


def csv(folder: Path, rows: int) -> Path:
    """Return a CSV survey export of `rows` answers, as people have them: header in Portuguese, local times."""
    target = folder / f"survey-{rows}.csv"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as connection:
            connection.execute(f"""COPY (
                SELECT 'r' || i AS "ID da resposta", 'c' || (hash(i) % 200000) AS "Cliente",
                    strftime(TIMESTAMP '2024-01-01' + INTERVAL (i * 63072000 // {rows}) SECOND, '%d/%m/%Y %H:%M:%S') AS "Data",
                    hash(i * 11) % 11 AS "Nota", ['e-mail', 'telefone', 'chat'][1 + (hash(i * 7) % 3)::INT] AS "Canal"
                FROM range({rows}) t(i)) TO '{target}' (HEADER, DELIMITER ';')""")
    return target


# Visits of ten events, one after the other; customers and names as skewed as in real shops.
USED = """
SELECT '' AS workspace, md5(i::VARCHAR) AS id, 'c' || u AS customer, 'c' || u AS identity,
    make_timestamp(epoch_us(TIMESTAMP '2024-01-01') + (s * 15552000000000.0 / ({n} / 10))::BIGINT + (i % 10) * 60000000
        + (hash(i * 31) % 55000000)::BIGINT) AS "at",
    ['web', 'app', 'email', 'store', 'phone', 'chat'][1 + (hash(s) % 6)::INT] AS channel,
    names[1 + (hash(i * 7 + 3) % len(names))::INT] AS name, '/p/' || (hash(i * 5) % 300) AS page,
    json_object('k', hash(i) % 1000, 'plan', ['basic', 'pro'][1 + (hash(u) % 2)::INT]) AS properties, 1 AS deliveries
FROM (SELECT i, i // 10 AS s, floor(({n} / 50) * pow((hash((i // 10) * 17) % 1000000007) / 1000000007.0, 1.5))::BIGINT AS u
    FROM range({n}) t(i)), picks
"""
FIRST_NAMES = ("search", "view", "product", "scroll", "click", "cart", "login", "home", "help", "filter", "purchase")


def events(folder: Path, rows: int) -> Path:
    """Return `rows` events of 60 names (Zipf 1.1) of a fiftieth as many customers, as a Parquet file."""
    target = folder / f"events-{rows}.parquet"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        names = [*FIRST_NAMES, *(f"event {i}" for i in range(len(FIRST_NAMES), 60))]
        weights = [1 / place**1.1 for place in range(1, 61)]
        picks = [
            name for name, w in zip(names, weights, strict=True) for _ in range(max(1, round(1000 * w / sum(weights))))
        ]
        with duckdb.connect() as connection:
            connection.execute("CREATE TABLE picks AS SELECT $1::VARCHAR[] AS names", [picks])
            connection.execute(f"COPY ({USED.format(n=rows)}) TO '{target}.part' (FORMAT parquet, COMPRESSION zstd)")
        Path(f"{target}.part").rename(target)
    return target
