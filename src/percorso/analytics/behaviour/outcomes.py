"""What became of the attempts of a funnel: how many people of each group got how far, in how long."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import ibis
import ibis.expr.types as ir
import pandas as pd

from percorso.analytics import frames
from percorso.analytics.behaviour.attempts import one_each, reached, with_depth, without_excluded
from percorso.analytics.behaviour.events import NOBODY, Step, answer, events_of, masked, with_steps, written_texts
from percorso.analytics.behaviour.gathered import gathered
from percorso.analytics.behaviour.swept import swept
from percorso.analytics.behaviour.windowed import windowed
from percorso.analytics.frames import Frame
from percorso.analytics.methods.base import Ask, marker

if TYPE_CHECKING:
    from percorso.analytics.behaviour.funnel import FunnelQuery

How = Literal["by instant", "exactly", "exactly of some"]
# Of more people than these everybody is asked about again: a list of them would cost more.
FEW = 5000
SOME = "users"


def outcomes(
    query: "FunnelQuery", frame: Frame, ask: Ask, moments: Mapping[str, datetime], customers: ir.Table | None
) -> tuple[pd.DataFrame, str]:
    """Return a row for people with the same outcome, and the SQL that ran.

    Columns: ``by_0`` …, `bucket` with a grain, `depth` (steps reached), `open` (the window was, at `as_of`), `waited`
    (µs until the last step, else until the window closed or `as_of`), `people`.
    """
    if ask.engine.local:
        return swept(query, frame, ask, moments, written_texts(query.roles, ask), customers)
    if not _told_by_instants(query):
        return _asked(query, "exactly", frame, ask, moments, customers)
    rows, sql = _asked(query, "by instant", frame, ask, moments, customers)
    unsure = rows["tied"].dropna().tolist()
    if not unsure:
        return rows, sql
    if len(unsure) > FEW:
        return _asked(query, "exactly", frame, ask, moments, customers)
    again, more = _asked(query, "exactly of some", frame, ask, moments, customers, unsure)
    return pd.concat([rows[rows["tied"].isna()], again]), f"{sql};\n{more}"


def _told_by_instants(query: "FunnelQuery") -> bool:
    """Return whether it is worth to look at instants alone first."""
    names = [step.event for step in query.made_steps]
    doubled = query.mode == "ordered" and any(a == b for a, b in pairwise(names))
    return query.anchor == "first" and query.mode != "strict" and not doubled


def _asked(
    query: "FunnelQuery",
    how: How,
    frame: Frame,
    ask: Ask,
    moments: Mapping[str, datetime],
    customers: ir.Table | None,
    users: Sequence[str] = (),
) -> tuple[pd.DataFrame, str]:
    key = None if customers is not None else (*_shape(query), how, tuple(moments))
    texts = written_texts(query.roles, ask) | {SOME: "', '".join(ask.engine.escaped(user) for user in users)}
    rows, sql = answer(ask, key, lambda: _counted(query, how, frame, ask, customers), moments, texts)
    return rows.to_pandas(), sql


def _shape(query: "FunnelQuery") -> tuple[object, ...]:
    own = (query.made_steps, query.window_us, query.workspace, query.mode, query.anchor, query.exclusions, query.by)
    return ("funnel", *own, query.grain, query.period is None)


@dataclass(frozen=True)
class Which:
    """Which events matter and which of them may begin an attempt, and the texts of steps and exclusions in the SQL."""

    steps: tuple[Step, ...]
    excluded: tuple[str, ...]
    matters: tuple[Callable[[ir.Table], ir.BooleanValue], ...]
    begins: tuple[Callable[[ir.Table], ir.BooleanValue], ...]


def _which(query: "FunnelQuery", how: How, ask: Ask) -> Which:
    """Return a `Which` whose texts and instants are markers, so that its SQL is compiled once."""
    steps = tuple(masked(step, query.roles) for step in query.made_steps)
    excluded = tuple(marker(query.roles[e.event]) for e in query.exclusions)
    matters: list[Callable[[ir.Table], ir.BooleanValue]] = []
    if query.period is not None:
        matters.append(lambda t: (t.moment >= ask.instant("start")) & (t.moment <= ask.instant("until")))
    if how == "exactly of some":
        matters.append(lambda t: t.user.isin([marker(SOME)]))
    begins = () if query.period is None else (lambda t: t.moment < ask.instant("end"),)
    return Which(steps, excluded, tuple(matters), begins)


def attempts(query: "FunnelQuery", which: Which, exact: bool, ask: Ask, customers: ir.Table | None) -> ir.Table:
    """Return the one attempt of each user that counts, see `percorso.analytics.behaviour.attempts`; with `depth`."""
    steps, k, excluded = which.steps, len(query.steps), which.excluded
    names = (*(s.event for s in steps), *excluded)
    every = events_of(ask, None if query.mode == "strict" else names, customers)
    every = every.filter(ask.known(every.moment), *(matters(every) for matters in which.matters))
    t = _with_entries(with_steps(every, steps, ask), query, which)
    t = frames.with_columns(t, query.by, "by_", ask)
    by = [f"by_{i}" for i in range(len(query.by))]
    t = t.mutate(**{name: t[name].fill_null(NOBODY) for name in by})
    if query.anchor == "first" and query.mode != "strict":
        made = gathered(t, k, query.window_us, by, query.mode == "any", exact, ask)
    else:
        made = windowed(t, k, query.window_us, by, query.mode, ask)
        if query.anchor == "first":
            made = one_each(made, best=False)
    for e, name in zip(query.exclusions, excluded, strict=True):
        happened = every.filter(every.name == name)
        made = without_excluded(made, happened, e.from_step, e.to_step, query.window_us)
    made = with_depth(made, k)
    return made if query.anchor == "first" else one_each(made, best=True)


def _with_entries(t: ir.Table, query: "FunnelQuery", which: Which) -> ir.Table:
    enters = t.is_1
    if query.mode == "any":
        for k in range(2, len(query.steps) + 1):
            enters = enters | t[f"is_{k}"]
    for begins in which.begins:
        enters = enters & begins(t)
    t = t.mutate(enters=enters)
    if query.mode == "strict" or not (query.exclusions or any(step.where for step in query.made_steps)):
        return t
    flags = [t[f"is_{k}"] for k in range(1, len(query.steps) + 1)]
    return t.filter(ibis.or_(*flags))


def _counted(query: "FunnelQuery", how: How, frame: Frame, ask: Ask, customers: ir.Table | None) -> ir.Table:
    a = attempts(query, _which(query, how, ask), how != "by instant", ask, customers)
    cells = [f"by_{i}" for i in range(len(query.by))]
    if frame.buckets:
        moment = ask.engine.from_epoch_us(a.started)
        a = a.mutate(bucket=frames.bucket_of(moment, frame, ask))
        cells.append("bucket")
    as_of = ask.engine.epoch_us(ask.instant("as_of"))
    there = a[reached(len(query.steps))].notnull()
    is_open = a.started + query.window_us > as_of
    seen = ibis.ifelse(is_open, as_of - a.started, query.window_us)
    waited = ibis.ifelse(there, a[reached(len(query.steps))] - a.started, seen)
    a = a.mutate(open=is_open.cast("int8"), waited=waited.cast("int64"))
    return a.group_by([*cells, "depth", "open", "waited", "tied"]).aggregate(people=a.count())
