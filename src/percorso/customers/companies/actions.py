"""Which company one is part of, as a person decides it."""

from django.db import transaction

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.customers.companies.told import above, companies, place
from percorso.customers.models import Company
from percorso.errors import BadQuestion
from percorso.i18n import mark


@transaction.atomic
def place_company(workspace: Workspace, key: str, parent: str, *, by: Person | str) -> Company:
    """Put a company below another one (`parent`, a key; empty: below none); what sources tell of it no longer counts.

    Raises
    ------
    BadQuestion : it would stand below itself.
    """
    found = companies(workspace, [key, parent])
    company, upper = found[key], found.get(parent)
    if upper is not None and (upper == company or company in above(upper)):
        raise BadQuestion(mark("A company cannot be part of itself, nor of one that is part of it."))
    company.parent, company.parent_by = upper, str(by)[:254]
    company.save(update_fields=["parent", "parent_by"])
    audit.record("company_placed", workspace, by=by, target=str(company)[:254], parent=str(upper or ""))
    return company


@transaction.atomic
def follow_sources(company: Company, *, by: Person | str) -> None:
    """Put a company again where sources say that it is."""
    company.parent_by = ""
    company.save(update_fields=["parent_by"])
    place(company.workspace, [company])
    audit.record("company_placed", company.workspace, by=by, target=str(company)[:254])
