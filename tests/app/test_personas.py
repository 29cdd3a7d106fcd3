"""Personas: told by people, counted from the facts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.customers.faces import FACES, drawn
from percorso.customers.models import Persona, Segment
from percorso.customers.personas.actions import make_persona
from percorso.customers.segments.actions import make_segment
from percorso.errors import BadQuestion
from tests.app.api_client import Program
from tests.web.test_pages import text

LIST = "/w/acme/personas/"
TOLD = {
    "name": "Marina", "role": "Buys gifts online", "quote": "I only want it to arrive <in time>.", "face": "3",
    "needs": "Delivery on the day promised\n\n  Somebody who answers ", "pains": "Waiting", "goals": "",
}  # fmt: skip


@pytest.fixture
def segment(members: Workspace) -> Segment:
    return make_segment(members, name="Brazil", rule={"trait": "country", "is": ["BR"]}, by="test")


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def test_without_a_segment_the_segment_comes_first(alice: Client) -> None:
    assert "make the segment first" in page(alice, LIST)
    assert alice.get(f"{LIST}new/")["Location"] == LIST


def test_a_persona_is_told_and_its_share_is_counted(alice: Client, bob: Client, segment: Segment) -> None:
    response = alice.post(f"{LIST}new/", TOLD | {"segment": segment.pk})
    found = Persona.objects.get()
    assert response["Location"] == f"{LIST}{found.pk}/"
    assert found.needs == "Delivery on the day promised\nSomebody who answers"
    for client in (alice, bob):
        html = page(client, f"{LIST}{found.pk}/")
        told = text(html)
        assert "60.0%" in told
        assert "240 customers now" in told
        assert "Somebody who answers" in told
        assert "Nothing written yet." in told
        assert "arrive &lt;in time&gt;" in html
        assert 'hx-get="/w/acme/segments/brazil/figures/"' in html
        assert "Marina" in page(client, LIST)
    assert "/change/" not in page(bob, f"{LIST}{found.pk}/")
    assert AuditEntry.objects.filter(action="persona_made", target="Marina").exists()


def test_it_is_changed_and_removed(alice: Client, segment: Segment, alice_person: Person) -> None:
    persona = make_persona(segment.workspace, name="Marina", segment=segment, by=alice_person)
    path = f"{LIST}{persona.pk}/"
    assert 'value="Marina"' in page(alice, f"{path}change/")
    assert alice.post(f"{path}change/", TOLD | {"name": "Mara", "segment": segment.pk})["Location"] == path
    persona.refresh_from_db()
    assert (persona.name, persona.face) == ("Mara", "3")
    assert alice.post(f"{path}change/", TOLD | {"name": "", "segment": segment.pk}).status_code == 400
    assert alice.post(f"{path}remove/")["Location"] == LIST
    assert not Persona.objects.exists()
    assert Segment.objects.filter(pk=segment.pk).exists()


def test_a_segment_of_another_workspace_is_no_choice(alice: Client, segment: Segment, alice_person: Person) -> None:
    elsewhere = Workspace.objects.get(slug="elsewhere")
    foreign = Segment.objects.create(workspace=elsewhere, slug="x", name="Foreign", rule={})
    assert "Foreign" not in page(alice, f"{LIST}new/")
    assert alice.post(f"{LIST}new/", TOLD | {"segment": foreign.pk}).status_code == 400
    with pytest.raises(BadQuestion):
        make_persona(segment.workspace, name="Marina", segment=foreign, by=alice_person)


def test_viewers_see_and_do_not_change(segment: Segment, as_role: Callable[[str], Client]) -> None:
    viewer = as_role("viewer")
    assert "Make a persona" not in page(viewer, LIST)
    page(viewer, f"{LIST}new/", 403)


def test_eight_faces_differ_and_say_nothing_dangerous() -> None:
    faces = {drawn(key, 64) for key in FACES}
    assert len(faces) == 8 == len(Persona.Face.values)
    assert all("style=" not in face and "aria-hidden" in face for face in faces)


def test_the_list_asks_the_database_as_often_for_one_as_for_three(
    alice: Client, segment: Segment, alice_person: Person, django_assert_num_queries: Any
) -> None:
    make_persona(segment.workspace, name="One", segment=segment, by=alice_person)
    page(alice, LIST)
    with django_assert_num_queries(8):
        page(alice, LIST)
    for name in ("Two", "Three"):
        make_persona(segment.workspace, name=name, segment=segment, by=alice_person)
    with django_assert_num_queries(8):
        page(alice, LIST)


def test_programs_read_personas(segment: Segment, alice_person: Person) -> None:
    make_persona(segment.workspace, name="Marina", segment=segment, needs="One\nTwo", by=alice_person)
    found = Program(segment.workspace, alice_person).get("/personas").json()["items"]
    assert [(one["name"], one["segment"], one["share"], one["needs"]) for one in found] == [
        ("Marina", "brazil", 0.6, ["One", "Two"])
    ]
