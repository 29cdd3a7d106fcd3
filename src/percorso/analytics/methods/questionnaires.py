"""Answers that belong together: a questionnaire of several items, a visit, an audit."""

import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask


def names(text: object) -> tuple[str, ...]:
    """Return the names of a comma-separated option, without blanks and empty ones."""
    return tuple(name.strip() for name in str(text or "").split(",") if name.strip())


def answers(ask: Ask, *metrics: str) -> ir.Table:
    """Return the answers of some metrics with the `response` that each belongs to.

    A response is what the source calls an interaction or invitation; without either, all that one customer answered.
    """
    t = ask.table("answers")
    t = t.filter(t.metric.isin(metrics), ask.known(t.at))
    response = ibis.coalesce(t.interaction, t.invitation, t.customer, t.identity, t.id)
    return t.mutate(response=response, moment=t.at)


def responses(ask: Ask, *metrics: str) -> ir.Table:
    """Return the answers of some metrics, with the last answer of a response as the `moment` of all of them."""
    t = answers(ask, *metrics)
    return t.mutate(moment=t.at.max().over(ibis.window(group_by=t.response)))


def readable(score: ir.FloatingValue) -> ir.BooleanValue:
    """Return whether a score is a number; what the source sent and nobody can read is not one."""
    return score.notnull() & ~score.isnan().fill_null(True)


def between(score: ir.FloatingValue, low: ir.NumericValue | float, high: ir.NumericValue | float) -> ir.BooleanValue:
    """Return whether a score is a number from `low` to `high`; it is never clamped into them."""
    return (readable(score) & (score >= low) & (score <= high)).fill_null(False)


def newest(t: ir.Table, keys: list[str], valid: ir.BooleanValue) -> ir.Table:
    """Return the latest valid row for each of `keys`; where none is valid, the latest."""
    t = t.mutate(is_valid=valid)
    order = [ibis.desc(t.is_valid.cast("int64")), ibis.desc(t.at), ibis.desc(t.id)]
    t = t.mutate(turn=ibis.row_number().over(ibis.window(group_by=[t[k] for k in keys], order_by=order)))
    return t.filter(t.turn == 0).drop("turn", "is_valid")
