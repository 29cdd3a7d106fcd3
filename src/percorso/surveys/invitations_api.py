"""The REST interface to invitations: sending a survey to people or a segment, and what became of it."""

from datetime import datetime
from typing import Any, Literal

from django.utils.translation import gettext
from ninja import Query, Router, Schema, Status
from pydantic import Field

from percorso.accounts.bearer import PERSONAL, WRITE, KeyRequest
from percorso.base.rest import Page, Paging, Problem, Strict, example, page_of
from percorso.customers.models import Segment
from percorso.i18n import mark
from percorso.outreach.channel import CHANNELS
from percorso.surveys import examples
from percorso.surveys.api import Slug, refuse_far, survey_of
from percorso.surveys.inviting import actions, queries
from percorso.surveys.inviting.people import MOST_TRAITS, Reach
from percorso.surveys.models import Invitation, Survey
from percorso.surveys.schemas import Trait

router = Router()
MOST_PEOPLE = 5000
# Longest gaps between invitation and reminder, and most reminders.
MOST_DAYS, MOST_REMINDERS = 60, 3
State = Literal["waiting", "sent", "started", "answered", "refused", "failed", "cancelled"]


class PersonIn(Strict):
    """Somebody to be asked."""

    address: str = Field(min_length=1, max_length=254, description="of the channel: an e-mail address, a phone number")
    customer: str = Field("", max_length=254, description="id of the customer, so that answers are known to be theirs")
    name: str = Field("", max_length=254)
    language: str = Field("", max_length=20, description="BCP 47; empty: the survey's own")
    traits: dict[str, Trait] = Field(
        default_factory=dict, max_length=MOST_TRAITS, description="what texts recall and conditions ask"
    )


class SendingIn(Strict):
    """Whom to ask by which channel, and when: `people`, or a `segment`."""

    channel: str = Field(max_length=40, description="one that is set up, such as email")
    people: list[PersonIn] = Field(default_factory=list, max_length=MOST_PEOPLE)
    segment: str | None = Field(None, max_length=60, description="slug of a segment, instead of people")
    subject: dict[str, str] = Field(
        default_factory=dict, max_length=50, description="by language; empty: the usual words"
    )
    words: dict[str, str] = Field(
        default_factory=dict, max_length=50, description="by language; empty: the usual words"
    )
    send_at: datetime | None = Field(None, description="null: now")
    remind_days: int | None = Field(
        None, ge=1, le=MOST_DAYS, description="days after which who has not answered is reminded; null: never"
    )
    most_reminders: int = Field(1, ge=1, le=MOST_REMINDERS)


class SendingOut(Schema):
    """What was set going; see GET …/invitations for what becomes of it."""

    sending: int
    channel: str
    send_at: datetime


class InvitationOut(Schema):
    """One person's invitation."""

    id: int
    sending: int | None = Field(description="what it belongs to; null: a rule sent it")
    customer: str | None
    address: str = Field(description="empty when the person was forgotten")
    language: str
    channel: str
    state: State
    because: str = Field(description="why it was not sent: cap, gap, unsubscribed …; empty when it was")
    sent_at: datetime | None
    expires_at: datetime
    reminders: int = Field(
        description="how many were sent; 0 in an anonymous survey, where it would tell who has not answered"
    )


class WantedInvitations(Paging):
    """Which invitations are wanted."""

    sending: int | None = Field(None, ge=1, lt=2**63, description="only those of one sending")
    state: State | None = None


@router.post(
    "/surveys/{slug}/invitations", auth=WRITE, response={202: SendingOut}, summary="Send a survey",
    operation_id="make_invitations", openapi_extra=example(examples.SENDING, 202, asked=examples.SENDING_ASKED),
)  # fmt: skip
def make_invitations(request: KeyRequest, slug: Slug, sending: SendingIn) -> Status[dict[str, Any]]:
    """Invite people, each by a personal link that is answered once.

    The contact policy decides for each; who is refused is kept with the reason. Give an `Idempotency-Key`, so that a request
    that may or may not have arrived can be repeated.
    """
    survey = survey_of(request, slug)
    refuse_far(sending.send_at)
    audience = _audience(request, survey, sending)
    made = actions.make_distribution(
        survey, channel=sending.channel, audience=audience, subject=sending.subject, words=sending.words,
        send_at=sending.send_at, remind_days=sending.remind_days, most_reminders=sending.most_reminders, by=str(request.auth),
    )  # fmt: skip
    return Status(202, {"sending": made.pk, "channel": made.channel, "send_at": made.send_at})


@router.get(
    "/surveys/{slug}/invitations", auth=PERSONAL, response=Page[InvitationOut], summary="Invitations",
    operation_id="list_invitations", openapi_extra=example({"items": [examples.INVITATION], "next": None}),
)  # fmt: skip
def list_invitations(request: KeyRequest, slug: Slug, wanted: Query[WantedInvitations]) -> dict[str, Any]:
    """Who was invited, the newest first, and what became of it."""
    survey = survey_of(request, slug)
    rows = queries.invitations(survey, state=wanted.state or "", distribution=wanted.sending)
    if after := wanted.after():
        rows = rows.filter(pk__lt=after[0])
    found = page_of(rows[: wanted.limit + 1], wanted.limit, lambda row: (row.pk,))
    return found | {"items": [_told(row, survey) for row in found["items"]]}


def _audience(request: KeyRequest, survey: Survey, sending: SendingIn) -> dict[str, Any]:
    """Return whom it goes to, as a distribution keeps it.

    Raises
    ------
    Problem : there is no such channel or segment, nobody is named, or an address is none of the channel.
    BadQuestion : the survey takes no answers, or the channel is not set up.
    """
    if sending.channel not in CHANNELS:
        raise Problem(
            422, mark("There is no channel {channel}. Channels: {known}."), channel=sending.channel, known=", ".join(CHANNELS)
        )  # fmt: skip
    if bool(sending.people) == (sending.segment is not None):
        raise Problem(422, mark("Say whom to ask: people, or a segment."))
    if sending.segment is not None:
        segment = Segment.objects.filter(workspace=request.auth.workspace, slug=sending.segment).first()
        if segment is None:
            raise Problem(
                422, mark("There is no segment {segment}. It may have been removed."), segment=sending.segment
            )
        return {"segment": segment.pk}
    actions.check_ready(survey, sending.channel)
    reach = Reach(survey.workspace, sending.channel)
    errors = [
        {"where": f"body.people.{n}.address", "detail": gettext("This is no address of the channel.")}
        for n, person in enumerate(sending.people)
        if not reach.address(person.address)
    ]
    if errors:
        raise Problem(422, mark("Nobody was invited. See errors for what does not fit, and where."), errors=errors)
    return {"people": [person.dict() for person in sending.people]}


def _told(row: Invitation, survey: Survey) -> dict[str, Any]:
    names = ("id", "language", "channel", "because", "sent_at", "expires_at")
    return {name: getattr(row, name) for name in names} | {
        # Of an anonymous survey nobody is told who has answered.
        "state": queries.state_of(row, survey),
        "reminders": 0 if survey.anonymous else row.reminders,
        "address": "" if row.is_forgotten else row.address,
        "sending": row.distribution_id,
        "customer": row.customer or None,
    }
