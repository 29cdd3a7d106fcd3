"""Server time of the overview and of a board of twenty cards over ten million facts of the demo company."""

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.together import KEYS, SCALE

COLD_MS, KEPT_MS = 300, 50
VISITS = 10
PERIODS = ("last_90_days", "this_year", "last_7_days", "last_year")
AT = "2026-01-01T12:00:00Z"
# A fact of each kind that comes while people look, and nothing that is kept any more (a customer is believed to be another).
COMING: dict[str, tuple[str, dict[str, Any]]] = {
    "an answer": ("answers", {"metric": "csat", "score": 5, "scale_min": 1, "scale_max": 5, "at": AT}),
    "a ticket": ("tickets", {"opened_at": AT}),
    "an order": ("orders", {"amount": 100, "currency": "BRL", "at": AT}),
    "an event": ("events", {"name": "Page Viewed", "at": AT}),
    "a subscription": ("subscriptions", {"mrr": 100, "currency": "BRL", "started_at": AT}),
}


def compare(folder: Path, console: Console) -> bool:
    """Print cold and kept times of both pages; return whether both are within what is allowed."""
    with tempfile.TemporaryDirectory(dir=folder) as data:
        os.environ["PERCORSO_DATA"] = data
        os.environ["DJANGO_SETTINGS_MODULE"] = "percorso.web.settings"
        import django

        django.setup()
        from django.test import Client

        from percorso.base import owner

        _facts(folder, Path(data))
        person = _somebody()
        client = Client(SERVER_NAME="localhost")
        client.force_login(person)
        pages = {"overview": "/w/demo/", "board of twenty cards": f"/w/demo/boards/{_board(person)}/"}
        times = {name: _times(client, path) for name, path in pages.items()}
        after = {name: _after(client, path) for name, path in pages.items()}
        owner.close()
    table = Table(title="ten million facts, server time in milliseconds")
    for name in ("page", "first ever", "another period", "all facts changed", "nothing changed"):
        table.add_column(name, justify="left" if name == "page" else "right")
    for name, own in times.items():
        table.add_row(name, *(f"{one:.0f}" for one in own))
    console.print(table)
    table = Table(title="the same after one fact has come, server time in milliseconds")
    for name in ("page", *COMING):
        table.add_column(name, justify="left" if name == "page" else "right")
    for name, each in after.items():
        table.add_row(name, *(f"{one:.0f}" for one in each))
    console.print(table)
    return all(cold <= COLD_MS and kept <= KEPT_MS for _, _, cold, kept in times.values())


def _after(client: Any, path: str) -> list[float]:
    """Return the medians of visits after a fact of each kind."""
    from percorso.base import owner

    made = []
    for what, (table, row) in COMING.items():
        visits = []
        for turn in range(VISITS):
            owner.store().append(table, [row | {"id": f"{what} {turn}", "customer": "bench"}], workspace="demo")
            visits.append(_visit(client, f"{path}?period={PERIODS[0]}"))
        made.append(sorted(visits)[VISITS // 2])
    return made


def _times(client: Any, path: str) -> tuple[float, float, float, float]:
    """Return the first visit, and medians: of periods not asked for before, of one when no fact is as it was, when all are."""
    from percorso.base import owner

    first = _visit(client, path)
    other = sorted(_visit(client, f"{path}?period={period}") for period in PERIODS)[len(PERIODS) // 2]
    cold = []
    for _ in range(VISITS):
        owner.store().move("demo", "nobody", "nobody else")
        cold.append(_visit(client, f"{path}?period={PERIODS[0]}"))
    kept = sorted(_visit(client, f"{path}?period={PERIODS[0]}") for _ in range(VISITS))[VISITS // 2]
    return first, other, sorted(cold)[VISITS // 2], kept


def _visit(client: Any, path: str) -> float:
    start = time.perf_counter()
    response = client.get(path, follow=True)
    assert response.status_code == 200
    return (time.perf_counter() - start) * 1000


def _facts(folder: Path, data: Path) -> None:
    """Put the demo company's facts into the data folder; made once for all runs of a folder."""
    from datetime import UTC, datetime

    from percorso.analytics.store import Store
    from percorso.base.upgrades import migrate
    from percorso.commands.workspaces import workspace_to_fill
    from percorso.demo import fill

    file = folder / "demo-10m.duckdb"
    if not file.exists():
        with Store.open(file) as store:
            fill(store, workspace="demo", until=datetime.now(UTC).date(), scale=SCALE)
    shutil.copy(file, data / "facts.duckdb")
    migrate()
    workspace_to_fill("demo", "demo", "America/Sao_Paulo")


def _somebody() -> Any:
    from percorso.accounts.models import Membership, Person, Role, Workspace

    person = Person.objects.create_user("bench@percorso.local")
    Membership.objects.create(workspace=Workspace.objects.get(slug="demo"), person=person, role=Role.OWNER)
    return person


def _board(person: Any) -> str:
    from percorso.accounts.models import Workspace
    from percorso.insights.boards.actions import add_card, make_board

    board = make_board(Workspace.objects.get(slug="demo"), name="Bench", by=person)
    for i, key in enumerate(KEYS):
        add_card(board, "series" if i % 4 == 3 else "figure", key, by=person)
    return str(board.slug)
