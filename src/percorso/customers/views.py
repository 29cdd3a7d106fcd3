"""The list of customers."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.customers import queries, words
from percorso.customers.cursor import pack, unpack
from percorso.customers.forms import ListForm
from percorso.customers.segments.shown import tabs
from percorso.i18n import mark

ROWS = 50
FILTERS = (("country", mark("Country")), ("segment", mark("Customer segment")))


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
            "filters": [_filter(workspace, name, label, getattr(wanted, name)) for name, label in FILTERS],
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
