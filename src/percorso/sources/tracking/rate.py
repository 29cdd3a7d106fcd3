"""How many requests a second each source may make: a bucket of tokens for each, in the memory of this process.

Of n processes each allows as much: they share nothing, for the answer must cost no query.
"""

from math import ceil
from threading import Lock
from time import monotonic

# A bucket holds so many seconds' tokens: what comes in bursts is taken as long as it is not more over a while.
BURST_SECONDS = 5


class Buckets:
    """The levels of all sources' buckets, each as of when it was last looked at."""

    def __init__(self) -> None:
        self._levels: dict[int, tuple[float, float]] = {}
        self._lock = Lock()

    def wait(self, source: int, rate: int, now: float | None = None) -> int:
        """Take one token of a source with so many requests a second; return 0, or the seconds to wait for the next."""
        now = monotonic() if now is None else now
        most = max(1.0, float(rate * BURST_SECONDS))
        with self._lock:
            level, then = self._levels.get(source, (most, now))
            level = min(most, level + (now - then) * rate)
            taken = level >= 1
            self._levels[source] = level - taken, now
        if taken:
            return 0
        return max(1, ceil((1 - level) / rate)) if rate else 60
