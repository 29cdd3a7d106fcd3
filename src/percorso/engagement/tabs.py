"""The tabs of the pages about use."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from percorso.accounts.models import Workspace
from percorso.i18n import mark

TABS = (
    ("usage", mark("Frequency")),
    ("usage_features", mark("Features")),
    ("funnels", mark("Funnels")),
    ("retention", mark("Retention")),
    ("flows", mark("Flows")),
    ("speed", mark("Page speed")),
)


def tabs(workspace: Workspace, here: str, link: str = "") -> list[dict[str, Any]]:
    """Return the tabs, the one of `here` as the current; `link` is the choice of period and group that stays."""
    return [
        {"label": gettext(label), "href": reverse(name, args=[workspace.slug]) + link, "current": name == here}
        for name, label in TABS
    ]
