"""The examples of errors and slow pages that the OpenAPI document shows; the tests carry them out and compare."""

from typing import Any

IMPACT_ASKED: dict[str, Any] = {
    "from": "2026-03-09", "to": "2026-03-12", "troubles": ["LCP"], "as_of": "2026-04-01T03:00:00Z",
}  # fmt: skip
IMPACT: dict[str, Any] = {
    "from": "2026-03-09",
    "to": "2026-03-12",
    "time_zone": "America/Sao_Paulo",
    "score": "nps",
    "impacts": [
        {
            "trouble": "LCP",
            "limit": 2500.0,
            "bands": [
                {"band": "good", "n": 1, "value": 100.0, "low": -48.49865, "high": 100.0},
                {"band": "needs_improvement", "n": 1, "value": 0.0, "low": -60.0114, "high": 60.0114},
                {"band": "poor", "n": 1, "value": -100.0, "low": -100.0, "high": 48.49865},
            ],
            "untroubled": {"band": "good", "n": 1, "value": 100.0, "low": -48.49865, "high": 100.0},
            "troubled": {"band": "troubled", "n": 2, "value": -50.0, "low": -79.44865, "high": 39.44865},
            "unmeasured": 0,
            "status": "low_sample",
            "difference": -150.0,
            "low": -139.5314,
            "high": 49.53144,
            "p_value": 0.350817,
            "adjusted_p": 0.350817,
            "differs": False,
        }
    ],
    "sql": None,
}
ERRORS_ASKED: dict[str, Any] = {"from": "2026-03-09", "to": "2026-03-10", "by": "page", "as_of": "2026-04-01T03:00:00Z"}
ERRORS: dict[str, Any] = {
    "from": "2026-03-09",
    "to": "2026-03-10",
    "time_zone": "America/Sao_Paulo",
    "errors": 1,
    "hit": {"count": 1, "n": 3, "value": 0.3333333, "low": 0.06149194, "high": 0.7923404},
    "groups": [
        {
            "value": "/pay",
            "errors": 1,
            "hit": {"count": 1, "n": 3, "value": 0.3333333, "low": 0.06149194, "high": 0.7923404},
            "last_at": "2026-03-09T15:07:00Z",
        }
    ],
    "sql": None,
}
