"""The table that an export writes: one row a response, columns of all versions; of an anonymous survey only counts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.utils.translation import gettext, pgettext

from percorso.base import columns
from percorso.surveys.definition import Definition, Question
from percorso.surveys.facts import message_id
from percorso.surveys.flow import steps
from percorso.surveys.models import Response
from percorso.surveys.question import QUESTIONS
from percorso.surveys.questions._scale import Scale
from percorso.surveys.results.page import Results, Wanted
from percorso.surveys.results.scope import Scope, wording
from percorso.surveys.suspicion import MARKS

Kind = Literal["number", "text", "date", "instant", "flag"]
AT_ONCE = 500
Told = Callable[[float], None]


@dataclass(frozen=True)
class Field:
    """One column: its name for programs, its label for people, the labels of its values by value.

    question : whose answer it holds; empty for what is known of the response. A text with labels is an option's id.
    scale : any number is possible; other numbers are points of a short scale.
    """

    name: str
    label: str
    kind: Kind
    labels: Mapping[Any, str]
    question: str = ""
    scale: bool = False

    @property
    def free(self) -> bool:
        """Whether it holds what people wrote themselves."""
        return bool(self.question) and self.kind == "text" and not self.labels


class NotShown:
    """Stands in a cell whose question was not shown to the respondent."""

    def __repr__(self) -> str:
        return "NOT_SHOWN"


NOT_SHOWN = NotShown()
Row = list[Any]


@dataclass(frozen=True)
class Sheet:
    """Columns and rows. Cells are None where nothing was answered, NOT_SHOWN where nothing was asked."""

    title: str
    fields: Sequence[Field]
    rows: Callable[[], Iterator[Row]]
    count: int


def sheet_of(scope: Scope) -> Sheet:
    """Return the table of a survey, as much of it as may be seen: identities and texts only by who may see them."""
    if scope.survey.anonymous:
        return _counts(scope)
    made = [*_about(scope), *_questions(scope)]
    fields = [one for one in made if scope.reads or not one.free]
    found = Response.objects.filter(survey=scope.survey).order_by("id")
    return Sheet(scope.survey.name, fields, lambda: _rows(scope, fields, found), found.count())


def _about(scope: Scope) -> list[Field]:
    """Return the columns of what is known of a response itself."""
    who = [
        Field("response", gettext("Response"), "text", {}),
        Field("invitation", gettext("Invitation"), "text", {}),
        Field("customer", gettext("Customer"), "text", {}),
    ]
    return [
        *(who if scope.personal else []),
        Field("language", gettext("Language"), "text", _named("language", scope)),
        Field("channel", gettext("Channel"), "text", _named("channel", scope)),
        Field("version", gettext("Version of the survey"), "number", {}, scale=True),
        Field("started", pgettext("a response", "Started"), "instant", {}),
        Field("completed", pgettext("a response", "Completed"), "instant", {}),
        Field("seconds", gettext("Time taken in seconds"), "number", {}, scale=True),
        Field(
            "marks", gettext("Why it looks suspicious"), "text", {key: gettext(label) for key, label in MARKS.items()}
        ),
        Field("left_out", gettext("Left out of figures"), "flag", {}),
    ]


def _named(column: str, scope: Scope) -> dict[Any, str]:
    """Return the names of the values that a column of responses has."""
    values = Response.objects.filter(survey=scope.survey).order_by(column).values_list(column, flat=True).distinct()
    return {value: columns.value_name(column, value) for value in values}


def _known(response: Response) -> dict[str, Any]:
    return {
        "response": response.key,
        "invitation": message_id(response.invitation) if response.invitation else None,
        "customer": response.customer or None,
        "language": response.language,
        "channel": response.channel,
        "version": response.version.number,
        "started": response.started_at,
        "completed": response.completed_at,
        "seconds": None if response.seconds is None else round(response.seconds, 1),
        "marks": " ".join(response.marks) or None,
        "left_out": response.left_out,
    }


def _questions(scope: Scope) -> list[Field]:
    """Return the columns of all questions; the wording is that of the latest version, values keep their first place."""
    latest: dict[str, Field] = {}
    labels: dict[str, dict[Any, str]] = {}
    for version in reversed(scope.versions):
        for question in version.definition.questions():
            for field in _fields(question, version.definition, scope.language):
                labels[field.name] = labels.get(field.name, {}) | dict(field.labels)
                latest[field.name] = field
    order = [field.name for one in scope.asked for field in _fields(one.question, one.definition, scope.language)]
    names = [*dict.fromkeys(order), *(name for name in latest if name not in order)]
    return [
        Field(f.name, f.label, f.kind, labels[f.name] if f.labels else {}, f.question, f.scale)
        for f in (latest[name] for name in names)
    ]


def _fields(question: Question, definition: Definition, language: str) -> list[Field]:
    kind = QUESTIONS[question.type]
    if not kind.answerable:
        return []
    whole = isinstance(kind, Scale) or question.type == "ranking"
    return [
        Field(c.name, c.label or c.name, c.kind, c.labels, question.id, c.kind == "number" and not (whole or c.labels))
        for c in kind.columns(question, lambda text: wording(definition, text, language))
    ]


def _rows(scope: Scope, fields: Sequence[Field], found: QuerySet[Response]) -> Iterator[Row]:
    known = {version.pk: version for version in scope.versions}
    names = {version.pk: _names(version.definition) for version in scope.versions}
    for response in found.select_related("invitation").iterator(AT_ONCE):
        response.version = known[response.version_id]
        cells = _known(response) | _cells(response, fields, names[response.version_id])
        yield [_typed(cells.get(field.name), field) for field in fields]


def _names(definition: Definition) -> dict[str, list[str]]:
    """Return the columns of each question of a version."""
    return {q.id: [c.name for c in QUESTIONS[q.type].columns(q, _silent)] for q in definition.questions()}


def _cells(response: Response, fields: Sequence[Field], names: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return what a respondent answered, by column; NOT_SHOWN for what was not asked."""
    definition = response.version.definition
    way = {q.id for step in steps(definition, response.answers, response.traits, "") for q in step.questions}
    cells: dict[str, Any] = {f.name: NOT_SHOWN for f in fields if f.question and f.question not in way}
    for question in definition.questions():
        kind = QUESTIONS[question.type]
        if question.id in way and kind.answerable:
            cells |= dict(
                zip(names[question.id], kind.cells(question, response.answers.get(question.id)), strict=False)
            )
    return cells


