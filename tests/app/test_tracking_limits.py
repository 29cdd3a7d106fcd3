"""What must not harm: bombs, floods, endless names, wrong clocks, odd bytes. It is refused with the reason, counted; the rest is kept."""

import base64
import gzip
import json
import tracemalloc
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from percorso.sources.models import CallCount, RefusedCall, Source
from percorso.sources.tracking import endpoint, loader, names, rate, reading, spool
from percorso.sources.tracking.keys import forget_keys
from percorso.sources.tracking.rows import Row
from tests.sites import Site

HELLO = {"userId": "u77", "event": "Hello"}
DEEP = b'{"userId":"u1","event":"Deep","properties":' + b"[" * 15_000 + b"]" * 15_000 + b"}"


def counts() -> dict[tuple[str, str], int]:
    """Return how many calls were counted by source and outcome."""
    loader.load()
    found = Counter[tuple[str, str]]()
    for row in CallCount.objects.select_related("source"):
        found[row.source.name if row.source else "nobody", row.outcome] += row.count
    return dict(found)


def test_calls_are_counted_by_what_became_of_them(site: Site) -> None:
    site.send("track", HELLO)
    site.send("identify", {"userId": "u1"})
    site.send("batch", {"batch": [{**HELLO, "type": "track"}, {"type": "track", "event": "Nobody"}]})
    assert counts() == {("Shop", ""): 3, ("Shop", "no_identity"): 1}
    site.send("track", {"event": "Nobody"})
    assert counts() == {("Shop", ""): 3, ("Shop", "no_identity"): 2}


def test_requests_that_are_refused_as_a_whole_are_counted_too(site: Site) -> None:
    key = json.dumps({"writeKey": site.source.key})[1:-1].encode()
    site.send("track", b"{" + key + b",broken")
    site.send("track", b"{" + key + b'," ":"' + b" " * 600_000)
    site.send("batch", {"nothing": 1})
    site.send("track", b"broken, and of nobody")
    site.send("track", {**HELLO, "writeKey": "another"})
    site.send("dance", HELLO)
    assert counts() == {
        ("Shop", "not_json"): 1,
        ("Shop", "too_large"): 1,
        ("Shop", "no_batch"): 1,
        ("nobody", "not_json"): 1,
        ("nobody", "unknown_key"): 1,
    }


def test_a_body_that_is_broken_is_kept_for_a_look(site: Site) -> None:
    site.send("track", b'{"writeKey": "' + site.source.key.encode() + b'", broken \xff')
    loader.load()
    kept = RefusedCall.objects.get()
    assert (kept.reason, kept.kind) == ("not_json", "track")
    assert "broken" in json.loads(kept.body)


def test_a_source_may_make_so_many_requests_a_second(site: Site) -> None:
    Source.objects.update(rate=2)
    forget_keys()
    answers = [site.send("track", HELLO)[0] for _ in range(2 * rate.BURST_SECONDS + 3)]
    assert answers[: 2 * rate.BURST_SECONDS] == [200] * (2 * rate.BURST_SECONDS)
    status, told = site.send("track", HELLO)
    assert (status, told["code"], site.headers["Retry-After"]) == (429, "too_many_requests", "1")
    other = Site(Source.objects.create(workspace=site.source.workspace, name="Other", key="o" * 32))
    assert other.send("track", HELLO)[0] == 200
    assert counts()["Shop", "too_many_requests"] >= 1


def test_a_bucket_fills_again() -> None:
    buckets = rate.Buckets()
    assert [buckets.wait(1, 2, now=0.0) for _ in range(11)] == [0] * 10 + [1]
    assert [buckets.wait(1, 2, now=0.6) for _ in range(2)] == [0, 1]
    assert [buckets.wait(1, 2, now=100.0) for _ in range(11)] == [0] * 10 + [1]
    assert [buckets.wait(2, 1, now=100.0) for _ in range(6)] == [0] * 5 + [1]


