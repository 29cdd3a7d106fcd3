import ibis
import ibis.expr.types as ir

from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.active_customers import ActiveCustomers
from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.occurrences import occurrences
from percorso.i18n import mark

COLUMNS = ("id", "customer", "identity", "at")


class UpsellRate(ActiveCustomers):
    label = mark("Upsell rate")
    about = mark("What share of customers moved to a higher plan or quantity?")
    formula = mark("customers active at the start with an upgrade in the period / customers active at the start")
    options = {"upgrade": Option(mark("names of the events that are an upgrade"), default="Plan Upgraded")}
    exclusions = (
        mark("An upgrade is an event that says so, or another plan of the same subscription at a higher price."),
        mark("A higher price of the same plan is a price rise and no upgrade."),
    )
    traps = (mark("Who can go no higher is in the base too: a mature base has a low rate without any fault."),)
    literature = (
        "Kamakura W (2008) Cross-selling: offering the right product to the right customer at the right time, Journal of Relationship Marketing 6",
    )

    def acts(self, ask: Ask) -> ir.Table:
        told, moved = occurrences(ask, "upgrade"), _dearer_plans(ask)
        every = [t.select(**{name: nullable(t[name]) for name in COLUMNS}) for t in (told, moved)]
        return every[0].union(every[1]).mutate(converted=ibis.literal(False))


def _dearer_plans(ask: Ask) -> ir.Table:
    """Return the price periods that follow one of another plan at a lower price in the same subscription."""
    t = ask.table("subscriptions")
    t = t.filter(ask.known(t.started_at), t.subscription.notnull())
    order = ibis.window(group_by="subscription", order_by=["started_at", "id"])
    was = {f"was_{name}": nullable(t[name]).lag().over(order) for name in ("plan", "mrr", "currency")}
    t = t.mutate(**was)
    dearer = (t.was_plan != t.plan) & (t.mrr > t.was_mrr)
    same_money = (t.was_currency == t.currency) | (t.was_currency.isnull() & t.currency.isnull())
    return t.filter((dearer & same_money).fill_null(False)).mutate(at=t.started_at)
