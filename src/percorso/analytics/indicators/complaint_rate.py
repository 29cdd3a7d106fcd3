import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.base import Ask, Figures, Indicator, Option, Parts
from percorso.analytics.methods.occurrences import names_of
from percorso.analytics.statistics.comparisons import Comparison
from percorso.analytics.statistics.rates import poisson_interval, rate_difference
from percorso.i18n import mark

ORDER = ("channel", "product", "carrier", "status")
COLUMNS = ("id", "customer", "identity", "at", *ORDER)


class ComplaintRate(Indicator):
    label = mark("Complaint rate")
    about = mark("How many complaints are there per order?")
    formula = mark("complaints / orders; it can exceed 1")
    table = "orders"
    family = "commerce"
    unit = "share"
    better = "lower"
    method = "rate"
    time = mark("complaints and orders each when they happen")
    interval = mark("exact Poisson interval (chi-squared)")
    test = mark("conditional binomial test of two Poisson rates")
    range = (0.0, None)
    additive = False
    level, kind, nature = "tactical", "product", "leading"
    segments = ("product", "carrier", "channel", "customer.country", "customer.segment")
    options = {
        "topics": Option(
            mark("topics of tickets that are complaints; tickets whose property kind is complaint are too"),
            default="complaint, delivery, product, checkout, billing",
        ),
        "per": Option(
            mark("what complaints are counted against: orders, or customers who ordered in the period"),
            default="orders",
            choices=("orders", "customers"),
        ),
    }
    exclusions = (
        mark(
            "A complaint takes product, carrier and channel from the order that it names (property order_id), or else from the customer's last one before it."
        ),
    )
    traps = (
        mark("Complaints follow orders by days: after a campaign the rate first falls and then rises."),
        mark("An easier way to complain raises the figure: that is better than silence."),
    )
    literature = ("Garwood (1936) Fiducial limits for the Poisson distribution, Biometrika 28",)

    def rows(self, ask: Ask) -> ir.Table:
        o, t = ask.table("orders"), ask.table("tickets")
        told = (ask.engine.json_text(t.properties, "kind") == "complaint").fill_null(False)
        t = t.filter(t.topic.isin(names_of(ask.options["topics"])).fill_null(False) | told)
        t = t.mutate(of_order=ask.engine.json_text(t.properties, "order_id"))
        t = _with_order(t.select("id", "customer", "identity", "at", "of_order"), o)
        every = _row(o, False).union(_row(t, True))
        return every.mutate(moment=every.at)

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        against = t.count(where=~t.complains)
        if ask.options["per"] == "customers":
            against = ibis.coalesce(t.customer, t.identity).nunique(where=~t.complains)
        return {"complaints": t.count(where=t.complains), "against": against}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        rate = poisson_interval(p["complaints"], p["against"], ask.confidence)
        details = {"numerator": p["complaints"].astype(np.int64), "denominator": p["against"].astype(np.int64)}
        return Figures(rate.value, rate.low, rate.high, p["against"], details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        return rate_difference(*(p[name][cell] for cell in (a, b) for name in ("complaints", "against")))


def _with_order(t: ir.Table, orders: ir.Table) -> ir.Table:
    """Return complaints with what their order says: the one that they name, or else the customer's last before."""
    named = orders.select(named_id=orders.id, **{f"named_{name}": orders[name] for name in ORDER})
    t = t.left_join(named, t.of_order == named.named_id)
    last = orders.select(buyer="customer", bought_at="at", **{f"last_{name}": orders[name] for name in ORDER})
    t = t.asof_join(last, t.at >= last.bought_at, predicates=[t.customer == last.buyer])
    return t.mutate(**{name: ibis.coalesce(t[f"named_{name}"], t[f"last_{name}"]) for name in ORDER})


def _row(t: ir.Table, complains: bool) -> ir.Table:
    """Return rows of one type whatever table they come from: a union wants them equal, nullability too."""
    return t.select(**{name: nullable(t[name]) for name in COLUMNS}, complains=ibis.literal(complains))
