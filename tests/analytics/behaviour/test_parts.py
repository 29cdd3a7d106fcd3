"""Large tables are fetched in parts and looked at side by side: the answers are the same as at once."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from percorso.analytics.behaviour import columns, reading
from percorso.analytics.behaviour.funnel import FunnelQuery, funnel
from percorso.analytics.behaviour.path_query import PathQuery
from percorso.analytics.behaviour.paths import paths
from percorso.analytics.behaviour.retention import RetentionQuery, retention
from percorso.analytics.behaviour.transitions import transitions
from percorso.analytics.store import Store
from tests.analytics.behaviour.test_paths import AS_OF, happened

EVENTS = [{**row, "name": row["page"] or "other"} for row in happened(seed=8, users=300)]
STEPS = ("home", "item", "pay")
ASKED: dict[str, Callable[[Store], Any]] = {
    "funnel": lambda s: funnel(s, FunnelQuery(STEPS, 86400, "parts", as_of=AS_OF, by=("device",))),
    "furthest": lambda s: funnel(s, FunnelQuery(STEPS, 86400, "parts", as_of=AS_OF, anchor="best")),
    "retention": lambda s: retention(s, RetentionQuery("home", "item", "parts", as_of=AS_OF, by=("device",))),
    "transitions": lambda s: transitions(s, PathQuery("parts", as_of=AS_OF)),
    "paths": lambda s: paths(s, PathQuery("parts", as_of=AS_OF, start_node="home")),
}


@pytest.fixture(scope="module", params=["kept by customer", "as they came", "files"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Store.open(":memory:") as opened:
        opened.append("events", EVENTS, workspace="parts")
        if request.param == "kept by customer":
            opened.compact()
        if request.param != "files":
            yield opened
            return
        folder = tmp_path_factory.mktemp("facts")
        opened.engine.copy_to(folder)
    with Store.open(folder) as files:
        yield files


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(("most_rows", "many_rows"), [(700, 10**6), (10**6, 90), (1500, 40)])
def test_parts_tell_the_same(
    store: Store, asked: str, most_rows: int, many_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ASKED[asked](store)
    for module in (columns, reading):
        monkeypatch.setattr(module, "CORES", 3)
        monkeypatch.setattr(module, "MANY_ROWS", many_rows)
    monkeypatch.setattr(reading, "MOST_ROWS", most_rows)
    monkeypatch.setattr(reading, "MOST_AT_ONCE", most_rows)
    parts = ASKED[asked](store)
    assert len(EVENTS) > 3000
    assert dataclasses.replace(parts, sql="") == dataclasses.replace(whole, sql="")
