"""What the search finds: every app's ``find.py`` may define ``find(membership, text) -> list[Found]``."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """One thing to go to: its name, what kind of thing it is, its address, its picture."""

    label: str
    hint: str
    href: str
    icon: str


def plain(text: str) -> str:
    """Return text in small letters without accents, as it is compared."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def matches(text: str, *names: str) -> bool:
    """Return whether each word of `text` begins a word in one of `names`; accents and case do not matter."""
    words = [word for name in names for word in plain(name).replace("-", " ").replace("(", " ").split()]
    return all(any(word.startswith(asked) for word in words) for asked in plain(text).split())


def by_fitness(text: str, found: Iterable[Found]) -> list[Found]:
    """Return what was found: labels that begin with `text`, then those with a word that does; else in the order given."""

    def rank(each: Found) -> tuple[bool, bool]:
        return not plain(each.label).startswith(plain(text)), not matches(text, each.label)

    return sorted(found, key=rank)
