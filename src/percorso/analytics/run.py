"""One indicator of one query, on its way from rows to cells."""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import isfinite
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics import frames
from percorso.analytics.frames import BEFORE, NOW, Frame
from percorso.analytics.methods.base import Ask, Figures, Indicator, Parts
from percorso.analytics.query import Period, Query
from percorso.analytics.result import Cell
from percorso.analytics.segments import Rule, customers_in
from percorso.analytics.statements import Statement
from percorso.analytics.store import Store
from percorso.analytics.verdicts import Pair

Key = tuple[Any, ...]
Folded = tuple[Sequence[Key], Parts]
MARKER = re.compile("«(\\w+)»")


@dataclass(frozen=True)
class Answer:
    """One indicator's cells, each with the pair to test."""

    indicator: Indicator
    cells: list[tuple[Cell, Pair | None]]

    @property
    def key(self) -> str:
        return self.indicator.key


class Run:
    """What is asked of the engine for one indicator of one query, and what its rows make."""

    def __init__(self, store: Store, query: Query, indicator: Indicator) -> None:
        self.query, self.indicator = query, indicator
        # The end of this minute: questions of one minute share their SQL, and what arrived this second counts.
        as_of = query.as_of or datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        self.ask = Ask(
            store=store,
            workspace=query.workspace,
            as_of=as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC),
            options=indicator.chosen(query.options),
            confidence=query.confidence,
            schedule=query.schedule,
            columns=_columns_of(query),
            equal=_equal_of(query),
        )
        forced = [name for name in indicator.always_by if name not in query.by and name not in query.segment]
        self.by = (*query.by, *forced)
        self.sided = query.compare is not None and query.grain is None
        self.frame = frames.frame_of(query, self._period())
        self.ask = replace(self.ask, frame=self.frame)
        self.names = self._cell_columns(self.frame)

    @cached_property
    def moments(self) -> dict[str, datetime]:
        """The instants that the SQL holds markers for, by their roles."""
        return self.frame.moments(self.ask.as_of) | self.indicator.moments(self.ask)

    @cached_property
    def statements(self) -> list[Statement]:
        """The SQL to run."""
        own = (self.indicator.key, tuple(sorted(self.ask.options.items())))
        return self.compiled(own, self._expressions)

    def _expressions(self) -> list[ir.Table]:
        t = self.in_cells(self.indicator.rows(self.ask))
        return self.indicator.expressions(self.indicator.keep(t, self.names, self.ask), self.names, self.ask)

    def compiled(self, what: Hashable, make: Callable[[], list[ir.Table]]) -> list[Statement]:
        """Return the SQL of what `make` returns; questions that differ in instants and values only share it."""
        templates = self.ask.store.compiled((what, self.shape), make)
        escaped = {role: self.ask.engine.escaped(value) for role, value in self._values().items()}
        texts = written(self.moments) | escaped
        return [Statement(fill(template.sql, texts), template.reads) for template in templates]

    def folded(self, rows: Sequence[pa.Table]) -> list[Folded]:
        """Return the cells of the rows of each statement, with their parts."""
        return [self.indicator.fold(table, self.names, self.ask) for table in rows]

    def answer(self, folded: Sequence[Folded]) -> Answer:
        """Return the cells to show."""
        frame, ask = self.frame, self.ask
        keys = self._wanted([key for made, _ in folded for key in made], frame)
        parts = _together([_complete(made, p, keys) for made, p in folded])
        figures = self.indicator.figures(self.indicator.running(keys, parts, len(self.by)), ask)
        return Answer(self.indicator, list(self._cells(keys, parts, figures, frame, ask)))

    def _values(self) -> dict[str, str]:
        """Return the segment values that the SQL holds markers for."""
        other = self.query.compare if isinstance(self.query.compare, Mapping) else {}
        return frames.segment_values(self.query.segment, "segment_") | frames.segment_values(other, "other_")

    @cached_property
    def shape(self) -> Hashable:
        """What the SQL depends on but for the indicator, instants and values."""
        q, frame = self.query, self.frame
        compare = q.compare if not isinstance(q.compare, Mapping) else frames.segment_shape(q.compare)
        touching = frame.before is None or frame.period is None or frame.before.end == frame.period.start
        where = (q.workspace, self.by, frames.segment_shape(q.segment), q.within, compare)
        return (*where, frame.grain, touching, self._past(frame), tuple(self.moments), q.schedule, type(self))

    def _period(self) -> Period | None:
        """Return the query's period; for a series over all time, the days that the facts cover."""
        if self.query.period is not None or self.query.grain is None:
            return self.query.period
        t = self.indicator.rows(self.ask)
        low, high = _bounds(self.ask, t)
        return frames.facts_period(low, high, self.query.tz) if low and high else None

    def in_cells(self, t: ir.Table) -> ir.Table:
        """Return the rows inside the segment and the period, with the columns that make a cell."""
        frame, ask = self.frame, self.ask
        segment = dict(self.query.segment)
        other = dict(self.query.compare) if isinstance(self.query.compare, Mapping) else None
        t = frames.with_columns(t, segment, "segment_", self.ask)
        t = frames.with_columns(t, other or {}, "other_", self.ask)
        t = frames.with_columns(t, self.by, "by_", self.ask)
        inside = frames.in_segment(t, segment, "segment_")
        if not self._beside:
            t = t.filter(inside) if segment else t
            return self._in_time(self._of_members(t), frame, ask)
        if self.query.within is not None:
            t = frames.with_members(t, self.query.within, "inside", ask)
            inside = inside & t.inside
        beside: ir.BooleanValue = ibis.literal(True)
        if other is not None:
            beside = frames.in_segment(t, other, "other_")
        elif (rule := self._other_rule) is not None:
            t = frames.with_members(t, rule, "beside", ask)
            beside = t.beside
        t = t.filter(inside | beside).mutate(side=ibis.ifelse(inside, NOW, BEFORE))
        return self._in_time(t, frame, ask)

    @property
    def _other_rule(self) -> Rule | None:
        """The rule of the customers that are compared with."""
        compare = self.query.compare
        return None if compare is None or isinstance(compare, str | Mapping) else compare

    @property
    def _beside(self) -> bool:
        """Whether groups of customers are compared, not days."""
        return self.query.compare is not None and self.query.compare not in ("previous", "year")

    def _of_members(self, t: ir.Table) -> ir.Table:
        """Return the rows of the customers of whom the rule holds."""
        if self.query.within is None:
            return t
        mine = customers_in(self.ask, self.query.within)
        return t.semi_join(mine, t.customer == mine.customer)

    def _in_time(self, t: ir.Table, frame: Frame, ask: Ask) -> ir.Table:
        if self.indicator.snapshot:
            return t
        if not self.indicator.knows_future and not self._past(frame):
            t = t.filter(ask.known(t.moment))
        if frame.span is None:
            return t
        start, end = ask.instant("start"), ask.instant("end")
        t = t.filter(t.moment < end) if self.indicator.cumulative else t.filter(t.moment >= start, t.moment < end)
        if frame.before is not None:
            t = self._two_sides(t, frame, ask)
        if frame.buckets:
            # Changes before the first bucket make the state that it starts with.
            moment = ibis.greatest(t.moment, start) if self.indicator.cumulative else t.moment
            t = t.mutate(bucket=frames.bucket_of(moment, frame, ask))
        return t

    def _past(self, frame: Frame) -> bool:
        """Return whether the whole span had come by `as_of`: then no row needs to be asked."""
        return frame.span is not None and frame.span[1] <= self.ask.as_of

    def _two_sides(self, t: ir.Table, frame: Frame, ask: Ask) -> ir.Table:
        assert frame.period
        assert frame.before
        start, before_end = ask.instant("asked_from"), ask.instant("before_to")
        if self.indicator.cumulative:
            return t.mutate(side=ibis.ifelse(t.moment < before_end, BEFORE, NOW))
        if frame.before.end != frame.period.start:
            t = t.filter(~((t.moment >= before_end) & (t.moment < start)))
        return t.mutate(side=ibis.ifelse(t.moment < start, BEFORE, NOW))

    def _cell_columns(self, frame: Frame) -> list[str]:
        side = ["side"] if self.sided else []
        bucket = ["bucket"] if frame.buckets else []
        return side + bucket + [f"by_{i}" for i in range(len(self.by))]

    def _wanted(self, keys: Sequence[Key], frame: Frame) -> list[Key]:
        """Return the keys of all cells to show: every group at every side and bucket, in order."""
        fixed = self.sided + bool(frame.buckets)
        groups = sorted({key[fixed:] for key in keys}, key=lambda g: tuple((v is None, v or "") for v in g))
        if not groups and not self.by:
            groups = [()]
        sides: list[Key] = [(BEFORE,), (NOW,)] if self.sided else [()]
        buckets: list[Key] = [(number,) for number in range(len(frame.buckets))] or [()]
        return [(*s, *b, *g) for g in groups for s in sides for b in buckets]

    def _cells(self, keys: list[Key], parts: Parts, figures: Figures, frame: Frame, ask: Ask) -> Any:
        steps, shown = max(1, len(frame.buckets)), _columns(figures)
        sides = 2 if self.sided else 1
        for i, key in enumerate(keys):
            step = i % steps
            if (self.sided and key[0] == BEFORE) or (frame.buckets and step < frame.first):
                continue
            bucket = frame.buckets[step] if frame.buckets else None
            by = dict(zip(self.by, key[len(key) - len(self.by) :], strict=True))
            cell = _cell(self.indicator, shown, i, bucket.start if bucket else None, by)
            yield cell, self._pair(i, step, steps, sides, parts, figures, frame, ask)

    def _pair(
        self, i: int, step: int, steps: int, sides: int, parts: Parts, figures: Figures, frame: Frame, ask: Ask
    ) -> Pair | None:
        if sides == 2:
            earlier, running = i - steps, frame.period is not None and frame.period.bounds[1] > ask.as_of
            return Pair(self.indicator, parts, figures, i, earlier, ask, running, whole=True)
        if frame.shift is None or step < frame.shift:
            return None
        bucket, other = frame.buckets[step], frame.buckets[step - frame.shift]
        running = bucket.end > ask.as_of
        return Pair(self.indicator, parts, figures, i, i - frame.shift, ask, running, bucket.whole and other.whole)


