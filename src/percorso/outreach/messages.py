"""Messages on their way: lined up, leased by one worker, sent; who may not be written to is found out at the last moment.

A message is leased for `LEASE` while it is sent. A worker that ends in the middle leaves its lease behind; when that has
passed, the message is sent again where the channel is idempotent (gateways know it by its id). Over SMTP nobody can know
whether the mail had gone: it is sent once more, under the same Message-ID, and after a second such end not again.
"""

import logging
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Required, TypedDict, Unpack

from django.db import transaction
from django.db.models import F, Min, QuerySet
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.base import jobs
from percorso.base.mime import unsubscribe_headers
from percorso.base.models import Job
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.outreach import endings
from percorso.outreach.channel import (
    CHANNELS,
    Channel,
    ChannelDown,
    ChannelSettings,
    Letter,
    Send,
    TryLater,
    Undeliverable,
)
from percorso.outreach.marks import mark_of
from percorso.outreach.models import Message
from percorso.outreach.outages import tell_owners
from percorso.outreach.unsubscribe import unsubscribe_link

log = logging.getLogger("percorso.messages")
JOB = "send_messages"
# The purpose of messages that mean nothing.
TEST = "test"
LEASE = timedelta(minutes=10)
AT_ONCE = 25
MINUTE = timedelta(minutes=1)
CLOCK = timedelta(minutes=5)
# How long to wait after each failure; nine attempts in two days.
DELAYS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440))
JITTER = 0.2
LONGEST_WAIT = timedelta(days=1)
LOST = mark("It is not known whether it was sent: the process ended while it was sending.")


class Told(TypedDict, total=False):
    """What a message is, beside its workspace and channel.

    `reference` : what it belongs to, e.g. ``survey:nps``. `headers` : further headers of a mail. `priority` : 0 to 9, the
    highest goes first. `send_at` : not before.
    """

    purpose: Required[str]
    address: Required[str]
    text: Required[str]
    subject: str
    html: str
    customer: str
    name: str
    language: str
    reference: str
    headers: Mapping[str, str]
    exempt: bool
    priority: int
    send_at: datetime | None


