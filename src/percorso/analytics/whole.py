"""A period's figure and its series from one pass: steps are asked for, and the whole is their sum."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics.frames import BEFORE, NOW, Frame
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Ask, Indicator
from percorso.analytics.methods.cells import Key, per_cell
from percorso.analytics.methods.levels import ALSO, States
from percorso.analytics.query import Query
from percorso.analytics.run import Answer, Folded, Run
from percorso.analytics.statistics.distribution import Distribution, merged
from percorso.analytics.store import Store

# Facts of the first step that are older than what is asked, and not what it is compared with.
NEITHER = 2


def both_of(store: Store, query: Query, series: Query, key: str) -> "WholeAndSteps | WholeAndStates | None":
    """Return what answers for a figure and its series in one pass; None where each has to be asked apart."""
    indicator = INDICATORS[key]
    if query.period is None or query.compare not in (None, "previous", "year"):
        return None
    if isinstance(indicator, States):
        return WholeAndStates(store, query, series, indicator)
    adds_up = indicator.additive and not indicator.snapshot
    plain = query.options.get("latest_per", "answer") == "answer"
    return WholeAndSteps(store, query, series, indicator) if adds_up and plain else None


class WholeAndStates(Run):
    """The states at the ends of a period, of the one before it and of its steps, all columns of one pass."""

    def __init__(self, store: Store, whole: Query, steps: Query, indicator: Indicator) -> None:
        self.whole, self.steps = Run(store, whole, indicator), Run(store, steps, indicator)
        super().__init__(store, steps, indicator)
        self.ask = replace(self.ask, also=self.whole.frame)

    @cached_property
    def shape(self) -> Hashable:
        return super().shape, self.whole.sided

    def answers(self, rows: Sequence[pa.Table]) -> tuple[Answer, Answer]:
        """Return the figures of the whole and of the steps."""
        folded = self.folded(rows)
        whole = [_merged(one, lambda key: key[1:] if key[0] == ALSO else None) for one in folded]
        steps = [_merged(one, lambda key: None if key[0] == ALSO else key) for one in folded]
        return self.whole.answer(whole), self.steps.answer(steps)


class WholeAndSteps(Run):
    """The steps of a period and of the one before it, each in zones: asked, compared with, neither."""

    def __init__(self, store: Store, whole: Query, steps: Query, indicator: Indicator) -> None:
        self.whole, self.steps = Run(store, whole, indicator), Run(store, steps, indicator)
        before, period = self.whole.frame.before, whole.period
        assert period is not None
        reach = replace(period, start=min(period.start, before.start)) if before else period
        super().__init__(store, replace(steps, period=reach), indicator)
        self.names = ["zone", *self.names]

    @cached_property
    def moments(self) -> dict[str, datetime]:
        assert self.whole.frame.period is not None
        before, made = self.whole.frame.before, {**super().moments}
        made["asked_from"] = self.whole.frame.period.bounds[0]
        if before is not None:
            made["before_from"], made["before_to"] = before.bounds
        return made

    def _in_time(self, t: ir.Table, frame: Frame, ask: Ask) -> ir.Table:
        t = super()._in_time(t, frame, ask)
        if self.indicator.cumulative:
            # All changes before an instant make its state: none is of neither zone.
            earlier = t.moment < ask.instant("before_to") if self.whole.frame.before else ibis.literal(False)
            return t.mutate(zone=ibis.ifelse(earlier, BEFORE, NOW).cast("int64"))
        cases = [(t.moment >= ask.instant("asked_from"), NOW)]
        if self.whole.frame.before is not None:
            inside = (t.moment >= ask.instant("before_from")) & (t.moment < ask.instant("before_to"))
            cases.append((inside, BEFORE))
        return t.mutate(zone=ibis.cases(*cases, else_=NEITHER).cast("int64"))

    def answers(self, rows: Sequence[pa.Table]) -> tuple[Answer, Answer]:
        """Return the figures of the whole and of the steps."""
        folded = self.folded(rows)
        own = {bucket.start: i for i, bucket in enumerate(self.steps.frame.buckets)}
        step = [own.get(bucket.start) for bucket in self.frame.buckets]
        sided = self.whole.sided

        def of_whole(key: Key) -> Key | None:
            if key[0] == NEITHER:
                return None
            return (key[0], *key[2:]) if sided else key[2:]

        def of_steps(key: Key) -> Key | None:
            number = step[key[1]]
            if number is None and self.indicator.cumulative:
                number = 0  # what happened before the first step makes the state that it starts with
            return None if number is None else (number, *key[2:])

        whole = self.whole.answer([_merged(one, of_whole) for one in folded])
        return whole, self.steps.answer([_merged(one, of_steps) for one in folded])


def _merged(folded: Folded, change: Callable[[Key], Key | None]) -> Folded:
    """Return cells under the keys that `change` gives them, the parts of those that become one added up."""
    keys, parts = folded
    changed = [change(key) for key in keys]
    new = list(dict.fromkeys(key for key in changed if key is not None))
    place = {key: i for i, key in enumerate(new)}
    there = np.array([key is not None for key in changed], dtype=bool)
    index = np.array([place[key] for key in changed if key is not None], dtype=np.int64)
    return new, {name: _part(name, values[there], index, len(new)) for name, values in parts.items()}


def _part(name: str, values: Any, index: Any, cells: int) -> Any:
    if values.dtype != object:
        return per_cell(name, values, index, cells)
    several: list[list[Any]] = [[] for _ in range(cells)]
    for i, value in zip(index, values, strict=True):
        if value is not None:
            several[i].append(value)
    made = np.empty(cells, dtype=object)
    made[:] = [_union(one) if one else None for one in several]
    return made


def _union(parts: list[Any]) -> Any:
    """Return durations of all parts together, or the union of sets."""
    if len(parts) == 1:
        return parts[0]
    return merged(parts) if isinstance(parts[0], Distribution) else parts[0].union(*parts[1:])
