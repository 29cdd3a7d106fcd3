"""What becomes of the messages of invitations: their states follow it, and the facts that response rates are made of.

Connected once, when the app is ready (`surveys/apps.py`).
"""

from typing import Any

from django.db.models import Q

from percorso.base import fact_outbox
from percorso.outreach.models import Message
from percorso.outreach.signals import message_ended, message_leaving
from percorso.surveys.facts import sent_message
from percorso.surveys.inviting.sending import PURPOSE
from percorso.surveys.models import Invitation

State = Invitation.State
# What tells whether an invitation may still go out.
WANTED = (
    "state", "expires_at", "survey__anonymous", "survey__state", "survey__live_id", "survey__closes_at",
)  # fmt: skip
# What the fact of a message is made of.
TOLD = (
    "customer", "channel", "language", "state", "send_at", "sent_at", "clicked_at", "scanned", "survey__slug",
    "survey__touchpoint", "survey__anonymous", "survey__workspace__slug", "response__answers", "response__started_at",
    "response__completed_at",
)  # fmt: skip
RETURNED = (Message.State.FAILED, Message.State.BOUNCED)


def connect() -> None:
    """Listen to the messages of this process."""
    message_leaving.connect(still_wanted, dispatch_uid="percorso.surveys.still_wanted")
    message_ended.connect(follow, dispatch_uid="percorso.surveys.follow")


def still_wanted(sender: Any, message: Message, **more: Any) -> str:
    """Return why an invitation or a reminder must not go out any more; empty when it may."""
    if message.purpose != PURPOSE:
        return ""
    mine = Invitation.objects.filter(Q(message=message) | Q(reminder=message)).select_related("survey")
    invitation = mine.only(*WANTED).first()
    if invitation is None:
        return ""
    if invitation.state in (State.ANSWERED, State.CANCELLED):
        # The list of messages must not tell who has answered an anonymous survey.
        return str(State.CANCELLED if invitation.survey.anonymous else invitation.state)
    if not invitation.is_open:
        return "expired"
    return "" if invitation.survey.is_open else "closed"


def follow(sender: Any, message: Message, **more: Any) -> None:
    """Move an invitation on with its message; called again for the same end, it changes nothing.

    What became of a reminder changes nothing: the invitation itself had arrived.
    """
    if message.purpose != PURPOSE:
        return
    mine = Invitation.objects.filter(message=message)
    if message.state == Message.State.SENT:
        moved = mine.filter(state=State.WAITING).update(state=State.SENT, sent_at=message.sent_at)
    elif message.state in RETURNED:
        moved = mine.filter(state__in=(State.WAITING, State.SENT)).update(state=State.FAILED)
    elif message.state == Message.State.REFUSED:
        mine.filter(state=State.WAITING).update(state=State.REFUSED, because=message.told[:40])
        return
    else:
        return
    if moved:
        _tell(mine.select_related("survey__workspace", "response").only(*TOLD).get())


def _tell(invitation: Invitation) -> None:
    """Line up the fact of a message that was sent or came back; of an anonymous survey without whom it was sent to."""
    survey = invitation.survey
    row = sent_message(invitation, None if survey.anonymous else getattr(invitation, "response", None))
    if survey.anonymous:
        row["customer"] = None
    fact_outbox.put(survey.workspace.slug, {"messages": [row]})
