"""The kiosk's page: all questions in one language, which the device keeps and its script shows one page at a time."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from percorso.base.assets import BUILT, asset
from percorso.surveys.definition import Question
from percorso.surveys.flow import PLACE, Step, recalled
from percorso.surveys.models import Survey
from percorso.surveys.question import QUESTIONS, REQUIRED
from percorso.surveys.questions._options import LONGEST_OTHER
from percorso.surveys.questions._parts import OTHER
from percorso.surveys.respond.languages import direction, interface_of, own_name, written
from percorso.surveys.respond.look import accent_of, look_version
from percorso.surveys.respond.shown import Form, Sheet, asked_of
from percorso.surveys.sharing.givable import Givable, slots_of
from percorso.surveys.sharing.kiosk import shown
from percorso.surveys.sharing.ways import Worked, can_recall, worked_out_of

# WCAG 2.2.1: who is asked whether they are still there has at least twenty seconds to say so.
SECONDS = {"thanks": 10, "idle": 60, "warning": 20}
# Signs that no text has (private use), around the place of an answer: question, words where there is none.
BEGIN, BETWEEN, END = "\ue000", "\ue001", "\ue002"
ASSETS = ("survey.css", "kiosk.css", "kiosk.js", "mark.svg")


def kiosk_html(survey: Survey, language: str) -> str:
    """Return the page of a survey that is live."""
    assert survey.live is not None
    definition, interface = survey.live.definition, interface_of(language)
    sheet = KioskSheet(survey, definition, language, key="kiosk")
    differs = interface.partition("-")[0] != language.partition("-")[0]
    with translation.override(interface):
        context = {
            "survey": survey,
            "version": survey.live.number,
            "company": survey.workspace.name,
            "heading": sheet.tell(definition.title) or survey.workspace.name,
            "thanks": sheet.tell(definition.thanks) or gettext("Your answers have arrived."),
            "pages": _pages(sheet),
            "language": written(language),
            "language_code": language,
            "direction": direction(language),
            "interface": written(interface) if differs else "",
            "languages": _languages(sheet),
            "look": _look(survey),
            "looked_up": _looked_up(sheet, worked_out_of(survey.live)),
            "seconds": SECONDS,
        }
        return str(get_template("surveys/sharing/kiosk.html").render(context))


def no_kiosk_html(survey: Survey, language: str) -> str:
    """Return the page that says that a survey cannot be shown at a kiosk; staff read on their own page why."""
    assert survey.live is not None
    sheet, interface = Sheet(survey, survey.live.definition, language), interface_of(language)
    differs = interface.partition("-")[0] != language.partition("-")[0]
    with translation.override(interface):
        context = {
            "heading": gettext("This survey cannot be shown at a kiosk"),
            "company": survey.workspace.name,
            "address": f"{reverse('survey_open', args=[survey.key])}?lang={language}",
            "title": sheet.tell(survey.live.definition.title) or survey.workspace.name,
            "language": written(language),
            "direction": direction(language),
            "interface": written(interface) if differs else "",
            "look": _look(survey),
        }
        return str(get_template("surveys/sharing/no_kiosk.html").render(context))


@dataclass(frozen=True)
class KioskSheet(Sheet):
    """The texts of all pages before anything was answered: where they repeat an answer, the device puts it in."""

    def tell(self, text: Mapping[str, str]) -> str:
        """Return a text in the respondent's language, with marks where answers go."""
        return recalled(PLACE.sub(self._later, self.definition.tell(text, self.language)), self.recalls)

    def _later(self, place: re.Match[str]) -> str:
        if self.definition.question(place[1]) is None:
            return place[0]
        return f"{BEGIN}{place[1]}{BETWEEN}{' '.join((place[2] or '').split())}{END}"


def _pages(sheet: Sheet) -> list[dict[str, Any]]:
    pages = []
    for page in sheet.definition.pages:
        step = shown(Step(page, tuple(page.questions)))
        if step.questions:
            asked = asked_of(sheet, step, Form(values={}))
            title = sheet.tell(page.title)
            pages.append({"id": page.id, "title": title, "randomise": page.randomise, "asked": asked})
    return pages


