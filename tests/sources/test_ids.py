"""Ids of records whose source gives none."""

from collections import Counter

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from percorso.sources.ids import Occurrences, record_ids, short


@given(st.lists(st.lists(st.integers(0, 8)), max_size=6))
def test_occurrences_count_as_a_counter_does(chunks):
    seen, counter = Occurrences(), Counter()
    for chunk in chunks:
        found = seen.count(np.array(chunk, np.uint64)).tolist()
        for key, times in zip(chunk, found, strict=True):
            assert times == counter[key]
            counter[key] += 1


RECORDS = st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["x", "", None])), max_size=20)


@given(RECORDS, st.integers(0, 20))
def test_ids_are_distinct_and_do_not_depend_on_chunks(records, cut):
    frame = pl.DataFrame(records, schema={"p": pl.String, "q": pl.String}, orient="row")
    whole = record_ids(frame, Occurrences()).to_list()
    seen = Occurrences()
    parts = record_ids(frame[:cut], seen).to_list() + record_ids(frame[cut:], seen).to_list()
    assert whole == parts
    assert len(set(whole)) == len(whole)
    assert record_ids(frame.select("q", "p"), Occurrences()).to_list() == whole


def test_id_is_stable_across_versions():
    # Were this to change, everything imported without ids would count twice when it is imported again.
    frame = pl.DataFrame({"nps": ["9", "9"], "date": ["2025-01-01", "2025-01-01"]})
    assert record_ids(frame, Occurrences()).to_list() == [
        "d211085ae156c7df92dc662809d4c804",
        "d211085ae156c7df92dc662809d4c804-2",
    ]


def test_short_names_keep_long_questions_apart():
    a, b = ("How likely are you to recommend our " + shop for shop in ("shop?", "site?"))
    assert short("nps") == "nps"
    assert len(short(a)) <= 40
    assert short(a) != short(b)
