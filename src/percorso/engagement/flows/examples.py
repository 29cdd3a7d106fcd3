"""The example of flows that the OpenAPI document shows; the tests carry it out and compare."""

from typing import Any

PATHS_ASKED: dict[str, Any] = {
    "unit": "user",
    "steps": 3,
    "from": "2026-01-05",
    "to": "2026-01-11",
    "as_of": "2026-02-01T03:00:00Z",
}
PATHS: dict[str, Any] = {
    "from": "2026-01-05",
    "to": "2026-01-11",
    "time_zone": "America/Sao_Paulo",
    "ways": 4,
    "different_ways": 2,
    "links": [
        {"step": 1, "source": "Product Added", "target": "(exit)", "ways": 2, "share": {"count": 2, "n": 4, "value": 0.5, "low": 0.150039, "high": 0.849961}},
        {"step": 1, "source": "Product Added", "target": "Order Completed", "ways": 2, "share": {"count": 2, "n": 4, "value": 0.5, "low": 0.150039, "high": 0.849961}},
        {"step": 2, "source": "Order Completed", "target": "(exit)", "ways": 2, "share": {"count": 2, "n": 2, "value": 1.0, "low": 0.3423802, "high": 1.0}},
    ],
    "transitions": [
        {"source": "Order Completed", "target": "(exit)", "times": 2, "share": {"count": 2, "n": 2, "value": 1.0, "low": 0.3423802, "high": 1.0}, "median_seconds": None, "back": {"count": 0, "n": 2, "value": 0.0, "low": 0.0, "high": 0.6576198}},
        {"source": "Product Added", "target": "Order Completed", "times": 2, "share": {"count": 2, "n": 4, "value": 0.5, "low": 0.150039, "high": 0.849961}, "median_seconds": 3600.0, "back": {"count": 0, "n": 2, "value": 0.0, "low": 0.0, "high": 0.6576198}},
        {"source": "Product Added", "target": "(exit)", "times": 2, "share": {"count": 2, "n": 4, "value": 0.5, "low": 0.150039, "high": 0.849961}, "median_seconds": None, "back": {"count": 0, "n": 2, "value": 0.0, "low": 0.0, "high": 0.6576198}},
    ],
    "touchpoints": [
        {"name": "Product Added", "visits": 4, "begins": 4, "ways": {"count": 4, "n": 4, "value": 1.0, "low": 0.5101092, "high": 1.0}, "ends": {"count": 2, "n": 4, "value": 0.5, "low": 0.150039, "high": 0.849961}, "returning": {"count": 0, "n": 4, "value": 0.0, "low": 0.0, "high": 0.4898908}, "adjusted_p": 0.4666667, "dead_end": False},
        {"name": "Order Completed", "visits": 2, "begins": 0, "ways": {"count": 2, "n": 4, "value": 0.5, "low": 0.150039, "high": 0.849961}, "ends": {"count": 2, "n": 2, "value": 1.0, "low": 0.3423802, "high": 1.0}, "returning": {"count": 0, "n": 2, "value": 0.0, "low": 0.0, "high": 0.6576198}, "adjusted_p": 0.4666667, "dead_end": False},
    ],
    "frequent": [
        {"touchpoints": ["Product Added", "Order Completed"], "share": {"count": 2, "n": 4, "value": 0.5, "low": 0.150039, "high": 0.849961}, "goes_on": 0},
        {"touchpoints": ["Product Added"], "share": {"count": 2, "n": 4, "value": 0.5, "low": 0.150039, "high": 0.849961}, "goes_on": 0},
    ],
    "differences": [],
    "sql": None,
}  # fmt: skip
