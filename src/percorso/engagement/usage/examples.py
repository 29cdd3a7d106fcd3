"""The examples of frequency and features that the OpenAPI document shows; the tests carry them out and compare."""

from typing import Any

FREQUENCY_ASKED: dict[str, Any] = {
    "from": "2026-03-09", "to": "2026-03-10", "grain": "day", "as_of": "2026-04-01T03:00:00Z",
}  # fmt: skip
FREQUENCY: dict[str, Any] = {
    "from": "2026-03-09",
    "to": "2026-03-10",
    "time_zone": "America/Sao_Paulo",
    "reach": [
        {"day": "2026-03-09", "daily": 2, "weekly": 2, "monthly": 2},
        {"day": "2026-03-10", "daily": 2, "weekly": 3, "monthly": 3},
    ],
    "lifecycle": [
        {
            "start": "2026-03-09",
            "active": 2,
            "new": 1,
            "returning": 0,
            "resurrected": 1,
            "dormant": 0,
            "kept": {"count": 0, "n": 0, "value": None, "low": None, "high": None},
            "quick_ratio": None,
        },
        {
            "start": "2026-03-10",
            "active": 2,
            "new": 1,
            "returning": 1,
            "resurrected": 0,
            "dormant": 1,
            "kept": {"count": 1, "n": 2, "value": 0.5, "low": 0.09453121, "high": 0.9054688},
            "quick_ratio": 1.0,
        },
    ],
    "sql": None,
}
FEATURES_ASKED: dict[str, Any] = {
    "from": "2026-03-09", "to": "2026-03-10", "grain": "day", "compare": "previous", "core": ["export", "share"],
    "as_of": "2026-04-01T03:00:00Z",
}  # fmt: skip
FEATURES: dict[str, Any] = {
    "from": "2026-03-09",
    "to": "2026-03-10",
    "time_zone": "America/Sao_Paulo",
    "active": 3,
    "active_before": 0,
    "starts": ["2026-03-09", "2026-03-10"],
    "features": [
        {
            "feature": "export",
            "users": 1,
            "uses": 1,
            "adoption": {"count": 1, "n": 3, "value": 0.3333333, "low": 0.06149194, "high": 0.7923404},
            "before": {"count": 0, "n": 0, "value": None, "low": None, "high": None},
            "change": None,
            "first_at": "2026-03-09T15:02:00Z",
            "last_at": "2026-03-09T15:02:00Z",
            "series": [
                {"count": 1, "n": 2, "value": 0.5, "low": 0.09453121, "high": 0.9054688},
                {"count": 0, "n": 2, "value": 0.0, "low": 0.0, "high": 0.6576198},
            ],
        },
        {
            "feature": "share",
            "users": 0,
            "uses": 0,
            "adoption": {"count": 0, "n": 3, "value": 0.0, "low": 0.0, "high": 0.561497},
            "before": {"count": 0, "n": 0, "value": None, "low": None, "high": None},
            "change": None,
            "first_at": None,
            "last_at": None,
            "series": [],
        },
    ],
    "sql": None,
}
