"""Questions about behaviour beside ClickHouse's own functions, the best SQL that we could write, polars and pandas."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import chdb.session
import duckdb
import pandas as pd
import polars as pl
from rich.console import Console
from rich.table import Table

from bench import apart
from bench.data import events
from percorso.analytics.behaviour.funnel import FunnelQuery, funnel
from percorso.analytics.behaviour.path_query import PathQuery
from percorso.analytics.behaviour.paths import paths
from percorso.analytics.behaviour.retention import RetentionQuery, RetentionResult, retention
from percorso.analytics.behaviour.transitions import transitions
from percorso.analytics.store import Store
from percorso.analytics.tables import TABLES

STEPS = ("search", "product", "cart", "purchase")
ANY_START, RETENTION = "funnel of four steps, any start", "retention over twelve weeks"
FIRST_START = "funnel, the first start"
FOLLOWING = "what follows what, exact medians"
LISTED = ", ".join(f"'{step}'" for step in STEPS)
AS_OF = datetime(2024, 12, 1, tzinfo=UTC)
WEEK = 7 * 86_400
TURNS = 5
# So many times as fast as retentioneering a funnel is to be.
TIMES = 15
# Any start counts, as windowFunnel has it.
ASOF = f"""
WITH f AS (SELECT customer u, "at" ts, name FROM events WHERE name IN ({LISTED})),
 s1 AS (SELECT u, ts, ts st FROM f WHERE name = 'search'),
 s2 AS (SELECT b.u, b.ts, a.st FROM (FROM f WHERE name = 'product') b ASOF JOIN s1 a ON a.u = b.u AND a.ts < b.ts WHERE b.ts - a.st <= INTERVAL 7 DAY),
 s3 AS (SELECT b.u, b.ts, a.st FROM (FROM f WHERE name = 'cart') b ASOF JOIN s2 a ON a.u = b.u AND a.ts < b.ts WHERE b.ts - a.st <= INTERVAL 7 DAY),
 s4 AS (SELECT b.u, b.ts, a.st FROM (FROM f WHERE name = 'purchase') b ASOF JOIN s3 a ON a.u = b.u AND a.ts < b.ts WHERE b.ts - a.st <= INTERVAL 7 DAY)
SELECT (SELECT count(DISTINCT u) FROM s1), (SELECT count(DISTINCT u) FROM s2), (SELECT count(DISTINCT u) FROM s3), (SELECT count(DISTINCT u) FROM s4)
"""
WINDOW_FUNNEL = f"""
SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3), countIf(level >= 4) FROM (
 SELECT customer, windowFunnel(604800000000)(toUInt64(toUnixTimestamp64Micro(at)), {", ".join(f"name = '{s}'" for s in STEPS)}) AS level
 FROM events WHERE name IN ({LISTED}) GROUP BY customer)
"""
BITMAPS = """
WITH weeks AS (SELECT customer, min("at") FILTER (name = 'login') AS first,
  bit_or(CASE WHEN name = 'search' THEN 1::BIGINT << (date_diff('week', DATE '2024-01-01', "at"::DATE)) ELSE 0 END) AS b
  FROM events WHERE name IN ('login', 'search') GROUP BY customer HAVING first IS NOT NULL)
