"""`measure` against the best hand-written SQL, ClickHouse's engine, pandas and polars."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import clickhouse_connect
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from bench.data import parquet
from bench.questions import QUESTIONS, Question
from percorso.analytics.measure import measure
from percorso.analytics.store import Store

RUNS = 5
READ_BYTES_A_SECOND = 17.5e9  # two cores, specification engine.md section 4
BYTES_A_VALUE = 8


def best(run: Callable[[], Any], runs: int = RUNS) -> float:
    """Return the shortest of some runs, in milliseconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def filled(folder: Path, rows: int) -> Store:
    """Return a store in one DuckDB file, filled through `append` as any import would."""
    source, file = parquet(folder, rows), folder / f"facts-{rows}.duckdb"
    fresh = not file.exists()
    store = Store.open(file)
    if fresh:
        for name in ("answers", "tickets", "ticket_events"):
            for batch in pq.ParquetFile(source / f"{name}.parquet").iter_batches(250_000):
                import pyarrow as pa

                store.append(name, pa.Table.from_batches([batch]))
    return store


def compare(folder: Path, rows: int, console: Console) -> bool:
    """Print the table of one size; return whether the targets are reached."""
    source, store = parquet(folder, rows), filled(folder, rows)
    click = clickhouse_connect.get_client(dsn="chdb://memory/default")
    table = Table(title=f"{rows:,} rows: milliseconds, the shortest of {RUNS} runs", header_style="bold")
    columns = (
        "question",
        "measure",
        "hand SQL",
        "allowed",
        "of allowed",
        "chDB",
        "polars",
        "pandas",
        "scan bound",
        "share of bound",
    )
    for i, name in enumerate(columns):
        table.add_column(name, justify="left" if i == 0 else "right")
    reached = True
    for question in QUESTIONS:
        times = _times(question, store, source, click)
        allowed = 1.15 * times["hand"] + 30
        others = {name: times[name] for name in ("chdb", "polars", "pandas")}
        bound = rows * len(question.scanned) * BYTES_A_VALUE / READ_BYTES_A_SECOND * 1000
        ok = times["measure"] <= allowed and times["measure"] <= min(others.values())
        reached &= ok
        cells = [
            f"{times['measure']:.0f}",
            f"{times['hand']:.0f}",
            f"{allowed:.0f}",
            f"{times['measure'] / allowed:.2f}",
        ]
        cells += [f"{t:.0f} ({t / times['measure']:.1f}×)" for t in others.values()]
        table.add_row(
            question.name, *cells, f"{bound:.1f}", f"{bound / times['measure']:.0%}", style=None if ok else "red"
        )
    console.print(table)
    store.close()
    click.close()
    return reached


def _times(question: Question, store: Store, source: Path, click: Any) -> dict[str, float]:
    names = ("answers", "tickets", "ticket_events")
    sql = question.chdb.format(**{name: f"file('{source / name}.parquet', Parquet)" for name in names})
    return {
        "measure": best(lambda: measure(store, question.query)),
        "hand": best(lambda: store.engine.fetch(question.duckdb)),
        "chdb": best(lambda: click.query_arrow(sql), 3),
        "polars": best(lambda: question.polars(source), 3),
        "pandas": best(lambda: question.pandas(source), 2),
    }
