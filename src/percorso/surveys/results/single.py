"""Single responses: the list of them, and one with all that was asked and answered."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext

from percorso.accounts.audit import ACTIONS
from percorso.accounts.models import AuditEntry
from percorso.analytics.format import format_value
from percorso.base import columns, words
from percorso.i18n import mark
from percorso.surveys.definition import Question
from percorso.surveys.flow import recalled, steps
from percorso.surveys.models import Response
from percorso.surveys.question import QUESTIONS, Tell
from percorso.surveys.results import stored
from percorso.surveys.results.page import score_of
from percorso.surveys.results.scope import Scope
from percorso.surveys.suspicion import MARKS

ROWS = 50
STATES = {
    "complete": mark("Complete"),
    "partial": mark("Not finished"),
    "left_out": mark("Left out"),
    "over_quota": mark("Over a quota"),
}
# What of the context has a name of ours; a link's own parameters keep theirs.
CONTEXT = {
    "place": mark("Place"),
    "kiosk": mark("Kiosk"),
    "bot": mark("Filled in by a program"),
    "by": mark("Sent by"),
    "channel": mark("Channel"),
    "page": mark("Page"),
    "device": mark("Device"),
}
NOTED = ("response_left_out", "response_counted", "response_erased")


@dataclass(frozen=True)
class Sought:
    """Which responses are asked for; empty fields ask for all."""

    q: str = ""
    state: str = ""
    mark: str = ""
    language: str = ""
    version: int | None = None


@dataclass(frozen=True)
class Line:
    """One response in the list."""

    response: Response
    who: str
    score: str
    channel: str
    language: str
    marks: list[str]
    state: str
    tone: str


@dataclass(frozen=True)
class Reply:
    """One question as it was asked, and its answer; `counted` unless later answers took it off the way."""

    text: str
    answer: str
    counted: bool
    given: bool


def found(scope: Scope, sought: Sought) -> QuerySet[Response]:
    """Return the responses that fit, the newest first."""
    rows = Response.objects.filter(survey=scope.survey).select_related("version", "invitation")
    states = {
        "complete": Q(completed_at__isnull=False, left_out=False),
        "partial": Q(completed_at__isnull=True),
        "left_out": Q(left_out=True, over_quota=""),
        "over_quota": ~Q(over_quota=""),
    }
    if sought.state in states:
        rows = rows.filter(states[sought.state])
    if sought.mark in MARKS:
        # SQLite cannot look into a list; its text has every key in quotes.
        rows = rows.annotate(told=Cast("marks", TextField())).filter(told__contains=f'"{sought.mark}"')
    if sought.language:
        rows = rows.filter(language=sought.language)
    if sought.version:
        rows = rows.filter(version__number=sought.version)
    return rows.filter(_holding(scope, sought.q)) if sought.q else rows


def _holding(scope: Scope, text: str) -> Q:
    who = Q(customer__icontains=text) | Q(invitation__name__icontains=text) | Q(invitation__address__icontains=text)
    return who | Q(key=text) | Q(key__in=stored.writing(scope, text))


def line_of(response: Response) -> Line:
    """Return a response as the list shows it."""
    marks = [gettext(MARKS[key]) for key in response.marks if key in MARKS]
    channel = columns.value_name("channel", response.channel)
    spoken = columns.value_name("language", response.language)
    return Line(response, who_of(response), score_of(response), channel, spoken, marks, *state_of(response))


def who_of(response: Response) -> str:
    """Return who answered, as far as that is known; empty for nobody that we know."""
    invited = response.invitation
    return (invited.name or invited.address if invited else "") or response.customer


def state_of(response: Response) -> tuple[str, str]:
    """Return the state of a response and the tone of its badge."""
    if response.over_quota:
        return gettext(STATES["over_quota"]), "quiet"
    if response.left_out:
        return gettext(STATES["left_out"]), "warn"
    return (gettext(STATES["complete"]), "good") if response.completed_at else (gettext(STATES["partial"]), "quiet")


def replies(response: Response, language: str) -> list[Reply]:
    """Return what was asked, in the version and the order that this respondent saw, and what was answered."""
    definition = response.version.definition

    def tell(text: Any) -> str:
        return definition.tell(text, language)

    way = [q for step in steps(definition, response.answers, response.traits, response.key) for q in step.questions]
    seen = {q.id for q in way}
    way += [q for q in definition.questions() if q.id not in seen and q.id in response.answers]
    said = {q.id: _said(q, response.answers.get(q.id), tell) for q in way}
    values = {key: text for key, text in said.items() if text} | {
        f"customer.{k}": str(v) for k, v in response.traits.items()
    }
    return [
        Reply(recalled(tell(q.text), values) or q.id, said[q.id], q.id in seen, q.id in response.answers)
        for q in way
        if QUESTIONS[q.type].answerable
    ]


def _said(question: Question, value: Any, tell: Tell) -> str:
    """Return an answer as people read it; of a matrix row by row."""
    several = [{row: column} for row, column in value.items()] if question.type == "matrix" and value else [value]
    return "\n".join(QUESTIONS[question.type].readable(question, one, tell) for one in several)


def context_of(response: Response) -> list[tuple[str, str]]:
    """Return where and by what a response was given, as name and text."""
    there = ((key, value) for key, value in sorted(response.context.items()) if value not in (None, "", [], {}))
    return [(_context_name(key), gettext("Yes") if value is True else str(value)) for key, value in there]


def _context_name(key: str) -> str:
    return gettext(CONTEXT[key]) if key in CONTEXT else key


def took(response: Response) -> str:
    """Return how long it took; empty while it is not complete."""
    return "" if response.seconds is None else format_value(response.seconds, "seconds", words.language())


def notes_of(response: Response) -> list[dict[str, Any]]:
    """Return what was done to a response, the newest first, with the reason that was given."""
    entries = AuditEntry.objects.filter(
        workspace=response.survey.workspace, action__in=NOTED, target=response.key
    ).order_by("-id")
    return [
        {"at": e.at, "by": e.by, "told": gettext(ACTIONS[e.action]), "reason": e.details.get("reason", "")}
        for e in entries
    ]
