"""Answers in classes that no condition tells apart, so that what many respondents saw is worked out once for all of them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from percorso.surveys.conditions import Condition
from percorso.surveys.definition import Definition


class Alike:
    """Values of one question or trait in classes. `first`: a value of each class, by its number."""

    def __init__(self, leaves: Sequence[Condition]) -> None:
        self.leaves = leaves
        self.first: list[Any] = []
        self._classes: dict[tuple[bool, ...], int] = {}
        self._known: dict[str | None, int] = {}

    def number(self, raw: str | None) -> int:
        """Return the class of a value that the database gave as JSON; None where there is no value."""
        found = self._known.get(raw)
        if found is None:
            value = None if raw is None else json.loads(raw)
            said = tuple(leaf.holds({str(leaf.question): value}, {str(leaf.trait): value}) for leaf in self.leaves)
            found = self._classes.setdefault(said, len(self.first))
            if found == len(self.first):
                self.first.append(value)
            self._known[raw] = found
        return found


def conditions(definitions: Iterable[Definition]) -> tuple[dict[str, Alike], dict[str, Alike]]:
    """Return the questions and the traits that conditions and quotas ask, each with its classes of values."""
    questions: dict[str, list[Condition]] = {}
    traits: dict[str, list[Condition]] = {}
    for leaf in (leaf for definition in definitions for leaf in _leaves_of(definition)):
        if leaf.question is not None:
            questions.setdefault(leaf.question, []).append(leaf)
        elif leaf.trait is not None:
            traits.setdefault(leaf.trait, []).append(leaf)
    asked, known = ({key: Alike(found[key]) for key in sorted(found)} for found in (questions, traits))
    return asked, known


def _leaves_of(definition: Definition) -> Iterator[Condition]:
    for quota in definition.quotas:
        yield from _leaves(quota.when)
    for page in definition.pages:
        for condition in (page.show_if, *(question.show_if for question in page.questions)):
            if condition is not None:
                yield from _leaves(condition)


def _leaves(condition: Condition) -> Iterator[Condition]:
    inner = [*(condition.all_of or ()), *(condition.any_of or ()), *filter(None, [condition.none_of])]
    if not inner:
        yield condition
    for one in inner:
        yield from _leaves(one)
