"""Channels over the REST interface: they are set up by it, and tell no secret."""

from typing import Any

import pytest

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.outreach.models import ChannelAccount
from tests.app.api_client import Program

SERVER = {"host": "smtp.acme.test", "user": "acme", "sender": "survey@acme.test"}


@pytest.fixture
def program(members: Workspace, alice_person: Person) -> Program:
    return Program(members, alice_person)


def put(program: Program, channel: str = "email", **told: Any) -> Any:
    return program.ask("PUT", f"/channels/{channel}", told)


def test_a_channel_is_set_up_and_tells_no_secret(program: Program) -> None:
    assert program.get("/channels/sms").json() == {
        "key": "sms", "label": "SMS", "set_up": False, "sends": False, "settings": {}, "secrets": {},
    }  # fmt: skip
    made = put(program, settings=SERVER | {"password": "s3cret"})
    assert made.status_code == 200
    kept = ChannelAccount.objects.get().settings
    assert (kept["password"], len(kept["secret"]) > 20) == ("s3cret", True)
    for answer in (made, program.get("/channels/email"), program.get("/channels")):
        text = answer.content.decode()
        assert "s3cret" not in text
        assert kept["secret"] not in text
    told = program.get("/channels/email").json()
    assert told["secrets"] == {"password": True, "imap_password": False}
    assert (told["settings"]["host"], told["settings"]["port"], told["sends"]) == ("smtp.acme.test", 587, True)
    assert AuditEntry.objects.filter(action="channel_changed").count() == 1


def test_what_was_told_can_be_sent_back(program: Program) -> None:
    put(program, settings=SERVER | {"password": "s3cret"})
    before = ChannelAccount.objects.get().settings
    again = put(program, settings=program.get("/channels/email").json()["settings"])
    assert again.status_code == 200
    assert ChannelAccount.objects.get().settings == before


def test_a_password_goes_to_no_other_server(program: Program) -> None:
    put(program, settings=SERVER | {"password": "s3cret"})
    moved = put(program, settings=SERVER | {"host": "smtp.elsewhere.test"})
    assert moved.status_code == 400
    assert "type it again" in moved.json()["detail"]
    assert ChannelAccount.objects.get().settings["host"] == "smtp.acme.test"


def test_it_is_switched_off_and_on(program: Program) -> None:
    assert put(program, settings={}, enabled=False).json()["sends"] is False
    assert put(program, settings={}).json()["sends"] is False
    assert put(program, settings={}, enabled=True).json()["sends"] is True


@pytest.mark.parametrize(
    ("channel", "settings", "status"),
    [
        ("pigeon", {}, 404), ("email", {"secret": "x"}, 422), ("email", {"nonsense": 1}, 400), ("email", {"port": 0}, 400),
        ("email", {"sender": "nobody"}, 400), ("sms", {}, 400), ("sms", {"url": "https://10.0.0.1/"}, 400),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused(channel: str, settings: dict[str, Any], status: int, program: Program) -> None:
    answer = put(program, channel, settings=settings)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert not ChannelAccount.objects.exists()


def test_a_reading_key_changes_nothing(members: Workspace, alice_person: Person) -> None:
    assert put(Program(members, alice_person, "read"), settings={}).status_code == 403
    assert not ChannelAccount.objects.exists()
