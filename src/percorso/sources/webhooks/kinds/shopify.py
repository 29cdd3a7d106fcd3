"""Shopify: orders with what was paid, refunded and delivered, and customers by their address."""

from datetime import datetime
from fractions import Fraction
from typing import Any

from pydantic import Field, SecretStr

from percorso.analytics.format import exponent
from percorso.customers.identity.belonging import Claim
from percorso.i18n import mark
from percorso.sources.tracking.rows import Said
from percorso.sources.webhooks.kind import Call, Data, Reading, Row, WebhookKind, WebhookSettings
from percorso.sources.webhooks.people import claims_of, external, told_of
from percorso.sources.webhooks.signatures import check_signature
from percorso.sources.webhooks.values import instant_of, order_of, text_of

HEADER, TOPIC, DELIVERY = "X-Shopify-Hmac-SHA256", "x-shopify-topic", "x-shopify-webhook-id"
CHANNELS = {"web": "web", "pos": "store", "iphone": "app", "android": "app", "shopify_draft_order": "phone"}
ORDERS = ("create", "updated", "paid", "cancelled", "fulfilled", "partially_fulfilled", "edited")


class ShopifySettings(WebhookSettings):
    """What a webhook of Shopify needs."""

    secret: SecretStr = Field(
        SecretStr(""), title=mark("Signing secret"), max_length=200,
        description=mark("Shopify shows it under the list of webhooks; for webhooks of an app it is the app's client secret."),
    )  # fmt: skip


class Shopify(WebhookKind):
    """Webhooks of the REST Admin API's topics, which the newer interfaces send in the same form."""

    label = mark("Shopify")
    about = mark("Orders: amounts less refunds, state, product, carrier and delivery; refunds as events.")
    icon = "shopping-cart"
    Config = ShopifySettings
    steps = (
        mark("In Shopify open Settings, Notifications, Webhooks and create a webhook for each of the events listed below, in JSON, with the address above."),
        mark("Under the list Shopify shows the secret that signs them all: enter it here, and save."),
        mark("Press “Send test” at one of them: it appears below."),
    )  # fmt: skip
    events = (
        "orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/fulfilled", "refunds/create",
        "customers/create", "customers/update",
    )  # fmt: skip

    def check(self, call: Call, config: ShopifySettings, now: datetime) -> None:
        given = [call.headers.get(HEADER.lower(), "")]
        check_signature(config.secret.get_secret_value(), call.body, given, HEADER, encoding="base64")

    def delivery_of(self, call: Call, config: ShopifySettings) -> str:
        return call.headers.get(DELIVERY, "")

    def event_of(self, call: Call, config: ShopifySettings) -> str:
        return call.headers.get(TOPIC, "")

    def read(self, call: Call, config: ShopifySettings) -> Reading:
        group, _, what = self.event_of(call, config).partition("/")
        if call.headers.get("x-shopify-test") == "true":
            return Reading(ignored=mark("A test of Shopify: it has arrived, and nothing of it is kept."))
        if group == "orders" and what in ORDERS:
            return _order(call.data)
        if group == "refunds" and what == "create":
            return _refund(call.data)
        if group == "customers" and what in ("create", "update"):
            return Reading(claims=_claims(call.data, {}), told=_told(call.data, {}))
        return Reading(ignored=mark("percorso reads no events of this kind."))


def _order(order: Data) -> Reading:
    customer = order.get("customer") or {}
    who = external("shopify", customer.get("id"))
    currency = str(order["currency"]).upper()
    refunds = order.get("refunds") or []
    amount = _minor(order["total_price"], currency) - sum((_refunded(r, currency) for r in refunds), Fraction(0))
    items = order.get("line_items") or []
    delivered = [f for f in order.get("fulfillments") or [] if f.get("shipment_status") == "delivered"]
    sent = next((f for f in order.get("fulfillments") or [] if f.get("tracking_company")), {})
    values = {
        "id": str(order["id"]), "identity": who or None, "at": instant_of(order.get("processed_at") or order["created_at"]),
        "amount": int(max(Fraction(0), amount)), "currency": currency, "status": _status(order),
        "product": text_of(items[0].get("title")) if items else None, "carrier": text_of(sent.get("tracking_company")),
        "delivered_at": max((instant_of(f["updated_at"]) for f in delivered), default=None),
        "channel": CHANNELS.get(order.get("source_name") or "", "web"), "touchpoint": "order",
        "properties": {
            "name": order.get("name"), "items": len(items), "discount_codes": [d.get("code") for d in order.get("discount_codes") or []],
            "financial_status": order.get("financial_status"), "fulfillment_status": order.get("fulfillment_status"),
        },
    }  # fmt: skip
    row = Row("orders", values, f"order:{order['id']}", order_of(order.get("updated_at")))
    # Refunds too come with the order, which knows whose they are.
    return Reading(
        rows=[row, *(_refund_row(r, order["id"], who) for r in refunds)],
        claims=_claims(customer, order),
        told=_told(customer, order),
    )


def _claims(customer: Data, order: Data) -> list[Claim]:
    who = external("shopify", customer.get("id"))
    address = customer.get("default_address") or order.get("billing_address") or order.get("shipping_address") or {}
    # What was typed at the checkout of an order may be somebody else's; the customer's own comes first.
    email = customer.get("email") or order.get("contact_email") or order.get("email")
    return claims_of(who, email=email, phone=customer.get("phone"), country=address.get("country_code"))


def _told(customer: Data, order: Data) -> list[Said]:
    traits = {
        "firstName": customer.get("first_name"), "lastName": customer.get("last_name"), "email": customer.get("email"),
        "phone": customer.get("phone"), "country": (customer.get("default_address") or {}).get("country_code"),
        "createdAt": customer.get("created_at"),
    }  # fmt: skip
    who, at = external("shopify", customer.get("id")), instant_of(customer.get("updated_at"))
    return told_of(who, _claims(customer, order), at, traits)


def _status(order: Data) -> str | None:
    """Return an order's state: what ended it, else how far it is sent, else how far it is paid."""
    if order.get("cancelled_at"):
        return "cancelled"
    paid = order.get("financial_status")
    return text_of(paid if paid in ("refunded", "voided") else order.get("fulfillment_status") or paid)


def _refund(refund: Data) -> Reading:
    return Reading(rows=[_refund_row(refund, refund["order_id"], "")])


def _refund_row(refund: Data, order: Any, who: str) -> Row:
    moved = refund.get("transactions") or []
    currency = str(next((t["currency"] for t in moved if t.get("currency")), "")).upper() or None
    amount = _refunded(refund, currency)
    properties = {"order": str(order), "amount": int(amount), "currency": currency}
    values = {
        "id": f"shopify-refund-{refund['id']}", "identity": who or None, "at": instant_of(refund.get("processed_at") or refund["created_at"]),
        "name": "Order Refunded", "channel": "server", "touchpoint": "order", "properties": properties,
    }  # fmt: skip
    return Row("events", values, f"order:{order}")


def _refunded(refund: Data, currency: str | None) -> Fraction:
    """Return what went back to the customer by a refund; other movements of money that belong to it say nothing."""
    back = (t for t in refund.get("transactions") or [] if t.get("kind") == "refund" and t.get("status") == "success")
    return sum((_minor(t["amount"], currency) for t in back), Fraction(0))


def _minor(amount: Any, currency: str | None) -> Fraction:
    return Fraction(str(amount)) * 10 ** exponent(currency)
