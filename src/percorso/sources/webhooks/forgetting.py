"""What is kept of calls goes: after some time, and when somebody they tell of is forgotten."""

import secrets
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.customers.models import Identity
from percorso.customers.privacy.parts import Ending, Part, Row, add_ending, add_part, told
from percorso.customers.privacy.subject import Subject
from percorso.customers.signals import customer_forgotten
from percorso.i18n import mark
from percorso.sources.webhooks.models import WebhookDelivery, WebhookThing

BODIES_KEPT = timedelta(days=30)
DELIVERIES_KEPT = timedelta(days=180)
EMPTY: dict[str, Any] = {"body": "", "headers": {}, "params": {}, "identity": ""}
# Shorter texts stand in every call, and tell nobody.
SHORTEST = 6


def connect() -> None:
    """Listen in this process, and tell what is kept of people."""
    customer_forgotten.connect(_forget_customer, dispatch_uid="percorso.sources.webhooks.forget")
    add_part(Part("webhook_calls", mark("Calls of webhook sources"), more=_calls))
    add_ending(Ending("sources.webhooks", mark("What webhook sources sent"), False, _count_old, _empty_old))


def _forget_customer(sender: Any, workspace: Workspace, customer: str, subject: Subject, **more: Any) -> None:
    known = Identity.objects.filter(workspace=workspace, customer=customer).values_list("value", flat=True)
    forget(workspace, {customer, *known, *subject.everything})


def _calls(workspace: Workspace, subject: Subject) -> Iterator[Row]:
    """Return the calls that are kept and tell of a person."""
    rows = WebhookDelivery.objects.filter(source__workspace=workspace, identity__in=subject.everything)
    for row in rows.exclude(body="").select_related("source").order_by("pk").iterator():
        yield {"kind": "call", "source": row.source.name, "event": row.event, "at": told(row.at), "body": row.body}


def _old(workspace: Workspace, before: datetime) -> QuerySet[WebhookDelivery]:
    over = WebhookDelivery.objects.filter(source__workspace=workspace, at__lt=before).exclude(body="")
    return over.exclude(state=WebhookDelivery.State.WAITING)


def _count_old(workspace: Workspace, before: datetime) -> int:
    return _old(workspace, before).count()


def _empty_old(workspace: Workspace, before: datetime) -> int:
    return _old(workspace, before).update(**EMPTY)


def forget(workspace: Workspace, identities: Collection[str]) -> None:
    """Empty the calls that tell of some identities; of things that were theirs no later call tells whose they are.

    Where a call tells of several people its text is searched for what they are known by. Calls that wait stay: when they
    are read, nothing of who was erased is taken, and they are emptied then.
    """
    mine = WebhookDelivery.objects.filter(source__workspace=workspace).exclude(body="")
    mine = mine.exclude(state=WebhookDelivery.State.WAITING)
    mine.filter(identity__in=list(identities)).update(**EMPTY)
    texts = {text for identity in identities if len(text := _written(identity)) >= SHORTEST}
    for text in texts:
        mine.filter(body__icontains=text).update(**EMPTY)
    for thing in WebhookThing.objects.filter(source__workspace=workspace, identity__in=list(identities)):
        notes = {name: _nobodys(said) for name, said in thing.notes.items()}
        WebhookThing.objects.filter(pk=thing.pk).update(
            forgotten=True, identity=f"forgotten-{secrets.token_hex(8)}", notes=notes
        )


def forget_old() -> int:
    """Empty calls that were kept long enough, and delete what became of them later on; return how many were emptied."""
    over = WebhookDelivery.objects.exclude(state=WebhookDelivery.State.WAITING)
    now = timezone.now()
    over.filter(at__lt=now - DELIVERIES_KEPT).delete()
    return over.filter(at__lt=now - BODIES_KEPT).exclude(body="").update(**EMPTY)


def _written(identity: str) -> str:
    """Return an identity as a call writes it: without what percorso puts before it."""
    mark, colon, rest = identity.partition(":")
    if not colon or mark not in ("email", "phone", "card", "external", "anonymous"):
        return identity
    return rest.partition(":")[2] if mark == "external" else rest


def _nobodys(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name != "who"} | {"who": ""}
