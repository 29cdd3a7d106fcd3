"""Facts are stored once, whatever is retried, on both engines."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from percorso.analytics.engines.base import Appended
from percorso.analytics.store import Store
from percorso.analytics.tables import TABLES
from percorso.errors import BadQuestion, BadRows, StoreBusy

URLS = (":memory:", "chdb://memory/default")


@pytest.fixture(params=URLS)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with Store.open(request.param) as opened:
        for table in TABLES:
            opened.engine.delete(TABLES[table], {"workspace": "w"})
        yield opened


def rows(store: Store, table: str, *names: str) -> list[dict[str, Any]]:
    t = store.table(table, "w")
    return store.engine.fetch(store.engine.sql(t.order_by("id").select(*names))).to_pylist()


def test_an_id_counts_once_and_the_last_delivery_wins(store: Store) -> None:
    first = store.append("answers", [{"id": "a", "score": 9}, {"id": "b", "score": 3}], workspace="w")
    again = store.append("answers", [{"id": "a", "score": 7}, {"id": "c", "score": 1}], workspace="w")
    assert first == Appended(rows=2, new=2, repeated=0)
    assert again == Appended(rows=2, new=1, repeated=1)
    assert rows(store, "answers", "id", "score", "deliveries") == [
        {"id": "a", "score": 7.0, "deliveries": 2},
        {"id": "b", "score": 3.0, "deliveries": 1},
        {"id": "c", "score": 1.0, "deliveries": 1},
    ]


def test_an_id_twice_in_one_batch_counts_once(store: Store) -> None:
    appended = store.append("answers", [{"id": "a", "score": s} for s in (1, 2, 3)], workspace="w")
    assert appended == Appended(rows=3, new=1, repeated=2)
    assert rows(store, "answers", "score", "deliveries") == [{"score": 3.0, "deliveries": 3}]


def test_the_same_id_in_two_workspaces_is_two_facts(store: Store) -> None:
    store.append("answers", [{"id": "a", "score": 1}], workspace="w")
    store.append("answers", [{"id": "a", "score": 2}], workspace="elsewhere")
    assert rows(store, "answers", "score") == [{"score": 1.0}]


BATCHES = st.lists(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 10)), max_size=6), min_size=1, max_size=5)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=BATCHES, retried=st.data())
def test_retries_and_any_split_into_batches_store_the_same(
    store: Store, batches: list[Any], retried: st.DataObject
) -> None:
    store.engine.delete(TABLES["answers"], {"workspace": "w"})
    for batch in batches:
        for _ in range(retried.draw(st.integers(1, 2))):
            store.append("answers", [{"id": str(i), "score": s} for i, s in batch], workspace="w")
    expected = {str(i): float(score) for batch in batches for i, score in batch}
    assert {r["id"]: r["score"] for r in rows(store, "answers", "id", "score")} == expected


def test_instants_are_utc_with_microseconds(store: Store) -> None:
    local = datetime(2026, 3, 31, 20, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-3)))
    given_ = {"a": local, "b": "2026-03-31T23:30:00.123456Z", "c": local.astimezone(UTC).replace(tzinfo=None)}
    store.append("events", [{"id": k, "at": v} for k, v in given_.items()], workspace="w")
    stored = {r["at"].replace(tzinfo=UTC) for r in rows(store, "events", "at")}
    assert stored == {local.astimezone(UTC)}


def test_customer_and_identity_fill_each_other_and_at_comes_from_the_tables_own_instant(store: Store) -> None:
    opened = "2026-01-02T03:04:05Z"
    store.append("tickets", [{"id": "1", "customer": "ana", "opened_at": opened}], workspace="w")
    store.append("tickets", [{"id": "2", "identity": "bia", "at": opened}], workspace="w")
    found = rows(store, "tickets", "customer", "identity", "at", "opened_at")
    assert [(r["customer"], r["identity"]) for r in found] == [("ana", "ana"), ("bia", "bia")]
    assert all(r["at"] == r["opened_at"] for r in found)


def test_what_no_column_takes_is_kept_as_properties(store: Store) -> None:
    store.append("orders", [{"id": "1", "shop": "Torino", "items": 2}], workspace="w")
    assert rows(store, "orders", "properties") == [{"properties": '{"shop": "Torino", "items": 2}'}]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.Table.from_pylist])
def test_data_frames_of_every_kind_can_be_appended(store: Store, make: Any) -> None:
    store.append("answers", make([{"id": "a", "score": 9, "channel": "chat"}]), workspace="w")
    assert rows(store, "answers", "score", "channel") == [{"score": 9.0, "channel": "chat"}]


@pytest.mark.parametrize(
    ("table", "given_", "message"),
    [
        ("answers", [{"score": 9}], "1 rows of answers have no id: give each row the id that it has in its source."),
        ("answers", [{"id": "a", "at": "31/03/2026"}], "Row 1 of answers: at cannot be '31/03/2026'. Give an instant"),
        ("orders", [{"id": "a", "amount": 9.5}], "Row 1 of orders: amount cannot be 9.5. Give a whole number."),
        (
            "answers",
            pd.DataFrame({"id": ["a"], "nota": [1]}),
            "answers has no column nota. Its columns: workspace, id,",
        ),
    ],
)
def test_rows_that_do_not_fit_are_refused_with_what_to_do(store: Store, table: str, given_: Any, message: str) -> None:
    with pytest.raises(BadRows) as told:
        store.append(table, given_, workspace="w")
    assert str(told.value).startswith(message)
    assert rows(store, table, "id") == []


def test_an_unknown_table_is_refused(store: Store) -> None:
    with pytest.raises(BadQuestion, match=r"There is no table reviews\. Tables: events, answers,"):
        store.append("reviews", [], workspace="w")


def test_merging_two_customers_can_be_undone(store: Store) -> None:
    store.append("answers", [{"id": "1", "identity": "ana@x"}, {"id": "2", "identity": "ana"}], workspace="w")
    store.move("w", "ana@x", "ana")
    assert [r["customer"] for r in rows(store, "answers", "customer")] == ["ana", "ana"]
    store.move("w", "ana@x", "ana@x")
    assert [r["customer"] for r in rows(store, "answers", "customer")] == ["ana@x", "ana"]


def test_forgetting_keeps_scores_without_the_person(store: Store) -> None:
    store.append("customers", [{"id": "ana", "name": "Ana"}], workspace="w")
    store.append("answers", [{"id": "1", "customer": "ana", "score": 9, "shop": "x"}], workspace="w")
    store.append("mentions", [{"id": "1", "customer": "ana", "text": "sou a Ana", "rating": 5}], workspace="w")
    assert store.forget("w", "ana") == {"answers": 1, "mentions": 1, "customers": 1}
    assert rows(store, "customers", "id") == []
    [answer] = rows(store, "answers", "customer", "identity", "score", "properties")
    [mention] = rows(store, "mentions", "customer", "text", "rating")
    nobody = answer.pop("customer")
    assert answer == {"identity": None, "score": 9.0, "properties": None}
    assert nobody.startswith("forgotten:")
    assert "ana" not in nobody
    assert mention.pop("customer") != nobody, "nothing ties the tables together"
    assert mention == {"text": None, "rating": 5.0}
    assert store.forget("w", "ana") == {}


def test_withdrawing_a_batch_takes_its_rows_out_of_every_table_and_no_others(store: Store) -> None:
    store.append("answers", [{"id": "a", "score": 1}, {"id": "b", "score": 2}], workspace="w", batch="one")
    store.append("answers", [{"id": "b", "score": 3}, {"id": "c", "score": 4}], workspace="w", batch="two")
    store.append("orders", [{"id": "o", "amount": 5}], workspace="w", batch="two")
    store.append("answers", [{"id": "e", "score": 9}], workspace="elsewhere", batch="two")
    before = store.version("w")
    assert store.delivered("w", "two") == {"answers": 2, "orders": 1}
    assert store.withdraw("w", "two") == 3
    assert rows(store, "answers", "id", "score") == [{"id": "a", "score": 1.0}]  # b was delivered by "two" last
    assert rows(store, "orders", "id") == []
    assert store.delivered("elsewhere", "two") == {"answers": 1}
    assert store.version("w") != before
    assert store.withdraw("w", "two") == 0
    store.engine.delete(TABLES["answers"], {"workspace": "elsewhere"})


def test_compacting_changes_no_fact(store: Store) -> None:
    store.append("events", [{"id": str(i), "customer": f"c{i % 3}", "name": "x"} for i in range(50)], workspace="w")
    before = rows(store, "events", "id", "customer", "deliveries")
    store.compact()
    assert rows(store, "events", "id", "customer", "deliveries") == before
    assert store.append("events", [{"id": "0", "name": "y"}], workspace="w").new == 0


def test_a_second_process_is_told_who_holds_the_file(tmp_path: Path) -> None:
    import subprocess
    import sys

    file = tmp_path / "facts.duckdb"
    hold = (
        f"from percorso.analytics.store import Store; s = Store.open({str(file)!r}); print('held', flush=True); input()"
    )
    with subprocess.Popen([sys.executable, "-c", hold], stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout
        assert other.stdin
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StoreBusy, match=f"in use by process {other.pid} "):
            Store.open(file)
        other.stdin.close()


def test_a_folder_of_parquet_files_is_read_where_it_lies(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"id": ["a", "b"], "metric": ["nps", "nps"], "score": [9, 3]}), tmp_path / "answers.parquet"
    )
    (tmp_path / "tickets").mkdir()
    pq.write_table(pa.table({"id": ["t"], "team": ["a"]}), tmp_path / "tickets" / "part-0.parquet")
    with Store.open(tmp_path) as store:
        count = store.table("answers").count().name("n").as_table()
        assert store.engine.fetch(store.engine.sql(count)).to_pylist() == [{"n": 2}]
        assert store.table("tickets").columns == TABLES["tickets"].names


def test_a_folder_without_fact_tables_says_how_to_name_them(tmp_path: Path) -> None:
    with pytest.raises(BadQuestion, match=r"holds no fact table: name the files after them, e\.g\. answers\.parquet"):
        Store.open(tmp_path)


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(BadQuestion, match="No engine is called mysql"):
        Store.open("mysql://localhost/x")


@pytest.mark.parametrize(("table", "counts"), [("answers", "second"), ("events", "first")])
def test_of_an_id_that_comes_twice_in_one_delivery_one_counts(store: Store, table: str, counts: str) -> None:
    rows = [
        {"id": "1", "at": "2025-01-01", "page" if table == "events" else "survey": word} for word in ("first", "second")
    ]
    appended = store.append(table, rows, workspace="twice")
    t = store.table(table, "twice")
    kept = store.engine.fetch(store.engine.sql(t.select("deliveries", said="page" if table == "events" else "survey")))
    assert kept.to_pylist() == [{"deliveries": 2, "said": counts}]
    assert (appended.new, appended.repeated) == (1, 1)


def test_putting_rows_in_order_loses_nothing_that_comes_meanwhile(tmp_path: Path) -> None:
    def rows(start: int, count: int) -> list[dict[str, object]]:
        day = datetime(2025, 3, 1, tzinfo=UTC)
        return [
            {"id": f"e{i}", "name": f"n{i % 3}", "customer": f"c{i % 11}", "identity": f"c{i % 11}", "at": day + timedelta(seconds=i * 7919 % 86_400)}
            for i in range(start, start + count)
        ]  # fmt: skip

    with Store.open(tmp_path / "facts.duckdb") as store:
        store.append("events", rows(0, 3000), workspace="a")
        over = threading.Event()

        def write() -> None:
            place = 3000
            while not over.is_set():
                # New rows, rows that come again, and customers that turn out to be others.
                store.append("events", rows(place - 20, 60), workspace="a")
                place += 40
                store.move("a", "c1", f"d{place}")
            written.append(place)

        written: list[int] = []
        writer = threading.Thread(target=write)
        writer.start()
        for _ in range(8):
            store.engine.compact(TABLES["events"])
        over.set()
        writer.join()
        store.append("events", rows(written[0], 5), workspace="a")
        assert 0 < store.engine.out_of_order(TABLES["events"]) < 1
        assert "events" in store.compact(out_of_order=1e-9)
        found = store.table("events", "a").execute()
        assert sorted(found["id"], key=lambda i: int(i[1:])) == [f"e{i}" for i in range(written[0] + 5)]
        assert found["customer"].map(lambda c: c[0]).value_counts()["d"] > 0
        places = list(zip(found["customer"], found["at"], strict=True))
        assert places == sorted(places)
        assert store.engine.out_of_order(TABLES["events"]) == 0


def test_what_tells_of_somebody_is_rewritten_in_every_text(store: Store) -> None:
    told = {"id": "1", "customer": "bia", "text": "Ask ANA@x.it, not joana@x.it", "properties": '{"by": "ana@x.it"}'}
    store.append("mentions", [told], workspace="w")
    store.append("mentions", [told], workspace="elsewhere")
    store.rewrite("w", r"(^|[^\w.+-])(?:ana@x\.it)\b", r"\1[erased]")
    assert rows(store, "mentions", "customer", "text", "properties") == [
        {"customer": "bia", "text": "Ask [erased], not joana@x.it", "properties": '{"by": "[erased]"}'}
    ]
    elsewhere = store.engine.fetch(store.engine.sql(store.table("mentions", "elsewhere").select("text"))).to_pylist()
    assert "ANA@x.it" in elsewhere[0]["text"]
    store.engine.delete(TABLES["mentions"], {"workspace": "elsewhere"})


def test_old_rows_end_deleted_or_of_nobody(store: Store) -> None:
    days = ["2026-01-10T00:00:00Z", "2026-01-20T00:00:00Z", "2026-03-01T00:00:00Z"]
    answers = [{"id": str(i), "customer": "ana", "at": at, "score": i} for i, at in enumerate(days)]
    store.append("answers", answers, workspace="w")
    store.append("events", [row | {"name": "x"} for row in answers], workspace="w")
    before = "2026-03-01 00:00:00.000000"
    assert store.end("w", "answers", before, deleted=False) == 2
    assert store.end("w", "answers", before, deleted=False) == 0
    first, second, third = (row["customer"] for row in rows(store, "answers", "customer"))
    assert first == second != third == "ana"
    assert first.startswith("forgotten:")
    assert [row["score"] for row in rows(store, "answers", "score")] == [0.0, 1.0, 2.0]
    assert store.old("w", "events", before, deleted=True) == 2
    assert store.end("w", "events", before, deleted=True) == 2
    assert rows(store, "events", "id") == [{"id": "2"}]


def test_rows_are_looked_at_before_they_are_stored(store: Store) -> None:
    store.entering = lambda table, data, workspace: data.filter([row != "ana" for row in data["customer"].to_pylist()])
    said = [{"id": "1", "customer": "ana"}, {"id": "2", "customer": "bia"}]
    assert store.append("orders", said, workspace="w").rows == 1
    assert rows(store, "orders", "customer") == [{"customer": "bia"}]
    assert store.append("orders", said[:1], workspace="w").rows == 0
