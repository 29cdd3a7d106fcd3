"""``percorso demo`` makes the company's facts and the programme around them, once."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from percorso.accounts.models import AuditEntry, Membership, Person, Role, Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.commands.demo_touchpoints import DAYS, PLANNED, UNUSED
from percorso.commands.programme import MADE, make_programme
from percorso.demo import Truth, company, fill
from percorso.insights.goals.queries import standings
from tests.commands.conftest import Run

COUNTS = {
    "segments": 4, "personas": 3, "goals": 4, "benchmarks": 2, "plans": 1, "scorecards": 2, "boards": 2, "watches": 1,
    "reports": 1, "annotations": 6, "surveys": 3, "sources": 1, "funnels": 2,
}  # fmt: skip


SLUGGED = {"segment": "segments", "board": "boards"}


@pytest.fixture(scope="module")
def until() -> date:
    return datetime.now(UTC).date()


@pytest.fixture(scope="module")
def demo_facts(until: date) -> Iterator[Store]:
    with Store.open(":memory:") as store:
        fill(store, scale=0.05, until=until)
        yield store


@pytest.fixture
def demo(db: None, demo_facts: Store, until: date, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The demo's workspace, and this process reading its facts."""
    monkeypatch.setattr(owner, "_store", demo_facts)
    return Workspace.objects.create(slug="demo", **company.workspace(until))


def _counted(workspace: Workspace) -> dict[str, int]:
    return {kind: getattr(workspace, kind).count() for kind in MADE}


def _owner_of(workspace: Workspace) -> Client:
    person = Person.objects.create_user("alice@demo.test", name="Alice")
    Membership.objects.create(workspace=workspace, person=person, role=Role.OWNER)
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    return client


def test_a_programme_is_set_up_once(demo: Workspace, until: date) -> None:
    assert make_programme(demo, Truth(until=until))
    assert _counted(demo) == COUNTS
    written = AuditEntry.objects.filter(workspace=demo).count()
    assert not make_programme(demo, Truth(until=until))
    assert _counted(demo) == COUNTS
    assert AuditEntry.objects.filter(workspace=demo).count() == written


def test_what_people_made_or_removed_is_left_alone(demo: Workspace, until: date) -> None:
    make_programme(demo, Truth(until=until))
    demo.boards.all().delete()
    assert not make_programme(demo, Truth(until=until))
    assert demo.boards.count() == 0


def test_every_part_lives_on_the_facts(demo: Workspace, until: date) -> None:
    make_programme(demo, Truth(until=until))
    for standing in standings(demo, demo.goals.all()):
        assert standing.now.value is not None
        assert standing.goal.baseline is not None
    assert demo.goals.get(indicator="csat").drivers == ["sla_compliance", "first_response_time", "fcr"]
    for scorecard in demo.scorecards.all():
        pillars = {"three_pillars": 3, "six_pillars": 6}[scorecard.framework]
        assert len({given["pillar"] for given in scorecard.evidence}) == pillars
    assert demo.watches.get().active
    report = demo.reports.get()
    assert (report.active, report.recipients, report.every) == (False, [], "month")
    assert {b.source for b in demo.benchmarks.all()} == {"Made up for the demo company: no study, no real company"}
    first = datetime.now(UTC).date().replace(year=until.year - 2)
    assert all(first < note.day < until for note in demo.annotations.all())


def test_every_page_of_it_opens(demo: Workspace, until: date) -> None:
    make_programme(demo, Truth(until=until))
    client = _owner_of(demo)
    lists = {
        "segments": demo.segments, "personas": demo.personas, "boards": demo.boards, "plans": demo.plans,
        "scorecards": demo.scorecards, "alerts_watches": demo.watches, "benchmarks": demo.benchmarks, "event_sources": demo.sources,
        "funnels": demo.funnels,
    }  # fmt: skip
    for address, made in lists.items():
        page = client.get(reverse(address, args=["demo"])).content.decode()
        for thing in made.all():
            assert thing.name in page, address
    one = [("goal", demo.goals), ("plan", demo.plans), ("scorecard", demo.scorecards), ("persona", demo.personas)]
    pages = [reverse(name, args=["demo", thing.pk]) for name, made in one for thing in made.all()]
    pages += [reverse(name, args=["demo", t.slug]) for name, made in SLUGGED.items() for t in getattr(demo, made).all()]
    pages += [reverse(name, args=["demo"]) for name in ("goals", "alerts", "overview")]
    for address in pages:
        assert client.get(address).status_code == 200, address


def test_its_events_have_a_source_a_plan_and_features(demo: Workspace, until: date) -> None:
    make_programme(demo, Truth(until=until))
    client = _owner_of(demo)
    source = demo.sources.get()
    events = owner.store().table("events", "demo")
    since = datetime.combine(until, datetime.min.time(), UTC) - timedelta(days=DAYS)
    assert source.counts.aggregate(n=Sum("count"))["n"] == events.filter(events["at"] >= since).count().execute() > 0
    assert source.heard_at
    assert source.heard_at.date() >= until - timedelta(days=2)
    plan = {event.name: {p["name"] for p in event.properties} for event in demo.planned_events.all()}
    assert set(plan) == set(PLANNED)
    assert "feature" in plan["Feature Used"]
    usage = client.get(reverse("usage_features", args=["demo"]), {"part": "all"}).content.decode()
    assert "change next delivery" in usage
    assert UNUSED in usage, "what nobody uses is listed too"


def test_texts_are_in_the_language_of_the_workspace(demo: Workspace, until: date) -> None:
    demo.language = "pt-BR"
    demo.save()
    make_programme(demo, Truth(until=until))
    # The boards' names have long been translated.
    assert "Voz do cliente" in {board.name for board in demo.boards.all()}


@pytest.mark.empty_folder
def test_the_command_makes_facts_and_programme_and_again_adds_nothing(run: Run, data: Path) -> None:
    def rows() -> tuple[int, ...]:
        with sqlite3.connect(data / "percorso.sqlite3") as made:
            tables = ("customers_segment", "insights_goal", "insights_board", "insights_annotation", "accounts_person")
            return tuple(made.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)

    assert run("demo", "--scale", "0.02").returncode == 0
    assert rows() == (4, 4, 2, 6, 1)
    assert "is there already" in run("demo").stdout
    assert run("demo", "--scale", "0.02", "--again").returncode == 0
    assert rows() == (4, 4, 2, 6, 1)
