"""One refused call: its page, mending it and sending it again, discarding it; and the same for programs."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.sources.arriving import actions
from percorso.sources.arriving.layout import readable
from percorso.sources.models import RefusedCall, Source
from percorso.sources.tracking import loader, names
from tests.app.api_client import Program
from tests.sites import Site

HOME = "/w/acme/sources/refused/"
BUY = {"userId": "u1", "event": "Order Completed", "messageId": "m-1"}


def kept(site: Site, what: dict[str, Any] | bytes, name: str = "track") -> RefusedCall:
    """Send what is refused, and return how it is kept."""
    site.send(name, what)
    loader.load()
    return RefusedCall.objects.latest("pk")


def send(client: Client, call: RefusedCall, text: str | dict[str, Any]) -> Any:
    body = text if isinstance(text, str) else json.dumps(text, indent=2)
    return client.post(f"{HOME}{call.pk}/", {"body": body})


def errors(answer: Any) -> str:
    """Return what stands beside the field of an answer that refuses."""
    assert answer.status_code == 422, answer.status_code
    return " ".join(answer.context["form"].errors["body"])


# The page


def test_it_says_why_where_from_and_what_came(alice: Client, site: Site) -> None:
    call = kept(site, {"event": "Order Completed", "messageId": "m-7", "properties": {"email": "ana@example.com", "total": 12.50}})  # fmt: skip
    page = alice.get(f"{HOME}{call.pk}/").content.decode()
    for told in ("A call needs userId or anonymousId", "Shop", "/v1/track", "m-7", "ana@example.com"):
        assert told in page
    assert f"/w/acme/sources/{site.source.pk}/" in page
    assert "\n  &quot;properties&quot;: {\n    &quot;email&quot;" in page
    assert f"{HOME}{call.pk}/" in alice.get(HOME).content.decode()


@pytest.mark.parametrize("role", ["analyst", "viewer"])
def test_who_may_not_edit_does_not_see_it(as_role: Callable[[str], Client], site: Site, role: str) -> None:
    call = kept(site, {"event": "E", "properties": {"email": "ana@example.com"}})
    assert as_role(role).get(f"{HOME}{call.pk}/").status_code == 403
    assert send(as_role(role), call, BUY).status_code == 403


def test_calls_of_others_are_not_there(charlie: Client, site: Site) -> None:
    call = kept(site, {"event": "E"})
    assert charlie.get(f"/w/elsewhere/sources/refused/{call.pk}/").status_code == 404
    assert charlie.post(f"/w/elsewhere/sources/refused/{call.pk}/", {"body": json.dumps(BUY)}).status_code == 404
    assert RefusedCall.objects.count() == 1


def test_what_its_batch_said_is_shown(alice: Client, site: Site) -> None:
    batch = {"batch": [{"type": "dance"}], "sentAt": "2026-05-04T08:59:33Z", "context": {"locale": "it-IT"}}
    page = alice.get(f"{HOME}{kept(site, batch, 'batch').pk}/").content.decode()
    assert "/v1/batch" in page
    assert "2026-05-04T08:59:33Z" in page
    assert "it-IT" in page


def test_numbers_are_shown_as_they_came_and_letters_without_escapes() -> None:
    shown = readable('{"a":12.50,"n":12345678901234567890123,"t":"jos\\u00e9 \\u0040 \\ud83d\\ude00 \\u0022 \\u0000"}')
    assert shown == '{\n  "a": 12.50,\n  "n": 12345678901234567890123,\n  "t": "josé @ 😀 \\u0022 \\u0000"\n}'


@pytest.mark.parametrize(("broken", "shown"), [
    ('{"a":[1,{}],"b":{"c":1,}}', '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": {\n    "c": 1,\n    }}'),
    ('{"a":"x, {y","b" 2, "c":3}', '{\n  "a": "x, {y",\n  "b"2, "c":3}'),
    ('{"a":"x, y', '{\n  "a": "x, y'), ("no JSON, {at} all", "no JSON, {at} all"), ('{"a":1,\n "b":}', '{"a":1,\n "b":}'),
])  # fmt: skip
def test_what_is_broken_is_set_apart_until_its_mistake(broken: str, shown: str) -> None:
    assert readable(json.dumps(broken)) == shown


# Sending it again


def test_a_mended_call_is_taken_at_its_time_and_listed_no_longer(alice: Client, site: Site) -> None:
    call = kept(site, {"event": "Order Completed", "messageId": "m-1", "properties": {"total": 12.5}})
    mended = {**BUY, "properties": {"total": 12.5}}
    answer = alice.post(f"{HOME}{call.pk}/", {"body": json.dumps(mended, indent=2).replace("\n", "\r\n")}, follow=True)
    assert "The call is taken" in answer.content.decode()
    assert not RefusedCall.objects.exists()
    (event,) = site.events()
    assert (event["id"], event["identity"], event["name"]) == (f"{site.source.pk}-m-1", "u1", "Order Completed")
    assert abs((event["received_at"] - call.at.replace(tzinfo=None)).total_seconds()) < 0.01
    assert AuditEntry.objects.filter(action="calls_replayed", target="1", details__changed=True).exists()
    assert send(alice, call, mended).status_code == 404


def test_a_call_counts_once_also_when_its_sender_mended_it_too(alice: Client, site: Site) -> None:
    call = kept(site, {"event": "Order Completed", "messageId": "m-1"})
    assert send(alice, call, {k: v for k, v in BUY.items() if k != "messageId"}).status_code == 302
    site.send("track", BUY)
    assert [row["id"] for row in site.events()] == [f"{site.source.pk}-m-1"]


def test_another_message_id_is_refused(alice: Client, site: Site) -> None:
    call = kept(site, {"event": "Order Completed", "messageId": "m-1"})
    assert "must stay as it came, so that the call counts once. (m-1)" in errors(
        send(alice, call, {**BUY, "messageId": "m-2"})
    )
    long = kept(site, {**BUY, "messageId": "m" * 101})
    assert send(alice, long, BUY).status_code == 302


@pytest.mark.parametrize(("text", "told"), [
    ('{\n  "userId": "u1"\n  "event": "E"\n}', "Line 3, column 3, at “\"event\": \"E\"”: a comma or the end is missing."),
    ('{"userId": "u1",}', "Line 1, column 17, at “}”: a name in double quotes is missing, or there is a comma too many before."),
    ('{"userId": "u1", "event": "E"', "Line 1, column 30: a comma or the end is missing."),
    ('{"userId": "u1"} {}', "column 18, at “{}”: the call is over, and more follows."),
    ('{"userId": "u\n1"}', "a line break or a tab in a text must be written as \\n or \\t."),
    ('["userId"]', "Give a JSON object"), ("", "required"), ('{"a":' * 20_000, "nested too deeply"),
    ({"userId": "u1", "event": " "}, "A track call needs the name of its event"),
    ({"userId": "u1", "event": 5}, "at `$.event`"),
    ({**BUY, "properties": "text"}, "A part of it is of another type than it must be. (properties: Expected `object`"),
    ({**BUY, "traits": []}, "at `$.traits`"), ({**BUY, "properties": {"a": "x" * 33_000}}, "A call may have 32 KB"),
    ('{"userId": "u1", "event": "E", "properties": {"a": "\\ud800"}}', "This is no JSON object"),
])  # fmt: skip
def test_a_refusal_says_why_beside_the_field_and_keeps_what_was_typed(
    alice: Client, site: Site, text: str | dict[str, Any], told: str
) -> None:
    call = kept(site, {"event": "E", "messageId": "m-1"})
    answer = send(alice, call, text)
    assert told in errors(answer)
    typed = text if isinstance(text, str) else json.dumps(text, indent=2)
    assert answer.context["form"]["body"].value() == typed
    assert RefusedCall.objects.get().body == call.body
    assert site.events() == []


def test_spaces_do_not_make_a_call_too_large(alice: Client, site: Site) -> None:
    call = kept(site, {"event": "E", "properties": {"many": [[n] for n in range(4000)]}})
    mended = {"userId": "u1"} | json.loads(call.body)
    assert len(json.dumps(mended, indent=2)) > 64 << 10
    assert send(alice, call, mended).status_code == 302
    assert len(site.events()) == 1


def test_a_call_of_a_batch_keeps_what_its_batch_said(alice: Client, site: Site) -> None:
    call = kept(site, {"batch": [{**BUY, "type": "dance"}], "context": {"locale": "it-IT"}}, "batch")
    assert send(alice, call, {**BUY, "type": "track"}).status_code == 302
    (event,) = site.events()
    assert json.loads(event["properties"])["context"] == {"locale": "it-IT"}


def test_a_batch_that_was_no_json_can_be_mended_as_a_whole(alice: Client, site: Site) -> None:
    written = '{"writeKey":"' + site.source.key + '","context":{"locale":"it-IT"},"batch":[%s,]}'
    good, bad = json.dumps({**BUY, "type": "track"}), json.dumps({"type": "track", "userId": "u1"})
    call = kept(site, (written % f"{good},{bad}").encode(), "batch")
    page = alice.get(f"{HOME}{call.pk}/").content.decode()
    assert "a value is missing" in page
    mended = call_text = written.replace(",]", "]") % f"{good},{bad}"
    assert "Call 2 of the batch: A track call needs the name of its event" in errors(send(alice, call, mended))
    assert site.events() == []
    mended = call_text.replace('"userId": "u1"}', '"userId": "u1", "event": "Signed In"}')
    assert send(alice, call, mended).status_code == 302
    assert {row["name"] for row in site.events()} == {"Order Completed", "Signed In"}
    assert not RefusedCall.objects.exists()


@pytest.mark.parametrize(("text", "told"), [('{"batch": []}', "no call in this batch"), ('{"batch": null, "type": "track"}', "needs userId")])  # fmt: skip
def test_a_batch_without_calls_is_refused(alice: Client, site: Site, text: str, told: str) -> None:
    call = kept(site, b'{"writeKey":"' + site.source.key.encode() + b'", "batch": [}', "batch")
    assert told in errors(send(alice, call, text))


def test_what_was_cut_off_is_said(alice: Client, site: Site) -> None:
    call = kept(site, {"batch": [{**BUY, "type": "track", "properties": {"a": "x" * 40_000}}]}, "batch")
    assert "only its beginning is here" in alice.get(f"{HOME}{call.pk}/").content.decode()


def test_too_many_names_are_refused_still(alice: Client, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERCORSO_EVENT_NAMES", "1")
    names.forget_names()
    site.send("track", BUY)
    call = kept(site, {"event": "E", "messageId": "m-2"})
    assert "too many different names" in errors(send(alice, call, {"userId": "u1", "event": "New"}))
    assert send(alice, call, {"userId": "u1", "event": "Order Completed"}).status_code == 302


def test_a_full_disk_keeps_the_call_and_what_was_typed(
    alice: Client, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = kept(site, {"event": "E", "messageId": "m-1"})

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("percorso.sources.tracking.spool.os.fdatasync", full)
    answer = send(alice, call, BUY)
    assert answer.status_code == 422
    assert "cannot keep more calls" in answer.content.decode()
    assert "Order Completed" in str(answer.context["form"]["body"].value())
    assert RefusedCall.objects.exists()


def test_trying_again_tells_also_what_turns_out_only_when_it_is_loaded(site: Site) -> None:
    kept(site, {**BUY, "properties": "text"})
    assert actions.replay_calls(site.source.workspace, RefusedCall.objects.all(), by="a test") == (0, 1)


def test_it_is_discarded(alice: Client, site: Site) -> None:
    call = kept(site, {"event": "E"})
    page = alice.get(f"{HOME}{call.pk}/").content.decode()
    assert "Discard this call?" in page
    answer = alice.post(HOME + "remove/", {"call": str(call.pk)}, follow=True)
    assert "1 call is discarded" in answer.content.decode()
    assert not RefusedCall.objects.exists()


# Programs


@pytest.fixture
def program(members: Workspace, alice_person: Person, site: Site) -> Program:
    return Program(members, alice_person)


def test_programs_list_them_without_what_tells_of_whom_they_are(program: Program, site: Site) -> None:
    other = Source.objects.create(workspace=site.source.workspace, name="App", key="a" * 32)
    for n in range(3):
        body = json.dumps({"messageId": f"m-{n}", "properties": {"email": "ana@example.com"}})
        RefusedCall.objects.create(source=site.source, reason="no_event", kind="track", body=body)
    RefusedCall.objects.create(source=other, reason="no_group", body='"no object"')
    answer = program.get("/tracking/refused?limit=2").json()
    assert [row["reason"] for row in answer["items"]] == ["no_group", "no_event"]
    assert answer["items"][1] | {"id": 0, "at": ""} == {
        "id": 0, "at": "", "source": site.source.pk, "reason": "no_event", "detail": "", "type": "track", "message_id": "m-2",
        "message": "A track call needs the name of its event, of up to 200 characters.", "bytes": 64,
    }  # fmt: skip
    rest = program.get(f"/tracking/refused?limit=2&cursor={answer['next']}").json()
    assert [row["message_id"] for row in rest["items"]] == ["m-1", "m-0"]
    assert rest["next"] is None
    for asked in (f"source={other.pk}", "reason=no_group"):
        assert [row["source"] for row in program.get(f"/tracking/refused?{asked}").json()["items"]] == [other.pk]
    assert program.get("/tracking/refused?cursor=dance").status_code == 400


def test_programs_that_may_see_personal_data_get_one_as_it_came(
    program: Program, members: Workspace, alice_person: Person, site: Site
) -> None:
    call = kept(site, {"batch": [{"type": "dance", "userId": "u1"}], "context": {"locale": "it"}}, "batch")
    whole = program.get(f"/tracking/refused/{call.pk}").json()
    assert (whole["call"], whole["context"], whole["sent_at"]) == (
        {"type": "dance", "userId": "u1"},
        {"locale": "it"},
        None,
    )
    little = Program(members, alice_person, personal=False)
    assert little.get(f"/tracking/refused/{call.pk}").status_code == 403
    assert program.get("/tracking/refused/999999").status_code == 404


def test_programs_take_one_after_all_mended_or_as_it_came(program: Program, site: Site) -> None:
    call = kept(site, {"event": "Order Completed", "messageId": "m-1"})
    path = f"/tracking/refused/{call.pk}/replay"
    for body in (None, {}, {"call": None}):
        answer = program.ask("POST", path, body)
        assert answer.status_code == 422
        assert answer.json()["errors"] == [
            {
                "where": "body.call",
                "detail": "A call needs userId or anonymousId, or both; of up to 254 characters each.",
            }
        ]
    assert program.post(path, {"call": {**BUY, "messageId": "m-2"}}).status_code == 422
    assert program.post(path, {"call": BUY, "dance": 1}).status_code == 422
    assert program.post(path, {"call": BUY}).status_code == 204
    assert program.post(path, {"call": BUY}).status_code == 404
    assert [row["id"] for row in site.events()] == [f"{site.source.pk}-m-1"]


def test_programs_take_one_once_the_reason_is_gone(program: Program, site: Site) -> None:
    body = json.dumps({**BUY, "note": "jos\u00e9"})
    call = RefusedCall.objects.create(source=site.source, reason="too_many_names", kind="track", body=body)
    assert program.ask("POST", f"/tracking/refused/{call.pk}/replay").status_code == 204
    assert len(site.events()) == 1
    assert AuditEntry.objects.filter(action="calls_replayed", details__changed=False).exists()


def test_programs_discard_one(program: Program, site: Site) -> None:
    call = kept(site, {"event": "E"})
    assert program.ask("DELETE", f"/tracking/refused/{call.pk}").status_code == 204
    assert program.ask("DELETE", f"/tracking/refused/{call.pk}").status_code == 404
    assert AuditEntry.objects.filter(action="calls_removed", target="1").exists()
