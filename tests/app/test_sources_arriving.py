"""Sources of events, what arrives, the tracking plan, and refused calls: pages and REST interface."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.errors import BadQuestion
from percorso.sources.arriving import actions, plans, queries
from percorso.sources.arriving.drawing import bars
from percorso.sources.arriving.latest import type_of
from percorso.sources.arriving.seen import seen_events
from percorso.sources.models import CallCount, PlannedEvent, RefusedCall, Source, Violation
from percorso.sources.tracking import loader, names
from percorso.sources.tracking.plan import Expected, violations_of
from percorso.sources.tracking.tally import KEPT_COUNTS, forget_old_counts
from percorso.sources.tracking.violations import MOST_A_DAY
from tests.app.api_client import Program
from tests.sites import Site

BUY = {"userId": "u1", "event": "Order Completed"}
HOME = "/w/acme/"


def text(client: Client, path: str, **asked: str) -> str:
    """Return a page's HTML."""
    answer = client.get(HOME + path, asked)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def bought(site: Site, *properties: dict[str, Any]) -> None:
    """Send orders with these properties, and load them."""
    for each in properties:
        site.send("track", {**BUY, "properties": each})
    loader.load()


# Sources


def test_a_source_is_made_and_says_how_to_send(alice: Client, site: Site) -> None:
    answer = alice.post(HOME + "sources/new/", {"name": "App"})
    made = Source.objects.get(name="App")
    assert answer.url == f"/w/acme/sources/{made.pk}/"
    page = text(alice, f"sources/{made.pk}/")
    assert page.count(made.key) >= 6
    assert "http://localhost/percorso.js" in page
    assert alice.post(HOME + "sources/new/", {"name": "App"}).status_code == 422
    assert AuditEntry.objects.filter(action="source_made", target="App").exists()


def test_who_has_no_source_is_told_what_to_do(alice: Client) -> None:
    assert "Nothing sends yet" in text(alice, "sources/")


def test_the_list_says_what_came_and_what_was_refused(alice: Client, site: Site) -> None:
    bought(site, {}, {})
    site.send("track", {"event": "Nobody"})
    loader.load()
    (row,) = alice.get(HOME + "sources/").context["rows"]
    assert (row["traffic"].day, row["traffic"].week, row["traffic"].refused) == (2, 2, 1)
    assert "Last heard" in text(alice, f"sources/{site.source.pk}/")


def test_a_source_gets_another_name_and_limit(alice: Client, site: Site) -> None:
    Source.objects.create(workspace=site.source.workspace, name="App", key="a" * 32)
    path = f"{HOME}sources/{site.source.pk}/"
    assert alice.post(path, {"name": "App", "rate": ""}).status_code == 422
    assert alice.post(path, {"name": "Store", "rate": "0"}).status_code == 422
    assert alice.post(path, {"name": "Store", "rate": "50"}).status_code == 302
    site.source.refresh_from_db()
    assert (site.source.name, site.source.rate) == ("Store", 50)


def test_a_revoked_key_opens_nothing(alice: Client, site: Site) -> None:
    assert site.send("track", BUY)[0] == 200
    alice.post(f"{HOME}sources/{site.source.pk}/revoke/")
    assert site.send("track", BUY)[0] == 401
    assert "Revoked" in text(alice, "sources/")


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_asks_as_often_whatever_its_length(
    alice: Client, site: Site, django_assert_num_queries: Any, n: int
) -> None:
    for i in range(n - 1):
        Source.objects.create(workspace=site.source.workspace, name=f"S{i}", key=f"{i}" * 32)
    with django_assert_num_queries(8):
        alice.get(HOME + "sources/")


def test_sources_of_others_are_not_there(charlie: Client, site: Site) -> None:
    assert charlie.get(f"/w/elsewhere/sources/{site.source.pk}/").status_code == 404
    assert charlie.get(f"{HOME}sources/").status_code == 404


# What arrives


def test_what_arrives_is_shown_with_who_and_what(alice: Client, site: Site) -> None:
    assert "Nothing arrived" in text(alice, "arriving/")
    bought(site, {"total": 12.5, "coupon": "WELCOME"})
    site.send("page", {"anonymousId": "d1", "properties": {"path": "/prices"}})
    loader.load()
    page = text(alice, "arriving/").partition('id="arriving"')[2]
    assert page.index("Page Viewed") < page.index("Order Completed")
    assert "/w/acme/customers/u1/" in page
    assert "WELCOME" in page
    assert "/prices" in page
    assert "Page Viewed" not in text(alice, "arriving/", event="Order Completed").partition('id="arriving"')[2]


