"""Reminders, only to those who have not answered: of sendings and of rules, so many days after the last word to somebody."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from percorso.outreach import contact
from percorso.outreach.messages import Batch
from percorso.outreach.models import Message
from percorso.surveys.inviting.sending import AT_ONCE, add_message, ask_of, letter_for, rows_of
from percorso.surveys.models import Distribution, Invitation, Survey, Trigger

Source = Distribution | Trigger
State = Invitation.State
REACHED = (State.SENT, State.STARTED)
LAST = Coalesce("reminded_at", "sent_at")
# What another process may have changed while the letters were written.
FRESH = ("address", "reminders", LAST)


def remind(check: Callable[[], None]) -> int:
    """Queue the reminders that are due: of invitations that were sent so many days ago and are not answered."""
    sent = 0
    for source in _reminding():
        if not source.survey.is_open:
            continue
        for part in _parts(_due(source)):
            check()
            sent += remind_some(source.survey, part)
    return sent


def _reminding() -> Iterator[Source]:
    """Return the sendings and rules that remind; what was stopped and what rests does not."""
    wanted = Q(survey__state=Survey.State.LIVE, remind_days__isnull=False, most_reminders__gt=0)
    sendings = Distribution.objects.filter(wanted).exclude(state=Distribution.State.STOPPED)
    rules = Trigger.objects.filter(wanted, enabled=True)
    return chain(*(rows.select_related("survey__workspace", "survey__live") for rows in (sendings, rules)))


def _parts(rows: QuerySet[Invitation]) -> Iterable[list[int]]:
    keys = list(rows.values_list("pk", flat=True))
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))


def _due(source: Source) -> QuerySet[Invitation]:
    """Return the invitations of a sending or a rule whose reminder is due."""
    assert source.remind_days is not None
    now = timezone.now()
    return (
        source.invitations.filter(state__in=REACHED, expires_at__gt=now)
        .annotate(last=LAST)
        .filter(reminders__lt=source.most_reminders, last__lte=now - timedelta(days=source.remind_days))
        .order_by("pk")
    )


def remind_some(survey: Survey, keys: Sequence[int], *, asked_for: bool = False) -> int:
    """Queue a reminder for some invitations that are still not answered; return for how many.

    The contact policy's caps do not hold for reminders, suppression does, and its hours: outside of them nothing is
    queued, so that whoever answers meanwhile is not reminded. `asked_for` : by a person, who waits for no hour.
    """
    now, batch = timezone.now(), Batch(survey.workspace)
    rows = Invitation.objects.filter(pk__in=keys, state__in=REACHED, expires_at__gt=now).order_by("pk")
    found = [row for row in rows_of(survey, rows) if batch.sends(row.channel)]
    letters = {row.pk: letter_for(row, reminder=True) for row in found}
    reminded: list[tuple[Invitation, Message]] = []
    with transaction.atomic():
        held = {pk: fresh for pk, *fresh in rows.select_for_update().values_list("pk", *FRESH)}
        found = [row for row in found if row.pk in held and _still_due(row, held[row.pk], now, asked_for)]
        decisions = contact.decide(survey.workspace, [ask_of(row) for row in found], now)
        for row, decision in zip(found, decisions, strict=True):
            if not decision.allowed:
                # Suppressed since: nothing more goes there, and the policy is not asked every half hour.
                most = max(row.reminders, _most(row))
                Invitation.objects.filter(pk=row.pk).update(because=decision.because, reminders=most)
            elif asked_for or decision.wait_until is None:
                at = decision.wait_until or now
                reminded.append((row, add_message(batch, row, letters[row.pk], at, exempt=True)))
        batch.save()
        for row, message in reminded:
            Invitation.objects.filter(pk=row.pk).update(
                reminder=message, reminders=F("reminders") + 1, reminded_at=now, language=row.language
            )
    return len(reminded)


def _source(row: Invitation) -> Source | None:
    return row.distribution or row.trigger


def _most(row: Invitation) -> int:
    source = _source(row)
    return source.most_reminders if source else row.reminders


def _still_due(row: Invitation, fresh: Sequence[Any], now: datetime, asked_for: bool) -> bool:
    """Whether a reminder is still due when the row is held: another process may have been faster."""
    source, (address, reminders, last) = _source(row), fresh
    if address != row.address:
        return False
    if asked_for or source is None or source.remind_days is None:
        return asked_for
    return reminders < source.most_reminders and last is not None and last <= now - timedelta(days=source.remind_days)
