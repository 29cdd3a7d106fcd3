"""Mappings: kept as JSON, corrected by hand, found by the header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from percorso.errors import UserError
from percorso.sources.corrections import Corrections, corrected
from percorso.sources.mapping import Mapping, Score, fingerprint
from percorso.sources.roles import ROLES

COLUMNS = ["id", "when", "grade", "mark", "text", "shop"]
START = Mapping(
    table="answers",
    columns={"id": "id", "at": "when", "channel": "shop"},
    scores=[Score(column="grade")],
    comments=["text"],
    blank=["99"],
)

mappings = st.builds(
    Mapping,
    table=st.just("answers"),
    columns=st.dictionaries(st.sampled_from([r for r in ROLES["answers"] if r not in ("score", "comment")]), st.text(min_size=1)),
    scores=st.lists(st.builds(Score, column=st.text(min_size=1), low=st.just(0), high=st.integers(1, 100), labels=st.dictionaries(st.text(), st.floats(0, 10)))),
    comments=st.lists(st.text(min_size=1)),
    constants=st.dictionaries(st.sampled_from(["channel", "survey"]), st.text()),
    blank=st.lists(st.text()),
    zone=st.sampled_from(["UTC", "Europe/Rome"]),
    dates=st.sampled_from(["day", "month", "year"]),
)  # fmt: skip


@given(mappings)
def test_mapping_survives_json(mapping):
    assert Mapping.model_validate_json(mapping.model_dump_json()) == mapping


def test_corrections_move_columns_between_roles():
    changed = corrected(START, Corrections(map={"score": ["mark"], "customer": "GRADE", "comment": ""}), COLUMNS)
    assert [s.column for s in changed.scores] == ["mark"]
    assert changed.columns == {"id": "id", "at": "when", "channel": "shop", "customer": "grade"}
    assert changed.comments == []
    assert START.comments == ["text"]


def test_corrections_of_metric_scale_blank_and_constants():
    given_ = Corrections(
        metric="ces", scale="1-5", polarity="lower", blank=["11"], set={"channel": "kiosk"}, zone="Europe/Rome"
    )
    changed = corrected(START, given_, COLUMNS)
    (score,) = changed.scores
    assert (score.metric, score.low, score.high, score.polarity) == ("ces", 1, 5, "lower")
    assert changed.blank == ["99", "11"]
    assert (changed.columns.get("channel"), changed.constants) == (None, {"channel": "kiosk"})
    assert changed.zone == "Europe/Rome"


def test_corrections_that_name_nothing_are_refused():
    with pytest.raises(UserError, match=r"There is no column grades\. Columns: id, when, grade"):
        corrected(START, Corrections(map={"score": "grades"}), COLUMNS)
    with pytest.raises(UserError, match="Only one column can be channel"):
        corrected(START, Corrections(map={"channel": ["mark", "shop"]}), COLUMNS)
    with pytest.raises(UserError, match="answers have no role priority"):
        Mapping(table="answers", columns={"priority": "x"})
    with pytest.raises(ValidationError, match="a scale that rises"):
        Score(column="x", low=5, high=1)


def test_fingerprint_knows_a_header_in_any_order():
    assert fingerprint(["A", "b  c"]) == fingerprint(["B C", "a "])
    assert fingerprint(["a", "b"]) != fingerprint(["a", "b", "c"])
