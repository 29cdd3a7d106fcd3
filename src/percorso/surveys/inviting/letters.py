"""What an invitation says: a mail with HTML and text, or a short text, in the language of whoever gets it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from percorso.outreach.channel import CHANNELS
from percorso.surveys.definition import Definition, Question
from percorso.surveys.flow import recalled, steps
from percorso.surveys.inviting import words as usual_words
from percorso.surveys.inviting.look import inlined
from percorso.surveys.inviting.words import own_or_usual, usual
from percorso.surveys.links import personal_link
from percorso.surveys.models import Invitation, Survey
from percorso.surveys.question import QUESTIONS
from percorso.surveys.respond.languages import direction, interface_of, written
from percorso.surveys.respond.look import accent_of
from percorso.surveys.respond.shown import Sheet
from percorso.surveys.tokens import token_of

MOST_LINKS = 11
# More labelled options than this are a list to read, and a button is enough.
MOST_LABELS = 7
BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True)
class Links:
    """Where a letter leads: the survey, the survey with a value chosen (`question`, `value`), no more letters; a decoy."""

    open: str
    unsubscribe: str
    decoy: str = ""
    personal: bool = False

    def chosen(self, question: str, value: Any) -> str:
        """Return the address that preselects a value; the preview preselects none."""
        return f"{self.open}?{urlencode({question: value})}" if self.personal else self.open


@dataclass(frozen=True)
class Words:
    """What somebody wrote for a distribution, by language; empty: the usual words."""

    subject: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class To:
    """Whom a letter is for: the survey's language that is nearest to theirs, and what texts recall of them."""

    language: str
    traits: Mapping[str, Any]
    expires: date | None = None


@dataclass(frozen=True)
class Letter:
    """A letter as it is queued; a short text has neither subject nor HTML."""

    subject: str
    text: str
    html: str = ""
    # The address at which whoever gets it asks for no more.
    unsubscribe: str = ""


def links_of(invitation: Invitation, unsubscribe: str) -> Links:
    """Return the links of an invitation."""
    decoy = reverse("survey_decoy", args=[invitation.survey.key, token_of(invitation)])
    return Links(personal_link(invitation), unsubscribe, f"{settings.PUBLIC_URL}{decoy}", personal=True)


def letter_of(
    survey: Survey,
    definition: Definition,
    channel: str,
    written_words: Words,
    to: To,
    links: Links,
    *,
    reminder: bool = False,
    test: bool = False,
) -> Letter:
    """Return what one person is sent by a channel."""
    sheet = Sheet(survey, definition, to.language, traits=to.traits)
    with translation.override(interface_of(to.language)):
        if CHANNELS[channel].written:
            return _mail(sheet, written_words, to, links, reminder=reminder, test=test)
        return Letter("", _short(sheet, written_words, links, reminder=reminder, test=test))


def places_of(survey: Survey, customer: Mapping[str, Any]) -> dict[str, str]:
    """Return what the words of a letter may recall, by its name."""
    known = {f"customer.{name}": str(value) for name, value in customer.items() if value not in (None, "")}
    return known | {"company": survey.workspace.name}


def _mail(sheet: Sheet, own: Words, to: To, links: Links, *, reminder: bool, test: bool) -> Letter:
    recalls = places_of(sheet.survey, to.traits)
    subject = " ".join(_told(own.subject, usual_words.SUBJECT, to.language, recalls).split())
    if reminder:
        subject = usual(usual_words.REMINDER_SUBJECT, to.language).replace("{subject}", subject)
    body = _told(own.words, usual_words.WORDS, to.language, recalls)
    notes = [usual(usual_words.TEST, to.language)] if test else []
    notes += [usual(usual_words.REMINDER, to.language)] if reminder else []
    asked = None if sheet.survey.anonymous else _asked(sheet)
    context = {
        "subject": subject,
        "language": written(to.language),
        "direction": direction(to.language),
        "company": sheet.survey.workspace.name,
        "notes": notes,
        "paragraphs": [p.strip() for p in BLANK_LINES.split(body) if p.strip()],
        "asked": asked and _scale(sheet, asked, links),
        "links": links,
        "small": _small(sheet, to),
        "no_more": usual(usual_words.NO_MORE, to.language),
        "answer": usual(usual_words.ANSWER, to.language),
        "one_click": usual(usual_words.ONE_CLICK, to.language),
    }
    html = inlined(render_to_string("surveys/inviting/letter.html", context), accent_of(sheet.survey))
    return Letter(subject[:300], _plain(context, body), html, links.unsubscribe)


