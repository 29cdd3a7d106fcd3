"""Twenty indicators asked together against the same twenty asked apart, on ten million facts of the demo company."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from percorso.analytics.measure import measure, measure_with_series
from percorso.analytics.query import Period, Query
from percorso.analytics.store import Store
from percorso.demo import fill

SCALE = 4.6  # ten million facts
TZ = "America/Sao_Paulo"
KEYS = (
    "nps", "csat", "ces", "enps", "sps", "response_rate", "completion_rate", "review_rating", "abandonment_rate",
    "service_level", "average_speed_of_answer", "average_waiting_time", "average_handling_time", "first_response_time",
    "average_resolution_time", "median_resolution_time", "fcr", "reopen_rate", "sla_compliance", "escalation_rate",
)  # fmt: skip


def compare(folder: Path, console: Console) -> bool:
    """Print how long figures with their changes and series take; return whether together is faster than apart."""
    file = folder / "demo-10m.duckdb"
    fresh = not file.exists()
    with Store.open(file) as store:
        if fresh:
            fill(store, workspace="demo", until=datetime.now(UTC).date(), scale=SCALE)
        query = Query(KEYS, "demo", Period.preset("last_12_months", TZ), compare="previous", tz=TZ)
        series = Query(KEYS, "demo", query.period, grain="month", tz=TZ)
        alone = [(Query((k,), "demo", query.period, compare="previous", tz=TZ), Query((k,), "demo", query.period, grain="month", tz=TZ)) for k in KEYS]  # fmt: skip
        together = _shortest(lambda: measure_with_series(store, query, "month"))
        two = _shortest(lambda: (measure(store, query), measure(store, series)))
        apart = _shortest(lambda: [measure(store, one) for pair in alone for one in pair])
    table = Table(title="twenty indicators on ten million facts: figure, change and twelve months, in milliseconds")
    for name in ("in one question", "figures and series apart", "each alone", "ratio"):
        table.add_column(name, justify="right")
    table.add_row(f"{together:.0f}", f"{two:.0f}", f"{apart:.0f}", f"{apart / together:.1f}×")
    console.print(table)
    return together < apart


def _shortest(run: Callable[[], object]) -> float:
    run()
    times = []
    for _ in range(3):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times) * 1000
