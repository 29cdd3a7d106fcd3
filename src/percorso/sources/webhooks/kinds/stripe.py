"""Stripe: subscriptions become price periods, invoices events, and its customers are known by their address."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import Field, SecretStr

from percorso.i18n import mark
from percorso.sources.webhooks.kind import Call, Data, Note, Reading, Row, Unusable, WebhookKind, WebhookSettings
from percorso.sources.webhooks.kinds._stripe_prices import minor, monthly, plan_of, rounded
from percorso.sources.webhooks.people import claims_of, external, told_of
from percorso.sources.webhooks.signatures import check_signature, check_time
from percorso.sources.webhooks.values import instant_of, text_of

HEADER = "Stripe-Signature"
# States in which a price is paid, or is to be.
PAYING = ("active", "past_due")
# What comes first of changes that happened within one second.
RANKS = {"created": 0, "updated": 1, "resumed": 1, "paused": 2, "deleted": 3}
SUBSCRIPTION, CUSTOMER = "customer.subscription.", "customer."


class StripeSettings(WebhookSettings):
    """What an endpoint of Stripe needs."""

    secret: SecretStr = Field(
        SecretStr(""), title=mark("Signing secret"), max_length=200,
        description=mark("Stripe shows it at the endpoint: it begins with whsec_."),
    )  # fmt: skip
    user_key: str = Field(
        "", title=mark("Metadata with your own id"), max_length=40,
        description=mark("The name of the field in a Stripe customer's metadata that holds your id of the customer, if there is one."),
    )  # fmt: skip
    test_mode: bool = Field(
        False, title=mark("Take calls of the test mode too"),
        description=mark("Subscriptions of Stripe's test mode count as if they were real."),
    )  # fmt: skip


class Stripe(WebhookKind):
    """Events of Stripe's API, also of versions in which invoices name their subscription in another place."""

    label = mark("Stripe")
    about = mark("Subscriptions as price periods (MRR, churn, expansion), and invoices that were paid or could not be.")
    icon = "refresh"
    Config = StripeSettings
    steps = (
        mark("In Stripe open Developers, Webhooks and add an endpoint with the address above."),
        mark("Choose the events listed below, and create the endpoint."),
        mark("Reveal its signing secret, enter it here, and save."),
    )
    events = (
        "customer.created", "customer.updated", "customer.subscription.created", "customer.subscription.updated",
        "customer.subscription.deleted", "customer.subscription.paused", "customer.subscription.resumed", "invoice.paid",
        "invoice.payment_failed",
    )  # fmt: skip

    def check(self, call: Call, config: StripeSettings, now: datetime) -> None:
        parts = [part.strip().partition("=") for part in call.headers.get(HEADER.lower(), "").split(",")]
        at = next((value for name, _, value in parts if name == "t"), "")
        given = [value for name, _, value in parts if name == "v1"]
        check_signature(config.secret.get_secret_value(), at.encode() + b"." + call.body, given, HEADER)
        check_time(at, now, HEADER)

    def delivery_of(self, call: Call, config: StripeSettings) -> str:
        return text_of(call.data.get("id")) or ""

    def event_of(self, call: Call, config: StripeSettings) -> str:
        return text_of(call.data.get("type")) or ""

    def read(self, call: Call, config: StripeSettings) -> Reading:
        event = call.data
        if event.get("livemode") is False and not config.test_mode:
            return Reading(ignored=mark("Sent in Stripe's test mode, which this source does not take."))
        kind, thing = self.event_of(call, config), event["data"]["object"]
        if kind.startswith(SUBSCRIPTION) and kind.removeprefix(SUBSCRIPTION) in RANKS:
            return _subscription(event, thing)
        read = READERS.get(kind)
        return read(event, thing, config) if read else Reading(ignored=mark("percorso reads no events of this kind."))

    def rows_of(self, thing: str, notes: Sequence[Note]) -> list[Row]:
        return price_periods(thing, [note.said | {"id": note.id} for note in notes])


