"""Forgetting one customer on request (GDPR art. 17, LGPD art. 18), known by the id of the facts."""

from percorso.accounts.models import Person, Workspace
from percorso.customers.models import ErasureReceipt
from percorso.customers.privacy.erasing import erase
from percorso.customers.privacy.subject import subject_of


def forget_customer(workspace: Workspace, customer: str, *, by: Person | str, reason: str) -> ErasureReceipt:
    """Forget who a customer is, in every app and soon after in the facts; scores stay, without a person: see `erase`."""
    return erase(workspace, subject_of(workspace, customer), by=by, reason=reason)
