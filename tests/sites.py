"""A site that sends events to a source of the workspace, and what became of them."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from percorso.accounts.models import Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.base.owner import store
from percorso.sources.arriving import seen
from percorso.sources.models import Source
from percorso.sources.tracking import endpoint, loader
from percorso.sources.tracking.keys import forget_keys
from percorso.sources.tracking.names import forget_names


class Site:
    """A site that sends to one source."""

    def __init__(self, source: Source) -> None:
        self.source, self.headers = source, dict[str, str]()
        self.application = endpoint.Tracking(lambda environ, start: [b"django"])

    def send(self, name: str, what: Any, **environ: Any) -> tuple[int, dict[str, Any]]:
        """Send a body (bytes as they are); return the status and what the answer says."""
        body = what if isinstance(what, bytes) else json.dumps({"writeKey": self.source.key, **what}).encode()
        told: list[Any] = []
        asked = {"REQUEST_METHOD": "POST", "PATH_INFO": f"/v1/{name}", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), **environ}  # fmt: skip
        answer = b"".join(self.application(asked, lambda *start: told.append(start)))
        self.headers = dict(told[0][1])
        return int(told[0][0].split()[0]), json.loads(answer) if answer else {}

    def events(self, **equal: str) -> list[dict[str, Any]]:
        """Load what waits, and return the events of whom it was sent of, oldest first."""
        loader.load()
        t = store().table("events", "acme")
        t = t.filter(t.id.startswith(f"{self.source.pk}-"), *(t[name] == value for name, value in equal.items()))
        rows: list[dict[str, Any]] = t.order_by(["at", "id"]).to_pyarrow().to_pylist()
        return rows

    def customers(self) -> dict[str, str]:
        """Return the customer of every identity that events came of."""
        return {row["identity"]: row["customer"] for row in self.events()}


@pytest.fixture
def site(acme: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site that sends to the workspace, whose store is empty at first."""
    monkeypatch.setenv("PERCORSO_DATA", str(tmp_path))
    # A busy machine must not make an old count good enough.
    monkeypatch.setattr(seen, "QUICK_SECONDS", 60.0)
    forget_keys()
    forget_names()
    with Store.open(":memory:") as own:
        monkeypatch.setattr(owner, "_store", own)
        yield Site(Source.objects.create(workspace=acme, name="Shop", key="k" * 32))
    forget_keys()
    forget_names()
