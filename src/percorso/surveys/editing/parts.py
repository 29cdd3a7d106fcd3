"""The parts of a draft as the editor shows them one at a time, and what the form of each changes.

`at` names a part: `start`, `end`, `p-<page>`, `q-<question>`, `z-<quota>`.
"""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext
from pydantic import ValidationError

from percorso.base.reasons import reason_of
from percorso.i18n import mark
from percorso.surveys.conditions import Condition
from percorso.surveys.definition import MOST_TEXT, Definition, Page, Question, Quota
from percorso.surveys.editing import draft
from percorso.surveys.editing.fields import pillars_of
from percorso.surveys.editing.reading import Wrong, read, validated
from percorso.surveys.editing.rules import Rules
from percorso.surveys.question import QUESTIONS

RULES = "r."
TOO_LONG = mark("A text has at most {most} characters.")


def part_of(definition: Definition, at: str) -> Any:
    """Return a part as JSON, to tell its states apart; None when it is gone."""
    kind, _, key = at.partition("-")
    if kind == "q":
        question = definition.question(key)
        return question.model_dump(mode="json", by_alias=True) if question else None
    if kind == "p":
        page = next((p for p in definition.pages if p.id == key), None)
        return page.model_dump(mode="json", by_alias=True, exclude={"questions"}) if page else None
    if kind == "z":
        quota = next((z for z in definition.quotas if z.id == key), None)
        return quota.model_dump(mode="json", by_alias=True) if quota else None
    names = {"title", "progress", "one_at_a_time"} if at == "start" else {"thanks"}
    return definition.model_dump(mode="json", include=names)


def first_part(definition: Definition) -> str:
    """Return the part that is shown when none was chosen: the first question."""
    first = next(definition.questions(), None)
    return f"q-{first.id}" if first else "start"


def exists(definition: Definition, at: str) -> bool:
    """Whether there is such a part."""
    return at in ("start", "end", "quotas") or ("-" in at and part_of(definition, at) is not None)


def written(
    definition: Definition, at: str, given: QueryDict, answered: set[str], taken: set[str], do: str = ""
) -> Definition:
    """Return the definition with one part as its form says.

    answered : questions that people have answered, which stay of their type. taken : ids used ever before.
    do : the change of the rows of logic that was asked for, see `Rules.act`.

    Raises
    ------
    Wrong : what was written does not fit; it says which field.
    """
    kind, _, key = at.partition("-")
    if kind == "q":
        question = draft.question_called(definition, key)
        return draft.put_question(definition, read_question(definition, question, given, answered, taken, do))
    if kind == "p":
        return draft.put_page(definition, _page(definition, draft.page_called(definition, key), given, do))
    if kind == "z":
        return draft.put_quota(definition, _quota(definition, key, given, do))

    def change(made: Definition) -> None:
        for name in ("title", "thanks"):
            if f"t.{name}" in given:
                setattr(made, name, _text(getattr(made, name), given, name, made.language))
        if at == "start":
            made.progress, made.one_at_a_time = "progress" in given, "one_at_a_time" in given

    return draft.changed(definition, change)


def _text(now: Mapping[str, str], given: QueryDict, name: str, language: str) -> dict[str, str]:
    told = given.get(f"t.{name}", "").replace("\r\n", "\n").strip()
    if len(told) > MOST_TEXT:
        raise Wrong({name: gettext(TOO_LONG).format(most=MOST_TEXT)})
    rest = {key: words for key, words in now.items() if key != language}
    return {language: told, **rest} if told else rest


def read_question(
    definition: Definition, question: Question, given: QueryDict, answered: set[str], taken: set[str], do: str = ""
) -> Question:
    """Return a question as its form says."""
    language = definition.language
    values: dict[str, Any] = question.model_dump(mode="json", by_alias=True)
    values["text"] = _text(question.text, given, "text", language)
    values["help"] = _text(question.help, given, "help", language)
    wanted = given.get("type", question.type)
    if wanted != question.type and wanted in QUESTIONS and question.id not in answered:
        values |= _of_type(question, wanted)
    else:
        metric = given.get("metric", question.metric)
        values["metric"] = metric if metric in ("", question.metric, *QUESTIONS[question.type].metrics) else ""
        values["aspect"] = given.get("aspect", "" if "metric" in given else question.aspect).strip()[:80]
        pillar = given.get("pillar", "")
        values["pillar"] = pillar if pillar in pillars_of(values["metric"]) else ""
        values["settings"] = read(question, given, language, taken)
    values["required"] = "required" in given and QUESTIONS[values["type"]].answerable
    condition = _condition(given, question.show_if, do)
    values["show_if"] = condition.model_dump(mode="json", by_alias=True, exclude_none=True) if condition else None
    return _made(Question, values)


def _of_type(question: Question, kind: str) -> dict[str, Any]:
    """Return what changes when a question becomes another type: settings that both have are kept where they fit."""
    metrics = QUESTIONS[kind].metrics
    bare = Question.model_validate({"id": question.id, "type": kind})
    names = QUESTIONS[kind].Config.model_fields.keys() & question.settings.keys()
    settings: dict[str, Any] = {}
    for name in sorted(names):
        try:
            settings = validated(bare, settings | {name: question.settings[name]})
        except Wrong:
            continue
    metric = question.metric if question.metric in metrics else next(iter(metrics), "")
    return {"type": kind, "settings": settings, "metric": metric}


def _condition(given: QueryDict, now: Condition | None, do: str) -> Condition | None:
    """Return the condition that the rows of a form make; the one that there is when the form has none."""
    return Rules.read(given, RULES, now).act(do).condition() if f"{RULES}how" in given else now


def _page(definition: Definition, page: Page, given: QueryDict, do: str) -> Page:
    values = page.model_dump(mode="json", by_alias=True, exclude={"questions", "show_if"})
    values["title"] = _text(page.title, given, "title", definition.language)
    values["randomise"] = "randomise" in given
    condition = _condition(given, page.show_if, do)
    values["show_if"] = condition.model_dump(mode="json", by_alias=True, exclude_none=True) if condition else None
    return _made(Page, values)


def _quota(definition: Definition, key: str, given: QueryDict, do: str) -> Quota:
    now = next((z for z in definition.quotas if z.id == key), None)
    condition = _condition(given, now.when if now else None, do)
    limit = given.get("limit", "").strip()
    if condition is None:
        raise Wrong({"rules": gettext("Say whom the quota counts.")})
    if not limit.isdecimal() or not 0 < int(limit) < 10**9:
        raise Wrong({"limit": gettext("Write how many answers are enough.")})
    when = condition.model_dump(mode="json", by_alias=True, exclude_none=True)
    return _made(Quota, {"id": key, "when": when, "limit": int(limit)})


def _made(kind: Any, values: Mapping[str, Any]) -> Any:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise Wrong({"": reason_of(error.errors()[0])}) from error
