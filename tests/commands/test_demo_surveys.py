"""The demo company's surveys have something to show on every page, and leave all documented figures as they are."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from percorso.accounts.models import Membership, Person, Role, Workspace
from percorso.analytics.measure import measure
from percorso.analytics.query import Query
from percorso.analytics.store import Store
from percorso.base import fact_outbox, owner
from percorso.base.models import PendingFact
from percorso.base.worker import run_all
from percorso.commands.demo_surveys import OPEN, STAFF, make_surveys
from percorso.demo import Truth, company, fill
from percorso.insights.cards import USUAL
from percorso.outreach.models import ChannelAccount, ContactPolicy, Message, Refusal
from percorso.surveys.models import Invitation, Response, Survey
from percorso.surveys.suspicion import marks_of

SCALE = 0.08


@pytest.fixture(scope="module")
def until() -> date:
    return datetime.now(UTC).date()


@pytest.fixture
def demo(db: None, until: date, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The demo's workspace with facts of its own, for they are added to."""
    with Store.open(":memory:") as store:
        fill(store, scale=SCALE, until=until)
        monkeypatch.setattr(owner, "_store", store)
        yield Workspace.objects.create(slug="demo", **company.workspace(until))


def _make(workspace: Workspace, until: date) -> dict[str, Survey]:
    make_surveys(workspace, Truth(until=until), Person.objects.create_user("demo@demo.test", name="Demo"))
    return {survey.state: survey for survey in workspace.surveys.all()}


def _figures(*keys: str, by: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
    found = measure(owner.store(), Query(keys, "demo", None, by=by))
    return [(c.indicator, c.by, c.status, c.value, c.low, c.high, c.n) for c in found]


def _teams() -> list[tuple[Any, ...]]:
    """The staff's figures of each team, hidden ones too; the survey of the demo asks for no team."""
    return [cell for cell in _figures("enps", by=("team",)) if cell[1]["team"] is not None]


def test_every_figure_of_the_overview_stays_and_aspects_have_answers(demo: Workspace, until: date) -> None:
    overview, others = _figures(*USUAL), _figures("topic_share", "completion_rate", "sps", "experience_gap")
    teams = _teams()
    aspects = sum(cell[-1] for cell in _figures("nps_aspect"))
    surveys = _make(demo, until)
    while fact_outbox.load():
        pass
    assert not PendingFact.objects.exists()
    assert _figures(*USUAL) == overview
    assert _figures("topic_share", "completion_rate", "sps", "experience_gap") == others
    assert _teams() == teams
    whole = surveys["live"].responses.filter(completed_at__isnull=False, left_out=False).count()
    assert sum(cell[-1] for cell in _figures("nps_aspect")) == aspects + 3 * whole


def test_there_is_something_to_show(demo: Workspace, until: date) -> None:
    surveys = _make(demo, until)
    assert set(surveys) == {"live", "draft", "closed"}
    assert surveys["closed"].anonymous
    assert surveys["closed"].responses.count() == STAFF
    assert not surveys["draft"].versions.exists()
    live = surveys["live"]
    states = Counter(live.invitations.values_list("state", flat=True))
    assert set(states) == {"sent", "started", "answered", "refused", "failed"}
    assert states["answered"] == live.responses.filter(invitation__isnull=False, completed_at__isnull=False).count()
    assert Counter(live.responses.values_list("channel", flat=True)).items() >= OPEN.items()
    assert set(live.responses.values_list("language", flat=True)) == {"pt-BR", "it", "en"}
    assert Refusal.objects.filter(workspace=demo).count() == states["refused"]
    end = datetime(until.year, until.month, until.day, tzinfo=UTC)
    assert not Response.objects.filter(changed_at__gt=end).exists()
    for response in Response.objects.filter(completed_at__isnull=False).select_related("survey"):
        # Of a person's several answers the first was no duplicate when it was given.
        assert set(response.marks) <= set(marks_of(response)) <= {*response.marks, "duplicate"}
    for mark in ("fast", "duplicate", "bot"):
        assert any(mark in marks for marks in live.responses.values_list("marks", flat=True))


def test_the_same_seed_makes_the_same_answers(demo: Workspace, until: date) -> None:
    def told() -> list[tuple[Any, ...]]:
        rows = Response.objects.order_by("key")
        return list(rows.values_list("key", "customer", "answers", "started_at", "marks", "channel"))

    _make(demo, until)
    first = told()
    Response.objects.all().delete()
    Invitation.objects.all().delete()
    Survey.objects.update(live=None)
    Survey.objects.all().delete()
    make_surveys(demo, Truth(until=until), Person.objects.get())
    assert told() == first


def test_nothing_is_ever_sent(demo: Workspace, until: date) -> None:
    _make(demo, until)
    assert ContactPolicy.objects.filter(workspace=demo).exists()
    assert not ChannelAccount.objects.exists()
    before = Counter(Invitation.objects.values_list("state", flat=True))
    run_all()
    assert not Message.objects.exists()
    assert Counter(Invitation.objects.values_list("state", flat=True)) == before
    assert all(
        one.endswith(".example") for one in Invitation.objects.exclude(address="").values_list("address", flat=True)
    )


def test_every_page_of_them_opens(demo: Workspace, until: date) -> None:
    surveys = _make(demo, until)
    while fact_outbox.load():
        pass
    client = Client(SERVER_NAME="localhost")
    person = Person.objects.create_user("alice@demo.test", name="Alice")
    Membership.objects.create(workspace=demo, person=person, role=Role.OWNER)
    client.force_login(person)
    listed = client.get(reverse("surveys", args=["demo"])).content.decode()
    for survey in surveys.values():
        assert escape(survey.name) in listed
        for name in ("survey", "survey_answers", "survey_edit", "survey_send", "survey_share", "survey_settings"):
            expected = 404 if name == "survey_answers" and survey.anonymous else 200
            assert client.get(reverse(name, args=["demo", survey.slug])).status_code in (200, expected, 302), name
    results = client.get(reverse("survey", args=["demo", surveys["live"].slug])).content.decode()
    said = surveys["live"].responses.filter(answers__has_key="why", left_out=False).latest("completed_at")
    assert escape(said.answers["why"]) in results


def test_texts_are_in_the_language_of_the_workspace(demo: Workspace, until: date) -> None:
    demo.language = "it"
    demo.save()
    assert all(survey.definition.language == "it" for survey in _make(demo, until).values())
