"""Business time inside the engine: the difference of one cumulative function of the instant.

A small calendar table holds, for each instant at which the business opens or closes, the open seconds so far; an ASOF
join gives its value at any instant. So no duration needs row-by-row code (specification 1.6).
"""

import hashlib
from datetime import UTC, datetime
from functools import lru_cache

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics.calendar import Schedule, cumulative
from percorso.analytics.engines.base import Engine
from percorso.analytics.methods.base import Ask
from percorso.errors import BadQuestion
from percorso.i18n import mark

# Facts outside of these years have no business time.
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=32)
def _boundaries(schedule: Schedule) -> pa.Table:
    c = cumulative(schedule, FIRST, LAST)
    starts = c.instants.astype("datetime64[us]").astype(np.int64)
    open_us = np.round(c.open_seconds * 1e6).astype(np.int64)
    return pa.table({"starts_us": starts, "open_us": open_us, "is_open": c.is_open.astype(np.int64)})


def calendar_table(engine: Engine, schedule: Schedule) -> ir.Table:
    """Return the calendar of a schedule as a table in the engine, made when it is not there yet."""
    name = "calendar_" + hashlib.sha256(repr(schedule).encode()).hexdigest()[:20]
    engine.keep_integers(name, _boundaries(schedule))
    return engine.table(name)


def with_open_us(t: ir.Table, instant: str, into: str, ask: Ask) -> ir.Table:
    """Return `t` with `into`: open microseconds from the year 2000 until the instant in column `instant`.

    Raises
    ------
    BadQuestion : the query has no schedule.
    """
    if ask.schedule is None:
        raise BadQuestion(
            mark("Business time needs business hours: give the query a schedule, or ask for calendar hours.")
        )
    calendar = calendar_table(ask.engine, ask.schedule)
    starts, so_far, on, one = (f"{into}_{name}" for name in ("starts", "so_far", "on", "one"))
    # ClickHouse joins by order only within equal keys, so both sides get the same one.
    key = {one: ibis.literal(1, "int64")}
    calendar = calendar.select(**{starts: "starts_us", so_far: "open_us", on: "is_open"}).mutate(**key)
    t = t.mutate(**{f"{into}_us": ask.engine.epoch_us(t[instant]).fill_null(0)}, **key)
    t = t.asof_join(calendar, t[f"{into}_us"] >= calendar[starts], predicates=one)
    value = t[so_far] + t[on] * (t[f"{into}_us"] - t[starts])
    t = t.mutate(**{into: ibis.ifelse(t[instant].isnull(), ibis.null("int64"), value)})
    left = (f"{into}_us", starts, so_far, on, one, f"{one}_right")
    return t.drop(*(name for name in left if name in t.columns))


def with_duration(t: ir.Table, start: str, end: str, ask: Ask) -> ir.Table:
    """Return `t` with `duration_us` from column `start` to column `end`, in calendar or business time as asked."""
    if ask.options.get("hours") == "business":
        t = with_open_us(with_open_us(t, start, "_open_from", ask), end, "_open_to", ask)
        return t.mutate(duration_us=t["_open_to"] - t["_open_from"]).drop("_open_from", "_open_to")
    return t.mutate(duration_us=ask.engine.epoch_us(t[end]) - ask.engine.epoch_us(t[start]))


def with_due(t: ir.Table, start: str, seconds: float, into: str, ask: Ask) -> ir.Table:
    """Return `t` with ``<into>_us``: the instant, in microseconds since 1970, when so many seconds after `start` are over.

    In business time that is the inverse of the cumulative function: the open spell in which the budget runs out.
    """
    budget_us = round(seconds * 1e6)
    if ask.options.get("hours") != "business":
        return t.mutate(**{f"{into}_us": ask.engine.epoch_us(t[start]) + budget_us})
    t = with_open_us(t, start, "_spent", ask)
    t = t.mutate(_goal=t["_spent"].fill_null(0) + budget_us, _one=ibis.literal(1, "int64"))
    assert ask.schedule is not None  # with_open_us has refused a query without one
    spells = calendar_table(ask.engine, ask.schedule).filter(lambda c: c.is_open == 1)
    spells = spells.select(_opens="starts_us", _before="open_us").mutate(_one=ibis.literal(1, "int64"))
    # A budget that is used up when the business closes is over then, not when it opens again: strictly after.
    t = t.asof_join(spells, t["_goal"] > spells["_before"], predicates="_one")
    left = ("_spent", "_goal", "_one", "_one_right", "_opens", "_before")
    due_us = t["_opens"] + t["_goal"] - t["_before"]
    t = t.mutate(**{f"{into}_us": ibis.ifelse(t[start].isnull(), ibis.null("int64"), due_us)})
    return t.drop(*(name for name in left if name in t.columns))
