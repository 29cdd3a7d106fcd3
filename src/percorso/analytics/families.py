"""The families of indicators, in the order in which people read them, and what fills each of them."""

from dataclasses import dataclass

from percorso.analytics.methods.base import Family as Key
from percorso.i18n import mark


@dataclass(frozen=True)
class Family:
    """A family of indicators: its name, where its facts come from, and the fact table to import first."""

    label: str
    about: str
    table: str


FAMILIES: dict[Key, Family] = {
    "surveys": Family(mark("Asked in surveys"), mark("What customers answer when they are asked."), "answers"),
    "research": Family(
        mark("Research"), mark("Usability tests, mystery visits, audits and multi-item questionnaires."), "answers"
    ),
    "service": Family(mark("Measured in service"), mark("Tickets, calls and chats as they went."), "tickets"),
    "loop": Family(mark("Closing the loop"), mark("Whether somebody gets back to those who were let down."), "cases"),
    "commerce": Family(mark("Commerce and growth"), mark("Visits, carts, orders and recommendations."), "orders"),
    "revenue": Family(
        mark("Retention and revenue"), mark("Subscriptions: who stays and what they pay."), "subscriptions"
    ),
    "product": Family(
        mark("Product and digital quality"), mark("How the product is used, and how well it runs."), "events"
    ),
}
