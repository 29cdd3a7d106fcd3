"""The settings of a workspace, tab by tab, as owner, viewer and stranger."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from percorso.accounts import actions, audit
from percorso.accounts.find import find
from percorso.accounts.hours import read_hours
from percorso.accounts.models import ApiKey, Membership, Person, Workspace
from percorso.accounts.queries import key_by

ROOT = "/w/acme/settings/"
TABS = ("people/", "keys/", "audit/", "audit/csv/", "data/")
FORM = {
    "name": "Acme Italia",
    "time_zone": "Europe/Rome",
    "language": "it",
    "hours_mon": "9:00-12:00, 13:00–18:00",
    "hours_tue": "09:00–18:00",
    "hours_wed": "", "hours_thu": "", "hours_fri": "", "hours_sat": "", "hours_sun": "",
    "holidays": "2026-12-25\n2026-01-01\n2026-12-25",
}  # fmt: skip


def test_owner_changes_the_workspace(alice: Client, members: Workspace) -> None:
    assert 'value="09:00–18:00"' in alice.get(ROOT).content.decode()
    assert alice.post(ROOT + "change/", FORM)["Location"] == ROOT
    members.refresh_from_db()
    assert (members.name, members.time_zone, members.language) == ("Acme Italia", "Europe/Rome", "it")
    assert members.business_hours == {
        "mon": [["09:00", "12:00"], ["13:00", "18:00"]],
        "tue": [["09:00", "18:00"]],
    }
    assert members.holidays == ["2026-01-01", "2026-12-25"]
    assert members.schedule.tz == "Europe/Rome"
    entry = members.audit_entries.get(action="workspace_changed")
    assert entry.target == "business_hours, holidays, language, name, time_zone"
    alice.post(ROOT + "change/", FORM)
    assert members.audit_entries.filter(action="workspace_changed").count() == 1  # nothing changed, nothing logged


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("time_zone", "Mars/Olympus", "Choose a time zone"),
        ("hours_mon", "nine to five", "is not understood"),
        ("hours_mon", "18:00–09:00", "end before they begin"),
        ("hours_mon", "09:00–13:00, 12:00–18:00", "overlap"),
        ("hours_mon", "09:00–25:00", "is no time of day"),
        ("holidays", "25/12/2026", "is no day"),
        ("name", "", "required"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    alice: Client, members: Workspace, field: str, value: str, told: str
) -> None:
    page = alice.post(ROOT + "change/", FORM | {field: value})
    assert page.status_code == 422
    assert told in page.content.decode()
    members.refresh_from_db()
    assert members.name == "Acme"


def test_viewer_reads_and_cannot_change(bob: Client, members: Workspace) -> None:
    page = bob.get(ROOT).content.decode()
    assert "Only owners change" in page
    assert "Save the settings" not in page
    assert "API keys" not in page
    assert bob.post(ROOT + "change/", FORM).status_code == 403
    members.refresh_from_db()
    assert members.name == "Acme"


@pytest.mark.parametrize("tab", TABS)
def test_only_owners_see_the_rest(alice: Client, charlie: Client, as_role: Callable[[str], Client], tab: str) -> None:
    assert alice.get(ROOT + tab).status_code == 200
    assert charlie.get(ROOT + tab).status_code == 404
    for role in ("editor", "analyst", "viewer"):
        assert as_role(role).get(ROOT + tab).status_code == 403


def test_key_is_shown_once_and_works_until_revoked(alice: Client, members: Workspace) -> None:
    assert "No key yet" in alice.get(ROOT + "keys/").content.decode()
    page = alice.post(ROOT + "keys/make/", {"name": "Warehouse", "scope": "read", "expires_on": ""}).content.decode()
    secret = page.partition("<code>pc_")[2].partition("<")[0]
    key = ApiKey.objects.get()
    assert key_by("pc_" + secret) == key
    assert (key.scope, key.personal, key.expires_at) == ("read", False, None)
    again = alice.get(ROOT + "keys/").content.decode()
    assert secret not in again
    assert "Warehouse" in again
    alice.post(f"{ROOT}keys/{key.pk}/revoke/")
    assert key_by("pc_" + secret) is None
    assert "Revoked" in alice.get(ROOT + "keys/").content.decode()
    assert {e.action for e in members.audit_entries.all()} == {"key_made", "key_revoked"}


def test_key_expires_at_the_end_of_its_last_day(alice: Client, members: Workspace) -> None:
    today = timezone.now().date()
    last = today + timedelta(days=30)
    alice.post(ROOT + "keys/make/", {"name": "K", "scope": "write", "personal": "on", "expires_on": last.isoformat()})
    key = ApiKey.objects.get()
    assert key.personal
    assert key.expires_at.isoformat() == f"{last + timedelta(days=1)}T03:00:00+00:00"  # midnight in São Paulo
    past = alice.post(
        ROOT + "keys/make/", {"name": "K", "scope": "read", "expires_on": (today - timedelta(days=2)).isoformat()}
    )
    assert "lies in the past" in past.content.decode()


def test_keys_of_other_workspaces_are_out_of_reach(alice: Client, charlie_person: Person, members: Workspace) -> None:
    elsewhere = Workspace.objects.get(slug="elsewhere")
    key, _ = actions.make_key(elsewhere, "theirs", "read", by=charlie_person)
    assert alice.post(f"{ROOT}keys/{key.pk}/revoke/").status_code == 404
    assert "theirs" not in alice.get(ROOT + "keys/").content.decode()


@pytest.mark.parametrize(("tab", "queries"), [("keys/", 6), ("audit/", 8)])
def test_lists_ask_as_much_for_three_rows_as_for_one(
    alice: Client, members: Workspace, alice_person: Person, django_assert_num_queries, tab: str, queries: int
) -> None:
    actions.make_key(members, "one", "read", by=alice_person)
    with django_assert_num_queries(queries):
        alice.get(ROOT + tab)
    for name in ("two", "three"):
        actions.make_key(members, name, "read", by=alice_person)
    with django_assert_num_queries(queries):
        alice.get(ROOT + tab)


def test_log_is_filtered_and_exported(
    alice: Client, members: Workspace, alice_person: Person, bob_person: Person
) -> None:
    audit.record("downloaded", members, by=bob_person, target="CSAT")
    audit.record("import_undone", members, by=alice_person, target="=cmd()")
    audit.record("downloaded", Workspace.objects.get(slug="elsewhere"), by=bob_person, target="secret of others")
    page = alice.get(ROOT + "audit/").content.decode()
    assert "undid an import" in page
    assert "secret of others" not in page
    filtered = alice.get(ROOT + "audit/", {"person": bob_person.pk}).content.decode()
    assert "CSAT" in filtered
    assert "=cmd()" not in filtered
    assert "=cmd()" in alice.get(ROOT + "audit/", {"action": "import_undone"}).content.decode()
    nothing = alice.get(ROOT + "audit/", {"until": "2020-01-01"}).content.decode()
    assert "No entry fits" in nothing
    assert alice.get(ROOT + "audit/", {"since": "nonsense", "person": "x", "page": "99"}).status_code == 200

    answer = alice.get(ROOT + "audit/csv/", {"person": alice_person.pk})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert rows[0] == ["at", "by", "person", "action", "target", "details"]
    assert [row[3:5] for row in rows[1:]] == [["audit_exported", ""], ["import_undone", "'=cmd()"]]


def test_log_is_cut_into_pages(alice: Client, members: Workspace, alice_person: Person) -> None:
    for i in range(51):
        audit.record("downloaded", members, by=alice_person, target=f"file-{i}.")
    assert "file-0." not in alice.get(ROOT + "audit/").content.decode()
    assert "file-0." in alice.get(ROOT + "audit/?page=2").content.decode()


def test_data_tells_sizes_rows_and_versions(alice: Client, members: Workspace) -> None:
    page = alice.get(ROOT + "data/").content.decode()
    assert "DuckDB" in page
    assert "None yet" in page
    assert ">400</td>" in page  # customers of the small company


def test_search_finds_what_the_role_allows(
    alice: Client, members: Workspace, alice_person: Person, bob_person: Person
) -> None:
    owner, viewer = (Membership.objects.get(workspace=members, person=p) for p in (alice_person, bob_person))
    assert [f.href for f in find(owner, "audit")] == [ROOT + "audit/"]
    assert find(viewer, "audit") == []
    assert "/me/" in [f.href for f in find(viewer, "my acc")]


def test_hours_are_read_as_people_write_them() -> None:
    assert read_hours("") == []
    assert read_hours(" 9:00 - 12:00;13:00—24:00 ") == [["09:00", "12:00"], ["13:00", "24:00"]]
