"""Amounts of several currencies: pages show a figure for each of them, where the API says that there is none."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from percorso.analytics.measure import measure_with_series
from percorso.analytics.query import Grain, Query
from percorso.analytics.result import Cell, Result
from percorso.analytics.store import Store

Both = tuple[Result, Result]

# Which indicators of which workspace were of several currencies the last time: they need not be asked twice.
_mixed: set[tuple[str, str]] = set()


def measure_apart(store: Store, query: Query, grain: Grain) -> Both:
    """Return the figures of `query` and their series; those of several currencies by currency."""
    if "currency" in query.by:
        return measure_with_series(store, query, grain)
    guessed = [key for key in query.indicators if (query.workspace, key) in _mixed]
    apart = _by_currency(store, query, grain, guessed)
    apart = {key: both for key, both in apart.items() if _currencies(both[0], key) > 1}
    plain = _asked(store, query, grain, [key for key in query.indicators if key not in apart])
    mixed = [key for key, (total, _) in plain.items() if any(c.status == "mixed_currencies" for c in total.of(key))]
    apart |= _by_currency(store, query, grain, mixed)
    for key in query.indicators:
        (_mixed.add if key in apart else _mixed.discard)((query.workspace, key))
    every = plain | apart
    series = replace(query, grain=grain, compare=None)
    return _joined(query, {key: both[0] for key, both in every.items()}), _joined(
        series, {key: both[1] for key, both in every.items()}
    )


def _by_currency(store: Store, query: Query, grain: Grain, keys: Iterable[str]) -> dict[str, Both]:
    return _asked(store, replace(query, by=(*query.by, "currency")), grain, keys)


def _asked(store: Store, query: Query, grain: Grain, keys: Iterable[str]) -> dict[str, Both]:
    """Return the answers for some of the indicators, asked in one question."""
    wanted = tuple(keys)
    both = measure_with_series(store, replace(query, indicators=wanted), grain) if wanted else None
    return {key: both for key in wanted if both is not None}


def _currencies(result: Result, key: str) -> int:
    """Return in how many currencies there is something."""
    return len({cell.by["currency"] for cell in result.of(key) if cell.n})


def _joined(query: Query, results: Mapping[str, Result]) -> Result:
    """Return one result with the cells of each indicator from its own."""
    rows: list[Cell] = [cell for key in query.indicators for cell in results[key].of(key)]
    return Result(query, tuple(rows), {key: results[key].statements[key] for key in query.indicators})


def groups_of(result: Result) -> tuple[str, ...]:
    """Return the columns by which the cells of a result are broken down."""
    return tuple(dict.fromkeys(name for cell in result for name in cell.by))
