"""Interactions that say whether they were good: answers, broken promises, contacts that solved nothing."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.net import DETRACTOR

COLUMNS = ("id", "customer", "identity", "at", "channel", "touchpoint")
METRICS = ("nps", "csat", "ces", "fcr")


def experiences(ask: Ask, kinds: Sequence[str]) -> ir.Table:
    """Return rated interactions known by `as_of`, an interaction once: the latest row of it, bad when any of them is.

    Columns: those in COLUMNS, `whose`, `interaction` and `bad` (1 or 0).
    """
    made = {"answers": _answers, "promises": _promises, "contacts": _contacts}
    first, *others = [made[kind](ask) for kind in kinds]
    t = first.union(*others) if others else first
    t = t.mutate(whose=ibis.coalesce(t.customer, t.identity))
    t = t.filter(t.whose.notnull(), ask.known(t.at))
    same = ibis.window(group_by=["whose", "interaction"])
    newest = ibis.window(group_by=["whose", "interaction"], order_by=[ibis.desc(t.at), ibis.desc(t.id)])
    t = t.mutate(bad=t.bad.max().over(same), turn=ibis.row_number().over(newest))
    return t.filter(t.turn == 0).drop("turn")


def _answers(ask: Ask) -> ir.Table:
    """NPS up to 6, the two lowest boxes of CSAT, CES 1.0 from 4 of 5, CES 2.0 up to 3 of 7, "not solved"."""
    t = ask.table("answers")
    asked = (t.population == "customer") | t.population.isnull()
    low = ibis.coalesce(t.scale_min, ibis.ifelse(t.metric.isin(["nps", "fcr"]), 0.0, 1.0))
    high = ibis.coalesce(t.scale_max, ibis.cases((t.metric == "nps", 10.0), (t.metric == "fcr", 1.0), else_=5.0))
    valid = ((t.score >= low) & (t.score <= high) & (t.score % 1 == 0)).fill_null(False)
    whole = t.aspect.isnull() | (t.aspect == "company")
    t = t.mutate(low=low, high=high).filter(asked, valid, whole, t.metric.isin(METRICS))
    effort = ibis.ifelse(t.polarity == "lower", t.score > t.high - 2, t.score <= t.low + 2)
    bad = ibis.cases(
        (t.metric == "nps", t.score <= DETRACTOR),
        (t.metric == "csat", t.score < t.low + 2),
        (t.metric == "ces", effort),
        else_=t.score == 0,
    )
    return _row(t, ibis.coalesce(t.interaction, t.id), bad)


def _promises(ask: Ask) -> ir.Table:
    t = ask.table("promises")
    t = t.filter(~t.cancelled.fill_null(False), ask.known(t.due_at))
    kept = (t.kept_at <= t.due_at).fill_null(False)
    return _row(t.mutate(at=t.due_at), ibis.coalesce(t.ticket, t.id), ~kept)


def _contacts(ask: Ask) -> ir.Table:
    t = ask.table("contacts")
    t = t.filter(t.resolved.notnull())
    return _row(t, t.id, ~t.resolved)


def _row(t: ir.Table, interaction: ir.StringValue, bad: ir.BooleanValue) -> ir.Table:
    """Return rows of one type whatever table they come from: a union wants them equal, nullability too."""
    known = {name: nullable(t[name]) for name in COLUMNS}
    return t.select(
        **known, interaction=nullable(interaction), bad=nullable(ibis.ifelse(bad.fill_null(False), 1, 0).cast("int64"))
    )
