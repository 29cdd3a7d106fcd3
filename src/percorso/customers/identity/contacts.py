"""E-mail addresses and phones as identities: written one way, however a source writes them."""

from collections.abc import Mapping
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
