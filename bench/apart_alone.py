"""retentioneering on a Parquet file of events, in an environment of its own; prints milliseconds as JSON."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
from retentioneering.eventstream.eventstream import Eventstream

STEPS = ["search", "product", "cart", "purchase"]
# From the first search on, within a time: as far as each of the other steps.
FURTHER = ["product", {"pattern": "product->.*->cart"}, {"pattern": "product->.*->cart->.*->purchase"}]


def main(file: str) -> None:
    """Load the events, ask for a funnel without a window, for the one of seven days, and for transitions with medians.

    Its funnel knows no window; what it has with one is the share of paths in which a pattern follows the first search in time.
    """
    frame = pd.read_parquet(file, columns=["customer", "at", "name"])
    schema = {"path_cols": ["customer"], "event_col": "name", "timestamp_col": "at"}
    took: dict[str, Any] = {}
    stream = _timed(took, "load", lambda: Eventstream(frame, schema))
    _timed(took, "funnel", lambda: stream.funnel_data(steps=STEPS))
    _timed(took, "funnel", lambda: stream.funnel_data(steps=STEPS))
    within = _timed(took, "in_seven_days", lambda: stream.get_conversion_rate("search", FURTHER, within="7d"))
    took["people"] = [int(within["paths_with_start"].iloc[0]), *map(int, within["converted"])]
    _timed(took, "transitions", lambda: stream.transition_graph_data(edge_weight="time_median"))
    print(json.dumps(took))


def _timed(took: dict[str, Any], name: str, what: Callable[[], Any]) -> Any:
    begun = time.perf_counter()
    made = what()
    ms = (time.perf_counter() - begun) * 1000
    took[name] = min(took.get(name, ms), ms)
    return made


main(sys.argv[1])
