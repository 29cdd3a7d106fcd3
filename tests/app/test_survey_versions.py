"""A live survey is edited: answers stay comparable, or are told apart; who is in the middle finishes what they began."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from percorso.accounts.models import Person, Workspace
from percorso.analytics.store import Store
from percorso.surveys.editing import actions
from percorso.surveys.editing.actions import NotReady
from percorso.surveys.models import Response, Survey
from tests.app.answered import answer, everything
from tests.app.respondents import Respondent, link

CSAT: dict[str, Any] = {"id": "happy", "type": "csat", "metric": "csat", "text": {"en": "Happy?"}}
BEST: dict[str, Any] = {
    "id": "best", "type": "choice", "text": {"en": "What is best?"},
    "settings": {"options": [{"id": "fast", "text": {"en": "Fast"}}, {"id": "kind", "text": {"en": "Kind"}}, {"id": "cheap", "text": {"en": "Cheap"}}]},
}  # fmt: skip
GRID: dict[str, Any] = {
    "id": "grid", "type": "matrix", "text": {"en": "Rate"}, "metric": "csat",
    "settings": {
        "rows": [{"id": "app", "text": {"en": "App"}}, {"id": "shop", "text": {"en": "Shop"}}],
        "columns": [{"id": f"c{n}", "text": {"en": str(n)}, "score": n} for n in range(1, 6)],
    },
}  # fmt: skip
ORDER: dict[str, Any] = {
    "id": "order", "type": "ranking", "text": {"en": "Order"},
    "settings": {"items": [{"id": "price", "text": {"en": "Price"}}, {"id": "speed", "text": {"en": "Speed"}}, {"id": "care", "text": {"en": "Care"}}]},
}  # fmt: skip
SURVEY: dict[str, Any] = {"title": {"en": "Shop"}, "pages": [{"id": "one", "questions": [CSAT, BEST, GRID, ORDER]}]}
GIVEN: dict[str, Any] = {
    "happy": 5,
    "best": "fast",
    "grid": {"app": "c5", "shop": "c1"},
    "order": ["speed", "price", "care"],
}

Change = Callable[[dict[str, dict[str, Any]]], Any]


@pytest.fixture
def survey(members: Workspace) -> Survey:
    return everything(members, SURVEY)


def edited(survey: Survey, change: Change) -> None:
    """Change the draft's questions, given by id."""
    content = json.loads(json.dumps(survey.draft))
    change({q["id"]: q for page in content["pages"] for q in page["questions"]})
    survey.draft = content
    survey.save(update_fields=["draft"])


HARMLESS: dict[str, Change] = {
    "another wording": lambda q: q["happy"].update(text={"en": "How happy are you?"}),
    "a translation": lambda q: q["best"]["settings"]["options"][0]["text"].update(it="Veloce"),
    "an option called otherwise": lambda q: q["best"]["settings"]["options"][0].update(text={"en": "Quick"}),
    "options in another order": lambda q: q["best"]["settings"]["options"].reverse(),
    "one more option": lambda q: q["best"]["settings"]["options"].append({"id": "near", "text": {"en": "Near"}}),
    "an option of one's own": lambda q: q["best"]["settings"].update(other=True),
    "words at the ends": lambda q: q["happy"].update(settings={"low": {"en": "Sad"}}),
    "required": lambda q: q["happy"].update(required=True),
    "rows in another order": lambda q: q["grid"]["settings"]["rows"].reverse(),
    "one more row": lambda q: q["grid"]["settings"]["rows"].append({"id": "care", "text": {"en": "Care"}}),
}
HARMFUL: dict[str, Change] = {
    "a longer scale": lambda q: q["happy"].update(settings={"highest": 7}),
    "a scale from nought": lambda q: q["happy"].update(settings={"lowest": 0}),
    "another type": lambda q: q["happy"].update(type="nps", metric="nps", settings={}),
    "an option less": lambda q: q["best"]["settings"]["options"].pop(),
    "an option of another score": lambda q: q["best"]["settings"]["options"][0].update(score=3),
    "a row less": lambda q: q["grid"]["settings"]["rows"].pop(),
    "a column less": lambda q: q["grid"]["settings"]["columns"].pop(),
    "a column of another score": lambda q: q["grid"]["settings"]["columns"][0].update(score=0),
    "one column more at the end of the scale": lambda q: q["grid"]["settings"]["columns"].append(
        {"id": "c6", "text": {"en": "6"}, "score": 6}
    ),
    "an item less": lambda q: q["order"]["settings"]["items"].pop(),
    "an item more to rank": lambda q: q["order"]["settings"]["items"].append({"id": "near", "text": {"en": "Near"}}),
}


