"""Every address as a stranger, as an outsider, as the wrong role and without CSRF token; a new one has to be added here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from percorso.accounts.models import MAY, Role, Workspace
from tests.app.access_table import ALLAUTH, EXPECTED, OBJECTS


@dataclass(frozen=True)
class Address:
    """One address: its name, its view, and the names of what it takes."""

    name: str
    route: str
    view: Any
    takes: tuple[str, ...]

    @property
    def access(self) -> str | None:
        return getattr(self.view, "access", None)


def addresses(resolver: URLResolver | None = None, before: str = "") -> Iterator[Address]:
    """Yield every address of the application."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry, route)
        elif isinstance(entry, URLPattern):
            yield Address(entry.name or "", route, entry.callback, tuple(entry.pattern.converters or ()))


EVERY = list(addresses())
OURS = [a for a in EVERY if not a.route.startswith(("accounts/", "language/", "api/v1/"))]
IN_WORKSPACE = [a for a in OURS if a.route.startswith("w/<slug:slug>/")]
LACKING = {what: next((r for r in Role if what not in MAY[r]), None) for what in frozenset().union(*MAY.values())}


def href(address: Address, workspace: Workspace) -> str:
    """Return an address of the workspace, with ids of things that exist where they can."""
    values = {"slug": workspace.slug} if "slug" in address.takes else {}
    others = [name for name in address.takes if name != "slug"]
    made = OBJECTS[address.name](workspace) if others else {}
    values |= {name: made[name] for name in others}
    return reverse(address.name, kwargs=values)


def test_every_address_is_listed_with_who_may_open_it() -> None:
    assert {a.name: a.access for a in OURS} == EXPECTED


def test_what_comes_with_allauth_is_listed() -> None:
    assert {a.name for a in EVERY if a.route.startswith(("accounts/", "language/")) and a.name} == set(ALLAUTH)


@pytest.mark.parametrize("address", IN_WORKSPACE, ids=lambda a: a.name)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_asked_to_sign_in(method: str, address: Address, members: Workspace) -> None:
    answer = getattr(Client(SERVER_NAME="localhost"), method)(href(address, members))
    assert (answer.status_code, answer.headers.get("Location", "").partition("?")[0]) in (
        (302, reverse("account_login")),
        (405, ""),
    )


@pytest.mark.parametrize("address", IN_WORKSPACE, ids=lambda a: a.name)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_outsider_is_not_even_told_that_it_exists(
    method: str, address: Address, members: Workspace, charlie: Client
) -> None:
    assert getattr(charlie, method)(href(address, members)).status_code in (404, 405)


@pytest.mark.parametrize("address", [a for a in IN_WORKSPACE if LACKING[a.access or "see"]], ids=lambda a: a.name)
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_wrong_role_is_refused(
    method: str, address: Address, members: Workspace, as_role: Callable[[str], Client]
) -> None:
    role = LACKING[address.access or "see"]
    assert role is not None
    assert getattr(as_role(role), method)(href(address, members)).status_code in (403, 405)


@pytest.mark.parametrize("address", [a for a in OURS if a.access], ids=lambda a: a.name)
def test_no_change_without_a_csrf_token(address: Address, members: Workspace, alice: Client) -> None:
    browser = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    browser.cookies = alice.cookies
    assert browser.post(href(address, members)).status_code in (403, 405)
