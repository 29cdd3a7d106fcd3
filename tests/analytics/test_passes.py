"""Figures asked together, with their series, are those that each question alone gives."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from math import isclose
from typing import Any

import pytest

from percorso.analytics.indicators import INDICATORS
from percorso.analytics.measure import measure, measure_with_series
from percorso.analytics.query import Period, Query
from percorso.analytics.result import Cell
from percorso.analytics.store import Store
from percorso.errors import BadQuestion
from tests.analytics.sample import facts

AS_OF = datetime(2025, 12, 1, tzinfo=UTC)
# Neither end is the end of a month: the first step reaches back into what is compared with.
PERIOD = Period(date(2025, 3, 10), date(2025, 9, 4), "America/Sao_Paulo")


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store.open(":memory:") as store:
        for table, rows in facts().items():
            store.append(table, rows, workspace="w")
        yield store


def same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) or a != a != b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


def told(cell: Cell) -> dict[str, Any]:
    """Return what a cell says, but for what depends on the other tests made with it."""
    change = vars(cell.change) if cell.change else {}
    joint = ("adjusted_p", "verdict", "good")
    return vars(cell) | {"change": {k: v for k, v in change.items() if k not in joint}}


@pytest.mark.parametrize(("compare", "grain"), [("previous", "month"), ("year", "week"), (None, "day")])
def test_together_is_what_each_is_alone(store: Store, compare: str | None, grain: Any) -> None:
    every = tuple(INDICATORS) if grain == "month" else ("nps", "csat", "ces", "backlog", "fcr", "service_level", "mrr")
    query = Query(every, "w", PERIOD, compare=compare, as_of=AS_OF)
    totals, series = measure_with_series(store, query, grain)
    differ = []
    for key in every:
        alone = replace(query, indicators=(key,))
        one, steps = measure(store, alone), measure(store, replace(alone, grain=grain, compare=None))
        pairs = [*zip(totals.of(key), one, strict=True), *zip(series.of(key), steps, strict=True)]
        differ += [key for a, b in pairs if not same(told(a), told(b))]
    assert differ == []


def test_scores_of_different_questions_and_parts_of_the_same_rows_are_read_once(store: Store) -> None:
    def passes(*keys: str) -> int:
        return len(set(measure(store, Query(keys, "w", PERIOD, as_of=AS_OF)).sql().values()))

    assert passes("nps", "csat", "ces", "enps", "sps") == 1
    assert passes("abandonment_rate", "service_level", "average_waiting_time", "average_speed_of_answer") == 1
    assert passes("response_rate", "completion_rate") == 1
    assert passes("average_resolution_time", "median_resolution_time") == 1
    assert passes("nrr", "grr", "expansion_rate") == 1


def test_a_series_has_its_own_grain(store: Store) -> None:
    with pytest.raises(BadQuestion, match="without a grain"):
        measure_with_series(store, Query(("nps",), "w", PERIOD, grain="day"), "month")
