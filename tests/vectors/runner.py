"""One vector through the product: its facts into tables of an engine, its question, its result."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from percorso.analytics.measure import measure
from percorso.analytics.query import Query
from percorso.analytics.store import Store
from tests.vectors import behaviour, commerce, facts, functions, lifetime, product, research, revenue
from tests.vectors.compare import differences
from tests.vectors.facts import window

ADAPTERS = {k: v for m in (facts, commerce, product, research, revenue) for k, v in m.ADAPTERS.items()}
FUNCTIONS = functions.FUNCTIONS | revenue.FUNCTIONS | lifetime.FUNCTIONS
ANALYSES = behaviour.ANALYSES | lifetime.ANALYSES
ENGINES = (":memory:", "chdb://memory/default")


@dataclass(frozen=True)
class Outcome:
    """What became of one vector: differences is None when its family is not built yet."""

    id: str
    differences: list[str] | None


def load(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Yield the vectors of files, and of the JSON files of folders."""
    for path in paths:
        files = sorted(path.glob("**/*.json")) if path.is_dir() else [path]
        for file in files:
            yield from json.loads(file.read_text())


def run(vectors: Iterable[dict[str, Any]], engines: Iterable[str] = ENGINES) -> Iterator[Outcome]:
    """Run vectors: indicators on every engine, statistics directly."""
    stores = [(url, Store.open(url)) for url in engines]
    for number, vector in enumerate(vectors):
        if vector["indicator"] in FUNCTIONS:
            yield Outcome(vector["id"], _lines(vector, FUNCTIONS[vector["indicator"]], ""))
        elif vector["indicator"] in ADAPTERS:
            lines = []
            for url, store in stores:
                lines += _lines(vector, _Asked(store, f"vector {number}", vector["indicator"]), f" on {url}")
            yield Outcome(vector["id"], lines)
        elif vector["indicator"] in ANALYSES:
            lines = []
            for url, store in stores:
                asked = _analysed(store, f"vector {number}", ANALYSES[vector["indicator"]])
                lines += _lines(vector, asked, f" on {url}")
            yield Outcome(vector["id"], lines)
        else:
            yield Outcome(vector["id"], None)
    for _, store in stores:
        store.close()


def _analysed(store: Store, workspace: str, analysis: behaviour.Analysis) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what answers one vector of an analysis, in a workspace of its own."""

    def answer(given: dict[str, Any]) -> dict[str, Any]:
        for table, rows in analysis.facts(given).items():
            store.append(table, rows, workspace=workspace)
        return analysis.ask(store, workspace, given)

    return answer


class _Asked:
    """A store that answers one vector, in a workspace of its own."""

    def __init__(self, store: Store, workspace: str, indicator: str) -> None:
        self.store, self.workspace, self.adapter = store, workspace, ADAPTERS[indicator]

    def __call__(self, given: dict[str, Any]) -> dict[str, Any]:
        for table, rows in self.adapter.facts(given).items():
            self.store.append(table, rows, workspace=self.workspace)
        cells = []
        for key, args in self.adapter.asks(given):
            query = Query(indicators=(key,), workspace=self.workspace, **{**window(given), **args})
            cells.append(measure(self.store, query).one())
        return self.adapter.read(given, cells)


def _lines(vector: dict[str, Any], function: Any, where: str) -> list[str]:
    try:
        actual = function(vector["input"])
    except Exception as error:  # a vector that raises has failed; the others go on
        return [f"raised {type(error).__name__}: {error}{where}"]
    return [line + where for line in differences(vector["expected"], actual, vector.get("tolerance", 1e-9))]
