"""Taking answers in: what one respondent does, each step one short transaction with the facts that it makes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from percorso.base import fact_outbox
from percorso.surveys.facts import facts_of
from percorso.surveys.flow import Step, counting, step_after, step_before, steps
from percorso.surveys.models import Invitation, Response, Survey, Version
from percorso.surveys.question import QUESTIONS, REQUIRED, Given, Refused
from percorso.surveys.suspicion import marks_of
from percorso.surveys.written import without_personal


class Closed(Exception):
    """The survey or the invitation takes no answers; `because` says why: closed, expired, answered, cancelled, unknown."""

    def __init__(self, because: str) -> None:
        super().__init__(because)
        self.because = because


@dataclass(frozen=True)
class Coming:
    """How a respondent came: by which channel, in which language, from where (`origin`: a keyed hash, see `origins.py`)."""

    channel: str
    language: str
    origin: str = ""
    shown_at: datetime | None = None
    context: Mapping[str, Any] | None = None


def begin(survey: Survey, coming: Coming, invitation: Invitation | None = None) -> Response:
    """Return a response to fill in, not saved yet; the one that there is for an invitation.

    Raises
    ------
    Closed : it takes no answers any more.
    """
    if invitation is not None:
        if key := Response.objects.filter(invitation=invitation).values_list("pk").order_by().first():
            return Response.objects.select_related("version", "survey__workspace", "invitation").get(pk=key[0])
        if not invitation.is_open:
            over = invitation.state if invitation.state in ("answered", "cancelled") else "expired"
            raise Closed(over)
    if not survey.is_open or survey.live is None:
        raise Closed("closed")
    now = timezone.now()
    named = invitation is not None and not survey.anonymous
    return Response(
        survey=survey,
        version=survey.live,
        invitation=None if survey.anonymous else invitation,
        customer=invitation.customer if invitation and named else "",
        traits=invitation.traits if invitation and named else {},
        language=coming.language,
        channel=coming.channel,
        origin="" if survey.anonymous else coming.origin,
        context=dict(coming.context or {}),
        page=first_page(survey.live, invitation.traits if invitation and named else {}),
        started_at=min(coming.shown_at or now, now),
        changed_at=now,
    )


def first_page(version: Version, traits: Mapping[str, Any]) -> str | None:
    """Return the id of the first page that is shown."""
    step = next(steps(version.definition, {}, traits, ""), None)
    return step.page.id if step else None


def read_page(response: Response, step: Step, given: Given) -> tuple[dict[str, Any], dict[str, Refused]]:
    """Return the answers that a form gives to a page's questions, and what cannot be kept, by question."""
    answers: dict[str, Any] = {}
    refused: dict[str, Refused] = {}
    for question in step.questions:
        kind = QUESTIONS[question.type]
        if not kind.answerable:
            continue
        try:
            value = kind.read(question, given, question.id)
            answers[question.id] = kind.settled(value, response.answers.get(question.id))
            if question.required and answers[question.id] in (None, "", [], {}):
                refused[question.id] = Refused(REQUIRED)
        except Refused as problem:
            refused[question.id] = problem
    return answers, refused


def save_page(
    response: Response,
    step: Step,
    answers: Mapping[str, Any],
    invitation: Invitation | None = None,
    *,
    back: bool = False,
    at: datetime | None = None,
) -> Step | None:
    """Keep the answers of a page and the facts that they make; return the next step, None when it is over.

    invitation : of an anonymous survey, whose responses do not know it: only that it was used is kept.
    back : go to the step before instead of the next. at : when it was given; None for now.

    Raises
    ------
    Closed : it was completed before, or the survey was closed meanwhile.
    """
    with transaction.atomic():
        response = _locked(response)
        before = _ids(response)
        kept = {**response.answers, **without_personal(response, step.questions, answers)}
        response.answers = {key: value for key, value in kept.items() if value is not None}
        following = (back and (go_back(response, step) or step)) or step_after(
            response.version.definition, response.answers, response.traits, response.key, step.page.id
        )
        response.changed_at = at or timezone.now()
        response.page = following.page.id if following else None
        if following is None:
            _complete(response)
        response.save()
        _tell(response, before)
        _use(response.invitation or invitation, response)
    return following


def go_back(response: Response, step: Step) -> Step | None:
    """Return the step before, where the respondent may change what was answered."""
    return step_before(response.version.definition, response.answers, response.traits, response.key, step.page.id)


def leave_out(response: Response, *, left_out: bool) -> None:
    """Leave a response out of all figures, or count it again; its answers stay."""
    with transaction.atomic():
        before = _ids(response)
        response.left_out = left_out
        response.save(update_fields=["left_out"])
        _tell(response, before)


def _locked(response: Response) -> Response:
    """Return the response as it is now, locked; itself when it is new: of two requests at once one can be saved.

    Raises
    ------
    Closed : see `save_page`.
    """
    if response.pk is None:
        if response.invitation is not None:
            invitation = Invitation.objects.select_for_update().only("pk").get(pk=response.invitation.pk)
            earlier = Response.objects.filter(invitation=invitation).only("pk").order_by().first()
            if earlier is not None:
                return _locked(earlier)
        return response
    found = (
        Response.objects.select_for_update(of=("self",))
        .select_related("survey__workspace", "version", "invitation")
        .get(pk=response.pk)
    )
    if found.completed_at is not None:
        raise Closed("answered")
    if not found.survey.is_open:
        raise Closed("closed")
    return found


def _complete(response: Response) -> None:
    now = response.changed_at
    response.completed_at = now
    response.seconds = max(0.0, (now - response.started_at).total_seconds())
    response.over_quota = _full_quota(response)
    response.left_out = bool(response.over_quota)
    response.marks = marks_of(response)


def _full_quota(response: Response) -> str:
    """Return the id of the first quota that is full for this response; empty when it is within all."""
    definition = response.version.definition
    if not definition.quotas:
        return ""
    # Of two who complete at once the second one sees the first one's answer.
    Survey.objects.select_for_update(no_key=True).only("pk").get(pk=response.survey.pk)
    counted = counting(definition, response.answers, response.traits)
    for quota in definition.quotas:
        if not quota.when.holds(counted, response.traits):
            continue
        others = response.survey.responses.filter(completed_at__isnull=False, over_quota="").exclude(pk=response.pk)
        within = sum(quota.when.holds(answers, traits) for answers, traits in others.values_list("answers", "traits"))
        if within >= quota.limit:
            return quota.id
    return ""


def _tell(response: Response, before: set[tuple[str, str]]) -> None:
    """Line up the facts; those of answers that are no more are delivered empty, so that what was loaded does not stay."""
    rows = facts_of(response)
    now = {(table, row["id"]) for table, several in rows.items() for row in several}
    for table, key in sorted(before - now):
        rows.setdefault(table, []).append(
            {"id": key, "at": response.changed_at.isoformat(), "survey": response.survey.slug}
        )
    fact_outbox.put(response.survey.workspace.slug, rows)


def _use(invitation: Invitation | None, response: Response) -> None:
    if invitation is not None:
        state = Invitation.State.ANSWERED if response.completed_at else Invitation.State.STARTED
        Invitation.objects.filter(pk=invitation.pk).update(state=state)


def _ids(response: Response) -> set[tuple[str, str]]:
    return {(table, row["id"]) for table, rows in facts_of(response).items() for row in rows}