@pytest.mark.parametrize("change", HARMLESS)
def test_what_harms_no_comparison_is_published(survey: Survey, alice_person: Person, change: str) -> None:
    answer(survey, **GIVEN, loaded=False)
    edited(survey, HARMLESS[change])
    assert actions.publish(survey, by=alice_person).number == 2


@pytest.mark.parametrize("change", HARMFUL)
def test_what_would_mix_answers_is_refused_until_it_is_another_question(
    survey: Survey, alice_person: Person, change: str
) -> None:
    answer(survey, **GIVEN, loaded=False)
    edited(survey, HARMFUL[change])
    with pytest.raises(NotReady) as refused:
        actions.publish(survey, by=alice_person)
    (problem,) = (p for p in refused.value.problems if p.stops)
    assert problem.mend == "supersede"
    actions.supersede_question(survey, problem.at[2:], by=alice_person)
    assert actions.publish(survey, by=alice_person).number == 2


@pytest.mark.parametrize("change", HARMFUL)
def test_before_anybody_has_answered_everything_may_change(survey: Survey, alice_person: Person, change: str) -> None:
    edited(survey, HARMFUL[change])
    assert actions.publish(survey, by=alice_person).number == 2


def test_who_is_in_the_middle_finishes_the_version_that_they_began(members: Workspace, alice_person: Person) -> None:
    content = {
        "title": {"en": "Shop"},
        "pages": [{"id": "one", "questions": [CSAT]}, {"id": "two", "questions": [BEST]}],
    }
    survey = everything(members, content)
    marina = Respondent(link(survey))
    marina.send(happy="4")
    edited(survey, lambda q: q["best"]["settings"]["options"][0].update(text={"en": "Quick"}))
    actions.publish(survey, by=alice_person)
    assert "Fast" in marina.get(marina.path).content.decode()
    marina.send(best="fast")
    Respondent(link(survey)).send(happy="2")
    assert sorted(Response.objects.values_list("version__number", flat=True)) == [1, 2]


def _read(client: Client, survey: Survey) -> str:
    html = client.get(f"/w/acme/surveys/{survey.slug}/").content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_figures_count_the_versions_together_and_a_superseded_question_apart(
    survey: Survey, alice_person: Person, alice: Client, facts: Store
) -> None:
    answer(survey, **GIVEN)
    for change in ("an option called otherwise", "options in another order"):
        edited(survey, HARMLESS[change])
    actions.publish(survey, by=alice_person)
    survey.refresh_from_db()
    answer(survey, **GIVEN)
    shown = _read(alice, survey)
    assert re.search(r"What is best\? Single choice · 2 responses .*? Quick 100.0%", shown)
    assert "Quick" in shown
    assert "Fast" not in shown, "an option has one name, the one that it has now"

    edited(survey, HARMFUL["a longer scale"])
    actions.supersede_question(survey, "happy", by=alice_person)
    actions.publish(survey, by=alice_person)
    survey.refresh_from_db()
    answer(survey, **(GIVEN | {"happy_2": 1}))
    kept = facts.table("answers", "acme")
    rows = kept.filter(kept.survey == survey.slug).select("question", "score", "scale_max", "option").execute()
    happy = rows[rows.question.str.startswith("happy")].sort_values(["question", "score"])
    assert happy[["question", "score", "scale_max"]].values.tolist() == [
        ["happy", 5.0, 5.0], ["happy", 5.0, 5.0], ["happy_2", 1.0, 7.0],
    ]  # fmt: skip
    assert list(rows[rows.question == "best"].option) == ["fast"] * 3
    with override("en"):
        shown = _read(alice, survey)
    assert shown.count("Happy?") >= 2, "the question as it was and the new one stand apart"
