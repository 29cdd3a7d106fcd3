"""What is kept of a customer who is forgotten: that somebody was asked, and what was chosen, without who and in whose words."""

from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.base.models import Job
from percorso.config import data_folder
from percorso.customers.forgotten import hashed
from percorso.customers.privacy.parts import Ending, Kept, Part, Row, add_ending, add_part
from percorso.customers.privacy.subject import Subject
from percorso.customers.signals import customer_forgotten
from percorso.i18n import mark
from percorso.outreach import forgetting as messages
from percorso.outreach.models import Message
from percorso.surveys.models import Distribution, Invitation, Response, Upload
from percorso.surveys.question import without_words
from percorso.surveys.respond.uploads import forget as remove_files
from percorso.surveys.results.exports import JOB

State = Invitation.State


def connect() -> None:
    """Listen in this process, and tell what is kept of people."""
    customer_forgotten.connect(_forget_customer, dispatch_uid="percorso.surveys.forget")
    kept = (Kept(Invitation, "survey__workspace", name="name"),)
    add_part(Part("surveys", mark("Invitations to surveys, and answers"), kept, more=_responses, files=_files))
    add_ending(Ending("surveys.responses", mark("Responses to surveys"), False, _count_old, _end_old))


def _responses(workspace: Workspace, subject: Subject) -> Iterator[Row]:
    """Return a person's responses, each with its questions as they were asked."""
    for response in _responses_of(workspace, subject.customers, subject.own_addresses):
        definition = response.version.definition
        asked = {question.id: definition.tell(question.text, response.language) for question in definition.questions()}
        answers = [
            {"question": key, "text": asked.get(key, ""), "answer": value}
            for key, value in response.answers.items()
        ]  # fmt: skip
        row = {
            "kind": "response",
            "survey": response.survey.name,
            "language": response.language,
            "channel": response.channel,
        }
        instants = {"started_at": response.started_at, "completed_at": response.completed_at}
        files = list(response.uploads.values_list("name", flat=True))
        yield row | {name: at and at.isoformat() for name, at in instants.items()} | {"traits": response.traits, "answers": answers, "files": files}  # fmt: skip


def _responses_of(workspace: Workspace, customers: Collection[str], addresses: Collection[str]) -> QuerySet[Response]:
    theirs = Q(customer__in=customers) | Q(invitation__customer__in=customers)
    theirs |= Q(invitation__customer="", invitation__address__in=addresses)
    found = Response.objects.filter(theirs, survey__workspace=workspace).order_by("pk")
    return found.select_related("survey", "version")


def _files(workspace: Workspace) -> Iterator[Path]:
    """Return exports of answers, and files of other survey tools that were given to be imported."""
    for row in Job.objects.filter(name=JOB, workspace=workspace.slug):
        if row.result:
            yield data_folder() / "exports" / str(row.result["file"])
    yield from (data_folder() / "uploads" / "surveys" / workspace.slug).glob("*/file-*")


def _old(workspace: Workspace, before: datetime) -> QuerySet[Response]:
    return Response.objects.filter(survey__workspace=workspace, changed_at__lt=before).exclude(customer="", origin="")


def _count_old(workspace: Workspace, before: datetime) -> int:
    return _old(workspace, before).count()


def _end_old(workspace: Workspace, before: datetime) -> int:
    """Leave of old responses what was chosen, without who and in whose words; their invitations are nobody's either."""
    old = list(_old(workspace, before).select_related("version", "invitation__survey__workspace"))
    for response in old:
        with transaction.atomic():
            _forget_response(response)
            if response.invitation is not None:
                forget_invitation(response.invitation)
    return len(old)


def _forget_customer(sender: Any, workspace: Workspace, customer: str, subject: Subject, **more: Any) -> None:
    mine = Invitation.objects.filter(survey__workspace=workspace, customer=customer)
    addresses = {*mine.order_by().values_list("address", flat=True), *subject.own_addresses} - {""}
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
