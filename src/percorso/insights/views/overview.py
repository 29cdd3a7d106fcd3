"""The overview of a workspace, and the choice of its indicators."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from percorso.accounts.access import member, signed_in
from percorso.accounts.models import Workspace
from percorso.accounts.queries import workspaces_of
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.result import Result
from percorso.insights import actions, fragments, queries
from percorso.insights.cards import COMMANDS, FAMILIES, USUAL, cards, changes, is_empty, ordered
from percorso.insights.forms import Choice, ChosenForm
from percorso.insights.goals.shown import marks
from percorso.insights.search import matches
from percorso.insights.views.around import bar, page, with_choice


@require_safe
@signed_in
def home(request: HttpRequest) -> HttpResponseBase:
    """Go to the person's first workspace, or say how to get one."""
    first = workspaces_of(request.user).first()  # type: ignore[arg-type]
    if first is None:
        return render(request, "insights/welcome.html")
    return redirect("overview", first.workspace.slug)


@require_safe
@member("see")
@with_choice
def overview(request: HttpRequest, workspace: Workspace, choice: Choice) -> HttpResponse:
    """Show what changed, then every indicator, or those that the team chose."""
    totals, series = queries.overview(workspace, choice)
    chosen = tuple(key for key in workspace.chosen_indicators if key in INDICATORS)
    may_edit = request.membership.may("edit")  # type: ignore[attr-defined]

    around = bar(request, workspace, choice)
    goals = marks(workspace)

    def write() -> SafeString:
        told = _told(workspace, choice, totals, series, list(chosen)) | {"goals": goals}
        return render_to_string("insights/figures.html", around | told | {"may": {"edit": may_edit}})

    vary = (workspace.slug, workspace.time_zone, choice.link(), chosen, may_edit, *goals.items())
    figures = fragments.kept((totals, series), vary, write)
    return page(request, "insights/overview.html", around | {"figures": figures}, choice.link())


def _told(workspace: Workspace, choice: Choice, totals: Result, series: Result, chosen: list[str]) -> dict[str, Any]:
    """Return what the overview tells of its answers."""
    changed, steady = changes(totals, choice.beside)
    return {
        "workspace": workspace,
        "choice": choice,
        "link": choice.link(),
        "groups": [_group("chosen", chosen, totals, series, choice)]
        if chosen
        else [
            _group(f, keys, totals, series, choice) for f in FAMILIES if (keys := [k for k in ordered(f) if k in USUAL])
        ],
        "changed": changed,
        "steady": steady,
        "running": any(c.change and c.change.verdict == "running" for c in totals),
        "empty": all(c.n == 0 for c in totals),
    }


def _group(name: str, keys: list[str], totals: Result, series: Result, choice: Choice) -> dict[str, Any]:
    """Return the cards of a group, and apart from them the indicators without data."""
    made = cards(keys, totals, series, choice.beside)
    return {
        "key": name,
        "heading": gettext(FAMILIES[name]) if name in FAMILIES else gettext("Chosen by the team"),
        "cards": [card for card in made if not is_empty(card)],
        "without": [card for card in made if is_empty(card)],
        "command": COMMANDS.get(name) or COMMANDS[INDICATORS[keys[0]].family],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def choose(request: HttpRequest, workspace: Workspace) -> HttpResponseBase:
    """Choose the indicators of the overview and their order; moving and searching keep what is ticked, unsaved."""
    before = [key for key in workspace.chosen_indicators if key in INDICATORS]
    form = ChosenForm(request.POST, before, ordered())
    if "save" in request.POST or "all" in request.POST:
        keys = form.keys if "save" in request.POST else []
        actions.choose_indicators(workspace, keys, by=request.user)  # type: ignore[arg-type]
        chosen = gettext("The overview shows the chosen indicators.")
        messages.success(request, chosen if keys else gettext("The overview shows the usual indicators."))
        return redirect("overview", workspace.slug)
    rows = [
        {
            "key": key,
            "name": gettext(INDICATORS[key].label),
            "about": gettext(INDICATORS[key].about),
            "chosen": key in form.chosen,
            "shown": matches(INDICATORS[key], form.q),
        }
        for key in form.order
    ]
    return render(
        request,
        "insights/choose.html",
        {"rows": rows, "q": form.q, "found": any(r["shown"] for r in rows)},
    )
