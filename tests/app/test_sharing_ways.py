"""What a kiosk looks up is what the server would decide: tables against the code that they are made of."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from django.http import QueryDict

from percorso.surveys.answering import read_page
from percorso.surveys.bank import TEMPLATES
from percorso.surveys.definition import Definition, Question
from percorso.surveys.flow import steps
from percorso.surveys.models import Response
from percorso.surveys.sharing import ways
from percorso.surveys.sharing.givable import TEXT, Givable, state_of
from percorso.surveys.sharing.ways import Way, Worked, worked_out
from tests.app.kiosk_surveys import draw_fields, draw_survey

Seen = tuple[str, frozenset[str], frozenset[str]]


class Device:
    """A kiosk: knows what it was told, and nothing of conditions."""

    def __init__(self, definition: Definition, worked: Worked, fields: QueryDict) -> None:
        self.definition, self.worked, self.fields = definition, worked, fields

    def seen(self) -> Iterator[Seen]:
        for page in self.definition.pages:
            asked = [q for q in page.questions if self._shown(self.worked.ways.get(q.id, True))]
            if asked:
                wrong = frozenset(q.id for q in asked if self._wrong(q))
                yield page.id, frozenset(q.id for q in asked), wrong

    def _shown(self, way: Way) -> bool:
        while not isinstance(way, bool):
            question, following = way
            way = following[self._state(question)[0]]
        return way

    def _wrong(self, question: Question) -> bool:
        few = len(self._given(question.id)) < self.worked.given[question.id].least
        return few or self._state(question.id)[1] is not None

    def _given(self, question: str) -> list[tuple[str, str]]:
        names = [name for name in self.fields if name == question or name.startswith(f"{question}.")]
        return [(name, value) for name in names for value in self.fields.getlist(name)]

    def _state(self, question: str) -> Any:
        known: Givable = self.worked.given[question]
        given = self._given(question)
        if not known.signs:
            return known.states[TEXT if given else ""]
        return known.states[state_of(known.signs.get(f"{n}={v}") or known.signs[n] for n, v in given)]


def decided(definition: Definition, fields: QueryDict) -> Iterator[Seen]:
    """What the server shows and refuses, page after page; what it refuses is not answered."""
    response = Response()
    for page in definition.pages:
        step = next((s for s in steps(definition, response.answers, {}, "") if s.page.id == page.id), None)
        if step is not None:
            answers, refused = read_page(response, step, fields)
            response.answers |= {
                key: value for key, value in answers.items() if key not in refused and value is not None
            }
            yield page.id, frozenset(q.id for q in step.questions), frozenset(refused)


@pytest.mark.parametrize("seed", range(150))
def test_the_device_sees_what_the_server_decides(seed: int) -> None:
    chance = Random(seed)
    definition = draw_survey(chance)
    worked = worked_out(definition)
    assert worked.reasons == []
    for _ in range(20):
        fields = draw_fields(chance, definition)
        assert list(Device(definition, worked, fields).seen()) == list(decided(definition, fields)), fields


def survey(*pages: list[dict[str, Any]], **conditions: Any) -> Definition:
    told = [{"id": f"p{n}", "questions": questions} for n, questions in enumerate(pages)]
    for name, condition in conditions.items():
        told[int(name[1:])]["show_if"] = condition
    return Definition.model_validate({"title": {"en": "T"}, "pages": told})


def asks(key: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "type": kind, "text": {"en": more.pop("text", key)}, **more}


def reasons(definition: Definition) -> list[tuple[str, str]]:
    return [(reason.question.id, reason.template) for reason in worked_out(definition).reasons]


@pytest.mark.parametrize(
    ("pages", "condition", "expected"),
    [
        ([[asks("name", "text")], [asks("next", "nps")]], {"question": "name", "is": ["Ada"]}, [("name", ways.COMPARED)]),
        ([[asks("age", "number")], [asks("next", "nps")]], {"not": {"question": "age", "at_least": 18}}, [("age", ways.COMPARED)]),
        ([[asks("age", "number")], [asks("next", "nps")]], {"question": "age", "answered": True}, []),
        ([[asks("photo", "file", required=True)], [asks("next", "nps")]], None, [("photo", ways.FILE)]),
        ([[asks("photo", "file")], [asks("next", "nps")]], {"question": "photo", "answered": True}, []),
        ([[asks("day", "date")], [asks("next", "nps", text="On {day}?")]], None, [("day", ways.RECALLED)]),
        ([[asks("score", "nps")], [asks("next", "nps", text="Why {score|that}, {customer.name|friend}?")]], None, []),
        ([[asks("grid", "matrix", settings={"rows": [{"id": f"r{n}"} for n in range(20)],
                                            "columns": [{"id": f"c{n}"} for n in range(10)]})], [asks("next", "nps")]],
         {"any": [{"question": "grid", "is": [f"c{n}"]} for n in range(10)]}, [("grid", ways.STATES)]),
    ],
)  # fmt: skip
def test_what_cannot_be_worked_out_says_which_question_is_the_reason(
    pages: list[list[dict[str, Any]]], condition: Any, expected: list[tuple[str, str]]
) -> None:
    assert reasons(survey(*pages, **({"p1": condition} if condition else {}))) == expected


def test_too_many_ways() -> None:
    first = [asks(f"c{n}", "choices", settings={"options": [{"id": f"o{i}"} for i in range(6)]}) for n in range(6)]
    rules = [{"all": [{"question": f"c{n}", "is": [f"o{i}"]} for n in range(6)]} for i in range(6)]
    assert [why for _, why in reasons(survey(first, [asks("next", "nps")], p1={"any": rules}))] == [ways.WAYS]


def test_a_long_chain_is_no_problem() -> None:
    pages = [[asks(f"q{n}", "choice")] for n in range(60)]
    definition = survey(*pages, **{f"p{n}": {"question": f"q{n - 1}", "is": ["yes"]} for n in range(1, 60)})
    assert worked_out(definition).reasons == []


def test_every_template_that_a_survey_begins_with_can_be_shown() -> None:
    assert [key for key, template in TEMPLATES.items() if reasons(template.make("Acme"))] == []
