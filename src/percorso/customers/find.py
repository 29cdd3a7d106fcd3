"""What the search of every page finds here: customers, for roles that may see personal data."""

from django.urls import reverse
from django.utils.translation import gettext

from percorso.accounts.models import Membership
from percorso.base.find import Found
from percorso.customers import queries

AT_MOST = 8
SHORTEST = 2


def find(membership: Membership, text: str) -> list[Found]:
    """Return customers whose name, e-mail address or id holds the text."""
    if not membership.may("personal") or len(text.strip()) < SHORTEST:
        return []
    rows = queries.named(membership.workspace, text.strip(), AT_MOST)
    slug = membership.workspace.slug
    return [
        Found(row["name"] or row["id"], gettext("Customer"), reverse("customer", args=[slug, row["id"]]), "user")
        for row in rows
    ]
