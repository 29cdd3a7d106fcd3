from datetime import datetime

import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.occurrences import firsts
from percorso.analytics.methods.orders import CANCELLED, day_moments, kept_orders, local_day
from percorso.analytics.methods.proportion import Proportion
from percorso.i18n import mark


class RepeatPurchaseRate(Proportion):
    label = mark("Repeat purchase rate")
    about = mark("Do customers come back to buy?")
    formula = mark("customers whose second order is within 90 days of the first / customers who ordered first")
    table = "orders"
    family = "commerce"
    better = "higher"
    time = mark("when the first order was placed; counted once the window has passed")
    level, kind, nature = "strategic", "impact", "lagging"
    segments = ("product", "channel", "customer.country", "customer.segment")
    options = {
        "window_days": Option(mark("days from the first order in which the second must follow"), default=90),
        "cancelled": CANCELLED,
    }  # fmt: skip
    exclusions = (
        mark("Cancelled orders are left out; orders of the same local day are one."),
        mark("Customers whose first order is younger than the window are left out, those who came back too."),
    )
    traps = (mark("Repeat orders over all orders is another figure: it grows with old customers."),)
    literature = ("Ehrenberg A (1988) Repeat-Buying: facts, theory and applications, 2nd ed.",)

    def moments(self, ask: Ask) -> dict[str, datetime]:
        return day_moments(ask, _days(ask))

    def rows(self, ask: Ask) -> ir.Table:
        t = kept_orders(ask)
        first = firsts(t, "whose", ask)
        begun = first.select(beginner="whose", began="at")
        later = t.select("whose", "at").inner_join(begun, [t.whose == begun.beginner, t.at > begun.began])
        later = later.filter(local_day(later.at, ask, _days(ask)) > local_day(later.began, ask, _days(ask)))
        later = later.group_by(back="whose").aggregate(second_at=later.at.min())
        first = first.left_join(later, first.whose == later.back).drop("back")
        window = ibis.interval(days=_days(ask))
        mature = ask.known(first.at + window)
        again = (first.second_at <= first.at + window).fill_null(False)
        return first.mutate(moment=first.at, counts=mature, hit=again, immature=~mature)

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"immature": t.count(where=t.immature)}


def _days(ask: Ask) -> int:
    return int(ask.options["window_days"])
