"""What is kept of a customer who is forgotten: that somebody was asked, and what was chosen, without who and in whose words."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.customers.forgotten import hashed
from percorso.customers.signals import customer_forgotten
from percorso.outreach import forgetting as messages
from percorso.outreach.models import Message
from percorso.surveys.models import Distribution, Invitation, Response, Upload
from percorso.surveys.question import without_words
from percorso.surveys.respond.uploads import forget as remove_files

State = Invitation.State


def connect() -> None:
    """Listen in this process."""
    customer_forgotten.connect(_forget_customer, dispatch_uid="percorso.surveys.forget")


def _forget_customer(sender: Any, workspace: Workspace, customer: str, **more: Any) -> None:
    mine = Invitation.objects.filter(survey__workspace=workspace, customer=customer)
    addresses = set(mine.order_by().values_list("address", flat=True)) - {""}
    # Of an anonymous survey the customer is not kept, and neither is it of a list: there the address tells who it is.
    who = Q(customer=customer) | Q(customer="", address__in=addresses)
    invitations = Invitation.objects.filter(who, survey__workspace=workspace).select_related("survey__workspace")
    theirs = Q(customer=customer) | Q(invitation__in=list(invitations))
    responses = list(Response.objects.filter(theirs, survey__workspace=workspace).select_related("version"))
    for invitation in invitations:
        forget_invitation(invitation)
    for response in responses:
        _forget_response(response)
    messages.forget(workspace, addresses, customer)
    under_way = (Distribution.State.WAITING, Distribution.State.RUNNING)
    for distribution in Distribution.objects.filter(survey__workspace=workspace, state__in=under_way):
        _forget_in_list(distribution, customer, addresses)


def _forget_in_list(distribution: Distribution, customer: str, addresses: set[str]) -> None:
    """Take a person out of a list that is still to be sent to."""
    people = distribution.audience.get("people", [])
    left = [p for p in people if p.get("customer") != customer and str(p.get("address")).casefold() not in addresses]
    if len(left) < len(people):
        Distribution.objects.filter(pk=distribution.pk).update(audience=distribution.audience | {"people": left})


def forget_invitation(invitation: Invitation) -> None:
    """Empty who was invited, in the messages too. What waits is not sent, what was sent can be answered no more."""
    workspace, now = invitation.survey.workspace, timezone.now()
    values: dict[str, Any] = {"customer": "", "name": "", "traits": {}, "clicked": "", "clicked_at": None}
    # No two invitations of one sending are for the same person, and none of one rule about the same order.
    values["address"] = values["interaction"] = hashed(workspace, f"invitation {invitation.pk}")
    if invitation.state == State.WAITING:
        values["state"] = State.CANCELLED
    values["expires_at"] = min(invitation.expires_at, now)
    Invitation.objects.filter(pk=invitation.pk).update(**values)
    messages.empty(Message.objects.filter(Q(pk=invitation.message_id) | Q(pk=invitation.reminder_id)))


def _forget_response(response: Response) -> None:
    asked = {question.id: question for question in response.version.definition.questions()}
    kept = {key: without_words(asked[key], value) for key, value in response.answers.items() if key in asked}
    response.answers = {key: value for key, value in kept.items() if value is not None}
    response.customer, response.traits, response.origin = "", {}, ""
    files = list(response.uploads.values_list("key", flat=True))
    Upload.objects.filter(response=response).delete()
    response.save(update_fields=["answers", "customer", "traits", "origin"])
    transaction.on_commit(lambda: remove_files(files))
