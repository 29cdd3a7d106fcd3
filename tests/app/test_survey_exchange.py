"""Surveys of other systems: read whole or with a list of what could not be, their answers kept once, and written again."""

import json
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from percorso.accounts.models import Workspace
from percorso.analytics.measure import measure
from percorso.analytics.query import Query
from percorso.analytics.store import Store
from percorso.base import fact_outbox, jobs
from percorso.base.models import Job
from percorso.base.worker import run_all
from percorso.surveys.bank import TEMPLATES
from percorso.surveys.conditions import Condition
from percorso.surveys.definition import Definition, Question
from percorso.surveys.exchange import actions
from percorso.surveys.exchange.expressions import read_condition, write_condition
from percorso.surveys.exchange.format import FORMATS, BadFile, File, Read
from percorso.surveys.exchange.given import read_files
from percorso.surveys.exchange.jobs import import_responses
from percorso.surveys.exchange.reading import archive_of, xml_of
from percorso.surveys.models import Response, Survey
from tests.app.respondents import open_survey

FIXTURES = Path(__file__).parent / "fixtures" / "surveys"


def file(name: str) -> File:
    return File(name, (FIXTURES / name).read_bytes())


def read(*names: str) -> Read:
    return read_files([file(name) for name in names])[1]


def question(found: Read, key: str) -> Question:
    one = found.definition.question(key)
    assert one is not None, [q.id for q in found.definition.questions()]
    return one


def without_ours(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: without_ours(value) for key, value in content.items() if not key.startswith("percorso")}
    return [without_ours(one) for one in content] if isinstance(content, list) else content


@pytest.mark.parametrize("form", [key for key, one in FORMATS.items() if one.writes])
@pytest.mark.parametrize("template", list(TEMPLATES))
def test_what_is_written_is_read_as_it_was(form: str, template: str) -> None:
    definition = TEMPLATES[template].make("Acme")
    written = File("survey.json", FORMATS[form].write(definition).encode())
    format_, found = read_files([written])
    assert (format_.key, found.definition, found.notes) == (form, definition, [])


@pytest.mark.parametrize("template", list(TEMPLATES))
def test_surveyjs_alone_says_texts_answers_and_conditions(template: str) -> None:
    definition = TEMPLATES[template].make("Acme")
    plain = without_ours(json.loads(FORMATS["surveyjs"].write(definition)))
    found = read_files([File("survey.json", json.dumps(plain).encode())])[1]
    assert not found.notes
    assert set(found.definition.languages) == set(definition.languages)
    for ours, theirs in zip(definition.questions(), found.definition.questions(), strict=True):
        assert (ours.id, ours.text, ours.required, ours.help) == (theirs.id, theirs.text, theirs.required, theirs.help)
        assert ours.type == theirs.type or (ours.type, theirs.type) == ("ces", "csat")


def test_what_was_changed_in_surveyjs_counts() -> None:
    content = json.loads(FORMATS["surveyjs"].write(TEMPLATES["nps"].make("Acme")))
    content["pages"][0]["elements"][0]["title"] = "How likely are you to recommend us, honestly?"
    found = read_files([File("survey.json", json.dumps(content).encode())])[1]
    first = next(found.definition.questions())
    assert (first.text["en"], first.type) == ("How likely are you to recommend us, honestly?", "nps")


values = st.one_of(st.integers(-50, 50), st.text("abc '\\", min_size=1, max_size=5))
leaves = st.one_of(
    st.builds(lambda several: {"question": "q", "is": several}, st.lists(values, min_size=1, max_size=3)),
    st.builds(lambda low: {"question": "q", "at_least": low}, st.integers(-9, 9)),
    st.builds(lambda high: {"trait": "plan", "at_most": high}, st.integers(-9, 9)),
    st.builds(lambda known: {"question": "q", "answered": known}, st.booleans()),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda one: {"not": one}, inner),
        st.builds(lambda kind, several: {kind: several}, st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=8,
)  # fmt: skip


