"""How figures are written: rounding for display only, half away from zero (specification 1.7)."""

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_compact_currency, format_currency

DECIMAL_COMMA = ("pt", "it")
NOTHING = "–"
# How many decimals the minor unit of a currency stands for (ISO 4217), where it is not two.
DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS = {currency: places for places, every in DECIMALS.items() for currency in every.split()}


def format_value(
    value: float | None, unit: str, language: str = "en", n: int | None = None, currency: str | None = None
) -> str:
    """Return a figure as text: rates with one decimal and %, NPS in whole points (one decimal from n = 1000 on).

    Parameters
    ----------
    value : the figure in its unit, None for no figure. unit : see `Indicator.unit`. language : en, pt-br or it.
    n : the sample, which decides about the decimals of points.
    currency : of money, whose value is in minor units: ISO 4217; without one the amount is written as a number.

    Examples
    --------
    >>> format_value(0.7835, "share"), format_value(0.7835, "share", "it"), format_value(None, "share")
    ('78.4%', '78,4%', '–')
    >>> format_value(-0.5, "points"), format_value(39.84, "points", n=2746), format_value(5400, "seconds")
    ('−1', '+39.8', '1:30 h')
    >>> format_value(123456, "money", currency="USD"), format_value(1234, "milliseconds"), format_value(2.345, "days")
    ('$1,234.56', '1,234 ms', '2.3 d')
    """
    if value is None:
        return NOTHING
    if unit == "seconds":
        return _duration(value, language)
    if unit == "share":
        return _decimal(value * 100, 1, language) + "%"
    if unit == "points":
        text = _decimal(value, 1 if n is not None and n >= 1000 else 0, language)
        return text if text.startswith("−") or not text.strip("0.,") else "+" + text
    if unit == "money":
        return format_money(value, currency, language)
    if unit in ("tickets", "count"):
        return _grouped(_decimal(value, 0, language), language)
    if unit == "milliseconds":
        return _milliseconds(value, language)
    if unit in ("score", "days"):
        return _decimal(value, 1, language) + (" d" if unit == "days" else "")
    return _significant(value, language) if unit == "number" else _decimal(value, 2, language)


def format_count(n: int, language: str = "en") -> str:
    """Return a count with its thousands grouped as the language does.

    >>> format_count(12345), format_count(12345, "pt-br")
    ('12,345', '12.345')
    """
    return _grouped(str(n), language)


def exponent(currency: str | None) -> int:
    """Return how many decimals the minor unit of a currency stands for: 2 for BRL, 0 for JPY, 3 for KWD."""
    return EXPONENTS.get(currency or "", 2)


def major(amount: float, currency: str | None) -> Decimal:
    """Return an amount in minor units as units of its currency, rounded to what can be paid.

    >>> major(123456, "EUR"), major(1500, "JPY"), major(950.5, "BRL")
    (Decimal('1234.56'), Decimal('1500'), Decimal('9.51'))
    """
    return Decimal(repr(float(amount))).quantize(Decimal(1), ROUND_HALF_UP).scaleb(-exponent(currency))


def format_money(amount: float, currency: str | None, language: str = "en") -> str:
    """Return an amount in minor units as the language writes its currency.

    >>> format_money(123456, "BRL", "pt-br"), format_money(-123456, "EUR", "en"), format_money(1500, None)
    ('R$\\xa01.234,56', '−€1,234.56', '15.00')
    """
    found = major(amount, currency)
    if currency is None:
        return _minus(_with_places(found, 2, language), found)
    return _minus(_written(abs(found), currency, language, exponent(currency)), found)


