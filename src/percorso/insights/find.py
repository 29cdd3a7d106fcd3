"""What the search of every page finds here: boards and indicators."""

from django.urls import reverse
from django.utils.translation import gettext

from percorso.accounts.models import Membership
from percorso.analytics.indicators import INDICATORS
from percorso.base.find import Found, matches
from percorso.insights import programme
from percorso.insights.alerting.find import find as alerts
from percorso.insights.boards.find import find as boards
from percorso.insights.cards import ordered
from percorso.insights.value.find import find as pages_of_value


def find(membership: Membership, text: str) -> list[Found]:
    """Return the boards by their names, and the indicators whose name in any language, or whose key, fits."""
    found = [(key, INDICATORS[key]) for key in ordered()]
    return (
        boards(membership, text)
        + [
            Found(
                gettext(indicator.label),
                gettext("Indicator"),
                reverse("indicator", args=[membership.workspace.slug, key]),
                "chart-dots",
            )
            for key, indicator in found
            if matches(text, gettext(indicator.label), indicator.label, key.replace("_", " "))
        ]
        + programme.found(membership, text)
        + pages_of_value(membership, text)
        + alerts(membership, text)
    )
