"""What people write of themselves without being asked (cards, tax numbers, addresses, phones), left out of free text.

Pure functions on texts: no Django, no store. Numbers are masked only when they check: a card by Luhn's digit, CPF, CNPJ,
codice fiscale and IBAN by their own, a phone when such a number can exist; order numbers, prices and dates stay.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import phonenumbers

from percorso.i18n import mark

# In the order in which they are looked for; what each is called by people.
KINDS: dict[str, str] = {
    "email": mark("E-mail addresses"),
    "iban": mark("Bank accounts (IBAN)"),
    "codice_fiscale": mark("Codice fiscale (Italy)"),
    "cnpj": mark("CNPJ (Brazil)"),
    "cpf": mark("CPF (Brazil)"),
    "card": mark("Card numbers"),
    "phone": mark("Phone numbers"),
}
WORDS = {
    "email": "[e-mail]",
    "iban": "[IBAN]",
    "codice_fiscale": "[codice fiscale]",
    "cnpj": "[CNPJ]",
    "cpf": "[CPF]",
    "card": "[card]",
    "phone": "[phone]",
}
# How a phone without its country is written, by where it is. Eleven digits in a row are an order as easily: of those
# only mobile numbers count.
NATIONAL: dict[str, str] = {
    "BR": r"\(?0?[1-9]{2}\)?[ .-]?9?\d{4}[ .-]\d{4}|\(0?[1-9]{2}\) ?9?\d{8}|(?:55)?[1-9]{2}9\d{8}",
    "IT": r"3\d\d[ ./-]\d{2,3}[ .-]?\d{2,4}(?:[ .-]\d{2,3})?|0\d{1,3}[ ./-]\d{2,8}(?:[ .-]\d{2,4}){0,2}|3[2-9]\d{8}",
    "US": r"\(?[2-9]\d\d\)?[ .-]\d{3}[ .-]\d{4}",
}
# Fields that hold an identifier on purpose keep it: who somebody is comes from them.
IDENTIFIERS = re.compile(
    r"(^|[_\-. ])(id|ids|uuid|key|sku|ean|gtin|token|hash|e_?mail|phone|mobile|telefone|telefono|celular|cellulare|cpf|cnpj|"
    r"codice_?fiscale|tax_?id|iban|at|date|time|timestamp|order|url|path|href|number|version)$|Id$|Ids$|Email$|Phone$",
    re.IGNORECASE,
)
DEEPEST = 20

_CODICE = r"[A-Z]{6}[0-9LMNP-V]{2}[ABCDEHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]"
# Passes over most texts at one look; also read by the engine of columns (RE2).
MAYBE = (
    r"[^\s\"\\:,;(){}\[\]<>]@[^\s\"\\:,;(){}\[\]<>]|%40|\d(?:[^0-9,:\"]{0,3}[0-9]){8}|(?:\+|00)\d(?:[^0-9,:\"]{0,3}[0-9]){6}"
    r"|[A-Za-z]{6}[0-9LMNP-Vlmnp-v]{2}[A-Ta-t][0-9LMNP-Vlmnp-v]{2}[A-Za-z]|[A-Za-z]{2}\d\d ?[0-9A-Za-z]{4} ?[0-9A-Za-z]{4}|/[0-9A-Za-z]{4}-\d\d"
)
# What JSON that is not read yet may hide of it: signs, digits and letters, and a letter after an @, written as escapes.
HIDDEN = r"\\u00(?:2[^267]|3[^ceCE]|[4-7])|@\\u"
# Days and instants are the digits that are met most; they are passed over first.
INSTANTS = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?"
_maybe = re.compile(MAYBE)
_digit = re.compile(r"\d")
_instant = re.compile(rf"{INSTANTS}(?:Z|[+-]\d\d:\d\d)?")
_email = re.compile(r"[\w.+%'-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_codice = re.compile(rf"(?<![A-Za-z0-9]){_CODICE}(?![A-Za-z0-9])", re.IGNORECASE)
_iban = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])", re.IGNORECASE)
_cnpj = re.compile(r"(?<![A-Za-z0-9])[A-Z0-9]{2}\.?[A-Z0-9]{3}\.?[A-Z0-9]{3}/?[A-Z0-9]{4}-?\d{2}(?![A-Za-z0-9])", re.IGNORECASE)  # fmt: skip
_cpf = re.compile(r"(?<!\d)(?:\d{11}|\d{9}[ -]\d\d|\d{3}[ .]\d{3}[ .]\d{3}[ .-]?\d\d)(?!\d)")
_groups = re.compile(r"\d+")
_day = re.compile(r"(?<!\d)(?:\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{4})(?:[T ]\d\d:\d\d(?::\d\d)?)?(?!\d)")
MOST_GROUPS = 8
Span = tuple[int, int]


def mask(text: str, kinds: Collection[str] = tuple(KINDS)) -> str:
    """Return a text with what is personal in it replaced by its name in brackets; of the kinds that are asked for.

    Examples
    --------
    >>> mask("Call +55 11 98765-4321, CPF 529.982.247-25, order 20391")
    'Call [phone], CPF [CPF], order 20391'
    """
    if ("@" not in text and _digit.search(text) is None) or _maybe.search(text) is None or _instant.fullmatch(text):
        return text
    for kind in KINDS:
        if kind in kinds:
            text = _replaced(text, _FOUND[kind](text), WORDS[kind])
    return text


def mask_values(value: Any, kinds: Collection[str] = tuple(KINDS), depth: int = 0) -> Any:
    """Return a JSON value with its texts masked; fields that are called as identifiers are stay as they are."""
    if isinstance(value, str):
        return mask(value, kinds)
    if depth > DEEPEST:
        return value
    if isinstance(value, Mapping):
        return {
            key: one if IDENTIFIERS.search(str(key)) else mask_values(one, kinds, depth + 1)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [mask_values(one, kinds, depth + 1) for one in value]
    return value


def _replaced(text: str, spans: Iterator[Span], word: str) -> str:
    made, last = [], 0
    for start, end in spans:
        if start >= last:
            made += [text[last:start], word]
            last = end
    return "".join([*made, text[last:]]) if made else text


def _emails(text: str) -> Iterator[Span]:
    return (found.span() for found in _email.finditer(text)) if "@" in text or "%40" in text else iter(())


def _ibans(text: str) -> Iterator[Span]:
    for found in _iban.finditer(text):
        # Words that follow may look like a part of it: the longest beginning that checks counts.
        for end in range(found.end(), found.start() + 14, -1):
            if (end == len(text) or not text[end].isalnum()) and is_iban(text[found.start() : end]):
                yield found.start(), end
                break


def _codici(text: str) -> Iterator[Span]:
    return (found.span() for found in _codice.finditer(text) if is_codice_fiscale(found[0]))


def _cnpjs(text: str) -> Iterator[Span]:
    yield from (found.span() for found in _cnpj.finditer(text) if is_cnpj(found[0]))


def _cards(text: str) -> Iterator[Span]:
    return (span for span, digits in _windows(text, " -.", 14, 19) if is_card(digits))


def _cpfs(text: str) -> Iterator[Span]:
    return (found.span() for found in _cpf.finditer(text) if is_cpf(found[0]))


def _windows(text: str, between: str, least: int, most: int) -> Iterator[tuple[Span, str]]:
    """Yield each row of whole groups of digits with one character of `between` in between, that has so many digits."""
    groups = [(found.start(), found.end()) for found in _groups.finditer(text)]
    for first, (start, end) in enumerate(groups):
        digits = text[start:end]
        for ahead in range(first, min(first + MOST_GROUPS, len(groups))):
            if ahead > first:
                gap = text[groups[ahead - 1][1] : groups[ahead][0]]
                if len(gap) != 1 or gap not in between:
                    break
                end = groups[ahead][1]
                digits += text[groups[ahead][0] : end]
            if len(digits) > most:
                break
            if len(digits) >= least:
                yield (start, end), digits


_phone = re.compile(r"(?<![\w#@.,/\-])(?:\+|00)?\(?\d{1,5}\)?(?:[ .\-/]{0,3}\(?\d{1,5}\)?){1,6}(?![\w@/])|(?<![\w#@.,/\-])\+?\d{10,15}(?![\w@])")  # fmt: skip
_thousands = re.compile(r"\d{1,3}(?:[. ]\d{3})+")


def _phones(text: str) -> Iterator[Span]:
    days = [found.span() for found in _day.finditer(text)]
    at = 0
    while found := _phone.search(text, at):
        at = found.end()
        if any(start < found.end() and found.start() < end for start, end in days):
            at = max(found.start() + 1, *(end for start, end in days if start < found.end() and found.start() < end))
            continue
        end = _phone_end(found[0])
        if end:
            yield found.start(), found.start() + end
            at = found.start() + end
        else:
            # What stands before may be a number of another kind: the next group may begin a phone.
            gap = re.search(r"\d[^\d]+(?=[\d+(])", found[0])
            at = found.start() + gap.end() if gap and gap.end() < len(found[0]) else found.end()
            if gap and gap.end() < len(found[0]):
                opened = text.find("(", found.start() + gap.start(), at + 1)
                at = opened if opened > 0 else at


def _phone_end(found: str) -> int:
    """Return where a phone ends that a text begins with; 0 where there is none. The longest beginning that can exist counts."""
    ends = [match.end() for match in re.finditer(r"\d+\)?", found)]
    return next((end for end in reversed(ends) if is_phone(found[:end])), 0)


def is_phone(text: str) -> bool:
    """Whether a text is a phone number that can exist, written as people of its country write it, or with + or 00."""
    digits = re.sub(r"\D", "", text)
    if not 8 <= len(digits) <= 15 or _thousands.fullmatch(text):
        return False
    international = text.startswith(("+", "00"))
    if international:
        return _exists("+" + digits.removeprefix("00"), None)
    return any(re.fullmatch(shape, text) and _exists(text, region) for region, shape in NATIONAL.items())


def _exists(text: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def is_card(digits: str) -> bool:
    """Whether digits are the number of a payment card: a length and beginning that issuers use, and Luhn's check digit."""
    n, head = len(digits), digits[:2]
    fits = (
        (n == 14 and head in ("30", "36", "38", "39"))
        or (n == 15 and head in ("34", "37"))
        or (n == 16 and ("22" <= head <= "27" or digits[0] in "3456"))
        or (17 <= n <= 19 and digits[0] in "456")
    )
    if not fits or len(set(digits)) == 1:
        return False
    doubled = (int(d) * 2 for d in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def is_cpf(text: str) -> bool:
    """Whether a text is a CPF: eleven digits, not all equal, the last two of which check the others."""
    digits = [int(c) for c in text if c.isdigit()]
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    return all(digits[n] == sum(d * w for d, w in zip(digits, range(n + 1, 1, -1), strict=False)) * 10 % 11 % 10 for n in (9, 10))  # fmt: skip


def is_cnpj(text: str) -> bool:
    """Whether a text is a CNPJ: twelve digits or (since July 2026) letters, and two digits that check them."""
    signs = [c for c in text.upper() if c.isalnum()]
    if len(signs) != 14 or len(set(signs)) == 1 or not all(c.isascii() for c in signs):
        return False
    values = [ord(c) - 48 for c in signs]
    weights = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]
    for n in (12, 13):
        rest = sum(v * w for v, w in zip(values[:n], weights[13 - n :], strict=True)) % 11
        if values[n] != (0 if rest < 2 else 11 - rest):
            return False
    return True


