"""Signing in through an OpenID Connect provider, against a tiny one that runs on this machine."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as configured
from django.core.cache import cache
from django.test import Client

from percorso.accounts import actions
from percorso.accounts.models import AuditEntry, Membership, Person, Workspace

WHO: dict[str, Any] = {}


class _Provider(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        home = f"http://127.0.0.1:{self.server.server_address[1]}"
        ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "userinfo_endpoint": "/me"}
        self._say(WHO if self.path == "/me" else {"issuer": home} | {name: home + path for name, path in ends.items()})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._say({"access_token": "a-token", "token_type": "Bearer"})

    def _say(self, what: Any) -> None:
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def provider(settings: Any) -> Iterator[str]:
    """Run the provider, and have the settings name it as PERCORSO_OIDC_URL does."""
    cache.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Provider)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    app = {
        "provider_id": "oidc",
        "name": "Acme SSO",
        "client_id": "percorso",
        "secret": "s",
        "settings": {"server_url": url},
    }
    known = configured.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": known | {"APPS": [app]}}
    yield url
    server.shutdown()
    server.server_close()


def sign_in(email: str, verified: bool = True) -> tuple[Client, Any]:
    """Go to the provider and come back as whoever it vouches for."""
    WHO.clear()
    WHO.update(sub=email, email=email, email_verified=verified, name="Dora Duarte")
    client = Client(SERVER_NAME="localhost")
    sent = client.post("/accounts/oidc/oidc/login/")
    asked = parse_qs(urlsplit(sent["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    back = {"code": "a-code", "state": asked["state"][0]}
    return client, client.get("/accounts/oidc/oidc/login/callback/", back, follow=True)


def test_no_provider_no_button(members: Workspace) -> None:
    assert "Sign in with" not in Client(SERVER_NAME="localhost").get("/accounts/login/").content.decode()


def test_known_address_comes_in(members: Workspace, provider: str) -> None:
    page = Client(SERVER_NAME="localhost").get("/accounts/login/").content.decode()
    assert "Sign in with Acme SSO" in page
    _, arrived = sign_in("Alice@acme.test")
    assert arrived.redirect_chain[-1][0] == "/w/acme/"
    assert Person.objects.get(email="alice@acme.test").has_usable_password()
    assert AuditEntry.objects.filter(workspace=members, action="signed_in").count() == 1


def test_invited_address_becomes_a_member(members: Workspace, alice_person: Person, provider: str) -> None:
    actions.invite(members, "dora@acme.test", "analyst", by=alice_person)
    client, arrived = sign_in("dora@acme.test")
    assert arrived.redirect_chain[-1][0] == "/w/acme/"
    dora = Membership.objects.get(workspace=members, person__email="dora@acme.test")
    assert (dora.role, dora.person.name) == ("analyst", "Dora Duarte")
    assert client.get("/me/").status_code == 200


@pytest.mark.parametrize(
    ("email", "verified"), [("stranger@acme.test", True), ("dora@acme.test", False), ("alice@acme.test", False)]
)
def test_strangers_and_unproven_addresses_stay_out(
    members: Workspace, alice_person: Person, provider: str, email: str, verified: bool
) -> None:
    actions.invite(members, "dora@acme.test", "analyst", by=alice_person)
    before = Person.objects.count()
    client, _ = sign_in(email, verified)
    assert "_auth_user_id" not in client.session
    assert Person.objects.count() == before
