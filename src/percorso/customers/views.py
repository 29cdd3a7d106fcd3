"""The list of customers, and one customer's facts in order."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.customers import actions, consent_views, queries, words
from percorso.customers.cursor import pack, unpack
from percorso.customers.forms import ListForm
from percorso.customers.segments.shown import tabs
from percorso.customers.sentences import TABLES, told
from percorso.i18n import mark

ROWS = 50
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
def customers(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List the customers that fit search and filters, the newest first."""
    wanted = ListForm(request.GET).wanted()
    after = unpack(request.GET.get("after", ""), 2)
    rows = queries.customers(workspace, wanted, ROWS + 1, (after[0], after[1]) if after else None)
    asked = {name: value for name, value in vars(wanted).items() if value}
    shown = rows[:ROWS]
    return render(
        request,
        "customers/customers.html",
        {
            "tabs": tabs(request.membership, "customers"),  # type: ignore[attr-defined]
            "rows": [_line(row, workspace) for row in shown],
            "wanted": wanted,
            "filters": [
                _filter(workspace, name, label, getattr(wanted, name))
                for name, label in COLUMNS
                if name in ("country", "segment")
            ],
            "asked": asked,
            "known": bool(rows) or queries.has_any(workspace),
            "more": _link(asked | {"after": pack(shown[-1]["since"], shown[-1]["id"])}) if len(rows) > ROWS else "",
            "first": _link(asked) if after else "",
        },
    )


def _link(asked: dict[str, str]) -> str:
    return f"?{urlencode(asked)}"


def _line(row: dict[str, Any], workspace: Workspace) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"] or row["id"],
        "second": row["email"] or (row["id"] if row["name"] else ""),
        "country": words.country(row["country"]),
        "segment": row["segment"] or "",
        "last": words.instant(row["last_at"], workspace.time_zone),
        "n": row["n"],
    }


def _filter(workspace: Workspace, name: str, label: str, chosen: str) -> dict[str, Any]:
    values = list(dict.fromkeys([*queries.values(workspace, name), *([chosen] if chosen else [])]))
    named = [(v, words.country(v) if name == "country" else v, v == chosen) for v in values]
    return {"name": name, "label": gettext(label), "entries": sorted(named, key=lambda entry: entry[1].casefold())}


@require_safe
@member("personal")
def customer(request: HttpRequest, workspace: Workspace, id: str) -> HttpResponse:
    """Show one customer and all facts about it, the newest first."""
    found = queries.customer(workspace, id)
    if found is None:
        raise Http404(id)
    actions.note_view(workspace, id, by=request.user)  # type: ignore[arg-type]
    table = request.GET.get("table", "")
    tables = [table] if table in TABLES else [name for name in TABLES if name in found["counts"]]
    after = unpack(request.GET.get("after", ""), 3)
    rows = queries.timeline(workspace, id, tables, ROWS + 1, after)
    shown = rows[:ROWS]
    asked = {"table": table} if table in TABLES else {}
    last = shown[-1] if len(rows) > ROWS else None
    return render(
        request,
        "customers/customer.html",
        {
            "customer": found,
            "name": found["name"] or id,
            "since": words.instant(found["at"], workspace.time_zone) if found["at"] else "",
            "traits": _traits(found),
            "facts": [told(name, row, workspace.time_zone) for name, row in shown],
            "tabs": _tabs(request.path, found["counts"], table),
            "more": _link(asked | {"after": pack(last[1]["at"], last[0], last[1]["id"])}) if last else "",
            "first": request.path + (_link(asked) if asked else "") if after else "",
            **consent_views.shown(workspace, found),
        },
    )


def _traits(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what is known of a customer: its columns by their names, then the company's own traits by theirs."""
    lines = [(gettext("Id"), found["id"])]
    for name, label in COLUMNS:
        how = {"country": words.country, "language": words.spoken}.get(name, str)
        if found.get(name):
            lines.append((gettext(label), how(found[name])))
    return lines + [(key, _plain(value)) for key, value in found["traits"].items() if value not in (None, "")]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return words.number(value) if isinstance(value, int | float) else str(value)


def _tabs(path: str, counts: dict[str, int], table: str) -> list[dict[str, Any]]:
    """Return the tables that have facts of the customer, as links that filter."""
    every = {
        "label": gettext("Everything"),
        "href": path,
        "current": table not in TABLES,
        "count": sum(counts.values()),
    }
    return [
        every,
        *(
            {"label": gettext(label), "href": f"{path}?table={name}", "current": name == table, "count": counts[name]}
            for name, (label, _) in TABLES.items()
            if name in counts
        ),
    ]
