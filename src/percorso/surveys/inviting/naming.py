"""What the pages of messages call a survey: its name, with a link to it."""

from collections.abc import Collection

from django.urls import reverse

from percorso.accounts.models import Workspace
from percorso.outreach import references
from percorso.outreach.references import Named
from percorso.surveys.models import Survey


def connect() -> None:
    """Name references to surveys in this process."""
    references.name_by("survey", names)


def names(workspace: Workspace, slugs: Collection[str]) -> dict[str, Named]:
    """Return the names of surveys by their slugs."""
    found = Survey.objects.filter(workspace=workspace, slug__in=slugs).values_list("slug", "name")
    return {slug: Named(name, reverse("survey", args=[workspace.slug, slug])) for slug, name in found}
