"""Text from people reaches both engines as text: in facts, in filters, in breakdowns, whatever it holds."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from percorso.analytics.measure import measure
from percorso.analytics.query import Query
from percorso.analytics.store import Store

NASTY = (
    "'",
    "''",
    "\\",
    "\\'",
    "a'; DROP TABLE answers; --",
    '"',
    "«start»",
    "{x}",
    "%s",
    "?",
    "\n",
    "$1",
    "é'ü\\",
    "' OR ''='",
)
# PostgreSQL-like engines and Arrow refuse NUL and lone surrogates; readers replace them before.
TEXT = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=12),
)


@pytest.fixture(scope="module")
def stores() -> Iterator[list[Store]]:
    opened = [Store.open(":memory:"), Store.open("chdb://memory/default")]
    yield opened
    for store in opened:
        store.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXT)
def test_any_text_is_a_value_and_nothing_else(stores: list[Store], text: str) -> None:
    row = {"id": "1", "at": datetime(2025, 5, 5, tzinfo=UTC), "metric": "nps", "score": 9}
    for store in stores:
        store.append("answers", [{**row, "channel": text}, {**row, "id": "2", "channel": "other"}], workspace="texts")

        inside = measure(store, Query(("nps",), "texts", segment={"channel": (text,)}))
        parts = measure(store, Query(("nps",), "texts", by=("channel",)))

        assert inside.rows[0].n == (2 if text == "other" else 1)
        assert text in {cell.by["channel"] for cell in parts.rows}
