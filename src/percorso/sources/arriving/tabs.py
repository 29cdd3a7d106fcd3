"""The tabs of the pages about sources and what arrives; only those that the person's role opens."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from percorso.accounts.models import Membership
from percorso.i18n import mark

# Address, label, what a role must allow.
TABS = (
    ("event_sources", mark("Sources of events"), "edit"),
    ("webhook_sources", mark("Webhook sources"), "edit"),
    ("arriving", mark("Arriving now"), "see"),
    ("arriving_events", mark("Events seen"), "see"),
    ("arriving_plan", mark("Tracking plan"), "see"),
    ("refused", mark("Refused"), "edit"),
)


def tabs(membership: Membership, here: str) -> list[dict[str, Any]]:
    """Return the tabs, the one of the address `here` as the current."""
    slug = membership.workspace.slug
    return [
        {"label": gettext(label), "href": reverse(name, args=[slug]), "current": name == here}
        for name, label, what in TABS
        if membership.may(what)
    ]
