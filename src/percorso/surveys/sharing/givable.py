"""What can be given to a question at a kiosk, and what the server would say to it: worked out before anybody answers.

A device without a network asks nobody. So every state in which the fields of a question can be is read here, by the same
code that reads what is sent, and the device looks up what came of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product
from math import comb, prod
from typing import Any

from django.http import QueryDict

from percorso.surveys.answering import read_page
from percorso.surveys.conditions import Condition
from percorso.surveys.definition import Definition, Page, Question
from percorso.surveys.flow import Step
from percorso.surveys.models import Response
from percorso.surveys.question import QUESTIONS, REQUIRED, Refused
from percorso.surveys.questions._parts import OTHER
from percorso.surveys.questions._scale import Scale
from percorso.surveys.questions.choice import ChoiceQuestion
from percorso.surveys.questions.choices import ChoicesQuestion
from percorso.surveys.questions.consent import ConsentQuestion
from percorso.surveys.questions.matrix import MatrixQuestion
from percorso.surveys.questions.ranking import RankingQuestion

MOST_STATES = 2000
NOTHING: tuple[object, ...] = (None, "", [], {})
# What stands for any text; and the state of a question into which something was written.
TEXT = "x"


class TooMany(Exception):
    """There are more states than are worked out."""


@dataclass(frozen=True)
class Slot:
    """Fields of one name of which at most one value is chosen; without values, a text. `does`: slots that differ in it differ."""

    field: str
    values: tuple[str, ...]
    does: str = ""


@dataclass(frozen=True)
class Givable:
    """What can be given to one question.

    signs : by ``field=value`` (``field`` for a text of one's own), what stands for it in a state: values that nothing tells
    apart have one sign. Empty for a question that is written into. states : by how often each sign is given
    (``0x1 2x3``), the class of the answer and why it cannot be kept. answers : one answer of each class. least : how many
    of its fields must be filled.
    """

    signs: Mapping[str, str]
    states: Mapping[str, tuple[int, Refused | None]]
    answers: Sequence[Any]
    least: int = 0


def answerable(question: Question) -> bool:
    """Whether it can be answered at a kiosk."""
    return QUESTIONS[question.type].answerable and question.type != "file"


def slots_of(definition: Definition, question: Question) -> list[Slot]:
    """Return what is chosen by ticking; nothing for a question that is written into."""
    kind, config, name = QUESTIONS[question.type], question.config, question.id
    if isinstance(kind, Scale):
        low, high = kind.ends(question)
        return [Slot(name, tuple(str(value) for value in range(low, high + 1)))]
    if isinstance(kind, ConsentQuestion):
        told = (lambda text, code=code: definition.tell(text, code) for code in definition.languages)
        return [Slot(name, tuple(dict.fromkeys(kind.shown(question, None, tell)["version"] for tell in told)))]
    if isinstance(kind, MatrixQuestion):
        columns = tuple(column.id for column in config.columns)
        return [Slot(f"{name}.{row.id}", columns) for row in config.rows]
    if not isinstance(kind, ChoiceQuestion | ChoicesQuestion):
        return []
    keys = [piece.id for piece in config.pieces()]
    own = [Slot(f"{name}.{OTHER}", ())] if config.other else []
    if isinstance(kind, ChoiceQuestion):
        return [Slot(name, tuple(keys)), *own]
    return [*(Slot(name, (key,), "alone" * (key in config.alone)) for key in keys), *own]


def givable(definition: Definition, page: Page, question: Question, tests: Sequence[Condition]) -> Givable:
    """Return what can be given to a question of a page. tests : what conditions ask of it, one thing each.

    Raises
    ------
    TooMany : it can be in more states than are worked out.
    """
    if not answerable(question):
        return Givable({}, {"": (0, None)}, [None])
    slots = slots_of(definition, question)
    classes = _Classes(question, tests)
    if not slots:
        wrong = Refused(REQUIRED) if question.required else None
        return Givable({}, {"": (0, wrong), TEXT: (classes.of(TEXT), None)}, classes.answers, _least(question))
    signs = _Signs(question, slots, tests)
    states: dict[str, tuple[int, Refused | None]] = {}
    for fields, key in signs.states():
        answers, refused = read_page(Response(), Step(page, (question,)), fields)
        wrong = refused.get(question.id)
        states[key] = (0 if wrong else classes.of(answers.get(question.id)), wrong)
    return Givable(signs.by_field, states, classes.answers)


def _least(question: Question) -> int:
    if not question.required:
        return 0
    several = isinstance(QUESTIONS[question.type], RankingQuestion)
    n = len(question.config.items) if several else 1
    return min(question.config.places or n, n) if several else n


class _Classes:
    """Answers that no condition tells apart are of one class; the first is that of no answer."""

    def __init__(self, question: Question, tests: Sequence[Condition]) -> None:
        self.question, self.tests = question, tests
        self.answers: list[Any] = []
        self._known: dict[tuple[bool, ...], int] = {}
        self.of(None)

    def of(self, answer: Any) -> int:
        """Return the class of an answer."""
        told = told_of(self.question, self.tests, None if answer in NOTHING else answer)
        if told not in self._known:
            self._known[told] = len(self.answers)
            self.answers.append(answer)
        return self._known[told]


class _Signs:
    """What stands for the values of slots, and every state of the slots in these signs."""

    def __init__(self, question: Question, slots: Sequence[Slot], tests: Sequence[Condition]) -> None:
        self.by_field: dict[str, str] = {}
        known: dict[object, str] = {}
        # Slots that can hold the same signs are alike: only how many of them hold one matters.
        self._alike: dict[tuple[str, ...], list[dict[str, tuple[str, str]]]] = {}
        for slot in slots:
            holds: dict[str, tuple[str, str]] = {}
            for value in slot.values or (TEXT,):
                own = value == OTHER and getattr(question.config, "other", False)
                apart = (slot.does, own, told_of(question, tests, [value])) if slot.values else "own"
                sign = known.setdefault(apart, str(len(known)))
                self.by_field[f"{slot.field}={value}" if slot.values else slot.field] = sign
                holds.setdefault(sign, (slot.field, value))
            self._alike.setdefault(tuple(holds), []).append(holds)

    def states(self) -> Iterator[tuple[QueryDict, str]]:
        """Give every state: the fields of one that is like it, and its name."""
        if prod(comb(len(slots) + len(signs), len(signs)) for signs, slots in self._alike.items()) > MOST_STATES:
            raise TooMany
        for chosen in product(*(_several(signs, len(slots)) for signs, slots in self._alike.items())):
            fields = QueryDict(mutable=True)
            for signs, slots in zip(chosen, self._alike.values(), strict=True):
                for sign, slot in zip(signs, slots, strict=False):
                    fields.appendlist(*slot[sign])
            yield fields, state_of(sign for signs in chosen for sign in signs)


def _several(signs: tuple[str, ...], most: int) -> list[tuple[str, ...]]:
    return [chosen for n in range(most + 1) for chosen in combinations_with_replacement(signs, n)]


def state_of(signs: Iterable[str]) -> str:
    """Return the name of a state: how often each sign is given; the device names it in the same way."""
    given = list(signs)
    return " ".join(sorted(f"{sign}x{given.count(sign)}" for sign in set(given)))


def told_of(question: Question, tests: Iterable[Condition], answer: Any) -> tuple[bool, ...]:
    """Return what conditions find out of an answer."""
    return tuple(test.holds({question.id: answer}, {}) for test in tests)
