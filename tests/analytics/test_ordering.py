"""A large table is put in order part by part: every row is there once, in one order, whoever it is of."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from percorso.analytics.engines import ordering
from percorso.analytics.engines.duckdb import DuckDBEngine
from percorso.analytics.store import Store
from percorso.analytics.tables import TABLES

EVENTS = TABLES["events"]
CUSTOMERS = ["ana", "bia", "c1", "c10", "d'Ávila", "o''x", "zoë", None]


def rows(count: int, seed: int) -> list[dict[str, Any]]:
    random = np.random.default_rng(seed)
    return [
        {
            "id": f"{seed}-{i}",
            "at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=int(random.integers(0, 10_000))),
            "name": "seen",
            "customer": random.choice(np.array(CUSTOMERS, dtype=object)),
        }
        for i in range(count)
    ]


@pytest.mark.parametrize("rows_at_once", [50, 333, 10_000])
def test_every_row_is_there_once_and_in_its_place(
    tmp_path: Path, rows_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "ROWS_AT_ONCE", rows_at_once)
    with Store.open(tmp_path / "facts.duckdb") as store:
        told = {workspace: rows(400, seed) for seed, workspace in enumerate(("", "one", "o'two", "z"))}
        for workspace, given in told.items():
            store.append("events", given, workspace=workspace)
        assert isinstance(store.engine, DuckDBEngine)
        for late in (0, 60):
            if late:
                more = rows(late, 9)
                told["one"] += more
                store.append("events", more, workspace="one")
            store.engine.compact(EVENTS)
            found = store.engine.fetch('SELECT workspace, customer, "at", id FROM events').to_pylist()
            assert sorted((row["workspace"], row["id"]) for row in found) == sorted(
                (workspace, row["id"]) for workspace, given in told.items() for row in given
            )
            places = [(row["workspace"], row["customer"] is None, row["customer"] or "", row["at"]) for row in found]
            assert places == sorted(places)
            assert store.engine.out_of_order(EVENTS) == 0


def test_owners_cut_a_table_into_like_parts(tmp_path: Path) -> None:
    with Store.open(tmp_path / "facts.duckdb") as store:
        given = [
            {"id": str(i), "at": datetime(2026, 1, 1, tzinfo=UTC), "name": "seen", "customer": f"c{i:06}"}
            for i in range(30_000)
        ]
        store.append("events", given, workspace="w")
        store.engine.compact(EVENTS)
        assert store.engine.owners_at(EVENTS, 3) == [("w", "c010000"), ("w", "c020000")]
        # Whoever was erased is named nowhere, neither in what is kept for the next question.
        store.engine.delete(EVENTS, {"workspace": "w", "customer": "c010000"})
        assert ("w", "c010000") not in store.engine.owners_at(EVENTS, 3)
