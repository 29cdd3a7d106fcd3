"""Events in memory, each user's together and in the order of time: what is faster told by passes over arrays than by SQL.

For engines in this process only (`Engine.local`): a cluster keeps the rows, and answers by windows and lists where they lie.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

# Fewer rows are not worth a thread of their own.
MANY_ROWS = 250_000
CORES = min(8, os.cpu_count() or 1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
# Half the memory to pass over; a store of more users than 2 thousand million is looked at in slices anyway.
Users = NDArray[np.int32]
Given = TypeVar("Given")
Told = TypeVar("Told")


@dataclass(frozen=True, eq=False)
class Columns:
    """Rows of users as a whole, in order: `user` (a number), `t` (µs since 1970), `whose` (the user's hash), and the others.

    Of a column of texts `others` has their numbers in `texts`.
    """

    user: Users
    t: Ints
    whose: Hashes
    others: Mapping[str, Ints]
    texts: Mapping[str, NDArray[np.object_]]

    def __len__(self) -> int:
        return len(self.t)

    def without(self, users: Hashes) -> "Columns":
        """Return the rows of all other users."""
        kept = ~np.isin(self.whose, users)
        others = {name: column[kept] for name, column in self.others.items()}
        return Columns(self.user[kept], self.t[kept], self.whose[kept], others, self.texts)

    def split(self, most: int) -> list["Columns"]:
        """Return the rows as up to so many parts of whole users; as one when they are few."""
        n = len(self)
        count = min(most, 1 + n // MANY_ROWS)
        cuts = [int(np.searchsorted(self.user, self.user[n * i // count])) for i in range(1, count)]
        ends = [0, *cuts, n]
        slices = [slice(start, stop) for start, stop in pairwise(ends) if start < stop or n == 0]
        return [
            Columns(self.user[s], self.t[s], self.whose[s], {k: v[s] for k, v in self.others.items()}, self.texts)
            for s in slices
        ]

    def tied(self, *names: str) -> Hashes:
        """Return users with rows of one instant that differ in a column of `names`: which came first is not told here."""
        same = (self.t[1:] == self.t[:-1]) & (self.user[1:] == self.user[:-1])
        at = np.flatnonzero(same)
        unlike = np.zeros(len(at), dtype=bool)
        for name in names:
            column = self.others[name]
            unlike |= column[at + 1] != column[at]
        return np.unique(self.whose[at[unlike]])


def at_once(kernel: Callable[[Given], Told], several: Sequence[Given]) -> list[Told]:
    """Return what a function tells of each of some values, worked out side by side: NumPy lets other threads go on."""
    if len(several) < 2:
        return [kernel(one) for one in several]
    with ThreadPoolExecutor(min(CORES, len(several))) as pool:
        return list(pool.map(kernel, several))


def columns_of(rows: pa.Table, keep: Sequence[str], exact: bool) -> Columns:
    whose, t = (rows[name].to_numpy() for name in ("whose", "t"))
    user, order = together(whose) if exact else in_order(whose, t)
    others, texts = {}, {}
    for name in keep:
        others[name], texts[name] = _numbers(rows[name])
    if order is not None:
        t, whose, others = t[order], whose[order], {name: column[order] for name, column in others.items()}
    return Columns(user, t, whose, others, {name: known for name, known in texts.items() if known is not None})


def _numbers(column: pa.ChunkedArray) -> tuple[Ints, NDArray[np.object_] | None]:
    if not pa.types.is_string(column.type):
        return column.to_numpy(), None
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return encoded.indices.to_numpy(), encoded.dictionary.to_numpy(zero_copy_only=False)


def together(whose: Hashes) -> tuple[Users, Ints | None]:
    """Return the users' numbers with each user's rows together, in the order they stand in, and how to get there; None: as is.

    Rows that stand together already, as after `Store.compact`, cost a look at where one user's end.
    """
    n = len(whose)
    if n == 0:
        return np.empty(0, dtype=np.int32), None
    first = np.flatnonzero(np.concatenate(([True], whose[1:] != whose[:-1])))
    number, users = pd.factorize(whose[first])
    user = np.repeat(number.astype(np.int32), np.diff(first, append=n))
    if len(users) == len(first):
        return user, None
    return _by_number(user)


def _by_number(user: Users) -> tuple[Users, Ints]:
    # The number and the place in one word: plain numbers are sorted several times as fast as their places.
    shift = len(user).bit_length()
    words = (user.astype(np.int64) << shift) | np.arange(len(user))
    words.sort()
    return (words >> shift).astype(np.int32), words & ((1 << shift) - 1)


def in_order(whose: Hashes, t: Ints) -> tuple[Users, Ints | None]:
    """Return the users' numbers with each user's rows together and in the order of time, and how to get there; None: as is."""
    user, order = together(whose)
    sorted_t = t if order is None else t[order]
    late = (sorted_t[1:] < sorted_t[:-1]) & (user[1:] == user[:-1])
    if not late.any():
        return user, order
    # Only the users with a row out of its place are put in order, all other rows stay where they are.
    mixed = np.zeros(int(user.max()) + 1, dtype=bool)
    mixed[user[1:][late]] = True
    rows = np.flatnonzero(mixed[user])
    by_time = np.argsort(sorted_t[rows])
    _, turn = _by_number(user[rows][by_time])
    if order is None:
        order = np.arange(len(user))
    order[rows] = order[rows[by_time[turn]]]
    return user, order


def begins(user: Ints | Users) -> NDArray[np.bool_]:
    """Return which rows are the first of their user, or of whatever else numbers stand together."""
    return np.concatenate((np.ones(min(1, len(user)), dtype=bool), user[1:] != user[:-1]))


def us(at: datetime) -> int:
    """Return an instant in microseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)
