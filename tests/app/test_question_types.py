"""Types of questions: one contract that all of them keep, and what each refuses."""

import json
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from percorso.accounts.models import Workspace
from percorso.analytics.indicators.ces import Ces
from percorso.analytics.measure import measure
from percorso.analytics.query import Query
from percorso.analytics.store import Store
from percorso.base import fact_outbox
from percorso.surveys.answering import Coming, begin, read_page, save_page
from percorso.surveys.conditions import Condition
from percorso.surveys.definition import Question
from percorso.surveys.flow import step_after
from percorso.surveys.models import Response, Survey, Version
from percorso.surveys.question import LONGEST_ANSWER, QUESTIONS, Refused, comparable
from percorso.surveys.questions.consent import version_of
from tests.app.question_sheet import AGREEMENT, SAMPLES, question, rendered, tell

ANSWERED = [key for key, sample in SAMPLES.items() if sample[4] is not None]
# What parses again as it is read; a consent is a tick and a date is given by its own field.
READ_AGAIN = [key for key in ANSWERED if SAMPLES[key][0] not in ("consent", "file")]


def sent(**fields: str | list[str]) -> QueryDict:
    form = QueryDict(mutable=True)
    for name, value in fields.items():
        form.setlist(name, value if isinstance(value, list) else [value])
    return form


def read(key: str, form: QueryDict) -> Any:
    asked = question(key)
    return QUESTIONS[asked.type].read(asked, form, key)


def refusal(key: str, **fields: str | list[str]) -> str:
    """Return in words why a form is refused."""
    with pytest.raises(Refused) as problem:
        read(key, sent(**fields))
    return problem.value.template.format(**problem.value.params)


def test_every_type_is_in_the_sample() -> None:
    assert {sample[0] for sample in SAMPLES.values()} == set(QUESTIONS)


@pytest.mark.parametrize("key", ANSWERED)
def test_a_form_is_kept_as_an_answer_in_json(key: str) -> None:
    value = read(key, sent(**SAMPLES[key][3]))
    assert value == SAMPLES[key][4]
    assert json.loads(json.dumps(value)) == value


@pytest.mark.parametrize("key", SAMPLES)
def test_nothing_given_is_no_answer(key: str) -> None:
    assert read(key, sent()) is None
    assert read(key, sent(**{key: "  "})) is None


@pytest.mark.parametrize("language", ["en", "pt-br", "it", "de"])
@pytest.mark.parametrize("key", READ_AGAIN)
def test_an_answer_as_people_read_it_is_the_same_answer(key: str, language: str) -> None:
    asked, value = question(key), SAMPLES[key][4]
    kind = QUESTIONS[asked.type]
    with translation.override(language):
        assert kind.parse(asked, kind.readable(asked, value, tell)) == value


@pytest.mark.parametrize("key", SAMPLES)
def test_facts_lie_on_their_scale_and_name_no_label(key: str) -> None:
    asked, value = question(key), SAMPLES[key][4]
    labels = {text for piece in _pieces(asked) for text in piece.text.values()}
    rows = QUESTIONS[asked.type].facts(asked, value) if value is not None else []
    parts = [row.pop("part", "") for row in rows]
    assert len(set(parts)) == len(parts)
    for row in rows:
        if row.get("score") is not None and row["scale_min"] is not None:
            assert row["scale_min"] <= row["score"] <= row["scale_max"]
            assert row["scale_min"] < row["scale_max"]
        assert not labels & {str(told) for told in row.values()}
    if asked.metric and value is not None:
        assert any("score" in row for row in rows)


@pytest.mark.parametrize("key", SAMPLES)
def test_an_export_has_a_cell_for_each_column(key: str) -> None:
    asked, value = question(key), SAMPLES[key][4]
    kind = QUESTIONS[asked.type]
    columns = kind.columns(asked, tell)
    assert len({column.name for column in columns}) == len(columns)
    assert all(column.name.startswith(asked.id) and column.label for column in columns)
    for given_value in (value, None):
        cells = kind.cells(asked, given_value)
        assert len(cells) == len(columns)
        for column, cell in zip(columns, cells, strict=True):
            if cell is not None and column.labels and column.kind == "number":
                assert isinstance(cell, int | float)
            if column.kind == "flag":
                assert cell in (None, True, False)
            if column.kind == "date":
                assert cell is None or isinstance(cell, date)
    assert all(cell is None for cell in kind.cells(asked, None))


