"""What units are just before two instants, and what they did in between (specification 1.5: PP, left limits).

One pass over the facts makes one row a unit with a column for each instant and window; a second pass, over these rows,
makes the parts of every window. So a series of twelve months reads the facts once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics.methods.base import Array, Ask, Parts, numbers
from percorso.analytics.methods.cells import cells_of
from percorso.analytics.methods.units import PerUnit

if TYPE_CHECKING:
    from percorso.analytics.frames import Frame

ALSO = "also"  # begins the labels of the windows of the second frame
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
Columns = Mapping[str, ir.Column]


@dataclass(frozen=True)
class Window:
    """From `start` to `end`, and the bucket or side of the cell that it belongs to (empty: the only one)."""

    label: tuple[Any, ...]
    start: datetime
    end: datetime


def windows(ask: Ask) -> list[Window]:
    """Return the windows of the question; one that has not begun by `as_of` is left out, one that runs ends there."""
    own = _of_frame(ask.frame, ask)
    return own if ask.also is None else own + [replace(w, label=(ALSO, *w.label)) for w in _of_frame(ask.also, ask)]


def window_moments(ask: Ask) -> dict[str, datetime]:
    """Return the two ends of every window by the roles that SQL holds markers for."""
    return {f"level_{i}_{end}": getattr(w, end) for i, w in enumerate(windows(ask)) for end in ("start", "end")}


def _of_frame(frame: "Frame | None", ask: Ask) -> list[Window]:
    from percorso.analytics.frames import BEFORE, NOW  # frames imports Ask, which this module needs too

    if frame is None or frame.period is None:
        return [Window((), BEGINNING, ask.as_of)]
    if frame.buckets:
        begun = [(i, b) for i, b in enumerate(frame.buckets) if b.start < ask.as_of]
        return [Window((i,), b.start, min(b.end, ask.as_of)) for i, b in begun]
    periods = [((NOW,), frame.period), ((BEFORE,), frame.before)] if frame.before else [((), frame.period)]
    bounds = [(label, p.bounds) for label, p in periods if p is not None]
    return [Window(label, start, max(start, min(end, ask.as_of))) for label, (start, end) in bounds]


class States(PerUnit):
    """Figures of the state of units at the two ends of `windows`, whose labels begin the keys of their cells."""

    snapshot = True

    def kept_cells(self, t: ir.Table, cells: list[str]) -> list[str]:
        """Return those of the columns of a cell that rows have; sides of time and buckets are windows."""
        return [name for name in cells if name.startswith("by_") or (name == "side" and "side" in t.columns)]


class Levels(States):
    """States that the engine works out. Subclasses say what a unit is just before an instant (`before`), what it did in
    a window (`during`), what holds whenever (`always`), and what windows make of it (`counted`)."""

    def before(self, t: ir.Table, instant: ir.TimestampValue, ask: Ask) -> dict[str, ir.Scalar]:
        """Return the state of a unit just before an instant, as aggregates over its rows."""
        raise TypeError(f"{type(self).__name__} must say what a state is")

    def during(self, t: ir.Table, start: ir.TimestampValue, end: ir.TimestampValue, ask: Ask) -> dict[str, ir.Scalar]:
        """Return what a unit did in ``[start, end)``, as aggregates over its rows; nothing, unless overridden."""
        return {}

    def always(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        """Return what holds of a unit at any time, as aggregates over its rows; nothing, unless overridden."""
        return {}

    def counted(
        self, first: Columns, last: Columns, inside: Columns, ever: Columns, start: ir.TimestampValue, ask: Ask
    ) -> dict[str, ir.Scalar]:
        """Return the parts of one window over its units: state at its start, at its end, what they did, what holds."""
        raise TypeError(f"{type(self).__name__} must say what its windows make")

    def moments(self, ask: Ask) -> dict[str, datetime]:
        return window_moments(ask)

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        every = range(len(windows(ask)))
        most = ask.engine.windows_at_once
        chunks = [every[i : i + most] for i in range(0, len(every), most)]
        return [self._wide(t, self.kept_cells(t, cells), chunk, ask) for chunk in chunks]

    def _wide(self, t: ir.Table, by: list[str], chunk: Sequence[int], ask: Ask) -> ir.Table:
        t = t.mutate(unit=self.who(t))
        made: dict[str, ir.Scalar] = {f"ever__{k}": v for k, v in self.always(t, ask).items()}
        for i in chunk:
            start, end = ask.instant(f"level_{i}_start"), ask.instant(f"level_{i}_end")
            for what, found in (
                ("first", self.before(t, start, ask)),
                ("last", self.before(t, end, ask)),
                ("inside", self.during(t, start, end, ask)),
            ):
                made |= {f"{what}_{i}__{name}": value for name, value in found.items()}
        u = t.group_by([*by, "unit"]).aggregate(**made)
        parts: dict[str, ir.Scalar] = {}
        for i in chunk:
            first, last, inside = (_columns(u, f"{what}_{i}__") for what in ("first", "last", "inside"))
            found = self.counted(first, last, inside, _columns(u, "ever__"), ask.instant(f"level_{i}_start"), ask)
            parts |= {f"{name}__{i}": value for name, value in found.items()}
        return u.group_by(by).aggregate(**parts) if by else u.aggregate(**parts)

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[tuple[Any, ...]], Parts]:
        return from_wide(rows, cells, ask)


def from_wide(rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[tuple[Any, ...]], Parts]:
    """Return a cell for each group and window: the columns ``part__window`` become rows."""
    labels = [w.label for w in windows(ask)]
    by = [name for name in cells if name in rows.column_names]
    keys, place = cells_of(rows, by)
    order = np.argsort(place)
    made: dict[int, dict[str, Array]] = {}
    for column in rows.column_names:
        name, dash, window = column.rpartition("__")
        if dash and column not in by:
            made.setdefault(int(window), {})[name] = numbers(rows[column], name)[order]
    every = list(made.items())
    folded = [cell_key(labels[i], key, by) for i, _ in every for key in keys]
    names = list(every[0][1]) if every else []
    return folded, {name: np.concatenate([parts[name] for _, parts in every]) for name in names}


def cell_key(label: tuple[Any, ...], key: tuple[Any, ...], by: list[str]) -> tuple[Any, ...]:
    """Return the key of a group's cell in a window."""
    # Two groups beside each other already carry their side; windows of before and now bring theirs.
    return key if by and by[0] == "side" else (*label, *key)


def _columns(u: ir.Table, prefix: str) -> dict[str, ir.Column]:
    return {name.removeprefix(prefix): u[name] for name in u.columns if name.startswith(prefix)}


def active(t: ir.Table, instant: ir.TimestampValue) -> ir.BooleanValue:
    """Whether a price period holds just before `instant`: begun strictly before it, not ended strictly before it."""
    return (t.started_at < instant) & (t.ended_at.isnull() | (t.ended_at >= instant))


def flagged(condition: ir.BooleanValue) -> ir.IntegerScalar:
    """Whether a condition holds for any row, as 1 or 0."""
    return ibis.ifelse(condition, 1, 0).max().fill_null(0)
