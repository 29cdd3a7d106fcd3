"""What the search of every page finds of surveys."""

from django.urls import reverse
from django.utils.translation import gettext

from percorso.accounts.models import Membership
from percorso.base.find import Found, matches


def find(membership: Membership, text: str) -> list[Found]:
    """Return the surveys whose name fits."""
    slug = membership.workspace.slug
    return [
        Found(survey.name, gettext("Survey"), reverse("survey", args=[slug, survey.slug]), "clipboard-list")
        for survey in membership.workspace.surveys.only("name", "slug")
        if matches(text, survey.name, gettext("Survey"))
    ]
