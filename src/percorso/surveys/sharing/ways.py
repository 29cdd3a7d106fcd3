"""The ways through a survey, worked out beforehand by the one code that knows them (`flow.py`): a kiosk only looks them up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from percorso.i18n import mark
from percorso.surveys.conditions import Condition
from percorso.surveys.definition import Definition, Page, Question
from percorso.surveys.flow import places, steps
from percorso.surveys.models import Version
from percorso.surveys.question import QUESTIONS
from percorso.surveys.questions.text import TextQuestion
from percorso.surveys.sharing.givable import Givable, TooMany, answerable, givable, slots_of

# How often `flow.steps` is asked for one survey, at most.
MOST_ASKED = 20_000
# Whether a question is shown, or the id of a question and what follows from each class of its answers.
Way = bool | tuple[str, tuple["Way", ...]]

MOST_KEPT = 50
_kept: dict[tuple[int, datetime], "Worked"] = {}

COMPARED = mark(
    "A condition compares the answer to “{question}”, of which there are too many to know beforehand. Let it ask only whether the question was answered, or make the question a choice."
)
STATES = mark(
    "“{question}” can be answered in too many ways for its conditions. Use fewer options or rows, or simpler conditions."
)
WAYS = mark("Whether “{question}” is asked depends on too many answers. Use fewer conditions.")
RECALLED = mark(
    "A text repeats the answer to “{question}”. At a kiosk, texts repeat answers on scales, to single choices and to open text only."
)
FILE = mark("“{question}” needs a file, which nobody can give at a kiosk. Make it voluntary.")


@dataclass(frozen=True)
class Reason:
    """Why a survey cannot be shown at a kiosk, and what to change; `template` is marked."""

    question: Question
    template: str


@dataclass
class Worked:
    """What a kiosk looks up, by question; `ways` of those that are not always shown. With `reasons` it cannot be shown."""

    given: dict[str, Givable] = field(default_factory=dict)
    ways: dict[str, Way] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)


@dataclass(frozen=True)
class _Part:
    """A question, the page that it is on, and the conditions on which it is shown."""

    page: Page
    question: Question

    @property
    def asks(self) -> set[str]:
        conditions = (self.page.show_if, self.question.show_if)
        return set().union(*(condition.questions() for condition in conditions if condition))


def worked_out(definition: Definition) -> Worked:
    """Work out what a kiosk needs to show a survey, or why it cannot be shown there."""
    parts = {q.id: _Part(page, q) for page in definition.pages for q in page.questions}
    tests = _tests(definition)
    worked = Worked(reasons=list(_refusals(definition, parts, tests)))
    for key, part in parts.items():
        try:
            worked.given[key] = givable(definition, part.page, part.question, tests.get(key, []))
        except TooMany:
            worked.reasons.append(Reason(part.question, STATES))
    if worked.reasons:
        return worked
    asked = _Asked()
    for key, part in parts.items():
        try:
            way = _way(definition, parts, key, worked.given, asked)
        except TooMany:
            worked.reasons.append(Reason(part.question, WAYS))
            break
        if way is not True:
            worked.ways[key] = way
    return worked


def worked_out_of(version: Version) -> Worked:
    """Return what a kiosk needs to show a version, which never changes; worked out once."""
    key = (version.pk, version.created_at)
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        found = _kept[key] = worked_out(version.definition)
    return found


def left_out(definition: Definition) -> list[Question]:
    """Return the questions that a kiosk does not ask: those for a file."""
    return [question for question in definition.questions() if question.type == "file"]


def can_recall(definition: Definition, question: Question) -> bool:
    """Whether a kiosk can repeat an answer: one that is ticked once, or a text."""
    fields = {slot.field for slot in slots_of(definition, question)}
    return isinstance(QUESTIONS[question.type], TextQuestion) or (question.id in fields and question.type != "choices")


def texts_of(value: Any) -> Iterator[str]:
    """Give every text in a part of a definition."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from texts_of(one)
    elif isinstance(value, Sequence):
        for one in value:
            yield from texts_of(one)


def _refusals(
    definition: Definition, parts: Mapping[str, _Part], tests: Mapping[str, Sequence[Condition]]
) -> Iterator[Reason]:
    recalled = set().union(*(places(text) for text in texts_of(definition.model_dump(mode="json"))))
    for key, part in parts.items():
        question = part.question
        if question.type == "file" and question.required:
            yield Reason(question, FILE)
        written = answerable(question) and not slots_of(definition, question)
        if written and any(test.answered is None for test in tests.get(key, [])):
            yield Reason(question, COMPARED)
        if key in recalled and not can_recall(definition, question):
            yield Reason(question, RECALLED)


def _tests(definition: Definition) -> dict[str, list[Condition]]:
    """Return what the survey's conditions ask of each question, one thing each."""
    found: dict[str, list[Condition]] = {}
    for page in definition.pages:
        for condition in (page.show_if, *(q.show_if for q in page.questions)):
            for leaf in _leaves(condition):
                found.setdefault(str(leaf.question), []).extend(_apart(leaf))
    return found


def _leaves(condition: Condition | None) -> Iterator[Condition]:
    if condition is None:
        return
    if condition.question is not None:
        yield condition
    for inner in (*(condition.all_of or ()), *(condition.any_of or ()), condition.none_of):
        yield from _leaves(inner)


def _apart(leaf: Condition) -> Iterator[Condition]:
    told = leaf.model_dump(by_alias=True, include={"answered", "among", "at_least", "at_most"}, exclude_none=True)
    for names in (("answered",), ("is",), ("at_least", "at_most")):
        if test := {name: told[name] for name in names if name in told}:
            yield Condition.model_validate({"question": leaf.question} | test)


class _Asked:
    """Counts how often the way was asked for."""

    def __init__(self) -> None:
        self.times = 0

    def once_more(self) -> None:
        self.times += 1
        if self.times > MOST_ASKED:
            raise TooMany


def _way(
    definition: Definition, parts: Mapping[str, _Part], key: str, given: Mapping[str, Givable], asked: _Asked
) -> Way:
    """Return whether a question is shown, by the answers that decide it; those of questions not shown decide nothing."""
    deciding = _deciding(parts, key)
    short = _only(definition, deciding | {key})
    order = [q.id for q in short.questions() if q.id in deciding]

    def after(answers: Mapping[str, Any], at: int) -> Way:
        asked.once_more()
        # Who stands before a kiosk is nobody: no traits.
        shown = {q.id for step in steps(short, answers, {}, "") for q in step.questions}
        place = next((n for n in range(at, len(order)) if order[n] in shown), None)
        if place is None:
            return key in shown
        question = order[place]
        following = tuple(after({**answers, question: one}, place + 1) for one in given[question].answers)
        return following[0] if all(one == following[0] for one in following) else (question, following)

    return after({}, 0)


def _deciding(parts: Mapping[str, _Part], key: str) -> set[str]:
    """Return the questions that decide whether one is shown: those asked about, and what decides whether they are."""
    found: set[str] = set()
    new = parts[key].asks
    while new:
        found |= new
        new = set().union(*(parts[one].asks for one in new)) - found
    return found


def _only(definition: Definition, keys: set[str]) -> Definition:
    """Return a survey with some of its questions."""
    pages = [
        page.model_copy(update={"questions": [q for q in page.questions if q.id in keys], "randomise": False})
        for page in definition.pages
    ]
    return definition.model_copy(update={"pages": [page for page in pages if page.questions]})
