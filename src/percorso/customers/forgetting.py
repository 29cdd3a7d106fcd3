"""Forgetting one customer on request (GDPR art. 17, LGPD art. 18): each app empties what it keeps of them, then the facts go."""

from django.db import transaction

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.base import jobs
from percorso.customers.forgotten import hashed
from percorso.customers.identity.book import forget_identities
from percorso.customers.signals import customer_forgotten

JOB = "forget_facts"


@transaction.atomic
def forget_customer(workspace: Workspace, customer: str, *, by: Person | str, reason: str) -> None:
    """Forget who a customer is, in every app and soon after in the facts; scores stay, without a person.

    What no longer names anybody is not found any more: done twice, it is done once.
    """
    customer_forgotten.send(sender=Workspace, workspace=workspace, customer=customer)
    forget_identities(workspace, customer)
    audit.record("customer_forgotten", workspace, by=by, target=hashed(workspace, customer)[:40], reason=reason[:300])
    jobs.enqueue(JOB, workspace=workspace.slug, customer=customer)
