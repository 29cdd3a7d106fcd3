"""What the search of every page finds of customers' value: its pages."""

from django.urls import reverse
from django.utils.translation import gettext

from percorso.accounts.models import Membership
from percorso.base.find import Found, matches
from percorso.insights.value.tabs import TABS

# What else people may look for.
WORDS = {
    "value": "RFM",
    "value_staying": "Kaplan-Meier",
    "value_forecast": "CLV, BG/NBD, LTV",
    "value_loop": "closed loop",
}


def find(membership: Membership, text: str) -> list[Found]:
    """Return the pages about customers' value whose name fits."""
    kind = gettext("Customer value")
    return [
        Found(gettext(label), kind, reverse(name, args=[membership.workspace.slug]), "chart-dots")
        for name, label in TABS
        if name in WORDS and text and matches(text, gettext(label), kind, WORDS[name])
    ]