def price_periods(thing: str, said: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return the price periods of a subscription by everything that is known of it, whatever came first.

    A price period begins when what is paid changes, and ends when it changes again or nothing is paid any more. Of
    changes that become known later, the periods may be more, but never less: each has its number as its id.
    """
    ordered = sorted(said, key=lambda one: (one["at"], one["rank"], one["id"]))
    who = next((one["who"] for one in reversed(ordered) if one["who"]), "")
    periods: list[Data] = []
    last, before = 0.0, None
    for number, one in enumerate(ordered):
        at = last = max(last, float(one["start"] if number == 0 else one["end"] or one["at"]))
        paid = one["paid"]
        if paid == before:
            continue
        if before is not None:
            periods[-1]["ended_at"] = datetime.fromtimestamp(at, UTC)
        if paid is not None:
            periods.append(dict(paid) | {"started_at": datetime.fromtimestamp(at, UTC)})
        before = paid
    key = thing.partition(":")[2]
    return [
        Row("subscriptions", {"id": f"{key}:{n:03}", "subscription": key, "identity": who} | period, thing)
        for n, period in enumerate(periods, 1)
    ]


def _subscription(event: Data, thing: Data) -> Reading:
    at, status = int(event["created"]), thing.get("status")
    currency = str(thing.get("currency") or _currency_of(thing)).upper()
    paid = {"plan": plan_of(thing), "mrr": monthly(thing, currency), "currency": currency} if status in PAYING else None
    # What was heard first may come long after the beginning; while it was tried nothing was paid.
    began = thing.get("start_date") or thing.get("created") or at
    tried = thing.get("trial_end") or 0
    over = event["type"].endswith(".deleted")
    said = {
        "at": at, "rank": RANKS[event["type"].removeprefix(SUBSCRIPTION)], "paid": None if over else paid,
        "start": max(began, tried) if paid and tried <= at else began,
        "end": (thing.get("ended_at") or thing.get("canceled_at") or at) if over else None,
        "who": external("stripe", _id(thing.get("customer"))),
    }  # fmt: skip
    key = f"subscription:{thing['id']}"
    return Reading(notes=[Note(key, str(event["id"]), said)])


def _currency_of(thing: Data) -> str:
    items = (thing.get("items") or {}).get("data") or []
    found = next((price["currency"] for item in items if (price := item.get("price") or item.get("plan"))), None)
    if not found:
        raise Unusable(mark("The subscription has no currency."))
    return str(found)


def _invoice(name: str, event: Data, thing: Data, config: StripeSettings) -> Reading:
    who = external("stripe", _id(thing.get("customer")))
    currency = str(thing["currency"]).upper()
    failed = name == FAILED
    at = None if failed else (thing.get("status_transitions") or {}).get("paid_at")
    amount = thing.get("amount_due" if failed else "amount_paid") or 0
    told = {
        "invoice": thing["id"], "number": thing.get("number"), "subscription": _subscription_of(thing), "currency": currency,
        "amount": rounded(minor(amount, currency)), "reason": thing.get("billing_reason"),
        "attempt": thing.get("attempt_count"),
    }  # fmt: skip
    ending = f"failed:{thing.get('attempt_count') or event['id']}" if failed else "paid"
    values = {
        "id": f"{thing['id']}:{ending}", "identity": who, "at": instant_of(at or event["created"]), "name": name,
        "touchpoint": "invoice", "channel": "server", "properties": {k: v for k, v in told.items() if v is not None},
    }  # fmt: skip
    country = (thing.get("customer_address") or {}).get("country")
    claims = claims_of(who, email=thing.get("customer_email"), phone=thing.get("customer_phone"), country=country)
    return Reading(rows=[Row("events", values, f"invoice:{thing['id']}")], claims=claims)


def _customer(event: Data, thing: Data, config: StripeSettings) -> Reading:
    own = (thing.get("metadata") or {}).get(config.user_key) if config.user_key else None
    country = (thing.get("address") or {}).get("country")
    who = external("stripe", thing["id"])
    claims = claims_of(who, own=own, email=thing.get("email"), phone=thing.get("phone"), country=country)
    traits = {
        "name": thing.get("name"), "email": thing.get("email"), "phone": thing.get("phone"), "country": country,
        "language": next(iter(thing.get("preferred_locales") or []), None), "createdAt": thing.get("created"),
    }  # fmt: skip
    return Reading(claims=claims, told=told_of(who, claims, instant_of(event["created"]), traits))


def _subscription_of(invoice: Data) -> str | None:
    """Return the subscription of an invoice; since the version of 2025-03-31 it stands at its parent."""
    parent = ((invoice.get("parent") or {}).get("subscription_details") or {}).get("subscription")
    return _id(parent or invoice.get("subscription"))


def _id(value: Any) -> str | None:
    """Return the id of what may be told as a whole."""
    return text_of(value.get("id") if isinstance(value, dict) else value)


PAID, FAILED = "Invoice Paid", "Invoice Payment Failed"
READERS: Mapping[str, Callable[[Data, Data, StripeSettings], Reading]] = {
    "invoice.paid": lambda event, thing, config: _invoice(PAID, event, thing, config),
    "invoice.payment_failed": lambda event, thing, config: _invoice(FAILED, event, thing, config),
    "customer.created": _customer,
    "customer.updated": _customer,
}