def test_roles_without_personal_data_see_no_values(as_role: Callable[[str], Client], site: Site) -> None:
    bought(site, {"coupon": "WELCOME"})
    analyst = as_role("analyst")
    for path in ("arriving/", "arriving/event/?name=Order+Completed", "arriving/events/"):
        page = analyst.get(HOME + path).content.decode()
        assert "Order Completed" in page
        assert "WELCOME" not in page
        assert "u1" not in page.partition("<main")[2].replace("u1-", "")
    assert "coupon" in text(analyst, "arriving/")


def test_events_are_listed_by_how_often_they_came(alice: Client, site: Site) -> None:
    bought(site, {}, {}, {})
    site.send("track", {"userId": "u1", "event": "Signed In"})
    loader.load()
    rows = alice.get(HOME + "arriving/events/").context["rows"]
    assert [(row["event"].name, row["event"].count, row["event"].week) for row in rows] == [
        ("Order Completed", 3, 3), ("Signed In", 1, 1),
    ]  # fmt: skip
    assert rows[0]["event"].days[-1] == 3
    found = alice.get(HOME + "arriving/events/", {"q": "sign"}).context["rows"]
    assert [row["event"].name for row in found] == ["Signed In"]


def test_one_event_tells_its_properties_and_their_types(alice: Client, site: Site) -> None:
    bought(
        site,
        {"total": 12.5, "coupon": "A"},
        {"total": 3, "coupon": "B", "gift": True},
        {"total": "12,5"},
        {"total": None},
    )
    told = {
        p["name"]: p for p in alice.get(HOME + "arriving/event/", {"name": "Order Completed"}).context["properties"]
    }
    assert {name: p["filled"] for name, p in told.items()} == {"total": 0.75, "coupon": 0.5, "gift": 0.25}
    assert {kind for kind, _ in told["total"]["types"]} == {"Number", "Whole number", "Text"}
    assert set(told["coupon"]["examples"]) == {"A", "B"}
    assert alice.get(HOME + "arriving/event/", {"name": "Nothing"}).status_code == 404


@pytest.mark.parametrize(("value", "kind"), [
    ("a", "text"), ("2026-05-04", "instant"), ("2026-05-04T10:00:00Z", "instant"), (1, "integer"), (1.0, "integer"), (1.5, "number"),
    (True, "flag"), ([1], "list"), ({"a": 1}, "object"),
])  # fmt: skip
def test_the_type_of_a_value(value: Any, kind: str) -> None:
    assert type_of(value) == kind


def test_bars_that_are_not_nothing_can_be_seen() -> None:
    drawn = bars([0, 1, 1000])
    assert drawn.path == "M10 24v-2h7v2zM20 24v-24h7v24z"
    assert bars([0, 0]).path == ""


# The tracking plan


@pytest.mark.parametrize(("properties", "found"), [
    ({"total": 1.5, "id": "a"}, []),
    ({"total": 2, "id": "a", "more": 1, "context": {}}, [("unknown_property", "more")]),
    ({"total": "1.5"}, [("missing", "id"), ("wrong_type", "total")]),
    ({"total": True, "id": None}, [("missing", "id"), ("wrong_type", "total")]),
])  # fmt: skip
def test_what_is_not_as_planned(properties: dict[str, Any], found: list[tuple[str, str]]) -> None:
    plan = {"Order": Expected({"total": "number", "id": "text"}, frozenset({"id"}), closed=True)}
    assert list(violations_of(plan, "Order", json.dumps(properties))) == found


def test_events_that_clients_send_by_themselves_need_no_plan() -> None:
    assert list(violations_of({}, "Page Viewed", "{}")) == []
    assert list(violations_of({}, "Ordr", "{}")) == [("unknown_event", "")]


