"""Ids for records whose source gives none: the same record gets the same id, however often it is imported."""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import polars as pl

Keys = npt.NDArray[np.uint64]


class Occurrences:
    """How often each key came before. Takes eight bytes a distinct key: a set of ten million would take a gigabyte."""

    def __init__(self) -> None:
        self.known: Keys = np.empty(0, np.uint64)
        self.times: dict[int, int] = {}

    def count(self, keys: Keys) -> npt.NDArray[np.int64]:
        """Return for each key how often it came before, in earlier calls and earlier in this one.

        Examples
        --------
        >>> seen = Occurrences()
        >>> seen.count(np.array([7, 8, 7], np.uint64)).tolist(), seen.count(np.array([7, 9], np.uint64)).tolist()
        ([0, 0, 1], [2, 0])
        """
        if not len(keys):
            return np.empty(0, np.int64)
        distinct, inverse, times = np.unique(keys, return_inverse=True, return_counts=True)
        place = np.searchsorted(self.known, distinct)
        old = np.zeros(len(distinct), bool)
        inner = place < len(self.known)
        old[inner] = self.known[place[inner]] == distinct[inner]
        before = np.zeros(len(distinct), np.int64)
        before[old] = [self.times.get(int(key), 1) for key in distinct[old]]
        for position in np.flatnonzero(old | (times > 1)):
            self.times[int(distinct[position])] = int(before[position] + times[position])
        self.known = np.insert(self.known, place[~old], distinct[~old])
        return before[inverse] + _earlier(inverse, times)


def _earlier(inverse: npt.NDArray[np.intp], times: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
    """For each entry, how often its value stands before it."""
    order = np.argsort(inverse, kind="stable")
    starts = np.concatenate(([0], np.cumsum(times)[:-1]))
    result = np.empty(len(inverse), np.int64)
    result[order] = np.arange(len(inverse)) - np.repeat(starts, times)
    return result


def record_ids(frame: pl.DataFrame, seen: Occurrences) -> pl.Series:
    """Return an id for each record: a hash of all its values, with a number when the same stood there before.

    `seen` counts within one file, so that the same record in two files that overlap is one record.
    """
    parts = [pl.col(name).cast(pl.String).fill_null("\x00") for name in sorted(frame.columns)]
    joined = frame.select(pl.concat_str(parts, separator="\x1f")).to_series()
    digests = [blake2b(each.encode(), digest_size=16).digest() for each in joined]
    keys = np.frombuffer(b"".join(digests), np.uint64)[::2]
    hashes = pl.Series("id", [digest.hex() for digest in digests], pl.String)
    times = seen.count(keys)
    if not times.any():
        return hashes
    numbered = pl.select(pl.concat_str(hashes, pl.lit("-"), pl.Series(times + 1))).to_series()
    return pl.select(pl.when(pl.Series(times > 0)).then(numbered).otherwise(hashes)).to_series().rename("id")


def short(name: str) -> str:
    """Return a column's name as a part of an id: long questions are cut, and a hash keeps them apart."""
    return name if len(name) <= 40 else f"{name[:24]}~{blake2b(name.encode(), digest_size=6).hexdigest()}"
