"""Ready funnels, offered where their events arrive; named as Segment's specification names events."""

from collections.abc import Collection
from dataclasses import dataclass

from percorso.i18n import mark


@dataclass(frozen=True)
class Ready:
    """A funnel by its name, what it tells, its steps and its window."""

    key: str
    name: str
    about: str
    steps: tuple[str, ...]
    window: str

    @property
    def link(self) -> dict[str, list[str] | str]:
        """The parameters of its address."""
        return {"step": list(self.steps), "window": self.window}


READY = (
    Ready(
        "cart", mark("Cart abandonment"), mark("Who put something into the cart and did not buy within a day"),
        ("Product Added", "Order Completed"), "1d",
    ),
    Ready(
        "purchase", mark("From product to order"), mark("Where those who look at products stop"),
        ("Product Viewed", "Product Added", "Checkout Started", "Order Completed"), "7d",
    ),
    Ready(
        "checkout", mark("Checkout"), mark("Who begins to pay and does not come to the end"),
        ("Checkout Started", "Payment Info Entered", "Order Completed"), "1h",
    ),
    Ready(
        "search", mark("From search to order"), mark("Whether searching leads to buying"),
        ("Products Searched", "Product Viewed", "Order Completed"), "1d",
    ),
    Ready(
        "activation", mark("First steps"), mark("Who signs up and then uses a feature within two weeks"),
        ("Signed Up", "Feature Used"), "14d",
    ),
)  # fmt: skip


def ready_for(names: Collection[str]) -> list[Ready]:
    """Return the ready funnels all of whose events are among `names`."""
    return [each for each in READY if set(each.steps) <= set(names)]
