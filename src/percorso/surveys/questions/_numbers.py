"""Numbers as the language of the page writes them."""

import re
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.core import UnknownLocaleError
from babel.numbers import format_decimal, get_decimal_symbol
from django.utils.translation import get_language

LONGEST = 40
# Beyond it figures are lost: numbers are kept as floats.
FURTHEST = 10**15
# Numbers in groups of three: 1.234.567
GROUPED = re.compile(r"[+-]?\d{1,3}(?:[.,]\d{3})+")


def locale() -> Locale:
    """Return the language of the page as Babel knows it; English where Babel does not."""
    try:
        return Locale.parse(get_language() or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def is_number(value: Any) -> bool:
    """Whether a value is a number that can be written."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= FURTHEST


def write_number(number: float, *, grouped: bool = True) -> str:
    """Return a number as the language writes it, with no more decimals than it has."""
    pattern = "#,##0.############" if grouped else "0.############"
    return format_decimal(Decimal(str(number)), pattern, locale=locale())


def read_number(text: str) -> Decimal | None:
    """Return the number that a text names, with either decimal sign; None when it names none.

    One sign with three figures after it ("1.234") is what the language of the page says; every other case is plain.
    """
    plain = re.sub(r"[\s\u00a0\u202f'’]", "", text.replace("−", "-"))
    if len(plain) > LONGEST or not re.fullmatch(r"[+-]?(\d[\d.,]*|[.,]\d+)", plain, re.ASCII):
        return None
    signs = [sign for sign in plain if sign in ".,"]
    decimal = _decimal_sign(plain, signs)
    if decimal is None:
        return Decimal(re.sub("[.,]", "", plain)) if not signs or GROUPED.fullmatch(plain) else None
    whole, _, part = plain.rpartition(decimal)
    if re.search("[.,]", whole) and not GROUPED.fullmatch(whole):
        return None
    return Decimal(f"{re.sub('[.,]', '', whole) or '0'}.{part or '0'}".replace("+.", "+0.").replace("-.", "-0."))


def _decimal_sign(plain: str, signs: list[str]) -> str | None:
    """Return which sign stands before the decimals; None when there are none."""
    if not signs:
        return None
    last = signs[-1]
    if signs.count(last) > 1:
        return None
    if len(signs) > 1 or last == get_decimal_symbol(locale()) or not GROUPED.fullmatch(plain):
        return last
    return None
