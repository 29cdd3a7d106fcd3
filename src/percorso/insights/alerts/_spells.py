"""From buckets that alarm to firings: one at a time, closed when all has been calm for a while."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from percorso.analytics.statistics.intervals import FloatArray
from percorso.insights.alerts._base import Direction, Firing, Series

Flags = NDArray[np.bool_]
# Buckets in control after which a firing is closed, and the next may come (specification 5.13).
CALM = 7


@dataclass(frozen=True, eq=False)
class Signals:
    """What an alert makes of each bucket: alarm, calm, or neither; `known` is false where nothing can be said.

    `chance` : of each bucket's deviation, read where there is an alarm.
    """

    alarm: Flags
    calm: Flags
    known: Flags
    chance: FloatArray


@dataclass(frozen=True)
class Story:
    """What there is to say of an alarm: message, its params, the difference, and when the change probably began."""

    message: str
    params: dict[str, object]
    size: float | None
    since: int | None


def spells(signals: Signals, calm_buckets: int = CALM) -> Iterator[tuple[int, int | None]]:
    """Yield each time of alarm: the bucket that began it, and the one at whose end it was over (None: it is not).

    It is over after `calm_buckets` calm buckets; one that is neither calm nor alarm begins the count again, one of which
    nothing is known is passed over.
    """
    at: int | None = None
    quiet = 0
    for t in range(signals.alarm.size):
        if signals.alarm[t]:
            at, quiet = t if at is None else at, 0
        elif at is not None and signals.calm[t]:
            quiet += 1
            if quiet == calm_buckets:
                yield at, t
                at = None
        elif signals.known[t]:
            quiet = 0
    if at is not None:
        yield at, None


def told(
    series: Series,
    direction: Direction,
    signals: Signals,
    story: Callable[[int], Story],
    calm_buckets: int = CALM,
) -> list[Firing]:
    """Return the firings of one direction; `story` tells what to say of the bucket that began one."""
    made = []
    for at, closed in spells(signals, calm_buckets):
        what, end = story(at), len(series) if closed is None else closed
        chances = {series.starts[t]: float(signals.chance[t]) for t in range(at, end) if signals.alarm[t]}
        made.append(
            Firing(
                at=series.starts[at],
                since=None if what.since is None else series.starts[what.since],
                direction=direction,
                good=series.good(direction),
                chance=chances[series.starts[at]],
                message=what.message,
                params={"indicator": series.indicator, **what.params},
                size=what.size,
                closed=None if closed is None else series.starts[closed],
                chances=chances,
            )
        )
    return made
