"""From text as people and programs write it to numbers and flags; what stands for "no answer" becomes null.

Whole columns are converted at once. What that cannot read is looked at once for each distinct text, so that the odd
cases cost little and the rules can be plain Python.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal, NamedTuple

import polars as pl

Decimal = Literal[".", ","]

# Texts that say "nothing here", in any column and, beyond that, where a number, a date or a flag is expected.
EMPTY = frozenset({"", "null", "none", "nan", "n/a", "#n/a", "?", "-", "--", "—", "–", "nil", "<na>", "nat"})
BLANK = EMPTY | {
    "na", "n.a.", "n/d", "nd", "n.d.", "ns", "nr", "ns/nr", "blank", "(blank)", "(vazio)", "vazio", "(vuoto)", "vuoto",
    "no answer", "no response", "not answered", "unanswered", "not applicable", "prefer not to say", "don't know",
    "sem resposta", "não respondeu", "nao respondeu", "não informado", "nao informado", "não se aplica", "não sei",
    "prefiro não responder", "prefiro não dizer", "nao se aplica", "nao sei",
    "nessuna risposta", "non risponde", "non risposto", "non applicabile", "preferisco non rispondere", "non so",
}  # fmt: skip

YES = frozenset({"1", "true", "t", "yes", "y", "sim", "s", "sì", "si", "vero", "verdadeiro", "x", "on", "1.0"})
NO = frozenset({"0", "false", "f", "no", "n", "não", "nao", "falso", "off", "0.0"})


SECONDS = {"seconds": 1.0, "minutes": 60.0, "hours": 3600.0, "days": 86_400.0}
CLOCK = re.compile(r"(\d{1,5}):([0-5]\d)(?::([0-5]\d))?")


class Read(NamedTuple):
    """A converted column: its values, and where something stood that could not be read."""

    values: pl.Series
    bad: pl.Series


class Unreadable(ValueError):
    """A text that is neither a value of the wanted kind nor blank."""


def text(column: pl.Series) -> pl.Series:
    """Return a column as text without blanks around it; texts that say "nothing" are null."""
    if column.dtype != pl.String:
        return column.cast(pl.String)
    stripped = column.str.strip_chars()
    short = stripped.str.len_bytes() <= 4
    empty = stripped.str.to_lowercase().is_in(EMPTY) if short.any() else short
    return pl.select(pl.when(~(short & empty)).then(stripped)).to_series().rename(column.name)


def numbers(
    column: pl.Series,
    decimal: Decimal = ".",
    blank: Collection[str] = (),
    labels: Mapping[str, float] | None = None,
    out_of: float | None = None,
) -> Read:
    """Return a column as float64.

    Parameters
    ----------
    column : text such as ``9``, ``8,5``, ``1.234,56``, ``9/10``, ``9 de 10``, ``10 - Extremely likely``, ``★★★★``;
        numbers stay what they are.
    decimal : the decimal sign where a text leaves it open (``1,234``).
    blank : codes of this column that mean "no answer", e.g. ``11``.
    labels : numbers that stand for texts, e.g. ``{"muito satisfeito": 5}``.
    out_of : the greatest number of the scale: ``4/5`` cannot be read when it is 10.

    Examples
    --------
    >>> numbers(pl.Series(["9", "8,5", "sem resposta", "11", "nine"]), blank=["11"]).values.to_list()
    [9.0, 8.5, None, None, None]
    """
    codes = {code.strip().casefold() for code in blank}
    known = {key.strip().casefold(): value for key, value in (labels or {}).items()}
    if column.dtype != pl.String:
        fast, plain = column.cast(pl.Float64, strict=False), column
    else:
        plain = column.str.strip_chars()
        readable = plain if decimal == "." else plain.set(plain.str.contains(".", literal=True), None)
        fast = readable.cast(pl.Float64, strict=False)
    fast = _where(fast.is_finite(), fast)
    read = resolve(plain, fast, lambda found: _number(found, decimal, codes, known, out_of))
    numeric = [float(code) for code in codes if re.fullmatch(r"-?\d+(\.\d+)?", code)]
    return Read(_where(~read.values.is_in(numeric), read.values), read.bad) if numeric else read


def amounts(column: pl.Series, decimal: Decimal, places: pl.Series) -> Read:
    """Return a column of money as whole minor units, rounded half away from zero.

    Parameters
    ----------
    column : numbers, or text such as ``1234.50``, ``1.234,50``, ``R$ 49,90``. decimal : see `numbers`.
    places : for each record how many of the number's decimals make a minor unit: 2 for BRL, 0 where it is in minor
        units already.

    Examples
    --------
    >>> amounts(pl.Series(["1,234.50", "R$ 49,90", "much"]), ".", pl.Series([2, 2, 2])).values.to_list()
    [123450, 4990, None]
    """
    if column.dtype == pl.String:
        column = column.str.strip_chars().str.replace(CURRENCY_SIGN, "")
    read = numbers(column, decimal)
    minor = (read.values * pl.Series([10.0]).pow(places.cast(pl.Float64))).round(6)
    whole = minor.sign() * (minor.abs() + 0.5).floor()
    fits = whole.abs() < 2**53
    return Read(_where(fits, whole).cast(pl.Int64).rename(column.name), read.bad | ~fits.fill_null(True))


def documents(column: pl.Series, listed: bool) -> Read:
    """Return a column as JSON text: lists (also from texts with commas between them) when `listed`, else objects.

    What is null in an object is left out, and what is empty then is null.

    Examples
    --------
    >>> documents(pl.Series(['{"a": 1}', "[1]", "?"]), False).values.to_list()
    ['{"a": 1}', None, None]
    >>> documents(pl.Series(['["price"]', "price, delivery"]), True).values.to_list()
    ['["price"]', '["price", "delivery"]']
    """

    def one(found: str) -> str | None:
        if is_blank(found):
            return None
        if listed and not found.startswith("["):
            return json.dumps([part.strip() for part in re.split(r"[,;|]", found) if part.strip()], ensure_ascii=False)
        try:
            document = json.loads(found)
        except ValueError as error:
            raise Unreadable(found) from error
        if not isinstance(document, list if listed else dict):
            raise Unreadable(found)
        told = document if listed else {name: value for name, value in document.items() if value is not None}
        return json.dumps(told, ensure_ascii=False) if told else None

    plain = column.cast(pl.String).str.strip_chars()
    return resolve(plain, pl.Series(column.name, [None], pl.String).new_from_index(0, len(column)), one)


def durations(column: pl.Series, unit: str | None) -> Read:
    """Return a column as seconds: numbers in `unit`, or times such as ``1:05`` (hours and minutes) and ``1:05:30``.

    Examples
    --------
    >>> durations(pl.Series(["90", "1:30", "0:00:20", "?"]), "minutes").values.to_list()
    [5400.0, 5400.0, 20.0, None]
    """
    plain = column.cast(pl.String).str.strip_chars()
    factor = SECONDS[unit or "seconds"]

    def one(found: str) -> float | None:
        if clock := CLOCK.fullmatch(found):
            return int(clock[1]) * 3600.0 + int(clock[2]) * 60 + int(clock[3] or 0)
        number = _number(found, ".", (), {}, None)
        return number if number is None else number * factor

    return resolve(plain, plain.cast(pl.Float64, strict=False) * factor, one)


def flags(column: pl.Series, blank: Collection[str] = ()) -> Read:
    """Return a column as true and false, from yes/no, sim/não, sì/no, true/false, 1/0.

    Examples
    --------
    >>> flags(pl.Series(["Sim", "não", "?", "perhaps"])).values.to_list()
    [True, False, None, None]
    """
    if column.dtype == pl.Boolean:
        return Read(column, column.is_null() & False)
    codes = {code.strip().casefold() for code in blank}
    plain = column.cast(pl.String)
    unknown = pl.Series(column.name, [None], pl.Boolean).new_from_index(0, len(column))
    return resolve(plain, unknown, lambda found: _flag(found, codes))


def resolve(column: pl.Series, fast: pl.Series, one: Callable[[str], Any]) -> Read:
    """Fill what `fast` left open by asking `one` for each distinct text: a value, None for blank, or `Unreadable`."""
    left = column.is_not_null() & fast.is_null()
    if not left.any():
        return Read(fast, left)
    found = column.filter(left).unique().to_list()
    values, bad = [], []
    for each in found:
        try:
            values.append(one(str(each)))
            bad.append(False)
        except Unreadable:
            values.append(None)
            bad.append(True)
    answers = pl.DataFrame({"text": pl.Series(found, dtype=column.dtype), "bad": bad}).with_columns(
        pl.Series("value", values, fast.dtype)
    )
    joined = (
        pl.DataFrame({"text": column, "fast": fast})
        .with_columns(pl.when(left).then(pl.col("text")).alias("text"))
        .join(answers, on="text", how="left", maintain_order="left")
        .select(pl.coalesce("fast", "value").alias(column.name), pl.col("bad").fill_null(False))
    )
    return Read(joined.to_series(0), joined.to_series(1))


def is_blank(found: str, codes: Collection[str] = ()) -> bool:
    """Whether a text stands for "no answer"."""
    plain = found.strip().casefold()
    return plain in BLANK or plain in codes


CURRENCY_SIGN = r"^(?:[A-Z]{0,3}\p{Sc}|[A-Z]{3})\s*|\s*(?:\p{Sc}|[A-Z]{3})$"
GROUPED = {
    ".": re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?"),
    ",": re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?"),
}
COMMA = re.compile(r"[+-]?\d*,\d+")
POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
PART_OF = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:/|de|di|su|out of|of|em)\s*(\d+(?:[.,]0+)?)", re.IGNORECASE)
LABELLED = re.compile(r"(\d{1,2})\s*(?:[-–—:=.)(]|\s)\s*[(]?[^\W\d].*", re.DOTALL)
STARS = re.compile(r"[★⭐]+\ufe0f?[☆]*")


def _number(
    found: str, decimal: Decimal, codes: Collection[str], labels: Mapping[str, float], out_of: float | None
) -> float | None:
    plain = found.strip().replace("\u00a0", " ").replace("\u2212", "-")
    if plain.casefold() in labels:
        return labels[plain.casefold()]
    if is_blank(plain, codes):
        return None
    if GROUPED[decimal].fullmatch(plain):
        other = "," if decimal == "." else "."
        return float(plain.replace(other, "").replace(",", "."))
    if COMMA.fullmatch(plain):
        return float(plain.replace(",", "."))
    if POINT.fullmatch(plain):
        return float(plain)
    if GROUPED["," if decimal == "." else "."].fullmatch(plain):
        last = max(plain.rfind(","), plain.rfind("."))
        return float(re.sub(r"[.,]", "", plain[:last]) + "." + plain[last + 1 :])
    if part := PART_OF.fullmatch(plain):
        whole = float(part[2].replace(",", "."))
        if out_of is None or whole == out_of:
            return float(part[1].replace(",", "."))
    if labelled := LABELLED.fullmatch(plain):
        return float(labelled[1])
    if STARS.fullmatch(plain):
        return float(plain.count("★") + plain.count("⭐"))
    raise Unreadable(found)


def _flag(found: str, codes: Collection[str]) -> bool | None:
    plain = found.strip().casefold()
    if plain in codes:
        return None
    if plain in YES or plain in NO:
        return plain in YES
    if is_blank(plain):
        return None
    raise Unreadable(found)


def _where(keep: pl.Series, values: pl.Series) -> pl.Series:
    return pl.select(pl.when(keep).then(values)).to_series().rename(values.name)
