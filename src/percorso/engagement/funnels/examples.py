"""The example of funnels that the OpenAPI document shows; the tests carry it out and compare."""

from typing import Any

FUNNEL_ASKED: dict[str, Any] = {
    "steps": ["Product Added", "Order Completed"],
    "window": "1d",
    "from": "2026-01-05",
    "to": "2026-01-11",
    "as_of": "2026-02-01T03:00:00Z",
}
FUNNEL: dict[str, Any] = {
    "from": "2026-01-05",
    "to": "2026-01-11",
    "time_zone": "America/Sao_Paulo",
    "total": {
        "by": {},
        "start": None,
        "status": "low_sample",
        "steps": [
            {
                "step": 1,
                "event": "Product Added",
                "customers": 4,
                "of_first": {"count": 4, "n": 4, "value": 1.0, "low": 0.5101091, "high": 1.0},
                "of_step_before": None,
                "dropped": 2,
                "on_the_way": 0,
            },
            {
                "step": 2,
                "event": "Order Completed",
                "customers": 2,
                "of_first": {"count": 2, "n": 4, "value": 0.5, "low": 0.1500389, "high": 0.8499610},
                "of_step_before": {"count": 2, "n": 4, "value": 0.5, "low": 0.1500389, "high": 0.8499610},
                "dropped": 0,
                "on_the_way": 0,
            },
        ],
        "conversion": {"count": 2, "n": 4, "value": 0.5, "low": 0.1500389, "high": 0.8499610},
        "finished": {"count": 2, "n": 4, "value": 0.5, "low": 0.1500389, "high": 0.8499610},
        "median_seconds": 3600.0,
        "median_low": None,
        "median_high": None,
        "p90_seconds": 3600.0,
        "km_median_seconds": 3600.0,
    },
    "groups": [],
    "series": [],
    "sql": None,
}