@given(conditions, st.one_of(st.none(), values), st.one_of(st.none(), st.integers(-9, 9)))
def test_a_condition_written_and_read_holds_of_the_same(condition: dict[str, Any], answer: Any, plan: Any) -> None:
    ours = Condition.model_validate(condition)
    again = read_condition(write_condition(ours), {"q": "q"}, {})
    assert again.holds({"q": answer}, {"plan": plan}) == ours.holds({"q": answer}, {"plan": plan})


def test_surveyjs_is_read_with_its_conditions_and_told_losses() -> None:
    found = read("surveyjs.json")
    definition = found.definition
    assert (definition.languages, definition.thanks) == (["en", "pt-BR"], {"en": "Thank you"})
    nps = question(found, "q_nps")
    assert (nps.type, nps.metric, nps.required, nps.text["pt-BR"]) == ("nps", "nps", True, "Você nos recomendaria?")
    assert [[q.id for q in page.questions] for page in definition.pages][:2] == [["q_nps"], ["why", "used", "plan"]]
    used = question(found, "used")
    assert [option.id for option in used.config.options] == ["shop", "app-1", "none"]
    assert (used.config.other, used.config.alone) == (True, ["none"])
    last = definition.pages[-1]
    assert last.show_if is not None
    assert last.show_if.holds({"plan": "2", "used": ["app-1"]}, {})
    assert last.show_if.holds({"plan": "2", "q_nps": 9}, {})
    assert not last.show_if.holds({"plan": "2", "q_nps": 8}, {})
    assert question(found, "look").type == "stars"
    told = [note.template.format(**note.params) for note in found.notes]
    assert len(told) == 4
    assert any("Where are you?" in one and "geopicker" in one for one in told)
    assert any("age({birth}) > 18" in one for one in told)


def test_columns_of_a_table_are_guessed() -> None:
    found = read("google_forms.csv")
    assert [column.kind for column in found.columns] == ["time", "nps", "choices", "csat", "text"]
    assert [len(found.responses), len({one.key for one in found.responses})] == [4, 4]
    first = list(found.responses[0].answers.values())
    assert first[:3] == [9, ["Loja", "App"], 4]
    assert [column.kind for column in read("typeform.csv").columns] == [
        "key", "nps", "choice", "text", "start", "time", "leave",
    ]  # fmt: skip


def test_zero_to_ten_is_nps_only_where_it_asks_to_recommend() -> None:
    table = "Timestamp,How full was it?\n2026-03-01 10:00:00,0\n2026-03-01 11:00:00,10\n"
    found = read_files([File("a.csv", table.encode())])[1]
    assert [q.type for q in found.definition.questions()] == ["csat"]


def test_answers_are_kept_once_and_counted(members: Workspace, facts: Store) -> None:
    found = read("typeform.csv")
    n = measure_nps(facts)
    survey, new = actions.take_survey(members, found, name="Typeform", by="command")
    assert (new, actions.keep_responses(survey, found.responses)) == (True, 4)
    again, new = actions.take_survey(members, read("typeform.csv"), name="Typeform", by="command")
    assert (again, new, actions.new_responses(again, found.responses)) == (survey, False, 0)
    assert actions.keep_responses(again, found.responses) == 0
    response = Response.objects.get(survey=survey, completed_at__minute=1)
    assert (response.seconds, response.completed_at and response.completed_at.isoformat()) == (90, "2026-03-01T10:01:30+00:00")  # fmt: skip
    fact_outbox.load()
    assert measure_nps(facts) == n + 4
    assert survey.state == Survey.State.PAUSED


def measure_nps(store: Store) -> int:
    return next(iter(measure(store, Query(("nps",), "acme", None)))).n


def test_ten_thousand_answers_take_seconds(members: Workspace) -> None:
    lines = [f"{i},{i % 11},because {i},2026-03-01 10:00:00" for i in range(10_000)]
    table = "\n".join(["#,Would you recommend us?,Why?,Submitted At", *lines])
    begun = time.monotonic()
    found = read_files([File("a.csv", table.encode())])[1]
    survey, _ = actions.take_survey(members, found, name="Many", by="command")
    assert actions.keep_responses(survey, found.responses) == 10_000
    assert time.monotonic() - begun < 30


def post(alice: Client, address: str, **given: Any) -> Any:
    return alice.post(address, given)


