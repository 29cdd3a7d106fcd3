"""Usability tests, visits, audits, questionnaires: at random, for comparing engines."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

Rows = list[dict[str, Any]]
START = datetime(2025, 1, 1, tzinfo=UTC)
CHANNELS = ("email", "phone", "chat", None)
PILLARS = ("personalization", "integrity", "expectations", "resolution", "time_effort", "empathy")
DIMENSIONS = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")


def facts(r: np.random.Generator) -> dict[str, Rows]:
    """Return rows by their tables."""
    rows: Rows = []
    for make, times in ((_sus, 150), (_tasks, 200), (_visit, 120), (_audit, 60), (_gap, 250), (_servqual, 90), (_six, 150), (_see, 200)):  # fmt: skip
        for i in range(times):
            rows += make(r, i)
    return {"answers": [{"id": f"r{i}", **row} for i, row in enumerate(rows)]}


def _frame(r: np.random.Generator) -> dict[str, Any]:
    at = START + timedelta(microseconds=int(r.integers(0, 400 * 86_400_000_000)))
    who = f"c{r.integers(120)}" if r.random() > 0.1 else None
    return {"customer": who, "at": at, "channel": CHANNELS[int(r.integers(4))]}


def _whole(r: np.random.Generator, low: int, high: int) -> Any:
    """Return a score on a scale; now and then none, one off the scale, or one that nobody can read."""
    told = float(r.integers(low, high + 1))
    return (told, None, high + 1.0, 2.5, "x")[int(r.integers(5))] if r.random() < 0.02 else told


def _sus(r: np.random.Generator, i: int) -> Rows:
    one = {**_frame(r), "metric": "sus", "interaction": f"sus{i}", "scale_min": 1, "scale_max": 5}
    later = [timedelta(seconds=5 * k) for k in range(10)]
    return [
        {**one, "at": one["at"] + later[k], "question": f"q{k + 1}", "score": _whole(r, 1, 5)}
        for k in range(10 if r.random() > 0.05 else 9)
    ]


def _tasks(r: np.random.Generator, i: int) -> Rows:
    one = {**_frame(r), "interaction": f"study{i % 4}", "question": f"task{i % 3}"}
    done = (1.0, 1.0, 1.0, 0.0, None, 7.0)[int(r.integers(6))]
    seconds = float(r.lognormal(4, 0.5)) if r.random() > 0.05 else (0.0, None, -3.0, "x")[int(r.integers(4))]
    return [
        {**one, "metric": "task_success", "score": done},
        {**one, "metric": "task_time", "score": seconds},
    ]


def _visit(r: np.random.Generator, i: int) -> Rows:
    one = {**_frame(r), "metric": "mystery", "interaction": f"visit{i}", "touchpoint": f"shop{i % 5}"}
    return [
        {
            **one, "question": f"item{k}", "score": _whole(r, 0, 5) if r.random() > 0.1 else None, "scale_max": 5,
            "weight": (1.0, 2.0, None)[k % 3], "option": "critical" if k == 4 else None,
        }
        for k in range(6 if i % 20 else 1)
    ]  # fmt: skip


def _audit(r: np.random.Generator, i: int) -> Rows:
    one = {**_frame(r), "metric": "audit", "interaction": f"audit{i}", "customer": None, "scale_max": 4}
    return [
        {
            **one, "identity": f"expert{rater}", "touchpoint": f"place{place}", "question": f"criterion{k}",
            "score": _whole(r, 0, 4) if r.random() > 0.2 else None, "weight": float(1 + place),
        }
        for rater in range(1 + i % 2)
        for place in range(int(r.integers(1, 5)))
        for k in range(2)
    ]  # fmt: skip


def _gap(r: np.random.Generator, i: int) -> Rows:
    item = int(r.integers(4))
    return [{
        **_frame(r), "metric": "experience", "question": f"item{item}", "score": _whole(r, 1, 5), "scale_min": 1,
        "scale_max": 5, "population": (None, "customer", "employee", "partner")[int(r.integers(4))],
    }]  # fmt: skip


def _servqual(r: np.random.Generator, i: int) -> Rows:
    one = {**_frame(r), "interaction": f"servqual{i}", "scale_min": 1, "scale_max": 7}
    return [
        {**one, "metric": f"servqual_{side}", "aspect": name, "question": f"{name}{k}", "score": _whole(r, 1, 7)}
        for name in DIMENSIONS
        for k in range(2)
        for side in ("expected", "perceived")
        if r.random() > 0.03
    ]


def _six(r: np.random.Generator, i: int) -> Rows:
    top = 10 if i % 2 else 7
    one = {**_frame(r), "metric": "six_pillars", "interaction": f"six{i}", "scale_min": 1, "scale_max": top}
    return [{**one, "aspect": name, "score": _whole(r, 1, top)} for name in PILLARS if r.random() > 0.1]


def _see(r: np.random.Generator, i: int) -> Rows:
    one = {**_frame(r), "metric": "see", "interaction": f"see{i}", "scale_min": 1, "scale_max": 7}
    pillars = ("success", "effort", "emotion")
    return [{**one, "aspect": name, "score": _whole(r, 1, 7)} for name in pillars if r.random() > 0.2]
