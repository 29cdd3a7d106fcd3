"""What the editor's templates draw: the outline, the chosen part's form, what is wrong, what can be undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext

from percorso.sources.metrics import METRICS
from percorso.surveys.definition import Definition, Page, Question
from percorso.surveys.editing import fields, rules
from percorso.surveys.editing.actions import stamp_of
from percorso.surveys.editing.checks import Problem, answered_questions, problems_of
from percorso.surveys.editing.draft import fresh_id, name_of, page_of
from percorso.surveys.editing.labels import ASPECTS, PILLARS
from percorso.surveys.editing.languages import language_name
from percorso.surveys.editing.parts import RULES, part_of
from percorso.surveys.editing.rules import Rules
from percorso.surveys.editing.texts import missing
from percorso.surveys.models import DraftStep, Survey
from percorso.surveys.question import QUESTIONS
from percorso.surveys.respond.languages import written

# Types of questions that most surveys need.
USUAL = ("nps", "csat", "ces", "text", "choice", "choices", "stars", "emoji")
# Entries of the outline that leave room for a menu below it.
SHORT_OUTLINE = 6


@dataclass(frozen=True)
class Typed:
    """What somebody has typed and is shown again: rows not finished yet, what is wrong, a change by somebody else."""

    rules: Rules | None = None
    question: Question | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    said: str = ""
    stamp: str | None = None
    meanwhile: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    given: QueryDict | None = None


def editor(survey: Survey, at: str, typed: Typed | None = None) -> dict[str, Any]:
    """Return the context of the editor's page for one part."""
    typed, definition = typed or Typed(), survey.definition
    problems = problems_of(survey, definition)
    answered = answered_questions(survey)
    base = {
        "definition": definition,
        "at": at,
        "outline": outline(survey, definition, at, problems),
        "outline_long": len(definition.pages) + len(list(definition.questions())) > SHORT_OUTLINE,
        "problems": [p for p in problems if p.at == at],
        "stopping": sum(p.stops for p in problems),
        "noted": sum(not p.stops for p in problems),
        "unpublished": survey.live is None or survey.live.content != survey.draft,
        "stamp": typed.stamp or stamp_of(part_of(definition, at)),
        "typed": typed,
        "undo": undoing(survey, definition),
        "types": types(),
        "languages": languages(definition),
        "preview": preview_address(survey, definition, at),
        "chips": recalls(definition, at),
    }
    return base | _part(definition, at, typed, answered)


def _part(definition: Definition, at: str, typed: Typed, answered: set[str]) -> dict[str, Any]:
    kind, _, key = at.partition("-")
    if kind == "q":
        question = typed.question or definition.question(key)
        assert question is not None
        return _question(definition, question, typed, answered)
    if kind == "p":
        page = next(p for p in definition.pages if p.id == key)
        told = {"title": typed.texts.get("title", page.title.get(definition.language, ""))}
        return {"kind": "page", "page": page, "told": told} | _logic(
            definition, page, typed.rules or Rules.of(page.show_if)
        )
    if kind == "z":
        quota = next((z for z in definition.quotas if z.id == key), None)
        drawn = _logic(definition, None, typed.rules or Rules.of(quota.when if quota else None))
        limit = typed.texts.get("limit", str(quota.limit) if quota else "100")
        return {"kind": "quota", "quota": key, "limit": limit, "kept_quota": quota is not None} | drawn
    if at == "quotas":
        new = fresh_id("quota", [z.id for z in definition.quotas])
        return {"kind": "quotas", "quotas": quotas(definition), "new_quota": new}
    name = "title" if at == "start" else "thanks"
    told = {name: typed.texts.get(name, getattr(definition, name).get(definition.language, ""))}
    return {"kind": at, "told": told}


def _question(definition: Definition, question: Question, typed: Typed, answered: set[str]) -> dict[str, Any]:
    kind, language = QUESTIONS[question.type], definition.language
    told = {name: typed.texts.get(name, getattr(question, name).get(language, "")) for name in ("text", "help")}
    metrics = [m for m in kind.metrics if m]
    if question.metric and question.metric not in metrics:
        metrics.append(question.metric)
    page = page_of(definition, question.id)
    context = {
        "kind": "question",
        "question": question,
        "told": told,
        "type": {
            "label": gettext(kind.label),
            "about": gettext(kind.about),
            "icon": kind.icon,
            "answerable": kind.answerable,
        },
        "answered": question.id in answered,
        "settings": fields.shown(question, language, typed.errors, typed.given),
        "metrics": [
            {"value": m, "label": gettext(METRICS[m].label) if m in METRICS else m, "chosen": m == question.metric}
            for m in metrics
        ],
        "pillars": [
            {"value": p, "label": gettext(PILLARS.get(p, p)), "chosen": p == question.pillar}
            for p in fields.pillars_of(question.metric)
        ],
        "aspects": ASPECTS,
        "is_nps": question.metric in ("nps", "enps") or question.type == "nps",
    }
    return context | _logic(definition, page, typed.rules or Rules.of(question.show_if))


