"""Three people in every test of a page: Alice owns, Bob belongs (viewer), Charlie is a stranger with a workspace of his own."""

from collections.abc import Callable
from functools import lru_cache

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from percorso.accounts.models import Membership, Person, Role, Workspace

PASSWORD = "correct horse battery staple"


def person(email: str, name: str) -> Person:
    """Make somebody who can sign in with `PASSWORD`."""
    made = Person.objects.create_user(email, name=name)
    Person.objects.filter(pk=made.pk).update(password=_hash())
    made.refresh_from_db()
    return made


@lru_cache(maxsize=1)
def _hash() -> str:
    """The password as it is kept; made once, for a good hash is slow."""
    return make_password(PASSWORD)


@pytest.fixture
def alice_person(db: None) -> Person:
    return person("alice@acme.test", "Alice Albuquerque")


@pytest.fixture
def bob_person(db: None) -> Person:
    return person("bob@acme.test", "Bob Bianchi")


@pytest.fixture
def charlie_person(db: None) -> Person:
    return person("charlie@else.test", "Charlie Costa")


@pytest.fixture
def members(acme: Workspace, alice_person: Person, bob_person: Person, charlie_person: Person) -> Workspace:
    """The workspace `acme` with its people; Charlie's own workspace is `elsewhere`."""
    Membership.objects.create(workspace=acme, person=alice_person, role=Role.OWNER)
    Membership.objects.create(workspace=acme, person=bob_person, role=Role.VIEWER)
    elsewhere = Workspace.objects.create(slug="elsewhere", name="Elsewhere", time_zone="Europe/Rome")
    Membership.objects.create(workspace=elsewhere, person=charlie_person, role=Role.OWNER)
    return acme


def _client(person: Person) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    return client


@pytest.fixture
def alice(members: Workspace, alice_person: Person) -> Client:
    """A browser in which the owner is signed in."""
    return _client(alice_person)


@pytest.fixture
def bob(members: Workspace, bob_person: Person) -> Client:
    """A browser in which a viewer is signed in."""
    return _client(bob_person)


@pytest.fixture
def charlie(members: Workspace, charlie_person: Person) -> Client:
    """A browser in which a stranger is signed in."""
    return _client(charlie_person)


@pytest.fixture
def as_role(members: Workspace, bob_person: Person) -> Callable[[str], Client]:
    """A browser in which Bob is signed in with another role."""

    def change(role: str) -> Client:
        Membership.objects.filter(person=bob_person).update(role=role)
        return _client(bob_person)

    return change