def _told(own: Mapping[str, str], usual_text: Mapping[str, str], language: str, recalls: Mapping[str, str]) -> str:
    return recalled(own_or_usual(own, usual_text, language), recalls).strip()


def _small(sheet: Sheet, to: To) -> list[str]:
    """Return the lines at the end of a mail."""
    lines = [usual(usual_words.SENT_BY, to.language).replace("{company}", sheet.survey.workspace.name)]
    if to.expires:
        lines.append(usual(usual_words.PERSONAL, to.language).replace("{day}", _day(to.expires, to.language)))
    return [*lines, *([usual(usual_words.ANONYMOUS, to.language)] if sheet.survey.anonymous else [])]


def _day(day: date, language: str) -> str:
    try:
        return str(format_date(day, "long", locale=Locale.parse(language, sep="-")))
    except (UnknownLocaleError, ValueError):
        return day.isoformat()


def _asked(sheet: Sheet) -> Question | None:
    """Return the question whose values become links: the first of the first page that can be answered by one click."""
    first = next(steps(sheet.definition, {}, sheet.traits, sheet.key), None)
    found = [q for q in first.questions if QUESTIONS[q.type].one_click] if first else []
    return found[0] if found and _choices(sheet, found[0]) else None


def _choices(sheet: Sheet, question: Question) -> Sequence[Mapping[str, Any]]:
    """Return the values of a question; none when they are too many for links."""
    choices: list[dict[str, Any]] = QUESTIONS[question.type].shown(question, None, sheet.tell)["choices"]
    labelled = all(choice["label"] for choice in choices)
    return choices if len(choices) <= (MOST_LABELS if labelled else MOST_LINKS) else []


def _scale(sheet: Sheet, question: Question, links: Links) -> dict[str, Any]:
    """Return a question as the letter shows it: numbers in a row, or labelled buttons one below the other."""
    shown = QUESTIONS[question.type].shown(question, None, sheet.tell)
    choices = [
        {"label": str(c["label"] or c["value"]), "value": c["value"], "name": c["label"], "href": links.chosen(question.id, c["value"])}
        for c in _choices(sheet, question)
    ]  # fmt: skip
    return {
        "text": sheet.tell(question.text),
        "choices": choices,
        "row": not all(choice["name"] for choice in choices),
        "width": f"{100 // len(choices)}%",
        "low": shown.get("low", ""),
        "high": shown.get("high", ""),
    }


def _plain(context: Mapping[str, Any], body: str) -> str:
    """Return the mail as text: each value with its link, or one link."""
    asked, links = context["asked"], context["links"]
    lines = [*context["notes"], body]
    if asked:
        named = [f"{c['value']} ({c['name']})" if asked["row"] and c["name"] else c["label"] for c in asked["choices"]]
        each = "\n".join(f"{name}: {c['href']}" for name, c in zip(named, asked["choices"], strict=True))
        lines += [asked["text"], context["one_click"], each]
    else:
        lines.append(f"{context['answer']}: {links.open}")
    end = "\n".join([*context["small"], f"{context['no_more']}: {links.unsubscribe}"])
    return "\n\n".join([*(line for line in lines if line), f"-- \n{end}"]) + "\n"


def _short(sheet: Sheet, own: Words, links: Links, *, reminder: bool, test: bool) -> str:
    """Return a text message: the words, the link, and how to receive no more."""
    language = sheet.language
    said = _told(own.words, usual_words.SHORT, language, places_of(sheet.survey, sheet.traits))
    before = [usual(usual_words.TEST, language)] if test else []
    before += [usual(usual_words.SHORT_REMINDER, language)] if reminder else []
    return "\n".join(
        [" ".join([*before, said, links.open]), f"{usual(usual_words.SHORT_NO_MORE, language)} {links.unsubscribe}"]
    )
