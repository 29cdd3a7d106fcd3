"""Use of a product, sessions, web vitals, errors: at random, for comparing engines."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

Rows = list[dict[str, Any]]
START = datetime(2025, 1, 1, tzinfo=UTC)
DAYS, USERS, VISITS = 400, 90, 900
CHANNELS = ("email", "phone", "chat", None)
FEATURES = ("export", "alerts", "share", "api")
METRICS = (("LCP", 2400.0), ("INP", 180.0), ("CLS", 0.09), ("FCP", 1500.0), ("TTFB", 700.0))
STATUSES = ("healthy", "healthy", "healthy", "errored", "abnormal", "crashed")


def facts(r: np.random.Generator) -> dict[str, Rows]:
    """Return rows by their tables."""
    rows = [row for visit in range(VISITS) for row in _visit(r, visit)]
    rows += [
        {"id": f"product-signup-{i}", "customer": f"c{r.integers(USERS)}", "name": "Signed Up", "at": _at(r),
         "channel": _pick(r, CHANNELS), "device": "mobile"}
        for i in range(120)
    ]  # fmt: skip
    return {"events": rows}


def _at(r: np.random.Generator) -> datetime:
    return START + timedelta(microseconds=int(r.integers(0, DAYS * 86_400_000_000)))


def _pick(r: np.random.Generator, values: tuple[Any, ...]) -> Any:
    return values[int(r.integers(len(values)))]


def _visit(r: np.random.Generator, number: int) -> Rows:
    """Return the events of one visit, some of them at the same instant and some half an hour and longer apart."""
    at, who = _at(r), f"c{r.integers(USERS)}" if r.random() > 0.05 else None
    fixed = {"customer": who, "session": f"product-{number}", "channel": _pick(r, CHANNELS),
             "device": _pick(r, ("desktop", "mobile"))}  # fmt: skip
    rows = []
    for step in range(int(r.integers(1, 8))):
        at += timedelta(seconds=_pick(r, (0, 5, 60, 900, 1799, 1800, 4000)))
        name, properties = _event(r)
        rows.append({"id": f"product-{number}-{step}", "name": name, "at": at, "page": _pick(r, ("/", "/prices", None)),
                     "properties": properties, **fixed})  # fmt: skip
    return rows


def _event(r: np.random.Generator) -> tuple[str, dict[str, Any] | None]:
    metric, usual = _pick(r, METRICS)
    choices: tuple[tuple[str, dict[str, Any] | None], ...] = (
        ("Page Viewed", None),
        ("Page Viewed", {"key_event": True}),
        ("Product Viewed", None),
        ("Application Opened", {"release": "1.0"}),
        ("Feature Used", {"feature": _pick(r, FEATURES)}),
        ("Feature Used", None),
        ("Order Completed", None),
        (
            "Web Vital Measured",
            {"metric": metric, "value": _pick(r, (round(float(r.gamma(4) * usual / 4), 3), -1, "?"))},
        ),
        ("Web Vital Measured", {"metric": metric, "value": round(float(r.gamma(4) * usual / 4), 3)}),
        ("Requests Counted", {"requests": int(r.integers(1, 200)), "errors": int(r.integers(0, 3))}),
        ("Error Occurred", {"handled": True}),
        ("Session Ended", {"status": _pick(r, STATUSES), "release": _pick(r, ("1.0", "1.1"))}),
        ("Application Crashed", None),
    )
    return _pick(r, choices)  # type: ignore[no-any-return]
