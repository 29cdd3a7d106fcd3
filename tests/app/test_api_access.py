"""Every operation of the REST interface without a key, with a stranger's key, and with one that may too little."""

import pytest
from django.test import Client

from percorso.accounts.models import Person, Workspace
from percorso.outreach.models import Delivery
from percorso.surveys.models import Survey
from percorso.web.api import api
from tests.app.access_table import OBJECTS, OPERATIONS
from tests.app.api_client import V1, Program

# Bodies that get past what is checked before the object is looked up.
BODIES = {
    "change_webhook": {"enabled": False},
    "change_webhook_source": {},
    "change_goal": {"target": 0.9},
    "change_watch": {"active": False},
    "snooze_watch": {"days": 1},
    "snooze_alarm": {"days": 1},
    "make_report_issue": {},
    "change_segment": {},
    "change_survey": {},
    "change_survey_definition": {"definition": {}},
    "make_response": {"answers": {}},
    "make_invitations": {"channel": "email"},
}


def operations() -> dict[str, tuple[str, str]]:
    """Return every operation's method and path by its name, as the document tells."""
    paths = api.get_openapi_schema(path_prefix="")["paths"]
    return {
        each["operationId"]: (method.upper(), path) for path, told in paths.items() for method, each in told.items()
    }


def with_ids(name: str, path: str, workspace: Workspace) -> str:
    """Return the path with ids of things that exist in the workspace."""
    values = {"key": "nps", "table": "answers", "id": "c1", "channel": "email"}
    if "{delivery}" in path:
        delivery = Delivery.objects.get(pk=OBJECTS["settings_webhook_replay"](workspace)["pk"])
        values |= {"delivery": str(delivery.pk), "id": str(delivery.webhook_id)}
    elif "board" in path or "report" in path:
        name = "boards_report" if "report" in path else "board"
        values |= {("id" if key == "pk" else key): str(v) for key, v in OBJECTS[name](workspace).items()}
    elif "webhook-sources" in path:
        values["id"] = str(OBJECTS["webhook_source"](workspace)["pk"])
    elif "tracking/refused" in path:
        values["id"] = str(OBJECTS["refused_call"](workspace)["pk"])
    elif "identities/decisions" in path:
        values["id"] = str(OBJECTS["identity_undo"](workspace)["pk"])
    elif "webhook" in path:
        values["id"] = str(OBJECTS["settings_webhook"](workspace)["pk"])
    elif "surveys" in path:
        values["slug"] = Survey.objects.create(workspace=workspace, name="NPS", slug="nps").slug
    elif "{slug}" in path:
        values["slug"] = str(OBJECTS["segment"](workspace)["segment"])
    elif "goal" in path or "benchmark" in path:
        values["id"] = str(OBJECTS["goal" if "goal" in path else "benchmark_change"](workspace)["pk"])
    elif "watches" in path or "alarms" in path:
        values["id"] = str(OBJECTS["alerts_watch" if "watches" in path else "alerts_alarm"](workspace)["pk"])
    elif "import" in path:
        values["id"] = str(OBJECTS["import"](workspace)["pk"])
    return path.format(**values)


def test_every_operation_is_listed_with_what_its_key_needs() -> None:
    assert set(operations()) == set(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_without_a_key_it_is_refused(name: str, members: Workspace, alice: Client) -> None:
    method, path = operations()[name]
    href = V1 + with_ids(name, path, members)

    # Signed in by a browser or not: no cookie counts here, so no request can be forged with one.
    assert [browser.generic(method, href).status_code for browser in (Client(SERVER_NAME="localhost"), alice)] == [
        401,
        401,
    ]


@pytest.mark.parametrize("name", [name for name, needs in OPERATIONS.items() if needs != "read"])
def test_a_key_that_may_too_little_is_refused(name: str, members: Workspace, alice_person: Person) -> None:
    method, path = operations()[name]
    little = Program(members, alice_person, "write" if OPERATIONS[name] == "personal" else "read", personal=False)

    assert little.ask(method, with_ids(name, path, members)).status_code == 403


@pytest.mark.parametrize(
    "name",
    [n for n, (_, path) in operations().items() if ("{id}" in path or "{slug}" in path) and "customers" not in path],
)
def test_a_strangers_key_is_not_even_told_that_it_exists(name: str, members: Workspace, charlie_person: Person) -> None:
    method, path = operations()[name]
    stranger = Program(Workspace.objects.get(slug="elsewhere"), charlie_person)

    assert stranger.ask(method, with_ids(name, path, members), BODIES.get(name)).status_code == 404