SELECT date_trunc('week', first) AS cohort, count(*), {sums} FROM weeks GROUP BY cohort
""".format(
    sums=", ".join(f"sum((b >> (date_diff('week', DATE '2024-01-01', first::DATE) + {k})) & 1)" for k in range(13))
)
# What percorso answers: a return before somebody's start does not count, also in the week of the start.
EXACT = BITMAPS.replace(
    "FROM events WHERE name IN ('login', 'search') GROUP BY customer HAVING first IS NOT NULL",
    """FROM (SELECT customer, "at", name, min("at") FILTER (name = 'login') OVER (PARTITION BY customer) AS begun
   FROM events WHERE name IN ('login', 'search')) WHERE "at" >= begun GROUP BY customer""",
)
JOINED = BITMAPS.replace(
    "FROM events WHERE name IN ('login', 'search') GROUP BY customer HAVING first IS NOT NULL",
    """FROM events JOIN (SELECT customer, min("at") AS begun FROM events WHERE name = 'login' GROUP BY customer) USING (customer)
   WHERE name IN ('login', 'search') AND "at" >= begun GROUP BY customer""",
)
TRANSITIONS = """
SELECT name, following, count(*), median(taken) FROM (
 SELECT name, lead(name) OVER w AS following, epoch_us(lead("at") OVER w) - epoch_us("at") AS taken
 FROM events WINDOW w AS (PARTITION BY customer ORDER BY "at")) WHERE taken < 1800000000 GROUP BY ALL
"""
NEWEST = """SELECT * FROM events WHERE workspace = '' AND customer = 'c77' ORDER BY "at" DESC LIMIT 100"""


def questions(store: Store) -> dict[str, Callable[[], Any]]:
    """Return what is asked, by its name."""
    connection = store.engine.connection  # type: ignore[attr-defined]
    return {
        ANY_START: lambda: funnel(store, FunnelQuery(STEPS, WEEK, as_of=AS_OF, anchor="best")),
        FIRST_START: lambda: funnel(store, FunnelQuery(STEPS, WEEK, as_of=AS_OF)),
        RETENTION: lambda: retention(store, RetentionQuery("login", "search", as_of=AS_OF)),
        FOLLOWING: lambda: transitions(store, PathQuery(as_of=AS_OF)),
        "ways of five steps": lambda: paths(store, PathQuery(as_of=AS_OF, max_steps=5)),
        "newest hundred facts of a customer": lambda: connection.execute(NEWEST).to_arrow_table(),
    }


def compare(folder: Path, rows: int, console: Console) -> bool:
    """Print how long each takes on `rows` events kept by customer."""
    source, (file, _) = events(folder, rows), filled(folder, rows)
    with Store.open(file) as store:
        connection = store.engine.connection  # type: ignore[attr-defined]
        ours = {name: shortest(question) for name, question in questions(store).items()}
        by_hand = {
            ANY_START: shortest(lambda: connection.execute(ASOF).fetchall()),
            RETENTION: min(shortest(lambda sql=sql: connection.execute(sql).fetchall()) for sql in (EXACT, JOINED)),
            FOLLOWING: shortest(lambda: connection.execute(TRANSITIONS).fetchall()),
        }
        rough = shortest(lambda: connection.execute(BITMAPS).fetchall())
        same = _same_cohorts(retention(store, RetentionQuery("login", "search", as_of=AS_OF)), connection)
        counts = funnel(store, FunnelQuery(STEPS, WEEK, as_of=AS_OF, anchor="best")).total.counts
        first = funnel(store, FunnelQuery(STEPS, WEEK, as_of=AS_OF)).total.counts
        (others,) = connection.execute(ASOF).fetchall()
    native, native_counts = _clickhouse(source)
    frame = pl.read_parquet(source, columns=["customer", "at", "name"])
    lazy = shortest(lambda: _polars(frame))
    eager = shortest(lambda: _pandas(frame.to_pandas()), turns=1)
    funnels = {"chDB windowFunnel": native, "polars": lazy, "pandas": eager}
    table = Table(title=f"behaviour, {rows:,} events of {rows // 50:,} customers; milliseconds")
    for name in ("", "percorso", "SQL by hand", *funnels):
        table.add_column(name, justify="right" if name else "left")
    for name, took in ours.items():
        beside = [by_hand.get(name), *((funnels[each] if name == ANY_START else None) for each in funnels)]
        table.add_row(name, f"{took:.0f}", *(f"{b:.0f} ({b / took:.1f}×)" if b else "" for b in beside))
    console.print(table)
    console.print(f"people a step: {counts}; by hand {others}; windowFunnel {native_counts}")
    print(
        f"retention by SQL that also counts returns before the start: {rough:.0f} ms; cohorts equal to exact SQL's: {same}"
    )
    print(f"people a step, first start: {first}")
    beside = apart.measured(folder, source)
    print(apart.told(beside, ours[FIRST_START], ours[FOLLOWING]))
    if beside is not None:
        same &= beside["people"] == list(first) and beside["in_seven_days"] >= TIMES * ours[FIRST_START]
    return same and tuple(counts) == tuple(others) and ours[ANY_START] <= native


def _same_cohorts(found: RetentionResult, connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether each cohort has the same people, and as many of them back in each week that is over, by both exact ways."""
    ours = {cohort.start: (cohort.size, *(s and s.count for s in cohort.returned)) for cohort in found.total.cohorts}
    for sql in (EXACT, JOINED):
        theirs = {
            row[0].date() if isinstance(row[0], datetime) else row[0]: row[1:]
            for row in connection.execute(sql).fetchall()
        }
        if ours.keys() != theirs.keys() or any(
            a is not None and a != b for start, told in ours.items() for a, b in zip(told, theirs[start], strict=True)
        ):
            return False
    return True


