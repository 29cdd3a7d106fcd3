"""Segment's tracking API: what clients send becomes events of the right customer; what cannot be taken is told and kept."""

import base64
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from percorso.customers.forgetting import forget_customer
from percorso.customers.models import Identity, IdentityClaim
from percorso.sources.models import RefusedCall, Source
from percorso.sources.tracking import endpoint, spool
from percorso.sources.tracking.keys import forget_keys
from tests.sites import Site

HELLO = {"userId": "u77", "event": "Hello"}


def utc(text: str) -> datetime:
    """Return an instant as the store has it."""
    return datetime.fromisoformat(text)


def test_an_event_is_there_as_it_was_sent(site: Site) -> None:
    sent = {
        "userId": "u77", "event": " Product Added ", "messageId": "m1", "properties": {"cart_id": "c1", "touchpoint": "shop"},
        "timestamp": "2026-05-04T10:00:00-03:00",
        "context": {"page": {"path": "/drill"}, "userAgent": "Mozilla (iPhone) Mobile", "library": {"name": "analytics.js"}, "locale": "it-IT", "ip": "10.1.1.1"},
    }  # fmt: skip
    assert site.send("track", sent) == (200, {"success": True})
    (row,) = site.events()
    kept = {
        name: row[name] for name in ("name", "identity", "customer", "page", "device", "channel", "touchpoint", "at")
    }
    assert kept == {
        "name": "Product Added", "identity": "u77", "customer": "u77", "page": "/drill", "device": "mobile",
        "channel": "web", "touchpoint": "shop", "at": utc("2026-05-04T13:00"),
    }  # fmt: skip
    properties = json.loads(row["properties"])
    assert (properties["cart_id"], properties["context"]["locale"]) == ("c1", "it-IT")
    assert "10.1.1.1" not in row["properties"]


@pytest.mark.parametrize(("name", "what", "kept"), [
    ("page", {"name": "Home", "properties": {"url": "https://x.it/a"}}, {"name": "Page Viewed", "page": "https://x.it/a"}),
    ("p", {"properties": {"path": "/a"}}, {"name": "Page Viewed", "page": "/a"}),
    ("screen", {"name": "Basket"}, {"name": "Screen Viewed", "page": "Basket"}),
])  # fmt: skip
def test_pages_and_screens_are_events(site: Site, name: str, what: dict[str, Any], kept: dict[str, str]) -> None:
    assert site.send(name, {"anonymousId": "d1", **what})[0] == 200
    (row,) = site.events()
    assert {column: row[column] for column in kept} == kept


def test_a_clock_that_is_wrong_is_put_right(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    # The vector of the conventions, 4.1.
    received = datetime(2026, 5, 4, 12, 0, 5, tzinfo=UTC)
    monkeypatch.setattr(endpoint.time, "time", received.timestamp)
    site.send("track", {**HELLO, "sentAt": "2026-05-04T09:00:03Z", "timestamp": "2026-05-04T08:59:33Z"})
    site.send(
        "batch",
        {"batch": [{**HELLO, "type": "track", "timestamp": "2026-05-04T08:59:33Z"}], "sentAt": "2026-05-04T09:00:03Z"},
    )
    site.send("track", {**HELLO, "timestamp": "2027-05-04T08:59:33Z"})
    site.send("track", {**HELLO, "timestamp": "yesterday"})
    skewed, told = utc("2026-05-04T11:59:35"), utc("2026-05-04T12:00:05")
    assert [row["at"] for row in site.events()] == [skewed, skewed, told, told]


def test_a_message_counts_once_for_good(site: Site) -> None:
    for _ in range(3):
        site.send("track", {**HELLO, "messageId": "m1"})
        assert len(site.events()) == 1
    # Without an id of its own nothing says that two are one.
    site.send("track", HELLO)
    site.send("track", HELLO)
    assert len(site.events()) == 3


def test_the_rest_of_a_batch_is_kept(site: Site) -> None:
    calls = [
        {**HELLO, "type": "track"}, {"type": "track", "event": "Nobody"}, {"userId": "u1", "type": "track"}, {"userId": "u1", "type": "dance"},
        "no object", {"userId": ["u1"], "type": "page"}, {"userId": "u1", "type": "track", "event": "x" * 40_000}, {"type": "group", "userId": "u1"},
        {"type": "alias", "userId": "u1"}, {**HELLO, "type": "track", "messageId": "m" * 101}, {**HELLO, "type": "track", "properties": "none"},
    ]  # fmt: skip
    status, told = site.send("batch", {"batch": calls})
    assert status == 200
    assert [(one["index"], one["code"]) for one in told["rejected"]] == [
        (1, "no_identity"), (2, "no_event"), (3, "unknown_type"), (4, "not_json"), (5, "not_json"), (6, "too_large"),
        (7, "no_group"), (8, "no_previous"), (9, "bad_message_id"),
    ]  # fmt: skip
    assert [row["name"] for row in site.events()] == ["Hello"]
    assert RefusedCall.objects.count() == 10
    unreadable = RefusedCall.objects.get(reason__startswith="unreadable")
    assert json.loads(unreadable.body)["properties"] == "none"


@pytest.mark.parametrize(("what", "environ", "status", "code"), [
    (b"{broken", {}, 400, "not_json"),
    (b"[1]", {}, 400, "not_json"),
    (b"\xff\xfe", {}, 400, "not_json"),
    (b" " * 600_000, {}, 400, "too_large"),
    ({"writeKey": "another", **HELLO}, {}, 401, "unknown_key"),
    ({"writeKey": "", **HELLO}, {}, 401, "unknown_key"),
    (HELLO, {"HTTP_AUTHORIZATION": "Basic !"}, 401, "unknown_key"),
    (HELLO, {"PATH_INFO": "/v1/dance"}, 404, "unknown_path"),
    (HELLO, {"REQUEST_METHOD": "GET"}, 405, "post_only"),
    (gzip.compress(b" " * 50_000_000, mtime=0), {"HTTP_CONTENT_ENCODING": "gzip"}, 400, "too_large"),
    (b"no gzip", {"HTTP_CONTENT_ENCODING": "gzip"}, 400, "bad_gzip"),
    (gzip.compress(b'{"userId":"u1"}', mtime=0)[:-9], {"HTTP_CONTENT_ENCODING": "gzip"}, 400, "bad_gzip"),
    (b"{}", {"HTTP_CONTENT_ENCODING": "br"}, 400, "unknown_encoding"),
])  # fmt: skip
def test_what_cannot_be_read_is_refused_with_the_reason(
    site: Site, what: Any, environ: dict[str, Any], status: int, code: str
) -> None:
    found, told = site.send("track", what, **environ)
    assert (found, told["code"], told["success"]) == (status, code, False)
    assert told["message"]
    assert site.events() == []


def test_keys_come_in_both_forms_and_end(site: Site) -> None:
    basic = "Basic " + base64.b64encode(f"{site.source.key}:".encode()).decode()
    packed = gzip.compress(json.dumps(HELLO).encode())
    assert (
        site.send(
            "track", packed, HTTP_AUTHORIZATION=basic, HTTP_CONTENT_ENCODING="gzip", CONTENT_LENGTH=str(len(packed))
        )[0]
        == 200
    )
    Source.objects.update(revoked_at="2026-01-01T00:00Z")
    forget_keys()
    assert site.send("track", HELLO)[0] == 401


def test_browsers_of_other_sites_may_send(site: Site) -> None:
    assert site.send("t", b"", REQUEST_METHOD="OPTIONS")[0] == 204
    assert site.headers["Access-Control-Allow-Origin"] == "*"
    asked = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": f"/v1/projects/{site.source.key}/settings",
        "HTTP_HOST": "cx.example.com",
    }
    status, told = site.send("", b"", **asked)
    assert (status, told["integrations"]["Segment.io"]["apiHost"]) == (200, "cx.example.com/v1")


