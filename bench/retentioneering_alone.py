"""retentioneering on a Parquet file of events, in an environment of its own; prints milliseconds as JSON."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
from retentioneering.eventstream.eventstream import Eventstream

STEPS = ["search", "product", "cart", "purchase"]


def main(file: str) -> None:
    """Load the events, ask for a funnel (it knows no window, no times, no intervals) and for transitions with medians."""
    frame = pd.read_parquet(file, columns=["customer", "at", "name"])
    schema = {"path_cols": ["customer"], "event_col": "name", "timestamp_col": "at"}
    took: dict[str, float] = {}
    stream = _timed(took, "load", lambda: Eventstream(frame, schema))
    _timed(took, "funnel", lambda: stream.funnel_data(steps=STEPS))
    _timed(took, "funnel", lambda: stream.funnel_data(steps=STEPS))
    _timed(took, "transitions", lambda: stream.transition_graph_data(edge_weight="time_median"))
    print(json.dumps(took))


def _timed(took: dict[str, float], name: str, what: Callable[[], Any]) -> Any:
    begun = time.perf_counter()
    made = what()
    ms = (time.perf_counter() - begun) * 1000
    took[name] = min(took.get(name, ms), ms)
    return made


main(sys.argv[1])