def test_an_event_is_planned_and_violations_are_counted(alice: Client, site: Site) -> None:
    bought(site, {"before": "the plan"})
    assert "There is no plan yet" in text(alice, "arriving/plan/")
    form = {
        "name": "Order Completed",
        "about": "paid",
        "property": ["total", "order_id", ""],
        "kind": ["number", "text", "any"],
        "required": ["1"],
    }
    assert alice.post(HOME + "arriving/plan/event/", form).status_code == 302
    bought(site, {"total": 5, "order_id": "o1"}, {"total": "5"}, {"total": "6", "order_id": "o3"})
    site.send("track", {"userId": "u1", "event": "Ordr Completed"})
    rows = site.events()
    # Nothing is refused for it.
    assert len(rows) == 5
    found = {(v["event"], v["kind"], v["property"]): v["n"] for v in queries.violations(site.source.workspace)}
    assert found == {
        ("Order Completed", "missing", "order_id"): 1, ("Order Completed", "wrong_type", "total"): 2,
        ("Ordr Completed", "unknown_event", ""): 1,
    }  # fmt: skip
    page = text(alice, "arriving/plan/")
    assert "Ordr Completed" in page
    assert "Property is of another type" in page
    told = alice.get(HOME + "arriving/event/", {"name": "Order Completed"}).context["violations"]
    assert dict(told[0]["seen"]["told"])["total"] == "6"
    assert "2 violations" not in text(alice, "arriving/events/")
    assert "3 violations" in text(alice, "arriving/events/")


def test_changing_an_event_of_the_plan_counts_anew(alice: Client, site: Site) -> None:
    plans.save_planned_event(site.source.workspace, plans.Planned(name="Order Completed", closed=True), by="a test")
    bought(site, {"total": 5})
    assert Violation.objects.count() == 1
    form = {"name": "Order Paid", "property": ["total"], "kind": ["number"]}
    assert alice.post(HOME + "arriving/plan/event/?was=Order+Completed", form).status_code == 302
    assert [row.name for row in PlannedEvent.objects.all()] == ["Order Paid"]
    alice.post(HOME + "arriving/plan/remove/", {"name": "Order Paid"})
    assert "There is no plan yet" in text(alice, "arriving/plan/")


@pytest.mark.parametrize("form", [
    {"name": ""}, {"name": "A", "property": ["x", "x"], "kind": ["text", "text"]}, {"name": "A", "property": ["x"], "kind": ["dance"]},
    {"name": "There"}, {"name": "A", "property": [f"p{n}" for n in range(201)], "kind": ["any"] * 201},
])  # fmt: skip
def test_a_plan_that_does_not_fit_is_told(alice: Client, members: Workspace, form: dict[str, Any]) -> None:
    plans.save_planned_event(members, plans.Planned(name="There"), by="a test")
    assert alice.post(HOME + "arriving/plan/event/", form).status_code == 422
    assert PlannedEvent.objects.count() == 1


def test_more_rows_keep_what_is_written(alice: Client, members: Workspace) -> None:
    form = {"name": "Order", "property": ["total"], "kind": ["number"], "do": "more"}
    page = alice.post(HOME + "arriving/plan/event/", form)
    assert page.status_code == 200
    assert 'value="total"' in page.content.decode()
    assert PlannedEvent.objects.count() == 0


def test_what_is_seen_is_taken_over(alice: Client, site: Site) -> None:
    bought(site, *({"total": n + 0.5, "coupon": "A"} if n else {"total": 1} for n in range(plans.SURE)))
    assert alice.post(HOME + "arriving/plan/seen/").status_code == 302
    (event,) = PlannedEvent.objects.all()
    assert event.properties == [
        {"name": "total", "kind": "number", "required": True}, {"name": "coupon", "kind": "text", "required": False},
    ]  # fmt: skip
    bought(site, {"total": 5})
    assert Violation.objects.count() == 0
    site.send("track", {"userId": "u1", "event": "New"})
    loader.load()
    alice.post(HOME + "arriving/plan/seen/", {"name": "New"})
    assert {row.name for row in PlannedEvent.objects.all()} == {"Order Completed", "New"}


def test_violations_made_up_without_end_are_counted_together(site: Site) -> None:
    plans.save_planned_event(site.source.workspace, plans.Planned(name="Order Completed", closed=True), by="a test")
    for start in range(0, 3000, 500):
        bought(site, {f"p{n}": 1 for n in range(start, start + 500)})
    assert Violation.objects.count() == MOST_A_DAY + 1
    assert sum(row.count for row in Violation.objects.all()) == 3000