class Batch:
    """Messages of a workspace that are lined up together: settings are read, and workers woken, once for all of them."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._settings: dict[str, ChannelSettings | None] = {}
        self._made: list[Message] = []

    def sends(self, channel: str) -> bool:
        """Whether a channel (a key of `CHANNELS`) is set up and switched on."""
        return self._of(channel) is not None

    def add(self, channel: str, **told: Unpack[Told]) -> Message:
        """Add a message, which `save` keeps; see `queue_message` for what is refused."""
        kind, config, address = CHANNELS[channel], self._of(channel), told["address"]
        if config is None:
            raise BadQuestion(mark("The channel {channel} is not set up. An owner does that in the settings."), channel=channel)  # fmt: skip
        known = kind.compared(address, config)
        if not known:
            raise BadQuestion(mark("{address} is no address of the channel {channel}."), address=address, channel=channel)  # fmt: skip
        if kind.most_characters is not None and len(told["text"]) > kind.most_characters:
            raise BadQuestion(
                mark("The text has {n} characters; the channel {channel} takes {most} at most."),
                n=len(told["text"]), channel=channel, most=kind.most_characters,
            )  # fmt: skip
        now = timezone.now()
        more = {
            "address": known, "name": told.get("name", "")[:254],
            "subject": told.get("subject", "")[:300] if kind.written else "",
            "html": told.get("html", "") if kind.written else "",
            "headers": dict(told.get("headers") or {}), "send_at": max(told.get("send_at") or now, now),
        }  # fmt: skip
        self._made.append(Message(workspace=self.workspace, channel=channel, **{**told, **more}))
        return self._made[-1]

    def save(self) -> None:
        """Line up what was added."""
        Message.objects.bulk_create(self._made)
        for at in sorted({message.send_at for message in self._made}):
            wake(self.workspace.slug, at)
        self._made = []

    def _of(self, channel: str) -> ChannelSettings | None:
        if channel not in self._settings:
            self._settings[channel] = endings.settings_of(self.workspace, channel)
        return self._settings[channel]


def queue_message(workspace: Workspace, *, channel: str, **told: Unpack[Told]) -> Message:
    """Line up a message; it is sent when the transaction around is committed, and never when that is rolled back.

    The contact policy is not asked here: that is for whoever wants to send (`contact.decide`). Suppression is looked at
    when it is sent.

    Parameters
    ----------
    channel : a key of `CHANNELS`. address : where to; kept in the form that the channel compares. More: see `Told`.

    Raises
    ------
    Unknown : no such channel. BadQuestion : it is not set up, the address is none, or the text too long.
    """
    batch = Batch(workspace)
    message = batch.add(channel, **told)
    batch.save()
    return message


def wake(workspace: str, at: datetime) -> None:
    """Have a worker look at the messages of a workspace (its slug) at an instant; asked several times, it looks once.

    What is due later than the next look of the clock (`wake_due`) is left to it.
    """
    now = timezone.now()
    if at > now + CLOCK:
        return
    if at > now:
        at = at.replace(second=at.second // 10 * 10, microsecond=0) + timedelta(seconds=10)
        jobs.enqueue(JOB, workspace=workspace, run_at=at, key=f"{JOB}:{workspace}:{at.isoformat()}")
    elif not Job.objects.filter(name=JOB, workspace=workspace, state=Job.State.WAITING, run_at__lte=at).exists():
        jobs.enqueue(JOB, workspace=workspace)


def wake_due() -> int:
    """Have workers look wherever messages are due, for what was missed; return in how many workspaces."""
    slugs = list(due(timezone.now()).order_by().values_list("workspace__slug", flat=True).distinct())
    for slug in slugs:
        wake(slug, timezone.now())
    return len(slugs)


def due(now: datetime) -> QuerySet[Message]:
    """Return the messages whose time has come and that nobody is sending, the most important first."""
    waiting = Message.objects.filter(state=Message.State.WAITING, send_at__lte=now)
    return waiting.exclude(leased_until__gt=now).order_by("-priority", "send_at", "id")


def send_due(workspace: Workspace, check: Callable[[], None]) -> int:
    """Send what is due in a workspace; return how many messages were sent. `check` raises when it should end."""
    mine = due(timezone.now()).filter(workspace=workspace).order_by()
    return sum(_send_by(workspace, key, check) for key in sorted(set(mine.values_list("channel", flat=True))))


def _send_by(workspace: Workspace, key: str, check: Callable[[], None]) -> int:
    """Send what is due by one channel, as fast as its settings allow."""
    config, sent = endings.settings_of(workspace, key) if key in CHANNELS else None, 0
    if config is None:
        return 0
    with CHANNELS[key].sending(config) as send:
        while batch := lease(workspace, key, config):
            try:
                sent += _send_all(batch, CHANNELS[key], send, check)
            except ChannelDown as error:
                tell_owners(workspace, key, str(error))
                wake(workspace.slug, timezone.now() + MINUTE)
                return sent
    now = timezone.now()
    mine = Message.objects.filter(workspace=workspace, channel=key)
    if due(now).filter(workspace=workspace, channel=key).exists():
        oldest = mine.filter(sent_at__gt=now - MINUTE).aggregate(at=Min("sent_at"))["at"]
        wake(workspace.slug, (oldest or now) + MINUTE)
    return sent


def lease(workspace: Workspace, key: str, config: ChannelSettings) -> list[Message]:
    """Take the next messages of a channel for this worker alone: none when there are none, or the minute is used up."""
    with transaction.atomic():
        # One worker at a time counts and takes; on SQLite every transaction does.
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        now = timezone.now()
        mine = Message.objects.filter(workspace=workspace, channel=key)
        used = mine.filter(sent_at__gt=now - MINUTE).count() + mine.filter(leased_until__gt=now).count()
        room = min(AT_ONCE, config.a_minute - used)
        rows = list(due(now).filter(workspace=workspace, channel=key)[:room]) if room > 0 else []
        taken = [row for row in rows if not _given_up(row, CHANNELS[key])]
        lost = [row.pk for row in taken if row.leased_until is not None]
        Message.objects.filter(pk__in=lost).update(told=LOST)
        Message.objects.filter(pk__in=[row.pk for row in taken]).update(
            leased_until=now + LEASE, attempts=F("attempts") + 1
        )
        for row in taken:
            row.workspace, row.leased_until, row.attempts = workspace, now + LEASE, row.attempts + 1
        return taken


def _given_up(row: Message, channel: Channel) -> bool:
    """End a message whose worker died in the middle of it twice, where sending it again could be a third time."""
    if row.leased_until is None or channel.idempotent or row.told != LOST:
        return False
    return endings.end(row, Message.State.FAILED, told=LOST)


def _send_all(batch: list[Message], channel: Channel, send: Send, check: Callable[[], None]) -> int:
    """Send leased messages one after the other; return how many were sent.

    Raises
    ------
    ChannelDown : nothing can be sent now; what was not tried is free again.
    """
    sent, left, bars = 0, list(batch), endings.Bars(batch)
    try:
        while left:
            check()
            # Out of `left` before it is sent: what may have gone out is never free at once.
            message = left.pop(0)
            if _still_mine(message):
                sent += _send_one(message, channel, send, bars)
    except Exception:
        _release(left)
        raise
    return sent


def _still_mine(message: Message) -> bool:
    """Whether the lease holds; it is renewed when half of it has passed."""
    now, until = timezone.now(), message.leased_until
    assert until is not None
    if until - now > LEASE / 2:
        return True
    renewed = Message.objects.filter(pk=message.pk, leased_until=until).update(leased_until=now + LEASE)
    message.leased_until = now + LEASE
    return bool(renewed)


def _release(messages: list[Message]) -> None:
    for message in messages:
        Message.objects.filter(pk=message.pk, leased_until=message.leased_until, state=Message.State.WAITING).update(
            leased_until=None, attempts=F("attempts") - 1
        )


def _send_one(message: Message, channel: Channel, send: Send, bars: endings.Bars) -> bool:
    """Send one message and write down how it ended; return whether it was sent."""
    if because := bars.stop(message):
        return not endings.end(message, Message.State.REFUSED, told=because)
    try:
        remote = send(letter_of(message, channel))
    except Undeliverable as error:
        endings.refused(message, str(error), hard=error.hard)
        bars.read_again()
        return False
    except TryLater as error:
        _wait(message, str(error), error.wait_seconds, of_address=not isinstance(error, ChannelDown))
        if isinstance(error, ChannelDown):
            raise
        return False
    except Exception as error:
        log.exception("message %s cannot be sent", message.pk)
        _wait(message, f"{type(error).__name__}: {error}", 0.0, of_address=False)
        return False
    return endings.end(message, Message.State.SENT, remote_id=remote, sent_at=timezone.now())


def letter_of(message: Message, channel: Channel) -> Letter:
    """Return a message as its channel sends it; a mail with the headers by which its reader unsubscribes (RFC 8058)."""
    headers: dict[str, str] = message.headers
    if channel.written and message.purpose != TEST and "List-Unsubscribe" not in headers:
        who = (message.workspace, message.channel, message.address, message.purpose, message.customer)
        headers = headers | unsubscribe_headers(unsubscribe_link(*who))
    return Letter(
        mark_of(message.pk), message.address, message.name, message.subject, message.text, message.html, message.language,
        headers, message.purpose,
    )  # fmt: skip


def _wait(message: Message, told: str, asked_seconds: float, *, of_address: bool) -> None:
    """Let a message be tried again later; after the last attempt it has failed."""
    if message.attempts > len(DELAYS):
        endings.end(message, Message.State.FAILED, told=told, returned_at=timezone.now() if of_address else None)
        if of_address:
            endings.suppress_after_three(message)
        return
    pause = DELAYS[message.attempts - 1] * (1 + random.uniform(0, JITTER))
    at = timezone.now() + max(pause, min(timedelta(seconds=asked_seconds), LONGEST_WAIT))
    held = Message.objects.filter(pk=message.pk, leased_until=message.leased_until, state=Message.State.WAITING)
    if held.update(send_at=at, leased_until=None, told=told[:500]):
        wake(message.workspace.slug, at)