@pytest.mark.parametrize("key", SAMPLES)
def test_the_page_has_a_name_and_a_description_for_every_field(key: str) -> None:
    for value, error in ((None, ""), (SAMPLES[key][4], "Please look at this.")):
        asked = question(key)
        page = Page()
        page.feed(rendered(asked, value, error))
        assert "".join(page.words).count(asked.text["en"].split("\n")[0]) == 1
        assert "style" not in page.attributes
        assert not any(name.startswith("on") for name in page.attributes)
        if not QUESTIONS[asked.type].answerable:
            continue
        assert page.named <= page.ids, "a name or a description that is not there"
        assert f"{asked.id}-field" in page.ids
        assert len(page.ids) == len(page.every_id)
        if error:
            assert error in " ".join(page.words)
            assert f"{asked.id}-error" in page.named


@pytest.mark.parametrize("key", ["nps", "stars", "faces", "where", "grid", "pillars"])
def test_a_radio_group_has_a_way_back_unless_it_must_be_answered(key: str) -> None:
    asked = question(key)
    html = rendered(asked, None)
    assert ("No answer" in html) == (not asked.required)
    assert read(key, sent(**{key: ""})) is None


def test_the_ends_of_a_scale_are_heard() -> None:
    html = rendered(question("nps"), None)
    assert 'aria-describedby=" nps-ends"' in html
    assert "Not at all likely" in html.split('id="nps-ends"')[1]
    assert "Extremely likely" in html.split('value="10"')[1].split("</label>")[0]


def test_text_is_escaped_and_keeps_its_lines() -> None:
    asked = Question(id="q", type="text", text={"en": "<script>alert(1)</script>\nsecond"})
    html = rendered(asked, "</textarea><script>")
    assert "<script>" not in html
    assert "<br>second" in html


NASTY = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["11", "-1", "1.5", "1e9", "NaN", "inf", "٣", "9" * 5000, "\x00", "\ud800", "other", "yes;no", "1,2,3", "2026-02-30", "0000-00-00", "<b>", "{x}", "[]", "{}", ":", "staff: r5", "🙂"]),
    st.integers().map(str),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("key", SAMPLES)
def test_a_tampered_form_is_refused_in_words_and_never_fails(key: str, data: st.DataObject) -> None:
    asked = question(key)
    kind = QUESTIONS[asked.type]
    names = [key, f"{key}.other", f"{key}.kept", *(f"{key}.{piece.id}" for piece in _pieces(asked))]
    form = sent(**data.draw(st.dictionaries(st.sampled_from(names), st.lists(NASTY, max_size=3))))
    rendered(asked, kind.again(asked, form, key), "No.")
    for give in (lambda: kind.read(asked, form, key), lambda: kind.parse(asked, data.draw(NASTY))):
        try:
            value = give()
        except Refused as problem:
            problem.template.format(**problem.params)
            continue
        # Whatever is kept can be stored, read, told as facts and exported.
        assert "\\u0000" not in json.dumps(value)
        json.dumps(value, ensure_ascii=False).encode()
        kind.readable(asked, value, tell)
        kind.comment(asked, value)
        assert len(kind.cells(asked, value)) == len(kind.columns(asked, tell))
        for row in kind.facts(asked, value) if value is not None else []:
            if row.get("score") is not None and row["scale_min"] is not None:
                assert row["scale_min"] <= row["score"] <= row["scale_max"]


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@settings(max_examples=40, deadline=None)
@given(value=ODD)
@pytest.mark.parametrize("key", SAMPLES)
def test_an_answer_of_another_version_is_shown_without_failing(key: str, value: Any) -> None:
    asked = question(key)
    kind = QUESTIONS[asked.type]
    rendered(asked, value)
    kind.readable(asked, value, tell)
    kind.comment(asked, value)
    assert len(kind.cells(asked, value)) == len(kind.columns(asked, tell))


