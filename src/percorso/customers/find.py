"""What the search of every page finds here: segments, personas; customers and companies for who may see personal data."""

from django.urls import reverse
from django.utils.translation import gettext

from percorso.accounts.models import Membership, Workspace
from percorso.base.find import Found, matches
from percorso.customers import queries
from percorso.customers.companies import queries as company_queries

AT_MOST = 8
SHORTEST = 2


def find(membership: Membership, text: str) -> list[Found]:
    """Return segments and personas whose name fits, and customers and companies whose name, address or id holds the text."""
    found = _groups(membership.workspace, text)
    if membership.may("personal") and len(text.strip()) >= SHORTEST:
        found += [*_customers(membership.workspace, text.strip()), *_companies(membership.workspace, text.strip())]
    return found


def _groups(workspace: Workspace, text: str) -> list[Found]:
    if not text:
        return []
    found = [
        Found(s.name, gettext("Segment"), reverse("segment", args=[workspace.slug, s.slug]), "filter")
        for s in workspace.segments.all()
    ]
    found += [
        Found(p.name, gettext("Persona"), reverse("persona", args=[workspace.slug, p.pk]), "user")
        for p in workspace.personas.all()
    ]
    return [each for each in found if matches(text, each.label, each.hint)]


def _customers(workspace: Workspace, text: str) -> list[Found]:
    return [
        Found(
            row["name"] or row["id"], gettext("Customer"), reverse("customer", args=[workspace.slug, row["id"]]), "user"
        )
        for row in queries.named(workspace, text, AT_MOST)
    ]


def _companies(workspace: Workspace, text: str) -> list[Found]:
    return [
        Found(row["name"], gettext("Company"), reverse("company", args=[workspace.slug, row["key"]]), "building")
        for row in company_queries.companies(workspace, text, AT_MOST)
    ]