def filled(folder: Path, rows: int) -> tuple[Path, float | None]:
    """Return a store of events in order, and how many milliseconds that took; None when it was there."""
    source, file = events(folder, rows), folder / f"behaviour-{rows}.duckdb"
    if file.exists():
        return file, None
    with Store.open(file) as store:
        connection: duckdb.DuckDBPyConnection = store.engine.connection  # type: ignore[attr-defined]
        connection.execute(f"INSERT INTO events BY NAME SELECT * FROM '{source}'")
        took = shortest(lambda: store.engine.compact(TABLES["events"]), turns=1)
    print(f"put {rows:,} events in order in {took / 1000:.1f} s")
    return file, took


def shortest(question: Callable[[], Any], turns: int = TURNS) -> float:
    """Return the milliseconds of the fastest of some runs."""
    took = []
    for _ in range(turns):
        begun = time.perf_counter()
        question()
        took.append((time.perf_counter() - begun) * 1000)
    return min(took)


def _clickhouse(source: Path) -> tuple[float, Any]:
    session = chdb.session.Session()
    session.query(
        "CREATE TABLE events (customer String, at DateTime64(6, 'UTC'), name LowCardinality(String)) ENGINE = MergeTree ORDER BY (customer, at)"
    )
    session.query(f"INSERT INTO events SELECT customer, at, name FROM file('{source}', Parquet)")
    took = shortest(lambda: session.query(WINDOW_FUNNEL))
    counts = str(session.query(WINDOW_FUNNEL, "CSV")).strip()
    session.close()
    return took, counts


def _polars(frame: pl.DataFrame) -> Any:
    rows = frame.lazy().filter(pl.col("name").is_in(STEPS)).sort("customer", "at")
    start = None
    for step in STEPS:
        here = pl.when(pl.col("name") == step)
        if start is None:
            rows = rows.with_columns(here.then(pl.col("at")).alias("start"))
        else:
            # The latest valid start of the step before, carried forward.
            carried = pl.col("start").forward_fill().over("customer")
            fits = pl.col("at") - carried <= pl.duration(days=7)
            rows = rows.with_columns(here.then(pl.when(fits).then(carried)).alias("next"))
            rows = rows.with_columns(pl.col("next").alias("start")).drop("next")
        start = rows.filter(pl.col("start").is_not_null()).select(pl.col("customer").n_unique())
        start.collect()
    return start


def _pandas(frame: pd.DataFrame) -> Any:
    rows = frame[frame["name"].isin(STEPS)].sort_values(["customer", "at"])
    start = rows["at"].where(rows["name"] == STEPS[0])
    for step in STEPS[1:]:
        carried = start.groupby(rows["customer"]).ffill()
        start = carried.where((rows["name"] == step) & (rows["at"] - carried <= pd.Timedelta(days=7)))
    return rows["customer"][start.notna()].nunique()