def test_one_value_of_a_link_preselects() -> None:
    for key, sample in SAMPLES.items():
        kind = QUESTIONS[sample[0]]
        if kind.one_click and isinstance(sample[4], int | str):
            assert kind.parse(question(key), str(sample[4])) == sample[4]


@pytest.mark.parametrize(
    ("kind", "before", "after", "alike"),
    [
        ("csat", {}, {"highest": 7}, False),
        ("csat", {}, {"labels": {1: {"en": "Bad"}}}, True),
        ("ces", {}, {"edition": "1.0"}, False),
        ("stars", {}, {"most": 6}, False),
        ("emoji", {}, {"points": 3}, False),
        ("choice", {"options": [{"id": "a"}]}, {"options": [{"id": "b"}, {"id": "a"}]}, True),
        ("choice", {"options": [{"id": "a"}, {"id": "b"}]}, {"options": [{"id": "a"}]}, False),
        ("choice", {"options": [{"id": "a", "score": 1}, {"id": "b", "score": 2}]}, {"options": [{"id": "a", "score": 2}, {"id": "b", "score": 1}]}, False),
        ("choices", {"options": [{"id": "a"}]}, {"options": [{"id": "a", "text": {"en": "A"}}], "most": 1}, True),
        ("ranking", {"items": [{"id": "a"}]}, {"items": []}, False),
        ("matrix", {"columns": [{"id": "a", "score": 1}, {"id": "b", "score": 2}]}, {"columns": [{"id": "a", "score": 1}, {"id": "b", "score": 2}, {"id": "c", "score": 3}]}, False),
        ("matrix", {"rows": [{"id": "a"}]}, {"rows": [{"id": "a", "aspect": "service"}]}, False),
        ("text", {}, {"lines": 1}, True),
    ],
)  # fmt: skip
def test_what_was_answered_stays_comparable(
    kind: str, before: dict[str, Any], after: dict[str, Any], alike: bool
) -> None:
    earlier, later = (Question(id="q", type=kind, text={}, settings=one) for one in (before, after))
    assert comparable(earlier, later) is alike
    assert comparable(earlier, earlier)


