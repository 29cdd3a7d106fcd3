"""While many calls come, a process of its own reads them: nothing else is told by it, and nothing lost when it ends."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from percorso.customers.models import Identity
from percorso.sources.models import CallCount, RefusedCall
from percorso.sources.tracking import loader, reader
from percorso.sources.tracking.reader import Piece, Reader, pieces_of
from percorso.sources.tracking.tally import tally
from tests.sites import Site

CALLS: list[dict[str, Any]] = [
    {"type": "track", "userId": "u1", "event": "Hello", "properties": {"path": "/a"}},
    {"type": "page", "userId": "u1", "anonymousId": "d1", "context": {"page": {"path": "/b"}}},
    {"type": "track", "anonymousId": "d1", "event": "Before", "timestamp": "2026-01-02T03:04:05Z"},
    {"type": "track", "event": "Nobody"},
    {"type": "track", "userId": "u2", "event": "Odd", "context": {"page": [1]}},
    {"type": "identify", "userId": "u2", "traits": {"email": "Ana@example.com"}},
    {"type": "alias", "userId": "u2", "previousId": "old"},
]


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """A reader for whom everything is much, in pieces of a line or two."""
    # What another test's requests were counted as and was not written down.
    tally._counts.clear()
    monkeypatch.setattr(loader, "MUCH_BYTES", 0)
    monkeypatch.setattr(reader, "PIECE_BYTES", 300)
    made = Reader()
    yield made
    made.close()


def kept(site: Site) -> tuple[object, ...]:
    """Return all that became of the calls, without what differs from one time to the next."""
    rows = [{name: row[name] for name in ("id", "identity", "customer", "name", "page", "channel", "properties")} for row in site.events()]  # fmt: skip
    refused = [(row.reason, row.detail, row.kind, json.loads(row.body)) for row in RefusedCall.objects.order_by("pk")]
    counts = sorted(CallCount.objects.values_list("outcome", "count"))
    return sorted(rows, key=str), sorted(refused, key=str), counts, sorted(Identity.objects.values_list("value", "customer"))  # fmt: skip


def send(site: Site) -> None:
    site.send("batch", {"batch": [{**call, "messageId": f"m{n}"} for n, call in enumerate(CALLS)]})


def test_both_ways_of_reading_give_the_same(site: Site, helper: Reader) -> None:
    send(site)
    assert loader.load(reader=helper) == len(CALLS)
    one = kept(site)
    assert helper._process is not None
    Identity.objects.all().delete()
    RefusedCall.objects.all().delete()
    CallCount.objects.all().delete()
    send(site)
    assert loader.load() == len(CALLS)
    assert kept(site) == one
    assert {row["customer"] for row in site.events(name="Before")} == {"u1"}


def test_a_process_that_ends_is_done_without_and_started_again(site: Site, helper: Reader) -> None:
    send(site)
    loader.load(reader=helper)
    first = helper._process
    assert first is not None
    first.kill()
    first.wait()
    site.send("track", {"userId": "u9", "event": "After"})
    assert loader.load(reader=helper) == 1
    site.send("track", {"userId": "u9", "event": "Again"})
    loader.load(reader=helper)
    assert helper._process not in (None, first)
    assert {"After", "Again"} <= {row["name"] for row in site.events()}


def test_a_piece_that_cannot_be_stored_is_loaded_call_by_call(
    site: Site, helper: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = loader._store

    def store(workspace: str, made: Any) -> None:
        if made.events is not None and "Hello" in made.events["name"].to_pylist():
            raise ValueError("not foreseen")
        real(workspace, made)

    monkeypatch.setattr(loader, "_store", store)
    monkeypatch.setattr(reader, "PIECE_BYTES", 1 << 20)
    send(site)
    loader.load(reader=helper)
    assert {row["name"] for row in site.events()} == {"Page Viewed", "Before"}
    assert ("unreadable", "not foreseen") in {(row.reason, row.detail) for row in RefusedCall.objects.all()}


def test_nothing_is_lost_when_storing_is_broken_off(
    site: Site, helper: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, times = loader._store, []

    def store(workspace: str, made: Any) -> None:
        times.append(workspace)
        if len(times) == 2:
            raise OSError("the disk is full")
        real(workspace, made)

    monkeypatch.setattr(loader, "_store", store)
    send(site)
    with pytest.raises(OSError, match="disk is full"):
        loader.load(reader=helper)
    site.send("track", {"userId": "u9", "event": "After"})
    loader.load(reader=helper)
    assert [row["name"] for row in site.events()].count("Page Viewed") == 1
    assert {row["name"] for row in site.events()} == {"Hello", "Page Viewed", "Before", "After"}


def test_pieces_hold_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PIECE_BYTES", 100)
    path = tmp_path / "1.ready"
    lines = [f'{{"workspace":"w{n % 2}","source":{n},"received":1.5,"call":{{"n":"{"x" * n}"}}}}\n' for n in range(50)]
    path.write_text("".join(lines) + '{"workspace":"w0","cut')
    pieces = list(pieces_of(path))
    assert len(pieces) > 10
    assert all(isinstance(piece, Piece) for piece in pieces)
    read = [line.source for piece in pieces for own in piece.lines().values() for line in own]
    assert sorted(read) == list(range(50))


def test_a_process_that_has_nothing_to_do_ends(site: Site, helper: Reader) -> None:
    send(site)
    loader.load(reader=helper)
    helper.rest()
    assert helper._process is not None
    helper.idle_seconds = 0.0
    helper.rest()
    assert helper._process is None
