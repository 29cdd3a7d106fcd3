"""Which ids a table may hold already: their hashes in memory, so that most appends need not look through the table.

A hash that is not here was never stored. One that is here may be another id's, or of a row deleted since: only such rows are
looked up in the table itself. Eight bytes an id: 100 million ids take 800 MB.
"""

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
# A run is merged into the one before it when it is no smaller: each hash is copied a few times, and few runs are searched.
FEW = 4


class SeenIds:
    """Sorted runs of hashes, each several times as long as the next."""

    def __init__(self, hashes: Hashes) -> None:
        self._runs: list[Hashes] = []
        self.add(hashes)

    def __len__(self) -> int:
        return sum(len(run) for run in self._runs)

    def add(self, hashes: Hashes) -> None:
        """Remember hashes."""
        if not len(hashes):
            return
        self._runs.append(np.sort(hashes))
        while len(self._runs) > 1 and len(self._runs[-2]) < FEW * len(self._runs[-1]):
            last, before = self._runs.pop(), self._runs.pop()
            merged = np.concatenate((before, last))
            merged.sort()
            self._runs.append(merged)

    def among(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Return of which hashes there may be a row."""
        found = np.zeros(len(hashes), dtype=bool)
        for run in self._runs:
            place = np.searchsorted(run, hashes)
            found |= run[np.minimum(place, len(run) - 1)] == hashes
        return found
