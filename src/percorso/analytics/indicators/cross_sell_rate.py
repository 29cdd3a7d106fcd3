import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.active_customers import ActiveCustomers
from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.orders import CANCELLED, kept_orders
from percorso.i18n import mark


class CrossSellRate(ActiveCustomers):
    label = mark("Cross-sell rate")
    about = mark("What share of customers bought something from us that they did not have before?")
    formula = mark("customers active at the start who buy a product for the first time / customers active at the start")
    options = {"cancelled": CANCELLED}
    exclusions = (
        mark("Buying the same product again is no cross-sell; new customers are not in the base."),
        mark("Orders that were cancelled or name no product are left out."),
    )
    traps = (mark("Products that are renamed look new: keep one name for one product."),)
    literature = (
        "Kamakura W (2008) Cross-selling: offering the right product to the right customer at the right time, Journal of Relationship Marketing 6",
    )

    def acts(self, ask: Ask) -> ir.Table:
        t = kept_orders(ask)
        t = t.filter(t.product.notnull())
        order = ibis.window(group_by=["whose", "product"], order_by=["at", "id"])
        t = t.mutate(turn=ibis.row_number().over(order))
        return t.filter(t.turn == 0).mutate(converted=ibis.literal(False))
