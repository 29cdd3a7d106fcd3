"""What each person did in which of many places (days, steps), as bits of a few whole numbers: one pass over the events.

The engine makes a number of each person's places and counts the people with equal numbers; NumPy reads them. No pair of
person and place is ever sorted or kept apart by the engine, which costs ten times as much.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from percorso.analytics.behaviour.retention import WORD

Ints = NDArray[np.int64]
# Rows that are unpacked at once: 64 bytes for each of their words.
CHUNK = 50_000


def words_of(place: ir.IntegerValue, places: int, where: ir.BooleanValue) -> dict[str, ir.Scalar]:
    """Return aggregates ``word_0``, ``word_1`` … with a bit for each place (0 to `places` - 1) of the rows of `where`."""
    # Rows that do not count are shifted as well, and by no more than there are bits.
    place = ibis.greatest(ibis.least(place, places - 1), 0)
    # A literal alone would be a number of 8 bits on ClickHouse, and wrap.
    bit = ibis.literal(1).cast("int64") << (place % WORD).cast("int64")
    return {
        f"word_{i}": bit.bit_or(where=where & (place // WORD == i)).fill_null(0)
        for i in range((places - 1) // WORD + 1)
    }


def counted(people: ir.Table, keys: tuple[str, ...] = ()) -> ir.Table:
    """Return how many rows (`people`) have the same words, and the same `keys`."""
    words = [name for name in people.columns if name.startswith("word_")]
    return people.group_by([*keys, *words]).aggregate(people=people.count())


@dataclass(frozen=True, eq=False)
class Places:
    """The places of some rows: of each, the row it is of (`row`, ascending) and its number (`place`, ascending in a row).

    `people` and `keys` have one entry a row.
    """

    row: Ints
    place: Ints
    people: Ints
    keys: Mapping[str, Ints]

    @property
    def before(self) -> Ints:
        """The place before each one in its row; -1 where it is the first."""
        same = np.append(False, self.row[1:] == self.row[:-1])
        return np.where(same, np.append(0, self.place[:-1]), -1)

    @property
    def after(self) -> Ints:
        """The place after each one in its row; -1 where it is the last."""
        same = np.append(self.row[1:] == self.row[:-1], False)
        return np.where(same, np.append(self.place[1:], 0), -1)

    def among(self, group: Ints) -> "Places":
        """Return the places by larger ones: `group` has the number of the larger place of each, -1 for none; each once."""
        place = group[self.place]
        first = (
            np.append(True, (self.row[1:] != self.row[:-1]) | (place[1:] != place[:-1])) if place.size else place > 0
        )
        kept = first & (place >= 0)
        return Places(self.row[kept], place[kept], self.people, self.keys)


def places_of(rows: pa.Table, keys: tuple[str, ...] = ()) -> Iterator[Places]:
    """Return the places of the rows that `counted` gave, some rows at a time."""
    names = [name for name in rows.column_names if name.startswith("word_")]
    for start in range(0, rows.num_rows, CHUNK):
        part: Any = rows.slice(start, CHUNK)
        words = np.stack([part[name].to_numpy().astype("<i8") for name in names], axis=1)
        bits = np.unpackbits(np.ascontiguousarray(words).view(np.uint8), axis=1, bitorder="little")
        row, bit = np.nonzero(bits)
        place = bit // 64 * WORD + bit % 64
        whole = {name: part[name].to_numpy().astype(np.int64) for name in (*keys, "people")}
        yield Places(row, place, whole.pop("people"), whole)
