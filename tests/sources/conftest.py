"""What tests of imports share: a store, a run without Django, and the real data when it is there."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from percorso.analytics.store import Store
from percorso.sources.connector import CONNECTORS, Context, checked
from percorso.sources.files import found_files
from percorso.sources.imports import StoreSink, run
from percorso.sources.report import Report

SHARED = Path(__file__).parents[2] / "../shared/data"
FIXTURES = Path(__file__).parent / "fixtures"

Importer = Callable[..., Report]


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:") as opened:
        yield opened


@pytest.fixture
def importer(store: Store, tmp_path: Path) -> Importer:
    """Run a connector on files, into `store` as workspace "demo"."""

    def imported(
        connector: str, *files: Path | str, zone: str = "UTC", context: Context | None = None, **config: Any
    ) -> Report:
        entry = CONNECTORS[connector]
        settings = checked(entry.Config, config, connector)
        context = context or Context(zone=zone)
        sink = StoreSink(store, "demo", "test")
        return run(entry, found_files(files), settings, context, sink, tmp_path / "rejected.jsonl")

    return imported


@pytest.fixture
def rows(store: Store) -> Callable[[str], list[dict[str, Any]]]:
    """Rows of a query as dicts; `at` is a word of DuckDB's own and needs quotes."""
    return lambda sql: store.engine.fetch(re.sub(r"\bat\b", '"at"', sql)).to_pylist()


@pytest.fixture
def real() -> Callable[[str], Path]:
    """The folder of a real data set."""

    def folder(name: str) -> Path:
        path = SHARED / name
        if not path.is_dir():
            pytest.skip(f"the real data set {name} is not beside this checkout (../shared/data)")
        return path

    return folder
