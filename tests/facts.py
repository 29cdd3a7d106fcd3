"""A store with the small company, and its workspace."""

from collections.abc import Iterator

import pytest

from percorso.accounts.models import Workspace
from percorso.analytics.store import Store
from percorso.base import messages, owner
from tests.web import company


@pytest.fixture(scope="session", autouse=True)
def catalogues() -> None:
    """The translations, compiled as a build does."""
    messages.compile_all()


@pytest.fixture(scope="session")
def facts() -> Iterator[Store]:
    """The small company's facts."""
    with Store.open(":memory:") as store:
        company.fill(store)
        yield store


@pytest.fixture
def acme(db: None, facts: Store, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The workspace of the small company, and this process reading its facts."""
    monkeypatch.setattr(owner, "_store", facts)
    return Workspace.objects.create(slug=company.WORKSPACE, name="Acme", time_zone="America/Sao_Paulo")
