"""What the customers that were active just before a period did in it (specification 1.5: PP base and EV acts)."""

from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.base import Ask, Figures, Parts
from percorso.analytics.methods.levels import Columns, Levels, active, flagged
from percorso.analytics.statistics.comparisons import Comparison, two_proportions
from percorso.analytics.statistics.intervals import wilson
from percorso.i18n import mark

KEPT = ("id", "customer", "identity", "at", "whose", "act", "acted_at", "converted")


class ActiveCustomers(Levels):
    """Shares of the customers active at the start who acted in the period. `acts` gives id, customer, identity, at and
    `converted`, a row an act."""

    table = "subscriptions"
    family = "commerce"
    unit = "share"
    better = "higher"
    method = "proportion"
    time = mark("the customers active just before the period starts, and what they do in it")
    interval = mark("Wilson score interval")
    test = mark("two-proportion z test, Fisher's exact test for small counts; Newcombe's interval of the difference")
    range = (0.0, 1.0)
    level, kind, nature = "strategic", "impact", "lagging"
    segments = ("plan", "channel", "customer.segment", "customer.country")

    def acts(self, ask: Ask) -> ir.Table:
        """Return what customers did, known by `as_of`."""
        raise TypeError(f"{type(self).__name__} must say what customers do")

    def rows(self, ask: Ask) -> ir.Table:
        s, a = ask.table("subscriptions"), self.acts(ask)
        s = s.filter(ask.known(s.started_at))
        # An end that was not known by `as_of` has not happened.
        ended = ibis.ifelse(ask.known(s.ended_at), s.ended_at, ibis.null(s.ended_at.type()))
        s = _plain(s.mutate(ended_at=ended, whose=self.who(s)).filter(self.who(s).notnull()))
        acted = {"act": a.id, "acted_at": a.at, "converted": a.converted}
        a = _plain(a.mutate(whose=self.who(a), **acted).filter(self.who(a).notnull()))
        alone = a.anti_join(s, a.whose == s.whose)
        a = a.select("act", "acted_at", "converted", actor="whose")
        # Every price period has all acts of its customer, so that it may be broken down by what it says.
        t = s.left_join(a, s.whose == a.actor).drop("actor")
        t = t.union(alone.select(*(_kept(alone, t, name) for name in t.columns)))
        return t.mutate(moment=t.at)

    def before(self, t: ir.Table, instant: ir.TimestampValue, ask: Ask) -> dict[str, ir.Scalar]:
        return {"active": flagged(active(t, instant))}

    def during(self, t: ir.Table, start: ir.TimestampValue, end: ir.TimestampValue, ask: Ask) -> dict[str, ir.Scalar]:
        inside = ((t.acted_at >= start) & (t.acted_at < end)).fill_null(False)
        return {"acts": t.act.nunique(where=inside), "converted": t.act.nunique(where=inside & t.converted)}

    def counted(
        self, first: Columns, last: Columns, inside: Columns, ever: Columns, start: ir.TimestampValue, ask: Ask
    ) -> dict[str, ir.Scalar]:
        was = first["active"] == 1
        return {
            "denominator": ibis.ifelse(was, 1, 0).sum(),
            "numerator": ibis.ifelse(was & (inside["acts"] > 0), 1, 0).sum(),
            "acts": inside["acts"].sum(),
            "converted": inside["converted"].sum(),
        }

    def figures(self, p: Parts, ask: Ask) -> Figures:
        share = wilson(p["numerator"], p["denominator"], ask.confidence)
        details: dict[str, Any] = {name: p[name].astype(np.int64) for name in ("numerator", "denominator")}
        return Figures(share.value, share.low, share.high, p["denominator"], details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        hits, n = p["numerator"], p["denominator"]
        return two_proportions(hits[a], n[a], hits[b], n[b], ask.confidence)


def _plain(t: ir.Table) -> ir.Table:
    """Return a table whose columns may all be null, as they are in a union."""
    return t.mutate(**{name: nullable(t[name]) for name in t.columns})


def _kept(t: ir.Table, like: ir.Table, name: str) -> ir.Value:
    """Return the column `name` of acts without a subscription: who and when; of the subscription they know nothing."""
    return t[name] if name in KEPT else ibis.null(like[name].type()).name(name)