def _columns_of(query: Query) -> frozenset[str]:
    other = query.compare if isinstance(query.compare, Mapping) else {}
    return frozenset((*query.by, *query.segment, *other))


def _equal_of(query: Query) -> frozenset[str]:
    other = query.compare if isinstance(query.compare, Mapping) else query.segment
    return frozenset((*query.by, *(name for name in query.segment if name in other)))


def fill(template: str, texts: Mapping[str, str]) -> str:
    """Return SQL with instants and values in place of their markers; in one pass, so that no value is taken for one."""
    return MARKER.sub(lambda found: texts.get(found[1], found[0]), template)


def written(moments: Mapping[str, datetime]) -> dict[str, str]:
    utc = {role: at.astimezone(UTC) if at.tzinfo else at for role, at in moments.items()}
    return {role: at.strftime("%Y-%m-%d %H:%M:%S.%f") for role, at in utc.items()}


def _bounds(ask: Ask, t: ir.Table) -> tuple[datetime | None, datetime | None]:
    t = t.filter(ask.known(t.moment))
    expr = t.aggregate(low=t.moment.min(), high=t.moment.max())
    row = ask.engine.fetch(fill(ask.engine.sql(expr), written({"as_of": ask.as_of, "shot_0": ask.as_of}))).to_pylist()[
        0
    ]
    return row["low"], row["high"]


