"""The examples of goals and benchmarks that the OpenAPI document shows; the tests carry them out and compare."""

from typing import Any

ASKED: dict[str, Any] = {
    "indicator": "csat",
    "target": 0.85,
    "starts": "2026-06-01",
    "due": "2031-05-31",
    "baseline": 0.78,
    "drivers": ["first_response_time", "fcr"],
    "note": "Every delivery on time",
}
GOAL: dict[str, Any] = {
    **ASKED,
    "id": 1,
    "options": {},
    "segment": None,
    "owner": None,
    "state": "open",
    "now": {"value": None, "low": None, "high": None, "n": 0, "status": "no_data"},
    "progress": None,
    "probability": None,
    "reason": "too_few",
    "expected": None,
}
BENCHMARK_ASKED: dict[str, Any] = {
    "indicator": "arpa",
    "name": "Other shops",
    "value": 2550,
    "currency": "EUR",
    "source": "Subscription report 2026",
    "day": "2026-03-01",
}
BENCHMARK: dict[str, Any] = {**BENCHMARK_ASKED, "id": 1, "link": ""}
