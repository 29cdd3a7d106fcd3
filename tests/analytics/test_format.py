"""How figures are written, unit by unit and language by language."""

import pytest

from percorso.analytics.format import exponent, format_short, format_value, major


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        (123456, "BRL", "pt-br", "R$ 1.234,56"),
        (123456, "EUR", "it", "1.234,56 €"),
        (123456, "USD", "en", "$1,234.56"),
        (123456, "BRL", "en", "R$1,234.56"),
        (-5, "EUR", "en", "−€0.05"),
        (0, "BRL", "pt-br", "R$ 0,00"),
        (1500, "JPY", "en", "¥1,500"),
        (1234567, "KWD", "it", "1.234,567 KWD"),
        (1234567, "KWD", "en", "KWD 1,234.567"),
        (950.5, "BRL", "en", "R$9.51"),
        (123456789012, None, "en", "1,234,567,890.12"),
        (123456, None, "it", "1.234,56"),
    ],
)
def test_money_is_written_as_the_language_writes_its_currency(
    amount: float, currency: str | None, language: str, text: str
) -> None:
    assert format_value(amount, "money", language, currency=currency).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        (125_000_000, "USD", "en", "$1.25M"),
        (5_000_000, "EUR", "en", "€50K"),
        (25_000, "BRL", "pt-br", "R$ 250"),
        (250, "EUR", "en", "€2.50"),
        (200_000, "EUR", "it", "2.000 €"),
        (100_000_000, "BRL", "pt-br", "R$ 1 mi"),
        (-5_000_000, "EUR", "en", "−€50K"),
        (100_000, None, "en", "1,000"),
    ],
)
def test_an_axis_shortens_large_amounts(amount: float, currency: str | None, language: str, text: str) -> None:
    assert format_short(amount, currency, language).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("value", "unit", "language", "text"),
    [
        (66.65, "score", "en", "66.7"),
        (66.65, "score", "it", "66,7"),
        (1234, "milliseconds", "en", "1,234 ms"),
        (9999.4, "milliseconds", "it", "9.999 ms"),
        (12_345, "milliseconds", "pt-br", "12,3 s"),
        (2.25, "days", "en", "2.3 d"),
        (12345.6, "count", "pt-br", "12.346"),
        (0.05123, "number", "en", "0.0512"),
        (0.1, "number", "it", "0,1"),
        (0, "number", "en", "0"),
        (12.345, "number", "en", "12.3"),
        (1234.5, "number", "en", "1,235"),
        (-3.14159, "number", "it", "−3,14"),
        (None, "money", "en", "–"),
    ],
)
def test_every_unit_has_its_form(value: float | None, unit: str, language: str, text: str) -> None:
    assert format_value(value, unit, language) == text


def test_minor_units_follow_iso_4217() -> None:
    assert [exponent(c) for c in ("BRL", "EUR", "JPY", "CLP", "KWD", "CLF", None)] == [2, 2, 0, 0, 3, 4, 2]
    assert str(major(1, "KWD")) == "0.001"
