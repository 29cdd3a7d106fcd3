"""Adapters of retention and revenue (see `facts`)."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from percorso.analytics.lifetime.value import lifetime_value
from percorso.analytics.result import Cell
from percorso.analytics.statistics.retention import retention_from_counts
from tests.vectors.facts import WHEN, Adapter, Rows, asks, basic, first

MOVEMENTS = ("new", "expansion", "contraction", "churn", "reactivation")


def subscribed(given: Mapping[str, Any]) -> dict[str, Rows]:
    """Return the customers' active intervals as price periods."""
    return {
        "subscriptions": [
            {"id": f"{c['customer_id']}-{i}", "customer": c["customer_id"], "started_at": a, "ended_at": b, "mrr": 100}
            for c in given["customers"]
            for i, (a, b) in enumerate(c["intervals"])
        ]
    }


def priced(given: Mapping[str, Any]) -> dict[str, Rows]:
    """Return the levels of customers' revenue as price periods: each lasts until the customer's next one."""
    rows = []
    told = sorted(given["events"], key=lambda e: (e["customer_id"], e["at"], e.get("seq", 0)))
    for i, (event, after) in enumerate(pairwise([*told, None])):
        ends = after["at"] if after and after["customer_id"] == event["customer_id"] else None
        rows.append({
            "id": f"{i:06}", "customer": event["customer_id"], "subscription": event["customer_id"], "mrr": event["mrr"],
            "currency": event.get("currency", "BRL"), "started_at": event["at"], "ended_at": ends,
        })  # fmt: skip
    return {"subscriptions": rows}


def _mrr(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    counts = {name: cells[0].details[f"{name}_customers"] for name in MOVEMENTS}
    return {**basic(cells[0]), "counts": counts}


def _kept(given: Mapping[str, Any], cells: list[Cell]) -> dict[str, Any]:
    nrr, grr, expansion, gross, net = cells
    return {
        "nrr": nrr.value, "nrr_ci_low": nrr.low, "nrr_ci_high": nrr.high,
        "grr": grr.value, "grr_ci_low": grr.low, "grr_ci_high": grr.high,
        "expansion_rate": expansion.value, "gross_revenue_churn": gross.value, "net_revenue_churn": net.value,
        "n": nrr.n, "status": nrr.status,
    }  # fmt: skip


def _accounts(given: Mapping[str, Any]) -> dict[str, Rows]:
    every = list(enumerate(given["accounts"]))
    return {
        "customers": [{"id": str(i), "traits": {"churn_probability": a["p_churn"]}} for i, a in every],
        "subscriptions": [
            {"id": str(i), "customer": str(i), "mrr": a["mrr"], "currency": "BRL", "started_at": WHEN} for i, a in every
        ],
    }


def _ask_risk(given: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [("revenue_at_risk", {"options": {k: given[k] for k in ("threshold",) if k in given}})]


def _from_counts(given: dict[str, Any]) -> dict[str, Any]:
    result = vars(retention_from_counts(**given))
    return {**result, "ci_low": result["low"], "ci_high": result["high"]}


ADAPTERS = {
    "churn_rate": Adapter(subscribed, asks("churn_rate"), first),
    "retention_rate": Adapter(subscribed, asks("retention_rate"), first),
    "mrr": Adapter(priced, lambda g: [("mrr", {"options": {k: g[k] for k in ("mode",) if k in g}})], _mrr),
    "nrr_grr": Adapter(priced, asks("nrr", "grr", "expansion_rate", "revenue_churn_gross", "revenue_churn_net"), _kept),
    "revenue_at_risk": Adapter(_accounts, _ask_risk, first),
}
FUNCTIONS = {
    "retention_from_counts": _from_counts,
    "clv_formula": lambda given: vars(lifetime_value(**given)),
}
