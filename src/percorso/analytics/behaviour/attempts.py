"""Attempts: who entered a funnel when, and when they got to each step.

An attempt is a row with `user`, `started` (µs), ``reached_2`` … ``reached_K`` (µs; null when the step was not reached
inside the window), the breakdown columns of the event that it began with, `turn`, which tells attempts that began
together apart, and `tied`: the user where instants alone do not tell the order (see `gathered`), else null.
"""

import ibis
import ibis.expr.types as ir

from percorso.analytics.engines.base import nullable

NEVER = 2**62


def reached(k: int) -> str:
    """Return the column with the time of step `k`."""
    return "started" if k == 1 else f"reached_{k}"


def in_turn(g: ir.Table, steps: int) -> ir.Table:
    """Return `g` with the times ``done_1`` … put in order: the k-th smallest is when the k-th step was done."""
    times = ibis.array([g[f"done_{k}"].fill_null(NEVER) for k in range(1, steps + 1)]).sort()
    g = g.mutate(times=times)
    return g.mutate(**{reached(k): or_null(g.times[k - 1] < NEVER, g.times[k - 1]) for k in range(2, steps + 1)})


def or_null(there: ir.BooleanValue, value: ir.Value) -> ir.Value:
    """Return a whole number where it is there, else null, on every engine."""
    return ibis.ifelse(there, nullable(value.cast("int64")), ibis.null("int64"))


def without_excluded(attempts: ir.Table, happened: ir.Table, after: int, before: int, window_us: int) -> ir.Table:
    """Return the attempts in which nothing of `happened` (`user`, `t`) falls strictly between two steps.

    Parameters
    ----------
    after, before : the steps; where `before` was not reached, what counts is the end of the window.

    Notes
    -----
    One window over attempts and events together, from the last to the first: how long ago plays no part in its cost.
    """
    names = attempts.columns
    a = attempts.mutate(
        since=nullable(attempts[reached(after)]), wanted=ibis.literal(0, "int8"), event=ibis.null("int64")
    )
    missing = {name: ibis.null(attempts[name].type()) for name in names if name != "user"}
    e = happened.select(
        "user", since=nullable(happened.t), wanted=ibis.literal(1, "int8"), event=nullable(happened.t), **missing
    )
    both = a.select(*[nullable(a[n]).name(n) for n in names], "since", "wanted", "event").union(
        e.select(*[nullable(e[n]).name(n) for n in names], "since", "wanted", "event")
    )
    # In this order attempts come before what happened at their own instant, so that only later events are seen.
    backwards = ibis.window(group_by=both.user, order_by=[both.since.desc(), both.wanted], preceding=(None, 1))
    both = both.mutate(next_event=both.event.min().over(backwards))
    kept = both.filter(both.wanted == 0)
    end = ibis.coalesce(kept[reached(before)], kept.started + window_us)
    excluded = (kept.since.notnull() & (kept.next_event < end)).fill_null(False)
    # Of whom it is not yet known where the steps were is not judged here.
    return kept.filter(~excluded | kept.tied.notnull()).select(*names)


def with_depth(attempts: ir.Table, steps: int) -> ir.Table:
    """Return `attempts` with `depth`: how many steps were reached."""
    there = (attempts[reached(k)].notnull().cast("int64") for k in range(2, steps + 1))
    return attempts.mutate(depth=sum(there, start=ibis.literal(1, "int64")))


def one_each(attempts: ir.Table, best: bool) -> ir.Table:
    """Return one attempt a user: the first, or the one with the most `depth` (of several the earliest)."""
    order = [attempts.depth.desc(), attempts.turn] if best else [attempts.turn]
    ranked = attempts.mutate(place=ibis.row_number().over(group_by=attempts.user, order_by=order))
    return ranked.filter(ranked.place == 0).drop("place")
