"""The example of retention that the OpenAPI document shows; the tests carry it out and compare."""

from typing import Any

RETENTION_ASKED: dict[str, Any] = {
    "start": "Order Completed",
    "grain": "week",
    "offsets": 1,
    "from": "2026-01-05",
    "to": "2026-01-11",
    "as_of": "2026-02-01T03:00:00Z",
}
RETENTION: dict[str, Any] = {
    "from": "2026-01-05",
    "to": "2026-01-11",
    "time_zone": "America/Sao_Paulo",
    "columns": [[0, 0], [1, 1]],
    "total": {
        "by": {},
        "cohorts": [
            {
                "start": "2026-01-05",
                "size": 2,
                "returned": [
                    {"count": 2, "n": 2, "value": 1.0, "low": 0.3423802, "high": 1.0},
                    {"count": 1, "n": 2, "value": 0.5, "low": 0.0945312, "high": 0.9054687},
                ],
            }
        ],
        "average": [
            {"count": 2, "n": 2, "value": 1.0, "low": 0.3423802, "high": 1.0},
            {"count": 1, "n": 2, "value": 0.5, "low": 0.0945312, "high": 0.9054687},
        ],
    },
    "groups": [],
    "sql": None,
}