def test_a_person_looks_corrects_and_imports(alice: Client, members: Workspace, facts: Store) -> None:
    content = (FIXTURES / "google_forms.csv").read_bytes()
    answer = post(alice, "/w/acme/surveys/import/", answers=SimpleUploadedFile("forms.csv", content))
    look = answer.headers["Location"]
    page = alice.get(look).content.decode()
    assert "4 responses, 4 of them new" in page
    assert "Qual a probabilidade" in page
    assert not members.surveys.exists()
    post(alice, look, name="Forms", do="look", **{"kind-3": "text"})
    assert '<option value="text" selected>' in alice.get(look).content.decode()
    post(alice, look, name="Forms", do="import", **{"kind-3": "number"})
    run_all()
    survey = members.surveys.get(name="Forms")
    assert Response.objects.filter(survey=survey).count() == 4
    assert {q.type for q in survey.definition.questions()} == {"nps", "choices", "number", "text"}
    assert "4 responses of 4 were added" in alice.get(look).content.decode()
    job = Job.objects.get(name="import_responses")
    assert job.state == Job.State.DONE


def test_an_import_that_is_stopped_goes_on_later_and_doubles_nothing(alice: Client, members: Workspace) -> None:
    lines = [f"{i},{i % 11},because {i},2026-03-01 10:00:00" for i in range(1200)]
    table = "\n".join(["#,Would you recommend us?,Why?,Submitted At", *lines]).encode()
    look = post(alice, "/w/acme/surveys/import/", answers=SimpleUploadedFile("many.csv", table)).headers["Location"]
    post(alice, look, name="Many", do="import")
    survey = members.surveys.get(name="Many")
    found = read_files([File("many.csv", table)])[1]

    def stop_after_some(done: int) -> None:
        if done:
            raise jobs.Stopped

    with pytest.raises(jobs.Stopped):
        actions.keep_responses(survey, found.responses, stop_after_some)
    assert survey.responses.count() == 500
    row = jobs.take("worker", local=True)
    assert row is not None
    assert alice.post(f"/w/acme/jobs/{row.pk}/stop/", {"next": look}).status_code in (302, 303)
    with pytest.raises(jobs.Stopped):
        import_responses(row, survey.pk, look.rstrip("/").rpartition("/")[2])
    Job.objects.filter(pk=row.pk).update(state=Job.State.STOPPED)
    assert survey.responses.count() == 500
    assert "What was kept so far stays" in alice.get(look).content.decode()
    post(alice, look)
    run_all()
    assert survey.responses.count() == 1200
    assert "700 responses of 1,200 were added" in alice.get(look).content.decode()
    post(alice, look)
    run_all()
    assert survey.responses.count() == 1200


def test_a_later_export_with_more_options_adds_what_is_new(members: Workspace) -> None:
    lines = [
        "#,Would you recommend us?,Which plan?,Submitted At",
        *(f"{i},9,{p},2026-03-01 10:00:00" for i, p in enumerate(["Free", "Pro"] * 4)),
    ]
    march = read_files([File("a.csv", "\n".join(lines).encode())])[1]
    survey, _ = actions.take_survey(members, march, name="Monthly", by="command")
    actions.keep_responses(survey, march.responses)
    later = [*lines, *(f"{i},7,Family,2026-04-01 10:00:00" for i in range(8, 12))]
    april = read_files([File("a.csv", "\n".join(later).encode())])[1]
    again, new = actions.take_survey(members, april, name="Monthly", by="command")
    assert (again, new, actions.new_responses(again, april.responses)) == (survey, False, 4)
    assert actions.keep_responses(again, april.responses) == 4
    assert members.surveys.count() == 1
    assert again.live is not None
    assert again.live.number == 2
    assert [option.id for option in again.live.definition.question("which_plan").config.options] == [
        "Free",
        "Pro",
        "Family",
    ]