def _complete(keys: Sequence[Key], parts: Parts, wanted: list[Key]) -> Parts:
    """Return the parts in the order of `wanted`; cells without facts have empty parts."""
    place = {key: i for i, key in enumerate(keys)}
    index = np.array([place.get(key, -1) for key in wanted], dtype=np.int64)
    return {name: _take(name, values, index) for name, values in parts.items()}


def _together(several: Sequence[Parts]) -> Parts:
    """Return the parts of several statements as one; those that both name are of different cells, and merge."""
    made = dict(several[0])
    for parts in several[1:]:
        for name, values in parts.items():
            if name not in made:
                made[name] = values
            elif values.dtype == object:
                made[name] = np.where(values == None, made[name], values)  # noqa: E711 - element by element
            else:
                merge = np.fmin if name.startswith("min_") else np.fmax if name.startswith("max_") else np.add
                made[name] = merge(made[name], values)
    return made


def _take(name: str, values: Any, index: Any) -> Any:
    if values.dtype == object:
        empty = np.empty(1, dtype=object)
    else:
        empty = np.array([np.nan if name.startswith(("min_", "max_")) else 0.0])
    return np.concatenate([values, empty])[index]


def _columns(f: Figures) -> Figures:
    """Return figures whose arrays are lists of Python values, None for what is not a number: JSON never holds NaN."""
    details = {name: _listed(values) for name, values in f.details.items()}
    return replace(f, value=_listed(f.value), low=_listed(f.low), high=_listed(f.high), details=details)


def _listed(values: Any) -> Any:
    listed: list[Any] = np.asarray(values).tolist()
    if np.asarray(values).dtype.kind == "f":
        return [v if isfinite(v) else None for v in listed]
    return listed


def _cell(indicator: Indicator, f: Figures, i: int, start: datetime | None, by: dict[str, str | None]) -> Cell:
    n = int(f.n[i])
    status = f.status.get(i) or ("no_data" if n == 0 else "low_sample" if n < indicator.minimum_n else "ok")
    details = {name: values[i] for name, values in f.details.items()}
    return Cell(indicator.key, start, by, f.value[i], f.low[i], f.high[i], n, status, details)
