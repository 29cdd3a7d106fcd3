"""Companies: the list, and one company with its tree, its traits and its customers."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.customers import words
from percorso.customers.companies import actions, queries
from percorso.customers.companies.told import above
from percorso.customers.identity.histories import changes, now
from percorso.customers.models import Company
from percorso.customers.segments.shown import tabs
from percorso.i18n import mark

ROWS, CHANGES = 50, 8
FIGURES = (
    ("customers", mark("Customers")),
    ("active", mark("Active in 30 days")),
    ("events", mark("Events in 30 days")),
    ("tickets", mark("Tickets in 30 days")),
    ("orders", mark("Orders in 30 days")),
)


@require_safe
@member("personal")
def companies(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List the companies that customers belong to."""
    q, after = request.GET.get("q", "").strip()[:200], request.GET.get("after", "")
    rows = queries.companies(workspace, q, ROWS + 1, after)
    asked = {"q": q} if q else {}
    context = {
        "tabs": tabs(request.membership, "companies"),  # type: ignore[attr-defined]
        "rows": rows[:ROWS],
        "q": q,
        "known": bool(rows) or bool(q) or bool(after),
        "more": f"?{urlencode(asked | {'after': rows[ROWS - 1]['key']})}" if len(rows) > ROWS else "",
        "first": f"?{urlencode(asked)}" if after else "",
    }
    return render(request, "customers/companies/companies.html", context)


@require_safe
@member("personal")
def company(request: HttpRequest, workspace: Workspace, key: str) -> HttpResponse:
    """Show one company: what is known, its tree, its customers."""
    found = _found(workspace, key)
    after = request.GET.get("after", "")
    rows = queries.members(workspace, key, ROWS + 1, after)
    context = {
        "company": found,
        "name": str(found),
        "above": above(found)[::-1] if found.pk else [],
        "nodes": queries.tree(found),
        "traits": _traits(found),
        "changes": _changes(found, workspace.time_zone),
        "rows": [row | {"country": words.country(row["country"])} for row in rows[:ROWS]],
        "more": f"?{urlencode({'after': rows[ROWS - 1]['id']})}" if len(rows) > ROWS else "",
        "first": request.path if after else "",
    }
    return render(request, "customers/companies/company.html", context)


@require_safe
@member("personal")
def company_figures(request: HttpRequest, workspace: Workspace, key: str) -> HttpResponse:
    """Return the figures of a company with all that is part of it: they come when the page stands."""
    keys = queries.whole(_found(workspace, key))
    made = queries.figures(workspace, keys)
    figures = [{"label": gettext(label), "value": made[name]} for name, label in FIGURES]
    return render(request, "customers/companies/figures.html", {"figures": figures, "parts": len(keys) - 1})


@require_POST
@member("edit")
def company_place(request: MemberRequest, workspace: Workspace, key: str) -> HttpResponseBase:
    """Put a company below another one, or again where sources say that it is."""
    found = _found(workspace, key)
    if request.POST.get("follow") == "yes" and found.pk:
        actions.follow_sources(found, by=request.user)
    else:
        actions.place_company(workspace, key, request.POST.get("parent", "").strip(), by=request.user)
    messages.success(request, gettext("The company has its place."))
    return redirect("company", workspace.slug, key)


def _found(workspace: Workspace, key: str) -> Company:
    found = queries.company(workspace, key)
    if found is None:
        raise Http404(key)
    return found


def _traits(company: Company) -> list[tuple[str, str]]:
    told = [(name, words.plain(value)) for name, value in now(company.told).items() if name not in ("name", "parent")]
    return [(gettext("Id"), company.key), *told]


def _changes(company: Company, tz: str) -> list[dict[str, Any]]:
    return [
        {
            "at": words.instant(c.at, tz),
            "trait": c.trait,
            "before": words.plain(c.before or "–"),
            "after": words.plain(c.after or "–"),
        }
        for c in changes(company.told)[:CHANGES]
    ]