def _logic(definition: Definition, page: Page | None, shown: Rules) -> dict[str, Any]:
    earlier = rules.earlier_questions(definition, page.id if page else None)
    return {
        "rules": shown,
        "rows": rules.shown(shown, definition, earlier, RULES),
        "hows": [
            {"value": how, "label": gettext(label), "chosen": how == shown.how} for how, label in rules.HOWS.items()
        ],
        "prefix": RULES,
        "has_earlier": bool(earlier),
        "kept_rule": shown.kept.model_dump_json(by_alias=True, exclude_none=True) if shown.kept else "",
    }


def quotas(definition: Definition) -> list[dict[str, Any]]:
    """Return the quotas with whom they count, in words."""
    return [
        {"id": z.id, "limit": z.limit, "asks": [name_of(definition, q) for q in definition.questions() if q.id in z.when.questions()]}
        for z in definition.quotas
    ]  # fmt: skip


def outline(survey: Survey, definition: Definition, at: str, problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Return the pages with their questions."""
    wrong = {p.at for p in problems if p.stops}
    noted = {p.at for p in problems}
    slugs = [survey.workspace.slug, survey.slug]
    base = reverse("survey_edit", args=slugs)

    def entry(part: str, label: str, icon: str, logic: bool) -> dict[str, Any]:
        return {
            "at": part, "id": part.partition("-")[2], "label": label, "icon": icon, "logic": logic, "current": part == at,
            "href": f"{base}?{urlencode({'at': part})}", "wrong": part in wrong, "noted": part in noted,
        }  # fmt: skip

    found = []
    for i, page in enumerate(definition.pages):
        title = definition.tell(page.title, definition.language) or gettext("Page {n}").format(n=i + 1)
        questions = [
            entry(f"q-{q.id}", name_of(definition, q) if q.text else gettext("No text yet"), QUESTIONS[q.type].icon,
                  q.show_if is not None)
            for q in page.questions
        ]  # fmt: skip
        found.append(entry(f"p-{page.id}", title, "file", page.show_if is not None) | {"questions": questions})
    return found


def undoing(survey: Survey, definition: Definition) -> dict[str, Any] | None:
    """Return the last change, that can be taken back."""
    step: DraftStep | None = survey.steps.select_related("by").first()
    if step is None:
        return None
    return {"by": step.by, "made_at": step.made_at}


def types() -> list[dict[str, str]]:
    """Return the types of questions: those that most surveys need first, the others by name."""
    found = [
        {"key": key, "label": gettext(kind.label), "about": gettext(kind.about), "icon": kind.icon}
        for key, kind in QUESTIONS.items()
    ]
    return sorted(found, key=lambda entry: ((*USUAL, entry["key"]).index(entry["key"]), entry["label"].casefold()))


def languages(definition: Definition) -> list[dict[str, Any]]:
    """Return the languages with how many texts each lacks."""
    return [
        {
            "code": code,
            "lang": written(code),
            "name": language_name(code),
            "own": code == definition.language,
            "missing": 0 if code == definition.language else len(missing(definition, code)),
        }
        for code in definition.languages
    ]


def preview_address(survey: Survey, definition: Definition, at: str) -> str:
    """Return the address of the preview of a part; it differs when the draft does."""
    kind, _, key = at.partition("-")
    page = key if kind == "p" else page_of(definition, key).id if kind == "q" else ""
    told = {
        "page": page, "whole": "1" if kind == "q" else "", "end": "1" if at == "end" else "", "v": stamp_of(survey.draft)[:8],
    }  # fmt: skip
    given = urlencode({name: value for name, value in told.items() if value})
    return f"{reverse('survey_preview', args=[survey.workspace.slug, survey.slug])}?{given}"


def recalls(definition: Definition, at: str) -> list[dict[str, str]]:
    """Return what texts of a part may recall: the place as it is written, and what it stands for."""
    kind, _, key = at.partition("-")
    here = key if kind == "p" else page_of(definition, key).id if kind == "q" else None
    earlier = [] if at == "start" else rules.earlier_questions(definition, here)
    found = [
        {"place": "{company}", "label": gettext("Your company's name")},
        {"place": "{{customer.name|{word}}}".format(word=gettext("there")), "label": gettext("The customer's name, or the word after the line")},
    ]  # fmt: skip
    return found + [{"place": f"{{{q.id}}}", "label": name_of(definition, q)} for q in earlier]
