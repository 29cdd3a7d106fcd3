"""The OpenAPI document says what is true: its examples are carried out, and schemathesis looks for what it does not say."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from percorso.accounts.models import Person, Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.customers.identity.told import keep_told
from percorso.customers.models import Persona, Segment
from percorso.insights.models import Alarm, Board, Report, Watch
from percorso.insights.value import examples as value_examples
from percorso.outreach.channel_accounts import change_channel
from percorso.outreach.models import Allowance, Delivery
from percorso.sources.arriving.examples import REFUSED_CALL
from percorso.sources.models import Import, RefusedCall, Source
from percorso.sources.tracking.rows import Said
from percorso.surveys.models import Distribution, Invitation, Survey
from tests.app import clicked, shop, visited
from tests.app.api_client import V1, Program

# What is another thing every time; only its kind is compared.
CHANGING = {
    "id",
    "report",
    "changed_at",
    "made_at",
    "address",
    "secret",
    "created_at",
    "started_at",
    "by",
    "batch",
    "next_at",
    "tried_at",
    "told_at",
    "watch",
    "expires_at",
    "send_at",
    "sending",
    "completed_at",
    "response",
    "write_key",
    "at",
    "source",
    "counted_at",
    "first_at",
    "last_at",
}
CUSTOMER = {"id": "c1", "name": "Ana Souza", "country": "BR", "language": "pt-BR", "created_at": "2025-06-01T00:00:00Z", "traits": {"email": "ana@example.com"}}  # fmt: skip
CSV = b"id,date,score\n1,2026-03-05,5\n"


@pytest.fixture
def program(members: Workspace, alice_person: Person, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        yield Program(members, alice_person)


def same(shown: Any, real: Any, name: str = "") -> bool:
    """Whether an answer is what the example shows; of a list, whether every entry shown is there."""
    if name in CHANGING and name != "id":
        return type(shown) is type(real)
    if isinstance(shown, dict):
        return (
            isinstance(real, dict)
            and shown.keys() == real.keys()
            and all(same(v, real[k], k) for k, v in shown.items())
        )
    if isinstance(shown, list) and name == "items":
        return all(any(same(one, other) for other in real) for one in shown)
    if isinstance(shown, list):
        return len(shown) == len(real) and all(same(a, b) for a, b in zip(shown, real, strict=True))
    if name == "id" and isinstance(shown, int):
        return isinstance(real, int)
    if isinstance(shown, float) and isinstance(real, (int, float)):
        return real == pytest.approx(shown, rel=1e-5)
    return bool(shown == real)


def operations(program: Program) -> dict[str, tuple[str, str, dict[str, Any]]]:
    document = program.client.get(V1 + "/openapi.json").json()
    return {
        operation["operationId"]: (method.upper(), path.removeprefix(V1), operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


# Each after what it needs; what is not named here does not run, and the test says so.
ORDER = (
    "list_tables", "append_facts", "list_indicators", "get_indicator", "query", "make_annotation", "list_annotations",
    "preview_segment", "make_segment", "get_segment", "list_segments", "list_personas", "change_segment", "remove_segment",
    "list_boards", "get_board", "list_reports", "make_report_issue",
    "list_customers", "get_customer", "list_customer_facts", "get_personal_data", "claim_identities", "list_customer_identities", "list_waiting_identities",
    "list_companies", "get_company", "decide_identities", "list_identity_decisions", "undo_identity_decision", "record_consent", "list_consents", "start_import", "get_import", "list_imports", "undo_import",
    "make_webhook", "get_webhook", "list_webhooks", "list_deliveries", "replay_delivery", "change_webhook", "change_secret",
    "remove_webhook", "make_webhook_source", "get_webhook_source", "list_webhook_sources", "replay_webhook_source",
    "change_webhook_source", "remove_webhook_source", "make_goal", "get_goal", "list_goals", "change_goal", "remove_goal",
    "make_benchmark", "list_benchmarks", "remove_benchmark",
    "preview_watch", "make_watch", "get_watch", "list_watches", "snooze_watch", "change_watch", "get_alarm", "list_alarms",
    "snooze_alarm", "close_alarm", "remove_watch",
    "list_survey_templates", "make_survey", "change_survey_definition", "get_survey_definition", "change_survey",
    "publish_survey", "get_survey", "list_surveys", "make_response", "list_responses", "make_invitations", "list_invitations",
    "pause_survey", "reopen_survey", "close_survey", "change_channel", "get_channel", "list_channels", "forget_customer",
    "analyse_rfm", "analyse_retention", "analyse_lifetime_value", "analyse_closed_loop", "analyse_sample_size",
    "make_event_source", "list_event_sources", "replace_tracking_plan", "get_tracking_plan", "list_seen_events",
    "list_refused_calls", "get_refused_call", "replay_refused_call", "discard_refused_call",
    "ask_funnel", "ask_retention", "ask_paths",
    "ask_frequency", "ask_features", "ask_speed_impact", "ask_errors",
)  # fmt: skip


def carried_out(program: Program, method: str, path: str, operation: dict[str, Any], ids: dict[str, Any]) -> Any:
    """Carry out an operation as its example asks."""
    shown = {p["name"]: p.get("example") for p in operation["parameters"] if p["in"] == "path"}
    for name, value in shown.items():
        path = path.replace("{" + name + "}", str(ids[name] if value is None else value))
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        form = content["multipart/form-data"]["example"]
        files = [SimpleUploadedFile(name, CSV) for name in form["files"]]
        return program.upload(path, form | {"files": files})
    return program.ask(method, path, content.get("application/json", {}).get("example"))


def board(program: Program) -> Report:
    """Make the board and the report that the examples show."""
    cards = [{"id": "5f2c91aa", "kind": "figure", "width": 1, "indicators": ["csat"]}]
    to = [{"email": f"{name}@acme.test", "language": "en", "time_zone": "Europe/Rome"} for name in ("ana", "bea")]
    made = Board.objects.create(
        workspace=program.key.workspace, slug="service-desk", name="Service desk",
        about="What the service desk looks at on Mondays", cards=cards,
    )  # fmt: skip
    return Report.objects.create(workspace=made.workspace, board=made, name=made.name, recipients=to)


def _persona(program: Program) -> None:
    """Make the persona that the example shows."""
    Persona.objects.create(
        workspace=program.key.workspace, segment=Segment.objects.get(), name="Marina", role="Buys gifts online",
        quote="I only want it to arrive in time.", needs="Delivery on the day promised", pains="Nobody answers",
    )  # fmt: skip


def _invitation(program: Program) -> None:
    """Make the invitation that the example shows, as the job would."""
    now = timezone.now()
    Invitation.objects.create(
        survey=Survey.objects.get(), distribution=Distribution.objects.get(), customer="c1", address="ana@example.com",
        name="Ana Souza", language="pt-BR", channel="email", send_at=now, expires_at=now,
    )  # fmt: skip


def _refused() -> RefusedCall:
    """Make the refused call that the examples show."""
    kept = {"reason": "no_identity", "kind": "track", "body": json.dumps(REFUSED_CALL, separators=(",", ":"))}
    return RefusedCall.objects.create(source=Source.objects.get(), **kept)


def alarm(program: Program) -> int:
    """Make the alarm that the examples show."""
    made = Alarm.objects.create(workspace=program.key.workspace, day=date(2026, 2, 3))
    made.findings.create(
        watch=Watch.objects.get(), indicator="csat", day=made.day, since=date(2026, 2, 1), direction="down", good=False,
        chance=0.0004, template="{indicator}: {value} on average since {since}, where {expected} was to be expected.",
        params={"indicator": "csat", "value": 0.62, "expected": 0.84, "since": "2026-02-01"},
        contributors=[{"column": "channel", "value": "phone", "before": 0.85, "after": 0.35, "share": 0.97}],
    )  # fmt: skip
    return made.pk


def test_every_example_is_answered_as_shown(program: Program) -> None:
    assert program.post("/facts/customers", {"rows": [CUSTOMER]}).status_code == 201
    report = board(program)
    every, ids = operations(program), dict[str, Any]({"id": report.pk})
    assert set(every) == set(ORDER)
    for name in ORDER:
        method, path, operation = every[name]
        if name == "make_report_issue":
            words = {"id": "0c4e7b12", "kind": "text", "width": 4, "text": "What we learned"}
            Board.objects.update(cards=[words])
        if name == "list_companies":
            traits = {"name": "Acme Brasil", "seats": 10}
            keep_told(program.key.workspace, [Said(timezone.now(), ("u1",), "group", traits, "acme-brasil")])
        if name == "list_personas":
            _persona(program)
        if name == "remove_segment":
            Persona.objects.all().delete()
        if name == "undo_import":
            Import.objects.update(state="done", job=None)
        if name == "list_deliveries":
            Delivery.objects.create(
                webhook_id=ids["id"], event="msg_p5jXN8AQM9LWM0D4loKWxJek", kind="import.finished", body="{}",
                state="failed", attempts=10, code=500, tried_at=timezone.now(),
            )  # fmt: skip
            ids["delivery"] = Delivery.objects.get().pk
        if name == "get_alarm":
            watch, ids["id"] = ids["id"], alarm(program)
        if name == "remove_watch":
            ids["id"] = watch
        if name == "make_invitations":
            change_channel(program.key.workspace, "email", {"sender": "survey@acme.test"}, by="test")
        if name == "list_invitations":
            _invitation(program)
        if name == "analyse_rfm":
            program.post("/facts/orders", {"rows": shop.orders()})
            program.post("/facts/subscriptions", {"rows": shop.subscriptions()})
        if name == "analyse_closed_loop":
            for table, rows in zip(("answers", "cases"), shop.unhappy(), strict=True):
                program.post(f"/facts/{table}", {"rows": rows})
        if name == "list_seen_events":
            program.post("/facts/events", {"rows": [{"id": "e1", "name": "Invite Sent", "at": "2026-01-12T02:00:00Z"}]})
        if name in ("list_refused_calls", "discard_refused_call"):
            ids["id"] = _refused().pk
        if name == "ask_funnel":
            program.post("/facts/events", {"rows": clicked.example()})
        if name == "ask_frequency":
            for table, rows in visited.example().items():
                program.post(f"/facts/{table}", {"rows": rows})
        answer = carried_out(program, method, path + value_examples.ASKED.get(name, ""), operation, ids)
        status, said = next((s, a) for s, a in operation["responses"].items() if s.startswith("2"))
        assert str(answer.status_code) == status, (name, answer.content)
        if "content" in said:
            shown, real = said["content"]["application/json"]["example"], json.loads(answer.content)
            assert same(shown, real), (name, shown, real)
            if name in (
                "make_watch",
                "start_import",
                "make_webhook",
                "make_webhook_source",
                "make_goal",
                "make_benchmark",
                "decide_identities",
            ):
                ids["id"] = real["id"]


def test_problems_are_shown_for_every_operation(program: Program) -> None:
    for name, (_, _, operation) in operations(program).items():
        for status, said in operation["responses"].items():
            if not status.startswith("2"):
                assert said["content"]["application/problem+json"]["example"]["status"] == int(status), name


@pytest.mark.django_db(transaction=True)
def test_schemathesis_finds_nothing_that_the_document_does_not_say(program: Program) -> None:
    program.post("/facts/customers", {"rows": [CUSTOMER]})
    program.post("/facts/answers", {"rows": [{"id": "a1", "at": "2026-01-05T10:00:00Z", "metric": "csat", "score": 5}]})
    program.post("/webhooks", {"url": "https://example.com/x"})
    board(program)
    schema = schemathesis.openapi.from_wsgi(V1 + "/openapi.json", get_wsgi_application())
    headers = {"Authorization": f"Bearer {program.secret}", "Host": "localhost"}
    checks = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
            _fuzz(operation, mode, headers, checks)


def _fuzz(operation: Any, mode: Any, headers: dict[str, str], checks: Any) -> None:
    @seed(20261122)
    @settings(
        max_examples=15,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        Allowance.objects.all().delete()
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=checks)

    one()


def test_the_document_is_valid_openapi(program: Program) -> None:
    document = Client(SERVER_NAME="localhost").get(V1 + "/openapi.json").json()
    names = [o["operationId"] for item in document["paths"].values() for o in item.values()]
    assert len(names) == len(set(names))
    assert document["components"]["securitySchemes"]