def test_imported_responses_are_marked_as_given_ones_and_count_for_quotas(members: Workspace) -> None:
    head = "#,Would you recommend us?,A?,B?,C?,D?,Start Date (UTC),Submit Date (UTC)"
    rows = [
        "k1,5,5,5,5,5,2026-03-01 10:00:00,2026-03-01 10:05:00",
        "k2,9,4,2,5,1,2026-03-01 10:00:00,2026-03-01 10:00:01",
    ]
    found = read_files([File("a.csv", "\n".join([head, *rows]).encode())])[1]
    survey, _ = actions.take_survey(members, found, name="Marked", by="command")
    actions.keep_responses(survey, found.responses)
    marks = dict(survey.responses.order_by("completed_at").values_list("completed_at__minute", "marks"))
    assert marks == {0: ["fast"], 5: ["straight"]}


def test_the_page_gathers_notes_that_say_the_same(alice: Client, members: Workspace) -> None:
    elements = [{"type": "text", "name": f"q{i}", "title": f"Q{i}?", "correctAnswer": "a"} for i in range(4)]
    content = json.dumps({"elements": elements}).encode()
    sent = post(alice, "/w/acme/surveys/import/", questionnaire=SimpleUploadedFile("a.json", content))
    page = alice.get(sent.headers["Location"]).content.decode()
    assert "The same of 3 more questions" in page
    assert page.count("“correctAnswer”") == 4


def test_the_definition_is_offered_beside_the_answers(
    alice: Client, as_role: Callable[[str], Client], members: Workspace
) -> None:
    open_survey(members)
    assert "/w/acme/surveys/nps/definition/surveyjs/" in alice.get("/w/acme/surveys/nps/export/").content.decode()
    analyst = as_role("analyst").get("/w/acme/surveys/nps/export/").content.decode()
    assert "definition/surveyjs" not in analyst


def test_a_questionnaire_becomes_a_draft(alice: Client, members: Workspace) -> None:
    content = (FIXTURES / "surveyjs.json").read_bytes()
    sent = post(alice, "/w/acme/surveys/import/", questionnaire=SimpleUploadedFile("a.json", content))
    look = sent.headers["Location"]
    assert "geopicker" in alice.get(look).content.decode()
    post(alice, look, name="Our service", do="import")
    survey = members.surveys.get()
    assert (survey.state, survey.live) == (Survey.State.DRAFT, None)


def test_a_survey_is_given_as_a_file(alice: Client, members: Workspace) -> None:
    survey = open_survey(members)
    for form in ("percorso", "surveyjs"):
        answer = alice.get(f"/w/acme/surveys/nps/definition/{form}/")
        found = read_files([File("a.json", answer.content)])[1]
        assert found.definition == Definition.model_validate(survey.draft)
        assert "attachment" in answer.headers["Content-Disposition"]
    assert alice.get("/w/acme/surveys/nps/definition/qualtrics/").status_code == 404


BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]><document>&b;</document>'


def bomb() -> bytes:
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        archive.writestr("survey_1.lss", b"0" * 210_000_000)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"pages": [', "not whole JSON"),
        (b"[" * 100_000, "not whole JSON"),
        ("Data;Você\n2026-01-01;é".encode("latin-1"), "not in UTF-8"),
        (b"", "no table of answers"),
        (b'{"a": 1}', "of no format"),
        (b'{"SurveyElements": [{"Element": "BL", "Payload": {"a": {"BlockElements": [3]}}}]}', "cannot become"),
        (b'{"questions": [{"type": "matrix", "rows": 4}]}', "cannot become"),
    ],
)
def test_bad_files_are_refused_with_what_to_do(alice: Client, members: Workspace, content: bytes, says: str) -> None:
    with pytest.raises(BadFile, match=says):
        read_files([File("bad", content)])
    sent = post(alice, "/w/acme/surveys/import/", questionnaire=SimpleUploadedFile("bad", content or b" "))
    assert sent.status_code == 400


def test_entities_and_bombs_are_refused() -> None:
    with pytest.raises(BadFile, match="document type"):
        xml_of(File("a.lss", BOMB.encode()))
    with pytest.raises(BadFile, match="unpacks to more than"):
        archive_of(File("a.lsa", bomb()))


