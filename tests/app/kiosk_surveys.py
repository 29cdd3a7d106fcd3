"""Surveys and answers drawn by chance, with every question type and conditions of every form that a kiosk can show."""

from collections.abc import Callable
from random import Random
from typing import Any

from django.http import QueryDict

from percorso.surveys.definition import Definition, Question
from percorso.surveys.questions._parts import OTHER
from percorso.surveys.sharing.givable import slots_of

OPTIONS = [{"id": key} for key in ("a", "b", "7", "none")]
SETTINGS: dict[str, Callable[[Random], dict[str, Any]]] = {
    "nps": lambda chance: {},
    "csat": lambda chance: {"lowest": 1, "highest": chance.choice([3, 5, 10])},
    "ces": lambda chance: {},
    "stars": lambda chance: {"most": chance.choice([3, 5])},
    "emoji": lambda chance: {"points": chance.choice([3, 5])},
    "choice": lambda chance: {"options": OPTIONS, "other": chance.random() < 0.5, "look": chance.choice(["list", "menu"])},
    "choices": lambda chance: {
        "options": OPTIONS, "other": chance.random() < 0.5, "least": chance.choice([0, 0, 2]), "most": chance.choice([0, 3]),
        "alone": chance.choice([[], ["none"]]),
    },
    "matrix": lambda chance: {"rows": [{"id": "r"}, {"id": "s"}, {"id": "option"}], "columns": [{"id": "1"}, {"id": "2"}, {"id": "x"}]},
    "consent": lambda chance: {},
    "ranking": lambda chance: {"items": OPTIONS[:3], "places": chance.choice([0, 2])},
    "text": lambda chance: {"lines": chance.choice([1, 3])},
    "number": lambda chance: {"least": 0, "step": 0.5},
    "date": lambda chance: {},
    "statement": lambda chance: {},
}  # fmt: skip
COMPARED = ["a", "b", "7", "none", "other", 1, 2, 3, 4.0, True, "x", "nothing"]


def draw_survey(chance: Random) -> Definition:
    """Draw a survey of two to six pages."""
    pages: list[dict[str, Any]] = []
    earlier: list[dict[str, Any]] = []
    for number in range(chance.randint(2, 6)):
        questions = [_question(chance, f"q{number}_{n}", earlier) for n in range(chance.randint(1, 3))]
        page = {"id": f"p{number}", "randomise": chance.random() < 0.3, "questions": questions}
        pages.append(page | _condition(chance, earlier))
        earlier = [*earlier, *questions]
    return Definition.model_validate({"title": {"en": "Chance"}, "pages": pages})


def _question(chance: Random, key: str, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    kind = chance.choice(list(SETTINGS))
    told = {"id": key, "type": kind, "text": {"en": f"{key}, a {kind}"}, "settings": SETTINGS[kind](chance)}
    return told | {"required": chance.random() < 0.4} | _condition(chance, earlier)


def _condition(chance: Random, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    return {"show_if": _rule(chance, earlier, 2)} if earlier and chance.random() < 0.6 else {}


def _rule(chance: Random, earlier: list[dict[str, Any]], depth: int) -> dict[str, Any]:
    form = chance.choice(["all", "any", "not", "one", "one", "one"]) if depth else "one"
    if form == "not":
        return {"not": _rule(chance, earlier, depth - 1)}
    if form != "one":
        return {form: [_rule(chance, earlier, depth - 1) for _ in range(chance.randint(1, 2))]}
    if chance.random() < 0.05:
        return {"trait": "country", "is": ["BR"]}
    asked = chance.choice(earlier)
    tests: dict[str, Any] = {"answered": chance.random() < 0.5}
    if asked["type"] not in ("ranking", "text", "number", "date"):
        tests = chance.choice([tests, {"is": chance.sample(COMPARED, 3)}, {"at_least": chance.randint(0, 5)}, {"at_most": 3},
                               {"at_least": 2, "at_most": 8, "is": chance.sample(COMPARED, 6)}])  # fmt: skip
    return {"question": asked["id"], **tests}


def draw_fields(chance: Random, definition: Definition) -> QueryDict:
    """Draw what somebody ticks and writes, right or wrong."""
    fields = QueryDict(mutable=True)
    for question in definition.questions():
        for name, value in _given(chance, definition, question):
            fields.appendlist(name, value)
    return fields


def _given(chance: Random, definition: Definition, question: Question) -> list[tuple[str, str]]:
    if chance.random() < 0.15 or question.type == "statement":
        return []
    written = {"text": "Words", "number": "2.5", "date": "2026-11-22"}
    if question.type in written:
        return [(question.id, written[question.type])]
    if question.type == "ranking":
        items = [item.id for item in question.config.items]
        first = chance.sample(items, question.config.places or len(items))
        return [(f"{question.id}.{key}", str(place)) for place, key in enumerate(first, 1)]
    several = question.type == "choices"
    slots = [slot for slot in slots_of(definition, question) if slot.values]
    chosen = [(slot.field, chance.choice(slot.values)) for slot in slots if chance.random() < (0.5 if several else 0.9)]
    own = (
        getattr(question.config, "other", False)
        and any(value == OTHER for _, value in chosen)
        and chance.random() < 0.8
    )
    return [*chosen, *([(f"{question.id}.{OTHER}", "Own words")] if own else [])]
