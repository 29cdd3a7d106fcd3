"""The kiosk's page: all questions in one language, which the device keeps and its script shows one page at a time."""

import json
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from percorso.base.assets import BUILT, asset
from percorso.surveys.conditions import Condition
from percorso.surveys.flow import Step
from percorso.surveys.models import Survey
from percorso.surveys.question import REQUIRED
from percorso.surveys.respond.languages import direction, interface_of, own_name, written
from percorso.surveys.respond.look import accent_of, look_version
from percorso.surveys.respond.shown import Form, Sheet, asked_of
from percorso.surveys.sharing.kiosk import shown

# WCAG 2.2.1: who is asked whether they are still there has at least twenty seconds to say so.
SECONDS = {"thanks": 10, "idle": 60, "warning": 20}
ASSETS = ("survey.css", "kiosk.css", "kiosk.js", "mark.svg")


def kiosk_html(survey: Survey, language: str) -> str:
    """Return the page of a survey that is live."""
    assert survey.live is not None
    definition, interface = survey.live.definition, interface_of(language)
    sheet = Sheet(survey, definition, language, key="kiosk")
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
            "needed": gettext(REQUIRED),
            "seconds": SECONDS,
        }
        return str(get_template("surveys/sharing/kiosk.html").render(context))


def _pages(sheet: Sheet) -> list[dict[str, Any]]:
    pages = []
    for page in sheet.definition.pages:
        step = shown(Step(page, tuple(page.questions)))
        if not step.questions:
            continue
        told = zip(asked_of(sheet, step, Form(values={})), step.questions, strict=True)
        asked = [q | {"rule": _rule(question.show_if)} for q, question in told]
        pages.append({"id": page.id, "title": sheet.tell(page.title), "rule": _rule(page.show_if), "asked": asked})
    return pages


def _rule(condition: Condition | None) -> str:
    return condition.model_dump_json(by_alias=True, exclude_none=True) if condition is not None else ""


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
