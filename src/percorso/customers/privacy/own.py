"""What the app of customers itself keeps of people, and what belongs to no app: the log of who did what, jobs, mails."""

from collections.abc import Iterator
from pathlib import Path

from django.db.models import Q

from percorso.accounts.models import AuditEntry, Workspace
from percorso.base import fact_outbox
from percorso.base.models import Job
from percorso.config import data_folder
from percorso.customers.models import Consent, Identity, IdentityClaim, IdentityDecision, TraitHistory
from percorso.customers.privacy.parts import Kept, Part, Row, add_part, delete_older, told
from percorso.customers.privacy.subject import Subject
from percorso.i18n import mark

FILES = "privacy-*.json"
EXPORT = "export_person"


def connect() -> None:
    """Tell what is kept here."""
    add_part(Part("consent", mark("Consent"), (Kept(Consent),)))
    add_part(Part("identities", mark("Identities"), more=_identities, settle=_settle))
    add_part(Part("audit", mark("Audit log"), more=_entries, files=_files))
    delete_older("audit", mark("Audit log"), AuditEntry)


def _identities(workspace: Workspace, subject: Subject) -> Iterator[Row]:
    own = [*subject.customers, *subject.identities]
    for row in Identity.objects.filter(workspace=workspace, value__in=own).order_by("pk"):
        yield {"kind": "identity", "value": row.value, "customer": row.customer, "at": told(row.at)}
    claims = IdentityClaim.objects.filter(Q(one__in=own) | Q(other__in=own), workspace=workspace).order_by("pk")
    for claim in claims:
        yield {"kind": "claim", "one": claim.one, "other": claim.other, "joins": claim.joins, "at": told(claim.at)}
    decided = IdentityDecision.objects.filter(Q(one__in=own) | Q(other__in=own), workspace=workspace).order_by("pk")
    for made in decided:
        yield {"kind": "decision", "one": made.one, "other": made.other, "apart": made.apart, "at": told(made.at)}
    for history in TraitHistory.objects.filter(workspace=workspace, identity__in=own).order_by("pk"):
        yield {"kind": "traits", "identity": history.identity, "told": history.told}


def _entries(workspace: Workspace, subject: Subject) -> Iterator[Row]:
    """Return who of the company did something to the person's data: what was done and when, not by which employee."""
    targets = [one[:254] for one in (*subject.customers, *subject.own_addresses)]
    for row in AuditEntry.objects.filter(workspace=workspace, target__in=targets).order_by("pk"):
        yield {"kind": "audit", "action": row.action, "made_at": told(row.at)}


def _settle() -> None:
    while fact_outbox.load():
        pass


def _files(workspace: Workspace) -> Iterator[Path]:
    """Return copies that were made for people, and mails that lie in the data folder for want of a server."""
    for row in Job.objects.filter(name=EXPORT, workspace=workspace.slug):
        if row.result:
            yield data_folder() / "exports" / str(row.result["file"])
    yield from (data_folder() / "mail").glob("*")
