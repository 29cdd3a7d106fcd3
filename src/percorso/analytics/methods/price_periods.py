"""Figures of the state of customers just before instants, made of their price periods (specification 1.5: PP).

The engine gives a row a price period: whose, from when, until when, and few numbers. What customers are at the two ends
of every window is worked out here, on arrays: an engine that is asked for it plans and adds up hundreds of columns, which
took thirty times as long. Price periods are few beside all other facts: fifty bytes each are fetched.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from weakref import ref

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from percorso.analytics.methods.base import Array, Ask, Parts
from percorso.analytics.methods.cells import cells_of
from percorso.analytics.methods.levels import States, Window, cell_key, windows

NEVER_US = 2**62
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


Folded = tuple[list[tuple[Any, ...]], Parts]


class _Folds:
    """What was made of rows, for as long as these rows are kept: rows that are the same object are the same rows."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[ref[pa.Table], dict[Hashable, Folded]]] = {}

    def get(self, rows: pa.Table, what: Hashable, make: Callable[[], Folded]) -> Folded:
        """Return what `make` makes of rows, made once for each `what`."""
        key = id(rows)
        found = self._made.get(key)
        if found is None or found[0]() is not rows:
            found = self._made[key] = ref(rows, lambda _: self._made.pop(key, None)), {}
        if what not in found[1]:
            found[1][what] = make()
        return found[1][what]


_folds = _Folds()


class Paid(NamedTuple):
    """What each unit pays a month just before an instant, and the smallest and largest code of the currencies it pays in."""

    amount: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class PricePeriods:
    """Price periods in the order of their units. Instants are microseconds since 1970, `NEVER_US` for an open end.

    unit : the place of each price period's unit. cell : the place of each unit's cell, of `cells`: units come
    in the order of their cells.
    numbers : further columns, one value a price period, NaN for none.
    """

    started_us: Whole
    ended_us: Whole
    numbers: Mapping[str, Array]
    unit: Whole
    cell: Whole
    cells: int
    _paid: dict[int, Paid] = field(default_factory=dict)

    def active(self, at_us: int) -> Flags:
        """Return which price periods hold just before an instant: begun strictly before it, not ended strictly before it."""
        return (self.started_us < at_us) & (self.ended_us >= at_us)

    def any(self, rows: Flags) -> Flags:
        """Return for which units something holds of any of their price periods."""
        made = np.zeros(self.cell.size, dtype=bool)
        made[self.unit[rows]] = True
        return made

    def total(self, rows: Array) -> Array:
        """Return the sum over the price periods of each unit."""
        return np.bincount(self.unit, weights=rows, minlength=self.cell.size).astype(np.float64, copy=False)

    def least(self, rows: Array) -> Array:
        """Return the smallest value of each unit, whatever is NaN left out; NaN for none."""
        return self._extreme(np.fmin, rows)

    def most(self, rows: Array) -> Array:
        """Return the largest value of each unit, whatever is NaN left out; NaN for none."""
        return self._extreme(np.fmax, rows)

    def of_cells(self, name: str, units: Any) -> Array:
        """Return a part of every cell from its units: the smallest of ``min_…``, the largest of ``max_…``, else the sum."""
        values = np.asarray(units, dtype=np.float64)
        how = np.fmin if name.startswith("min_") else np.fmax if name.startswith("max_") else np.add
        if not values.size:
            return np.full(self.cells, 0.0 if how is np.add else np.nan)
        return np.asarray(how.reduceat(values, self._first), dtype=np.float64)

    def median(self, units: Array) -> Array:
        """Return the median of the units of each cell, NaN left out; NaN for none."""
        cells = [one[~np.isnan(one)] for one in np.split(units, self._first[1:])]
        return np.array([np.median(one) if one.size else np.nan for one in cells], dtype=np.float64)

    @cached_property
    def _first(self) -> Whole:
        """The place of the first unit of each cell; every cell has units, unless there are none at all."""
        return np.searchsorted(self.cell, np.arange(self.cells))

    @cached_property
    def begun_us(self) -> Array:
        """When the first price period of each unit began."""
        return self.least(self.started_us.astype(np.float64))

    @cached_property
    def until_us(self) -> Array:
        """The latest end of the earlier price periods of the same unit; NaN for the first one."""
        order = np.lexsort((self.started_us, self.unit))
        ended = pd.Series(self.ended_us[order]).groupby(self.unit[order])
        made = np.empty(order.size)
        made[order] = ended.cummax().groupby(self.unit[order]).shift()
        return made

    @cached_property
    def since_us(self) -> Array:
        """When each unit began to pay, NaN for who never did."""
        return self.least(np.where(self.numbers["mrr"] > 0, self.started_us, np.nan))

    def paid(self, at_us: int, one_currency: bool) -> Paid:
        """Return what units pay just before an instant; in cells of one currency its code is that of all their rows."""
        if at_us not in self._paid:
            mrr, holds = self.numbers["mrr"], self.active(at_us)
            codes = self._codes if one_currency else self._extremes(holds & (mrr != 0))
            self._paid[at_us] = Paid(self.total(np.where(holds, mrr, 0.0)), *codes)
        return self._paid[at_us]

    @cached_property
    def _codes(self) -> tuple[Array, Array]:
        return self._extremes(np.ones(self.unit.size, dtype=bool))

    def _extremes(self, rows: Flags) -> tuple[Array, Array]:
        told = np.where(rows, self.numbers["code"], np.nan)
        return self.least(told), self.most(told)

    def _extreme(self, how: np.ufunc, rows: Array) -> Array:
        made = np.full(self.cell.size, np.nan)
        there = ~np.isnan(rows)
        values, unit = rows[there], self.unit[there]
        # Most companies have one currency: nothing to compare.
        if values.size and (values == values[0]).all():
            made[unit] = values[0]
        else:
            how.at(made, unit, values)
        return made


