"""An id counts once for good, although the table is looked through only where its hash was seen before."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from percorso.analytics.engines.seen import SeenIds
from percorso.analytics.store import Store

ROWS = [{"id": f"e{i}", "name": "view", "customer": f"c{i % 7}", "at": "2025-03-01T10:00:00Z"} for i in range(500)]


@given(st.lists(st.lists(st.integers(0, 60), max_size=12), max_size=20), st.lists(st.integers(0, 80), max_size=30))
def test_what_was_added_is_found_whatever_the_batches(batches: list[list[int]], asked: list[int]) -> None:
    seen = SeenIds(np.array([], dtype=np.uint64))
    for batch in batches:
        seen.add(np.array(batch, dtype=np.uint64))
    known = {number for batch in batches for number in batch}
    found = seen.among(np.array(asked, dtype=np.uint64))
    assert found.tolist() == [number in known for number in asked]
    assert len(seen) == sum(map(len, batches))


@pytest.mark.parametrize("url", [":memory:", "file"])
def test_a_repeated_row_counts_once_also_after_opening_again(tmp_path: Path, url: str) -> None:
    place = tmp_path / "facts.duckdb" if url == "file" else url
    store = Store.open(place)
    assert store.append("events", ROWS[:300], workspace="a").new == 300
    if url == "file":
        store.close()
        store = Store.open(place)
    again = store.append("events", ROWS[250:] + ROWS[250:260], workspace="a")
    assert (again.new, again.repeated) == (200, 60)
    # Another workspace has ids of its own.
    assert store.append("events", ROWS[:10], workspace="b").new == 10
    assert store.append("events", ROWS[:10], workspace="b").repeated == 10
    rows = store.table("events", "a").execute()
    assert sorted(rows["id"]) == sorted(row["id"] for row in ROWS)
    assert rows.set_index("id")["deliveries"].to_dict()["e255"] == 3
    store.close()


def test_what_was_withdrawn_can_come_again() -> None:
    with Store.open() as store:
        store.append("events", ROWS[:10], workspace="a", batch="one")
        store.withdraw("a", "one")
        assert store.append("events", ROWS[:10], workspace="a").new == 10
        assert store.table("events", "a").count().execute() == 10


@pytest.mark.parametrize("url", [":memory:", "chdb://memory/default"])
def test_equal_texts_have_equal_numbers_and_others_have_others(url: str) -> None:
    with Store.open(url) as store:
        store.append("events", ROWS[:40], workspace="a")
        t = store.table("events", "a")
        number = store.engine.hashed(t.customer)
        rows = store.engine.fetch(store.engine.sql(t.select("customer", number=number))).to_pylist()
        assert len({(row["customer"], row["number"]) for row in rows}) == len({row["number"] for row in rows}) == 7