def test_a_question_of_another_type_is_another_question() -> None:
    assert not comparable(Question(id="q", type="nps", text={}), Question(id="q", type="csat", text={}))


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("csat", {"lowest": 1, "highest": 13}),
        ("csat", {"lowest": 3, "highest": 3}),
        ("choice", {"options": [{"id": "a"}, {"id": "a"}]}),
        ("choice", {"options": [{"id": "other"}], "other": True}),
        ("choices", {"least": 3, "most": 2}),
        ("number", {"least": 2, "most": 1}),
        ("date", {"earliest": "2026-02-01", "latest": "2026-01-01"}),
        ("text", {"longest": LONGEST_ANSWER + 1}),
        ("matrix", {"rows": [{"id": "no spaces"}]}),
        ("nps", {"misspelt": 1}),
    ],
)
def test_settings_that_make_no_sense_are_refused(kind: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Question(id="q", type=kind, text={}, settings=wrong)


def test_every_setting_says_what_it_does() -> None:
    for kind in QUESTIONS.values():
        for name, field in kind.Config.model_fields.items():
            assert field.description, f"{kind.key}.{name}"


def test_a_new_question_of_any_type_can_be_shown() -> None:
    for key, kind in QUESTIONS.items():
        asked = Question(id="q", type=key, text={"en": "What?"}, metric=next(iter(kind.metrics), ""))
        assert "What?" in rendered(asked, None)
    assert QUESTIONS["matrix"].unfinished(Question(id="q", type="matrix", text={}))
    assert not QUESTIONS["choice"].unfinished(Question(id="q", type="choice", text={}))


def test_words_of_the_ends_are_the_usual_ones_until_others_are_written() -> None:
    plain, own = question("nps"), question("nps").model_copy(update={"settings": {"low": {"en": "Never"}}})
    assert "Not at all likely" in rendered(plain, None)
    assert "Never" in rendered(own, None)
    assert "Not at all likely" not in rendered(own, None)


def test_choices_say_how_many() -> None:
    assert refusal("several", several=["speed", "price", "help", "taste"]) == "You chose 4; please choose at most 3."
    assert "goes with no other" in refusal("several", several=["speed", "nothing"])
    assert "say which" in refusal("several", several=["other"])
    assert "say which" in refusal("where", where="other")
    assert "shorten" in refusal("where", **{"where": "other", "where.other": "x" * 501})
    assert "not one of" in refusal("where", where="nowhere")


def test_a_choice_is_found_by_its_label_in_any_language() -> None:
    asked = question("where")
    assert QUESTIONS["choice"].parse(asked, "il personale") == "staff"
    with translation.override("it"):
        assert QUESTIONS["choice"].parse(question("solved"), "Yes") == "yes"


def test_a_link_may_choose_what_still_has_to_be_said() -> None:
    asked, kind = question("where"), QUESTIONS["choice"]
    value = kind.parse(asked, "other")
    assert value == {"option": "other", "text": ""}
    assert 'value="other" checked' in rendered(asked, value)
    assert kind.readable(asked, value, tell) == "Other"


def test_a_text_of_ones_own_becomes_a_mention() -> None:
    assert QUESTIONS["choice"].comment(question("where"), {"option": "other", "text": "radio"}) == "radio"
    assert QUESTIONS["choices"].comment(question("several"), SAMPLES["several"][4]) == "the view"
    assert QUESTIONS["text"].comment(question("why"), "kind") == "kind"


def test_conditions_see_options_with_a_text_of_their_own() -> None:
    asked = Condition.model_validate({"question": "q", "is": ["other"]})
    assert asked.holds({"q": {"option": "other", "text": "x"}}, {})
    assert asked.holds({"q": ["speed", {"option": "other", "text": "x"}]}, {})


def test_a_matrix_that_must_be_answered_wants_every_row() -> None:
    form = {"grid.staff": "r5"}
    assert refusal("grid", **form) == "Please answer every row. Rows without an answer: 2."
    asked = question("grid")
    again = QUESTIONS["matrix"].again(asked, sent(**form), "grid")
    html = rendered(asked, again, "Please answer every row.")
    assert html.count(" checked") == 1
    assert html.count('aria-invalid="true"') == 2
    assert read("pillars", sent(**{"pillars.knows": "g2"})) == {"knows": "g2"}


def test_rows_measure_their_own_pillar() -> None:
    asked = question("pillars")
    facts = QUESTIONS["matrix"].facts(asked, {"knows": "g6", "honest": "g1"})
    assert [(row["aspect"], row["score"], row["scale_min"], row["scale_max"]) for row in facts] == [
        ("personalization", 6.0, 1.0, 7.0),
        ("integrity", 1.0, 1.0, 7.0),
    ]


def test_a_column_without_a_score_measures_nothing() -> None:
    columns = [{"id": "bad", "score": 1}, {"id": "good", "score": 2}, {"id": "never"}]
    asked = Question(
        id="q", type="matrix", metric="csat", text={}, settings={"rows": [{"id": "a"}, {"id": "b"}], "columns": columns}
    )
    facts = QUESTIONS["matrix"].facts(asked, {"a": "never", "b": "good"})
    assert ["score" in row for row in facts] == [False, True]
    assert QUESTIONS["matrix"].cells(asked, {"a": "never", "b": "good"}) == ["never", "good"]


def test_ranking_wants_each_place_once() -> None:
    assert "same place" in refusal("order", **{"order.speed": "1", "order.price": "1"})
    assert "not one of" in refusal("order", **{"order.speed": "9"})
    assert read("order", sent(**{"order.taste": "4", "order.help": "2"})) == ["help", "taste"]
    html = rendered(
        question("order"),
        QUESTIONS["ranking"].again(question("order"), sent(**{"order.speed": "1", "order.price": "1"}), "order"),
    )
    assert html.count(" selected") == 2


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [
        ("en", "1,234.5", 1234.5), ("en", "1,234", 1234), ("en", "1.234", 1.234), ("en", "12,5", 12.5),
        ("it", "1.234,5", 1234.5), ("it", "1.234", 1234), ("it", "1,234", 1.234), ("it", "12.5", 12.5),
        ("pt-br", "1.234.567", 1234567), ("en", "1 234", 1234), ("en", "1'234.50", 1234.5), ("en", "−3", -3),
        ("de", ",5", 0.5), ("en", ".5", 0.5), ("en", "+7", 7), ("en", "0", 0), ("en", "-,5", -0.5),
    ],
)  # fmt: skip
def test_a_number_is_read_as_the_language_writes_it(language: str, text: str, number: float) -> None:
    asked = Question(id="q", type="number", text={})
    with translation.override(language):
        assert QUESTIONS["number"].parse(asked, text) == number


