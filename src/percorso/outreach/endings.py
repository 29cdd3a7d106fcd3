"""How messages end: sent, refused, returned; what that means for their addresses; and who is told of it."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.i18n import mark
from percorso.outreach import suppression
from percorso.outreach.channel import CHANNELS, ChannelSettings
from percorso.outreach.marks import marks_in
from percorso.outreach.models import ChannelAccount, Message, Suppression
from percorso.outreach.returns import Return
from percorso.outreach.signals import message_ended, message_leaving

log = logging.getLogger("percorso.messages")
# So many returns in a row, and nothing between them that arrived, end writing to an address.
SOFT_RETURNS = 3
ENDED = (Message.State.SENT, Message.State.FAILED, Message.State.BOUNCED, Message.State.COMPLAINED)
# Returns come within days; of older messages nothing is concluded.
# Who unsubscribes while messages leave one after the other is heard after so long at the latest.
BARS_HOLD_SECONDS = 2.0
RETURNS_FOR = timedelta(days=60)
DELIVERED = mark("The other side says that it has arrived.")


def settings_of(workspace: Workspace, channel: str) -> ChannelSettings | None:
    """Return a channel's settings; None when it is not set up, or switched off."""
    account = ChannelAccount.objects.filter(workspace=workspace, channel=channel).first()
    kind = CHANNELS[channel]
    if account is None:
        return kind.Config() if kind.ready_at_once else None
    return kind.Config.model_validate(account.settings) if account.enabled else None


class Bars:
    """Why messages of one workspace that are about to leave do not after all; who may not be written to is read often."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._messages = messages
        self._barred: suppression.Barred | None = None
        self._read_at = 0.0

    def read_again(self) -> None:
        """Look anew before the next message: somebody was put on the list."""
        self._barred = None

    def stop(self, message: Message) -> str:
        """Return why a message does not go out; empty when it does.

        A key of `policy.REASONS` when nothing may be sent to its address, or the word of a receiver of `message_leaving`.
        """
        if self._barred is None or monotonic() - self._read_at > BARS_HOLD_SECONDS:
            addresses, customers = ({getattr(m, name) for m in self._messages} for name in ("address", "customer"))
            self._barred = suppression.barred(message.workspace, addresses, customers)
            self._read_at = monotonic()
        bar = self._barred.why(message.channel, message.purpose, message.address, message.customer)
        if bar:
            return bar[0]
        answers = [told for _, told in message_leaving.send_robust(sender=Message, message=message)]
        return next((told for told in answers if isinstance(told, str) and told), "")


def end(message: Message, state: str, **values: Any) -> bool:
    """Write down how a leased message ended and tell whoever wants to know; false when the lease was lost."""
    values["told"] = str(values.get("told", ""))[:500]
    held = Message.objects.filter(pk=message.pk, leased_until=message.leased_until, state=Message.State.WAITING)
    return _move(held, message, state, values | {"leased_until": None})


def refused(message: Message, told: str, *, hard: bool) -> None:
    """Write down that the other side does not take a message; when it is `hard`, nothing is sent to the address again."""
    with transaction.atomic():
        if not end(message, Message.State.FAILED, told=told, returned_at=timezone.now()):
            return
        if hard:
            suppress(message, Suppression.Because.BOUNCED, {"message": message.pk, "told": told[:500]})
        else:
            suppress_after_three(message)


def note_return(workspace: Workspace, channel: str, found: Return) -> bool:
    """Write down what came back; true when it is about a message of ours. Noted twice, it counts once."""
    numbers = [number for text in found.ids for number in marks_in(text)][:20]
    recent = Message.objects.filter(workspace=workspace, channel=channel, created_at__gt=timezone.now() - RETURNS_FOR)
    message = min(recent.filter(pk__in=numbers), key=lambda row: numbers.index(row.pk), default=None)
    if message is None:
        return False
    message.workspace = workspace
    with transaction.atomic():
        _apply(message, found)
    return True


def _apply(message: Message, found: Return) -> None:
    now, proof = timezone.now(), {"message": message.pk, "status": found.status, "told": found.told[:500]}
    open_states = (Message.State.WAITING, Message.State.SENT)
    mine = Message.objects.filter(pk=message.pk)
    if found.kind == "delivered":
        mine.filter(state=Message.State.SENT).update(told=DELIVERED)
    elif found.kind == "complained":
        values = {"told": found.told[:500], "returned_at": now, "leased_until": None}
        _move(mine.filter(state__in=(*open_states, Message.State.BOUNCED)), message, Message.State.COMPLAINED, values)
        suppress(message, Suppression.Because.COMPLAINED, proof)
    elif found.kind == "bounced":
        values = {"told": f"{found.status} {found.told}".strip()[:500], "returned_at": now, "leased_until": None}
        moved = _move(mine.filter(state__in=open_states), message, Message.State.BOUNCED, values)
        if moved and found.hard:
            suppress(message, Suppression.Because.BOUNCED, proof)
        elif moved:
            suppress_after_three(message)


def suppress(message: Message, because: str, proof: dict[str, Any]) -> None:
    """Send nothing more to a message's address by its channel."""
    suppression.suppress(
        message.workspace, message.address, because=because, by="percorso", channel=message.channel, proof=proof
    )


def suppress_after_three(message: Message) -> None:
    """Send nothing more to an address whose last three messages all came back."""
    mine = Message.objects.filter(workspace=message.workspace, channel=message.channel, address=message.address)
    last = list(mine.filter(state__in=ENDED).order_by("-id").values_list("pk", "returned_at")[:SOFT_RETURNS])
    if len(last) == SOFT_RETURNS and all(returned for _, returned in last):
        suppress(message, Suppression.Because.BOUNCED, {"messages": [pk for pk, _ in last], "told": message.told})


def _move(rows: Any, message: Message, state: str, values: dict[str, Any]) -> bool:
    """Change a message's state and tell of it, in one transaction."""
    with transaction.atomic():
        if not rows.update(state=state, **values):
            return False
        for name, value in ({"state": state} | values).items():
            setattr(message, name, value)
        try:
            with transaction.atomic():
                message_ended.send(sender=Message, message=message)
        except Exception:
            log.exception("who is told that message %s is %s failed", message.pk, state)
    return True
