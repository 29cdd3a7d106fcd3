"""What a respondent reads, as values for the templates: texts in their language, answers so far, what is wrong.

The editor's preview shows a draft with the same functions: `Sheet` needs nothing that is stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from percorso.surveys.definition import Definition, Question
from percorso.surveys.flow import Step, may_follow, progress, recalled, step_before
from percorso.surveys.models import Survey
from percorso.surveys.question import QUESTIONS, Refused
from percorso.surveys.respond.ending import ENDINGS
from percorso.surveys.respond.languages import direction, interface_of, own_name, spoken, written
from percorso.surveys.respond.look import accent_of, look_version


@dataclass(frozen=True)
class Sheet:
    """One page for one respondent. `key`: of the response, which orders what is shown in random order."""

    survey: Survey
    definition: Definition
    language: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    traits: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    frame: bool = False

    def tell(self, text: Mapping[str, str]) -> str:
        """Return a text in the respondent's language, with what it recalls."""
        told = self.definition.tell(text, self.language)
        return recalled(told, self.recalls) if "{" in told else told

    def plain(self, text: Mapping[str, str]) -> str:
        """Return a text in the respondent's language; its places stay."""
        return self.definition.tell(text, self.language)

    @cached_property
    def recalls(self) -> dict[str, str]:
        """What texts may recall: answers in words, traits of the customer, the company."""
        asked = {q.id: q for q in self.definition.questions()}
        said = {
            key: QUESTIONS[asked[key].type].readable(asked[key], value, self.plain)
            for key, value in self.answers.items()
            if key in asked
        }
        known = {f"customer.{name}": str(value) for name, value in self.traits.items() if value is not None}
        return said | known | {"company": self.survey.workspace.name}


@dataclass(frozen=True)
class Form:
    """What the form of a page does: where it goes, what it brings back; `values` are shown, `wrong` tells by question."""

    values: Mapping[str, Any]
    wrong: Mapping[str, Refused] = field(default_factory=dict)
    chosen: Mapping[str, Any] = field(default_factory=dict)
    action: str = ""
    seal: str = ""
    notice: str = ""
    # Whether what is typed may be kept on the device until it is sent.
    draft: str = ""
    # Of a cookie, where there is one: in the editor's preview.
    token: str = ""


def page_html(sheet: Sheet, step: Step, form: Form) -> str:
    """Return the page that asks the questions of a step; a form without an action sends nothing (a preview)."""
    with translation.override(interface_of(sheet.language)):
        asked = [_question(sheet, question, form) for question in step.questions]
        wrong = [q for q in asked if q["error"]]
        more = may_follow(sheet.definition, sheet.answers, sheet.traits, step.page.id)
        button = gettext("Next") if more else gettext("Send")
        done = progress(sheet.definition, step.page.id)
        context = {
            "page": step.page.id,
            "heading": sheet.tell(step.page.title) or sheet.tell(sheet.definition.title) or sheet.survey.workspace.name,
            "asked": asked,
            "form": form,
            "language_code": sheet.language,
            "button": button,
            "chosen": _chosen(sheet, step, form, button),
            "problems": wrong,
            "told_problems": ngettext("One answer needs a look.", "{count} answers need a look.", len(wrong)).format(
                count=len(wrong)
            ),
            "before": step_before(sheet.definition, sheet.answers, sheet.traits, sheet.key, step.page.id) is not None,
            "percent": round(100 * done) if sheet.definition.progress and len(sheet.definition.pages) > 1 else None,
            "one_at_a_time": sheet.definition.one_at_a_time and len(asked) > 1,
            "languages": _languages(sheet),
            "interface": _interface(sheet.language, always=any(q["language"] for q in asked)),
            "files": any(q["type"] == "file" for q in asked),
        }
        return _render("page", _around(sheet) | context)


def asked_of(sheet: Sheet, step: Step, form: Form) -> list[dict[str, Any]]:
    """Return `q` for each question of a step, as templates of question types have it."""
    with translation.override(interface_of(sheet.language)):
        return [_question(sheet, question, form) for question in step.questions]


