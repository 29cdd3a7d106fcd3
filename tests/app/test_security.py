"""Headers, cookies and storage, as docs/security.md promises them."""

import pytest
from allauth.mfa.adapter import get_adapter
from django.test import Client

from percorso.accounts.models import Person, Workspace
from tests.people import PASSWORD

PAGES = (
    "/accounts/login/",
    "/w/acme/",
    "/w/acme/indicators/",
    "/w/acme/customers/",
    "/w/acme/settings/",
    "/nothing-here/",
)


@pytest.mark.parametrize("path", PAGES)
def test_headers_of_every_page(path: str, alice: Client) -> None:
    headers = alice.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"]
    assert "camera=()" in headers["Permissions-Policy"]
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == "'none'"
    assert not any(
        word in headers["Content-Security-Policy"] for word in ("unsafe-inline", "unsafe-eval", "http:", "*")
    )


def test_cookies_cannot_be_read_or_sent_by_others(client: Client, members: Workspace) -> None:
    browser = Client(SERVER_NAME="localhost")
    answer = browser.post("/accounts/login/", {"login": "alice@acme.test", "password": PASSWORD})

    assert answer.status_code == 302
    for name in ("percorso_session", "percorso_csrf"):
        if name in browser.cookies:
            cookie = browser.cookies[name]
            assert cookie["httponly"]
            assert cookie["samesite"] == "Lax"


def test_a_session_is_a_new_one_after_signing_in(members: Workspace) -> None:
    browser = Client(SERVER_NAME="localhost")
    browser.get("/accounts/login/")
    before = browser.session.session_key
    browser.post("/accounts/login/", {"login": "alice@acme.test", "password": PASSWORD})

    assert browser.session.session_key
    assert browser.session.session_key != before


def test_passwords_are_kept_as_argon2id(alice_person: Person) -> None:
    assert alice_person.password.startswith("argon2$argon2id$")


@pytest.mark.parametrize("password", ["short1!", "password1234", "alicealbuquerque"])
def test_weak_passwords_are_refused(password: str, alice: Client) -> None:
    answer = alice.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": password, "password2": password}
    )

    assert answer.status_code == 200, "the form comes again with what is wrong"
    assert Person.objects.get(email="alice@acme.test").check_password(PASSWORD)


def test_switched_off_people_see_nothing(alice: Client, alice_person: Person) -> None:
    alice_person.is_active = False
    alice_person.save()

    assert alice.get("/w/acme/").status_code == 302


def test_secrets_of_second_factors_are_encrypted(alice_person: Person) -> None:
    adapter = get_adapter()
    kept = adapter.encrypt("JBSWY3DPEHPK3PXP")

    assert "JBSWY3DPEHPK3PXP" not in kept
    assert adapter.decrypt(kept) == "JBSWY3DPEHPK3PXP"
