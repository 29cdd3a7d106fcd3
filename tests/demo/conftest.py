"""Two stores of the demo company: a small one with everything, and 20,000 customers without texts and visits."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from percorso.analytics.store import Store
from percorso.demo import Truth, fill
from percorso.demo.people import people_answers
from percorso.demo.research import research_answers
from percorso.demo.simulation import BLOCK, tables
from percorso.demo.world import Block, World

UNTIL = date(2026, 8, 1)
PAGE = Path(__file__).parents[2] / "docs" / "demo.md"

Ask = Callable[[str], list[tuple[Any, ...]]]


def asker(store: Store) -> Ask:
    """A function that runs SQL and gives rows; {until} is the day after the data."""
    return lambda sql: [
        tuple(row.values()) for row in store.engine.fetch(sql.replace("{until}", str(UNTIL))).to_pylist()
    ]


@pytest.fixture(scope="session")
def truth() -> Truth:
    return Truth(until=UNTIL)


@pytest.fixture(scope="session")
def small() -> Iterator[Store]:
    """All tables, 2,000 customers."""
    with Store.open(":memory:") as store:
        fill(store, scale=0.1, until=UNTIL)
        yield store


@pytest.fixture(scope="session")
def whole(truth: Truth) -> Iterator[Store]:
    """20,000 customers, without `mentions` and `events`: enough people to see rare effects, quickly."""
    world = World(truth)
    with Store.open(":memory:") as store:
        store.append("answers", people_answers(world), workspace="demo")
        store.append("answers", research_answers(world), workspace="demo")
        for name, _, table in tables(Block(world, 0, BLOCK)):
            if name == "mentions":
                break
            store.append(name, table, workspace="demo")
        yield store


@pytest.fixture(scope="session")
def ask(small: Store) -> Ask:
    return asker(small)


@pytest.fixture(scope="session")
def ask_whole(whole: Store) -> Ask:
    return asker(whole)
