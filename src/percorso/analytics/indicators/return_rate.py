import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.orders import CANCELLED, kept_orders
from percorso.analytics.methods.ratio import Ratio, ratio_parts
from percorso.i18n import mark


class ReturnRate(Ratio):
    label = mark("Return rate")
    about = mark("How much of what we ship comes back?")
    formula = mark("units returned within 30 days / units shipped")
    table = "orders"
    family = "commerce"
    unit = "share"
    better = "lower"
    time = mark("when it was shipped; counted once the window has passed")
    range = (0.0, 1.0)
    level, kind, nature = "tactical", "product", "lagging"
    segments = ("product", "carrier", "channel", "customer.country")
    options = {
        "window_days": Option(mark("days from shipping in which a return counts"), default=30),
        "returned": Option(mark("state of an order that came back, where quantities are not told"), default="returned"),
        "cancelled": CANCELLED,
    }  # fmt: skip
    exclusions = (
        mark("Cancelled orders were never shipped; lines younger than the window are left out and counted."),
        mark("A line without a quantity is one unit; one in the state returned without a date came back in time."),
        mark("Lines with more returned than shipped are left out and counted."),
    )
    traps = (
        mark("Returns of this month belong to what was shipped before: dividing both by month mixes two cohorts."),
        mark("Units and orders are different figures: one order may send back one unit of ten."),
    )
    literature = (
        "Petersen J, Kumar V (2009) Are product returns a necessary evil? Antecedents and consequences, Journal of Marketing 73",
    )

    def who(self, t: ir.Table) -> ir.StringValue:
        return t.whole_order

    def rows(self, ask: Ask) -> ir.Table:
        t = kept_orders(ask)
        told = {key: ask.engine.json_text(t.properties, key) for key in PROPERTIES}
        t = t.mutate(**told)
        shipped = ibis.coalesce(ask.engine.told_instant(t.shipped_at), t.at)
        back_at = ask.engine.told_instant(t.returned_at)
        quantity = t.quantity.try_cast("float64").fill_null(1.0)
        came_back = (t.status.lower() == str(ask.options["returned"]).lower()).fill_null(False)
        returned = t.returned_quantity.try_cast("float64").fill_null(ibis.ifelse(came_back, quantity, 0.0))
        window = ibis.interval(days=int(ask.options["window_days"]))
        t = t.mutate(moment=shipped, back_at=back_at, shipped=quantity, back=returned)
        in_time = t.back_at.isnull() | ((t.back_at >= t.moment) & (t.back_at <= t.moment + window))
        valid = (t.shipped > 0) & (t.back >= 0) & (t.back <= t.shipped)
        mature = ask.known(t.moment + window)
        return t.mutate(
            whole_order=ibis.coalesce(t.order_id, t.id),
            back=ibis.ifelse(in_time, t.back, 0.0),
            counts=mature & valid,
            immature=~mature,
            invalid=mature & ~valid,
        ).drop(*PROPERTIES)

    def unit_parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {
            "y": t.back.sum(where=t.counts).fill_null(0.0),
            "x": t.shipped.sum(where=t.counts).fill_null(0.0),
            "immature": t.count(where=t.immature),
            "n_invalid": t.count(where=t.invalid),
        }

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {**ratio_parts(t.y, t.x, t.x > 0), "immature": t.immature.sum(), "n_invalid": t.n_invalid.sum()}


PROPERTIES = ("order_id", "shipped_at", "quantity", "returned_quantity", "returned_at")
