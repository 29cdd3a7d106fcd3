"""Programs write surveys, publish them, answer them, and read what was answered."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from rich.console import Console

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.analytics.measure import measure
from percorso.analytics.query import Query
from percorso.analytics.store import Store
from percorso.base import fact_outbox, owner
from percorso.base.worker import run_all
from percorso.commands.session import Session, run
from percorso.outreach.channel_accounts import change_channel
from percorso.outreach.models import ContactPolicy, Suppression
from percorso.surveys.bank import TEMPLATES
from percorso.surveys.models import Invitation, Response, Survey
from tests.app.api_client import Program

YES_NO = [{"id": "yes", "score": 1}, {"id": "no", "score": 0}]
COLUMNS = [{"id": str(n), "score": n} for n in (1, 2, 3)]
# A question of every type that can be answered in words.
EVERYTHING: dict[str, Any] = {
    "title": {"en": "Everything"},
    "pages": [
        {"id": "one", "questions": [
            {"id": "nps", "type": "nps", "text": {"en": "Recommend?"}, "metric": "nps", "required": True},
            {"id": "reply", "type": "choice", "text": {"en": "Which?"}, "settings": {"options": YES_NO, "other": True}},
            {"id": "several", "type": "choices", "text": {"en": "Which ones?"}, "settings": {"options": [{"id": "a"}, {"id": "b"}, {"id": "c"}], "other": True, "most": 2}},
            {"id": "grid", "type": "matrix", "text": {"en": "Each?"}, "metric": "csat", "settings": {"rows": [{"id": "speed"}, {"id": "tone"}], "columns": COLUMNS}},
            {"id": "order", "type": "ranking", "text": {"en": "In order?"}, "settings": {"items": [{"id": "x"}, {"id": "y"}, {"id": "z"}]}},
            {"id": "note", "type": "text", "text": {"en": "A word?"}},
            {"id": "age", "type": "number", "text": {"en": "How old?"}, "settings": {"least": 0, "most": 130}},
            {"id": "day", "type": "date", "text": {"en": "When?"}},
            {"id": "told", "type": "statement", "text": {"en": "Nearly done."}},
            {"id": "photo", "type": "file", "text": {"en": "A photo?"}},
        ]},
        {"id": "two", "show_if": {"question": "nps", "at_most": 6}, "questions": [
            {"id": "why", "type": "text", "text": {"en": "Why?"}, "required": True},
        ]},
        {"id": "three", "show_if": {"trait": "plan", "is": ["pro"]}, "questions": [
            {"id": "plan", "type": "text", "text": {"en": "And the plan?"}},
        ]},
    ],
}  # fmt: skip
WHOLE = {
    "nps": 9, "reply": {"option": "other", "text": "Perhaps"}, "several": ["a", {"option": "other", "text": "Ours"}],
    "grid": {"speed": "3", "tone": "1"}, "order": ["y", "x", "z"], "note": "Grüße 🌻", "age": 41.5, "day": "2026-03-04",
}  # fmt: skip


@pytest.fixture
def program(members: Workspace, alice_person: Person, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        yield Program(members, alice_person)


def made(program: Program, definition: dict[str, Any] = EVERYTHING, **more: Any) -> str:
    """Return the path of a survey that is live."""
    answer = program.post("/surveys", {"name": "Everything", "definition": definition} | more)
    assert answer.status_code == 201, answer.content
    path = f"/surveys/{answer.json()['slug']}"
    assert program.post(path + "/publish", None).json()["state"] == "live"
    return path


def wrong(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.content
    return {each["where"].removeprefix("body.answers."): each["detail"] for each in answer.json()["errors"]}


def test_a_survey_from_a_template_is_published_answered_and_counted(program: Program) -> None:
    assert {t["key"] for t in program.get("/survey-templates").json()["items"]} == set(TEMPLATES)
    survey = program.post("/surveys", {"name": "How are we doing?", "template": "nps"}).json()
    assert (survey["slug"], survey["state"], survey["version"], survey["unpublished"]) == ("how-are-we-doing", "draft", None, True)  # fmt: skip
    assert survey["address"].endswith(f"/s/{Survey.objects.get().key}/")
    path = f"/surveys/{survey['slug']}"
    assert program.post(path + "/responses", {"answers": {"nps": 10}}).status_code == 409
    assert program.post(path + "/publish", None).json()["version"] == 1
    for score in (10, 9, 2):
        assert (
            program.post(path + "/responses", {"answers": {"nps": score}, "customer": f"c{score}"}).status_code == 201
        )
    fact_outbox.load()
    (cell,) = measure(owner.store(), Query(("nps",), "acme"))
    assert (round(cell.value or 0, 1), cell.n) == (33.3, 3)
    assert set(AuditEntry.objects.values_list("action", "by")) >= {
        ("survey_made", str(program.key)),
        ("survey_published", str(program.key)),
    }


def test_answers_of_every_type_are_kept_as_they_are_sent(program: Program) -> None:
    path = made(program)
    answer = program.post(path + "/responses", {"answers": WHOLE})
    assert answer.status_code == 201, answer.content
    assert answer.json()["answers"] == WHOLE
    response = Response.objects.get()
    assert (response.answers, response.marks, response.seconds) == (WHOLE, [], None)
    assert program.get(path + "/responses").json()["items"][0]["answers"] == WHOLE
    assert program.post(path + "/responses", {"answers": WHOLE | {"note": None, "several": []}}).status_code == 201


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("nps", 11), ("nps", -1), ("nps", 9.5), ("nps", "x"), ("nps", True), ("nps", [9]), ("nps", {"option": 9}),
        ("reply", "maybe"), ("reply", {"option": "other"}), ("reply", {"option": "yes"}), ("reply", ["yes"]),
        ("reply", {"option": "other", "text": "x", "more": 1}),
        ("several", ["d"]), ("several", ["a", "b", "c"]), ("several", ["a", "a"]), ("several", {"a": 1}), ("several", [["a"]]),
        ("grid", {"speed": "9"}), ("grid", {"taste": "1"}), ("grid", {"speed": {"a": 1}}), ("grid", "1"), ("grid", ["1"]),
        ("order", ["x", "x", "y"]), ("order", ["w"]), ("order", "x"), ("order", {"x": 1, "y": 2}),
        ("note", ["a"]), ("note", {"a": "b"}), ("note", "x" * 10_001),
        ("age", 131), ("age", "old"), ("age", [4]), ("age", True),
        ("day", "2026-02-30"), ("day", 20260304.5),
        ("told", "yes"), ("photo", {"upload": "abc"}), ("unknown", 1),
    ],
)  # fmt: skip
def test_what_the_page_would_refuse_is_refused_with_its_question(program: Program, question: str, value: Any) -> None:
    path = made(program)
    found = wrong(program.post(path + "/responses", {"answers": {"nps": 9} | {question: value}}))
    assert list(found) == [question]
    assert found[question]
    assert not Response.objects.exists()


def test_what_is_missing_or_not_asked_is_told_in_the_language_of_the_program(program: Program) -> None:
    path = made(program)
    assert wrong(program.post(path + "/responses", {"answers": {}})) == {"nps": "Please answer this question."}
    assert list(wrong(program.post(path + "/responses", {"answers": {"nps": 3}}))) == ["why"]
    assert list(wrong(program.post(path + "/responses", {"answers": {"nps": 9, "why": "So"}}))) == ["why"]
    assert list(wrong(program.post(path + "/responses", {"answers": {"nps": 9, "plan": "So"}}))) == ["plan"]
    pro = {"answers": {"nps": 9, "plan": "Fine"}, "traits": {"plan": "pro"}}
    assert program.post(path + "/responses", pro).json()["answers"] == pro["answers"]


def test_a_response_counts_once_however_often_it_is_sent(program: Program) -> None:
    path = made(program)
    body = {"answers": {"nps": 9}, "id": "order-4711", "customer": "c1"}
    first, again = program.post(path + "/responses", body), program.post(path + "/responses", body)
    assert [first.json().pop("new"), again.json().pop("new")] == [True, False]
    assert first.json()["response"] == again.json()["response"]
    assert program.post(path + "/responses", body | {"answers": {"nps": 3, "why": "x"}}).status_code == 409
    assert program.post(path + "/responses", body | {"id": "order-4712"}).json()["new"]
    assert program.post(path + "/close", None).json()["open"] is False
    assert program.post(path + "/responses", body).json()["new"] is False
    replayed = [program.post(path + "/reopen", None, Idempotency_Key="k").status_code for _ in range(2)]
    assert replayed == [200, 200]
    for _ in range(2):
        program.post(path + "/responses", {"answers": {"nps": 8}}, Idempotency_Key="once")
    assert Response.objects.count() == 3
    other = made(program)
    assert program.post(other + "/responses", body).json()["new"] is True
    assert Response.objects.filter(customer="c1").count() == 3


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_once_it_is_kept_once(program: Program) -> None:
    path = made(program)

    def send(_: int) -> tuple[int, Any]:
        try:
            answer = program.post(path + "/responses", {"answers": {"nps": 9}, "id": "order-1"})
            return answer.status_code, answer.json()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(8)))
    assert [status for status, _ in answers] == [201] * 8
    assert sum(told["new"] for _, told in answers) == 1
    assert Response.objects.count() == 1


def test_names_and_words_are_for_keys_that_may_read_personal_data(program: Program, alice_person: Person) -> None:
    path = made(program)
    program.post(path + "/responses", {"answers": WHOLE, "customer": "c1"})
    little = Program(program.key.workspace, alice_person, "read", personal=False)
    (told,) = little.get(path + "/responses").json()["items"]
    assert told["customer"] is None
    assert told["answers"] == {
        "nps": 9, "reply": "other", "several": ["a", "other"], "grid": {"speed": "3", "tone": "1"}, "order": ["y", "x", "z"],
        "age": 41.5, "day": "2026-03-04",
    }  # fmt: skip
    assert program.get(path + "/responses").json()["items"][0]["customer"] == "c1"


def test_an_anonymous_survey_keeps_and_tells_nobody(program: Program) -> None:
    survey = program.post("/surveys", {"name": "Work", "template": "enps"}).json()
    assert (survey["anonymous"], survey["population"]) == (True, "employee")
    path = f"/surveys/{survey['slug']}"
    program.post(path + "/publish", None)
    body = {"answers": {"enps": 9}}
    assert program.post(path + "/responses", body | {"customer": "ana"}).status_code == 422
    assert program.post(path + "/responses", body | {"traits": {"team": "x"}}).status_code == 422
    assert program.post(path + "/responses", body).status_code == 201
    assert Response.objects.get().customer == ""
    assert program.get(path + "/responses").status_code == 403


def test_responses_come_in_pages_and_by_whether_they_are_complete(
    program: Program, django_assert_num_queries: Any
) -> None:
    path = made(program)
    for n in range(3):
        program.post(path + "/responses", {"answers": {"nps": 7 + n}})
    Response.objects.filter(answers__nps=7).update(completed_at=None)
    first = program.get(path + "/responses?limit=2").json()
    rest = program.get(f"{path}/responses?limit=2&cursor={first['next']}").json()
    assert [r["answers"]["nps"] for r in (*first["items"], *rest["items"])] == [9, 8, 7]
    assert rest["next"] is None
    assert [r["answers"]["nps"] for r in program.get(path + "/responses?completed=false").json()["items"]] == [7]
    with django_assert_num_queries(5):
        program.get(path + "/responses?limit=1")
    with django_assert_num_queries(5):
        program.get(path + "/responses?limit=3")
    for _ in range(2):
        made(program)
    with django_assert_num_queries(4):
        program.get("/surveys?limit=1")
    with django_assert_num_queries(4):
        program.get("/surveys?limit=3")


def test_a_definition_that_does_not_fit_is_told_where(program: Program) -> None:
    path = made(program)
    bad = {"pages": [{"id": "one", "questions": [{"id": "a", "type": "telepathy"}, {"id": "B", "type": "nps"}]}]}
    answer = program.ask("PUT", path + "/definition", {"definition": bad})
    assert answer.status_code == 422
    told = {each["where"]: each["detail"] for each in answer.json()["errors"]}
    assert "telepathy" in told["body.definition.pages.0.questions.0"]
    assert "body.definition.pages.0.questions.1.id" in told
    ahead = {"pages": [{"id": "one", "show_if": {"question": "nps", "is": [1]}}]}
    assert program.post("/surveys", {"name": "x", "definition": ahead}).status_code == 422
    assert program.post("/surveys", {"name": "x", "definition": {}, "template": "nps"}).status_code == 422
    assert program.post("/surveys", {"name": "x", "template": "none"}).status_code == 422
    assert program.post("/surveys", {"name": " "}).status_code == 422
    many = {"pages": [{"id": "one", "questions": [{"id": "B", "type": "nps"}] * 500}]}
    assert len(program.ask("PUT", path + "/definition", {"definition": many}).json()["errors"]) == 100
    nested: dict[str, Any] = {"question": "nps", "is": [1]}
    for _ in range(120):
        nested = {"not": nested}
    deep = {"pages": [*EVERYTHING["pages"][:1], {"id": "deep", "show_if": nested}]}
    assert program.post("/surveys", {"name": "x", "definition": deep}).status_code < 500


def test_the_draft_changes_and_what_respondents_see_only_when_it_is_published(program: Program) -> None:
    path = made(program)
    changed = EVERYTHING | {"title": {"en": "Everything else"}}
    assert program.ask("PUT", path + "/definition", {"definition": changed}).json()["definition"]["title"] == {"en": "Everything else"}  # fmt: skip
    assert program.get(path).json()["unpublished"] is True
    assert program.get(path + "/definition?version=1").json()["definition"]["title"] == {"en": "Everything"}
    assert program.get(path + "/definition?version=2").status_code == 404
    assert (program.post(path + "/publish", None).json()["version"], program.get(path).json()["unpublished"]) == (2, False)  # fmt: skip
    program.post(path + "/responses", {"answers": {"nps": 9}})
    assert Response.objects.get().version.number == 2


def test_what_would_make_answers_incomparable_is_not_published(program: Program) -> None:
    path = made(program)
    program.post(path + "/responses", {"answers": {"nps": 9, "reply": "yes"}})
    fewer = [q | ({"settings": {"options": YES_NO[:1], "other": True}} if q["id"] == "reply" else {}) for q in EVERYTHING["pages"][0]["questions"]]  # fmt: skip
    definition = EVERYTHING | {"pages": [{"id": "one", "questions": fewer}, *EVERYTHING["pages"][1:]]}
    assert program.ask("PUT", path + "/definition", {"definition": definition}).status_code == 200
    answer = program.post(path + "/publish", None)
    assert answer.status_code == 409
    assert [each["where"] for each in answer.json()["errors"]] == ["q-reply"]
    assert program.get(path).json()["version"] == 1


def test_pausing_closing_and_opening_again(program: Program) -> None:
    path = made(program)
    states = [program.post(f"{path}/{how}", None).json()["state"] for how in ("pause", "pause", "reopen", "close", "reopen")]  # fmt: skip
    assert states == ["paused", "paused", "live", "closed", "live"]
    assert program.post("/surveys", {"name": "Draft"}).json()["slug"] == "draft"
    assert program.post("/surveys/draft/close", None).status_code == 400
    over = {"closes_at": "2026-01-01T00:00:00Z"}
    assert program.ask("PATCH", path, over).json()["open"] is False
    assert program.post(path + "/responses", {"answers": {"nps": 9}}).status_code == 409
    assert program.post(path + "/reopen", None).json()["closes_at"] is None


def test_settings_change_and_those_that_do_not_fit_are_refused(program: Program) -> None:
    path = made(program)
    values = {"name": "Other", "touchpoint": "Shop", "gap_days": 30, "share": 0.5, "priority": 9, "closes_at": "2031-01-01T00:00:00Z"}  # fmt: skip
    told = program.ask("PATCH", path, values).json()
    assert {name: told[name] for name in values} == values
    assert told["slug"] == "everything"
    for bad in ({"share": 0}, {"priority": 10}, {"gap_days": -1}, {"state": "live"}, {"closes_at": "0001-01-01T00:00:00Z"}, {"closes_at": "2026-01-01T00:00:00"}):  # fmt: skip
        assert program.ask("PATCH", path, bad).status_code == 422, bad


def test_time_taken_is_kept_where_the_program_knows_it(program: Program) -> None:
    path = made(program)
    body = {"answers": {"nps": 9, "age": 4}, "started_at": "2026-01-01T10:00:00Z"}
    assert program.post(path + "/responses", body).json()["seconds"] > 0
    assert program.post(path + "/responses", body | {"started_at": "2026-01-01T10:00:00"}).status_code == 422
    assert program.post(path + "/responses", body | {"language": "pt_BR"}).status_code == 422
    assert program.post(path + "/responses", body | {"traits": {"plan": "x" * 501}}).status_code == 422
    assert program.post(path + "/responses", {"answers": {f"q{n}": 1 for n in range(201)}}).status_code == 422
    told = program.post(path + "/responses", body | {"language": "pt-BR", "channel": "kiosk app"}).json()
    assert (told["language"], told["channel"]) == ("pt-BR", "kiosk app")


@pytest.fixture
def sending(program: Program) -> str:
    """The path of a live survey of a workspace that sends e-mails, at any hour."""
    change_channel(program.key.workspace, "email", {"sender": "survey@acme.test"}, by="test")
    ContactPolicy.objects.create(workspace=program.key.workspace, first_hour=0, last_hour=24)
    return made(program)


def test_a_program_invites_people_and_sees_what_became_of_it(program: Program, sending: str, mailoutbox: Any) -> None:
    people = [
        {"address": "Ana@example.com", "customer": "c1", "language": "en", "traits": {"plan": "pro"}},
        {"address": "bia@example.com"},
    ]
    Suppression.objects.create(workspace=program.key.workspace, address="bia@example.com", because="bounced")
    asked = {"channel": "email", "people": people}
    told = [program.post(sending + "/invitations", asked, Idempotency_Key="a").json() for _ in range(2)]
    assert told[0] == told[1]
    run_all()
    found = program.get(f"{sending}/invitations?sending={told[0]['sending']}").json()["items"]
    assert [(i["address"], i["customer"], i["state"], i["because"]) for i in reversed(found)] == [
        ("ana@example.com", "c1", "sent", ""),
        ("bia@example.com", None, "refused", "bounced"),
    ]
    assert [mail.to for mail in mailoutbox] == [["ana@example.com"]]
    assert Invitation.objects.get(customer="c1").traits["plan"] == "pro"
    assert [i["because"] for i in program.get(sending + "/invitations?state=refused").json()["items"]] == ["bounced"]


def test_who_cannot_be_invited_is_told_before_anybody_is(program: Program, sending: str, alice_person: Person) -> None:
    def refused(**body: Any) -> int:
        return program.post(sending + "/invitations", {"channel": "email"} | body).status_code

    people = [{"address": "ana@example.com"}]
    assert refused(people=[*people, {"address": "nobody"}]) == 422
    assert refused() == refused(people=people, segment="all") == refused(segment="none") == 422
    assert refused(people=people, channel="pigeon") == 422
    assert refused(people=people, channel="sms") == 400
    assert program.post(sending + "/pause", None).status_code == 200
    assert refused(people=people) == 400
    assert not Invitation.objects.exists()
    little = Program(program.key.workspace, alice_person, "write", personal=False)
    assert little.get(sending + "/invitations").status_code == 403


def test_the_command_lists_surveys_with_their_addresses(program: Program) -> None:
    program.post(made(program) + "/responses", {"answers": {"nps": 9}})
    written = StringIO()
    assert run(["surveys", "list"], Session(Console(file=written, width=120), Path())) == 0
    (line,) = [line for line in written.getvalue().splitlines() if "everything" in line]
    assert [cell.strip() for cell in line.split("│")[1:4]] == ["everything", "Live", "1"]
    assert f"/s/{Survey.objects.get().key}/" in line
