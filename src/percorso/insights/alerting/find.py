"""What the search of every page finds of alerts."""

from django.urls import reverse
from django.utils.translation import gettext

from percorso.accounts.models import Membership
from percorso.base.find import Found, matches
from percorso.insights.alerting.queries import watches


def find(membership: Membership, text: str) -> list[Found]:
    """Return the page of the alarms, and the alerts whose name fits; they open for those who may change them."""
    if not text:
        return []
    slug = membership.workspace.slug
    found = []
    if matches(text, gettext("Alerts"), "alerts", gettext("Alarms")):
        found.append(Found(gettext("Alerts"), gettext("Page"), reverse("alerts", args=[slug]), "bell"))
    change = membership.may("analyse")
    return found + [
        Found(
            watch.name,
            gettext("Alert"),
            reverse("alerts_watch", args=[slug, watch.pk]) if change else reverse("alerts_watches", args=[slug]),
            "bell",
        )
        for watch in watches(membership.workspace)
        if matches(text, watch.name)
    ]