def thanks_html(sheet: Sheet) -> str:
    """Return the page at the end of a survey."""
    with translation.override(interface_of(sheet.language)):
        told = sheet.tell(sheet.definition.thanks)
        own = spoken(sheet.definition.thanks, sheet.language, sheet.definition.language) if told else ""
        context = {
            "heading": gettext("Thank you!"),
            "text": told or gettext("Your answers have arrived."),
            "text_language": written(own) if told else "",
            "over": True,
        }
        return _render("ended", _around(sheet) | context)


def ended_html(because: str, language: str, sheet: Sheet | None = None) -> str:
    """Return the page that says why there is nothing to answer."""
    ending = ENDINGS[because]
    with translation.override(interface_of(language)):
        around = _around(sheet) if sheet else _standing(language)
        said = {"heading": gettext(ending.title), "text": gettext(ending.text), "over": because == "full"}
        return _render("ended", around | said)


def _question(sheet: Sheet, question: Question, form: Form) -> dict[str, Any]:
    """Return `q`, as templates of question types have it."""
    kind = QUESTIONS[question.type]
    help_text, refused = sheet.tell(question.help), form.wrong.get(question.id)
    ids = {name: f"{question.id}-{name}" for name in ("text", "help", "ends", "error")}
    own = spoken(question.text, sheet.language, sheet.definition.language)
    value = form.chosen.get(question.id, form.values.get(question.id))
    return {
        "id": question.id,
        "name": question.id,
        "type": question.type,
        "text": sheet.tell(question.text),
        "help": help_text,
        "required": question.required,
        "error": gettext(refused.template).format(**refused.params) if refused else "",
        "template": kind.template,
        "ids": ids,
        "described": " ".join(ids[name] for name, there in (("help", help_text), ("error", refused)) if there),
        "language": written(own) if own.partition("-")[0] != sheet.language.partition("-")[0] else "",
        **kind.shown(question, value, sheet.tell),
    }


def _chosen(sheet: Sheet, step: Step, form: Form, button: str) -> list[str]:
    """Return what was chosen by a link, in words that say that it is not sent yet."""
    return [
        gettext("You chose {answer}. Press {button} to confirm.").format(
            answer=QUESTIONS[q.type].readable(q, form.chosen[q.id], sheet.tell), button=button
        )
        for q in step.questions
        if q.id in form.chosen
    ]


def _languages(sheet: Sheet) -> list[dict[str, Any]]:
    """Return the survey's languages, each by its own name; none when there is only one."""
    codes = sheet.definition.languages
    return [
        {"code": code, "lang": written(code), "name": own_name(code, codes), "current": code == sheet.language}
        for code in codes
    ] * (len(codes) > 1)


def _standing(language: str) -> dict[str, Any]:
    """Return what stands around every page."""
    return {"language": written(language), "direction": direction(language), "interface": _interface(language)}


def _interface(language: str, *, always: bool = False) -> str:
    """Return the language of buttons and errors where it is not that of all around them; else empty."""
    interface = interface_of(language)
    differs = interface.partition("-")[0] != language.partition("-")[0]
    return written(interface) if differs or always else ""


def _around(sheet: Sheet) -> dict[str, Any]:
    """Return what stands around every page of a survey: its company, its colour, which sites may show it."""
    survey, accent = sheet.survey, accent_of(sheet.survey)
    look = f"{reverse('survey_look', args=[survey.key])}?v={look_version(accent)}" if accent else ""
    return _standing(sheet.language) | {
        "company": survey.workspace.name,
        "survey_key": survey.key,
        "look": look,
        "frame": sheet.frame,
    }


def _render(name: str, context: dict[str, Any]) -> str:
    # Without a request: no session is asked for, and no query is made for a frame that is not shown.
    return str(get_template(f"surveys/respond/{name}.html").render(context))
