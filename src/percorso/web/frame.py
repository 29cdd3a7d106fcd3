"""What stands around every page: navigation, who is signed in, which workspaces there are, the page's help."""

from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import get_resolver, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext

from percorso.accounts.models import Membership
from percorso.accounts.queries import notices, workspaces_of
from percorso.i18n import mark
from percorso.web.guide import help_of

# Address, label, icon, what a role must allow, which addresses belong to it.
PAGES = (
    ("overview", mark("Overview"), "layout-dashboard", "see", ("overview",)),
    ("indicators", mark("Indicators"), "chart-dots", "see", ("indicators", "indicator", "facts_behind", "value")),
    (
        "goals",
        mark("Programme"),
        "flag",
        "see",
        ("goal", "benchmarks", "benchmark", "plans", "plan", "calculator", "scorecards", "scorecard"),
    ),
    (
        "usage",
        mark("Usage"),
        "activity",
        "see",
        ("usage", "funnels", "funnel", "retention", "flows", "speed"),
    ),
    ("boards", mark("Boards"), "table", "see", ("boards", "board")),
    ("alerts", mark("Alerts"), "bell", "see", ("alerts",)),
    (
        "customers",
        mark("Customers"),
        "users",
        "personal",
        (
            "customers",
            "customer",
            "companies",
            "company",
            "identities",
            "identity",
            "segments",
            "segment",
            "personas",
            "persona",
        ),
    ),
    # For roles without personal data: groups of customers, but nobody of them.
    ("segments", mark("Customers"), "users", "see", ("segments", "segment", "personas", "persona")),
    ("surveys", mark("Surveys"), "clipboard-list", "see", ("surveys", "survey")),
    ("event_sources", mark("Sources"), "server", "edit", ("event", "webhook", "refused", "arriving")),
    # For roles that change nothing: what arrives.
    ("arriving", mark("Sources"), "server", "see", ("arriving",)),
    ("imports", mark("Imports"), "database-import", "edit", ("imports", "import", "import_new", "import_mapping")),
    ("settings", mark("Settings"), "settings", "see", ("settings", "contact")),
)


def around(request: HttpRequest) -> dict[str, Any]:
    """Return the frame of a page. Outside of a workspace it is that of the person's only one, or the ways into all."""
    person = getattr(request, "user", None)
    here = (request.resolver_match and request.resolver_match.url_name) or ""
    # htmx says whether the answer becomes a part of the page that stands.
    partial = request.headers.get("HX-Request-Type") == "partial"
    if person is None or not person.is_authenticated:
        return {"person": None, "here": here, "partial": partial}
    membership: Membership | None = getattr(request, "membership", None)
    frame: dict[str, Any] = {"person": person, "here": here, "help_here": help_of(here), "partial": partial}
    if membership is None:
        frame["workspaces"] = every = list(workspaces_of(person))
        return frame | (inside(here, every[0]) if len(every) == 1 else {"navigation": _ways_in(every)})
    frame["workspaces"] = SimpleLazyObject(lambda: list(workspaces_of(membership.person)))
    return frame | inside(here, membership)


def inside(here: str, membership: Membership) -> dict[str, Any]:
    """Return what a page of a workspace shows around it."""
    workspace = membership.workspace
    return {
        "membership": membership,
        "workspace": workspace,
        "may": {what: membership.may(what) for what in ("personal", "analyse", "edit", "manage")},
        "navigation": navigation(here, membership),
        "unread": SimpleLazyObject(lambda: notices(membership.person, workspace).filter(read_at=None).count()),
    }


def navigation(here: str, membership: Membership) -> list[dict[str, Any]]:
    """Return the entries that the person's role allows; `current` marks where they are."""
    section = here.partition("_")[0]
    found = [
        {
            "label": gettext(label),
            "icon": icon,
            "href": reverse(name, args=[membership.workspace.slug]),
            "current": here in under or section == name or section in under,
        }
        for name, label, icon, what, under in PAGES
        if membership.may(what) and name in known()
    ]
    return list({entry["label"]: entry for entry in reversed(found)}.values())[::-1]


def _ways_in(memberships: list[Membership]) -> list[dict[str, Any]]:
    """Return the person's workspaces as entries, for pages outside of all of them."""
    return [
        {
            "label": m.workspace.name,
            "icon": "building",
            "href": reverse("overview", args=[m.workspace.slug]),
            "current": False,
        }
        for m in memberships
    ]


@lru_cache(maxsize=1)
def known() -> frozenset[str]:
    """Return the names of all addresses."""
    return frozenset(key for key in get_resolver().reverse_dict if isinstance(key, str))
