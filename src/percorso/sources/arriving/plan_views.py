"""The pages of the tracking plan: what is expected, what violates it, changing it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.base import words
from percorso.errors import BadQuestion
from percorso.sources.arriving import latest, plans, queries
from percorso.sources.arriving.forms import PlannedForm, kinds
from percorso.sources.arriving.plans import Planned
from percorso.sources.arriving.seen import seen_events
from percorso.sources.arriving.tabs import tabs
from percorso.sources.tracking.plan import UNKNOWN_EVENT, VIOLATIONS

MORE_ROWS, FIRST_ROWS = 5, 3


@require_safe
@member("see")
def plan(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Show the plan, how often each of its events came, and what was not as planned."""
    seen = {event.name: event for event in seen_events(workspace).events}
    wrong: dict[str, list[dict[str, Any]]] = {}
    for row in queries.violations(workspace):
        told = row | {"told": VIOLATIONS.get(str(row["kind"]), str(row["kind"]))}
        wrong.setdefault(str(row["event"]), []).append(told)
    planned = list(queries.planned_events(workspace))
    rows = [
        {"event": e, "seen": seen.get(e.name), "wrong": (own := wrong.get(e.name, [])), "n": _sum(own)} for e in planned
    ]
    names = {e.name for e in planned}
    unknown = [row for name, own in wrong.items() if name not in names for row in own if row["kind"] == UNKNOWN_EVENT]
    context = {
        "rows": rows,
        "unknown": unknown[:100],
        "others": [row for row in wrong.get("", []) if row["kind"] != UNKNOWN_EVENT],
        "any_seen": bool(seen),
        "unplanned": sum(name not in names for name in seen),
        "tabs": tabs(request.membership, "arriving_plan"),
    }
    return render(request, "sources/arriving/plan.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def planned_event(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Put an event into the plan, or change it."""
    was = request.GET.get("was", "")
    row = queries.planned_events(workspace).filter(name=was).first() if was else None
    before = plans.planned(row) if row else None
    if request.method != "POST":
        return _form(request, PlannedForm(event=before or _suggested(request, workspace)), before)
    form = PlannedForm(request.POST)
    if request.POST.get("do") == "more":
        return _form(request, form, before, MORE_ROWS)
    event = form.planned()
    if event is None:
        return _form(request, form, before, status=422)
    try:
        plans.save_planned_event(workspace, event, was=before.name if before else "", by=request.user)
    except BadQuestion as error:
        form.add_error(None, str(error))
        return _form(request, form, before, status=422)
    messages.success(
        request, gettext("{name} is in the plan. What comes from now on is held against it.").format(name=event.name)
    )
    return redirect("arriving_plan", workspace.slug)


@require_POST
@member("edit")
def remove(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Take an event out of the plan."""
    name = request.POST.get("name", "")
    plans.remove_planned_event(workspace, name, by=request.user)
    messages.success(request, gettext("{name} is no longer in the plan.").format(name=name))
    return redirect("arriving_plan", workspace.slug)


@require_POST
@member("edit")
def take_seen(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Put what is seen into the plan: one event, or those that come most."""
    name = request.POST.get("name", "")
    taken, left = plans.take_over(workspace, [name] if name else None, by=request.user)
    told = ngettext("{shown} event is taken into the plan.", "{shown} events are taken into the plan.", taken)
    messages.success(request, told.format(shown=words.count(taken)))
    if left:
        more = ngettext("{shown} more is left: press again.", "{shown} more are left: press again.", left)
        messages.info(request, more.format(shown=words.count(left)))
    return redirect("arriving_plan", workspace.slug)


def _suggested(request: MemberRequest, workspace: Workspace) -> Planned | None:
    """Return an event that is seen, as it is seen, for a name in the address."""
    name = request.GET.get("name", "")[:200]
    if not name.strip():
        return None
    looked = latest.sample(workspace, name, plans.LOOKED_AT)
    return Planned(
        name=name, properties=[{"name": p.name, "kind": p.kind} for p in looked.properties if 0 < len(p.name) <= 200]
    )


def _form(
    request: MemberRequest, form: PlannedForm, before: Planned | None, empty: int = FIRST_ROWS, status: int = 200
) -> HttpResponse:
    blank = [{"name": "", "kind": "any", "required": False} for _ in range(empty)]
    context = {"form": form, "rows": [*form.rows, *blank], "kinds": kinds(), "before": before}
    return render(request, "sources/arriving/planned_event.html", context, status=status)


def _sum(rows: list[dict[str, Any]]) -> int:
    return sum(int(row["n"]) for row in rows)