def test_the_server_says_how_much_where_a_source_does_not(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERCORSO_SOURCE_REQUESTS", "1")
    monkeypatch.setattr(endpoint, "_buckets", rate.Buckets())
    assert [site.send("track", HELLO)[0] for _ in range(rate.BURST_SECONDS + 1)][-1] == 429


def test_a_million_names_are_not_kept(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERCORSO_EVENT_NAMES", "50")
    names.forget_names()
    refused = 0
    for start in range(0, 2000, 500):
        calls = [{"type": "track", "userId": "u1", "event": f"Order {n}"} for n in range(start, start + 500)]
        status, told = site.send("batch", {"batch": calls})
        assert status == 200
        refused += sum(one["code"] == "too_many_names" for one in told.get("rejected", []))
    assert refused == 1950
    # Those that are known go on, also for a process that starts anew.
    names.forget_names()
    assert len({row["name"] for row in site.events()}) == 50
    assert site.send("track", {**HELLO, "event": "Order 3"})[1] == {"success": True}
    assert site.send("track", {**HELLO, "event": "Order 1000"})[1]["rejected"][0]["code"] == "too_many_names"
    assert site.send("page", {"userId": "u1"})[1] == {"success": True}
    assert counts()["Shop", "too_many_names"] == 1951


def test_of_refused_calls_the_newest_are_kept(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "MOST_REFUSED", 5)
    site.send("batch", {"batch": [{"type": "track", "event": f"Nobody {n}"} for n in range(20)]})
    loader.load()
    site.send("track", {"event": "Nobody 20"})
    loader.load()
    assert [json.loads(row.body)["event"] for row in RefusedCall.objects.order_by("pk")] == [
        f"Nobody {n}" for n in range(16, 21)
    ]
    assert counts()["Shop", "no_identity"] == 21


@pytest.mark.parametrize(("call", "at"), [
    ({"timestamp": "2025-05-04T12:00:00Z"}, "2025-05-04T12:00"),  # a year ago: it may have been
    ({"timestamp": "2027-05-04T12:00:00Z"}, "2026-05-04T12:00"),  # in a year: it came now
    ({"timestamp": "2025-05-04T11:00:00Z", "sentAt": "2025-05-04T11:00:10Z"}, "2026-05-04T11:59:50"),  # a clock a year late
    ({"timestamp": "2027-05-04T11:00:00Z", "sentAt": "2027-05-04T11:00:10Z"}, "2026-05-04T11:59:50"),  # a year ahead
    ({"timestamp": "0001-01-01T00:00:00Z", "sentAt": "9999-12-31T23:59:59Z"}, "2026-05-04T12:00"),
    ({"timestamp": "9999-12-31T23:59:59-14:00", "sentAt": "0001-01-01T00:00:00+14:00"}, "2026-05-04T12:00"),
    ({"timestamp": "0001-01-01T00:00:00+23:00"}, "2026-05-04T12:00"),
    ({"timestamp": "1969-12-31T23:59:59Z"}, "2026-05-04T12:00"),
    ({"timestamp": 1e300}, "2026-05-04T12:00"),
])  # fmt: skip
def test_a_clock_that_is_a_year_off(site: Site, monkeypatch: pytest.MonkeyPatch, call: dict[str, Any], at: str) -> None:
    received = datetime(2026, 5, 4, 12, tzinfo=UTC)
    monkeypatch.setattr(endpoint.time, "time", received.timestamp)
    site.send("track", {**HELLO, **call})
    assert [row["at"] for row in site.events()] == [datetime.fromisoformat(at)]


def test_a_batch_that_is_sent_again_counts_once(site: Site) -> None:
    batch = {"batch": [{**HELLO, "type": "track", "messageId": f"m{n}"} for n in range(50)]}
    for _ in range(3):
        assert site.send("batch", batch)[0] == 200
        assert len(site.events()) == 50


@pytest.mark.parametrize("call", [
    DEEP,
    b'{"userId":"u1","event":"Odd","properties":{"a":"\xff\xfe"}}',
    b'{"userId":"u1","event":"Odd","properties":{"a":"\\ud800"}}',
    b'{"userId":"u1","event":"Odd","properties":{"path":' + b"9" * 400 + b"}}",
    b'{"userId":"u1","event":"Odd","context":{"page":[1]}}',
    b'{"userId":"u1","event":"Odd","context":{"traits":"none"}}',
])  # fmt: skip
def test_what_cannot_be_read_holds_up_nothing(site: Site, call: bytes) -> None:
    basic = {"HTTP_AUTHORIZATION": "Basic " + _basic(site.source.key)}
    site.send("track", HELLO)
    assert site.send("track", call, **basic)[0] in (200, 400)
    site.send("track", {**HELLO, "event": "After"})
    assert {row["name"] for row in site.events()} - {"Odd"} == {"Hello", "After"}
    assert len(site.events(name="Odd")) + RefusedCall.objects.count() == 1
    assert list(spool.spool().folder.iterdir()) == []


def test_a_call_that_is_nested_too_deeply_takes_no_other_with_it(site: Site) -> None:
    calls = [
        b'{"type":"track","userId":"u1","event":"Hello [{"}',
        DEEP,
        b'{"type":"page","userId":"u1","properties":{"path":"]\\""}}',
    ]
    body = (
        b'{"writeKey":"'
        + site.source.key.encode()
        + b'","batch":['
        + b",".join(calls)
        + b'],"context":{"locale":"it"}}'
    )
    status, told = site.send("batch", body)
    assert (status, [(one["index"], one["code"]) for one in told["rejected"]]) == (200, [(1, "not_json")])
    assert sorted(row["name"] for row in site.events()) == ["Hello [{", "Page Viewed"]
    assert '"event' in json.loads(json.loads(RefusedCall.objects.get().body))


@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b'{"batch":' + b"[" * 200_000, b'{"batch":[' + b'{"a":' * 50_000 + b"1"]
)
def test_depth_without_end_is_refused(site: Site, body: bytes) -> None:
    assert site.send("batch", body)[1]["code"] == "not_json"


