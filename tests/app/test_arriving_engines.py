"""What arrives is found alike on both engines, whatever events are called."""

from datetime import UTC, datetime, timedelta

import pytest

from percorso.accounts.models import Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.sources.arriving.latest import by_ids, latest, sample
from percorso.sources.arriving.seen import DAYS, seen_events

ODD = "it's \\ “new”, 100% «name»"


@pytest.mark.parametrize("url", [":memory:", "chdb://memory/default"])
def test_both_engines_tell_the_same(url: str) -> None:
    workspace = Workspace(slug="arrivals", name="Arrivals", time_zone="UTC")
    now = datetime.now(UTC)
    rows = [
        {"id": f"1-{n}", "customer": "c1", "name": ODD if n % 3 else "Signed In", "at": at, "received_at": at, "properties": {"n": n}}
        for n in range(60)
        for at in [now - timedelta(hours=6 * n, minutes=1)]
    ]  # fmt: skip
    rows.append({"id": "imported", "customer": "c1", "name": "Signed In", "at": datetime(2020, 1, 1, tzinfo=UTC)})
    with Store.open(url) as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, "_store", store)
        store.append("events", rows, workspace=workspace.slug)
        store.append("events", [{**rows[0], "id": "other"}], workspace="another")
        odd, signed = seen_events(workspace).events
        assert (odd.name, odd.count, signed.count) == (ODD, 40, 21)
        assert (len(odd.days), odd.days[-1], odd.week) == (DAYS, 2, 18)
        assert signed.first == datetime(2020, 1, 1, tzinfo=UTC)
        assert [row["id"] for row in latest(workspace)] == [f"1-{n}" for n in range(50)]
        assert {row["name"] for row in latest(workspace, ODD)} == {ODD}
        looked = sample(workspace, ODD, 10)
        assert [(p.name, p.kind, p.filled, p.examples[:2]) for p in looked.properties] == [
            ("n", "integer", 10, ["1", "2"])
        ]
        assert set(by_ids(workspace, ["1-0", "nothing", "other"])) == {"1-0"}
