"""The first attempt of each user from lists of each user's times: one pass over the events.

What came first of two events at the same instant is told by when they arrived, and last by their ids; to read and compare
these costs more than all the rest. So there are two ways: exact, and by the instant alone, which says of whom it cannot
tell (`tied`), so that only they are asked about again.
"""

from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.types as ir

from percorso.analytics.behaviour.attempts import in_turn, or_null, reached
from percorso.analytics.behaviour.events import arrival
from percorso.analytics.methods.base import Ask


def gathered(
    t: ir.Table, steps: int, window_us: int, by: list[str], in_any_order: bool, exact: bool, ask: Ask
) -> ir.Table:
    """Return the first attempt of each user; `tied` names the user where it takes more than instants to tell.

    Parameters
    ----------
    t : events with flags ``is_1`` … and `enters`. by : columns to keep, of the event that begins the attempt.
    exact : whether events at the same instant are told apart.
    """
    place = arrival(t, ask) if exact else {"t": t.t}
    began, turn = ibis.struct(place | {name: t[name] for name in by}), ibis.struct(place) if exact else t.t
    t = t.mutate(began=began, turn=turn)
    first: dict[str, Any] = {"first": t.turn.min(where=t.enters), "entries": t.enters.sum()}
    if by:
        first["began"] = t.began.min(where=t.enters) if exact else t.began.collect(where=t.enters)
    listed = t.t if in_any_order else t.turn
    lists = {f"list_{k}": listed.collect(where=t[f"is_{k}"]) for k in range(1 if in_any_order else 2, steps + 1)}
    g = t.group_by("user").aggregate(**first, **lists)
    g = g.filter(g.entries > 0)
    g = g.mutate(started=_instant(exact)(g["first"]).cast("int64"), unsure=ibis.literal(False))
    if by:
        g = _with_beginning(g, by, exact)
    g = _any_order(g, steps, window_us) if in_any_order else _in_order(g, steps, window_us, exact)
    g = g.mutate(turn=ibis.literal(0, "int64"), tied=ibis.ifelse(g.unsure, g.user, ibis.null("string")))
    return g.select("user", "turn", "tied", *by, *(reached(k) for k in range(1, steps + 1)))


def _instant(exact: bool) -> Callable[[Any], Any]:
    return (lambda turn: turn["t"]) if exact else (lambda turn: turn)


def _with_beginning(g: ir.Table, by: list[str], exact: bool) -> ir.Table:
    """Return `g` with the columns `by` of the event that begins the attempt."""
    if exact:
        return g.mutate(**{name: g.began[name] for name in by})
    g = g.mutate(began=g.began.filter(lambda x: x["t"] == g.started))
    return g.mutate(unsure=g.began.length() > 1, **{name: g.began[0][name] for name in by})


def _in_order(g: ir.Table, steps: int, window_us: int, exact: bool) -> ir.Table:
    """Each step is the first one after the step before; without that one there is none."""
    instant = _instant(exact)
    g = g.mutate(before=g["first"], there=ibis.literal(True))
    for k in range(2, steps + 1):
        g = g.mutate(later=g[f"list_{k}"].filter(_later(g, window_us, exact)))
        g = g.mutate(then=g.later.mins(), there=g.later.length() > 0)
        g = g.mutate(**{reached(k): or_null(g.there, instant(g.then))})
        if not exact:
            g = g.mutate(unsure=g.unsure | (g.there & (g.then == g.before)))
        g = g.mutate(before=g.then)
    return g


def _later(g: ir.Table, window_us: int, exact: bool) -> Callable[[Any], Any]:
    limit, instant = g.started + window_us, _instant(exact)
    return lambda x: g.there & ((x > g.before) if exact else (x >= g.before)) & (instant(x) <= limit)


def _any_order(g: ir.Table, steps: int, window_us: int) -> ir.Table:
    """Step k is the k-th of the different steps that somebody got to; of one instant, all come after the first."""
    for k in range(1, steps + 1):
        g = g.mutate(inside=g[f"list_{k}"].filter(_inside(g, window_us)))
        g = g.mutate(**{f"done_{k}": or_null(g.inside.length() > 0, g.inside.mins())})
    return in_turn(g, steps)


def _inside(g: ir.Table, window_us: int) -> Callable[[Any], Any]:
    return lambda x: (x >= g.started) & (x <= g.started + window_us)
