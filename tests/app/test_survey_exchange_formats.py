"""Logic, scores, own texts and answers of other systems, as their real files have them; what is lost is told."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from percorso.surveys.conditions import Condition
from percorso.surveys.definition import Question
from percorso.surveys.exchange._limesurvey_logic import read_relevance, said_by
from percorso.surveys.exchange.building import Builder, pieces
from percorso.surveys.exchange.expressions import NotExpressed
from percorso.surveys.exchange.format import Answered, File, Read
from percorso.surveys.exchange.given import read_files
from percorso.surveys.exchange.grid import read_time
from percorso.surveys.exchange.logic import END, chosen
from percorso.surveys.flow import steps

FIXTURES = Path(__file__).parent / "fixtures" / "surveys"


def read(*names: str, zone: str = "UTC") -> Read:
    return read_files([File(name, (FIXTURES / name).read_bytes()) for name in names], zone=zone)[1]


def archive(responses: str) -> Read:
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as made:
        made.writestr("survey_9.lss", (FIXTURES / "limesurvey_logic.lss").read_bytes())
        made.writestr("survey_9_responses.lsr", (FIXTURES / responses).read_bytes())
    return read_files([File("survey_archive_9.lsa", content.getvalue())])[1]


def surveyjs(**content: Any) -> Read:
    return read_files([File("survey.json", json.dumps(content).encode())])[1]


def question(found: Read, key: str) -> Question:
    one = found.definition.question(key)
    assert one is not None, [q.id for q in found.definition.questions()]
    return one


def asked(found: Read, answers: dict[str, Any], traits: dict[str, Any] | None = None) -> list[str]:
    """Return the ids of the questions that somebody with these answers sees."""
    return [q.id for step in steps(found.definition, answers, traits or {}, "") for q in step.questions]


def told(found: Read) -> list[str]:
    return [note.template.format(**note.params) for note in found.notes]


def scores(one: Question, of: str = "options") -> dict[str, float | None]:
    return {option.id: option.score for option in getattr(one.config, of)}


def kept(one: Answered) -> dict[str, Any]:
    return dict(one.answers)


def test_the_flow_of_qualtrics_becomes_conditions() -> None:
    found = read("qualtrics_flow.qsf")
    assert asked(found, {"q1": "2"}) == ["q1"]
    through = asked(found, {"q1": "1", "q2": ["3"]})
    assert through[:3] == ["q1", "q2", "q4"]
    assert asked(found, {"q1": "1", "q2": ["2"], "q3": "5"})[2:5] == ["q3", "q3_5_text", "q4"]
    assert "q5" not in asked(found, {"q1": "1", "q2": ["2"]}, {"plan": "Free"})
    assert "q5" in asked(found, {"q1": "1", "q2": ["2"]}, {"plan": "Pro"})
    assert "q9" not in [q.id for q in found.definition.questions()]
    quota = found.definition.quotas[0]
    assert (quota.limit, quota.when.holds({"q2": ["2"]}, {}), quota.when.holds({"q2": ["1"]}, {})) == (200, True, False)


def test_qualtrics_keeps_scores_limits_and_what_texts_recall() -> None:
    found = read("qualtrics_flow.qsf")
    assert scores(question(found, "q4")) == {"1": -1, "2": 1, "3": None}
    assert scores(question(found, "q5"), "columns") == {"1": 1, "2": 2, "3": None}
    used = question(found, "q2").config
    assert (used.least, used.most, used.alone) == (1, 2, ["3"])
    assert question(found, "q4").text["en"] == "How well were you cared for? You said: {q2}, {customer.plan}, "
    assert (found.definition.title, found.definition.progress) == ({"en": "Our service"}, False)


def test_qualtrics_tells_what_it_cannot_bring() -> None:
    lost = "\n".join(told(read("qualtrics_flow.qsf")))
    for one in (
        "Embedded data is not set here: plan", "2 parts are shown in random order", "“Choice Randomization” has no",
        "App: Question Randomization", "lies in a library of Qualtrics", "${rand://int/1:9}",
        "“Anything for later?” was left out", "Something else",
    ):  # fmt: skip
        assert one in lost


def test_answers_of_qualtrics_have_their_own_clock_and_no_trials() -> None:
    found = read("qualtrics_flow.qsf", "qualtrics_flow.csv", zone="Europe/Rome")
    first, second = found.responses
    assert kept(first) == {
        "q1": "1", "q2": ["1", "2"], "q3": "5", "q3_5_text": "The quiet", "q4": "2", "q5": {"1": "2", "2": "3"},
        "q6_1": ["1", "2"], "q71": {"1": "2", "2": "1"}, "q72_1": ["1"], "q8_1": 70, "q8_2": 40,
    }  # fmt: skip
    assert first.completed_at
    assert first.completed_at.isoformat() == "2026-03-01T17:03:20+00:00"
    assert (kept(second), first.customer) == ({"q1": "2"}, "c1")
    assert "previews and tests are left out: 1" in told(found)[-1]


def test_answers_of_qualtrics_without_ids_are_kept_once_each() -> None:
    lines = (FIXTURES / "qualtrics_flow.csv").read_text().replace("_recordId", "nothing").encode()
    found = read_files([File("a.qsf", (FIXTURES / "qualtrics_flow.qsf").read_bytes()), File("a.csv", lines)])[1]
    assert len({one.key for one in found.responses}) == 2


def test_limesurvey_keeps_logic_quotas_scores_and_attributes() -> None:
    found = read("limesurvey_logic.lss")
    assert "plan" not in asked(found, {"used": ["shop"]})
    own = [{"option": "other", "text": "By letter"}]
    assert "plan" in asked(found, {"used": ["app"]})
    assert "plan" in asked(found, {"used": own})
    answers = {"used": ["app"], "plan": "A2", "parts": ["p2"]}
    assert {"plan_comment", "parts_p2comment", "care_0", "age"} <= set(asked(found, answers))
    assert not {"parts_p1comment", "total", "code"} & set(asked(found, answers))
    assert "care_0" not in asked(found, answers | {"plan": "A1"})
    assert scores(question(found, "plan")) == {"A1": 1, "A2": 3}
    used = question(found, "used").config
    assert (used.most, used.alone, used.other_text) == (2, ["none"], {"en": "Elsewhere"})
    assert question(found, "age").settings == {"least": 18.0, "unit": {"en": "years"}}
    assert question(found, "bye").text["en"] == "You said {plan}, {customer.name}. "
    assert [option.text["en"] for option in question(found, "sex").config.options] == ["Female", "Male"]
    (quota,) = found.definition.quotas
    assert (quota.limit, quota.when.holds({"used": ["app"], "plan": "A1"}, {})) == (50, True)
    assert not quota.when.holds({"used": ["shop"], "plan": "A1"}, {})
    lost = "\n".join(told(found))
    for one in ("random_order", "“Code” was left out: it is hidden", "rand() > 2", "surveyls_url", "{if(plan=='A1'"):
        assert one in lost


def test_conditions_of_limesurvey_before_it_had_expressions() -> None:
    rows = [
        ("1", "9X1X1", "==", "Y"),
        ("2", "+9X1X2a", "==", "Y"),
        ("2", "+9X1X2b", "==", "Y"),
        ("2", "9X1X1", "!=", " "),
    ]
    said = said_by([dict(zip(("scenario", "cfieldname", "method", "value"), row, strict=True)) for row in rows])
    made = read_relevance(said, {"9X1X1": "q"}, {"q": {"Y": "yes"}}, {"9X1X2a": ("m", "a"), "9X1X2b": ("m", "b")})
    holds = Condition.model_validate(made).holds
    assert [holds({"q": "yes"}, {}), holds({"q": "no"}, {}), holds({"m": ["b"]}, {})] == [True, False, False]
    assert holds({"q": "no", "m": ["a", "b"]}, {})
    with pytest.raises(NotExpressed):
        read_relevance(said_by([{"cfieldname": "9X1X1", "method": "RX", "value": "^a"}]), {"9X1X1": "q"}, {}, {})


WHOLE = {
    "used": ["shop", {"option": "other", "text": "By letter"}], "plan": "A2", "plan_comment": "Since May",
    "parts": ["p1"], "parts_p1comment": "Too high", "care_0": {"c1": "1"}, "care_1": {"c1": "g"}, "hours_h1_x1": 2,
    "hours_h1_x2": 0.5, "more": {"m1": "I"}, "sex": "F", "age": 41,
}  # fmt: skip


@pytest.mark.parametrize("responses", ["limesurvey_logic_responses.lsr", "limesurvey_7_responses.lsr"])
def test_limesurvey_names_columns_by_codes_or_since_version_7_by_ids(responses: str) -> None:
    found = archive(responses)
    assert [kept(one) for one in found.responses] == [WHOLE]


def test_responses_of_limesurvey_without_times_are_told() -> None:
    assert "“Date stamp” was off) are left out: 1." in told(archive("limesurvey_logic_responses.lsr"))[-1]


def test_formbricks_with_blocks_is_read_with_its_jumps() -> None:
    found = read("formbricks_blocks.json", "formbricks_blocks_responses.json")
    assert asked(found, {"nps1": 9})[:4] == ["welcome", "nps1", "one1", "many1"]
    assert "why1" in asked(found, {"nps1": 8})
    assert asked(found, {"nps1": 9, "one1": "c1"})[-1] == "many1"
    assert asked(found, {"nps1": 9, "one1": "c2"})[-1] == "pic1"
    assert [question(found, key).type for key in ("csat1", "ces1", "con1", "pic1")] == ["emoji", "ces", "consent", "choice"]  # fmt: skip
    assert (question(found, "csat1").metric, question(found, "ces1").metric) == ("csat", "ces")
    assert question(found, "why1").text["en"] == "You gave {nps1|that}. What went wrong?"
    assert found.definition.thanks["en"] == "Thank you\nSee you"
    lost = "\n".join(told(found))
    for one in ("shuffleOption", "“logic” cannot be expressed", "“cal”", "ending: Again", "hiddenFields", "variables"):
        assert one in lost


def test_responses_of_formbricks_name_choices_by_their_texts() -> None:
    (one,) = read("formbricks_blocks.json", "formbricks_blocks_responses.json").responses
    agreed = kept(one).pop("con1")
    assert agreed["agreed"] is True
    assert {key: value for key, value in kept(one).items() if key != "con1"} == {
        "nps1": 3, "why1": "Late", "one1": {"option": "other", "text": "Family plan"}, "csat1": 4, "ces1": 6,
        "many1": ["m1", "m2", {"option": "other", "text": "The kiosk"}], "mat1": {"r1": "k2", "r2": "k1"},
        "who1_firstname": "Ana", "who1_email": "ana@example.com", "pic1": "p2",
    }  # fmt: skip
    assert (one.customer, one.language) == ("c1", "pt-BR")


def test_typeform_has_a_column_for_each_option_and_times_in_utc() -> None:
    found = read("typeform_columns.csv", zone="America/Sao_Paulo")
    assert [column.kind for column in found.columns[2:6]] == ["option"] * 4
    several = question(found, "shop_app_phone")
    assert [option.text["en"] for option in several.config.options] == ["Shop", "App", "Phone"]
    answers = [kept(one)["shop_app_phone"] for one in found.responses]
    assert answers == [["Shop", "App"], ["Shop", {"option": "other", "text": "Market stall"}], ["Phone"], ["App"]]
    assert [one.complete for one in found.responses] == [True, True, False, True]
    assert found.responses[0].completed_at
    assert found.responses[0].completed_at.isoformat() == "2026-03-01T10:01:30+00:00"


def test_rows_of_google_forms_become_a_matrix() -> None:
    found = read("google_forms_grid.csv", zone="America/Sao_Paulo")
    rows = question(found, "how_good_are_these")
    assert (rows.type, [row.text["en"] for row in rows.config.rows]) == ("matrix", ["Price", "Speed"])
    assert [kept(one)["how_good_are_these"] for one in found.responses] == [
        {"Price": "Good", "Speed": "Bad"}, {"Price": "Bad", "Speed": "Bad"}, {"Speed": "Good"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026/03/01 3:24:08 PM GMT-3", "2026-03-01T18:24:08+00:00"),
        ("2026/03/01 3:24:08 PM GMT+5:30", "2026-03-01T09:54:08+00:00"),
        ("2026/03/01 9:12:45 AM EDT", "2026-03-01T13:12:45+00:00"),
        ("2026/03/01 9:12:45 AM", "2026-03-01T08:12:45+00:00"),
        ("2026-03-01 10:00:00", "2026-03-01T09:00:00+00:00"),
    ],
)
def test_times_are_read_by_the_zone_they_name_or_the_workspaces(text: str, instant: str) -> None:
    made = read_time(text, "year", "Europe/Rome")
    assert made
    assert made.isoformat() == instant


def test_dates_that_do_not_tell_their_month_are_told() -> None:
    table = b"Carimbo de data/hora,Nos recomendaria?\n01/03/2026 10:00:00,9\n02/03/2026 10:00:00,8\n"
    found = read_files([File("a.csv", table)])[1]
    assert [one.completed_at.month for one in found.responses if one.completed_at] == [3, 3]
    assert told(found) == ["Dates such as “01/03/2026 10:00:00” were read with the day first."]


def test_surveyjs_keeps_scores_comments_triggers_and_headings() -> None:
    elements = [
        {"type": "radiogroup", "name": "care", "title": "Care?", "showCommentArea": True, "showNoneItem": True,
         "showDontKnowItem": True, "choices": [{"value": "bad", "score": 0}, {"value": "well", "text": "Well", "score": 2}]},
        {"type": "panel", "name": "more", "title": "About {care}", "elements": [
            {"type": "text", "name": "secret", "visible": False},
            {"type": "multipletext", "name": "lines", "title": "Lines", "items": [{"name": "a"}, {"name": "b", "title": "B"}]},
        ]},
    ]  # fmt: skip
    grid = {"type": "matrixdropdown", "name": "grid", "title": "Grid", "rows": ["r1", "r2"], "choices": [1, 2],
            "columns": [{"name": "how", "title": "How?"}, {"name": "why", "cellType": "comment"}]}  # fmt: skip
    found = surveyjs(
        description="Two minutes",
        pages=[{"name": "p1", "elements": elements}, {"name": "p2", "description": "Last", "elements": [grid]}],
        triggers=[
            {"type": "complete", "expression": "{care} = 'bad'"},
            {"type": "setvalue", "expression": "{care} = 'well'", "setToName": "x", "setValue": 1},
        ],
    )
    assert scores(question(found, "care")) == {"bad": 0, "well": 2, "none": None, "dontknow": None}
    assert asked(found, {"care": "bad"}) == ["about", "care", "care_comment", "more_title", "lines_title", "lines_a", "lines_b"]  # fmt: skip
    assert asked(found, {"care": "well"})[-5:] == ["p2_about", "grid_title", "grid_how", "grid_r1_why", "grid_r2_why"]
    assert question(found, "more_title").text == {"en": "About {care}"}
    lost = "\n".join(told(found))
    for one in (
        "trigger: setvalue",
        "“secret” was left out: it is hidden",
        "“Lines” is of the type “multipletext”",
        "comments beside",
    ):
        assert one in lost


def test_a_jump_that_nobody_can_take_back_is_told() -> None:
    builder = Builder(["en"])
    builder.page("one")
    builder.add("a", "choice", {"en": "A?"})
    builder.values["a"] = {}
    builder.jump(chosen("a", ["yes"]), "nowhere", shown="A?")
    builder.add("b", "text", {"en": "B?"})
    builder.jump(None, END, shown="B?")
    builder.add("c", "text", {"en": "C?"})
    found = builder.finish()
    assert [q.id for q in found.definition.questions()] == ["a", "b"]
    assert told(found) == ["“A?”: the jump to “nowhere” cannot be expressed; what follows is always shown.", "“C?” was left out: nobody comes to it."]  # fmt: skip


def test_ids_that_mean_an_own_text_are_not_given_away() -> None:
    found = pieces([("other", {"en": "Another shop"}), ("b", {})], taken=["other"])
    assert [part["id"] for part in found.parts] == ["other-2", "b"]
