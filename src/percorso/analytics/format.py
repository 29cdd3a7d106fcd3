"""How figures are written: rounding for display only, half away from zero (specification 1.7)."""

from decimal import ROUND_HALF_UP, Decimal

DECIMAL_COMMA = ("pt", "it")
NOTHING = "–"


def format_value(value: float | None, unit: str, language: str = "en", n: int | None = None) -> str:
    """Return a figure as text: rates with one decimal and %, NPS in whole points (one decimal from n = 1000 on).

    Parameters
    ----------
    value : the figure in its unit, None for no figure. unit : see `Indicator.unit`. language : en, pt-br or it.
    n : the sample, which decides about the decimals of points.

    Examples
    --------
    >>> format_value(0.7835, "share"), format_value(0.7835, "share", "it"), format_value(None, "share")
    ('78.4%', '78,4%', '–')
    >>> format_value(-0.5, "points"), format_value(39.84, "points", n=2746), format_value(5400, "seconds")
    ('−1', '+39.8', '1:30 h')
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
    if unit == "tickets":
        return _grouped(_decimal(value, 0, language), language)
    return _decimal(value, 2, language)


def format_count(n: int, language: str = "en") -> str:
    """Return a count with its thousands grouped as the language does.

    >>> format_count(12345), format_count(12345, "pt-br")
    ('12,345', '12.345')
    """
    return _grouped(str(n), language)


def _decimal(value: float, places: int, language: str) -> str:
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):f}"
    if language[:2] in DECIMAL_COMMA:
        text = text.replace(".", ",")
    return "−" + text if rounded < 0 else text


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
