"""What is masked in free text, and what is left as it is."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from percorso.customers.privacy.masking import (
    KINDS,
    is_card,
    is_cnpj,
    is_codice_fiscale,
    is_cpf,
    is_iban,
    mask,
    mask_values,
)

WORDS = st.text(alphabet="abcdefgh àéç,;!?\n", max_size=30)
BETWEEN = st.sampled_from(["", " ", "-"])


def luhn(head: str, length: int, chance: random.Random) -> str:
    """Return a card number with that beginning."""
    body = head + "".join(chance.choice("0123456789") for _ in range(length - len(head) - 1))
    return next(body + d for d in "0123456789" if is_card(body + d) or _sums(body + d))


def _sums(digits: str) -> bool:
    doubled = [int(d) * 2 for d in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def cpf(nine: str) -> str:
    """Return a CPF of nine digits."""
    for n in (9, 10):
        nine += str(sum(int(d) * w for d, w in zip(nine, range(n + 1, 1, -1), strict=True)) * 10 % 11 % 10)
    return nine


@given(WORDS, WORDS, st.sampled_from([("4", 16), ("51", 16), ("2221", 16), ("34", 15), ("37", 15), ("36", 14), ("6011", 16), ("62", 19)]), BETWEEN, st.randoms())  # fmt: skip
def test_no_card_survives(
    before: str, after: str, issuer: tuple[str, int], between: str, chance: random.Random
) -> None:
    number = luhn(*issuer, chance)
    steps = {15: (4, 10, 15), 14: (4, 10, 14)}.get(len(number), (4, 8, 12, 16, 20))
    written = between.join(number[a:b] for a, b in zip((0, *steps), steps, strict=False) if number[a:b])
    told = mask(f"{before} {written} {after}")
    assert written not in told
    assert number[:12] not in "".join(c for c in told if c.isdigit())


@given(
    WORDS, WORDS, st.integers(0, 999_999_998), st.sampled_from(["{}{}{}{}", "{}.{}.{}-{}", "{} {} {} {}", "{}{}{}-{}"])
)
def test_no_cpf_survives(before: str, after: str, number: int, shape: str) -> None:
    made = cpf(f"{number:09}")
    if len(set(made)) == 1:
        return
    written = shape.format(made[:3], made[3:6], made[6:9], made[9:])
    assert written not in mask(f"{before} {written} {after}")


@given(WORDS, st.from_regex(r"[a-z][a-z0-9.+_-]{0,20}@[a-z0-9]{1,12}(\.[a-z]{2,6}){1,2}", fullmatch=True), WORDS)
def test_no_address_survives(before: str, address: str, after: str) -> None:
    assert address not in mask(f"{before} {address} {after}")


@pytest.mark.parametrize("written", [
    "+55 11 98765-4321", "(11) 98765-4321", "11 98765-4321", "11987654321", "(11)987654321", "+39 333 123 4567", "333 1234567", "333-123-4567",
    "06 6982 1234", "+1 415-555-2671", "(415) 555-2671", "0044 20 7946 0958", "+5511987654321", "3331234567",
])  # fmt: skip
def test_phones_are_masked(written: str) -> None:
    assert mask(f"call me on {written}, please") == "call me on [phone], please"


@pytest.mark.parametrize(("text", "kind"), [
    ("RSSMRA85T10A562S", "[codice fiscale]"), ("rssmra85t10a562s", "[codice fiscale]"),
    ("11.222.333/0001-81", "[CNPJ]"), ("11222333000181", "[CNPJ]"), ("12.ABC.345/01DE-35", "[CNPJ]"),
    ("IT60 X054 2811 1010 0000 0123 456", "[IBAN]"), ("DE89370400440532013000", "[IBAN]"),
])  # fmt: skip
def test_numbers_that_check_are_masked(text: str, kind: str) -> None:
    assert mask(f"mine is {text}, thanks") == f"mine is {kind}, thanks"


@pytest.mark.parametrize("text", [
    "order 20391 of 2026-11-22 10:30", "pedido 2026-000123", "R$ 1.299,90 ou 12.345.678", "22/11/2026 14:05", "#12345678901", "ORD-4111",
    "RSSMRA85T10A562X", "529.982.247-26", "4111 1111 1111 1112", "11.222.333/0001-82", "EAN 4006381333931", "1 2 3 4 5 6 7 8 9 10",
    "10 out of 10", "v1.2.3.4", "1,234,567.89", "2026-11-22T10:30:00Z", "5 @ 3 each", "IT61 X054 2811 1010 0000 0123 456", "100 000 000", "14:05:33.120",
    "550e8400-e29b-41d4-a716-446655440000",
])  # fmt: skip
def test_ordinary_numbers_survive(text: str) -> None:
    assert mask(text) == text


@given(st.integers(0, 9_999_999), st.floats(0, 99_999, allow_nan=False), st.dates(), WORDS)
def test_orders_prices_and_dates_survive(order: int, price: float, day: object, words: str) -> None:
    text = f"{words} order {order} for {price:,.2f} on {day}"
    assert mask(text) == text


@given(st.text(max_size=200))
def test_masked_once_is_masked(text: str) -> None:
    assert mask(mask(text)) == mask(text)


def test_a_kind_that_is_off_is_left() -> None:
    text = "ana@example.com, 529.982.247-25"
    assert mask(text, ("cpf",)) == "ana@example.com, [CPF]"
    assert mask(text, ()) == text
    assert set(KINDS) >= {"email", "card", "cpf", "codice_fiscale", "phone"}


def test_fields_that_identify_are_left_and_others_masked() -> None:
    given = {
        "email": "a@x.it",
        "user_id": "529.982.247-25",
        "note": "write a@x.it",
        "more": [{"comment": "a@x.it", "n": 5}],
    }
    assert mask_values(given) == given | {"note": "write [e-mail]", "more": [{"comment": "[e-mail]", "n": 5}]}


def test_known_numbers_check() -> None:
    assert is_card("4111111111111111")
    assert not is_card("4111111111111112")
    assert is_cpf("52998224725")
    assert not is_cpf("11111111111")
    assert is_cnpj("11222333000181")
    assert is_cnpj("12ABC34501DE35")
    assert is_codice_fiscale("RSSMRA85T10A562S")
    assert is_iban("GB82WEST12345698765432")