def _looked_up(sheet: Sheet, worked: Worked) -> dict[str, Any]:
    """Return what the device looks up instead of deciding anything: see `Givable`, `Way`."""
    words = [gettext(REQUIRED), gettext("Please check this answer.")]
    questions = {q.id: q for q in sheet.definition.questions() if q.type != "file"}
    return {
        "given": {
            key: _given(sheet, questions[key], one, words) for key, one in worked.given.items() if key in questions
        },
        "ways": {key: way for key, way in worked.ways.items() if key in questions},
        "fields": {name: told for question in questions.values() for name, told in _attributes(question).items()},
        "words": words,
    }


def _given(sheet: Sheet, question: Question, givable: Givable, words: list[str]) -> dict[str, Any]:
    states = {}
    for name, (found, refused) in givable.states.items():
        told = gettext(refused.template).format(**refused.params) if refused else None
        if told is not None and told not in words:
            words.append(told)
        states[name] = [found, -1 if told is None else words.index(told)]
    repeats = _repeats(sheet, question) if can_recall(sheet.definition, question) else {}
    return {"signs": givable.signs, "states": states, "least": givable.least, "repeats": repeats}


def _repeats(sheet: Sheet, question: Question) -> dict[str, str]:
    """Return the words by which an answer is repeated, by ``field=value``; a mark stands for what was written."""
    kind = QUESTIONS[question.type]
    found = {}
    for slot in slots_of(sheet.definition, question):
        for value in slot.values:
            fields = QueryDict(mutable=True)
            fields.update({slot.field: value, f"{slot.field}.{OTHER}": BETWEEN})
            answer = kind.read(question, fields, question.id)
            found[f"{slot.field}={value}"] = kind.readable(question, answer, sheet.plain)
    return found


def _attributes(question: Question) -> dict[str, dict[str, str]]:
    """Return what a browser itself checks, by field: attributes, an empty one for one that shall not be."""
    config, name = question.config, question.id
    if question.type == "number":
        ends = {"min": config.least, "max": config.most, "step": config.step}
        told = {key: format(Decimal(str(end)), "f") for key, end in ends.items() if end is not None}
        return {name: {"type": "number", "step": "any"} | told}
    if question.type == "date":
        # What is kept on the device does not know which day it is.
        ends = {"min": config.earliest, "max": config.latest}
        return {name: {key: end.isoformat() if end else "" for key, end in ends.items()}}
    if question.type == "text":
        return {name: {"maxlength": str(config.longest)}}
    return {f"{name}.{OTHER}": {"maxlength": str(LONGEST_OTHER)}} if getattr(config, "other", False) else {}


def _languages(sheet: Sheet) -> list[dict[str, Any]]:
    codes = sheet.definition.languages
    return [
        {"code": code, "lang": written(code), "name": own_name(code, codes), "current": code == sheet.language}
        for code in codes
    ] * (len(codes) > 1)


def _look(survey: Survey) -> str:
    accent = accent_of(survey)
    return f"{reverse('survey_look', args=[survey.key])}?v={look_version(accent)}" if accent else ""


def worker_script(survey: Survey) -> str:
    """Return the script that keeps the page on the device; it changes when what it keeps does, so that browsers notice."""
    assert survey.live is not None
    base = reverse("survey_kiosk", args=[survey.key])
    pages = [base, *(f"{base}?lang={code}" for code in survey.live.definition.languages)]
    kept = [*pages, *(f"{settings.STATIC_URL}{asset(name)}" for name in ASSETS), *filter(None, [_look(survey)])]
    told = f"{survey.live.pk} {survey.workspace.name} {kept}"
    name = f"percorso-kiosk-{survey.key}-{sha256(told.encode()).hexdigest()[:12]}"
    code = (BUILT / asset("kiosk-worker.js")).read_text()
    return f"const KEPT={json.dumps(kept)},NAME={json.dumps(name)};\n{code}"
