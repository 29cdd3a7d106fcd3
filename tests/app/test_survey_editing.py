"""Writing surveys: the list, the editor, translations, versions, settings; what keeps answers comparable."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import gettext, override
from pydantic import ValidationError

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.base.reasons import place_and_reason, reason_of
from percorso.errors import BadQuestion
from percorso.surveys.bank import TEMPLATES
from percorso.surveys.conditions import Condition
from percorso.surveys.definition import Definition, Question
from percorso.surveys.editing import actions, draft
from percorso.surveys.editing.labels import LABELS
from percorso.surveys.editing.rules import Rules
from percorso.surveys.editing.texts import missing, put_text, used
from percorso.surveys.models import Invitation, Response, Survey
from percorso.surveys.question import QUESTIONS

LIST = "/w/acme/surveys/"
EDIT = f"{LIST}service/edit/"
DEFINITION: dict[str, Any] = {
    "languages": ["en", "pt-BR"],
    "title": {"en": "How are we doing?"},
    "pages": [
        {"id": "score", "questions": [{"id": "nps", "type": "nps", "required": True, "metric": "nps", "text": {"en": "Recommend {company}?"}}]},
        {"id": "why", "show_if": {"question": "nps", "at_most": 8}, "questions": [
            {"id": "why", "type": "text", "text": {"en": "Why {nps}?"}},
            {"id": "what", "type": "choices", "text": {"en": "What was it?"}, "settings": {"options": [
                {"id": "price", "text": {"en": "Price"}}, {"id": "speed", "text": {"en": "Speed"}}]}},
        ]},
    ],
}  # fmt: skip


@pytest.fixture
def survey(members: Workspace, alice_person: Person) -> Survey:
    return actions.make_survey(
        members, name="Service", by=alice_person, definition=Definition.model_validate(DEFINITION)
    )


def answer(survey: Survey, **answers: Any) -> Response:
    assert survey.live is not None
    now = timezone.now()
    return Response.objects.create(
        survey=survey, version=survey.live, language="en", channel="link", answers=answers,
        started_at=now, changed_at=now, completed_at=now,
    )  # fmt: skip


def now(survey: Survey) -> Definition:
    survey.refresh_from_db()
    return survey.definition


def asked(survey: Survey, key: str) -> Question:
    """A question of the draft as it is now."""
    found = now(survey).question(key)
    assert found is not None
    return found


def page(client: Client, address: str, status: int = 200) -> str:
    answered = client.get(address)
    assert answered.status_code == status
    return answered.content.decode()


def form_of(html: str) -> dict[str, Any]:
    """What a browser would send of the form of the part that is shown."""
    form = html[html.index('<form class="editor-form"') :]
    form = form[: form.index("</form>")]
    told: dict[str, Any] = {}
    for tag in re.findall(r"<(?:input|select|textarea)[^>]*>", form):
        name = re.search(r'\bname="([^"]+)"', tag)
        if name is None or name[1] == "csrfmiddlewaretoken":
            continue
        if "checkbox" in tag:
            if " checked" in tag:
                value = re.search(r'\bvalue="([^"]*)"', tag)
                told.setdefault(name[1], []).append(value[1] if value else "on")
        elif tag.startswith("<input"):
            value = re.search(r'\bvalue="([^"]*)"', tag)
            told[name[1]] = value[1] if value else ""
        elif tag.startswith("<select"):
            rest = form[form.index(tag) :]
            chosen = re.search(r'<option value="([^"]*)"[^>]* selected', rest[: rest.index("</select>")])
            first = re.search(r'<option value="([^"]*)"', rest)
            told[name[1]] = chosen[1] if chosen else first[1] if first else ""
        else:
            rest = form[form.index(tag) + len(tag) :]
            told[name[1]] = rest[: rest.index("</textarea>")]
    return told


def save(client: Client, at: str, status: int = 302, **changes: Any) -> str:
    sent = form_of(page(client, f"{EDIT}?at={at}")) | changes
    answered = client.post(EDIT, {key: value for key, value in sent.items() if value is not None})
    assert answered.status_code == status, answered.content.decode()[:3000]
    return answered.content.decode()


def do(client: Client, at: str, what: str, **more: str) -> str:
    answered = client.post(EDIT, {"at": at, "do": what, **more})
    assert answered.status_code == 302
    return answered["Location"].partition("at=")[2]


# The list and a new survey


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_says_state_answers_and_rate_in_so_many_queries(
    alice: Client, survey: Survey, alice_person: Person, many: int, django_assert_num_queries: Any
) -> None:
    for _ in range(many - 1):
        actions.copy_survey(survey, by=alice_person)
    actions.publish(survey, by=alice_person)
    answer(survey, nps=9)
    when = timezone.now()
    for state in ("sent", "answered", "refused", "answered"):
        Invitation.objects.create(survey=survey, channel="email", state=state, send_at=when, expires_at=when)
    alice.get(LIST)
    with django_assert_num_queries(7):
        html = page(alice, LIST)
    assert "Live" in html
    assert re.search(r"67%\s*<span class=\"quiet\">of 3</span>", html)
    assert html.count("surveys/service") >= many


def test_the_list_is_narrowed_by_state_and_name(alice: Client, survey: Survey) -> None:
    assert ">Service<" in page(alice, LIST + "?state=draft&q=serv")
    assert "No survey fits" in page(alice, LIST + "?state=live")
    assert "No survey fits" in page(alice, LIST + "?q=other")


def test_a_sign_that_no_database_takes_finds_what_is_around_it(alice: Client, survey: Survey) -> None:
    assert "Service" in page(alice, f"{LIST}?q=Ser%00vice")


def test_an_empty_list_teaches_by_templates(alice: Client, bob: Client) -> None:
    html = page(alice, LIST)
    assert "Ask your first question" in html
    assert "?template=nps" in html
    assert "?template=nps" not in page(bob, LIST)  # a viewer cannot make one


@pytest.mark.parametrize("key", sorted(TEMPLATES))
def test_a_survey_is_made_from_a_template_and_can_be_published(alice: Client, alice_person: Person, key: str) -> None:
    sent = {"template": key, "name": "From a template", "language": "it", "languages": ["pt-BR"]}
    assert alice.post(LIST + "new/", sent)["Location"] == f"{LIST}from-a-template/edit/"
    made = Survey.objects.get(slug="from-a-template")
    assert made.definition.language == "it"
    assert made.definition.languages == ["it", "pt-BR"]
    assert (made.population, made.anonymous) == (TEMPLATES[key].population, TEMPLATES[key].anonymous)
    actions.publish(made, by=alice_person)
    for question in made.definition.questions():
        page(alice, f"{LIST}from-a-template/edit/?at=q-{question.id}")


def test_a_blank_survey_is_made_with_a_name_only(alice: Client) -> None:
    assert "A blank survey" in page(alice, LIST + "new/")
    sent = {"template": "", "name": "New", "language": "de", "population": "employee"}
    assert alice.post(LIST + "new/", sent)["Location"] == f"{LIST}new-2/edit/"  # new/ is an address of its own
    made = Survey.objects.get()
    assert (made.definition.language, made.population) == ("de", "employee")
    assert AuditEntry.objects.filter(action="survey_made", target="New").exists()
    first = alice.post(f"{LIST}new-2/edit/", {"at": "start", "do": "add-question:text"})
    assert first["Location"].endswith("at=q-text")
    made.refresh_from_db()
    assert [q.id for p in made.definition.pages for q in p.questions] == ["text"]
    assert alice.get(f"{LIST}new-2/edit/preview/").status_code == 200
    assert alice.post(LIST + "new/", sent | {"name": ""}).status_code == 400


def test_who_may_write(bob: Client, charlie: Client, as_role: Callable[[str], Client], survey: Survey) -> None:
    for address in (EDIT, EDIT + "publish/", EDIT + "translations/", EDIT + "preview/", f"{LIST}service/settings/"):
        assert bob.get(address).status_code == 403
        assert charlie.get(address).status_code == 404
    assert as_role("analyst").get(EDIT).status_code == 403
    assert as_role("editor").get(EDIT).status_code == 200


# The editor


def test_a_question_is_written(alice: Client, survey: Survey) -> None:
    save(alice, "q-why", **{"t.text": "Why,\r\n{nps}?", "t.help": "In your words", "required": "on"})
    question = asked(survey, "why")
    assert (question.text, question.help, question.required) == ({"en": "Why,\n{nps}?"}, {"en": "In your words"}, True)
    save(alice, "q-why", required=None)
    assert not asked(survey, "why").required


def test_texts_of_other_languages_stay_when_the_own_one_is_written(alice: Client, survey: Survey) -> None:
    survey.draft["pages"][0]["questions"][0]["text"]["pt-BR"] = "Recomenda?"
    survey.save()
    save(alice, "q-nps", **{"t.text": "Would you?"})
    assert asked(survey, "nps").text == {"en": "Would you?", "pt-BR": "Recomenda?"}


def test_options_are_added_renamed_moved_and_removed_and_keep_their_ids(alice: Client, survey: Survey) -> None:
    def options() -> list[tuple[str, str]]:
        question = asked(survey, "what")
        return [(o.id, o.text["en"]) for o in question.config.options]

    save(alice, "q-what", **{"s.options.0.text": "The price"}, do="add-item:options")
    assert options() == [("price", "The price"), ("speed", "Speed"), ("o3", "Option 3")]
    save(alice, "q-what", do="up-item:options.2")
    save(alice, "q-what", do="remove-item:options.0")
    assert options() == [("o3", "Option 3"), ("speed", "Speed")]


def test_settings_that_do_not_fit_are_told_and_nothing_is_kept(alice: Client, survey: Survey) -> None:
    to = do(alice, "q-nps", "add-question:csat")
    assert to == "q-csat"
    html = save(alice, "q-csat", 400, **{"s.lowest": "1", "s.highest": "99", "t.text": "Typed"})
    assert "“The highest value” is" in html or "A scale has 2 to 11 values." in html
    assert ">Typed</textarea>" in html
    assert re.search(r'name="s.highest" value="99"', html)
    assert asked(survey, "csat").text == {}


def test_every_type_can_be_added_shown_and_saved_as_it_is(alice: Client, survey: Survey) -> None:
    for key in QUESTIONS:
        at = do(alice, "p-score", f"add-question:{key}")
        assert at == f"q-{key}" or at == f"q-{key}_2"
        save(alice, at, **{"t.text": "Asked?"})
        question = asked(survey, at[2:])
        assert (question.type, question.text) == (key, {"en": "Asked?"})
        before = question.settings
        assert QUESTIONS[key].Config.model_validate(before) == QUESTIONS[key].Config()


def test_every_setting_of_every_type_has_words() -> None:
    names = {name for kind in QUESTIONS.values() for name in kind.Config.model_fields}
    assert names <= LABELS.keys()


def test_the_type_changes_until_somebody_has_answered(alice: Client, survey: Survey, alice_person: Person) -> None:
    save(alice, "q-what", type="choice")
    assert asked(survey, "what").type == "choice"
    assert [option.id for option in asked(survey, "what").config.options] == ["price", "speed"]
    actions.publish(survey, by=alice_person)
    answer(survey, nps=3, what="price")
    assert "its type stays" in page(alice, EDIT + "?at=q-what")
    save(alice, "q-what", type="text")
    assert asked(survey, "what").type == "choice"


def test_questions_and_pages_are_moved_copied_and_removed(alice: Client, survey: Survey) -> None:
    def shape() -> list[tuple[str, list[str]]]:
        return [(p.id, [q.id for q in p.questions]) for p in now(survey).pages]

    assert do(alice, "q-why", "copy") == "q-why_2"
    assert shape()[1] == ("why", ["why", "why_2", "what"])
    do(alice, "q-why_2", "down")
    assert shape()[1] == ("why", ["why", "what", "why_2"])
    assert do(alice, "q-why_2", "remove") == "q-what"
    do(alice, "q-why", "up")  # over the edge of its page
    assert shape() == [("score", ["nps", "why"]), ("why", ["what"])]
    assert do(alice, "q-what", "add-page").startswith("p-page")
    do(alice, "q-why", "order", order="score:nps page:why why:what")
    assert shape() == [("score", ["nps"]), ("page", ["why"]), ("why", ["what"])]
    assert do(alice, "p-page", "copy") == "p-page_2"
    assert shape()[2] == ("page_2", ["why_2"])
    do(alice, "p-page_2", "remove")
    assert len(shape()) == 3


def test_what_logic_asks_about_cannot_go_away_or_behind(alice: Client, survey: Survey) -> None:
    do(alice, "q-nps", "remove")
    assert now(survey).question("nps") is not None
    assert "asks about “Recommend {company}?”" in page(alice, EDIT)
    do(alice, "p-score", "down")
    assert [p.id for p in now(survey).pages] == ["score", "why"]
    assert "Change that logic first" in page(alice, EDIT)


def test_the_last_change_is_undone(alice: Client, survey: Survey) -> None:
    save(alice, "q-why", **{"t.text": "One"})
    save(alice, "q-why", **{"t.text": "Two"})  # soon after: undone together
    do(alice, "q-why", "remove")
    assert now(survey).question("why") is None
    assert do(alice, "", "undo") == "q-why"
    do(alice, "", "undo")
    assert asked(survey, "why").text == {"en": "Why {nps}?"}
    do(alice, "", "undo")
    assert "There is nothing to undo" in page(alice, EDIT)


def test_of_two_editors_the_later_is_told_and_loses_nothing(
    alice: Client, as_role: Callable[[str], Client], survey: Survey
) -> None:
    mine = form_of(page(alice, f"{EDIT}?at=q-why"))
    other = as_role("editor")
    save(other, "q-nps", **{"t.text": "Another question"})  # another part: no matter
    assert alice.post(EDIT, mine | {"t.text": "Mine"}).status_code == 302
    theirs = form_of(page(other, f"{EDIT}?at=q-why"))
    save(alice, "q-why", **{"t.text": "Mine again"})
    answered = other.post(EDIT, theirs | {"t.text": "Theirs"})
    html = answered.content.decode()
    assert answered.status_code == 409
    assert "Somebody else has changed this part meanwhile" in html
    assert ">Theirs</textarea>" in html
    assert asked(survey, "why").text == {"en": "Mine again"}
    assert other.post(EDIT, form_of(html)).status_code == 302  # Keep what I wrote
    assert asked(survey, "why").text == {"en": "Theirs"}


def test_logic_is_built_of_rows(alice: Client, survey: Survey) -> None:
    html = save(alice, "q-why", 200, do="add-row")
    assert 'name="r.0.about"' in html
    sent = form_of(html) | {"r.0.about": "nps", "r.0.test": "is", "r.0.value": ["9", "10"], "r.how": "none"}
    html = alice.post(EDIT, sent | {"do": "add-row"}).content.decode()
    sent = form_of(html) | {"r.1.about": "trait", "r.1.trait": "country", "r.1.test": "is", "r.1.list": "BR, IT"}
    assert alice.post(EDIT, sent).status_code == 302
    question = asked(survey, "why")
    assert question.show_if is not None
    expected = {"not": {"any": [{"question": "nps", "is": ["9", "10"]}, {"trait": "country", "is": ["BR", "IT"]}]}}
    assert question.show_if.model_dump(by_alias=True, exclude_none=True) == expected
    shown = page(alice, f"{EDIT}?at=q-why")
    assert 'value="9" checked' in shown
    assert 'value="BR, IT"' in shown


RULES = [
    {"question": "nps", "at_most": 6},
    {"question": "nps", "at_least": 3, "at_most": 6},
    {"trait": "country", "is": ["BR"]},
    {"not": {"question": "nps", "is": ["9"]}},
    {"question": "nps", "answered": False},
    {"all": [{"question": "nps", "at_least": 9.0}, {"not": {"trait": "plan", "is": ["pro"]}}]},
    {"any": [{"question": "nps", "at_least": 9.0}, {"trait": "plan", "answered": True}]},
    {"not": {"any": [{"question": "nps", "at_least": 9.0}, {"trait": "plan", "answered": True}]}},
    {
        "any": [
            {"all": [{"question": "nps", "answered": True}, {"trait": "a", "is": ["b"]}]},
            {"trait": "c", "is": ["d"]},
        ]
    },
]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_logic_that_is_read_and_written_is_the_same(rule: dict[str, Any]) -> None:
    condition = Condition.model_validate(rule)
    again = Rules.of(condition).condition()
    assert again is not None
    for nps in (None, 2, 5, 9):
        for traits in ({}, {"country": "BR", "plan": "pro"}, {"a": "b"}, {"c": "d"}):
            given = {} if nps is None else {"nps": nps}
            assert again.holds(given, traits) == condition.holds(given, traits)


def test_logic_that_rows_cannot_show_stays(alice: Client, survey: Survey) -> None:
    survey.draft["pages"][1]["questions"][0]["show_if"] = RULES[-1]
    survey.save()
    save(alice, "q-why", **{"t.text": "Changed"})
    assert asked(survey, "why").show_if == Condition.model_validate(RULES[-1])


def test_a_quota_is_made_changed_and_removed(alice: Client, survey: Survey) -> None:
    html = page(alice, EDIT + "?at=quotas")
    assert "?at=z-quota" in html
    sent = {"at": "z-quota", "limit": "50", "r.how": "all", "r.rows": "1", "r.0.about": "nps", "r.0.test": "at_most"}
    assert alice.post(EDIT, sent | {"do": "save"}).status_code == 400  # not finished
    assert alice.post(EDIT, sent | {"do": "save", "r.0.high": "6"}).status_code == 302
    assert [(z.id, z.limit) for z in now(survey).quotas] == [("quota", 50)]
    do(alice, "z-quota", "remove")
    assert now(survey).quotas == []


def test_an_unknown_place_is_warned_of_and_stops_nothing(alice: Client, survey: Survey, alice_person: Person) -> None:
    save(alice, "q-nps", **{"t.text": "Hello {customer.name|there} of {compny}, {why}?"})
    assert "stands for nothing that is known" in page(alice, f"{EDIT}?at=q-nps")
    actions.publish(survey, by=alice_person)


def test_the_trademarks_of_nps_are_named(alice: Client, survey: Survey) -> None:
    html = page(alice, f"{EDIT}?at=q-nps")
    assert all(name in html for name in ("Satmetrix", "Bain &amp; Company", "Fred Reichheld"))
    assert "Satmetrix" not in page(alice, f"{EDIT}?at=q-why")


@pytest.mark.parametrize("at", ["start", "end", "quotas", "p-score", "q-nps", "q-why", "z-quota", "q-gone", "nonsense"])
def test_parts_are_shown_and_what_is_gone_is_not_missed(alice: Client, survey: Survey, at: str) -> None:
    assert "editor-outline" in page(alice, f"{EDIT}?at={at}")


def test_tampered_forms_change_nothing_and_crash_nothing(alice: Client, survey: Survey) -> None:
    before = survey.draft
    for sent in (
        {"at": "q-gone", "do": "save"}, {"at": "q-gone", "do": "up"}, {"at": "", "do": "copy"}, {"at": "x", "do": "remove"},
        {"at": "q-nps", "do": "add-question:nothing"}, {"at": "start", "do": "remove"}, {"do": "order", "order": "a b:c,,d"},
        {"at": "q-what", "do": "save", "s.options.many": "9999999999", "s.options.0.id": "x" * 99},
        {"at": "q-what", "do": "remove-item:options.99", "t.text": "What was it?", "s.options.many": "2",
         "s.options.0.id": "price", "s.options.0.text": "Price", "s.options.1.id": "speed", "s.options.1.text": "Speed"},
    ):  # fmt: skip
        assert alice.post(EDIT, sent).status_code in (302, 400), sent
    now(survey)
    kept = survey.draft
    assert [p["id"] for p in kept["pages"]] == [p["id"] for p in before["pages"]]


# Preview


def test_the_preview_goes_from_page_to_page_and_keeps_nothing(alice: Client, survey: Survey) -> None:
    address = EDIT + "preview/"
    answered = alice.get(address)
    html = answered.content.decode()
    assert "frame-ancestors 'self'" in answered["Content-Security-Policy"]
    assert answered["X-Frame-Options"] == "SAMEORIGIN"
    assert "Recommend Acme" in html or f"Recommend {survey.workspace.name}" in html
    seal = re.search(r'name="_seal" value="([^"]*)"', html)
    assert seal is not None
    sent = {"_page": "score", "_seal": "{}", "nps": "3"}
    html = alice.post(address, sent).content.decode()
    assert "Why 3?" in html
    carried = {"_page": "why", "_seal": '{"nps": 3}', "why": "Slow"}
    assert "Thank you" in alice.post(address, carried).content.decode()
    assert "Thank you" in alice.post(address, sent | {"nps": "10"}).content.decode()  # a promoter is not asked why
    assert "Recommend" in alice.post(address, sent | {"nps": "99"}).content.decode()
    assert "Recommend" in alice.post(address, {**carried, "_go": "back"}).content.decode()
    assert "Why" in page(alice, address + "?page=why")
    assert alice.post(address, {"_page": "gone", "_seal": "nonsense"}).status_code == 200
    assert not Response.objects.exists()


# Translations


def test_translations_stand_side_by_side_and_missing_ones_are_counted(alice: Client, survey: Survey) -> None:
    address = EDIT + "translations/"
    html = page(alice, address)
    assert "6 texts are missing" in html
    assert "Recommend {company}?" in html
    sent = {
        "to": "pt-BR",
        "x.q.nps.text": "Recomenda a {company}?",
        "was.q.nps.text": "",
        "x.q.what.options.price.text": "Preço",
    }
    assert alice.post(address, sent)["Location"] == address + "?to=pt-BR"
    definition = now(survey)
    assert "4 texts are missing" in page(alice, address)
    assert len(missing(definition, "pt-BR")) == 4
    what = asked(survey, "what")
    assert what.config.options[0].text == {"en": "Price", "pt-BR": "Preço"}


def test_a_translation_by_another_stays_when_only_others_were_written(alice: Client, survey: Survey) -> None:
    address = EDIT + "translations/"
    alice.post(address, {"to": "pt-BR", "x.title": "Título", "was.title": ""})
    alice.post(
        address, {"to": "pt-BR", "x.title": "", "was.title": "", "x.q.why.text": "Por quê?", "was.q.why.text": ""}
    )
    assert now(survey).title["pt-BR"] == "Título"


def test_languages_are_added_and_removed(alice: Client, survey: Survey) -> None:
    address = EDIT + "translations/"
    assert alice.post(address, {"do": "add-language", "language": "it"})["Location"].endswith("?to=it")
    assert now(survey).languages == ["en", "pt-BR", "it"]
    alice.post(address, {"do": "add-language", "language": "klingon"})
    alice.post(address, {"do": "remove-language:pt-BR"})
    assert now(survey).languages == ["en", "it"]
    alice.post(address, {"do": "remove-language:en"})  # the own one stays
    assert now(survey).languages[0] == "en"


def test_every_text_of_every_template_can_be_translated() -> None:
    for template in TEMPLATES.values():
        definition = template.make("Acme")
        for said in used(definition):
            definition = put_text(definition, said.key, "de", "Deutsch")
        assert not missing(definition, "de")


# Versions: what keeps answers comparable


def test_publishing_makes_versions_and_says_what_is_missing(
    alice: Client, survey: Survey, alice_person: Person
) -> None:
    html = page(alice, EDIT + "publish/")
    assert "not translated" in html
    assert alice.post(EDIT + "publish/").status_code == 302
    survey.refresh_from_db()
    assert survey.live is not None
    assert (survey.state, survey.live.number, survey.live.content) == ("live", 1, survey.draft)
    save(alice, "q-why", **{"t.text": ""})
    assert "has no text" in page(alice, EDIT + "publish/")
    alice.post(EDIT + "publish/")
    assert survey.versions.count() == 1
    save(alice, "q-why", **{"t.text": "Why?"})
    actions.publish(survey, by=alice_person)
    assert [v.number for v in survey.versions.all()] == [2, 1]
    assert AuditEntry.objects.filter(action="survey_published").count() == 2


def test_a_survey_that_asks_nothing_is_not_published(members: Workspace, alice_person: Person) -> None:
    made = actions.make_survey(members, name="Empty", by=alice_person)
    with pytest.raises(actions.NotReady, match="asks nothing yet"):
        actions.publish(made, by=alice_person)


def test_removed_options_and_changed_scales_are_refused_once_answered_and_superseded_by_one_click(
    alice: Client, survey: Survey, alice_person: Person
) -> None:
    do(alice, "q-nps", "add-question:csat")
    save(alice, "q-csat", **{"t.text": "Happy?"})
    save(alice, "q-what", do="add-item:options")
    actions.publish(survey, by=alice_person)
    save(alice, "q-what", do="remove-item:options.0")
    actions.publish(survey, by=alice_person)  # nobody has answered yet: anything may change
    save(alice, "q-what", do="add-item:options")
    answer(survey, nps=3, what=["speed"], csat=4)
    actions.publish(survey, by=alice_person)  # another option is no harm
    save(alice, "q-what", do="remove-item:options.0")
    save(alice, "q-csat", **{"s.highest": "7"})
    with pytest.raises(actions.NotReady) as refused:
        actions.publish(survey, by=alice_person)
    assert {problem.mend for problem in refused.value.problems} == {"supersede"}
    assert "the option Speed is gone" in page(alice, EDIT + "publish/")
    assert do(alice, "q-what", "supersede") == "q-what_2"
    assert do(alice, "q-csat", "supersede") == "q-csat_2"
    actions.publish(survey, by=alice_person)
    assert [q.id for q in now(survey).questions()] == ["nps", "csat_2", "why", "what_2"]


def test_an_id_is_never_used_twice(alice: Client, survey: Survey, alice_person: Person) -> None:
    actions.publish(survey, by=alice_person)
    do(alice, "q-why", "remove")
    do(alice, "q-what", "remove")
    assert do(alice, "p-why", "add-question:text") == "q-text"
    do(alice, "q-text", "copy")
    assert do(alice, "p-why", "add-question:choices") == "q-choices"
    now(survey)
    taken = actions.taken_ids(survey)
    assert {"why", "what", "text", "choices"} <= taken
    assert draft.fresh_id("why", taken) == "why_2"


def test_superseding_follows_into_logic_and_texts(survey: Survey, alice_person: Person) -> None:
    assert actions.supersede_question(survey, "nps", by=alice_person) == "nps_2"
    definition = now(survey)
    assert definition.pages[1].show_if == Condition.model_validate({"question": "nps_2", "at_most": 8})
    why = asked(survey, "why")
    assert why.text == {"en": "Why {nps_2}?"}


def test_superseding_follows_into_the_words_of_options(alice: Client, survey: Survey, alice_person: Person) -> None:
    save(
        alice, "q-what", **{"s.options.0.text": "More than {nps|so much}", "s.other": "on", "s.other_text": "Not {nps}"}
    )
    actions.supersede_question(survey, "nps", by=alice_person)
    config = asked(survey, "what").config
    assert config.options[0].text == {"en": "More than {nps_2|so much}"}
    assert config.other_text == {"en": "Not {nps_2}"}


# What does not fit

WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "type": ({"pages": [{"id": "a", "questions": [{"id": "q", "type": "telepathy"}]}]}, "pages.0.questions.0",
             "There is no question type {type}. There are: {types}."),
    "id": ({"pages": [{"id": "A"}]}, "pages.0.id", "This is not written as it must be: {pattern}."),
    "same ids": ({"pages": [{"id": "a"}, {"id": "a"}]}, "", "Ids of pages must differ: {ids}."),
    "ahead": ({"pages": [{"id": "a", "show_if": {"question": "z", "is": [1]}}]}, "",
              "The condition of {where} asks about {asked}, which no earlier page asks."),
    "nothing compared": ({"pages": [{"id": "a", "show_if": {"question": "z"}}]}, "pages.0.show_if",
                         "Say what the answer or the trait is compared with, and nothing else: is, at_least, at_most, answered."),
    "two things": ({"pages": [{"id": "a", "show_if": {"question": "z", "trait": "y", "is": [1]}}]}, "pages.0.show_if",
                   "A condition is about one thing: all, any, not, question or trait."),
    "unknown name": ({"pagess": []}, "pagess", "There is no such name here."),
    "no list": ({"pages": 3}, "pages", "Give a list."),
    "limit": ({"quotas": [{"id": "a", "when": {"trait": "t", "answered": True}, "limit": 0}]}, "quotas.0.limit", "Give {ge} or more."),
    "quota": ({"quotas": [{"id": "a", "when": {"question": "z", "is": [1]}, "limit": 1}]}, "",
              "The quota {quota} counts answers to {asked}, which nothing asks."),
    "scale": ({"pages": [{"id": "a", "questions": [{"id": "q", "type": "csat", "settings": {"highest": 50}}]}]},
              "pages.0.questions.0", "A scale has 2 to 11 values."),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "pt-br", "it"])
@pytest.mark.parametrize("case", WRONG)
def test_a_definition_that_does_not_fit_is_told_in_our_own_words_with_its_place(case: str, language: str) -> None:
    given, place, template = WRONG[case]
    with override(language), pytest.raises(ValidationError) as refused:
        Definition.model_validate(given)
    (error,) = refused.value.errors()
    with override(language):
        told, wanted = place_and_reason(error), gettext(template)
    assert re.fullmatch(re.sub(r"\\\{\w+\\\}", ".+", re.escape(wanted)), reason_in(language, error))
    assert told.startswith(f"{place}: " if place else told[:1])
    assert "Input should" not in told
    assert "Value error" not in told


def reason_in(language: str, error: Any) -> str:
    with override(language):
        return reason_of(error)


# Settings and states


def settings(survey: Survey, **changes: Any) -> dict[str, Any]:
    told = {
        "name": survey.name, "population": survey.population, "touchpoint": "", "closes_at": "", "least_answers": "5",
        "gap_days": "90", "priority": "5", "expires_days": "30", "share_percent": "100", "accent": "", "sites_lines": "",
    }  # fmt: skip
    return told | changes


def test_settings_are_changed(alice: Client, survey: Survey) -> None:
    address = f"{LIST}service/settings/"
    changes = {"name": "Care", "touchpoint": "phone", "closes_at": "2027-03-01T18:30", "share_percent": "25",
               "accent": "#0B6E4F", "sites_lines": "https://Shop.example.com/de\nexample.org", "repeated": "on"}  # fmt: skip
    assert alice.post(address, settings(survey, **changes)).status_code == 302
    survey.refresh_from_db()
    assert (survey.name, survey.touchpoint, survey.share, survey.repeated) == ("Care", "phone", 0.25, True)
    assert survey.sites == ["https://shop.example.com", "https://example.org"]
    assert survey.look == {"accent": "#0b6e4f"}
    assert survey.closes_at is not None
    assert 'value="2027-03-01T18:30"' in page(alice, address)
    entry = AuditEntry.objects.filter(action="survey_changed").latest("id")
    assert "look" in entry.details["changed"]


@pytest.mark.parametrize(
    "wrong",
    [{"accent": "#ffee88"}, {"accent": "red"}, {"sites_lines": "javascript://x"}, {"priority": "10"}, {"name": ""},
     {"share_percent": "0"}, {"least_answers": "1"}, {"expires_days": "0"}],
    ids=str,
)  # fmt: skip
def test_settings_that_do_not_fit_are_refused(alice: Client, survey: Survey, wrong: dict[str, str]) -> None:
    answered = alice.post(f"{LIST}service/settings/", settings(survey, **wrong))
    assert answered.status_code == 400
    if wrong.get("accent") == "#ffee88":
        found = re.search(r"has (1\.\d) : 1, and 3 : 1 is needed. (#[0-9a-f]{6}) passes", answered.content.decode())
        assert found is not None
        assert alice.post(f"{LIST}service/settings/", settings(survey, accent=found[2])).status_code == 302


def test_anonymity_cannot_be_taken_back_once_somebody_has_answered(
    alice: Client, survey: Survey, alice_person: Person
) -> None:
    actions.change_settings(survey, by=alice_person, anonymous=True)
    actions.publish(survey, by=alice_person)
    actions.change_settings(survey, by=alice_person, anonymous=False)
    actions.change_settings(survey, by=alice_person, anonymous=True)
    answer(survey, nps=9)
    with pytest.raises(BadQuestion):
        actions.change_settings(survey, by=alice_person, anonymous=False)
    alice.post(f"{LIST}service/settings/", settings(survey))
    survey.refresh_from_db()
    assert survey.anonymous
    assert "answered this survey anonymously" in page(alice, f"{LIST}service/settings/")


def test_a_survey_is_paused_closed_and_reopened(alice: Client, survey: Survey, alice_person: Person) -> None:
    actions.publish(survey, by=alice_person)
    for how, state in (("pause", "paused"), ("reopen", "live"), ("close", "closed"), ("reopen", "live")):
        alice.post(f"{LIST}service/state/", {"how": how})
        survey.refresh_from_db()
        assert survey.state == state
    alice.post(f"{LIST}service/state/", {"how": "reopen"})
    assert "in another state" in page(alice, LIST)
    Survey.objects.update(closes_at=timezone.now() - timedelta(days=1))
    assert ">Over<" in page(alice, LIST)
    alice.post(f"{LIST}service/state/", {"how": "reopen"})
    survey.refresh_from_db()
    assert survey.is_open
    alice.post(f"{LIST}service/state/", {"how": "explode"})


def test_a_copy_asks_the_same_and_has_no_answers(alice: Client, survey: Survey, alice_person: Person) -> None:
    actions.publish(survey, by=alice_person)
    answer(survey, nps=9)
    assert alice.post(f"{LIST}service/copy/")["Location"] == f"{LIST}service-copy/edit/"
    made = Survey.objects.get(slug="service-copy")
    assert (made.draft, made.state, made.responses.count()) == (survey.draft, "draft", 0)
    assert made.key != survey.key


def test_a_survey_is_removed_only_without_answers(alice: Client, survey: Survey, alice_person: Person) -> None:
    actions.publish(survey, by=alice_person)
    kept = answer(survey, nps=9)
    alice.post(f"{LIST}service/remove/")
    assert Survey.objects.exists()
    assert "has answers" in page(alice, LIST)
    kept.delete()
    alice.post(f"{LIST}service/remove/")
    assert not Survey.objects.exists()
    assert AuditEntry.objects.filter(action="survey_removed", target="Service").exists()


def test_a_survey_is_found(alice: Client, survey: Survey) -> None:
    assert "Service" in page(alice, "/w/acme/find/?q=serv")


def test_a_row_of_logic_stays_while_it_is_not_finished_and_goes_when_it_is_removed(
    alice: Client, survey: Survey
) -> None:
    html = save(alice, "q-why", 200, do="add-row")
    html = alice.post(EDIT, form_of(html) | {"r.0.about": "nps", "do": "show"}).content.decode()
    assert 'name="r.0.value" value="10"' in html  # its answers can be chosen now
    assert asked(survey, "why").show_if is None
    sent = form_of(html) | {"r.0.value": ["9"]}
    assert alice.post(EDIT, sent).status_code == 302
    assert asked(survey, "why").show_if == Condition.model_validate({"question": "nps", "is": ["9"]})
    save(alice, "q-why", do="remove-row:0")
    assert asked(survey, "why").show_if is None