def test_who_may_not_edit_sees_the_plan_and_changes_nothing(bob: Client, members: Workspace) -> None:
    plans.save_planned_event(members, plans.Planned(name="There"), by="a test")
    assert "Add an event" not in text(bob, "arriving/plan/")
    for path in ("plan/event/", "plan/remove/", "plan/seen/"):
        assert bob.post(f"{HOME}arriving/{path}", {"name": "There"}).status_code == 403


# Refused calls


def test_refused_calls_are_shown_with_the_reason(alice: Client, site: Site) -> None:
    assert "Nothing is kept" in text(alice, "sources/refused/")
    site.send("track", {"event": "Nobody", "properties": {"a": "<b>"}})
    site.send("batch", {"batch": [{"userId": "u1", "type": "dance"}]})
    loader.load()
    page = text(alice, "sources/refused/")
    assert "A call needs userId or anonymousId" in page
    assert "must be one of" in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    of_one = alice.get(HOME + "sources/refused/", {"source": str(site.source.pk), "reason": "unknown_type"})
    assert [call["row"].reason for call in of_one.context["calls"]] == ["unknown_type"]
    assert dict(of_one.context["today"]).keys() == {
        call["told"] for call in alice.get(HOME + "sources/refused/").context["calls"]
    }


def test_what_tells_who_somebody_is_is_masked(alice: Client, site: Site) -> None:
    site.send("track", {"event": "Nobody", "properties": {"email": "ana@example.com", "note": "x" * 9000}})
    loader.load()
    page = text(alice, "sources/refused/")
    assert "ana@example.com" not in page
    assert "x" * 4001 not in page


def test_old_counts_are_deleted(site: Site) -> None:
    bought(site, {})
    old = timezone.now() - timedelta(days=91)
    CallCount.objects.create(source=site.source, hour=old, count=5)
    Violation.objects.create(workspace=site.source.workspace, event="Old", kind="missing", day=old.date())
    assert forget_old_counts(KEPT_COUNTS) == 2
    assert CallCount.objects.get().count == 1


