"""The pages of what arrives: the latest events, the events seen, one event."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.sources.arriving import latest, queries
from percorso.sources.arriving.drawing import bars
from percorso.sources.arriving.seen import seen_events
from percorso.sources.arriving.shown import kind_of, properties_of, property_row
from percorso.sources.arriving.tabs import tabs
from percorso.sources.tracking.plan import BY_THEMSELVES, VIOLATIONS

LIVE_SECONDS = 3
ON_A_PAGE = 50


@require_safe
@member("see")
def arriving(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Show the events that came last; the page renews itself."""
    name = request.GET.get("event", "")[:200]
    personal = request.membership.may("personal")
    found = latest.latest(workspace, name)
    rows = [row | {"told": properties_of(row, personal)} for row in found]
    context = {
        "rows": rows,
        "name": name,
        "names": [event.name for event in seen_events(workspace).events[:200]],
        "live_seconds": LIVE_SECONDS,
        "here": request.get_full_path(),
        "tabs": tabs(request.membership, "arriving"),
    }
    return render(request, "sources/arriving/arriving.html", context)


@require_safe
@member("see")
def events(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """List the events that were seen, those that come most first."""
    seen, text = seen_events(workspace), request.GET.get("q", "").strip()
    fitting = [event for event in seen.events if text.casefold() in event.name.casefold()]
    page = Paginator(fitting, ON_A_PAGE).get_page(request.GET.get("page"))
    planned = set(queries.planned_events(workspace).values_list("name", flat=True))
    wrong = _wrong(workspace)
    rows = [
        {"event": e, "bars": bars(e.days), "planned": _standing(e.name, planned), "wrong": wrong.get(e.name, 0)}
        for e in page
    ]
    context = {"seen": seen, "rows": rows, "page": page, "q": text, "planned": planned}
    return render(
        request,
        "sources/arriving/events.html",
        context | {"tabs": tabs(request.membership, "arriving_events")},
    )


@require_safe
@member("see")
def event(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Show one event: how often it came, what its properties are, what of it is not as planned."""
    name = request.GET.get("name", "")[:300]
    found = seen_events(workspace).of(name)
    planned = queries.planned_events(workspace).filter(name=name).first()
    if found is None and planned is None:
        raise Http404
    personal = request.membership.may("personal")
    looked = latest.sample(workspace, name)
    kinds = {p["name"]: p for p in planned.properties} if planned else {}
    properties = [property_row(p, looked.size) | {"planned": kinds.get(p.name)} for p in looked.properties]
    context = {
        "name": name,
        "found": found,
        "bars": bars(found.days) if found else None,
        "planned": planned,
        "size": looked.size,
        "properties": properties,
        "missing": [
            p | {"told": kind_of(p["kind"])} for n, p in kinds.items() if n not in {q.name for q in looked.properties}
        ],
        "personal": personal,
        "violations": violation_rows(workspace, name, personal),
    }
    return render(request, "sources/arriving/event.html", context)


def violation_rows(workspace: Workspace, event: str, personal: bool) -> list[dict[str, Any]]:
    """Return what of an event was not as planned lately, each with the newest example that is still there."""
    rows = queries.violations(workspace, event)
    examples = latest.by_ids(workspace, [str(row["example"]) for row in rows[: latest.MOST_IDS]]) if personal else {}
    return [
        row
        | {
            "told": VIOLATIONS.get(str(row["kind"]), str(row["kind"])),
            "seen": _example(examples.get(str(row["example"]))),
        }
        for row in rows
    ]


def _example(row: dict[str, Any] | None) -> dict[str, Any] | None:
    return row | {"told": properties_of(row, personal=True)} if row else None


def _wrong(workspace: Workspace) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in queries.violations(workspace):
        found[str(row["event"])] = found.get(str(row["event"]), 0) + int(str(row["n"]))
    return found


def _standing(name: str, planned: set[str]) -> str:
    """Return whether an event is planned; nothing where there is no plan, or nobody has to plan it."""
    if name in planned:
        return "planned"
    return "unplanned" if planned and name not in BY_THEMSELVES else ""
