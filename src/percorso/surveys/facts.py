"""The facts that a response makes: answers, free texts, and what became of its invitation."""

from datetime import datetime
from typing import Any

from percorso.surveys.flow import counting
from percorso.surveys.models import Invitation, Response
from percorso.surveys.question import QUESTIONS

Row = dict[str, Any]
# Frameworks whose answers name their pillar in `aspect`.
PILLAR_METRICS = ("see", "six_pillars")


def facts_of(response: Response) -> dict[str, list[Row]]:
    """Return rows by fact table. Their ids hold the response's key, so that a later delivery replaces an earlier one.

    Answers that no longer count (left out, no longer shown, taken back) are delivered without a score and a metric: what
    is known already must not stay.
    """
    definition = response.version.definition
    counted = {} if response.left_out else counting(definition, response.answers, response.traits)
    answers: list[Row] = []
    mentions: list[Row] = []
    for question in definition.questions():
        kind = QUESTIONS[question.type]
        about = _about(response) | {"question": question.id}
        if question.id in counted:
            value = counted[question.id]
            measured = {"metric": question.metric or None, "aspect": question.pillar or question.aspect or None}
            for row in kind.facts(question, value):
                part = row.pop("part", "")
                answers.append(about | measured | row | {"id": _id(response, question.id, part), "part": part or None})
            if text := kind.comment(question, value):
                mentions.append(_mention(response, question.id, text))
        elif question.id in response.answers:
            answers += [about | {"id": _id(response, question.id, "")}]
            mentions += (
                [_mention(response, question.id, None)] if kind.comment(question, response.answers[question.id]) else []
            )
    rows = {"answers": answers, "mentions": mentions}
    if response.invitation is not None and not response.survey.anonymous:
        rows["messages"] = [sent_message(response.invitation, response)]
    return {table: made for table, made in rows.items() if made}


def _about(response: Response) -> Row:
    survey = response.survey
    invitation = None if survey.anonymous else response.invitation
    return {
        "customer": None if survey.anonymous else response.customer or None,
        "at": _written(response.completed_at or response.changed_at),
        "channel": response.channel,
        "touchpoint": survey.touchpoint or None,
        "survey": survey.slug,
        # Questionnaires of several items are put together by it, so there is one without an invitation too.
        "invitation": message_id(invitation) if invitation else response.key,
        "interaction": invitation.interaction or None if invitation else None,
        "language": response.language,
        "population": survey.population,
        "response": response.key,
        "version": response.version.number,
    }


def _mention(response: Response, question: str, text: str | None) -> Row:
    told = ("customer", "at", "channel", "touchpoint", "language", "survey", "response")
    about = {name: value for name, value in _about(response).items() if name in told}
    return about | {"id": _id(response, question, ""), "source": "survey", "item": response.survey.slug, "text": text}


def sent_message(invitation: Invitation, response: Response | None = None) -> Row:
    """Return the row of `messages` of an invitation that was sent."""
    answered = response is not None and bool(response.answers)
    return {
        "id": message_id(invitation),
        "customer": invitation.customer or None,
        "at": _written(invitation.sent_at or invitation.send_at),
        "channel": invitation.channel,
        "touchpoint": invitation.survey.touchpoint or None,
        "survey": invitation.survey.slug,
        "purpose": "survey",
        "language": invitation.language or None,
        "delivered_at": _written(invitation.sent_at) if invitation.state != Invitation.State.FAILED else None,
        "bounced": invitation.state == Invitation.State.FAILED,
        "clicked_at": None if invitation.scanned else _written(invitation.clicked_at),
        "started_at": _written(response.started_at) if response else None,
        "first_answer_at": _written(response.started_at) if response and answered else None,
        "completed_at": _written(response.completed_at) if response else None,
    }


def message_id(invitation: Invitation) -> str:
    """Return the id of the row of `messages` of an invitation."""
    return f"invitation-{invitation.pk}"


def _id(response: Response, question: str, part: str) -> str:
    return f"{response.key}.{question}" + (f".{part}" if part else "")


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
