"""What is kept of messages to a customer who is forgotten: that they were sent, and a hash where nothing may be sent to."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from percorso.accounts.models import Workspace
from percorso.customers.forgotten import MARK, hashed
from percorso.customers.privacy.parts import Ending, Kept, Part, add_ending, add_part, delete_older
from percorso.customers.privacy.subject import Subject
from percorso.customers.signals import customer_forgotten
from percorso.i18n import mark
from percorso.outreach.models import Delivery, KeptAnswer, Message, Place, Preference, Refusal, Suppression

FORGOTTEN = "forgotten"
EMPTY: dict[str, Any] = {
    "customer": "", "name": "", "subject": "", "text": "", "html": "", "headers": {}, "told": FORGOTTEN,
}  # fmt: skip


KEPT = (
    Kept(Message, name="name"), Kept(Refusal), Kept(Place), Kept(Preference, customer=""), Kept(Suppression, customer=""),
)  # fmt: skip


def connect() -> None:
    """Listen in this process, and tell what is kept of people."""
    customer_forgotten.connect(_forget_customer, dispatch_uid="percorso.outreach.forget")
    add_part(Part("messages", mark("Messages, and what may not be sent"), KEPT, gone=(Delivery, KeptAnswer)))
    add_ending(Ending("outreach.messages", mark("Messages: texts and addresses"), False, _count_old, _empty_old))
    delete_older("outreach.refusals", mark("Messages that were not sent"), Refusal)


def _forget_customer(sender: Any, workspace: Workspace, customer: str, subject: Subject, **more: Any) -> None:
    mine = Message.objects.filter(workspace=workspace, customer=customer)
    forget(workspace, {*mine.order_by().values_list("address", flat=True), *subject.own_addresses}, customer)


def _old(workspace: Workspace, before: datetime) -> QuerySet[Message]:
    own = Message.objects.filter(workspace=workspace, created_at__lt=before).exclude(state=Message.State.WAITING)
    return own.exclude(address__startswith=MARK)


def _count_old(workspace: Workspace, before: datetime) -> int:
    return _old(workspace, before).count()


def _empty_old(workspace: Workspace, before: datetime) -> int:
    n = _count_old(workspace, before)
    empty(_old(workspace, before))
    return n


def empty(messages: QuerySet[Message]) -> None:
    """Empty messages of what they said and to whom; those that wait are not sent."""
    for row in messages.select_related("workspace").only("address", "state", "workspace"):
        values = EMPTY | {"address": hashed(row.workspace, row.address)}
        if row.state == Message.State.WAITING:
            values |= {"state": Message.State.REFUSED, "leased_until": None}
        Message.objects.filter(pk=row.pk).update(**values)


def forget(workspace: Workspace, addresses: set[str], customer: str = "") -> None:
    """Empty the messages to some addresses, and to a customer; what others get at the same address stays.

    What waits is not sent. Addresses that nothing is sent to stay on the list as hashes, and are known by them.
    """
    addresses = addresses - {""}
    who = Q(address__in=addresses, customer="") | (Q(customer=customer) if customer else Q(pk__in=()))
    empty(Message.objects.filter(who, workspace=workspace))
    Refusal.objects.filter(who, workspace=workspace).delete()
    Place.objects.filter(who, workspace=workspace).delete()
    Preference.objects.filter(workspace=workspace, address__in=addresses).delete()
    for row in Suppression.objects.filter(workspace=workspace, address__in=addresses):
        Suppression.objects.filter(pk=row.pk).update(address=hashed(workspace, row.address), proof={})
