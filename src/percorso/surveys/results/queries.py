"""Counts of responses and invitations: grouped by the database, never row by row."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When, Window
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import RowNumber

from percorso.accounts.models import Workspace
from percorso.base.models import PendingFact
from percorso.surveys.conditions import Condition
from percorso.surveys.definition import Definition
from percorso.surveys.models import Invitation, Response, Survey, Upload
from percorso.surveys.results.kept import kept
from percorso.surveys.results.scope import Scope

SENT = (Invitation.State.SENT, Invitation.State.STARTED, Invitation.State.ANSWERED)


@dataclass(frozen=True)
class Group:
    """Responses that are alike: of one version, on one page, with the same answers to what conditions ask."""

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
    found: list[Group] = kept(scope, f"groups {scope.until}", lambda: _groups(scope))
    return found


def _groups(scope: Scope) -> list[Group]:
    asked, traits = _conditions(version.definition for version in scope.versions)
    told: dict[str, Any] = {f"answer_{i}": KeyTransform(key, "answers") for i, key in enumerate(asked)}
    told |= {f"trait_{i}": KeyTransform(key, "traits") for i, key in enumerate(traits)}
    done = Case(When(completed_at__isnull=False, then=Value(1)), default=Value(0), output_field=IntegerField())
    full = Case(When(over_quota="", then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = responses(scope).order_by().values("version_id", "page", "left_out", "marks", done=done, full=full, **told)
    return [
        Group(
            version=row["version_id"],
            page=row["page"],
            completed=bool(row["done"]),
            left_out=row["left_out"],
            over_quota=bool(row["full"]),
            marks=tuple(row["marks"]),
            answers=_there(row, "answer", asked),
            traits=_there(row, "trait", traits),
            n=row["n"],
        )
        for row in rows.annotate(n=Count("pk"))
    ]


def _there(row: Mapping[str, Any], what: str, names: Sequence[str]) -> dict[str, Any]:
    found = {name: row[f"{what}_{i}"] for i, name in enumerate(names)}
    return {name: value for name, value in found.items() if value is not None}


def _conditions(definitions: Iterator[Definition]) -> tuple[list[str], list[str]]:
    """Return the questions and the traits that conditions and quotas ask, in a fixed order."""
    questions, traits = set(), set()
    for definition in definitions:
        every = [quota.when for quota in definition.quotas]
        for page in definition.pages:
            every += [c for c in (page.show_if, *(q.show_if for q in page.questions)) if c is not None]
        for condition in every:
            questions |= condition.questions()
            traits |= _traits(condition)
    return sorted(questions), sorted(traits)


def _traits(condition: Condition) -> set[str]:
    inner = [*(condition.all_of or ()), *(condition.any_of or ()), *filter(None, [condition.none_of])]
    own = {condition.trait} if condition.trait is not None else set()
    return own.union(*(_traits(one) for one in inner))


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
    given = Upload.objects.filter(response__in=counted(scope)).order_by().values("question")
    return {row["question"]: row["n"] for row in given.annotate(n=Count("response", distinct=True))}
