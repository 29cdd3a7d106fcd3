"""Invitations on their way: made once, let out by the contact policy in portions, reminded of.

Everything here may be begun again after a kill: an invitation is made once (unique by distribution and person, or by trigger
and interaction), and letting it out (the policy's decision, the message, the invitation's new state) is one transaction.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.outreach import contact
from percorso.outreach.contact import Ask, Decision
from percorso.outreach.messages import queue_message
from percorso.outreach.models import Message
from percorso.outreach.policy import WAITS
from percorso.outreach.unsubscribe import unsubscribe_headers, unsubscribe_link
from percorso.surveys.inviting.letters import Letter, To, Words, letter_of, links_of
from percorso.surveys.inviting.people import Invitee, Reach, audience_of
from percorso.surveys.models import Distribution, Invitation, Survey, Trigger

PURPOSE = "survey"
# So many are rendered and let out in one transaction: on SQLite it keeps all other writers waiting.
AT_ONCE = 20
# How long somebody whom the policy lets wait is waited for; what a trigger asks about grows old sooner.
PATIENCE = timedelta(days=45)
PATIENCE_OF_TRIGGERS = timedelta(days=7)
ASK_AGAIN = timedelta(days=1)
State = Invitation.State
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
    audience = distribution.audience
    kept = {"list": len(audience["people"])} if "people" in audience else audience
    Distribution.objects.filter(pk=distribution.pk).update(state=Distribution.State.DONE, audience=kept)
    return sent


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

    Who has to wait is asked for again later; who is refused stays refused, with the reason.
    """
    workspace, now = survey.workspace, timezone.now()
    letters = {row.pk: _letter(row) for row in _waiting(keys)}
    with transaction.atomic():
        locked = Invitation.objects.select_for_update(of=("self",))
        rows = [row for row in _waiting(keys, locked) if row.pk in letters]
        decisions = contact.decide(workspace, [_ask(row, letters[row.pk]) for row in rows], now)
        for row, decision in zip(rows, decisions, strict=True):
            if decision.allowed:
                _queue(row, letters[row.pk], decision, now)
            else:
                _hold(row, decision, now)
        Invitation.objects.bulk_update(rows, ["state", "because", "message", "send_at", "expires_at"])
    return sum(row.message_id is not None for row in rows)


def _waiting(keys: Sequence[int], rows: QuerySet[Invitation] | None = None) -> QuerySet[Invitation]:
    found = Invitation.objects.all() if rows is None else rows
    found = found.filter(pk__in=keys, state=State.WAITING, message=None)
    return found.select_related("survey__workspace", "survey__live", "distribution", "trigger").order_by("pk")


def _letter(row: Invitation, *, reminder: bool = False) -> Letter:
    """Return what an invitation says; it is written before the transaction that sends it begins."""
    survey = row.survey
    assert survey.live is not None
    own = Words(row.distribution.subject, row.distribution.words) if row.distribution else Words()
    until = row.expires_at if reminder else timezone.now() + timedelta(days=survey.expires_days)
    day = until.astimezone(ZoneInfo(survey.workspace.time_zone)).date()
    to = To(row.language, row.traits | {"name": row.name}, day)
    links = links_of(row, _unsubscribe(row))
    return letter_of(survey, survey.live.definition, row.channel, own, to, links, reminder=reminder)


def _unsubscribe(row: Invitation) -> str:
    return unsubscribe_link(row.survey.workspace, row.channel, row.address, PURPOSE, row.customer)


def _ask(row: Invitation, letter: Letter | None = None) -> Ask:
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


def _queue(row: Invitation, letter: Letter, decision: Decision, now: datetime) -> None:
    at = decision.wait_until or now
    try:
        row.message = _message(row, letter, at)
    except BadQuestion:
        row.state, row.because = State.FAILED, "unwritable"
        return
    row.because, row.send_at = "", at
    row.expires_at = at + timedelta(days=row.survey.expires_days)


