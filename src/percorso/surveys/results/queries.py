"""Counts of responses and invitations: grouped by the database, never row by row."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, Func, IntegerField, Q, QuerySet, TextField, Value, When, Window
from django.db.models.fields.json import compile_json_path
from django.db.models.functions import Cast, RowNumber

from percorso.accounts.models import Workspace
from percorso.base.models import PendingFact
from percorso.surveys.models import Invitation, Response, Survey, Upload
from percorso.surveys.results.alike import Alike, conditions
from percorso.surveys.results.kept import is_kept, kept
from percorso.surveys.results.scope import Scope

# What is asked of responses besides their answers and traits.
PLAIN = ("version_id", "page", "done", "left_out", "full", "why")
SENT = (Invitation.State.SENT, Invitation.State.STARTED, Invitation.State.ANSWERED)


@dataclass(frozen=True)
class Group:
    """Responses that are alike: of one version, on one page, with answers that no condition tells apart."""

    version: int
    page: str | None
    completed: bool
    left_out: bool
    over_quota: bool
    marks: tuple[str, ...]
    answers: Mapping[str, Any]
    traits: Mapping[str, Any]
    n: int


@dataclass(frozen=True)
class Sent:
    """Invitations that are alike."""

    channel: str
    language: str
    state: str
    scanned: bool
    clicked: bool
    n: int

    @property
    def delivered(self) -> bool:
        return self.state in SENT

    @property
    def answered(self) -> bool:
        return self.state == Invitation.State.ANSWERED


def survey_of(workspace: Workspace, slug: str) -> QuerySet[Survey]:
    """Return the survey of a workspace, with what its pages need."""
    return Survey.objects.filter(workspace=workspace, slug=slug).select_related("workspace", "live")


def responses(scope: Scope) -> QuerySet[Response]:
    """Return the responses that a page is about."""
    found = Response.objects.filter(survey=scope.survey)
    return found if scope.until is None else found.filter(changed_at__lte=scope.until)


def counted(scope: Scope) -> QuerySet[Response]:
    """Return the responses that figures count."""
    return responses(scope).filter(left_out=False)


def whole_steps(survey: Survey) -> datetime | None:
    """Return until when answers of an anonymous survey are shown; None when there are too few.

    They appear `least_answers` at a time: who looks before and after one answer cannot tell what it was.
    """
    complete = Response.objects.filter(survey=survey, completed_at__isnull=False, left_out=False)
    step = max(1, survey.least_answers)
    last = complete.count() // step * step
    times = complete.order_by("completed_at", "id").values_list("completed_at", flat=True)
    return times[last - 1] if last else None


def groups(scope: Scope) -> list[Group]:
    """Return how many responses are alike in all that decides what they were shown."""
    found: list[Group] = kept(scope, _grouping(scope), lambda: _groups(scope))
    return found


def _grouping(scope: Scope) -> str:
    return f"groups {scope.until}"


def is_counted(scope: Scope) -> bool:
    """Whether the page is there at once: the survey is small, or was counted a moment ago."""
    return not scope.large or is_kept(scope, _grouping(scope))


def _groups(scope: Scope) -> list[Group]:
    asked, traits = conditions(version.definition for version in scope.versions)
    told = {f"answer_{i}": JsonOf("answers", key) for i, key in enumerate(asked)}
    told |= {f"trait_{i}": JsonOf("traits", key) for i, key in enumerate(traits)}
    done = Case(When(completed_at__isnull=False, then=Value(1)), default=Value(0), output_field=IntegerField())
    full = Case(When(over_quota="", then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = responses(scope).order_by().annotate(done=done, full=full, why=Cast("marks", TextField()), **told)
    names = (*PLAIN, *told)
    classes = (*asked.values(), *traits.values())
    found = Counter[tuple[Any, ...]]()
    for *values, n in rows.values(*names).annotate(n=Count("pk")).values_list(*names, "n"):
        numbers = (alike.number(raw) for alike, raw in zip(classes, values[len(PLAIN) :], strict=True))
        found[(*values[: len(PLAIN)], *numbers)] += n
    return [_group(key, asked, traits, n) for key, n in found.items()]


class JsonOf(Func):
    """The value of a key of a JSON column, as JSON; Django's own transform gives the text "12" as a number on SQLite."""

    template, arg_joiner, output_field = "(%(expressions)s)", " -> ", TextField()

    def __init__(self, column: str, key: str) -> None:
        super().__init__(F(column), Value(key))

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, Any]:
        """Name the key as a path, for it may hold a point."""
        column, key = self.source_expressions
        path = Func(column, Value(compile_json_path([key.value])), output_field=TextField())
        return path.as_sql(compiler, connection, template=self.template, arg_joiner=self.arg_joiner)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="(%(expressions)s)::text", **more)


def _group(key: tuple[Any, ...], asked: Mapping[str, Alike], traits: Mapping[str, Alike], n: int) -> Group:
    version, page, done, left_out, full, why, *numbers = key
    return Group(
        version=version,
        page=page,
        completed=bool(done),
        left_out=left_out,
        over_quota=bool(full),
        marks=tuple(json.loads(why)),
        answers=_there(asked, numbers[: len(asked)]),
        traits=_there(traits, numbers[len(asked) :]),
        n=n,
    )


def _there(classes: Mapping[str, Alike], numbers: Sequence[int]) -> dict[str, Any]:
    found = {name: alike.first[i] for (name, alike), i in zip(classes.items(), numbers, strict=True)}
    return {name: value for name, value in found.items() if value is not None}


def marks(found: Iterable[Group]) -> tuple[Counter[str], Counter[str]]:
    """Return how many completed responses have each mark, and how many of them are left out."""
    every, out = Counter[str](), Counter[str]()
    for group in found:
        for key in group.marks if group.completed else ():
            every[key] += group.n
            out[key] += group.n if group.left_out else 0
    return every, out


def seconds(scope: Scope, places: Sequence[int]) -> dict[int, float]:
    """Return the times taken at places of their order (from 1 on), in seconds."""
    timed = counted(scope).filter(seconds__isnull=False)
    placed = timed.annotate(place=Window(RowNumber(), order_by=[F("seconds"), F("id")]))
    return dict(placed.filter(place__in=list(places)).order_by().values_list("place", "seconds"))


def sent(scope: Scope) -> list[Sent]:
    """Return how many invitations are alike."""
    clicked = Case(When(clicked="", then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = Invitation.objects.filter(survey=scope.survey).order_by()
    rows = rows.values("channel", "language", "state", "scanned", hit=clicked).annotate(n=Count("pk"))
    return [
        Sent(row["channel"], row["language"], row["state"], row["scanned"], bool(row["hit"]), row["n"]) for row in rows
    ]


def on_their_way(survey: Survey) -> int:
    """Return how many answers are not in the figures yet."""
    waiting = PendingFact.objects.filter(workspace=survey.workspace.slug, table="answers", problem="")
    return waiting.filter(Q(row__survey=survey.slug)).count()


def files(scope: Scope) -> dict[str, int]:
    """Return how many responses gave a file, by question."""
    found: dict[str, int] = kept(scope, f"files {scope.until}", lambda: _files(scope))
    return found


def _files(scope: Scope) -> dict[str, int]:
    given = Upload.objects.filter(response__in=counted(scope)).order_by().values("question")
    return {row["question"]: row["n"] for row in given.annotate(n=Count("response", distinct=True))}
