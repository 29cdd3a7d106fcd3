"""Subscriptions: at random, for comparing engines."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

Rows = list[dict[str, Any]]
START = datetime(2025, 1, 1, tzinfo=UTC)


def facts(r: np.random.Generator) -> dict[str, Rows]:
    """Return rows by their tables."""
    rows: Rows = []
    for i in range(150):
        at = START + timedelta(days=int(r.integers(-200, 380)))
        for turn in range(int(r.integers(1, 4))):
            end = at + timedelta(days=int(r.integers(20, 200)))
            rows.append({
                "id": f"u{i}-{turn}", "customer": f"c{i % 120}", "subscription": f"u{i}", "plan": ("basic", "pro")[turn % 2],
                "mrr": int(r.integers(1, 9)) * 1000, "currency": "BRL", "started_at": at, "ended_at": end,
            })  # fmt: skip
            at = end + timedelta(days=int(r.integers(0, 3)) * 10)
    return {"subscriptions": [*rows, *_changes(), *_told(r)], "customers": _customers(r)}


def _changes() -> Rows:
    """Return prices that change at one instant, a gap, an amount of 0, one not told, another currency long ago."""
    told = (
        ("2025-01-05", "2025-01-05", 1000), ("2025-01-05", "2025-06-10", 3000), ("2025-06-20", "2025-06-20", 500),
        ("2025-06-20", "2025-07-01", 0), ("2025-07-01", "2025-09-09", None), ("2025-09-09", None, 2000),
    )  # fmt: skip
    rows = [
        {
            "id": f"v{i}", "customer": "r0", "subscription": "v", "plan": "pro", "mrr": mrr, "currency": "BRL",
            "started_at": begins, "ended_at": ends,
        }
        for i, (begins, ends, mrr) in enumerate(told)
    ]  # fmt: skip
    euros = {"id": "e0", "customer": "r1", "mrr": 700, "currency": "EUR", "channel": "email"}
    return [*rows, {**euros, "started_at": "2024-05-05", "ended_at": "2024-11-01"}]


def _told(r: np.random.Generator) -> Rows:
    return [
        {
            "id": f"w{i}", "customer": f"r{i}", "subscription": f"w{i}", "plan": "basic", "mrr": 1000 + 10 * i,
            "currency": "BRL", "channel": ("email", "phone", None)[i % 3],
            "started_at": START + timedelta(days=int(r.integers(-100, 200))),
        }
        for i in range(2, 42)
    ]  # fmt: skip


def _customers(r: np.random.Generator) -> Rows:
    chances: list[Any] = [*np.round(r.random(40), 3).tolist(), "unknown", 1.5]
    return [
        {
            "id": f"r{i}", "country": ("BR", "IT")[i % 2], "plan": "basic",
            "traits": {"tier": ("gold", "basic")[i % 2], "churn_probability": chances[i]},
        }
        for i in range(42)
    ]  # fmt: skip