_ODD = {c: v for signs in ("0123456789", "ABCDEFGHIJ") for c, v in zip(signs, (1, 0, 5, 7, 9, 13, 15, 17, 19, 21), strict=True)}  # fmt: skip
_ODD |= dict(zip("KLMNOPQRSTUVWXYZ", (2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23), strict=True))


def is_codice_fiscale(text: str) -> bool:
    """Whether a text is a codice fiscale of a person: its shape (also with letters in place of digits) and its last letter."""
    text = text.upper()
    if re.fullmatch(_CODICE, text) is None:
        return False
    even = sum(int(c) if c.isdigit() else ord(c) - 65 for c in text[1:15:2])
    return chr(65 + (sum(_ODD[c] for c in text[0:15:2]) + even) % 26) == text[15]


def is_iban(text: str) -> bool:
    """Whether a text is an IBAN: a country, and two digits that check the rest (ISO 13616)."""
    signs = re.sub(r"\s", "", text).upper()
    if not 15 <= len(signs) <= 34 or not signs.isascii() or not signs.isalnum():
        return False
    return int("".join(str(int(c, 36)) for c in signs[4:] + signs[:4])) % 97 == 1


_FOUND: dict[str, Callable[[str], Iterator[Span]]] = {
    "email": _emails,
    "iban": _ibans,
    "codice_fiscale": _codici,
    "cnpj": _cnpjs,
    "cpf": _cpfs,
    "card": _cards,
    "phone": _phones,
}