def test_a_refused_call_is_taken_once_the_reason_is_gone(
    alice: Client, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERCORSO_EVENT_NAMES", "1")
    names.forget_names()
    calls = [
        {**BUY, "type": "track"},
        {**BUY, "type": "track", "event": "Signed In", "timestamp": "2026-05-04T08:59:33Z"},
    ]
    site.send("batch", {"batch": calls, "sentAt": "2026-05-04T08:59:33Z", "context": {"locale": "it-IT"}})
    assert [row["name"] for row in site.events()] == ["Order Completed"]
    (kept,) = RefusedCall.objects.all()
    # Nothing has changed: it is refused still.
    alice.post(HOME + "sources/refused/replay/", {"call": str(kept.pk)})
    assert RefusedCall.objects.count() == 1
    monkeypatch.setenv("PERCORSO_EVENT_NAMES", "10")
    names.forget_names()
    for _ in range(2):
        alice.post(HOME + "sources/refused/replay/", {"source": str(site.source.pk), "reason": "too_many_names"})
    assert RefusedCall.objects.count() == 0
    (first, second) = sorted(site.events(), key=lambda row: str(row["name"]))
    assert second["name"] == "Signed In"
    assert json.loads(second["properties"])["context"]["locale"] == "it-IT"
    # It happened when it came, not when it was taken.
    assert abs((second["at"] - first["at"]).total_seconds()) < 1
    assert AuditEntry.objects.filter(action="calls_replayed", target="1").exists()


def test_a_call_that_is_taken_twice_counts_once(alice: Client, site: Site) -> None:
    kept = {"source": site.source, "reason": "too_many_names", "kind": "track", "body": json.dumps(BUY)}
    row = RefusedCall.objects.create(**kept)
    assert actions.replay_calls(site.source.workspace, RefusedCall.objects.all(), by="a test") == (1, 0)
    # As if the process had ended between the disk and the database.
    RefusedCall.objects.create(pk=row.pk, **kept)
    assert actions.replay_calls(site.source.workspace, RefusedCall.objects.all(), by="a test") == (1, 0)
    assert len(site.events()) == 1


def test_what_is_no_call_is_refused_still_and_can_be_removed(alice: Client, site: Site) -> None:
    site.send(
        "batch",
        {"batch": ["no object", {**BUY, "type": "track", "properties": {"a": "x" * 40_000}}, {"type": "dance"}]},
    )
    loader.load()
    assert actions.replay_calls(site.source.workspace, RefusedCall.objects.all(), by="a test") == (0, 3)
    alice.post(HOME + "sources/refused/remove/", {"source": str(site.source.pk), "reason": "too_large"})
    alice.post(HOME + "sources/refused/remove/", {"call": str(RefusedCall.objects.get(reason="not_json").pk)})
    assert [row.reason for row in RefusedCall.objects.all()] == ["unknown_type"]
    assert alice.post(HOME + "sources/refused/remove/", {}).status_code == 400


def test_a_full_disk_loses_no_refused_call(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    RefusedCall.objects.create(source=site.source, reason="too_many_names", kind="track", body=json.dumps(BUY))

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("percorso.sources.tracking.spool.os.fdatasync", full)
    with pytest.raises(BadQuestion):
        actions.replay_calls(site.source.workspace, RefusedCall.objects.all(), by="a test")
    assert RefusedCall.objects.count() == 1


def test_refused_calls_of_others_are_not_touched(charlie: Client, site: Site) -> None:
    row = RefusedCall.objects.create(source=site.source, reason="no_event", body="{}")
    asked = {"source": str(site.source.pk), "reason": "no_event"}
    for given in ({"call": str(row.pk)}, asked):
        for what in ("replay", "remove"):
            charlie.post(f"/w/elsewhere/sources/refused/{what}/", given)
    assert RefusedCall.objects.count() == 1
    assert charlie.get("/w/elsewhere/sources/refused/", asked).context["page"].paginator.count == 0


@pytest.mark.parametrize("n", [1, 3])
def test_the_refused_are_asked_for_as_often_whatever_their_number(
    alice: Client, site: Site, django_assert_num_queries: Any, n: int
) -> None:
    for _ in range(n):
        RefusedCall.objects.create(source=site.source, reason="no_event", body="{}")
    with django_assert_num_queries(9):
        alice.get(HOME + "sources/refused/")


# The REST interface


def test_programs_read_and_write_the_plan(members: Workspace, alice_person: Person, site: Site) -> None:
    program = Program(members, alice_person)
    plan = {
        "events": [
            {
                "name": "Order Completed",
                "about": "",
                "closed": True,
                "properties": [{"name": "total", "kind": "number", "required": True}],
            }
        ]
    }
    assert program.ask("PUT", "/tracking/plan", plan).status_code == 200
    assert program.get("/tracking/plan").json() == plan
    bought(site, {"total": "5"}, {"total": 5})
    (seen,) = program.get("/tracking/events").json()["items"]
    assert (seen["count"], seen["planned"], seen["violations"]) == (2, True, {"wrong_type": 1})
    # What stays as it was keeps its violations.
    assert program.ask("PUT", "/tracking/plan", {"events": [*plan["events"], {"name": "New"}]}).status_code == 200
    assert Violation.objects.count() == 1
    twice = {"events": [{"name": "A"}, {"name": "A"}]}
    assert program.ask("PUT", "/tracking/plan", twice).status_code == 422
    assert program.ask("PUT", "/tracking/plan", {"events": [{"name": "A", "dance": 1}]}).status_code == 422
    assert program.ask("PUT", "/tracking/plan", {"events": []}).json() == {"events": []}


def test_programs_make_sources(members: Workspace, alice_person: Person, site: Site) -> None:
    program = Program(members, alice_person)
    made = program.post("/tracking/sources", {"name": "App"})
    assert made.status_code == 201
    assert program.post("/tracking/sources", {"name": "App"}).status_code == 409
    bought(site, {})
    listed = program.get("/tracking/sources").json()["items"]
    assert [(one["name"], one["taken"]) for one in listed] == [("Shop", 1), ("App", 0)]


def test_counts_are_kept_while_the_facts_are_the_same(site: Site) -> None:
    bought(site, {})
    first = seen_events(site.source.workspace)
    assert seen_events(site.source.workspace) is first
    bought(site, {})
    assert seen_events(site.source.workspace).events[0].count == 2
