"""Inviting, joining, one's own account, new workspaces, the command `percorso people`."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from rich.console import Console

from percorso.accounts import actions
from percorso.accounts.models import AuditEntry, Invitation, Membership, Person, Role, Workspace
from percorso.commands.session import Session, run
from tests.people import PASSWORD

PEOPLE = "/w/acme/settings/people/"


def browser() -> Client:
    return Client(SERVER_NAME="localhost")


def invite(client: Client, email: str = "dora@acme.test", role: str = "analyst") -> str:
    """Invite by the page; return the link's path, shown once."""
    page = client.post(PEOPLE + "invite/", {"email": email, "role": role})
    assert page.status_code == 200
    return re.search(r"(/invitations/[\w-]+/)", page.content.decode())[1]


def test_newcomer_joins_by_the_link(alice: Client, members: Workspace) -> None:
    path = invite(alice)
    assert path in mail.outbox[0].body
    assert mail.outbox[0].to == ["dora@acme.test"]
    assert path not in alice.get(PEOPLE).content.decode()  # the link is shown once

    client = browser()
    page = client.get(path).content.decode()
    assert "Join Acme" in page
    assert "dora@acme.test" in page
    assert not Person.objects.filter(email="dora@acme.test").exists()  # looking accepts nothing
    assert "too common" in client.post(path, {"name": "Dora", "password": "password1234"}).content.decode()
    arrived = client.post(path, {"name": "Dora", "password": PASSWORD}, follow=True)
    assert arrived.redirect_chain[-1][0] == "/w/acme/"
    assert Membership.objects.get(person__email="dora@acme.test").role == Role.ANALYST
    over = browser().get(path)
    assert over.status_code == 410
    assert "This invitation is over" in over.content.decode()
    assert AuditEntry.objects.filter(workspace=members, action="invitation_accepted", by="Dora").exists()


def test_known_person_signs_in_and_accepts_by_one_click(
    alice: Client, charlie: Client, bob: Client, members: Workspace
) -> None:
    path = invite(alice, "charlie@else.test", "editor")
    assert f"/accounts/login/?next={path}" in browser().get(path).content.decode()
    assert browser().post(path, {"name": "Thief", "password": PASSWORD}).status_code == 200
    assert "You are signed in as bob@acme.test" in bob.get(path).content.decode()
    assert bob.post(path).status_code == 200
    assert Membership.objects.filter(workspace=members).count() == 2

    charlie.get(path)
    assert Membership.objects.filter(workspace=members).count() == 2
    assert charlie.post(path)["Location"] == "/w/acme/"
    assert Membership.objects.get(workspace=members, person__email="charlie@else.test").role == Role.EDITOR
    assert charlie.get("/w/acme/settings/").status_code == 200


def test_withdrawn_and_expired_invitations_open_nothing(alice: Client, members: Workspace) -> None:
    path = invite(alice)
    alice.post(f"/w/acme/settings/invitations/{Invitation.objects.get().pk}/withdraw/")
    assert browser().get(path).status_code == 410
    path = invite(alice)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert browser().post(path, {"name": "Dora", "password": PASSWORD}).status_code == 410
    assert "Open invitations" not in alice.get(PEOPLE).content.decode()


def test_second_invitation_replaces_the_first(alice: Client, members: Workspace) -> None:
    first, second = invite(alice, role="viewer"), invite(alice, role="editor")
    assert browser().get(first).status_code == 410
    assert "Editor" in browser().get(second).content.decode()


def test_member_is_not_invited_again(alice: Client) -> None:
    page = alice.post(PEOPLE + "invite/", {"email": "BOB@acme.test", "role": "viewer"})
    assert page.status_code == 422
    assert "is a member already" in page.content.decode()


def test_old_invitation_takes_no_role_away(members: Workspace, alice_person: Person) -> None:
    invitation, _ = actions.invite(members, "new@acme.test", "viewer", by=alice_person)
    person = Person.objects.create_user("new@acme.test", PASSWORD)
    Membership.objects.create(workspace=members, person=person, role=Role.OWNER)
    actions.accept_invitation(invitation, person)
    assert Membership.objects.get(workspace=members, person=person).role == Role.OWNER


def test_mail_speaks_the_language_of_the_workspace(members: Workspace, alice_person: Person) -> None:
    members.language = "it"
    actions.invite(members, "new@acme.test", "viewer", by=alice_person)
    assert "\n" not in mail.outbox[0].subject
    assert "Acme" in mail.outbox[0].subject


