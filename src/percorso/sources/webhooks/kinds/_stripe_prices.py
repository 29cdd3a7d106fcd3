"""What a Stripe subscription costs a month, in the minor units that percorso counts in."""

from fractions import Fraction
from typing import Any

from percorso.analytics.format import exponent
from percorso.i18n import mark
from percorso.sources.webhooks.kind import Data, Unusable

# Stripe counts these in whole units; all others that have decimals in the minor unit that ISO 4217 gives them, and
# crowns of Iceland and shillings of Uganda in hundredths, though they have none.
WHOLE = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
HUNDREDTHS = frozenset(("ISK", "UGX"))
MONTHS = {"day": Fraction(12, 365), "week": Fraction(12, 52), "month": Fraction(1), "year": Fraction(12)}


def minor(amount: Any, currency: str) -> Fraction:
    """Return an amount as Stripe tells it (a number, or text with decimals) in minor units of ISO 4217.

    Examples
    --------
    >>> str(minor(500, "JPY")), str(minor(1990, "BRL")), str(minor(1500, "ISK")), str(minor("12.5", "USD"))
    ('500', '1990', '15', '25/2')
    """
    places = 0 if currency in WHOLE else 2 if currency in HUNDREDTHS else exponent(currency)
    return Fraction(str(amount)) * Fraction(10) ** (exponent(currency) - places)


def rounded(value: Fraction) -> int:
    """Return the nearest whole number, halves away from zero."""
    return int(abs(value) + Fraction(1, 2)) * (1 if value >= 0 else -1)


def monthly(subscription: Data, currency: str) -> int:
    """Return what is paid a month by all items, less discounts that go on; what depends on use is not counted.

    Raises
    ------
    Unusable : an item has no price of its own, such as one in tiers.
    """
    items = [item for item in _list(subscription.get("items")) if not _metered(item)]
    total = sum((_of_item(item, currency) for item in items), Fraction(0))
    for coupon in _coupons(subscription):
        if coupon.get("percent_off"):
            total *= 1 - Fraction(str(coupon["percent_off"])) / 100
        elif coupon.get("amount_off") and items:
            total -= minor(coupon["amount_off"], currency) / _months(items[0])
    return max(0, rounded(total))


def plan_of(subscription: Data) -> str:
    """Return the names of the prices of all items, as people at Stripe call them where they do."""
    names = {str(p.get("nickname") or p.get("lookup_key") or p.get("id")): None for p in map(_price, _list(subscription.get("items")))}  # fmt: skip
    return " + ".join(names)


def _of_item(item: Data, currency: str) -> Fraction:
    price = _price(item)
    amount = price.get("unit_amount_decimal") or price.get("unit_amount")
    amount = price.get("amount_decimal") or price.get("amount") if amount is None else amount
    if amount is None:
        raise Unusable(mark("The price {price} has no amount of its own, so that nobody can say what is paid a month."), price=price.get("id"))  # fmt: skip
    return minor(amount, currency) * int(item.get("quantity") or 1) / _months(item)


def _months(item: Data) -> Fraction:
    price = _price(item)
    recurring = price.get("recurring") or price
    return MONTHS[recurring.get("interval") or "month"] * int(recurring.get("interval_count") or 1)


def _metered(item: Data) -> bool:
    price = _price(item)
    return (price.get("recurring") or price).get("usage_type") == "metered"


def _price(item: Data) -> Data:
    return item.get("price") or item.get("plan") or {}


def _list(value: Any) -> list[Data]:
    return value.get("data") or [] if isinstance(value, dict) else []


def _coupons(subscription: Data) -> list[Data]:
    """Return the coupons that a subscription has for good or for months; ids of coupons that are not told say nothing."""
    given = [subscription.get("discount"), *(subscription.get("discounts") or [])]
    found = [d.get("coupon") or (d.get("source") or {}).get("coupon") for d in given if isinstance(d, dict)]
    return [c for c in found if isinstance(c, dict) and c.get("duration") != "once"]
