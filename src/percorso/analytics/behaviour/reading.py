"""How events come into memory: all users at once, or in slices that are read side by side, or one after the other."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from percorso.analytics.behaviour.columns import CORES, MANY_ROWS, Columns, Told, at_once, columns_of
from percorso.analytics.behaviour.events import arrival
from percorso.analytics.methods.base import Ask, marker
from percorso.analytics.run import fill, written
from percorso.analytics.tables import EVENTS

# Of larger tables the users are looked at in slices, so that memory stays bounded: some 50 bytes a row.
MOST_ROWS = 24_000_000
# Where slices are read alone, more of them cost nothing, and what is small stays near the processor.
MOST_AT_ONCE = 10_000_000
# So many rows are looked at to find customers who cut a table into equal slices.
SAMPLED = 50_000
# With more rows that came since the table was put in order, each slice would be looked for in all of it.
MOST_OUT_OF_ORDER = 0.05
# Of more users than these everybody is fetched in the exact order: a list of them would cost more.
FEW = 5000


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


@dataclass(eq=False)
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

    def told(self, kernel: Callable[[Columns], Told], parts: Sequence[Part] = ()) -> tuple[list[Told], str]:
        """Return what a function of columns tells of all users, a value for some users each, and the SQL that ran.

        `parts` are those of `parts`, when they were fetched already.
        """
        if parts:
            pieces = [piece for columns, _ in parts for piece in columns.split(CORES)]
            return at_once(kernel, pieces), _sql(parts)
        slices = self._slices()
        if self._is_ordered:
            # Each is read, put in order and looked at by one thread: of the three only reading would use them all.
            told = at_once(lambda some: [(kernel(c), sql) for c, sql in self._parts(some)], slices)
            made = [one for several in told for one in several]
            return [value for value, _ in made], ";\n".join(dict.fromkeys(sql for _, sql in made))
        values, ran = [], []
        for some in slices:
            for columns, sql in self._parts(some):
                values += at_once(kernel, columns.split(CORES))
                ran.append(sql)
        return values, ";\n".join(ran)

    @property
    def fits(self) -> bool:
        """Whether all rows fit into memory at once."""
        return self._rows <= MOST_ROWS

    def parts(self) -> list[Part]:
        """Return all users, each in one part, with the SQL that ran."""
        slices = self._slices()
        if not self._is_ordered:
            return [part for some in slices for part in self._parts(some)]
        return [part for several in at_once(lambda some: list(self._parts(some)), slices) for part in several]

    def _parts(self, some: "Slice | None") -> Iterator[Part]:
        """Yield the users of a slice, each in one part: rows of one instant that differ are put into the order they arrived in."""
        columns, sql = self._fetched(False, some)
        unsure = columns.tied(*self.keep) if self.in_turn else columns.whose[:0]
        if len(unsure) > FEW:
            yield self._fetched(True, some)
        elif len(unsure):
            yield columns.without(unsure), sql
            yield self._fetched(True, some, unsure.tolist())
        else:
            yield columns, sql

    @cached_property
    def _rows(self) -> int:
        store = self.ask.store
        asked = store.table("events").count().name("n").as_table()
        return int(store.engine.fetch(store.engine.sql(asked))["n"][0].as_py())

    @cached_property
    def _is_ordered(self) -> bool:
        """Whether slices by the customers' ids are read alone, and worth a thread each."""
        engine = self.ask.engine
        return engine.alone and self._rows > CORES * MANY_ROWS and engine.out_of_order(EVENTS) < MOST_OUT_OF_ORDER

    def _slices(self) -> Sequence["Slice | None"]:
        """Return in which slices all users are fetched, so that memory stays bounded; None: as a whole."""
        if self._is_ordered:
            return self._ranges(max(1, round(self._rows / MOST_AT_ONCE)) * CORES)
        count = 1 + self._rows // MOST_ROWS
        if count == 1:
            return [None]
        # In the store's own tables everybody who is known has a customer.
        return self._ranges(count) if self.ask.engine.alone else [Rest(number, count) for number in range(count)]

    def _ranges(self, count: int) -> Sequence["Slice"]:
        bounds = self._at_places(count) if self._is_ordered else []
        if len(bounds) < count - 1:
            found = self._sampled()
            bounds = [found[len(found) * i // count] for i in range(1, count)] if found else []
        bounds = sorted(set(bounds))
        ranges = [Range(low, high) for low, high in pairwise([None, *bounds, None])]
        if self.key is not None:
            # Side by side they would each compile the same.
            for some in {each.shape: each for each in ranges}.values():
                self._template(False, some)
        return ranges

    def _at_places(self, count: int) -> list[str]:
        """Return the customers at equal distances in a table kept by customer; fewer when others' workspaces are there, too."""
        owners = self.ask.engine.owners_at(EVENTS, count)
        return [customer for workspace, customer in owners if workspace == self.ask.workspace]

    def _sampled(self) -> list[str]:
        """Return the customers of some rows, in order, each as often as there are rows."""
        t = self.ask.store.table("events").select("workspace", "customer")
        t = t.sample(min(1.0, SAMPLED / self._rows), method="block")
        asked = t.filter(t.workspace == self.ask.workspace)
        return sorted(self.ask.engine.fetch(self.ask.engine.sql(asked))["customer"].drop_null().to_pylist())

    def _template(self, exact: bool, some: "Slice | None") -> str:
        key = ("columns", self.key, exact, some and some.shape)
        return self.ask.store.compiled(key, lambda: [self._asked(exact, some, ())])[0].sql

    def _fetched(self, exact: bool, some: "Slice | None", users: Sequence[int] = ()) -> tuple[Columns, str]:
        ask = self.ask
        if self.key is None or users:
            template = ask.engine.sql(self._asked(exact, some, users))
        else:
            template = self._template(exact, some)
        own = {} if some is None else {role: ask.engine.escaped(text) for role, text in some.texts.items()}
        sql = fill(template, {**written(self.moments), **self.roles, **own})
        return columns_of(ask.engine.fetch(sql), self.keep, exact), sql

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


def _sql(parts: Iterable[Part]) -> str:
    return ";\n".join(sql for _, sql in parts)