def test_roles_change_and_members_leave(alice: Client, bob: Client, members: Workspace, bob_person: Person) -> None:
    theirs = Membership.objects.get(person=bob_person)
    alice.post(f"{PEOPLE}{theirs.pk}/role/", {"role": "editor"})
    theirs.refresh_from_db()
    assert theirs.role == Role.EDITOR
    assert AuditEntry.objects.get(action="role_changed").details == {"before": "viewer", "after": "editor"}
    alice.post(f"{PEOPLE}{theirs.pk}/role/", {"role": "emperor"})
    theirs.refresh_from_db()
    assert theirs.role == Role.EDITOR
    alice.post(f"{PEOPLE}{theirs.pk}/remove/")
    assert bob.get("/w/acme/settings/").status_code == 404
    assert Person.objects.filter(pk=bob_person.pk).exists()


def test_last_owner_stays(alice: Client, members: Workspace, alice_person: Person, bob_person: Person) -> None:
    own = Membership.objects.get(person=alice_person)
    for change in (("role/", {"role": "viewer"}), ("remove/", {})):
        page = alice.post(f"{PEOPLE}{own.pk}/{change[0]}", change[1], follow=True)
        assert "is the only owner" in page.content.decode()
    own.refresh_from_db()
    assert own.role == Role.OWNER
    Membership.objects.filter(person=bob_person).update(role=Role.OWNER)
    assert alice.post(f"{PEOPLE}{own.pk}/role/", {"role": "viewer"})["Location"] == "/w/acme/settings/"


def test_members_of_other_workspaces_are_out_of_reach(alice: Client, charlie_person: Person) -> None:
    other = Membership.objects.get(person=charlie_person)
    assert alice.post(f"{PEOPLE}{other.pk}/role/", {"role": "viewer"}).status_code == 404
    assert alice.post(f"{PEOPLE}{other.pk}/remove/").status_code == 404


def test_people_page_asks_as_much_for_three_as_for_one(
    alice: Client, members: Workspace, alice_person: Person, bob_person: Person, django_assert_num_queries
) -> None:
    Membership.objects.filter(person=bob_person).delete()
    for more in (0, 2):
        for i in range(more):
            joined = Person.objects.create_user(f"m{i}@acme.test", name=f"M{i}")
            Membership.objects.create(workspace=members, person=joined, role=Role.VIEWER)
            actions.invite(members, f"i{i}@acme.test", "viewer", by=alice_person)
        with django_assert_num_queries(7):
            page = alice.get(PEOPLE).content.decode()
        assert page.count("/role/") == 1 + more


def test_own_account_is_changed(alice: Client, alice_person: Person) -> None:
    assert "Acme" in alice.get("/me/").content.decode()
    alice.cookies["django_language"] = "en"
    page = alice.post("/me/", {"name": "Alice A.", "language": "it"}, follow=True)
    alice_person.refresh_from_db()
    assert (alice_person.name, alice_person.language) == ("Alice A.", "it")
    assert '<html lang="it">' in page.content.decode()
    alice.post("/me/", {"name": "", "language": "xx"})
    alice_person.refresh_from_db()
    assert alice_person.name == "Alice A."


def test_new_workspace_belongs_to_its_maker(bob: Client, bob_person: Person, members: Workspace) -> None:
    assert "America/Sao_Paulo" in bob.get("/workspaces/new/").content.decode()
    wrong = bob.post("/workspaces/new/", {"name": "Acme", "time_zone": "Mars/Olympus"})
    assert "Choose a time zone" in wrong.content.decode()
    made = bob.post("/workspaces/new/", {"name": "Acme", "time_zone": "Europe/Rome"})
    assert made["Location"] == "/w/acme-2/"
    assert Membership.objects.get(workspace__slug="acme-2").role == Role.OWNER


@pytest.mark.parametrize("address", ["/me/", "/workspaces/new/"])
def test_strangers_are_sent_to_sign_in(db: None, address: str) -> None:
    assert browser().get(address)["Location"] == f"/accounts/login/?next={address}"


def percorso(*words: str) -> tuple[int, str]:
    """Run a command of the terminal; return its exit code and what it said."""
    console = Console(record=True, width=200)
    code = run(list(words), Session(console, Path.cwd()))
    return code, console.export_text()


def test_command_lists_people_and_gives_links(members: Workspace, alice_person: Person) -> None:
    code, text = percorso("people", "list")
    assert code == 0
    assert "alice@acme.test" in text
    assert "acme (Owner)" in text
    code, text = percorso("people", "link", "Alice@acme.test")
    assert code == 0
    assert browser().get(re.search(r"/start/\S+", text)[0]).status_code == 200
    code, text = percorso("people", "link", "nobody@acme.test")
    assert code == 1
    assert "Nobody has the address" in text


def test_command_removes_a_lost_second_factor(members: Workspace, alice_person: Person) -> None:
    alice_person.authenticator_set.create(type="totp", data={"secret": "x"})
    percorso("people", "link", "alice@acme.test")
    assert alice_person.authenticator_set.exists()
    percorso("people", "link", "alice@acme.test", "--without-second-factor")
    assert not alice_person.authenticator_set.exists()
    assert AuditEntry.objects.filter(action="second_factor_removed", by="percorso people").exists()
