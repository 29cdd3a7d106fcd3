"""What stands around every page: navigation, who is signed in, which workspaces there are."""

from typing import Any

from django.http import HttpRequest
from django.urls import get_resolver, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext

from percorso.accounts.models import Membership
from percorso.accounts.queries import notices, workspaces_of
from percorso.i18n import mark

# Address, label, icon, what a role must allow, which addresses belong to it.
PAGES = (
    ("overview", mark("Overview"), "layout-dashboard", "see", ("overview",)),
    ("indicators", mark("Indicators"), "chart-dots", "see", ("indicators", "indicator", "facts_behind")),
    ("customers", mark("Customers"), "users", "personal", ("customers", "customer")),
    ("imports", mark("Imports"), "database-import", "edit", ("imports", "import", "import_new", "import_mapping")),
    ("settings", mark("Settings"), "settings", "see", ("settings",)),
)


def around(request: HttpRequest) -> dict[str, Any]:
    """Return the frame of a page; outside of a workspace only who is signed in."""
    person = getattr(request, "user", None)
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None or person is None:
        return {"person": person if person and person.is_authenticated else None}
    workspace = membership.workspace
    return {
        "person": person,
        "membership": membership,
        "workspace": workspace,
        "may": {what: membership.may(what) for what in ("personal", "analyse", "edit", "manage")},
        "workspaces": SimpleLazyObject(lambda: list(workspaces_of(membership.person))),
        "navigation": navigation(request, membership),
        "unread": SimpleLazyObject(lambda: notices(membership.person, workspace).filter(read_at=None).count()),
    }


def navigation(request: HttpRequest, membership: Membership) -> list[dict[str, Any]]:
    """Return the entries that the person's role allows; `current` marks where they are."""
    here = request.resolver_match.url_name if request.resolver_match else ""
    section = here.partition("_")[0] if here else ""
    return [
        {
            "label": gettext(label),
            "icon": icon,
            "href": reverse(name, args=[membership.workspace.slug]),
            "current": here in under or section == name,
        }
        for name, label, icon, what, under in PAGES
        if membership.may(what) and _known(name)
    ]


def _known(name: str) -> bool:
    return name in {str(key) for key in get_resolver().reverse_dict}
