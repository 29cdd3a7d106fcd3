"""The page of one customer: what is known, and everything that happened in the order of time."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.customers import actions, consent_views, queries, words
from percorso.customers.cursor import pack, unpack
from percorso.customers.identity.contacts import EXTERNALS
from percorso.customers.identity.shown import TRAITS, identity_lines, trait_changes
from percorso.customers.models import Company, Identity
from percorso.customers.sentences import TABLES
from percorso.customers.timeline.forms import TimelineForm
from percorso.customers.timeline.items import days_of, page_of
from percorso.customers.timeline.queries import timeline
from percorso.i18n import mark

ITEMS = 40
# Events of a visit stand together: to have a page of items, more facts are read.
ROWS = 200
SHOWN_IDENTITIES, SHOWN_CHANGES = 6, 8
COLUMNS = (
    ("company", mark("Company")),
    ("country", mark("Country")),
    ("region", mark("Region")),
    ("language", mark("Language")),
    ("plan", mark("Plan")),
    ("segment", mark("Customer segment")),
)


@require_safe
@member("personal")
def customer(request: HttpRequest, workspace: Workspace, id: str) -> HttpResponse:
    """Show one customer and all facts about it, the newest first."""
    found = queries.shown(workspace, id)
    if found is None:
        raise Http404(id)
    actions.note_view(workspace, id, by=request.user)  # type: ignore[arg-type]
    form = TimelineForm(request.GET)
    asked = form.asked()
    after = unpack(request.GET.get("after", ""), 3)
    rows = timeline(workspace, id, form.wanted(workspace), ROWS + 1, after)
    lines = identity_lines(workspace, id)
    items, last = page_of(rows[:ROWS], ITEMS, len(rows) > ROWS)
    return render(
        request,
        "customers/customer.html",
        {
            "customer": found,
            "name": found["name"] or id,
            "since": words.instant(found["at"], workspace.time_zone) if found["at"] else "",
            "traits": _traits(found),
            "company": _company(workspace, found["company"]),
            "identities": lines[:SHOWN_IDENTITIES],
            "changes": trait_changes(workspace, lines)[:SHOWN_CHANGES],
            "whose": _whose(workspace, id),
            "days": days_of(items, workspace.time_zone),
            "tabs": _tabs(request.path, {name: None for name, _ in rows}, asked),
            "tabs_href": _link(reverse("customer_counts", args=[workspace.slug, id]), asked),
            "form": form,
            "asked": {name: value for name, value in asked.items() if name != "table"},
            "table": asked.get("table", ""),
            "more": _link("", asked | {"after": pack(last[1]["at"], last[0], last[1]["id"])}) if last else "",
            "first": _link(request.path, asked) if after else "",
            **consent_views.shown(workspace, found),
        },
    )


@require_safe
@member("personal")
def customer_counts(request: HttpRequest, workspace: Workspace, id: str) -> HttpResponse:
    """Return the tabs of a customer's page with how many facts there are of each kind: counting may take longer than the page."""
    asked = TimelineForm(request.GET).asked()
    path = reverse("customer", args=[workspace.slug, id])
    return render(request, "customers/customer_tabs.html", {"tabs": _tabs(path, queries.counts(workspace, id), asked)})


def _whose(workspace: Workspace, id: str) -> dict[str, str] | None:
    """Return the customer that this one is believed to be by now, if it is another one."""
    customer = Identity.objects.filter(workspace=workspace, value=id).values_list("customer", flat=True).first()
    if customer in (None, id):
        return None
    name = queries.names(workspace, [customer]).get(customer, customer)
    return {"href": reverse("customer", args=[workspace.slug, customer]), "name": name}


def _company(workspace: Workspace, key: str | None) -> dict[str, str] | None:
    if not key:
        return None
    name = Company.objects.filter(workspace=workspace, key=key).values_list("name", flat=True).first()
    return {"name": name or key, "href": reverse("company", args=[workspace.slug, key])}


def _link(path: str, asked: dict[str, str]) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path


def _traits(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what is known of a customer: its columns by their names, then the company's own traits by theirs."""
    lines = [(gettext("Id"), found["id"])]
    for name, label in COLUMNS[1:]:
        how = {"country": words.country, "language": words.spoken}.get(name, str)
        if found.get(name):
            lines.append((gettext(label), how(found[name])))
    # Ids of other systems stand among the identities.
    traits = {key: value for key, value in found["traits"].items() if value not in (None, "") and key not in EXTERNALS}
    return lines + [
        (gettext(TRAITS[key]) if key in TRAITS else key, words.plain(value)) for key, value in traits.items()
    ]


def _tabs(path: str, counts: dict[str, Any], asked: dict[str, str]) -> list[dict[str, Any]]:
    """Return the tables that have facts of the customer, as links that filter; counts where they are known."""
    others = {name: value for name, value in asked.items() if name != "table"}
    chosen = asked.get("table", "")
    known = [n for n in counts.values() if n is not None]
    every = {"label": gettext("Everything"), "href": _link(path, others), "current": not chosen}
    every["count"] = sum(known) if known else None
    return [
        every,
        *(
            {
                "label": gettext(label),
                "href": _link(path, others | {"table": name}),
                "current": name == chosen,
                "count": counts.get(name),
            }
            for name, (label, _) in TABLES.items()
            if name in counts or name == chosen
        ),
    ]
