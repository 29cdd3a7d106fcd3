"""Answers of surveys: kept page by page, and facts soon after, whatever happens in between."""

import pytest
from django.db import transaction
from django.http import QueryDict

from percorso.accounts.models import Workspace
from percorso.analytics.measure import measure
from percorso.analytics.query import Query
from percorso.analytics.store import Store
from percorso.base import fact_outbox
from percorso.base.models import PendingFact
from percorso.surveys.answering import Closed, Coming, begin, read_page, save_page
from percorso.surveys.flow import step_after
from percorso.surveys.models import Response, Survey, Version

COMING = Coming(channel="link", language="en")
NPS = {
    "languages": ["en", "pt-BR"],
    "title": {"en": "How are we doing?"},
    "pages": [
        {"id": "score", "questions": [{"id": "nps", "type": "nps", "required": True, "metric": "nps", "text": {"en": "Recommend?"}}]},
        {"id": "why", "show_if": {"question": "nps", "at_most": 8}, "questions": [{"id": "why", "type": "text", "text": {"en": "Why {nps}?"}}]},
    ],
}  # fmt: skip


@pytest.fixture
def survey(acme: Workspace) -> Survey:
    made = Survey.objects.create(workspace=acme, name="NPS", slug="nps", draft=NPS)
    made.live = Version.objects.create(survey=made, number=1, content=NPS)
    made.state = Survey.State.LIVE
    made.save()
    return made


def answer(survey: Survey, *pages: str) -> Response:
    response = begin(survey, COMING)
    page = None
    for sent in pages:
        step = step_after(response.version.definition, response.answers, response.traits, response.key, page)
        assert step is not None
        answers, refused = read_page(response, step, QueryDict(sent))
        assert not refused
        save_page(response, step, answers)
        response = Response.objects.get(key=response.key)
        page = step.page.id
    return response


def nps(store: Store) -> tuple[float | None, int]:
    cell = next(iter(measure(store, Query(("nps",), "acme", None))))
    return cell.value, cell.n


def test_an_answer_becomes_a_fact_once_however_often_it_is_loaded(survey: Survey, facts: Store) -> None:
    before = nps(facts)[1]
    assert answer(survey, "nps=10").completed_at is not None
    waiting = list(PendingFact.objects.values("workspace", "table", "row"))
    assert fact_outbox.load() == len(waiting) > 0
    assert nps(facts)[1] == before + 1
    for row in waiting:  # a process that ended between loading and forgetting
        PendingFact.objects.create(**row)
    fact_outbox.load()
    assert nps(facts)[1] == before + 1
    assert not PendingFact.objects.exists()


def test_a_detractor_is_asked_why_and_what_was_answered_counts_before_the_end(survey: Survey, facts: Store) -> None:
    before = nps(facts)[1]
    response = answer(survey, "nps=3")
    assert (response.page, response.completed_at) == ("why", None)
    fact_outbox.load()
    assert nps(facts)[1] == before + 1
    assert answer(survey, "nps=3", "why=Too slow").completed_at is not None


def test_an_answer_that_is_changed_replaces_the_one_before(survey: Survey, facts: Store) -> None:
    before = nps(facts)[1]
    response = answer(survey, "nps=3")
    step = step_after(response.version.definition, {}, {}, response.key, None)
    assert step is not None
    save_page(response, step, {"nps": 9})
    fact_outbox.load()
    assert nps(facts)[1] == before + 1
    with pytest.raises(Closed):
        save_page(response, step, {"nps": 1})


def test_nothing_is_told_when_the_transaction_fails(survey: Survey) -> None:
    with transaction.atomic():
        assert answer(survey, "nps=10").completed_at is not None
        transaction.set_rollback(True)
    assert not PendingFact.objects.exists()
    assert not Response.objects.exists()


@pytest.mark.parametrize("sent", ["nps=11", "nps=-1", "nps=1.5", "nps=x", "nps=%00", "nps="])
def test_a_tampered_value_is_refused_in_words(survey: Survey, sent: str) -> None:
    response = begin(survey, COMING)
    step = step_after(response.version.definition, {}, {}, response.key, None)
    assert step is not None
    _, refused = read_page(response, step, QueryDict(sent))
    assert "nps" in refused


def test_a_closed_survey_takes_nothing(survey: Survey) -> None:
    survey.state = Survey.State.CLOSED
    survey.save()
    with pytest.raises(Closed):
        begin(survey, COMING)
