"""The examples of alerts that the OpenAPI document shows; the tests carry them out and compare."""

from typing import Any

ASKED: dict[str, Any] = {
    "name": "Satisfaction",
    "alert": "change",
    "indicators": ["csat"],
    "config": {"spike": 4.0, "shift": 4.0, "minimum_n": 10},
    "active": True,
}
WATCH: dict[str, Any] = {
    "id": 1,
    "name": "Satisfaction",
    "alert": "change",
    "indicators": ["csat"],
    "config": {"spike": 4.0, "shift": 4.0, "minimum_n": 10},
    "segment": None,
    "grain": "day",
    "active": True,
    "snoozed_until": None,
    "people": [],
    "created_at": "2026-02-01T12:00:00Z",
}
TRIED: dict[str, Any] = {k: v for k, v in ASKED.items() if k != "active"}
PREVIEW: dict[str, Any] = {"days": 365, "messages": [], "false_a_month": 0.006}
ALARM: dict[str, Any] = {
    "id": 1,
    "day": "2026-02-03",
    "told_at": "2026-02-04T08:30:00Z",
    "closed_at": None,
    "snoozed_until": None,
    "findings": [
        {
            "watch": 1,
            "indicator": "csat",
            "direction": "down",
            "good": False,
            "day": "2026-02-03",
            "since": "2026-02-01",
            "chance": 0.0004,
            "sentence": "Customer Satisfaction Score: 62.0% on average since Feb 1, 2026, where 84.0% was to be expected.",
            "contributors": [
                {"column": "channel", "value": "phone", "before": 0.85, "after": 0.35, "share": 0.97},
            ],
            "closed_at": None,
        }
    ],
}
