"""Erasing a person: each app empties its own at once, then facts, files and what lies in freed places of the databases."""

import logging
import secrets
from collections import Counter
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.base import fact_outbox, jobs
from percorso.base.models import PendingFact
from percorso.base.owner import store
from percorso.customers.forgotten import hashed
from percorso.customers.identity.book import forget_identities
from percorso.customers.models import Consent, ErasedIdentity, ErasureReceipt
from percorso.customers.privacy.erased import look_again, marks_of
from percorso.customers.privacy.parts import PARTS
from percorso.customers.privacy.subject import ERASED, Subject
from percorso.customers.privacy.sweeping import sweep_files, sweep_tables
from percorso.customers.signals import customer_forgotten

log = logging.getLogger("percorso.privacy")
JOB, OVERWRITE = "erase_person", "overwrite_erased"
MOST_HASHES = 1000
# An erasure that takes longer has met a failure.
LATE = timedelta(hours=3)


@transaction.atomic
def erase(workspace: Workspace, subject: Subject, *, by: Person | str, reason: str) -> ErasureReceipt:
    """Erase a person in every app, and soon after in facts and files; scores stay, without a person. Return the receipt.

    From now on nothing that comes of the person's identities is taken. Done twice, it is done once.
    """
    marks = marks_of(workspace, subject.everything)
    receipt = ErasureReceipt.objects.create(
        workspace=workspace, by=str(by)[:254], reason=subject.scrub(reason)[:300], subject=subject.dump(), hashes=marks[:MOST_HASHES]
    )  # fmt: skip
    _keep_what_is_on_its_way(workspace, subject)
    for customer in subject.customers:
        customer_forgotten.send(sender=Workspace, workspace=workspace, customer=customer, subject=subject)
        forget_identities(workspace, customer)
    _forget_consents(workspace, subject)
    ErasedIdentity.objects.bulk_create(
        [ErasedIdentity(workspace=workspace, mark=mark, receipt=receipt) for mark in marks], ignore_conflicts=True
    )
    target = hashed(workspace, subject.customers[0])[:40]
    audit.record("customer_forgotten", workspace, by=by, target=target, reason=receipt.reason, receipt=receipt.pk)
    jobs.enqueue(JOB, workspace=workspace.slug, receipt=receipt.pk)
    look_again()
    transaction.on_commit(look_again)
    return receipt


def lift(workspace: Workspace, identity: str, *, by: Person | str) -> bool:
    """Take what comes of an identity again: the person is a customer once more; return whether it was erased."""
    receipts = ErasedIdentity.objects.filter(workspace=workspace, mark__in=marks_of(workspace, [identity]))
    with transaction.atomic():
        found = list(receipts.values_list("receipt", flat=True))
        ErasedIdentity.objects.filter(workspace=workspace, receipt__in=found).delete()
        for receipt in found:
            audit.record("erasure_lifted", workspace, by=by, target=f"{receipt}")
    look_again()
    return bool(found)


def _keep_what_is_on_its_way(workspace: Workspace, subject: Subject) -> None:
    """Take the person out of facts that wait to be stored: a score that was given a second ago stays too."""
    nobody: dict[str, str] = {}
    for row in PendingFact.objects.filter(workspace=workspace.slug):
        whose = {row.row.get("customer"), row.row.get("identity")} - {None}
        if whose & {*subject.customers, *subject.identities}:
            known = nobody.setdefault(row.table, f"forgotten:{secrets.token_hex(8)}")
            made = {**row.row, "customer": known, "identity": None} | ({"text": None} if "text" in row.row else {})
            PendingFact.objects.filter(pk=row.pk).update(row=made)


def _forget_consents(workspace: Workspace, subject: Subject) -> None:
    """Leave of the ledger what was agreed to and when, of nobody."""
    [mine] = list(PARTS["consent"].kept)
    for row in mine.of(workspace, subject):
        address = hashed(workspace, row.address)
        Consent.objects.filter(pk=row.pk).update(customer="", address=address, proof={}, by=subject.scrub(row.by))


def carry_out(receipt: ErasureReceipt) -> dict[str, int]:
    """Erase the person of a receipt in facts, tables and files; return how many rows of what. Begun again, it goes on."""
    if not receipt.subject:
        return dict(receipt.counts)
    workspace, subject = receipt.workspace, Subject.load(receipt.subject)
    for part in PARTS.values():
        if part.settle is not None:
            part.settle()
    while fact_outbox.load():
        pass
    counts = Counter(receipt.counts)
    for customer in subject.customers:
        counts.update(store().forget(workspace.slug, customer, subject.identities))
    if subject.pattern:
        store().rewrite(workspace.slug, subject.pattern, rf"\1{ERASED}")
    if subject.named:
        store().rewrite(workspace.slug, subject.named, rf"\1{ERASED}", free=True)
    for customer in subject.customers:
        # What came in between: a claim of a call that was on its way.
        forget_identities(workspace, customer)
    counts.update({name.partition(".")[2]: n for name, n in sweep_tables(workspace, subject).items()})
    if files := sweep_files(workspace, subject):
        counts["files"] += files
    with transaction.atomic():
        now = timezone.now()
        ErasureReceipt.objects.filter(pk=receipt.pk).update(subject={}, counts=dict(counts), erased_at=now)
        jobs.enqueue(OVERWRITE, receipts=[receipt.pk])
    return dict(counts)


def overwrite() -> int:
    """Leave nothing of what was erased in freed places of both databases' files; return how many erasures that finishes."""
    waiting = list(
        ErasureReceipt.objects.filter(overwritten_at=None).exclude(erased_at=None).values_list("pk", flat=True)
    )
    if not waiting:
        return 0  # another erasure's turn did it
    store().overwrite()
    if not connection.in_atomic_block:
        _write_tables_anew()
    return ErasureReceipt.objects.filter(pk__in=waiting).update(overwritten_at=timezone.now())


def _write_tables_anew() -> None:
    """Write what the tables hold into new places: their old ones keep deleted rows until something else needs the place."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if connection.vendor == "postgresql":
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"VACUUM (FULL, ANALYZE) {connection.ops.quote_name(table)}")
            # It keeps the most common values of columns. Who may not do this, as on rented servers, is only warned.
            cursor.execute("VACUUM (FULL) pg_catalog.pg_statistic")


def finish() -> int:
    """Line up again what was not finished, because its job failed or was stopped; return how many erasures that are."""
    before = timezone.now() - LATE
    begun = ErasureReceipt.objects.filter(at__lt=before).select_related("workspace")
    for receipt in (late := list(begun.filter(erased_at=None))):
        jobs.enqueue(JOB, workspace=receipt.workspace.slug, receipt=receipt.pk)
    left = list(begun.filter(overwritten_at=None, erased_at__lt=before).values_list("pk", flat=True))
    if left:
        jobs.enqueue(OVERWRITE, receipts=left)
    return len(late) + len(left)
