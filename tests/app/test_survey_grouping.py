"""Responses in groups that no condition tells apart: what was shown to whom is the same as one by one."""

import random
from typing import Any

import pytest
from django.utils import timezone

from percorso.accounts.models import Membership, Workspace
from percorso.surveys.models import Response, Survey
from percorso.surveys.results import queries
from percorso.surveys.results.queries import Group
from percorso.surveys.results.reached import filled, progress_of
from percorso.surveys.results.scope import scope_of
from tests.app.answered import everything


def asked(key: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"id": key, "type": kind, "text": {"en": key}, **more}


OPTIONS = {"options": [{"id": key, "text": {"en": key}} for key in ("1", "true", "b")], "other": True}
# Conditions of every form, over values of every form.
CONTENT: dict[str, Any] = {
    "languages": ["en"],
    "pages": [
        {"id": "first", "questions": [
            asked("nps", "nps"), asked("why"), asked("one", "choice", settings=OPTIONS),
            asked("many", "choices", settings=OPTIONS), asked("size", "number"),
        ]},
        {"id": "second", "show_if": {"any": [{"question": "nps", "at_most": 6}, {"trait": "country", "is": ["BR"]}]}, "questions": [
            asked("low"), asked("said", show_if={"question": "why", "answered": True}),
            asked("other", show_if={"question": "one", "is": ["other", "true"]}),
        ]},
        {"id": "third", "show_if": {"not": {"question": "many", "is": ["b"]}}, "questions": [
            asked("large", show_if={"all": [{"question": "size", "at_least": 2.5}, {"question": "nps", "answered": True}]}),
            asked("silent", show_if={"question": "low", "answered": False}),
        ]},
    ],
    "quotas": [{"id": "happy", "when": {"question": "nps", "at_least": 9}, "limit": 3}, {"id": "br", "when": {"trait": "country", "is": ["BR", 7]}, "limit": 9}],
}  # fmt: skip


def some(chance: random.Random) -> dict[str, Any]:
    values: dict[str, list[Any]] = {
        "nps": [0, 6, 7, 9, 10], "why": ["", "So", "true", "[", "12", "null", '"'], "size": [0, 2.5, 2.4, 1e9],
        "one": ["1", "true", "b", {"option": "other", "text": "b"}], "many": [[], ["1"], ["1", "b"], ["true"]],
        "low": ["x", None],
    }  # fmt: skip
    return {key: chance.choice(several) for key, several in values.items() if chance.random() < 0.8}


def alone(response: Response) -> Group:
    done, full = response.completed_at is not None, bool(response.over_quota)
    about = (response.version_id, response.page, done, response.left_out, full, tuple(response.marks))
    return Group(*about, response.answers, response.traits, 1)


@pytest.fixture
def survey(members: Workspace) -> Survey:
    made = everything(members, CONTENT)
    chance, now = random.Random(7), timezone.now()
    assert made.live is not None
    for _ in range(150):
        done = chance.random() < 0.7
        Response.objects.create(
            survey=made, version=made.live, language="en", channel="link", answers=some(chance),
            traits=chance.choice([{}, {"country": "BR"}, {"country": "IT"}, {"country": 7}, {"country": None}]),
            page=None if done else chance.choice(["first", "second", "third", "gone"]),
            marks=chance.choice([[], ["fast"], ["fast", "bot"]]), left_out=chance.random() < 0.2,
            over_quota=chance.choice(["", "", "happy"]),
            started_at=now, changed_at=now, completed_at=now if done else None,
        )  # fmt: skip
    return made


def test_groups_give_what_every_response_gives(survey: Survey) -> None:
    scope = scope_of(survey, Membership.objects.filter(workspace=survey.workspace)[0], "en")
    groups = queries.groups(scope)
    single = [alone(response) for response in Response.objects.filter(survey=survey)]
    assert sum(group.n for group in groups) == len(single)
    assert len(groups) < len(single)
    assert progress_of(groups, scope.versions) == progress_of(single, scope.versions)
    assert survey.live is not None
    assert filled(groups, survey.live.definition) == filled(single, survey.live.definition)
    assert queries.marks(groups) == queries.marks(single)
