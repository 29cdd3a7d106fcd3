"""A store with the small company, and its workspace."""

import time
from collections.abc import Iterator
from threading import Lock

import pytest
from django.core.signals import request_finished, request_started

from percorso.accounts.models import Workspace
from percorso.analytics.store import Store
from percorso.base import messages, owner
from percorso.customers.privacy.erased import look_again
from tests.today import ZONE
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


class AtHand:
    """How many requests are being answered."""

    def __init__(self) -> None:
        self.count, self._lock = 0, Lock()

    def begun(self, **_: object) -> None:
        with self._lock:
            self.count += 1

    def ended(self, **_: object) -> None:
        with self._lock:
            self.count -= 1

    def wait_until_none(self, seconds: float = 10) -> None:
        """Wait for what a browser asked last: a page of one test must not open a store in the next one."""
        deadline = time.monotonic() + seconds
        while self.count > 0 and time.monotonic() < deadline:
            time.sleep(0.02)


@pytest.fixture
def acme(
    db: None, facts: Store, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Workspace]:
    """The workspace of the small company, and this process reading its facts."""
    monkeypatch.setattr(owner, "_store", facts)
    look_again()
    at_hand = AtHand()
    request_started.connect(at_hand.begun)
    request_finished.connect(at_hand.ended)
    yield Workspace.objects.create(slug=company.WORKSPACE, name="Acme", time_zone=ZONE)
    if "live_server" in request.fixturenames:
        at_hand.wait_until_none()
    request_started.disconnect(at_hand.begun)
    request_finished.disconnect(at_hand.ended)
