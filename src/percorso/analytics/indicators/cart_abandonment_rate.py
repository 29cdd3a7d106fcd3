import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.occurrences import firsts, occurrences
from percorso.analytics.methods.proportion import Proportion
from percorso.i18n import mark


class CartAbandonmentRate(Proportion):
    label = mark("Cart abandonment rate")
    about = mark("What share of carts never becomes an order?")
    formula = mark("1 − carts bought within 24 hours / carts")
    table = "events"
    family = "commerce"
    better = "lower"
    time = mark("when the first item was added; counted once the window has passed")
    level, kind, nature = "tactical", "process", "leading"
    segments = ("channel", "device", "touchpoint", "customer.country")
    options = {
        "window_hours": Option(mark("hours from the first item in which the cart must be bought"), default=24),
        "added": Option(mark("names of the events that put an item into a cart"), default="Product Added"),
        "bought": Option(mark("names of the events that buy a cart"), default="Order Completed"),
    }  # fmt: skip
    exclusions = (
        mark("All carts younger than the window are left out, the bought ones too: otherwise today looks perfect."),
        mark("A cart is known by the property cart_id, or else by its visit. Later purchases are counted aside."),
    )
    traps = (mark("Many carts are wish lists: a high rate alone is no fault of the checkout."),)
    literature = (
        "Kukar-Kinney M, Close A (2010) The determinants of consumers' online shopping cart abandonment, Journal of the Academy of Marketing Science 38",
    )

    def rows(self, ask: Ask) -> ir.Table:
        t = firsts(_with_cart(occurrences(ask, "added"), ask), "cart", ask)
        t = t.mutate(moment=t.at)
        bought = _since_the_start(_with_cart(occurrences(ask, "bought"), ask), ask)
        bought = bought.select(bought_cart="cart", bought_at="at")
        t = t.asof_join(bought, t.moment <= bought.bought_at, predicates=[t.cart == bought.bought_cart])
        window = ibis.interval(seconds=round(float(ask.options["window_hours"]) * 3600))
        mature, in_time = ask.known(t.moment + window), (t.bought_at <= t.moment + window).fill_null(False)
        return t.drop("bought_cart").mutate(
            counts=mature, hit=~in_time, immature=~mature, late=mature & ~in_time & t.bought_at.notnull()
        )

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"immature": t.count(where=t.immature), "recovered_late": t.count(where=t.late)}


def _since_the_start(t: ir.Table, ask: Ask) -> ir.Table:
    """Return what happened since the first cart that is asked about."""
    return t if ask.frame is None or ask.frame.span is None else t.filter(t.at >= ask.instant("start"))


def _with_cart(t: ir.Table, ask: Ask) -> ir.Table:
    t = t.mutate(cart=ibis.coalesce(ask.engine.json_text(t.properties, "cart_id"), t.session))
    return t.filter(t.cart.notnull())
