"""What the search finds of imports: the page to import a file, and imports by the names of their files."""

from django.urls import reverse
from django.utils.translation import gettext

from percorso.accounts.models import Membership
from percorso.base.find import Found, matches
from percorso.sources.queries import imports

LOOKED_AT = 200


def find(membership: Membership, text: str) -> list[Found]:
    """Return the imports whose file names fit, for those who may import."""
    if not membership.may("edit"):
        return []
    slug = membership.workspace.slug
    found = []
    if matches(text, gettext("Import a file")):
        found.append(Found(gettext("Import a file"), gettext("Page"), reverse("import_new", args=[slug]), "upload"))
    for row in imports(membership.workspace)[:LOOKED_AT]:
        if matches(text, *row.shown_names):
            href = reverse("import", args=[slug, row.pk])
            found.append(Found(", ".join(row.shown_names), gettext("Import"), href, "database-import"))
    return found[:5]
