"""Adapters of analyses of behaviour: vector names to event facts and questions, and results back. They compute nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from percorso.analytics.behaviour.funnel import Exclusion, Funnel, FunnelQuery, funnel
from percorso.analytics.behaviour.path_query import PathQuery
from percorso.analytics.behaviour.paths import paths
from percorso.analytics.behaviour.retention import RetentionQuery, retention
from percorso.analytics.store import Store
from tests.vectors.facts import Rows, window

# Vectors list events as they arrived.
FIRST_ARRIVAL = datetime(2100, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True)
class Analysis:
    """How one kind of vector is asked: its facts by table, and the question with the names of its result."""

    facts: Callable[[Mapping[str, Any]], dict[str, Rows]]
    ask: Callable[[Store, str, Mapping[str, Any]], dict[str, Any]]


def events(given: Mapping[str, Any]) -> dict[str, Rows]:
    names = {"user_id": "customer", "event": "name", "props": "properties", "node": "page"}
    rows = []
    for i, event in enumerate(given["events"]):
        arrived = FIRST_ARRIVAL + timedelta(seconds=i)
        rows.append({"id": f"e{i}", "received_at": arrived, **{names.get(k, k): v for k, v in event.items()}})
    return {"events": rows}


def ask_funnel(store: Store, workspace: str, given: Mapping[str, Any]) -> dict[str, Any]:
    query = FunnelQuery(
        steps=tuple(given["steps"]),
        window_seconds=given["window_s"],
        workspace=workspace,
        exclusions=tuple(Exclusion(**e) for e in given.get("exclusions", ())),
        by=(f"properties.{given['breakdown']}",) if given.get("breakdown") else (),
        **{k: given[k] for k in ("mode", "anchor") if k in given},
        **window(given),
    )
    result = funnel(store, query)
    groups = {"breakdown": {next(iter(g.by.values())): figures(g) for g in result.groups}} if query.by else {}
    return figures(result.total) | groups


def figures(one: Funnel) -> dict[str, Any]:
    return {
        "counts": list(one.counts), "overall": one.overall.value, "ci_low": one.overall.low, "ci_high": one.overall.high,
        "step_rates": [rate and rate.value for rate in one.step_rates], "median_time_s": one.median_seconds,
        "in_progress": one.in_progress,
    }  # fmt: skip


def ask_retention(store: Store, workspace: str, given: Mapping[str, Any]) -> dict[str, Any]:
    names = {"type": "kind", "max_n": "offsets", "tz": "tz", "grain": "grain", "return_event": "return_event"}
    query = RetentionQuery(
        start_event=given["start_event"],
        workspace=workspace,
        brackets=tuple((low, high) for low, high in given.get("brackets") or ()),
        **{name: given[key] for key, name in names.items() if key in given},
        **window(given),
    )
    result = retention(store, query).total
    return {
        "cohorts": [
            {"cohort": c.start.isoformat(), "size": c.size, "returned": [cell and cell.count for cell in c.returned]}
            for c in result.cohorts
        ],
        "weighted": [share and share.value for share in result.average],
    }


def ask_paths(store: Store, workspace: str, given: Mapping[str, Any]) -> dict[str, Any]:
    names = ("unit", "collapse", "start_node", "end_node", "max_steps", "top_k")
    query = PathQuery(workspace, node="page", **{name: given[name] for name in names if name in given})
    result = paths(store, query)
    return {
        "n_paths": result.n_paths,
        "nodes": {str(place): dict(nodes) for place, nodes in result.nodes.items()},
        "links": [{"step": w.step, "source": w.source, "target": w.target, "value": w.count} for w in result.links],
    }


ANALYSES = {
    "funnel": Analysis(events, ask_funnel),
    "retention_cohort": Analysis(events, ask_retention),
    "paths": Analysis(events, ask_paths),
}
