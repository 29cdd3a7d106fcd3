"""The REST interface: keys, problems, pages, repeated requests, limits, and what each operation does."""

import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from percorso.accounts.models import ApiKey, AuditEntry, Person, Workspace
from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.base.worker import run_all
from percorso.outreach.models import Allowance, KeptAnswer
from percorso.web.api.limits import PER_MINUTE
from tests.app.api_client import V1, Program, revoked

ROW = {"id": "a1", "at": "2026-01-05T10:00:00Z", "metric": "csat", "score": 5, "scale_min": 1, "scale_max": 5, "population": "customer"}  # fmt: skip


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch, members: Workspace) -> Iterator[Store]:
    """A store without facts."""
    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        yield store


@pytest.fixture
def program(members: Workspace, alice_person: Person) -> Program:
    return Program(members, alice_person)


@pytest.fixture
def reader(members: Workspace, alice_person: Person) -> Program:
    """A program that may read figures and nothing else."""
    return Program(members, alice_person, "read", personal=False)


def problem(answer: Any, status: int) -> dict[str, Any]:
    """Return the problem that an answer is."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(answer.content)
    assert told["status"] == status
    assert told["type"].startswith("urn:percorso:problem:")
    assert told["detail"]
    return told


# Keys


def test_without_a_key_nothing_is_answered(members: Workspace, alice: Client, program: Program) -> None:
    assert problem(Client(SERVER_NAME="localhost").get(V1 + "/indicators"), 401)["type"].endswith("no-key")
    # Whoever is signed in with a browser is nobody here: there is no cookie, so nothing to forge.
    answer = alice.get(V1 + "/indicators")
    assert problem(answer, 401)
    assert answer["WWW-Authenticate"].startswith("Bearer")
    program.secret = "pc_wrong"
    problem(program.get("/indicators"), 401)
    program.secret = ""
    problem(program.get("/indicators"), 401)


def test_keys_that_are_over_open_nothing(program: Program) -> None:
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    problem(program.get("/indicators"), 401)
    ApiKey.objects.update(expires_at=None)
    assert program.get("/indicators").status_code == 200
    problem(revoked(program).get("/indicators"), 401)


def test_a_key_does_what_it_may(reader: Program, empty: Store) -> None:
    assert reader.get("/indicators").status_code == 200
    for path in ("/customers", "/customers/c1", "/customers/c1/facts"):
        assert "personal" in problem(reader.get(path), 403)["detail"]
    for method, path, body in (
        ("POST", "/facts/answers", {"rows": [ROW]}),
        ("POST", "/webhooks", {"url": "https://example.com/"}),
        ("DELETE", "/webhooks/1", None),
        ("DELETE", "/imports/1", None),
        ("POST", "/annotations", {"day": "2026-01-01", "text": "x"}),
    ):
        problem(reader.ask(method, path, body), 403)


def test_a_key_sees_its_own_workspace_only(
    program: Program, members: Workspace, charlie_person: Person, empty: Store
) -> None:
    other = Program(Workspace.objects.get(slug="elsewhere"), charlie_person)
    program.post("/facts/answers", {"rows": [ROW]})
    hook = program.post("/webhooks", {"url": "https://example.com/x"}).json()["id"]
    assert other.get("/webhooks").json()["items"] == []
    for method in ("GET", "DELETE"):
        problem(other.ask(method, f"/webhooks/{hook}"), 404)
    problem(other.ask("PATCH", f"/webhooks/{hook}", {"enabled": False}), 404)
    cell = other.post("/query", {"indicators": ["csat"], "from": "2026-01-01", "to": "2026-01-31"}).json()["cells"][0]
    assert (cell["value"], cell["n"]) == (None, 0)


def test_the_key_is_named_in_the_audit_log(program: Program, empty: Store) -> None:
    program.post("/facts/answers", {"rows": [ROW]})
    entry = AuditEntry.objects.get(action="facts_appended")
    assert entry.by == str(program.key)
    assert entry.details == {"rows": 1, "new": 1, "repeated": 0}


# Problems


def test_problems_say_what_does_not_fit_and_where(program: Program) -> None:
    told = problem(program.post("/query", {"indicators": [], "confidence": 2, "colour": "red"}), 422)
    assert {error["where"] for error in told["errors"]} == {"body.indicators", "body.confidence", "body.colour"}
    assert problem(program.get("/imports?limit=0"), 422)["errors"][0]["where"] == "query.limit"
    problem(program.post("/query", {"indicators": ["csat"], "from": "2026-02-01", "to": "2026-01-01"}), 400)
    problem(program.post("/query", {"indicators": ["csat"], "by": ["nonsense"]}), 400)
    problem(program.post("/query", {"indicators": ["nonsense"]}), 400)
    problem(program.post("/query", {"indicators": ["csat"], "grain": "hour"}), 400)


def test_problems_are_told_in_the_language_asked_for(program: Program) -> None:
    told = problem(program.get("/nonsense", Accept_Language="it"), 404)
    assert told["title"]
    assert told["type"] == "urn:percorso:problem:not-found"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nonsense", 404), ("GET", "/", 404), ("GET", "/indicators/nonsense", 404),
     ("PUT", "/indicators", 405), ("GET", "/query", 405), ("GET", "/imports/99", 404), ("GET", "/imports/x", 422),
     ("GET", f"/imports/{10**30}", 404), ("GET", f"/webhooks/-{10**30}", 404), ("GET", "/customers?search=%00", 400),
     ("GET", "/imports?cursor=x", 400), ("GET", "/customers?cursor=x", 400), ("GET", "/webhooks?cursor=WyIxIl0", 400)],
)  # fmt: skip
def test_every_error_is_a_problem(method: str, path: str, status: int, program: Program, empty: Store) -> None:
    answer = program.ask(method, path)
    problem(answer, status)
    assert status != 405 or "POST" in answer["Allow"] or "GET" in answer["Allow"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [(b"{", "application/json", 400), (b'{"rows": NaN}', "application/json", 400), (b"\xff", "application/json", 400),
     (b'{"rows": "\\ud800"}', "application/json", 400), (b'{"rows": "\\u0000"}', "application/json", 400),
     (b"[" * 100_000, "application/json", 400), (b"[]", "application/json", 422), (b"a=1", "application/x-www-form-urlencoded", 415),
     (b"{}", "text/plain", 415), (b" " * (16 * 2**20 + 1), "application/json", 413), (b"", "application/json", 422)],
    ids=lambda value: None if isinstance(value, int) else str(value)[:30],
)  # fmt: skip
def test_bodies_that_cannot_be_read(body: bytes, kind: str, status: int, program: Program, empty: Store) -> None:
    headers = {"Authorization": f"Bearer {program.secret}"}
    answer = program.client.generic("POST", V1 + "/facts/answers", body, content_type=kind, headers=headers)
    problem(answer, status)


def test_an_error_of_ours_is_a_problem_without_details(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("percorso.insights.queries.answer", lambda query: 1 / 0)
    told = problem(program.post("/query", {"indicators": ["csat"]}), 500)
    assert "division" not in json.dumps(told)


# Pages


def test_a_list_is_read_page_by_page(program: Program, members: Workspace) -> None:
    made = [program.post("/webhooks", {"url": f"https://example.com/{n}"}).json()["id"] for n in range(5)]
    seen, cursor = [], ""
    while True:
        page = program.get(f"/webhooks?limit=2{cursor}").json()
        seen += [row["id"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == made
    keys = [row["key"] for row in program.get("/indicators?limit=200").json()["items"]]
    first = program.get("/indicators?limit=3").json()
    second = program.get(f"/indicators?limit=3&cursor={first['next']}").json()
    assert [row["key"] for row in first["items"] + second["items"]] == keys[:6]


# Repeated requests


def test_a_repeated_request_changes_nothing_and_gets_the_first_answer(program: Program) -> None:
    body = {"url": "https://example.com/once"}
    first = program.post("/webhooks", body, Idempotency_Key="k-1")
    again = program.post("/webhooks", body, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 201, "true")
    assert again.content == first.content
    assert not first.has_header("Idempotency-Replayed")
    assert len(program.get("/webhooks").json()["items"]) == 1
    other = problem(program.post("/webhooks", {"url": "https://example.com/two"}, Idempotency_Key="k-1"), 422)
    assert "another request" in other["detail"]
    assert program.post("/webhooks", body, Idempotency_Key="k-2").status_code == 201


def test_a_request_at_hand_is_not_carried_out_twice(program: Program) -> None:
    body = {"url": "https://example.com/once"}
    program.post("/webhooks", body, Idempotency_Key="k")
    KeptAnswer.objects.update(status=None)
    answer = program.post("/webhooks", body, Idempotency_Key="k")
    assert problem(answer, 409)
    assert answer["Retry-After"] == "1"
    KeptAnswer.objects.update(at=timezone.now() - timedelta(minutes=6))  # the process that had it died
    assert program.post("/webhooks", body, Idempotency_Key="k").status_code == 201


def test_a_refused_request_can_be_corrected_and_a_day_later_the_key_is_new(program: Program) -> None:
    problem(program.post("/webhooks", {"url": "https://10.0.0.1/"}, Idempotency_Key="k"), 400)
    assert program.post("/webhooks", {"url": "https://example.com/"}, Idempotency_Key="k").status_code == 201
    KeptAnswer.objects.update(at=timezone.now() - timedelta(hours=25))
    assert program.post("/webhooks", {"url": "https://example.com/2"}, Idempotency_Key="k").status_code == 201
    problem(program.post("/webhooks", {"url": "https://example.com/"}, Idempotency_Key="k" * 256), 400)


def test_keys_of_others_do_not_meet(program: Program, members: Workspace, alice_person: Person) -> None:
    program.post("/webhooks", {"url": "https://example.com/1"}, Idempotency_Key="k")
    other = Program(members, alice_person).post("/webhooks", {"url": "https://example.com/2"}, Idempotency_Key="k")
    assert other.status_code == 201
    assert not other.has_header("Idempotency-Replayed")


# Limits


def test_every_answer_says_what_is_left(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    noon = timezone.now().replace(hour=12, minute=0, second=30)
    monkeypatch.setattr("percorso.web.api.limits.timezone", SimpleNamespace(now=lambda: noon))
    first, second = program.get("/indicators"), program.get("/nonsense-too/1")
    assert (first["RateLimit-Limit"], first["RateLimit-Remaining"]) == ("600", "599")
    assert first["RateLimit-Reset"] == "30"
    assert program.get("/indicators/nonsense")["RateLimit-Remaining"] == "598"
    assert not second.has_header("RateLimit-Limit")  # no operation, nothing counted
    assert program.post("/webhooks", {})["RateLimit-Remaining"] == "119"


def test_too_many_requests_are_refused_until_the_next_minute(program: Program, members: Workspace, alice_person: Person) -> None:  # fmt: skip
    program.get("/indicators")
    Allowance.objects.update(used=PER_MINUTE["read"])
    answer = program.get("/indicators")
    assert problem(answer, 429)
    assert 0 < int(answer["Retry-After"]) <= 60
    assert answer["RateLimit-Remaining"] == "0"
    assert Program(members, alice_person).get("/indicators").status_code == 200
    Allowance.objects.update(minute=timezone.now() - timedelta(minutes=2))
    assert program.get("/indicators").status_code == 200


# Figures


def test_a_question_gets_the_answer_of_the_pages(program: Program, acme: Workspace) -> None:
    answer = program.post("/query", {"indicators": ["csat", "nps"], "period": "last_12_months", "compare": "previous", "sql": True}).json()  # fmt: skip
    period = Period.preset("last_12_months", acme.time_zone)
    asked = Query(
        ("csat", "nps"), acme.slug, period=period, compare="previous", schedule=acme.schedule, tz=acme.time_zone
    )
    for told, cell in zip(answer["cells"], measure(owner.store(), asked), strict=True):
        assert told["value"] == pytest.approx(cell.value)
        assert (told["low"], told["high"], told["n"]) == pytest.approx((cell.low, cell.high, cell.n))
        assert cell.change
        assert told["change"]["verdict"] == cell.change.verdict
    assert "SELECT" in answer["sql"]["csat"]
    assert answer["from"] == period.start.isoformat()


def test_series_and_breakdowns(program: Program, acme: Workspace) -> None:
    answer = program.post("/query", {"indicators": ["csat"], "period": "last_90_days", "grain": "month", "by": ["channel"], "segment": {"channel": ["email", None]}}).json()  # fmt: skip
    assert {cell["by"]["channel"] for cell in answer["cells"]} == {"email"}
    assert all(cell["start"].endswith("Z") for cell in answer["cells"])
    other = program.post("/query", {"indicators": ["csat"], "segment": {"channel": ["email"]}, "compare": {"channel": ["phone"]}})  # fmt: skip
    assert other.json()["cells"][0]["change"]["verdict"] in ("up", "down", "none", "untested")


@pytest.mark.parametrize(
    "column", ["customer", "identity", "customer.name", "properties.email", "customer.email", "id"]
)
def test_a_key_without_personal_data_cannot_get_them_by_a_breakdown(
    column: str, reader: Program, program: Program, acme: Workspace
) -> None:
    for question in ({"by": [column]}, {"segment": {column: ["x"]}}, {"compare": {column: ["x"]}}):
        assert column in problem(reader.post("/query", {"indicators": ["csat"]} | question), 403)["detail"]
    assert reader.post("/query", {"indicators": ["csat"], "by": ["customer.country"]}).status_code == 200
    assert program.post("/query", {"indicators": ["csat"], "segment": {column: ["x"]}}).status_code == 200


def test_annotations(program: Program) -> None:
    made = program.post("/annotations", {"day": "2026-01-15", "text": "New carrier"}).json()
    assert program.get("/annotations").json() == {"items": [made], "next": None}
    problem(program.post("/annotations", {"day": "2026-01-15", "text": "x", "indicator": "nonsense"}), 400)


# Facts


def test_rows_are_appended_once(program: Program, empty: Store) -> None:
    answer = program.post("/facts/answers", {"rows": [ROW, ROW | {"id": "a2", "score": 1, "shop": "Rome"}]})
    assert (answer.status_code, answer.json()) == (201, {"rows": 2, "new": 2, "repeated": 0})
    again = program.post("/facts/answers", {"rows": [ROW | {"score": 2}]}).json()
    assert again == {"rows": 1, "new": 0, "repeated": 1}
    rows = empty.engine.fetch(empty.engine.sql(empty.table("answers", "acme").order_by("id"))).to_pylist()
    assert [(row["id"], row["score"], row["batch"]) for row in rows] == [
        ("a1", 2.0, f"api-{program.key.pk}"),
        ("a2", 1.0, f"api-{program.key.pk}"),
    ]
    assert json.loads(rows[1]["properties"]) == {"shop": "Rome"}


@pytest.mark.parametrize(
    ("change", "column"),
    [({"score": "five"}, "score"), ({"score": True}, "score"), ({"score": 1e308}, "score"), ({"id": ""}, "id"), ({"id": None}, "id"),
     ({"id": 5}, "id"), ({"at": "yesterday"}, "at"), ({"at": None}, "at"), ({"at": 5}, "at"), ({"at": "0001-01-01"}, "at"),
     ({"at": "9999-12-31T23:59:59-12:00"}, "at"), ({"workspace": "elsewhere"}, "workspace"), ({"batch": "x"}, "batch"),
     ({"deliveries": 9}, "deliveries"), ({"channel": {"a": 1}}, "channel"), ({"properties": "x"}, "properties")],
    ids=str,
)  # fmt: skip
def test_one_row_that_does_not_fit_refuses_all_and_is_named(
    change: dict[str, Any], column: str, program: Program, empty: Store
) -> None:
    told = problem(program.post("/facts/answers", {"rows": [ROW, ROW | {"id": "a2"} | change]}), 422)
    assert [error["where"] for error in told["errors"]] == [f"body.rows.1.{column}"]
    assert (
        empty.engine.fetch(empty.engine.sql(empty.table("answers").count().name("n").as_table()))["n"][0].as_py() == 0
    )


def test_every_table_takes_facts(program: Program, empty: Store) -> None:
    samples = {
        "text": "x",
        "number": 1.5,
        "integer": 3,
        "flag": True,
        "instant": "2026-01-05T10:00:00+02:00",
        "json": {"a": 1},
    }
    for table in program.get("/tables").json()["items"]:
        row = {column["name"]: samples[column["kind"]] for column in table["columns"]}
        answer = program.post(f"/facts/{table['name']}", {"rows": [row]})
        assert answer.json() == {"rows": 1, "new": 1, "repeated": 0}, table["name"]
    problem(program.post("/facts/nonsense", {"rows": [ROW]}), 404)
    problem(program.post("/facts/answers", {"rows": [ROW] * 5001}), 422)


# Imports

CSV = b"id,date,score\n1,2026-01-05,5\n2,2026-01-06,4\n3,2026-01-07,1\n"


def test_a_file_is_imported_and_undone(program: Program, empty: Store) -> None:
    given = {"connector": "answers", "files": SimpleUploadedFile("../weird name.csv", CSV), "config": '{"metric": "csat", "scale": "1-5"}'}  # fmt: skip
    answer = program.upload("/imports", given)
    assert answer.status_code == 202, answer.content
    row = answer.json()
    assert (row["state"], row["files"], row["by"]) == ("waiting", ["weird name.csv"], str(program.key))
    run_all()
    done = program.get(f"/imports/{row['id']}").json()
    assert (done["state"], done["new"]) == ("done", 3)
    asked = {"indicators": ["csat"], "from": "2026-01-01", "to": "2026-01-31"}
    assert program.post("/query", asked).json()["cells"][0]["n"] == 3
    assert [i["id"] for i in program.get("/imports").json()["items"]] == [row["id"]]
    assert program.ask("DELETE", f"/imports/{row['id']}").status_code == 202
    problem(program.ask("DELETE", f"/imports/{row['id']}"), 409)
    run_all()
    assert program.get(f"/imports/{row['id']}").json()["state"] == "undone"
    assert program.post("/query", asked).json()["cells"][0]["n"] == 0


def test_a_repeated_upload_is_one_import(program: Program, empty: Store) -> None:
    def send(content: bytes = CSV) -> Any:
        files = SimpleUploadedFile("a.csv", content)
        return program.upload("/imports", {"connector": "answers", "files": files}, Idempotency_Key="upload-1")

    assert send().json() == send().json()
    assert len(program.get("/imports").json()["items"]) == 1
    problem(send(CSV + b"4,2026-01-08,2\n"), 422)


def test_uploads_that_are_refused(program: Program, empty: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def send(**fields: Any) -> Any:
        return program.upload("/imports", {"connector": "answers", "files": SimpleUploadedFile("a.csv", CSV)} | fields)

    problem(send(connector="nonsense"), 400)
    problem(send(config="["), 400)
    problem(send(config='{"nonsense": 1}'), 400)
    problem(program.upload("/imports", {"connector": "answers"}), 422)
    problem(program.post("/imports", {}), 415)
    monkeypatch.setenv("PERCORSO_UPLOAD_LIMIT_MB", "0")
    problem(send(), 413)
    assert program.get("/imports").json()["items"] == []


# Customers


def test_customers_are_found_and_read(program: Program, empty: Store) -> None:
    names = ("Ana Souza", "Bruno Lima", "Carla/Rossi é")
    rows = [{"id": f"c/{n}", "customer": f"c/{n}", "name": name, "created_at": f"2026-01-0{n}T00:00:00Z", "traits": {"email": f"p{n}@x.org"}} for n, name in enumerate(names, 1)]  # fmt: skip
    assert program.post("/facts/customers", {"rows": rows}).status_code == 201
    program.post("/facts/answers", {"rows": [ROW | {"id": f"a{n}", "customer": "c/3"} for n in range(3)]})
    assert [c["id"] for c in program.get("/customers").json()["items"]] == ["c/3", "c/2", "c/1"]
    found = program.get("/customers?search=rossi").json()["items"]
    assert [(c["name"], c["email"], c["facts"]) for c in found] == [("Carla/Rossi é", "p3@x.org", 3)]
    first = program.get("/customers?limit=2").json()
    assert [c["id"] for c in program.get(f"/customers?limit=2&cursor={first['next']}").json()["items"]] == ["c/1"]
    one = program.get("/customers/c%2F3").json()
    assert (one["name"], one["traits"], one["counts"]) == ("Carla/Rossi é", {"email": "p3@x.org"}, {"answers": 3})
    page = program.get("/customers/c%2F3/facts?limit=2").json()
    rest = program.get(f"/customers/c%2F3/facts?limit=2&cursor={page['next']}").json()
    assert [f["id"] for f in page["items"] + rest["items"]] == ["a2", "a1", "a0"]
    assert rest["next"] is None
    problem(program.get("/customers/nobody"), 404)
    assert AuditEntry.objects.filter(action="customer_viewed").count() == 1


# Document


def test_the_document_is_open_and_complete(members: Workspace) -> None:
    visitor = Client(SERVER_NAME="localhost")
    document = visitor.get(V1 + "/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert {"401", "429", "500"} <= set(operation["responses"]), (method, path)
            success = next(a for s, a in operation["responses"].items() if s.startswith("2"))
            assert "content" not in success or "example" in success["content"]["application/json"], (method, path)
            body = operation.get("requestBody", {}).get("content", {})
            assert all("example" in media for media in body.values()), (method, path)


def test_the_page_of_the_document_needs_no_other_host_and_no_inline_script(members: Workspace) -> None:
    page = Client(SERVER_NAME="localhost").get(V1 + "/docs")
    html = page.content.decode()
    assert "http://" not in html
    assert "https://" not in html
    assert "unsafe-inline" not in page["Content-Security-Policy"]
    assert next(part.split(">")[0] for part in html.split("<script")[1:]).strip().startswith('type="application/json"')
    for part in html.split("<script")[2:]:
        assert 'src="/static/' in part.split(">")[0]
        assert part.split(">")[1].startswith("</script")
        src = part.split('src="')[1].split('"')[0]
        assert Client(SERVER_NAME="localhost").get(src).status_code == 200


def test_lists_ask_the_database_as_often_for_three_as_for_one(
    program: Program, empty: Store, django_assert_num_queries: Callable[..., Any]
) -> None:
    for n in range(3):
        program.post("/webhooks", {"url": f"https://example.com/{n}"})
        program.post("/annotations", {"day": "2026-01-15", "text": "x"})
        program.upload("/imports", {"connector": "answers", "files": io.BytesIO(CSV)})
    for path, count in (("/webhooks", 4), ("/annotations", 4), ("/imports", 4)):
        program.get(path)
        for limit in (1, 3):
            with django_assert_num_queries(count):
                assert len(program.get(f"{path}?limit={limit}").json()["items"]) == limit
