"""What moved recurring revenue: new, expansion, contraction, churn, reactivation (specification 4.3, card `mrr`)."""

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.base import Array, Ask

MOVEMENTS = ("new", "expansion", "contraction", "churn", "reactivation")


def moved(before: Any, after: Any, known: Any) -> dict[str, tuple[Any, Any]]:
    """Return for each movement its condition and its amount, as columns or arrays like those given.

    known : the customer has paid at some time before.
    """
    gained, lost, came, left = after - before, before - after, after > 0, before > 0
    return {
        "new": (~left & came & ~known, gained),
        "reactivation": (~left & came & known, gained),
        "churn": (left & ~came, lost),
        "expansion": ((left == came) & (gained > 0), gained),
        "contraction": ((left == came) & (gained < 0), lost),
    }


def movement_values(before: Array, after: Array, known: Any) -> dict[str, Any]:
    """Return amounts and counts of the movements, one value a customer."""
    made: dict[str, Any] = {}
    for name, (holds, amount) in moved(before, after, known).items():
        made |= {name: np.where(holds, amount, 0.0), f"{name}_customers": holds}
    return made


def movement_parts(each: ir.Table, where: ir.BooleanValue) -> dict[str, ir.Scalar]:
    """Return amounts and counts of the movements over those of the `changes` of which a condition holds."""
    made: dict[str, ir.Scalar] = {}
    for name, (holds, amount) in moved(each.before, each.after, each.known).items():
        made |= {name: _added(holds & where, amount), f"{name}_customers": _added(holds & where)}
    return made


def _added(condition: ir.BooleanValue, amount: ir.NumericValue | int = 1) -> ir.NumericScalar:
    return ibis.ifelse(condition.fill_null(False), amount, 0).sum()


def changes(t: ir.Table, by: Sequence[str], ask: Ask) -> ir.Table:
    """Return the changes of each customer's MRR: `at_us`, `before`, `after`, and `known` when it had paid already.

    Price periods of one subscription that touch make one change; what happens to several subscriptions of a customer at
    one instant is one change too. Several price periods of a subscription that begin at one instant (all but the last are
    empty) are changes one after the other, by their ids.
    """
    steps = _steps(t.mutate(subscription=ibis.coalesce(t.subscription, t.unit)), by, ask)
    turn = ibis.window(group_by=[*by, "unit", "subscription", "at_us"], order_by=["ends", "until_us", "id"])
    steps = steps.mutate(turn=ibis.row_number().over(turn))
    each = steps.group_by([*by, "unit", "at_us", "turn"]).aggregate(delta=steps.delta.sum())
    each = each.filter(each.delta != 0)
    so_far = ibis.cumulative_window(group_by=[*by, "unit"], order_by=["at_us", "turn"])
    each = each.mutate(after=each.delta.sum().over(so_far))
    each = each.mutate(most=each.after.max().over(so_far), before=each.after - each.delta)
    plain = ibis.window(group_by=[*by, "unit"], order_by=["at_us", "turn"])
    return each.mutate(known=(nullable(each.most).lag().over(plain) > 0).fill_null(False))


def _steps(t: ir.Table, by: Sequence[str], ask: Ask) -> ir.Table:
    """Return a row for each begin of a price period, and for each end that no next one begins at."""
    never = 2**62
    t = t.mutate(
        from_us=ask.engine.epoch_us(t.started_at).cast("int64"),
        until_us=ibis.ifelse(t.ended_at.isnull(), never, ask.engine.epoch_us(t.ended_at)).cast("int64"),
    )
    w = ibis.window(group_by=[*by, "unit", "subscription"], order_by=["from_us", "until_us", "id"])
    t = t.mutate(
        ended_us=nullable(t.until_us).lag().over(w),
        earlier=nullable(t.mrr).lag().over(w),
        next_us=nullable(t.from_us).lead().over(w),
    )
    goes_on = (t.ended_us == t.from_us).fill_null(False)
    keys = [t[name] for name in (*by, "unit", "subscription", "id", "until_us")]
    begins = t.select(*keys, at_us=t.from_us, ends=ibis.literal(0), delta=t.mrr - ibis.ifelse(goes_on, t.earlier, 0))
    over = t.filter(t.until_us < never, (t.next_us.isnull() | (t.next_us != t.until_us)).fill_null(True))
    keys = [over[name] for name in (*by, "unit", "subscription", "id", "until_us")]
    stops = over.select(*keys, at_us=over.until_us, ends=ibis.literal(1), delta=-over.mrr)
    return begins.union(stops)
