"""Signing in and out, second factor, throttling, first start, demo, a provider."""

import re
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from percorso.accounts import actions, links
from percorso.accounts.models import AuditEntry, Membership, Person, Role, Workspace
from tests.people import PASSWORD

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _nobody_waits(db: None) -> None:
    """Attempts of another test are not counted."""
    cache.clear()


def browser() -> Client:
    return Client(SERVER_NAME="localhost")


def sign_in(client: Client, email: str, password: str = PASSWORD):
    return client.post(LOGIN, {"login": email, "password": password}, follow=True)


def code_of(secret: str) -> str:
    """Return what an authenticator app would show now; waits for the next code when this one is about to end."""
    if (left := 30 - time.time() % 30) < 2:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def second_factor(client: Client) -> str:
    """Set up the authenticator app as a person does; return its secret."""
    asked = client.get("/accounts/2fa/totp/activate/", follow=True)
    if b'name="password"' in asked.content:
        asked = client.post(
            asked.request["PATH_INFO"] + "?" + asked.request["QUERY_STRING"], {"password": PASSWORD}, follow=True
        )
    secret = re.search(r'class="secret">([A-Z2-7]+)<', asked.content.decode())[1]
    shown = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}, follow=True)
    assert len(re.findall(r"<li><code>", shown.content.decode())) == 10
    return secret


def test_password_signs_in_and_is_logged(members: Workspace) -> None:
    client = browser()
    assert "Sign in" in client.get(LOGIN).content.decode()
    arrived = sign_in(client, "Alice@Acme.test")
    assert arrived.redirect_chain[-1][0] == "/w/acme/"
    entry = AuditEntry.objects.get(action="signed_in")
    assert (entry.workspace, entry.by, entry.target) == (members, "Alice Albuquerque", "alice@acme.test")
    client.post("/accounts/logout/")
    assert client.get("/w/acme/").status_code == 302
    assert AuditEntry.objects.filter(workspace=members, action="signed_out").count() == 1


def test_wrong_password_says_the_same_for_everybody(members: Workspace) -> None:
    told = []
    for email in ("alice@acme.test", "nobody@acme.test"):
        page = sign_in(browser(), email, "wrong password here")
        told.append(re.findall(r'role="alert">(.*?)</div></div>', page.content.decode(), re.S))
    assert told[0] == told[1] != []
    assert AuditEntry.objects.filter(action="sign_in_failed", workspace=members).count() == 1


def test_six_wrong_passwords_are_throttled(members: Workspace) -> None:
    client = browser()
    for _ in range(5):
        assert "Too many" not in sign_in(client, "alice@acme.test", "wrong password here").content.decode()
    # Even the right password waits now, on any machine: guessing on is useless.
    assert "Too many failed" in sign_in(browser(), "alice@acme.test").content.decode()
    assert browser().get("/w/acme/").status_code == 302


def test_too_many_requests_have_a_page(members: Workspace) -> None:
    answers = [browser().post("/accounts/password/reset/", {"email": "alice@acme.test"}) for _ in range(5)]
    assert answers[-1].status_code == 429
    assert "Too many attempts" in answers[-1].content.decode()


@pytest.mark.django_db(transaction=True)  # allauth tells of it after the commit
def test_second_factor_is_asked_for_and_recovery_codes_open(members: Workspace) -> None:
    client = browser()
    sign_in(client, "alice@acme.test")
    second_factor(client)
    assert AuditEntry.objects.filter(workspace=members, action="second_factor_added").count() == 1
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert kept.startswith("gAAAA")  # encrypted: a stolen database shows no code
    codes = re.findall(r"<li><code>(\w+)</code>", client.get("/accounts/2fa/recovery-codes/").content.decode())

    other = browser()
    assert sign_in(other, "alice@acme.test").redirect_chain[-1][0] == "/accounts/2fa/authenticate/"
    assert other.get("/w/acme/").status_code == 302
    assert "Incorrect code" in other.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
    assert AuditEntry.objects.filter(workspace=members, action="sign_in_failed").count() == 1
    other.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert other.get("/w/acme/settings/").status_code == 200

    again = browser()
    sign_in(again, "alice@acme.test")
    again.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert again.get("/w/acme/settings/").status_code == 302  # a code opens once

    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert AuditEntry.objects.filter(workspace=members, action="second_factor_removed").count() == 1
    assert "second factor" in mail.outbox[-1].subject


