"""Reads of imports, of their rejected records, and of kept mappings."""

import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any, overload

from django.db.models import QuerySet

from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator
from percorso.analytics.store import Store
from percorso.sources.mapping import Mapping
from percorso.sources.models import Import, KeptMapping


def imports(workspace: Workspace) -> QuerySet[Import]:
    """Return the imports of a workspace with their jobs, the newest first; drafts among them."""
    return Import.objects.filter(workspace=workspace).select_related("job", "person", "workspace")


def kept_mappings(workspace: Workspace, connector: str) -> dict[str, Mapping]:
    """Return the mappings kept for a connector by the fingerprint of the header; the newest where several are."""
    kept = KeptMapping.objects.filter(workspace=workspace, connector=connector).order_by("updated_at")
    return {row.fingerprint: Mapping.model_validate(row.mapping) for row in kept}


def kept_mapping(workspace: Workspace, connector: str, name: str) -> Mapping | None:
    """Return the newest mapping kept under a name, or None."""
    kept = (
        KeptMapping.objects.filter(workspace=workspace, connector=connector, name=name).order_by("-updated_at").first()
    )
    return Mapping.model_validate(kept.mapping) if kept else None


class RejectedRows(Sequence[dict[str, Any]]):
    """The records of a file of rejected ones, read as far as a page needs; none when the file is gone."""

    def __init__(self, path: Path, count: int) -> None:
        self.path, self.count = path, count if path.is_file() else 0

    def __len__(self) -> int:
        return self.count

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, place: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, place: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(place, int):
            return self[place : place + 1][0]
        if not self.count:
            return []
        with self.path.open(encoding="utf-8", errors="replace") as lines:
            return [json.loads(line) for line in islice(lines, place.start, place.stop)]


def fed_indicators(row: Import, store: Store) -> list[Indicator]:
    """Return the indicators that an import's rows count in; of those made of answers the ones with its metrics."""
    answers = set(_kinds(row, store, "answers", "metric", "population"))
    sources = {source for (source,) in _kinds(row, store, "mentions", "source")}

    def counts_in(indicator: Indicator) -> bool:
        if indicator.table == "mentions":
            return "review" in sources
        if indicator.table != "answers":
            return indicator.table in row.tables
        metrics = getattr(indicator, "metrics", (indicator.key,))
        population = getattr(indicator, "population", "customer")
        return any(metric in metrics and (whose or "customer") == population for metric, whose in answers)

    return [indicator for indicator in INDICATORS.values() if counts_in(indicator)]


def _kinds(row: Import, store: Store, table: str, *columns: str) -> list[tuple[str | None, ...]]:
    """Return the different values of columns in the rows of an import."""
    if table not in row.tables:
        return []
    t = store.table(table, row.workspace.slug)
    asked = t.filter(t.batch == row.batch).select(*columns).distinct()
    return [tuple(found.values()) for found in store.engine.fetch(store.engine.sql(asked)).to_pylist()]
