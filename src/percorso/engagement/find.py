"""What the search of every page finds of use: its pages, and the funnels that are kept."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from percorso.accounts.models import Membership
from percorso.base.find import Found, matches
from percorso.engagement.models import SavedFunnel
from percorso.engagement.tabs import TABS

# What else people may look for.
WORDS = {
    "usage": "DAU, WAU, MAU, stickiness",
    "usage_features": "adoption",
    "funnels": "conversion, cart abandonment, drop-off",
    "retention": "cohorts, churn",
    "flows": "paths, Sankey, journeys",
    "speed": "web vitals, LCP, errors",
}


def find(membership: Membership, text: str) -> list[Found]:
    """Return the kept funnels and the pages about use whose name fits."""
    slug = membership.workspace.slug
    if not text:
        return []
    kept = [
        Found(
            row.name,
            gettext("Funnel"),
            f"{reverse('funnels', args=[slug])}?{urlencode(row.asked, doseq=True)}",
            "filter",
        )
        for row in SavedFunnel.objects.filter(workspace=membership.workspace)
        if matches(text, row.name)
    ]
    pages = [
        Found(gettext(label), gettext("Use"), reverse(name, args=[slug]), "activity")
        for name, label in TABS
        if matches(text, gettext(label), gettext("Use"), WORDS[name])
    ]
    return kept + pages
