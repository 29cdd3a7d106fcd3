"""How the cost of questions about behaviour grows from one to a hundred million events."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.behaviour import filled, questions, shortest
from percorso.analytics.store import Store

SIZES = (1_000_000, 10_000_000, 100_000_000)
# Some of what is measured at a small size is the same at every size.
ALLOWED = 1.1


def compare(folder: Path, console: Console, sizes: tuple[int, ...] = SIZES) -> bool:
    """Print how long each takes, and how many times as long as for a tenth of the rows. Takes a quarter of an hour."""
    took: dict[str, list[float]] = {}
    for rows in sizes:
        file, in_order_ms = filled(folder, rows)
        if in_order_ms:
            took.setdefault("putting the events in order", []).append(in_order_ms)
        with Store.open(file) as store:
            for name, question in questions(store).items():
                took.setdefault(name, []).append(shortest(question, turns=5 if rows < SIZES[-1] else 3))
    table = Table(title="milliseconds by the number of events, of a fiftieth as many customers")
    table.add_column("")
    for rows in sizes:
        table.add_column(f"{rows:,}", justify="right")
    table.add_column("last, times the one before", justify="right")
    for name, ms in took.items():
        if len(ms) == len(sizes):
            table.add_row(name, *(f"{each:,.0f}" for each in ms), f"{ms[-1] / ms[-2]:.1f}")
    console.print(table)
    whole = sizes[-1] / sizes[0]
    return all(ms[-1] / ms[0] <= whole * ALLOWED for ms in took.values() if len(ms) == len(sizes))
