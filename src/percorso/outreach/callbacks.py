"""What gateways and mail providers tell of messages afterwards: one signed POST an event (Standard Webhooks 1.0.0)."""

import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from django.utils import timezone
from pydantic import BaseModel, Field, ValidationError

from percorso.outreach import signing
from percorso.outreach.returns import Return
from percorso.outreach.statuses import is_hard, status_in

MOST_BYTES = 64_000
# A signature holds for so long, before and after: what was overheard cannot be told again later.
TOLERANCE = timedelta(minutes=5)
KINDS: Mapping[str, Literal["bounced", "delayed", "delivered", "complained"]] = {
    "message.delivered": "delivered",
    "message.delayed": "delayed",
    "message.failed": "bounced",
    "message.bounced": "bounced",
    "message.complained": "complained",
}


class Told(BaseModel):
    """What is told of one message: its id as percorso gave it, why, and whether the address is gone for good."""

    id: str = Field(max_length=254)
    reason: str = Field("", max_length=1000)
    status: str = Field("", max_length=20)
    unreachable: bool | None = None


class Callback(BaseModel):
    """One event."""

    type: str
    data: Told


def is_signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a request is signed with a secret, lately."""
    event, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (secret and event and at.isascii() and at.isdecimal() and len(at) < 12):
        return False
    if abs(timezone.now().timestamp() - int(at)) > TOLERANCE.total_seconds():
        return False
    expected = signing.signature(secret, event, int(at), body).encode()
    given = headers.get("webhook-signature", "").encode("utf-8", "replace").split(b" ")
    return any(hmac.compare_digest(expected, one) for one in given)


def return_in(body: bytes) -> Return | None:
    """Return what a request tells; None for a kind of event that says nothing of a message.

    Raises
    ------
    ValueError : it is no event at all.
    """
    try:
        told = Callback.model_validate(json.loads(body))
    except (ValidationError, RecursionError) as error:
        raise ValueError("an event has a type and data with the message's id") from error
    kind = KINDS.get(told.type)
    if kind is None:
        return None
    status = status_in(told.data.status)
    hard = is_hard(status) if told.data.unreachable is None else told.data.unreachable
    return Return(kind, (told.data.id,), status=status, told=told.data.reason, hard=hard)