def test_what_no_text_may_hold_is_left_out(site: Site) -> None:
    site.send("track", {"userId": "u\0 1", "event": "Hel\0lo", "properties": {"path": "/a\0b"}})
    (row,) = site.events()
    assert (row["identity"], row["name"], row["page"]) == ("u 1", "Hello", "/ab")


def test_lines_inside_of_a_batch_break_no_line(site: Site) -> None:
    calls = {"writeKey": site.source.key, "context": {"locale": "it-IT"}, "batch": [{**HELLO, "type": "track"}]}
    assert site.send("batch", json.dumps(calls, indent=2).encode())[0] == 200
    assert [json.loads(row["properties"])["context"]["locale"] for row in site.events()] == ["it-IT"]


def test_one_call_that_was_not_foreseen_holds_up_no_other(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    real = reading.table_of

    def table_of(rows: list[Row]) -> Any:
        if any(row.name == "Poison" for row in rows):
            raise ValueError("not foreseen")
        return real(rows)

    monkeypatch.setattr(reading, "table_of", table_of)
    for name in ("One", "Two", "Poison", "Three", "Four"):
        site.send("track", {**HELLO, "event": name})
    assert {row["name"] for row in site.events()} == {"One", "Two", "Three", "Four"}
    assert [(row.reason, row.detail) for row in RefusedCall.objects.all()] == [("unreadable", "not foreseen")]


def test_when_nothing_can_be_loaded_all_is_kept_for_later(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(loader.MOST_ALONE + 5):
        site.send("track", {**HELLO, "messageId": f"m{n}"})

    def broken(*_: object) -> None:
        raise TypeError("a mistake of ours")

    with monkeypatch.context() as failing:
        failing.setattr(reading, "table_of", broken)
        with pytest.raises(TypeError):
            loader.load()
    assert len(site.events()) == loader.MOST_ALONE + 5


def test_bombs_cost_little(site: Site) -> None:
    bomb = gzip.compress(b'{"userId":"u1","event":"' + b"x" * 200_000_000 + b'"}', mtime=0)
    tracemalloc.start()
    try:
        assert site.send("track", bomb, HTTP_CONTENT_ENCODING="gzip")[1]["code"] == "too_large"
        assert site.send("batch", gzip.compress(bomb, mtime=0), HTTP_CONTENT_ENCODING="gzip")[1]["code"] == "not_json"
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("length", ["-1", "many", "1e3"])
def test_a_length_that_is_none_is_refused(site: Site, length: str) -> None:
    assert site.send("track", HELLO, CONTENT_LENGTH=length)[1]["code"] == "bad_length"


def test_the_spool_is_bounded(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "_spool", spool.Spool(tmp_path / "spool", most_bytes=20_000))
    answers = [site.send("track", HELLO)[0] for _ in range(500)]
    assert set(answers) == {200, 429}
    assert sum(path.stat().st_size for path in (tmp_path / "spool").iterdir()) < 25_000
    assert counts()["Shop", "full"] == answers.count(429)
    assert len(site.events()) == answers.count(200)


def _basic(key: str) -> str:
    return base64.b64encode(f"{key}:".encode()).decode()
