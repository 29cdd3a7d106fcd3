"""The way through a survey: what is shown, in which order, what comes next. Conditions are evaluated here and nowhere else."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from percorso.surveys.conditions import Condition
from percorso.surveys.definition import Definition, Page, Question

PLACE = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)?)(?:\|([^{}]*))?\}")
Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """A page as one respondent sees it: its questions that are shown, in their order."""

    page: Page
    questions: tuple[Question, ...]


def steps(definition: Definition, answers: Answers, traits: Answers, seed: str) -> Iterator[Step]:
    """Give the pages that are shown, in order; answers of questions that are not shown count for nothing.

    seed : of the respondent, so that a randomised order stays the same when a page is opened again.
    """
    counted: dict[str, Any] = {}
    for page in definition.pages:
        if page.show_if is not None and not page.show_if.holds(counted, traits):
            continue
        shown = [q for q in page.questions if q.show_if is None or q.show_if.holds(counted, traits)]
        counted |= {q.id: answers[q.id] for q in shown if q.id in answers}
        if shown:
            yield Step(page, tuple(_ordered(page, shown, seed)))


def step_after(definition: Definition, answers: Answers, traits: Answers, seed: str, page: str | None) -> Step | None:
    """Return the step after a page (the first after None); None at the end."""
    passed = page is None
    ids = [p.id for p in definition.pages]
    for step in steps(definition, answers, traits, seed):
        if passed or (page in ids and ids.index(step.page.id) > ids.index(str(page))):
            return step
    return None


def step_before(definition: Definition, answers: Answers, traits: Answers, seed: str, page: str) -> Step | None:
    """Return the step before a page; None at the first."""
    earlier = None
    for step in steps(definition, answers, traits, seed):
        if step.page.id == page:
            return earlier
        earlier = step
    return None


def may_follow(definition: Definition, answers: Answers, traits: Answers, page: str) -> bool:
    """Whether another page may come after a page, whatever is answered on it."""
    counted = counting(definition, answers, traits)
    ids = [p.id for p in definition.pages]
    at = ids.index(page)
    here = {q.id for q in definition.pages[at].questions}

    def may_hold(condition: Condition | None) -> bool:
        return condition is None or bool(condition.questions() & here) or condition.holds(counted, traits)

    return any(
        may_hold(p.show_if) and any(may_hold(q.show_if) for q in p.questions) for p in definition.pages[at + 1 :]
    )


def counting(definition: Definition, answers: Answers, traits: Answers) -> dict[str, Any]:
    """Return the answers that count: of questions that are shown."""
    shown = {q.id for step in steps(definition, answers, traits, "") for q in step.questions}
    return {key: value for key, value in answers.items() if key in shown}


def progress(definition: Definition, page: str | None) -> float:
    """Return how much of the survey is behind somebody who is on a page, 0 to 1."""
    ids = [p.id for p in definition.pages]
    if page not in ids:
        return 1.0 if page is None else 0.0
    return ids.index(page) / max(1, len(ids))


def recalled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with earlier answers and traits in their places: ``{reason}``, ``{customer.name|there}``."""

    def put(found: re.Match[str]) -> str:
        value = values.get(found[1], "")
        return value or (found[2] if found[2] is not None else "")

    return PLACE.sub(put, text)


def places(text: str) -> set[str]:
    """Return the names that a text recalls."""
    return {found[1] for found in PLACE.finditer(text)}


def _ordered(page: Page, shown: Sequence[Question], seed: str) -> Sequence[Question]:
    if not page.randomise:
        return shown
    mixed = list(shown)
    random.Random(f"{seed} {page.id}").shuffle(mixed)
    return mixed
