"""Invitations on their way: made once, let out by the contact policy in portions.

Everything here may be begun again after a kill: an invitation is made once (unique by distribution and person, or by trigger
and interaction), and letting it out (the policy's decision, the message, the invitation's new state) is one transaction.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from percorso.base.mime import unsubscribe_headers
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.outreach import contact
from percorso.outreach.contact import Ask, Decision
from percorso.outreach.messages import Batch
from percorso.outreach.models import Message
from percorso.outreach.policy import WAITS
from percorso.outreach.unsubscribe import unsubscribe_link
from percorso.surveys.inviting.languages import in_their_language
from percorso.surveys.inviting.letters import Letter, To, Words, letter_of, links_of
from percorso.surveys.inviting.people import Invitee, Reach, audience_of
from percorso.surveys.models import Distribution, Invitation, Survey, Trigger

PURPOSE = "survey"
# So many are rendered and let out in one transaction: on SQLite it keeps all other writers waiting.
AT_ONCE = 20
LEAVE_AT_ONCE = 1000
# How long somebody whom the policy lets wait is waited for; what a trigger asks about grows old sooner.
PATIENCE = timedelta(days=45)
PATIENCE_OF_TRIGGERS = timedelta(days=7)
ASK_AGAIN = timedelta(days=1)
State = Invitation.State
# What the decision about an invitation changes.
FATE = ("state", "because", "send_at", "expires_at", "language")
Check = Callable[[float, int], None]


def reference_of(survey: Survey) -> str:
    """Return what the contact policy and messages call a survey."""
    return f"survey:{survey.slug}"


def make_invitations(
    survey: Survey,
    channel: str,
    people: Iterable[Invitee],
    *,
    distribution: Distribution | None = None,
    trigger: Trigger | None = None,
) -> None:
    """Keep an invitation for each person; who has one from the same source already gets no second one.

    Of an anonymous survey no customer is kept, and so nobody without an address.
    """
    now = timezone.now()
    expires = now + timedelta(days=survey.expires_days)
    Invitation.objects.bulk_create(
        [
            Invitation(
                survey=survey,
                channel=channel,
                customer="" if survey.anonymous else one.customer,
                address=one.address,
                name=one.name,
                language=one.language,
                traits=dict(one.traits),
                interaction=one.interaction,
                distribution=distribution,
                trigger=trigger,
                state=State.WAITING if one.address else State.REFUSED,
                because="" if one.address else "no_address",
                send_at=now,
                expires_at=expires,
            )
            for one in people
            if one.address or not survey.anonymous
        ],
        ignore_conflicts=True,
    )


def distribute(distribution: Distribution, check: Check) -> int:
    """Invite the audience of a distribution; return how many messages were lined up.

    `check` is told how far it is (0 to 1, and how many are invited), and raises when somebody stopped it.

    Raises
    ------
    BadQuestion : the survey takes no answers, the channel is not set up, or the segment is gone.
    """
    survey = distribution.survey
    if not survey.is_open:
        raise BadQuestion(mark("The survey takes no answers now. Publish it or let it go on, and send it again."))
    if not Reach(survey.workspace, distribution.channel).is_set_up:
        raise BadQuestion(
            mark("The channel {channel} is not set up. An owner does that in the settings."),
            channel=distribution.channel,
        )
    Distribution.objects.filter(pk=distribution.pk).update(state=Distribution.State.RUNNING)
    made = 0
    for people in audience_of(survey, distribution.channel, distribution.audience):
        check(0.0, made)
        make_invitations(survey, distribution.channel, people, distribution=distribution)
        made += len(people)
    waiting = distribution.invitations.filter(state=State.WAITING, message=None)
    total, done, sent = waiting.count(), 0, 0
    for part in _portions(waiting):
        check(done / max(1, total), done)
        sent += let_out(survey, part)
        done += len(part)
    mine = Distribution.objects.filter(pk=distribution.pk)
    mine.update(audience=counted(distribution.audience))
    mine.filter(state=Distribution.State.RUNNING).update(state=Distribution.State.DONE)
    return sent


def counted(audience: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of an audience when it has been invited: of a list how long it was, and nobody's address."""
    return {"list": len(audience["people"])} if "people" in audience else dict(audience)