class OfPricePeriods(States):
    """Figures made of price periods. Subclasses name further `numbers` of them, and say what a window makes."""

    table = "subscriptions"

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("subscriptions")
        t = t.filter(ask.known(t.started_at), ibis.coalesce(t.customer, t.identity).notnull())
        # An end that was not known by `as_of` has not happened.
        t = t.mutate(ended_at=ibis.ifelse(ask.known(t.ended_at), t.ended_at, ibis.null("timestamp")))
        return t.mutate(moment=t.started_at)

    def numbers(self, t: ir.Table, ask: Ask) -> dict[str, ir.Value]:
        """Return further columns of numbers, one value a price period; none, unless overridden."""
        return {}

    def counted(self, p: PricePeriods, start_us: int, end_us: int, ask: Ask) -> Mapping[str, Any]:
        """Return the parts of one window, one value a unit; those of cells are made of them by `of_cells`."""
        raise TypeError(f"{type(self).__name__} must say what its windows make")

    def further(self, p: PricePeriods, end_us: int, ask: Ask) -> Mapping[str, Array]:
        """Return parts that no sum or extreme over units makes, one value a cell; none, unless overridden."""
        return {}

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        ended_us = ibis.ifelse(t.ended_at.isnull(), NEVER_US, ask.engine.epoch_us(t.ended_at)).cast("int64")
        own = {name: value.cast("float64") for name, value in self.numbers(t, ask).items()}
        by = [t[name] for name in self.kept_cells(t, cells)]
        started_us = ask.engine.epoch_us(t.started_at).cast("int64")
        return [t.select(*by, unit=self.who(t), started_us=started_us, ended_us=ended_us, **own)]

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> Folded:
        what = (
            self.key,
            tuple(sorted(ask.options.items())),
            tuple(windows(ask)),
            tuple(cells),
            ask.equal,
            ask.confidence,
        )
        return _folds.get(rows, what, lambda: self._fold(rows, cells, ask))

    def _fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> Folded:
        by = [name for name in cells if name in rows.column_names]
        keys, p = price_periods_of(rows, by)
        every = windows(ask)
        made = [self._parts(p, window, ask) for window in every]
        return [cell_key(w.label, key, by) for w in every for key in keys], _joined(made)

    def _parts(self, p: PricePeriods, window: Window, ask: Ask) -> Parts:
        start_us, end_us = micros(window.start), micros(window.end)
        own = self.counted(p, start_us, end_us, ask).items()
        return {**{name: p.of_cells(name, values) for name, values in own}, **self.further(p, end_us, ask)}


def price_periods_of(rows: pa.Table, by: list[str]) -> tuple[list[tuple[Any, ...]], PricePeriods]:
    """Return the keys of the cells, and the price periods; a customer with rows in several cells is a unit in each."""
    keys, cell = cells_of(rows, by)
    keys = keys if by else [()]
    who = rows["unit"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    unit = who
    if len(keys) > 1:
        unit = np.unique(cell * (who.max() + 1) + who, return_inverse=True)[1]
    own = np.zeros(int(unit.max(initial=-1)) + 1, dtype=np.int64)
    own[unit] = cell
    columns = {name: rows[name].to_numpy() for name in rows.column_names if name not in by and name != "unit"}
    started_us, ended_us = columns.pop("started_us"), columns.pop("ended_us")
    return keys, PricePeriods(started_us, ended_us, columns, unit, own, len(keys))


def micros(at: datetime) -> int:
    """Return an instant as microseconds since 1970."""
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - EPOCH) // timedelta(microseconds=1)


def _joined(several: Sequence[Parts]) -> Parts:
    return {name: np.concatenate([parts[name] for parts in several]) for name in several[0]} if several else {}