@pytest.mark.parametrize(
    "text", ["", "-", "1.2.3", "1,2,3", "1,23,456", "12a", "1e5", "٣", "0x1", "1..2", "--1", "9" * 41]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        QUESTIONS["number"].parse(Question(id="q", type="number", text={}), text)


def test_a_number_has_limits_and_steps() -> None:
    assert refusal("minutes", minutes="-1") == "Please give a number from 0 on."
    assert refusal("minutes", minutes="601") == "Please give a number up to 600."
    assert refusal("minutes", minutes="0.7") == "Please give a number in steps of 0.5."
    assert isinstance(read("minutes", sent(minutes="12.0")), int)


def test_a_date_is_read_in_the_order_of_the_language() -> None:
    asked = Question(id="q", type="date", text={})
    for language, text in (("en", "2/28/2026"), ("it", "28/2/2026"), ("pt-br", "28/02/2026"), ("de", "28.2.2026")):
        with translation.override(language):
            assert QUESTIONS["date"].parse(asked, text) == "2026-02-28"
    assert QUESTIONS["date"].parse(asked, "2026-02-28T10:00:00Z") == "2026-02-28"


def test_a_date_has_limits() -> None:
    assert "from 1/1/2020 on" in refusal("when", when="2019-12-31")
    assert "up to" in refusal("when", when=(timezone.now() + timedelta(days=2)).date().isoformat())
    assert "not a day" in refusal("when", when="2026-02-30")


def test_a_text_has_a_length() -> None:
    assert refusal("word", word="x" * 21) == "Your answer has 21 characters; 20 fit here. Please shorten it."
    assert "shorten" in refusal("why", why="x" * 10_000_000)


def test_a_file_has_a_size_and_a_kind() -> None:
    def give(name: str, size: int) -> Any:
        return read("photo", sent(photo=SimpleUploadedFile(name, b"x" * size)))  # type: ignore[arg-type]

    assert give("me.JPG", 10).size == 10
    for name, size, words in (
        ("me.exe", 10, "kind"),
        ("me.jpg", 0, "empty"),
        ("me.jpg", 10_000_001, "smaller"),
        ("jpg", 1, "kind"),
    ):
        with pytest.raises(Refused) as problem:
            give(name, size)
        assert words in problem.value.template


def test_a_file_given_before_is_kept_by_who_gave_it() -> None:
    kind, mine = QUESTIONS["file"], {"upload": "abc_-1", "name": "me.jpg"}
    assert 'value="abc_-1" checked' in rendered(question("photo"), mine)
    kept = read("photo", sent(**{"photo.kept": "abc_-1"}))
    assert kind.settled(kept, mine) == mine
    assert kind.settled(kept, None) is None
    assert kind.settled(read("photo", sent(**{"photo.kept": "others"})), mine) is None
    assert kind.settled(read("photo", sent(**{"photo.kept": "../../etc"})), mine) is None


def test_a_consent_keeps_the_version_of_the_text_in_its_language() -> None:
    asked = Question(
        id="q", type="consent", text={"en": "Terms"}, settings={"agreement": {"en": AGREEMENT, "it": "Accetto {company}."}}
    )  # fmt: skip
    kind = QUESTIONS["consent"]
    italian = kind.shown(asked, None, lambda text: text.get("it", "").replace("{company}", "Aurora"))
    assert italian["agreement"] == "Accetto Aurora."
    answer = kind.parse(asked, italian["version"])
    assert answer == {"agreed": True, "version": version_of("Accetto {company}.")}
    with pytest.raises(Refused):
        kind.parse(asked, version_of("Something else"))
    with pytest.raises(Refused):
        kind.parse(asked, "on")


COMING = Coming(channel="link", language="en")


def _survey(workspace: Workspace, *asked: Question, population: str = "customer") -> Survey:
    content = {"pages": [{"id": "p", "questions": [one.model_dump(mode="json") for one in asked]}]}
    made = Survey.objects.create(workspace=workspace, name="S", slug="s", draft=content, population=population)
    made.live = Version.objects.create(survey=made, number=1, content=content)
    made.state = Survey.State.LIVE
    made.save()
    return made


def _answer(survey: Survey, form: QueryDict) -> Response:
    response = begin(survey, COMING)
    step = step_after(response.version.definition, {}, {}, response.key, None)
    assert step is not None
    answers, refused = read_page(response, step, form)
    assert not refused
    save_page(response, step, answers)
    return Response.objects.get(key=response.key)


def _measured(store: Store, indicator: str, **options: Any) -> tuple[float | None, int]:
    cell = next(iter(measure(store, Query((indicator,), "acme", None, options=options))))
    return cell.value, cell.n


def test_answers_of_all_types_are_stored_and_told(acme: Workspace, facts: Store) -> None:
    keys = [key for key in SAMPLES if key not in ("photo", "call")]
    form = sent(**{name: value for key in keys for name, value in SAMPLES[key][3].items()})
    response = _answer(_survey(acme, *(question(key) for key in keys)), form)
    assert response.answers == {key: SAMPLES[key][4] for key in ANSWERED}
    assert fact_outbox.load() > len(keys)
    table = facts.table("answers")
    rows = table.filter(table.survey == "s").execute()
    assert set(rows[rows.metric == "six_pillars"].aspect) == {"personalization"}
    assert set(rows[rows.question == "where"].option) == {"other"}
    assert rows[rows.metric == "fcr"].score.tolist() == [1.0]


@pytest.mark.parametrize(("edition", "version"), [("1.0", "ces1"), ("2.0", "ces2")])
def test_each_edition_of_effort_is_measured_by_itself(
    acme: Workspace, facts: Store, edition: str, version: str
) -> None:
    assert version in Ces.options["version"].choices
    before = _measured(facts, "ces", version=version)[1]
    other = "ces2" if version == "ces1" else "ces1"
    others = _measured(facts, "ces", version=other)[1]
    asked = Question(id="q", type="ces", metric="ces", text={}, settings={"edition": edition})
    _answer(_survey(acme, asked), sent(q="2"))
    fact_outbox.load()
    assert _measured(facts, "ces", version=version)[1] == before + 1
    assert _measured(facts, "ces", version=other)[1] == others


def test_a_yes_counts_as_solved_at_the_first_contact(acme: Workspace, facts: Store) -> None:
    before = _measured(facts, "fcr", definition="survey")[1]
    asked = Question(id="q", type="choice", metric="fcr", text={})
    survey = _survey(acme, asked)
    for given_value in ("yes", "no"):
        _answer(survey, sent(q=given_value))
    fact_outbox.load()
    assert _measured(facts, "fcr", definition="survey")[1] == before + 2


def test_a_matrix_measures_satisfaction(acme: Workspace, facts: Store) -> None:
    before = _measured(facts, "csat")[1]
    asked = question("grid").model_copy(update={"metric": "csat"})
    _answer(_survey(acme, asked), sent(**SAMPLES["grid"][3]))
    fact_outbox.load()
    assert _measured(facts, "csat")[1] == before + 3


def _pieces(asked: Question) -> list[Any]:
    config = asked.config
    return [piece for name in ("options", "rows", "columns", "items") for piece in getattr(config, name, [])]


class Page(HTMLParser):
    """The ids and names of a page, and what refers to them."""

    def __init__(self) -> None:
        super().__init__()
        self.every_id: list[str] = []
        self.named: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []

    @property
    def ids(self) -> set[str]:
        return set(self.every_id)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.attributes |= set(told)
        self.every_id += [told["id"]] if "id" in told else []
        for name in ("for", "aria-labelledby", "aria-describedby"):
            self.named |= set(told.get(name, "").split())

    def handle_data(self, data: str) -> None:
        self.words.append(data)
