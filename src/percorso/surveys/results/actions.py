"""Changes of responses: left out of figures, counted again, erased."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from percorso.accounts import audit
from percorso.accounts.models import Person
from percorso.base import fact_outbox
from percorso.errors import UserError
from percorso.i18n import mark
from percorso.surveys import answering
from percorso.surveys.facts import facts_of
from percorso.surveys.forgetting import forget_invitation
from percorso.surveys.models import Response, Survey
from percorso.surveys.respond.uploads import forget
from percorso.surveys.results import kept

ERASED = "erased"


def leave_out(response: Response, *, reason: str, by: Person) -> None:
    """Leave a response out of all figures; what it answered stays."""
    _set(response, True, reason, by)


def count_again(response: Response, *, reason: str, by: Person) -> None:
    """Count a response that was left out.

    Raises
    ------
    UserError : it came over a quota, or was erased: there is nothing to count.
    """
    if response.over_quota:
        raise UserError(mark("This response came when its quota was full. Raise the quota to let more count."))
    if is_erased(response):
        raise UserError(mark("This response was erased; nothing of it is left to count."))
    _set(response, False, reason, by)


def _set(response: Response, left_out: bool, reason: str, by: Person) -> None:
    with transaction.atomic():
        answering.leave_out(response, left_out=left_out)
        action = "response_left_out" if left_out else "response_counted"
        _note(action, response, by, reason=reason)
    kept.forget(response.survey_id)


def _note(action: str, response: Response, by: Person, **details: str) -> None:
    survey = response.survey
    audit.record(action, survey.workspace, by=by, target=response.key, survey=survey.slug, **details)


def switch_mark(
    survey: Survey, key: str, *, left_out: bool, by: Person | str, told: Callable[[float], None] = lambda _: None
) -> int:
    """Leave all completed responses with a mark out of the figures, or count them again; return how many changed.

    told : is called with how far it is, 0 to 1. What is over a quota or was erased stays left out.
    """
    marked = marked_by(survey, key, left_out=left_out)
    for i, pk in enumerate(marked):
        told(i / len(marked))
        response = with_all().get(pk=pk)
        answering.leave_out(response, left_out=left_out)
    kept.forget(survey.pk)
    if marked:
        action = "marked_left_out" if left_out else "marked_counted"
        audit.record(action, survey.workspace, by=by, target=survey.name, mark=key, responses=len(marked))
    return len(marked)


def marked_by(survey: Survey, key: str, *, left_out: bool) -> list[int]:
    """Return the completed responses that `switch_mark` would change."""
    rows = Response.objects.filter(survey=survey, completed_at__isnull=False, left_out=not left_out, over_quota="")
    found = rows.exclude(marks=[]).order_by("id").values_list("pk", "marks", "context")
    return [pk for pk, marks, context in found if key in marks and ERASED not in context]


def with_all() -> QuerySet[Response]:
    """Return responses with all that telling their facts needs."""
    return Response.objects.select_related("survey__workspace", "version", "invitation__survey")


def is_erased(response: Response) -> bool:
    """Whether what it answered was erased on request."""
    return bool(response.context.get(ERASED))


def erase(response: Response, *, reason: str, by: Person) -> None:
    """Erase what one person answered, in the figures too; that somebody responded stays, without who and what."""
    with transaction.atomic():
        emptied = _emptied(response)
        uploads = list(response.uploads.values_list("key", flat=True))
        response.uploads.all().delete()
        if response.invitation is not None:
            forget_invitation(response.invitation)
        _empty(response)
        fact_outbox.put(response.survey.workspace.slug, emptied)
        _note("response_erased", response, by, reason=reason)
        transaction.on_commit(lambda: forget(uploads))


def _emptied(response: Response) -> dict[str, list[dict[str, Any]]]:
    """Return rows that replace all facts of the answers of a response by nothing, whether they counted or not."""
    keys: set[tuple[str, str]] = set()
    for left_out in (False, True):
        response.left_out = left_out
        made = facts_of(response)
        keys |= {(table, row["id"]) for table in ("answers", "mentions") for row in made.get(table, [])}
    rows: dict[str, list[dict[str, Any]]] = {}
    for table, key in sorted(keys):
        rows.setdefault(table, []).append(
            {"id": key, "at": response.changed_at.isoformat(), "survey": response.survey.slug}
        )
    return rows


def _empty(response: Response) -> None:
    response.answers, response.traits, response.context, response.marks = {}, {}, {ERASED: True}, []
    response.customer = response.origin = ""
    response.invitation, response.left_out = None, True
    response.save()
