"""What the guides show is so: their requests are carried out in order, their links lead somewhere."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from percorso.accounts.models import Person, Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.store import Store
from percorso.base import owner
from tests.app.api_client import Program

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "docs").glob("*.md"))
REQUEST = re.compile(r"^`(GET|POST|PATCH) /api/v1(/\S+)`\n\n```json\n(.+?)```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.fixture
def program(members: Workspace, alice_person: Person, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        yield Program(members, alice_person)


@pytest.mark.parametrize(
    "guide", [guide for guide in GUIDES if REQUEST.search(guide.read_text())], ids=lambda p: p.name
)
def test_the_requests_of_a_guide_are_carried_out(guide: Path, program: Program) -> None:
    for method, path, body in REQUEST.findall(guide.read_text()):
        answer = program.ask(method, path, json.loads(body))
        assert answer.status_code in (200, 201), (path, body, answer.content)


def test_the_facts_that_are_shown_make_figures(program: Program) -> None:
    for _, path, body in REQUEST.findall((ROOT / "docs/facts.md").read_text()):
        program.post(path, json.loads(body))
    keys = (
        "nps", "csat", "ces", "task_success_rate", "time_on_task", "mystery_shopping_score", "see_index",
        "closed_loop_rate", "cart_abandonment_rate", "conversion_rate", "web_vitals", "crash_free_sessions",
        "feature_adoption", "mrr", "churn_rate",
    )  # fmt: skip
    asked = {"indicators": list(keys), "from": "2026-03-01", "to": "2026-03-31"}
    cells = program.post("/query", asked).json()["cells"]
    assert {cell["indicator"] for cell in cells if cell["value"] is None} == set()


def test_every_indicator_has_its_facts_told() -> None:
    told = set(re.findall(r"`([a-z_]+)`", (ROOT / "docs/facts.md").read_text()))
    assert set(INDICATORS) - told == set()


@pytest.mark.parametrize("guide", [*GUIDES, ROOT / "README.md"], ids=lambda p: p.name)
def test_links_between_guides_lead_somewhere(guide: Path) -> None:
    links = [link for link in LINK.findall(guide.read_text()) if not link.startswith(("http:", "https:"))]
    assert [link for link in links if not (guide.parent / link).exists()] == []
