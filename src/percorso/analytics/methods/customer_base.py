"""The customers of a subscription business at the two ends of a period: who stayed, left, came, came back."""

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

COUNTED = ("starting", "ending", "stayed", "new", "reactivated", "recovered_in_period", "intra_period")


class CustomerBase(Levels):
    """Shares of the customers that were active just before the period began."""

    table = "subscriptions"
    family = "revenue"
    unit = "share"
    method = "proportion"
    time = mark("the customers active just before the period starts, compared with those just before it ends")
    interval = mark("Wilson score interval")
    test = mark("two-proportion z test, Fisher's exact test for small counts; Newcombe's interval of the difference")
    range = (0.0, 1.0)
    level, kind, nature = "strategic", "impact", "lagging"
    segments = ("plan", "customer.country", "customer.segment", "customer.plan")

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("subscriptions")
        t = t.filter(ask.known(t.started_at), ibis.coalesce(t.customer, t.identity).notnull())
        # An end that was not known by `as_of` has not happened.
        t = t.mutate(ended_at=ibis.ifelse(ask.known(t.ended_at), t.ended_at, ibis.null("timestamp")))
        t = t.mutate(moment=t.started_at, whose=ibis.coalesce(t.customer, t.identity))
        return _with_last_end(t, ask)

    def before(self, t: ir.Table, instant: ir.TimestampValue, ask: Ask) -> dict[str, ir.Scalar]:
        return {"active": flagged(active(t, instant))}

    def during(self, t: ir.Table, start: ir.TimestampValue, end: ir.TimestampValue, ask: Ask) -> dict[str, ir.Scalar]:
        touched = (t.started_at < end) & (t.ended_at.isnull() | (t.ended_at > start)) & (t.started_at != t.ended_at)
        begun_us = ask.engine.epoch_us(t.started_at)
        gap = (t.until >= ask.engine.epoch_us(start)) & (t.until < begun_us) & (t.started_at < end)
        return {"touched": flagged(touched.fill_null(True)), "gap": flagged(gap.fill_null(False))}

    def always(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"since": t.started_at.min()}

    def counted(
        self, first: Columns, last: Columns, inside: Columns, ever: Columns, start: ir.TimestampValue, ask: Ask
    ) -> dict[str, ir.Scalar]:
        was, is_ = first["active"] == 1, last["active"] == 1
        came = is_ & ~was
        known_before = ever["since"] < start
        return {
            "starting": _count(was),
            "ending": _count(is_),
            "stayed": _count(was & is_),
            "new": _count(came & ~known_before),
            "reactivated": _count(came & known_before),
            "recovered_in_period": _count(was & is_ & (inside["gap"] == 1)),
            "intra_period": _count(~was & ~is_ & (inside["touched"] == 1)),
        }

    def hits(self, p: Parts) -> Any:
        """Return how many of the customers at the start count."""
        return p["stayed"]

    def figures(self, p: Parts, ask: Ask) -> Figures:
        share = wilson(self.hits(p), p["starting"], ask.confidence)
        details: dict[str, Any] = {name: p[name].astype(np.int64) for name in COUNTED}
        details |= {"numerator": self.hits(p).astype(np.int64), "denominator": details["starting"]}
        details["churned"] = details["starting"] - details["stayed"]
        with np.errstate(invalid="ignore", divide="ignore"):
            details["naive_end_over_start"] = np.where(p["starting"] > 0, p["ending"] / p["starting"], np.nan)
        return Figures(share.value, share.low, share.high, p["starting"], details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        hits, n = self.hits(p), p["starting"]
        return two_proportions(hits[a], n[a], hits[b], n[b], ask.confidence)


def _count(condition: ir.BooleanValue) -> ir.IntegerScalar:
    return ibis.ifelse(condition, 1, 0).sum()


def _with_last_end(t: ir.Table, ask: Ask) -> ir.Table:
    """Return the rows with `until`: the latest end of the customer's earlier price periods in microseconds, or null."""
    never = ibis.literal(2**62, "int64")
    ended = ibis.ifelse(t.ended_at.isnull(), never, ask.engine.epoch_us(t.ended_at)).cast("int64")
    t = t.mutate(ended_us=ended)
    so_far = ibis.cumulative_window(group_by="whose", order_by=["started_at", "id"])
    t = t.mutate(upto=t.ended_us.max().over(so_far))
    return t.mutate(until=nullable(t.upto).lag().over(ibis.window(group_by="whose", order_by=["started_at", "id"])))
