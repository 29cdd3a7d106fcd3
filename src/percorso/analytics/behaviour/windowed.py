"""Attempts from windows over each user's events: many attempts a user, and steps with nothing in between.

The windows see each user's events in the reverse order: the time of the next step k after a row is the smallest of
what came before in that order. The time of step 3 by way of step 2 is the smallest time of the next step 3 over the
later events that are step 2, for that time never falls from one event to the next; and so on for further steps.
"""

import ibis
import ibis.expr.types as ir

from percorso.analytics.behaviour.attempts import in_turn, or_null, reached
from percorso.analytics.behaviour.events import arrival
from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.base import Ask


def windowed(t: ir.Table, steps: int, window_us: int, by: list[str], mode: str, ask: Ask) -> ir.Table:
    """Return every attempt, from windows over each user's events.

    Parameters
    ----------
    t : events with flags ``is_1`` … and `enters`; for ``strict`` steps, all events. by : columns to keep, of the event
        that begins the attempt.
    """
    place = arrival(t, ask)
    t = t.mutate(arrived=place["arrived"])
    order = [t.t, t.arrived, t.id]
    t = t.mutate(turn=ibis.row_number().over(group_by=t.user, order_by=order))
    made = {"ordered": _next_in_order, "strict": _next_of_all, "any": _next_of_each}[mode](t, steps)
    made = made.filter(made.enters).mutate(started=made.t, tied=ibis.null("string"))
    limit = made.started + window_us
    inside = {
        f"done_{k}": or_null(made[f"next_{k}"] <= limit, made[f"next_{k}"])
        for k in range(1 if mode == "any" else 2, steps + 1)
    }
    made = made.mutate(**inside)
    if mode == "any":
        made = in_turn(made, steps)
    else:
        made = made.mutate(**{reached(k): made[f"done_{k}"] for k in range(2, steps + 1)})
    return made.select("user", "turn", "tied", *by, *(reached(k) for k in range(1, steps + 1)))


def _next_in_order(t: ir.Table, steps: int) -> ir.Table:
    t = t.mutate(**{f"next_{k}": _earliest_later(t, k, t.t) for k in range(2, steps + 1)})
    for by_way in range(1, steps - 1):
        t = t.mutate(
            **{f"next_{k}": _earliest_later(t, k - by_way, t[f"next_{k}"]) for k in range(by_way + 2, steps + 1)}
        )
    return t


def _next_of_each(t: ir.Table, steps: int) -> ir.Table:
    return t.mutate(**{f"next_{k}": _earliest_later(t, k, t.t, last=0) for k in range(1, steps + 1)})


def _earliest_later(t: ir.Table, step: int, time: ir.IntegerColumn, last: int = 1) -> ir.Value:
    """Return the smallest `time` of the user's later events that are this step; with `last` 0, this one included."""
    backwards = ibis.window(group_by=t.user, order_by=t.turn.desc(), preceding=(None, last))
    return ibis.ifelse(t[f"is_{step}"], nullable(time), ibis.null("int64")).min().over(backwards)


def _next_of_all(t: ir.Table, steps: int) -> ir.Table:
    """The very next events must be the next steps."""
    window = ibis.window(group_by=t.user, order_by=t.turn)
    times = {k: ibis.ifelse(t[f"is_{k}"], nullable(t.t), ibis.null("int64")) for k in range(2, steps + 1)}
    t = t.mutate(**{f"next_{k}": time.lead(k - 1).over(window) for k, time in times.items()})
    for k in range(3, steps + 1):
        t = t.mutate(**{f"next_{k}": or_null(t[f"next_{k - 1}"].notnull(), t[f"next_{k}"])})
    return t