def _portions(rows: QuerySet[Invitation]) -> Iterable[list[int]]:
    """Yield the keys of invitations that are due, in portions; each once, whatever becomes of it."""
    last = 0
    while True:
        due = rows.filter(pk__gt=last, send_at__lte=timezone.now()).order_by("pk")
        part = list(due.values_list("pk", flat=True)[:AT_ONCE])
        if not part:
            return
        yield part
        last = part[-1]


def let_out(survey: Survey, keys: Sequence[int]) -> int:
    """Ask the contact policy for some invitations that wait; queue messages for those that it allows; return how many.

    Who has to wait is asked for again later; who is refused stays refused, with the reason. Invitations by a channel that
    is switched off stay as they are.
    """
    now, batch = timezone.now(), Batch(survey.workspace)
    rows = [row for row in rows_of(survey, _waiting(keys)) if batch.sends(row.channel)]
    letters = {row.pk: letter_for(row) for row in rows}
    with transaction.atomic():
        # Only what nobody has changed while the letters were written.
        held = set(_waiting(keys).select_for_update().values_list("pk", "address"))
        rows = [row for row in rows if (row.pk, row.address) in held]
        decisions = contact.decide(survey.workspace, [ask_of(row, letters[row.pk]) for row in rows], now)
        queued: list[tuple[Invitation, Message]] = []
        for row, decision in zip(rows, decisions, strict=True):
            if not decision.allowed:
                _hold(row, decision, now)
            elif message := _queue(batch, row, letters[row.pk], decision.wait_until or now):
                queued.append((row, message))
        batch.save()
        for row, message in queued:
            row.message = message
        _keep(rows)
        leave_line(survey, [row.address for row in rows if row.state == State.REFUSED])
    return len(queued)


def _waiting(keys: Sequence[int]) -> QuerySet[Invitation]:
    return Invitation.objects.filter(pk__in=keys, state=State.WAITING, message=None).order_by("pk")


def rows_of(survey: Survey, rows: QuerySet[Invitation]) -> list[Invitation]:
    """Return invitations of one survey with what a letter needs, in the language that people have chosen by now."""
    # An audience may be a list of thousands: it is not read for each of them.
    found = list(rows.select_related("distribution", "trigger").defer("distribution__audience"))
    spoken = in_their_language(survey, [(row.address, row.language) for row in found])
    for row, language in zip(found, spoken, strict=True):
        row.survey, row.language = survey, language
    return found


def _keep(rows: Sequence[Invitation]) -> None:
    """Write down what became of invitations, those of the same fate together."""
    fates: dict[tuple[Any, ...], list[int]] = {}
    for row in rows:
        fates.setdefault(tuple(getattr(row, name) for name in FATE), []).append(row.pk)
    for fate, keys in fates.items():
        Invitation.objects.filter(pk__in=keys).update(**dict(zip(FATE, fate, strict=True)))
    Invitation.objects.bulk_update([row for row in rows if row.message], ["message"])


def leave_line(survey: Survey, addresses: Iterable[str] | None = None) -> None:
    """Give up places in the line of the contact policy: of a survey that asks nobody any more, or of some people.

    Who is still to be asked by another sending or rule of the survey keeps the place.
    """
    if addresses is None:
        contact.leave_line(survey.workspace, reference_of(survey))
        return
    left = sorted(set(addresses) - {""})
    for part in (left[start : start + LEAVE_AT_ONCE] for start in range(0, len(left), LEAVE_AT_ONCE)):
        asked = survey.invitations.filter(state=State.WAITING, message=None, address__in=part)
        gone = set(part) - set(asked.values_list("address", flat=True))
        contact.leave_line(survey.workspace, reference_of(survey), gone)