def test_a_visitor_becomes_the_customer_who_signs_in(site: Site) -> None:
    site.send("page", {"anonymousId": "d1"})
    assert site.customers() == {"anonymous:d1": "anonymous:d1"}
    site.send("identify", {"anonymousId": "d1", "userId": "u1", "traits": {"email": "Ana@Example.com"}})
    site.send("page", {"anonymousId": "d1"})
    assert site.customers() == {"anonymous:d1": "u1"}
    assert dict(Identity.objects.values_list("value", "customer")) == dict.fromkeys(
        ("u1", "anonymous:d1", "email:ana@example.com"), "u1"
    )


def test_a_device_of_two_people_belongs_to_neither(site: Site) -> None:
    for user in ("u1", "u2"):
        site.send("page", {"anonymousId": "d1"})
        site.send("track", {"anonymousId": "d1", "userId": user, "event": "Signed In"})
    assert site.customers() == {"anonymous:d1": "anonymous:d1", "u1": "u1", "u2": "u2"}


def test_of_who_is_forgotten_no_identity_is_left(site: Site) -> None:
    for user in ("u1", "u2"):
        site.send("identify", {"anonymousId": f"d-{user}", "userId": user, "traits": {"email": f"{user}@example.com"}})
    site.events()
    forget_customer(site.source.workspace, "u1", by="a test", reason="asked by mail")
    assert set(Identity.objects.values_list("value", flat=True)) == {"u2", "anonymous:d-u2", "email:u2@example.com"}
    assert not IdentityClaim.objects.filter(one="u1").exists()


def test_an_alias_makes_one_of_two(site: Site) -> None:
    site.send("track", {**HELLO, "userId": "old"})
    site.send("page", {"anonymousId": "d1"})
    site.send("alias", {"previousId": "old", "userId": "new"})
    site.send("alias", {"previousId": "d1", "userId": "new"})
    assert set(site.customers().values()) == {"new"}


def test_a_full_spool_asks_to_wait(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "_spool", spool.Spool(tmp_path / "spool", most_bytes=100))
    assert site.send("track", HELLO)[0] == 200
    status, told = site.send("track", HELLO)
    assert (status, told["code"], site.headers["Retry-After"]) == (429, "full", "5")
    assert len(site.events()) == 1
    assert site.send("track", HELLO)[0] == 200


def test_a_disk_that_fails_acknowledges_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.send("track", {**HELLO, "messageId": "m1"})

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as failing:
        failing.setattr(spool.os, "fdatasync", full)
        status, told = site.send("track", {**HELLO, "messageId": "m2"})
        assert (status, told["code"], site.headers["Retry-After"]) == (503, "not_kept", "5")
    site.send("track", {**HELLO, "messageId": "m3"})
    assert {row["id"].partition("-")[2] for row in site.events()} >= {"m1", "m3"}


def test_a_line_that_a_crash_cut_off_does_not_stop_the_rest(site: Site, tmp_path: Path) -> None:
    site.send("track", HELLO)
    spool.spool().turn()
    (file,) = (tmp_path / "spool").iterdir()
    whole = file.read_bytes()
    file.rename(file.with_suffix(spool.WRITING))
    with file.with_suffix(spool.WRITING).open("ab") as left:
        left.write(b"no line\n" + whole.replace(b"Hello", b"Again").replace(b'"id":"', b'"id":"2') + whole[:40])
    assert sorted(row["name"] for row in site.events()) == ["Again", "Hello"]
    assert list((tmp_path / "spool").iterdir()) == []
