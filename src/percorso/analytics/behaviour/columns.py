"""Events in memory, each user's together and in the order of time: what is faster told by passes over arrays than by SQL.

For engines in this process only (`Engine.local`): a cluster keeps the rows, and answers by windows and lists where they lie.
"""

import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple, TypeVar

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from percorso.analytics.behaviour.events import arrival
from percorso.analytics.methods.base import Ask, marker
from percorso.analytics.run import fill, written

# Of larger tables the users are looked at in parts, so that memory stays bounded: some 50 bytes a row.
MOST_ROWS = 24_000_000
# So many rows are looked at to find customers who cut a table into equal slices.
SAMPLED = 50_000
# Of more users than these everybody is fetched in the exact order: a list of them would cost more.
FEW = 5000
# Fewer rows are not worth a thread of their own.
MANY_ROWS = 250_000
CORES = min(8, os.cpu_count() or 1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Given = TypeVar("Given")
Told = TypeVar("Told")


@dataclass(frozen=True, eq=False)
class Columns:
    """Rows of users as a whole, in order: `user` (a number), `t` (µs since 1970), `whose` (the user's hash), and the others.

    Of a column of texts `others` has their numbers in `texts`.
    """

    user: Ints
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


class Range(NamedTuple):
    """The customers between two ids, the first of them inside; None: no end."""

    low: str | None
    high: str | None

    @property
    def shape(self) -> Hashable:
        """What the SQL depends on."""
        return self.low is None, self.high is None

    @property
    def texts(self) -> dict[str, str]:
        """What stands in the place of the SQL's markers."""
        return {"low": self.low or "", "high": self.high or ""}


class Rest(NamedTuple):
    """The users whose hash leaves `part` when it is divided by `parts`: read whole each time, but of any table."""

    part: int
    parts: int

    @property
    def shape(self) -> Hashable:
        """What the SQL depends on."""
        return "rest"

    @property
    def texts(self) -> dict[str, str]:
        """What stands in the place of the SQL's markers."""
        return {"part": str(self.part), "parts": str(self.parts)}


Slice = Range | Rest
Part = tuple[Columns, str]


@dataclass(frozen=True)
class Reading:
    """How events are fetched.

    Parameters
    ----------
    build : the events with `user`, `moment` and `t`, and further columns. keep : the names of the columns needed: numbers,
        or texts, of which each becomes its number in `texts`. key : what the SQL depends on but for instants and texts; None:
        never kept. moments, texts : see `events.answer`. in_turn : whether it plays a part what came first of one instant.
    """

    ask: Ask
    build: Callable[[Ask], ir.Table]
    keep: tuple[str, ...]
    key: Hashable
    moments: Mapping[str, datetime]
    roles: Mapping[str, str]
    in_turn: bool = True

    def told(self, kernel: Callable[[Columns], Told], parts: Iterable[Part] = ()) -> tuple[list[Told], str]:
        """Return what a function of columns tells of all users, a value for some users each, and the SQL that ran.

        `parts` are those of `parts`, when they were fetched already.
        """
        told, ran = [], []
        for columns, sql in parts or self.parts():
            told += at_once(kernel, columns.split(CORES))
            ran.append(sql)
        return told, ";\n".join(ran)

    def count(self) -> int:
        """Return in how many parts all users are fetched, so that memory stays bounded."""
        store = self.ask.store
        rows = store.engine.fetch(store.engine.sql(store.table("events").count().name("n").as_table()))["n"][0].as_py()
        return 1 + int(rows) // MOST_ROWS

    def parts(self) -> Iterator[Part]:
        """Yield all users, each in one part, with the SQL that ran.

        Rows of one instant that differ in what is kept are put into the order they arrived in.
        """
        for some in self._slices(self.count()):
            columns, sql = self._fetched(False, some)
            unsure = columns.tied(*self.keep) if self.in_turn else columns.whose[:0]
            if len(unsure) > FEW:
                yield self._fetched(True, some)
            elif len(unsure):
                yield columns.without(unsure), sql
                yield self._fetched(True, some, unsure.tolist())
            else:
                yield columns, sql

    def _slices(self, count: int) -> Sequence["Slice | None"]:
        """Return in which slices all users are fetched; None: as a whole."""
        if count == 1:
            return [None]
        if not self.ask.engine.alone:
            return [Rest(number, count) for number in range(count)]
        # In the store's own tables everybody who is known has a customer; kept by customer, a slice is read alone.
        t = self.ask.store.table("events")
        share = min(1.0, SAMPLED / (MOST_ROWS * (count - 1)))
        rows = self.ask.engine.fetch(self.ask.engine.sql(t.select("customer").sample(share, method="block")))
        found = sorted(rows["customer"].drop_null().to_pylist())
        bounds = sorted({found[len(found) * i // count] for i in range(1, count)} if found else ())
        return [Range(low, high) for low, high in pairwise([None, *bounds, None])]

    def _fetched(self, exact: bool, some: "Slice | None", users: Sequence[int] = ()) -> tuple[Columns, str]:
        ask = self.ask
        if self.key is None or users:
            template = ask.engine.sql(self._asked(exact, some, users))
        else:
            key = ("columns", self.key, exact, some and some.shape)
            template = ask.store.compiled(key, lambda: [self._asked(exact, some, ())])[0].sql
        own = {} if some is None else {role: ask.engine.escaped(text) for role, text in some.texts.items()}
        sql = fill(template, {**written(self.moments), **self.roles, **own})
        return _columns(ask.engine.fetch(sql), self.keep, exact), sql

    def _asked(self, exact: bool, some: "Slice | None", users: Sequence[int]) -> ir.Table:
        ask = self.ask
        if isinstance(some, Range):
            ask = replace(ask, from_low=some.low is not None, before_high=some.high is not None)
        t = self.build(ask)
        t = t.mutate(whose=self.ask.engine.hashed(t.user))
        if isinstance(some, Rest):
            part, parts = (ibis.literal(marker(name)).cast("uint64") for name in ("part", "parts"))
            t = t.filter(self.ask.engine.rest(t.whose, parts) == part)
        if users:
            t = t.filter(t.whose.isin([ibis.literal(user, "uint64") for user in users]))
        if exact:
            place = (
                {name: t[name] for name in ("t", "arrived", "id")} if "arrived" in t.columns else arrival(t, self.ask)
            )
            t = t.order_by(t.whose, place["t"], place["arrived"], place["id"])
        return t.select("whose", "t", *self.keep)


def at_once(kernel: Callable[[Given], Told], several: Sequence[Given]) -> list[Told]:
    """Return what a function tells of each of some values, worked out side by side: NumPy lets other threads go on."""
    if len(several) < 2:
        return [kernel(one) for one in several]
    with ThreadPoolExecutor(len(several)) as pool:
        return list(pool.map(kernel, several))


def _columns(rows: pa.Table, keep: Sequence[str], exact: bool) -> Columns:
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


def together(whose: Hashes) -> tuple[Ints, Ints | None]:
    """Return the users' numbers with each user's rows together, in the order they stand in, and how to get there; None: as is.

    Rows that stand together already, as after `Store.compact`, cost a look at where one user's end.
    """
    n = len(whose)
    if n == 0:
        return np.empty(0, dtype=np.int64), None
    first = np.flatnonzero(np.concatenate(([True], whose[1:] != whose[:-1])))
    number, users = pd.factorize(whose[first])
    user = np.repeat(number.astype(np.int64), np.diff(first, append=n))
    if len(users) == len(first):
        return user, None
    return _by_number(user)


def _by_number(user: Ints) -> tuple[Ints, Ints]:
    # The number and the place in one word: plain numbers are sorted several times as fast as their places.
    shift = len(user).bit_length()
    words = (user << shift) | np.arange(len(user))
    words.sort()
    return words >> shift, words & ((1 << shift) - 1)


def in_order(whose: Hashes, t: Ints) -> tuple[Ints, Ints | None]:
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


def begins(user: Ints) -> NDArray[np.bool_]:
    """Return which rows are the first of their user, or of whatever else numbers stand together."""
    return np.concatenate((np.ones(min(1, len(user)), dtype=bool), user[1:] != user[:-1]))


def us(at: datetime) -> int:
    """Return an instant in microseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)