def format_short(amount: float, currency: str | None, language: str = "en") -> str:
    """Return a round amount in minor units for an axis: without needless decimals, thousands and millions shortened.

    >>> format_short(125_000_000, "USD"), format_short(25_000, "USD"), format_short(250, "USD")
    ('$1.25M', '$250', '$2.50')
    """
    found = major(amount, currency)
    if currency is None:
        return _minus(_with_places(found, 0 if found == found.to_integral_value() else 2, language), found)
    if abs(found) >= 1000:
        short = _trimmed(format_compact_currency(abs(found), currency, locale=_locale(language), fraction_digits=2))
        # Some languages have no short form of thousands.
        if not re.search(r"\d{4}", short):
            return _minus(_spaced(short), found)
    places = 0 if found == found.to_integral_value() else exponent(currency)
    return _minus(_written(abs(found), currency, language, places), found)


@lru_cache(maxsize=16)
def _locale(language: str) -> Locale:
    name, _, territory = language.partition("-")
    return Locale(name, territory.upper() or None)


def _written(amount: Decimal, currency: str, language: str, places: int) -> str:
    form = _pattern(language, places)
    return _spaced(format_currency(amount, currency, form, locale=_locale(language), currency_digits=False))


def _spaced(text: str) -> str:
    """Return an amount whose currency has no sign of its own with a space after the code."""
    return re.sub(r"([A-Z])(\d)", "\\1\u00a0\\2", text)


@lru_cache(maxsize=64)
def _pattern(language: str, places: int) -> str:
    """Return the language's pattern of amounts with a fixed number of decimals."""
    pattern = _locale(language).currency_formats["standard"].pattern.partition(";")[0]
    return str(pattern.replace("0.00", "0." + "0" * places if places else "0"))


def _trimmed(text: str) -> str:
    """Return a compact amount without zeros at the end of its decimals."""
    digits = "".join(c for c in text if c.isdigit() or c in ".,")
    short = digits.rstrip("0").rstrip(".,") if "." in digits or "," in digits else digits
    return text.replace(digits, short or digits)


def _minus(text: str, value: Decimal) -> str:
    return "−" + text.lstrip("-") if value < 0 else text


def _with_places(value: Decimal, places: int, language: str) -> str:
    text = f"{abs(value):,.{places}f}"
    return text.translate(str.maketrans(",.", ".,")) if language[:2] in DECIMAL_COMMA else text


def _decimal(value: float, places: int, language: str) -> str:
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):f}"
    if language[:2] in DECIMAL_COMMA:
        text = text.replace(".", ",")
    return "−" + text if rounded < 0 else text


def _significant(value: float, language: str) -> str:
    """Return a number with three significant digits; from a thousand on whole, its thousands grouped."""
    if abs(value) >= 999.5:
        return _grouped(_decimal(value, 0, language), language)
    found = Decimal(repr(float(value)))
    places = max(0, 2 - found.adjusted()) if found else 0
    text = _decimal(value, places, language)
    return text.rstrip("0").rstrip(".,") if places else text


def _milliseconds(value: float, language: str) -> str:
    if abs(value) >= 10_000:
        return _decimal(value / 1000, 1, language) + " s"
    return _grouped(_decimal(value, 0, language), language) + " ms"


def _grouped(text: str, language: str) -> str:
    sign, digits = (text[0], text[1:]) if text.startswith("−") else ("", text)
    grouped = f"{int(digits):,}"
    return sign + (grouped.replace(",", ".") if language[:2] in DECIMAL_COMMA else grouped)


def _duration(seconds: float, language: str) -> str:
    """Return seconds, m:ss below an hour, h:mm below two days, days and decimals above."""
    size = abs(seconds)
    sign = "−" if seconds < 0 else ""
    if size < 60:
        return sign + _decimal(size, 0 if size >= 10 or size == int(size) else 1, language) + " s"
    if size < 3600:
        whole = int(Decimal(repr(size)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        return f"{sign}{whole // 60}:{whole % 60:02} min"
    if size < 2 * 86400:
        minutes = int((Decimal(repr(size)) / 60).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        return f"{sign}{minutes // 60}:{minutes % 60:02} h"
    return sign + _decimal(size / 86400, 1, language) + " d"
