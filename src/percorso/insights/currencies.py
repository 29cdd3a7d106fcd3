"""Amounts of several currencies: pages show a figure for each of them, where the API says that there is none."""

from collections.abc import Iterable
from dataclasses import replace

from percorso.analytics.measure import measure_with_series
from percorso.analytics.query import Grain, Query
from percorso.analytics.result import Cell, Result
from percorso.analytics.store import Store


def measure_apart(store: Store, query: Query, grain: Grain) -> tuple[Result, Result]:
    """Return the figures of `query` and their series; those of several currencies by currency."""
    total, series = measure_with_series(store, query, grain)
    mixed = tuple(dict.fromkeys(c.indicator for c in total if c.status == "mixed_currencies"))
    if not mixed or "currency" in query.by:
        return total, series
    apart = measure_with_series(store, replace(query, indicators=mixed, by=(*query.by, "currency")), grain)
    return _exchanged(total, apart[0], mixed), _exchanged(series, apart[1], mixed)


def _exchanged(result: Result, apart: Result, keys: Iterable[str]) -> Result:
    """Return a result with the cells of `keys` from another one."""
    rows: list[Cell] = []
    for key in result.query.indicators:
        rows += apart.of(key) if key in keys else result.of(key)
    statements = {**result.statements, **{key: apart.statements[key] for key in keys}}
    return Result(result.query, tuple(rows), statements)


def groups_of(result: Result) -> tuple[str, ...]:
    """Return the columns by which the cells of a result are broken down."""
    return tuple(dict.fromkeys(name for cell in result for name in cell.by))