def test_qualtrics_is_read_with_its_answers() -> None:
    found = read("qualtrics.qsf", "qualtrics.csv")
    nps = question(found, "q1")
    assert (nps.type, nps.required, nps.text) == (
        "nps", True, {"en": "How likely are you to recommend us?", "pt-BR": "Você nos recomendaria?"},
    )  # fmt: skip
    assert nps.settings == {"low": {"en": "Not at all"}, "high": {"en": "Extremely"}}
    assert [[q.id for q in page.questions] for page in found.definition.pages] == [
        ["q1"], ["q2"], ["q3", "q4"], ["q5", "q6"],
    ]  # fmt: skip
    assert question(found, "q5").show_if == Condition.model_validate({"question": "q3", "is": ["2"]})
    assert [option.id for option in question(found, "q3").config.options] == ["2", "1"]
    told = [note.template.format(**note.params) for note in found.notes]
    assert [("HeatMap" in told[0]), ("Gold" in told[1]), len(told)] == [True, True, 2]
    first, second, third = found.responses
    assert first.answers == {"q1": 10, "q3": "2", "q4": ["1", "2"], "q5": {"1": "2", "2": "1"}, "q6": ["2", "1"]}
    assert second.answers == {"q1": 3, "q2": "Não chegou", "q3": {"option": "other", "text": "Família"}, "q4": ["2"]}
    assert (first.customer, second.language, third.complete, third.answers) == ("c1", "pt-BR", False, {"q1": 7})


def test_answers_of_another_questionnaire_are_refused() -> None:
    with pytest.raises(BadFile, match="holds no answers"):
        read("qualtrics.qsf", "typeform.csv")
    with pytest.raises(BadFile, match="holds no answers"):
        read("surveyjs.json", "typeform.csv")


def archive() -> File:
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as made:
        made.writestr("survey_7.lss", file("limesurvey.lss").content)
        made.writestr("survey_7_responses.lsr", file("limesurvey_responses.lsr").content)
    return File("survey.lsa", content.getvalue())


def test_limesurvey_is_read_with_its_answers() -> None:
    format_, found = read_files([archive()])
    assert (format_.key, found.definition.languages) == ("limesurvey", ["en", "pt-BR"])
    assert [(q.id, q.type) for q in found.definition.questions()] == [
        ("g1", "csat"), ("why", "text"), ("plan", "choice"), ("used", "choices"), ("parts", "matrix"),
        ("order", "ranking"), ("again", "choice"), ("dual_0", "matrix"), ("dual_1", "matrix"),
    ]  # fmt: skip
    assert question(found, "g1").required
    assert question(found, "why").show_if == Condition.model_validate({"question": "g1", "at_most": 3})
    assert question(found, "parts").show_if == Condition.model_validate({"question": "plan", "is": ["A2"]})
    told = [note.template.format(**note.params) for note in found.notes]
    assert ["parts_SQ001" in told[0], "Twice?" in told[1], len(told)] == [True, True, 2]
    first, second = found.responses
    assert first.answers == {
        "g1": 2, "why": "Não chegou", "plan": "A2", "used": ["SQ001"], "parts": {"SQ001": "A1", "SQ002": "A2"},
        "order": ["R2", "R1"], "again": "yes",
    }  # fmt: skip
    assert (first.language, first.complete, second.complete) == ("pt-BR", True, False)
    assert second.answers == {"g1": 5, "plan": {"option": "other", "text": "Family"}}


def test_formbricks_is_read_with_its_answers() -> None:
    found = read("formbricks.json", "formbricks_responses.json")
    assert [q.type for q in found.definition.questions()] == [
        "nps", "stars", "choice", "choices", "text", "matrix", "ranking",
    ]  # fmt: skip
    assert found.definition.thanks == {"en": "Thank you", "pt-BR": "Obrigado"}
    told = [note.template.format(**note.params) for note in found.notes]
    assert ["Meet us" in told[1], len(told)] == [True, 2]
    assert found.responses[0].answers == {
        "nps1": 9, "stars1": 4, "one1": "c1", "many1": ["m1", "m2"], "text1": "Bom", "mat1": {"Price": "Good"},
        "rank1": ["r2", "r1"],
    }  # fmt: skip


def test_a_table_without_times_makes_no_survey(members: Workspace) -> None:
    found = read_files([File("a.csv", b"Would you recommend us?,Why?\n9,Good\n")])[1]
    with pytest.raises(BadFile, match="No column says when"):
        actions.take_survey(members, found, name="A", by="command")
    assert not members.surveys.exists()
