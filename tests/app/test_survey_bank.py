"""Surveys ready to send: complete in three languages, and answers to each become the figures that it promises."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client

from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.measure import measure
from percorso.analytics.query import Query
from percorso.analytics.store import Store
from percorso.base import fact_outbox, owner
from percorso.surveys.answering import Coming, begin, read_page, save_page
from percorso.surveys.bank import TEMPLATES
from percorso.surveys.bank._words import LANGUAGES
from percorso.surveys.bank.servqual import DIMENSIONS
from percorso.surveys.editing.actions import make_survey, publish
from percorso.surveys.flow import step_after
from percorso.surveys.models import Response, Survey

Sent = Mapping[str, str]
COMPANY = "Padaria & Filhos"
PILLARS = ("personalization", "integrity", "expectations", "resolution", "time_effort", "empathy")
# What is the same in English and in another of the languages.
SAME = (f"{COMPANY} …", "No")
ITEMS = ("ease", "promises", "speed", "people", "product", "problems")


@dataclass(frozen=True)
class Case:
    """What some people answer to some surveys, and the figure that comes of it."""

    surveys: Mapping[str, list[Sent]]
    indicator: str
    value: float
    n: int
    options: Mapping[str, Any] = field(default_factory=dict)
    by: tuple[str, ...] = ()
    cell: Mapping[str, str] = field(default_factory=dict)


def _sus(odd: int, even: int) -> Sent:
    return {f"q{n}": str(odd if n % 2 else even) for n in range(1, 11)}


def _servqual(expected: int, perceived: int) -> Sent:
    return {
        f"{side}_{key}.{key}_{n}": str(value)
        for side, value in (("expected", expected), ("perceived", perceived))
        for key, (_, items) in DIMENSIONS.items()
        for n in range(1, len(items) + 1)
    }


ASPECTS = [{"nps_company": "10", "nps_service": "9", "nps_product": "7", "nps_after_sales": "0", "why": "All of it"}]
STARTED = [
    {"start": "4", "easy_start": "6"},
    {"start": "2", "easy_start": "3", "hurdle": "other", "hurdle.other": "The papers", "missing": "A guide"},
]
CASES = {
    "nps": Case({"nps": [{"nps": "10"}, {"nps": "10", "why": "Fresh"}, {"nps": "3"}]}, "nps", 100 / 3, 3),
    "all of the company": Case({"nps_aspects": ASPECTS}, "nps", 100.0, 1),
    **{
        aspect: Case({"nps_aspects": ASPECTS}, "nps_aspect", value, 1, by=("aspect",), cell={"aspect": aspect})
        for aspect, value in (("company", 100.0), ("service", 100.0), ("product", 0.0), ("after_sales", -100.0))
    },
    "csat": Case({"csat": [{"csat": "5"}, {"csat": "4", "more": "Kind"}, {"csat": "2"}]}, "csat", 2 / 3, 3),
    "ces": Case({"ces": [{"ces": "7"}, {"ces": "5", "easier": "A map"}]}, "ces", 6.0, 2),
    "ces_1": Case({"ces_1": [{"ces_1": "1"}, {"ces_1": "3"}]}, "ces", 2.0, 2, {"version": "ces1"}),
    "fcr": Case({"fcr": [{"fcr": "yes"}, {"fcr": "yes"}, {"fcr": "no", "still_open": "The bill"}]}, "fcr", 2 / 3, 3, {"definition": "survey"}),
    "enps": Case({"enps": [{"enps": score} for score in ("9", "10", "9", "6", "8")]}, "enps", 40.0, 5),
    "sps": Case({"sps": [{"sps": "5"}, {"sps": "2", "better": "Pay sooner"}]}, "sps", 0.5, 2),
    "start": Case({"onboarding": STARTED}, "csat", 0.5, 2),
    "easy_start": Case({"onboarding": STARTED}, "ces", 4.5, 2),
    "cancellation": Case({"cancellation": [
        {"reason": "competitor", "which": "The one next door", "back": "A lower price", "overall": "2"},
        {"reason": "other", "reason.other": "We moved"},
    ]}, "csat", 0.0, 1),
    "sus": Case({"sus": [_sus(5, 1), _sus(3, 3)]}, "sus", 75.0, 2),
    "gap": Case({
        "experience": [{f"experience_{item}": "3" for item in ITEMS}] * 2,
        "perception": [{f"experience_{item}": "5" for item in ITEMS}] * 5,
    }, "experience_gap", 50.0, 6 * 7),
    "see": Case({"see": [{"success": "7", "effort": "6", "emotion": "2"}]}, "see_index", 100 / 3, 1),
    "six_pillars": Case({"six_pillars": [dict.fromkeys(PILLARS, "4"), dict.fromkeys(PILLARS, "7")]}, "six_pillars_index", 75.0, 2),
    "servqual": Case({"servqual": [_servqual(6, 5), _servqual(7, 5)]}, "servqual_gap", -1.5, 2),
}  # fmt: skip


@pytest.fixture
def store(acme: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    with Store.open(":memory:") as made:
        monkeypatch.setattr(owner, "_store", made)
        yield made


def ready(workspace: Workspace, key: str) -> Survey:
    template = TEMPLATES[key]
    made = make_survey(
        workspace, name=template.label, definition=template.make(COMPANY), by="test",
        population=template.population, anonymous=template.anonymous,
    )  # fmt: skip
    publish(made, by="test")
    return made


def answer(survey: Survey, sent: Sent, language: str) -> Response:
    """Answer page by page, as a browser would."""
    response = begin(survey, Coming(channel="link", language=language))
    page = None
    while step := step_after(response.version.definition, response.answers, {}, response.key, page):
        own = {name: value for name, value in sent.items() if name.partition(".")[0] in {q.id for q in step.questions}}
        answers, refused = read_page(response, step, QueryDict(urlencode(own)))
        assert not refused, (refused, own)
        save_page(response, step, answers)
        response = Response.objects.get(key=response.key)
        page = step.page.id
    assert response.completed_at is not None
    assert response.answers.keys() == {name.partition(".")[0] for name in sent}
    return response


@pytest.mark.parametrize("name", CASES)
def test_answers_become_the_figure_that_they_are_for(name: str, acme: Workspace, store: Store) -> None:
    case = CASES[name]
    for key, people in case.surveys.items():
        survey = ready(acme, key)
        for n, sent in enumerate(people):
            answer(survey, sent, LANGUAGES[n % 3])
    fact_outbox.load()
    cells = measure(store, Query((case.indicator,), acme.slug, by=case.by, options=case.options))
    found = next(cell for cell in cells if dict(cell.by) == dict(case.cell))
    assert (found.value, found.n) == (pytest.approx(case.value), case.n)


def test_every_template_promises_figures_that_are_tried_here() -> None:
    tried: dict[str, set[str]] = {key: set() for key in TEMPLATES}
    for case in CASES.values():
        for key in case.surveys:
            tried[key].add(case.indicator)
    assert tried == {key: set(template.indicators) for key, template in TEMPLATES.items()}
    assert {i for template in TEMPLATES.values() for i in template.indicators} <= set(INDICATORS)


def texts(part: Any) -> Iterator[dict[str, str]]:
    """Give every text of a definition with its translations."""
    if isinstance(part, dict) and part and set(part) <= set(LANGUAGES):
        yield part
    elif isinstance(part, dict):
        yield from (text for value in part.values() for text in texts(value))
    elif isinstance(part, list):
        yield from (text for value in part for text in texts(value))


@pytest.mark.parametrize("key", TEMPLATES)
def test_nothing_is_left_untranslated(key: str) -> None:
    definition = TEMPLATES[key].make(COMPANY)
    found = list(texts(definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)))
    assert len(found) > 3
    for text in found:
        assert list(text) == list(LANGUAGES)
        assert all(words.strip() for words in text.values()), text
        english = text["en"]
        assert english.isdigit() or english in SAME or english not in (text["pt-BR"], text["it"]), text
        assert not any("{" in words for words in text.values()), text
    assert all(question.text for question in definition.questions())


@pytest.mark.parametrize("key", TEMPLATES)
def test_each_is_ready_to_be_published_and_shown_in_every_language(key: str, acme: Workspace, store: Store) -> None:
    survey = ready(acme, key)
    definition = survey.definition
    for language in LANGUAGES:
        page = Client(SERVER_NAME="localhost").get(f"/s/{survey.key}/", {"lang": language})
        html = page.content.decode()
        assert page.status_code == 200
        assert f'lang="{language}"' in html
        for question in definition.pages[0].questions:
            assert question.text[language].replace("&", "&amp;").replace("'", "&#x27;") in html


def test_a_company_is_named_as_it_is_called() -> None:
    odd = 'He said "{nps}" \\ {customer.name}'
    texts_ = [q.text for q in TEMPLATES["ces"].make(odd).questions()]
    assert texts_[0]["en"] == 'He said "(nps)" \\ (customer.name) made it easy for me to handle my issue.'
    assert TEMPLATES["ces"].make("Acme", "it").language == "it"
    assert TEMPLATES["ces"].make("Acme", "fr").language == "en"


def test_the_usual_wordings_are_the_usual_ones() -> None:
    nps = next(TEMPLATES["nps"].make("Acme").questions())
    assert nps.text == {
        "en": "How likely are you to recommend Acme to a friend or colleague?",
        "pt-BR": "Em uma escala de 0 a 10, qual a probabilidade de você recomendar Acme a um amigo ou colega?",
        "it": "Con quale probabilità, su una scala da 0 a 10, consiglieresti i nostri prodotti o servizi a un amico o collega?",
    }
    assert (nps.config.low["en"], nps.config.high["en"]) == ("Not at all likely", "Extremely likely")
    sus = list(TEMPLATES["sus"].make("Acme").questions())
    assert [q.id for q in sus] == [f"q{n}" for n in range(1, 11)]
    assert sus[7].text["en"] == "I found the system very cumbersome to use."
