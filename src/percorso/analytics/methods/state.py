"""State at an instant: a running sum of entries and exits, never a day-by-day spine (specification 1.5, SN)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from percorso.analytics.methods.base import Array, Ask


def running_sum(keys: Sequence[tuple[Any, ...]], changes: Array, groups: int) -> Array:
    """Return the state of every cell: its changes and those of the cells before it in the same group."""
    state = np.zeros(len(changes))
    last: tuple[Any, ...] | None = None
    total = 0.0
    for i, key in enumerate(keys):
        group = key[len(key) - groups :] if groups else ()
        if group != last:
            last, total = group, 0.0
        total += changes[i]
        state[i] = total
    return state


def as_of_buckets(state: Array, ask: Ask) -> Array:
    """Return the state with NaN for buckets that have not begun: a state is never carried into the future."""
    if ask.frame is None or not ask.frame.buckets:
        return state
    begun = np.array([b.start < ask.as_of for b in ask.frame.buckets])
    return np.where(np.tile(begun, len(state) // len(begun)), state, np.nan)


def instants(ask: Ask) -> list[tuple[tuple[Any, ...], datetime]]:
    """Return the instants at which a snapshot is taken, each with its cell's side or bucket; none in the future."""
    from percorso.analytics.frames import BEFORE, NOW  # frames imports Ask, which this module needs too

    frame = ask.frame
    if frame is None or frame.period is None:
        return [((), ask.as_of)]
    if frame.buckets:
        begun = [(i, b) for i, b in enumerate(frame.buckets) if b.start < ask.as_of]
        return [((i,), min(b.end, ask.as_of)) for i, b in begun]
    end = min(frame.period.bounds[1], ask.as_of)
    if frame.before is None:
        return [((), end)]
    return [((NOW,), end), ((BEFORE,), min(frame.before.bounds[1], ask.as_of))]
