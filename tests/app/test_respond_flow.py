"""The way through a survey: quotas for who comes at once, orders that stay, parts that are kept, places that are filled."""

import json
import re
import threading
from typing import Any

import pytest
from django.db import connection

from percorso.accounts.models import Workspace
from percorso.surveys.definition import Definition
from percorso.surveys.flow import may_follow, progress, steps
from percorso.surveys.models import Response
from percorso.surveys.respond import limits
from tests.app.respondents import NPS, Respondent, invite_one, link, open_survey, personal


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with nothing counted."""
    for name in ("READING", "SENDING", "TOKENS"):
        monkeypatch.setattr(limits, name, limits.Window(getattr(limits, name).most))


def _text(key: str, text: str = "", **more: Any) -> dict[str, Any]:
    return {"id": key, "type": "text", "text": {"en": text or key.title()}, **more}


def _survey(*pages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"title": {"en": "Shop"}, "pages": list(pages), **more}


@pytest.mark.django_db(transaction=True)
def test_who_answers_at_the_same_moment_exceeds_no_quota() -> None:
    workspace = Workspace.objects.create(slug="acme", name="Acme", time_zone="UTC")
    content = NPS | {"quotas": [{"id": "happy", "when": {"question": "nps", "at_least": 9}, "limit": 3}]}
    survey = open_survey(workspace, content)
    people = [Respondent(link(survey), user_agent=str(n)) for n in range(8)]
    together = threading.Barrier(len(people))

    def answer(marina: Respondent) -> None:
        together.wait(10)
        try:
            marina.send(nps="10")
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=(marina,)) for marina in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    kept = Response.objects.all()
    assert sorted((response.over_quota, response.left_out) for response in kept) == [
        *[("", False)] * 3, *[("happy", True)] * 5,
    ]  # fmt: skip
    assert sum("enough people" in marina.text for marina in people) == 5


def _order(marina: Respondent) -> list[str]:
    return re.findall(r'id="question-(\w+)"', marina.text)


def test_a_random_order_is_each_respondents_own_and_stays(acme: Workspace) -> None:
    questions = [_text(f"q{n}") for n in range(6)]
    last = {"id": "last", "questions": [_text("end", required=True)]}
    survey = open_survey(acme, _survey({"id": "all", "randomise": True, "questions": questions}, last))
    several = [Respondent(link(survey)) for _ in range(8)]
    assert len({tuple(_order(marina)) for marina in several}) > 1
    marina = several[0]
    first = _order(marina)
    assert sorted(first) == [f"q{n}" for n in range(6)]
    marina.send(_language="en")
    assert _order(marina) == first
    marina.send(q0="x" * 10_001)
    assert (marina.status, _order(marina)) == (422, first)
    marina.send(q0="A")
    marina.send(_go="back")
    assert _order(marina) == first
    assert _order(Respondent(marina.path)) == first, "another device, the same address"


def test_what_was_answered_is_kept_when_somebody_stops_and_gone_on_with(acme: Workspace) -> None:
    pages = [{"id": key, "questions": [_text(key)]} for key in ("one", "two", "three")]
    survey = open_survey(acme, _survey(*pages))
    for address in (link(survey), personal(invite_one(survey))):
        Response.objects.all().delete()
        marina = Respondent(address)
        marina.send(one="First")
        marina.send(two="Second")
        half = Response.objects.get()
        assert (half.answers, half.completed_at, half.page) == ({"one": "First", "two": "Second"}, None, "three")
        later = Respondent(marina.path if address == link(survey) else address)
        assert _order(later) == ["three"]
        later.send(three="Third")
        assert Response.objects.get().answers == {"one": "First", "two": "Second", "three": "Third"}


BRANCHES = _survey(
    {"id": "one", "questions": [{"id": "nps", "type": "nps", "text": {"en": "Recommend?"}}]},
    {"id": "low", "show_if": {"question": "nps", "at_most": 6}, "questions": [_text("why")]},
    {"id": "high", "show_if": {"question": "nps", "at_least": 9}, "questions": [_text("best")]},
    {"id": "more", "questions": [_text("again", show_if={"question": "why", "answered": True})]},
)


def test_the_button_says_send_where_nothing_can_follow(acme: Workspace) -> None:
    marina = Respondent(link(open_survey(acme, BRANCHES)))
    assert '<button class="button">Next</button>' in marina.text
    marina.send(nps="10")
    assert '<button class="button">Send</button>' in marina.text, "neither page after this one can come"
    marina.send(best="All")
    assert "Thank you" in marina.text
    marina = Respondent(link(open_survey(acme, BRANCHES, slug="again")))
    marina.send(nps="2")
    assert '<button class="button">Next</button>' in marina.text, "what is answered here decides"


def test_progress_never_goes_back_and_never_says_done_before_the_end() -> None:
    definition = Definition.model_validate(BRANCHES)
    for score in range(11):
        for given in ({}, {"why": "x", "best": "y"}):
            answers = {"nps": score} | given
            way = [step.page.id for step in steps(definition, answers, {}, "")]
            told = [progress(definition, page) for page in way]
            assert told == sorted(told)
            assert told[0] == 0
            assert all(share < 1 for share in told)
            assert [may_follow(definition, answers, {}, page) for page in way[:-1]] == [True] * (len(way) - 1)


def test_answers_and_traits_in_texts_are_texts(acme: Workspace) -> None:
    options = [{"id": "a", "text": {"en": "As {one} said"}}, {"id": "b", "text": {"en": "{customer.city|Nowhere}"}}]
    survey = open_survey(acme, _survey(
        {"id": "one", "questions": [_text("one")]},
        {"id": "two", "title": {"en": "So {one}?"}, "questions": [
            _text("two", "{one} & {customer.name|you} & {company} & {unknown}!", help={"en": "{one}"}),
            {"id": "pick", "type": "choice", "text": {"en": "Pick"}, "settings": {"options": options}},
        ]},
        thanks={"en": "Bye {one}"},
    ))  # fmt: skip
    nasty = "<img src=x onerror=alert(1)>{customer.email}{company}"
    invitation = invite_one(survey, name="<b>M</b>", traits={"city": "<i>São Paulo</i>", "email": "secret@example.com"})
    marina = Respondent(personal(invitation))
    marina.send(one=nasty)
    html = marina.page.content.decode()
    assert not re.search(r"<img|<b>M|<i>", html)
    assert "secret@example.com" not in html, "what somebody writes recalls nothing"
    assert f"{nasty} & <b>M</b> & {acme.name} & !" in marina.text
    assert marina.text.count(nasty) >= 4
    assert "<i>São Paulo</i>" in marina.text
    marina.send(pick="a")
    assert "<img" not in marina.page.content.decode()
    assert f"Bye {nasty}" in marina.text


def test_numbers_that_are_none_make_no_condition() -> None:
    page = {"id": "two", "show_if": {"question": "one", "at_least": float("nan")}, "questions": []}
    with pytest.raises(ValueError, match="finite"):
        Definition.model_validate(_survey({"id": "one", "questions": [_text("one")]}, page))
    assert json.loads(json.dumps(BRANCHES)) == BRANCHES
