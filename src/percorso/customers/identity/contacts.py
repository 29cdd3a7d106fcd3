"""E-mail addresses, phones, cards and ids of other systems as identities: written one way, however a source writes them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email


def email_identity(text: str) -> str | None:
    """Return an address as an identity, None where it is none. What is before the @ keeps its dots: they can matter."""
    text = text.strip().casefold()
    try:
        validate_email(text)
    except ValidationError:
        return None
    return f"email:{text}"


def phone_identity(text: str, country: str | None = None) -> str | None:
    """Return a phone as an identity in the form of E.164, None where it is none; `country` is where it is, if it says none."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return f"phone:{phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)}"


def emails_in(traits: Mapping[str, Any]) -> list[str]:
    """Return the identity that the trait `email` makes."""
    found = email_identity(traits["email"]) if isinstance(traits.get("email"), str) else None
    return [found] if found else []


def phones_in(traits: Mapping[str, Any]) -> list[str]:
    """Return the identity that the trait `phone` makes; a phone without its country is read in that of `address`."""
    address = traits.get("address")
    country = address.get("country") if isinstance(address, Mapping) else traits.get("country")
    country = country.upper() if isinstance(country, str) and len(country) == 2 else None
    found = phone_identity(traits["phone"], country) if isinstance(traits.get("phone"), str) else None
    return [found] if found else []


# Traits that hold the number of a customer's card, and those that hold ids of other systems.
CARDS = ("card", "card_number", "loyalty_card", "loyaltyCard", "membership_number")
EXTERNALS = ("external_ids", "externalIds")
LONGEST = 250


def card_identity(text: str) -> str | None:
    """Return a customer card as an identity, None where it is none: a number that can pay is never kept."""
    plain = re.sub(r"[\s-]", "", text).upper()
    if not plain or len(plain) > LONGEST or _pays(plain):
        return None
    return f"card:{plain}"


def external_identity(system: str, text: str) -> str | None:
    """Return an id of another system as an identity, None without one."""
    system, text = system.strip().casefold(), text.strip()
    return f"external:{system}:{text}" if system and text and len(system + text) <= LONGEST else None


def identities_in(traits: Mapping[str, Any]) -> list[str]:
    """Return all identities that traits make: e-mail address, phone, cards, ids of other systems."""
    if not traits:
        return []
    numbers = [traits.get(name) for name in CARDS]
    cards = [card_identity(str(number)) for number in numbers if isinstance(number, str | int) and number is not True]
    externals = [external_identity(system, text) for name in EXTERNALS for system, text in _externals(traits.get(name))]
    return [*emails_in(traits), *phones_in(traits), *(found for found in (*cards, *externals) if found)]


def _externals(given: Any) -> Iterator[tuple[str, str]]:
    """Yield the ids of other systems: an object of them by system, or a list of objects with `type` and `id`."""
    if isinstance(given, Mapping):
        pairs = list(given.items())
    elif isinstance(given, list):
        pairs = [(each.get("type"), each.get("id")) for each in given if isinstance(each, Mapping)]
    else:
        return
    for system, text in pairs:
        if isinstance(system, str) and isinstance(text, str | int) and not isinstance(text, bool):
            yield system, str(text)


def _pays(number: str) -> bool:
    """Whether a number is that of a payment card: its length, its first digit and its check digit."""
    if not (number.isdecimal() and 13 <= len(number) <= 19 and number[0] in "23456"):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0