def _message(row: Invitation, letter: Letter, at: datetime, *, exempt: bool = False) -> Message:
    survey = row.survey
    return queue_message(
        survey.workspace,
        channel=row.channel,
        purpose=PURPOSE,
        address=row.address,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        customer=row.customer,
        name=row.name,
        language=row.language,
        reference=reference_of(survey),
        headers=unsubscribe_headers(_unsubscribe(row)) if letter.html else {},
        exempt=exempt,
        priority=survey.priority,
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
            continue
        for part in _portions(due.filter(survey=survey)):
            check()
            sent += let_out(survey, part)
    return sent


def remind(check: Callable[[], None]) -> int:
    """Queue the reminders that are due: of invitations that were sent so many days ago and are not answered."""
    sent = 0
    open_surveys = Survey.objects.filter(state=Survey.State.LIVE, distributions__remind_days__isnull=False).distinct()
    for survey in open_surveys.select_related("workspace", "live"):
        if not survey.is_open:
            continue
        for distribution in survey.distributions.exclude(remind_days=None).exclude(most_reminders=0):
            for part in _parts(_to_remind(distribution)):
                check()
                sent += remind_some(survey, part)
    return sent


def _parts(rows: QuerySet[Invitation]) -> Iterable[list[int]]:
    keys = list(rows.values_list("pk", flat=True))
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))


def _to_remind(distribution: Distribution) -> QuerySet[Invitation]:
    """Return the invitations of a distribution whose reminder is due."""
    assert distribution.remind_days is not None
    now = timezone.now()
    return (
        distribution.invitations.filter(state__in=(State.SENT, State.STARTED), expires_at__gt=now)
        .annotate(last=Coalesce("reminded_at", "sent_at"))
        .filter(reminders__lt=distribution.most_reminders, last__lte=now - timedelta(days=distribution.remind_days))
        .order_by("pk")
    )


def remind_some(survey: Survey, keys: Sequence[int], *, asked_for: bool = False) -> int:
    """Queue a reminder for some invitations that are still not answered; return for how many.

    The contact policy's caps do not hold for reminders, suppression does, and its hours: outside of them nothing is
    queued, so that whoever answers meanwhile is not reminded. `asked_for` : by a person, who waits for no hour.
    """
    now = timezone.now()
    rows = Invitation.objects.filter(pk__in=keys, state__in=(State.SENT, State.STARTED), expires_at__gt=now)
    rows = rows.select_related("survey__workspace", "survey__live", "distribution", "trigger").order_by("pk")
    letters = {row.pk: _letter(row, reminder=True) for row in rows}
    sent = 0
    with transaction.atomic():
        locked = [
            row for row in rows.select_for_update(of=("self",)) if row.pk in letters and _since(row, now, asked_for)
        ]
        decisions = contact.decide(survey.workspace, [_ask(row) for row in locked], now)
        for row, decision in zip(locked, decisions, strict=True):
            if decision.allowed and decision.wait_until and not asked_for:
                continue
            mine = Invitation.objects.filter(pk=row.pk)
            if not decision.allowed:
                # Suppressed since: nothing more goes there, and the policy is not asked every half hour.
                mine.update(because=decision.because, reminders=max(row.reminders, _most(row)))
                continue
            message = _message(row, letters[row.pk], decision.wait_until or now, exempt=True)
            mine.update(reminder=message, reminders=F("reminders") + 1, reminded_at=now)
            sent += 1
    return sent


def _most(row: Invitation) -> int:
    return row.distribution.most_reminders if row.distribution else row.reminders


def _since(row: Invitation, now: datetime, asked_for: bool) -> bool:
    """Whether a reminder is still due when the row is held: another process may have been faster."""
    if asked_for or row.distribution is None or row.distribution.remind_days is None:
        return asked_for
    last = row.reminded_at or row.sent_at
    due = last is not None and last <= now - timedelta(days=row.distribution.remind_days)
    return due and row.reminders < row.distribution.most_reminders