def letter_for(row: Invitation, *, reminder: bool = False) -> Letter:
    """Return what an invitation says; it is written before the transaction that sends it begins."""
    survey = row.survey
    assert survey.live is not None
    own = Words(row.distribution.subject, row.distribution.words) if row.distribution else Words()
    until = row.expires_at if reminder else timezone.now() + timedelta(days=survey.expires_days)
    day = until.astimezone(ZoneInfo(survey.workspace.time_zone)).date()
    to = To(row.language, row.traits | {"name": row.name}, day)
    links = links_of(row, unsubscribe_link(survey.workspace, row.channel, row.address, PURPOSE, row.customer))
    return letter_of(survey, survey.live.definition, row.channel, own, to, links, reminder=reminder)


def ask_of(row: Invitation, letter: Letter | None = None) -> Ask:
    """Return the question to the contact policy; a reminder comes without a letter."""
    survey = row.survey
    share = survey.share * (row.trigger.share if row.trigger else 1.0)
    return Ask(
        key=str(row.pk),
        channel=row.channel,
        purpose=PURPOSE,
        address=row.address,
        customer=row.customer,
        reference=reference_of(survey),
        gap_days=survey.gap_days,
        share=share,
        priority=survey.priority,
        exempt=letter is None,
        words=contact.words_of(letter.subject, letter.text) if letter else "",
    )


def _queue(batch: Batch, row: Invitation, letter: Letter, at: datetime) -> Message | None:
    """Add the message of an invitation; None when the channel takes no such text."""
    try:
        message = add_message(batch, row, letter, at)
    except BadQuestion:
        row.state, row.because = State.FAILED, "unwritable"
        return None
    row.because, row.send_at = "", at
    row.expires_at = at + timedelta(days=row.survey.expires_days)
    return message


def add_message(batch: Batch, row: Invitation, letter: Letter, at: datetime, *, exempt: bool = False) -> Message:
    """Add the message of an invitation or a reminder to those that are lined up together.

    Raises
    ------
    BadQuestion : the channel does not take it.
    """
    return batch.add(
        row.channel,
        purpose=PURPOSE,
        address=row.address,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        customer=row.customer,
        name=row.name,
        language=row.language,
        reference=reference_of(row.survey),
        headers=unsubscribe_headers(letter.unsubscribe) if letter.html else {},
        exempt=exempt,
        priority=row.survey.priority,
        send_at=at,
    )


def _hold(row: Invitation, decision: Decision, now: datetime) -> None:
    """Let an invitation wait when time alone helps, and not for too long; else it is refused."""
    row.because, again = decision.because, decision.wait_until
    patience = PATIENCE_OF_TRIGGERS if row.trigger_id else PATIENCE
    if decision.because in WAITS and again is not None and again <= row.created_at + patience:
        row.send_at = min(again, now + ASK_AGAIN)
    else:
        row.state = State.REFUSED


def let_out_waiting(check: Callable[[], None]) -> int:
    """Ask again for all invitations whose time to wait is over; return how many messages were lined up."""
    sent = 0
    stopped = Q(distribution__state=Distribution.State.STOPPED)
    due = Invitation.objects.filter(state=State.WAITING, message=None, send_at__lte=timezone.now()).exclude(stopped)
    keys = due.order_by().values_list("survey", flat=True).distinct()
    for survey in Survey.objects.filter(pk__in=list(keys)).select_related("workspace", "live"):
        check()
        if not survey.is_open:
            if survey.state != Survey.State.PAUSED:
                due.filter(survey=survey).update(state=State.REFUSED, because="closed")
                leave_line(survey)
            continue
        for part in _portions(due.filter(survey=survey)):
            check()
            sent += let_out(survey, part)
    return sent