@pytest.mark.django_db(transaction=True)  # allauth tells of it after the commit
def test_workspace_can_require_the_second_factor(members: Workspace) -> None:
    members.second_factor_required = True
    members.save()
    client = browser()
    sign_in(client, "alice@acme.test")
    assert client.get("/w/acme/settings/")["Location"] == "/accounts/2fa/totp/activate/"
    second_factor(client)
    assert client.get("/w/acme/settings/").status_code == 200


def test_forgotten_password_is_set_anew_by_mail(members: Workspace, settings) -> None:
    settings.PUBLIC_URL = "https://cx.example.com"
    client = browser()
    asked = client.post("/accounts/password/reset/", {"email": "alice@acme.test"}, follow=True)
    assert "Look into your mail" in asked.content.decode()
    assert "A new password for percorso" in mail.outbox[0].subject
    link = re.search(r"https://cx\.example\.com(\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True)
    done = client.post(
        form.request["PATH_INFO"],
        {"password1": "purple lantern orbit 9", "password2": "purple lantern orbit 9"},
        follow=True,
    )
    assert "Your password is changed" in done.content.decode()
    assert "used up" in browser().get(link, follow=True).content.decode()
    assert sign_in(browser(), "alice@acme.test", "purple lantern orbit 9").redirect_chain[-1][0] == "/w/acme/"
    assert AuditEntry.objects.filter(workspace=members, action="password_changed").count() == 1


def test_unknown_address_gets_no_mail_and_the_same_answer(members: Workspace) -> None:
    asked = browser().post("/accounts/password/reset/", {"email": "nobody@acme.test"}, follow=True)
    assert "Look into your mail" in asked.content.decode()
    assert mail.outbox == []


def test_changed_password_signs_other_browsers_out(members: Workspace) -> None:
    here, there = browser(), browser()
    sign_in(here, "alice@acme.test")
    sign_in(there, "alice@acme.test")
    fresh = {"oldpassword": PASSWORD, "password1": "purple lantern orbit 9", "password2": "purple lantern orbit 9"}
    assert here.post("/accounts/password/change/", fresh)["Location"] == "/me/"
    assert here.get("/w/acme/settings/").status_code == 200
    assert there.get("/w/acme/settings/").status_code == 302
    assert "password was changed" in mail.outbox[-1].subject


def test_sessions_are_listed_and_ended(members: Workspace, alice_person: Person) -> None:
    here, there, third = browser(), browser(), browser()
    for client in (here, there, third):
        client.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
        sign_in(client, "alice@acme.test")
    page = here.get("/accounts/sessions/").content.decode()
    assert page.count("Firefox · Linux") == 3
    assert page.count("This one") == 1
    other = alice_person.usersession_set.get(session_key=there.session.session_key)
    here.post(f"/me/sessions/{other.pk}/end/")
    assert there.get("/w/acme/settings/").status_code == 302
    assert third.get("/w/acme/settings/").status_code == 200
    here.post("/accounts/sessions/")
    assert third.get("/w/acme/settings/").status_code == 302
    assert here.get("/w/acme/settings/").status_code == 200


def test_nobody_ends_the_sessions_of_others(members: Workspace, bob: Client, alice_person: Person) -> None:
    sign_in(browser(), "alice@acme.test")
    assert bob.post(f"/me/sessions/{alice_person.usersession_set.get().pk}/end/").status_code == 404


@pytest.mark.parametrize("address", ["/accounts/email/", "/accounts/confirm-email/", "/accounts/3rdparty/"])
def test_what_is_not_offered_is_not_there(alice: Client, address: str) -> None:
    assert alice.get(address).status_code == 404


def test_nobody_signs_up_uninvited(db: None) -> None:
    page = browser().post("/accounts/signup/", {"email": "x@y.test", "password1": PASSWORD, "password2": PASSWORD})
    assert "By invitation only" in page.content.decode()
    assert not Person.objects.exists()


def test_first_start_makes_the_owner_and_the_link_works_once(db: None) -> None:
    Workspace.objects.create(slug="demo", name="Demo", time_zone="UTC")
    Workspace.objects.create(slug="old", name="Old", time_zone="UTC")
    first = actions.first_start()
    assert actions.first_start() is not None  # printed at each start until it is used
    assert first.startswith("http://127.0.0.1:8000/start/")
    path = first.removeprefix("http://127.0.0.1:8000")
    client = browser()
    assert "Welcome to percorso" in client.get(path).content.decode()
    assert Person.objects.get().last_login is None  # looking uses nothing up
    weak = client.post(path, {"name": "Olga", "email": "olga@acme.test", "password": "olga"})
    assert "too short" in weak.content.decode()
    done = client.post(path, {"name": "Olga", "email": "Olga@acme.test", "password": PASSWORD}, follow=True)
    assert done.redirect_chain[-1][0] == "/w/main/"
    owner = Person.objects.get()
    assert (owner.email, owner.name) == ("olga@acme.test", "Olga")
    assert {m.workspace.slug: m.role for m in owner.memberships.all()} == {"main": "owner", "old": "owner"}
    assert browser().get(path).status_code == 410
    assert actions.first_start() is None
    assert sign_in(browser(), "olga@acme.test").redirect_chain[-1][0] == "/w/main/"


def test_link_for_a_lost_password(members: Workspace, alice_person: Person) -> None:
    Person.objects.filter(pk=alice_person.pk).update(last_login=timezone.now())
    alice_person.refresh_from_db()
    path = actions.make_link(alice_person, by="percorso people").partition("8000")[2]
    page = browser().get(path).content.decode()
    assert "alice@acme.test" in page
    assert 'name="email"' not in page
    client = browser()
    client.post(path, {"password": "purple lantern orbit 9"})
    assert client.get("/w/acme/settings/").status_code == 200
    assert browser().get(path).status_code == 410
    assert AuditEntry.objects.filter(workspace=members, action="link_made", by="percorso people").exists()


def test_old_and_forged_links_open_nothing(alice_person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    path = links.start_link(alice_person).partition("8000")[2]
    assert browser().get(path[:-2] + "x/").status_code == 410
    monkeypatch.setattr(links, "VALID_FOR", timedelta(seconds=-1))
    assert browser().get(path).status_code == 410


@pytest.fixture
def demo(acme: Workspace) -> Workspace:
    """The demo's workspace, with the small company's page in it."""
    Workspace.objects.filter(pk=acme.pk).update(slug="demo", name="Demo")
    return Workspace.objects.get(pk=acme.pk)


def test_demo_is_one_click_and_says_so(demo: Workspace) -> None:
    client = browser()
    assert "Look at the demo company" in client.get(LOGIN).content.decode()
    assert client.get("/demo/").status_code == 405
    arrived = client.post("/demo/", follow=True)
    assert arrived.redirect_chain[-1][0] == "/w/demo/"
    assert "made-up company" in arrived.content.decode()
    visitor = Person.objects.get(is_demo=True)
    assert [(m.workspace.slug, m.role) for m in visitor.memberships.all()] == [("demo", Role.EDITOR)]
    assert not visitor.has_usable_password()


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/password/change/", "/accounts/password/set/", "/accounts/2fa/", "/accounts/2fa/totp/activate/",
        "/accounts/sessions/", "/me/", "/workspaces/new/", "/w/demo/settings/people/", "/w/demo/settings/keys/",
    ],
)  # fmt: skip
def test_demo_visitor_changes_nothing_of_the_account(demo: Workspace, address: str) -> None:
    client = browser()
    client.post("/demo/")
    assert client.get(address).status_code == 403
    assert client.post(address).status_code in (403, 405)


def test_demo_can_be_switched_off(demo: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERCORSO_DEMO_SIGN_IN", "false")
    assert "demo company" not in browser().get(LOGIN).content.decode()
    assert browser().post("/demo/").status_code == 404


def test_no_demo_no_button(members: Workspace) -> None:
    assert "demo company" not in browser().get(LOGIN).content.decode()
    assert browser().post("/demo/").status_code == 404


def test_demo_link_does_not_change_who_is_signed_in(demo: Workspace, alice_person: Person) -> None:
    client = browser()
    client.force_login(alice_person)
    client.post("/demo/")
    assert int(client.session["_auth_user_id"]) == alice_person.pk
    assert not Membership.objects.filter(workspace=demo, person=alice_person).exists()
