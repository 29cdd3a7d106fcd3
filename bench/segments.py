"""A segment of a million customers by five conditions on ten million events: compiling it, and running it."""

import time
from datetime import UTC, datetime
from pathlib import Path

import ibis
from rich.console import Console
from rich.table import Table

from percorso.analytics.engines.duckdb import DuckDBEngine
from percorso.analytics.methods.base import Ask
from percorso.analytics.run import fill, written
from percorso.analytics.segments import customers_in, parse
from percorso.analytics.store import Store

CUSTOMERS, EVENTS = 1_000_000, 10_000_000
ALLOWED_SECONDS = 2.0
RUNS = 3
AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
RULE = {
    "all": [
        {"did": "events", "where": {"name": ["Order Completed"]}, "at_least": 1, "within_days": 180},
        {"did": "events", "where": {"name": ["Product Added"]}, "at_least": 2},
        {"any": [
            {"did": "events", "where": {"name": ["Feature Used"]}, "at_least": 1, "within_days": 60},
            {"last": "events", "where": {"name": ["Signed In"]}, "at_most_days": 90},
        ]},
        {"not": {"did": "events", "where": {"name": ["Checkout Started"]}, "at_least": 4}},
    ]
}  # fmt: skip
FILL = f"""
    SELECT setseed(0.5);
    INSERT INTO customers (workspace, id, customer, "at", deliveries)
    SELECT 'w', 'customer-' || i, 'customer-' || i, TIMESTAMP '2025-01-01', 1 FROM range({CUSTOMERS}) t(i);
    INSERT INTO events (workspace, id, customer, identity, "at", name, deliveries)
    SELECT 'w', 'event-' || i, c, c, TIMESTAMP '2025-01-01' + to_seconds(random() * 31536000),
           ['Page Viewed', 'Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed', 'Feature Used',
            'Signed In'][1 + (random() * 7)::INT % 7], 1
    FROM (SELECT i, 'customer-' || (random() * {CUSTOMERS - 1})::INT AS c FROM range({EVENTS}) t(i));
"""


def compare(folder: Path, console: Console) -> bool:
    """Print how long the segment takes; return whether it is within what is allowed."""
    file = folder / "segment.duckdb"
    fresh = not file.exists()
    with Store.open(file) as store:
        engine = store.engine
        assert isinstance(engine, DuckDBEngine)
        if fresh:
            engine.connection.execute(FILL)
        ask = Ask(store, "w", AS_OF, {}, 0.95, None)
        start = time.perf_counter()
        expr = customers_in(ask, parse(RULE))
        sql = fill(engine.sql(expr.aggregate(n=ibis._.count())), written({"as_of": AS_OF}))
        compiled = time.perf_counter() - start
        times = []
        for _ in range(RUNS):
            start = time.perf_counter()
            found = engine.fetch(sql)["n"][0].as_py()
            times.append(time.perf_counter() - start)
    table = Table(title="a segment by five conditions on ten million events of a million customers")
    for name in ("customers found", "compile, ms", "run, s (shortest)", "run, s (longest)", "allowed, s"):
        table.add_column(name, justify="right")
    table.add_row(
        f"{found:,}", f"{compiled * 1000:.0f}", f"{min(times):.2f}", f"{max(times):.2f}", f"{ALLOWED_SECONDS}"
    )
    console.print(table)
    return max(times) + compiled <= ALLOWED_SECONDS
