"""Names of breakdown columns and of their values, in the language of the request."""

from django.utils.translation import gettext

from percorso.analytics.indicators import INDICATORS
from percorso.analytics.tables import CUSTOMERS, PERSONAL
from percorso.base.words import NAMED, locale
from percorso.i18n import mark

# What tells who somebody is, and what does not.
TELLING = {*PERSONAL, "id", "session", "interaction", "invitation", "ticket", "subscription", "item"}
OPEN_TRAITS = {c.name for c in CUSTOMERS.own} - {*PERSONAL, "name", "created_at"}
OFFERED = {name for indicator in INDICATORS.values() for name in (*indicator.always_by, *indicator.segments)}

COLUMNS = {
    "channel": mark("Channel"),
    "touchpoint": mark("Touchpoint"),
    "team": mark("Team"),
    "agent": mark("Agent"),
    "queue": mark("Queue"),
    "topic": mark("Topic"),
    "priority": mark("Priority"),
    "status": mark("Status"),
    "kind": mark("Kind"),
    "language": mark("Language"),
    "survey": mark("Survey"),
    "question": mark("Question"),
    "aspect": mark("Aspect"),
    "source": mark("Source"),
    "item": mark("Item"),
    "campaign": mark("Campaign"),
    "score": mark("Score"),
    "option": mark("Option"),
    "rating": mark("Stars"),
    "text": mark("Text"),
    "ticket": mark("Ticket"),
    "actor": mark("Who"),
    "reply_at": mark("Answered in public at"),
    "first_reply_at": mark("First reply"),
    "resolved_at": mark("Resolved"),
    "due_at": mark("Due"),
    "kept_at": mark("Kept"),
    "answered_at": mark("Answered"),
    "abandoned_at": mark("Gave up"),
    "handle_seconds": mark("Handling time"),
    "resolved": mark("Solved"),
    "delivered_at": mark("Delivered"),
    "started_at": mark("Started"),
    "completed_at": mark("Finished"),
    "currency": mark("Currency"),
    "plan": mark("Plan"),
    "mrr": mark("A month"),
    "amount": mark("Amount"),
    "ended_at": mark("Ended"),
    "product": mark("Product"),
    "carrier": mark("Carrier"),
    "promised_at": mark("Promised"),
    "name": mark("What happened"),
    "page": mark("Page"),
    "device": mark("Device"),
    "opened_at": mark("Opened"),
    "first_contact_at": mark("First contact"),
    "closed_at": mark("Closed"),
    "outcome": mark("Outcome"),
    "country": mark("Country"),
    "segment": mark("Customer segment"),
    "created_at": mark("Customer since"),
    "customer.country": mark("Country"),
    "customer.region": mark("Region"),
    "customer.language": mark("Customer's language"),
    "customer.plan": mark("Plan"),
    "customer.segment": mark("Customer segment"),
    "customer.company": mark("Company"),
}
# Columns of events by which anybody may tell the steps of a funnel apart.
STEP_COLUMNS = ("page", "channel", "device", "touchpoint")
# Words that many sources use; a company's own words are shown as they are.
VALUES = {
    "channel": {
        "email": mark("E-mail"), "e-mail": mark("E-mail"), "phone": mark("Phone"), "chat": mark("Chat"),
        "web": mark("Website"), "app": mark("App"), "store": mark("Store"), "bot": mark("Bot"),
        "whatsapp": mark("WhatsApp"), "social": mark("Social media"), "sms": mark("SMS"),
        "link": mark("Link"), "qr": mark("QR code"), "kiosk": mark("Kiosk"), "widget": mark("Window on the site"),
        "help centre": mark("Help centre"), "help center": mark("Help centre"),
    },
    "device": {
        "mobile": mark("Phone or tablet"), "desktop": mark("Computer"), "tablet": mark("Tablet"),
        "mobile app": mark("App on a phone"),
    },
    "aspect": {
        "service": mark("Service"), "product": mark("Product"), "company": mark("Company"),
        "after_sales": mark("After-sales"), "after-sales": mark("After-sales"),
    },
    "priority": {
        "urgent": mark("Urgent"), "high": mark("High"), "normal": mark("Normal"), "low": mark("Low"),
    },
    "touchpoint": {
        "support": mark("Support"), "delivery": mark("Delivery"), "relationship": mark("Relationship"),
        "campaign": mark("Campaign"), "billing": mark("Billing"), "self-service": mark("Self-service"),
        "workplace": mark("Workplace"), "partnership": mark("Partnership"),
    },
    "topic": {
        "delivery": mark("Delivery"), "product": mark("Product"), "billing": mark("Billing"),
        "account": mark("Account"), "subscription": mark("Subscription"), "invoice": mark("Invoice"),
        "checkout": mark("Checkout"), "advice": mark("Advice"),
    },
}  # fmt: skip


def column_name(column: str) -> str:
    """Return the name of a column; a trait or property of the company's own keeps its own."""
    return gettext(COLUMNS[column]) if column in COLUMNS else column.partition(".")[2] or column


def value_name(column: str, value: str | None) -> str:
    """Return the name of a value: countries and languages in the reader's language, known words translated."""
    if value is None or value == "":
        return gettext("not known")
    if column in NAMED:
        code = value.upper() if NAMED[column] == "territories" else value.partition("-")[0].lower()
        name = getattr(locale(), NAMED[column]).get(code)
        return value if name is None else f"{name[:1].upper()}{name[1:]}"
    known = VALUES.get(column, {}).get(value.lower())
    return gettext(known) if known else value


def tells_who(name: str) -> bool:
    """Whether a column can tell who somebody is: then only those who may see personal data break down or pick by it.

    Columns by which indicators offer to be broken down are open; so are a customer's country, language and the like.
    """
    first, dot, rest = name.partition(".")
    if name in OFFERED:
        return False
    return first in TELLING if not dot else first != "customer" or rest not in OPEN_TRAITS
