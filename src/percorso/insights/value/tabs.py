"""The tabs of the indicators and of customers' value."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from percorso.accounts.models import Workspace
from percorso.i18n import mark

TABS = (
    ("indicators", mark("Indicators")),
    ("value", mark("Customer groups")),
    ("value_staying", mark("Staying")),
    ("value_forecast", mark("Lifetime value")),
    ("value_loop", mark("Closing the loop")),
)


def tabs(workspace: Workspace, here: str, link: str = "") -> list[dict[str, Any]]:
    """Return the tabs, the one of `here` as the current; `link` is the choice that stays."""
    return [
        {"label": gettext(label), "href": reverse(name, args=[workspace.slug]) + link, "current": name == here}
        for name, label in TABS
    ]
