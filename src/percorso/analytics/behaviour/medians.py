"""Exact medians of many groups over parts that are put in order one by one, side by side: never all rows at once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from percorso.analytics.behaviour.columns import Ints, begins

Floats = NDArray[np.float64]
# A whole number of 64 bits without its sign.
BITS = 63
NOTHING: Ints = np.empty(0, dtype=np.int64)
MOST = np.iinfo(np.int64).max


class Part(NamedTuple):
    """Rows of groups, by group and value; see `part_of`.

    `seen` is ``group << bits | value`` of each row; `groups`, `first` and `times` have an entry for each different group:
    its number, its first row, how many rows it has.
    """

    seen: Ints
    bits: int
    groups: Ints
    first: Ints
    times: Ints


class Rows(NamedTuple):
    """Rows in any order, whose group and value do not fit one number."""

    groups: Ints
    values: Ints


class Medians(NamedTuple):
    """Of each group, in order: its number, how many rows it has, and the median."""

    groups: Ints
    times: Ints
    medians: Floats


def part_of(groups: Ints, values: Ints) -> Part | Rows:
    """Return rows in order; as they are when group and value do not fit one number. Both are 0 or more."""
    bits = int(values.max(initial=0)).bit_length()
    if int(groups.max(initial=0)).bit_length() + bits > BITS:
        return Rows(groups, values)
    # Both in one number: sorted several times as fast as by two.
    seen = (groups << bits) | values
    seen.sort()
    ordered = seen >> bits
    first = np.flatnonzero(begins(ordered))
    return Part(seen, bits, ordered[first], first, np.diff(first, append=len(seen)))


def medians(parts: Sequence[Part | Rows]) -> Medians:
    """Return the medians of all parts together, exact; of numbers that do not fit one, of all rows at once."""
    parts = [part for part in parts if len(part.groups)]
    if not parts:
        return _of_rows([Rows(NOTHING, NOTHING)])
    ordered = [part for part in parts if isinstance(part, Part)]
    most = max((int(part.groups.max(initial=0)).bit_length() for part in ordered), default=0)
    if len(ordered) == len(parts) and all(most + part.bits <= BITS for part in ordered):
        return _of_parts(ordered)
    return _of_rows([_rows(part) for part in parts])


def _rows(part: Part | Rows) -> Rows:
    if isinstance(part, Rows):
        return part
    return Rows(part.seen >> part.bits, part.seen & ((1 << part.bits) - 1))


def _of_rows(parts: Sequence[Rows]) -> Medians:
    groups, values = (np.concatenate(column) for column in zip(*parts, strict=True))
    turn = np.lexsort((values, groups))
    groups, values = groups[turn], values[turn]
    first = np.flatnonzero(begins(groups))
    times = np.diff(first, append=len(groups))
    both = values[first + (times - 1) // 2].astype(float) + values[first + times // 2]
    return Medians(groups[first], times, both / 2)


def _of_parts(parts: Sequence[Part]) -> Medians:
    """The lower median of all rows lies between the least and the greatest one of the parts: few halvings find it.

    Where the number of rows is even, the other one is the next value, or the same again.
    """
    groups = np.unique(np.concatenate([part.groups for part in parts]))
    times = np.zeros(len(groups), dtype=np.int64)
    low, high = np.full(len(groups), MOST), np.full(len(groups), -1)
    for part in parts:
        where = np.searchsorted(groups, part.groups)
        own = part.seen[part.first + (part.times - 1) // 2] & ((1 << part.bits) - 1)
        times[where] += part.times
        low[where], high[where] = np.minimum(low[where], own), np.maximum(high[where], own)
    while (wide := low < high).any():
        middle = (low + high) // 2
        enough = _up_to(parts, groups, middle) > (times - 1) // 2
        high, low = np.where(wide & enough, middle, high), np.where(wide & ~enough, middle + 1, low)
    further = _up_to(parts, groups, low) <= times // 2
    other = low.copy()
    other[further] = _least_above(parts, groups[further], low[further])
    return Medians(groups, times, (low.astype(float) + other) / 2)


def _ends(part: Part, groups: Ints, values: Ints) -> Ints:
    """Return behind which row of a part the values up to one of each group end."""
    most = (1 << part.bits) - 1
    return np.searchsorted(part.seen, (groups << part.bits) | np.minimum(values, most), side="right")


def _up_to(parts: Sequence[Part], groups: Ints, values: Ints) -> Ints:
    """Return how many rows of each group have a value up to its one in `values`."""
    found = np.zeros(len(groups), dtype=np.int64)
    for part in parts:
        place = np.searchsorted(part.groups, groups)
        begun = np.append(part.first, len(part.seen))[place]
        found += _ends(part, groups, values) - begun
    return found


def _least_above(parts: Sequence[Part], groups: Ints, values: Ints) -> Ints:
    """Return of each group the least value above its one in `values`: there is one."""
    least = np.full(len(groups), MOST)
    for part in parts:
        end = _ends(part, groups, values)
        row = np.minimum(end, len(part.seen) - 1)
        there = (end < len(part.seen)) & (part.seen[row] >> part.bits == groups)
        least = np.where(there, np.minimum(least, part.seen[row] & ((1 << part.bits) - 1)), least)
    return least
