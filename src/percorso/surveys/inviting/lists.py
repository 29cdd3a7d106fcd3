"""Lists of people that somebody pastes or uploads: one person a line, with an address and what else is known."""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from percorso.errors import BadQuestion
from percorso.i18n import mark

MOST_PEOPLE = 20_000
LONGEST_LIST = 4_000_000
SHOWN_PROBLEMS = 5
LANGUAGE = re.compile(r"[A-Za-z]{2}([-_][A-Za-z]{2})?")
# What columns are called, in the three languages.
NAMES = {
    "address": (
        "address", "email", "e-mail", "e_mail", "mail", "phone", "mobile", "number", "whatsapp", "endereço", "endereco",
        "telefone", "celular", "indirizzo", "telefono", "cellulare",
    ),
    "name": ("name", "full name", "nome", "nome completo"),
    "language": ("language", "lang", "idioma", "língua", "lingua"),
    "customer": ("customer", "customer id", "id", "cliente"),
}  # fmt: skip
TRAIT = re.compile(r"[^a-z0-9_]+")
# Gives an address in the form in which it is kept, empty for what is none (`people.Reach.address`).
Compared = Callable[[str], str]


@dataclass(frozen=True)
class People:
    """The people of a list, each address once, and the first lines that name nobody."""

    people: list[dict[str, Any]]
    problems: list[str]
    n_problems: int = 0


def read_people(text: str, compared: Compared) -> People:
    """Read a list: addresses alone, or a table whose first line may name its columns (separated by , ; or tab).

    Raises
    ------
    BadQuestion : it is too long.
    """
    if len(text) > LONGEST_LIST:
        raise BadQuestion(
            mark("The list is too long. Send it in several parts, or import the people and use a segment.")
        )
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=_separator(lines))]
    columns = _columns(rows[0], compared) if rows else None
    found: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    for row in rows[1:] if columns else rows:
        person = _person(row, columns, compared)
        if person:
            found.setdefault(person["address"], person)
        elif any(row):
            problems.append(", ".join(row)[:80])
    if len(found) > MOST_PEOPLE:
        raise BadQuestion(
            mark("The list has {n} people; {most} fit into one. Send it in several parts, or import the people and use a segment."),
            n=len(found), most=MOST_PEOPLE,
        )  # fmt: skip
    return People(list(found.values()), problems[:SHOWN_PROBLEMS], len(problems))


def _separator(lines: Sequence[str]) -> str:
    first = lines[0] if lines else ""
    return max("\t;,", key=first.count)


def _columns(row: Sequence[str], compared: Compared) -> list[str] | None:
    """Return what the columns are when the first line names them; None when it is a person already."""
    if any(_address(cell, compared) for cell in row):
        return None
    known = {name: key for key, names in NAMES.items() for name in names}
    columns = [known.get(cell.casefold().strip(), TRAIT.sub("_", cell.casefold()).strip("_")) for cell in row]
    return columns if "address" in columns else None


def _person(row: Sequence[str], columns: list[str] | None, compared: Compared) -> dict[str, Any] | None:
    """Return a person of one line; None when there is no address in it."""
    told = dict(zip(columns, row, strict=False)) if columns else _guessed(row, compared)
    address = _address(told.pop("address", ""), compared)
    if not address:
        return None
    person = {name: told.pop(name, "") for name in ("name", "language", "customer")}
    person["name"] = person["name"] or told.pop("_name", "")
    traits = {key: value for key, value in told.items() if key and not key.startswith("_") and value}
    return {"address": address, **{key: value for key, value in person.items() if value}, "traits": traits}


def _guessed(row: Sequence[str], compared: Compared) -> dict[str, str]:
    """Return what the cells of a line without named columns are: an address, a language, a name."""
    told: dict[str, str] = {}
    for cell in row:
        if "address" not in told and _address(cell, compared):
            told["address"] = cell
            told["_name"] = parseaddr(cell)[0] if "<" in cell else ""
        elif "language" not in told and LANGUAGE.fullmatch(cell):
            told["language"] = cell.replace("_", "-")
        elif cell and "name" not in told:
            told["name"] = cell
    return told


def _address(cell: str, compared: Compared) -> str:
    """Return the address in a cell in the form in which it is compared; empty when there is none."""
    plain = parseaddr(cell)[1] if "<" in cell else cell
    return compared(plain)