def _silent(text: Mapping[str, str]) -> str:
    return ""


def _typed(value: Any, field: Field) -> Any:
    """Return a value as its column's kind; what does not fit it is none."""
    if value is None or value is NOT_SHOWN:
        return value
    if field.kind == "number":
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if field.kind == "flag":
        return bool(value)
    if field.kind == "instant":
        return value.astimezone(UTC) if isinstance(value, datetime) else None
    if field.kind == "date":
        return value if isinstance(value, date) else None
    return plain(str(value))


def plain(text: str) -> str:
    """Return a text that every file can hold: without NUL and half characters."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def _counts(scope: Scope) -> Sheet:
    """Return the answers of an anonymous survey counted, question by question; never a single one."""
    fields = [
        Field("question", gettext("Question"), "text", {}),
        Field("wording", gettext("Wording"), "text", {}),
        Field("part", gettext("Row"), "text", {}),
        Field("answer", gettext("Answer"), "text", {}),
        Field("n", gettext("Answers"), "number", {}, scale=True),
        Field("answered", gettext("All who answered"), "number", {}, scale=True),
    ]
    rows: list[Row] = []
    for block in Results(scope, Wanted()).blocks if scope.until is not None else []:
        about = [block.asked.question.id, block.text]
        rows += [[*about, None, line.label, line.n, block.answered] for line in block.lines]
        for row in block.rows:
            rows += [
                [*about, row.label, name, n, row.n] for name, (n, _, _) in zip(block.columns, row.cells, strict=True)
            ]
    return Sheet(scope.survey.name, fields, lambda: iter(rows), len(rows))
