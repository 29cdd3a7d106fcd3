"""Pages: how often customers come, and what they use."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.result import Cell
from percorso.engagement import asking, files
from percorso.engagement.tabs import tabs
from percorso.engagement.usage import queries, ranking, shown
from percorso.engagement.usage.actions import change_feature_list
from percorso.engagement.usage.forms import Asked, FeatureListForm
from percorso.engagement.waiting import answer_page
from percorso.insights.cards import cards
from percorso.insights.figures import chart_of
from percorso.insights.forms import Choice
from percorso.insights.views.around import bar, choice_of, menu, with_choice
from percorso.insights.views.indicator import STEPS


@require_safe
@member("see")
@with_choice
def usage(request: HttpRequest, workspace: Workspace, choice: Choice) -> HttpResponse:
    """Show how often customers come."""
    asked = Asked.read(request.GET)
    ready = queries.is_ready(workspace, choice, queries.frequency_query(workspace, choice))
    return answer_page(
        request, workspace, choice, "engagement/usage/frequency", {"grain": choice.grain} | asked.link, ready,
        lambda: _around(request, workspace, choice, "usage", ("lifecycle", "active", "days")),
        lambda: _frequency(workspace, choice, asked),
    )  # fmt: skip


def _frequency(workspace: Workspace, choice: Choice, asked: Asked) -> dict[str, Any]:
    """Return how often customers come, as the page shows it."""
    found = queries.frequency_of(workspace, choice)
    context = _steps(workspace, choice) | {"found": found, "empty": shown.is_empty(found)}
    if context["empty"]:
        return context
    totals, series = queries.figures_of(workspace, choice)
    stickiness = INDICATORS["stickiness"]
    return context | {
        "heads": shown.headline(found),
        "cards": cards(queries.FREQUENCY, totals, series, choice.beside),
        "windows": shown.windows(asked.window),
        "curve": gettext("Active customers"),
        "reach": shown.reach_chart(found, asked.window),
        "stickiness": chart_of(stickiness, series.of("stickiness"), (), queries.sticky_grain(choice), choice.period),
        "stickiness_name": gettext(stickiness.label),
        "lifecycle": shown.lifecycle(found),
        "active_days": shown.active_days(_histogram(totals.of("access_frequency"))),
        "sql": ";\n\n".join([found.sql, *totals.sql().values()]),
    }


def _histogram(cells: list[Cell] | tuple[Cell, ...]) -> list[dict[str, Any]]:
    return next((list(cell.details.get("histogram") or ()) for cell in cells), [])


@require_safe
@member("analyse")
def usage_file(request: HttpRequest, workspace: Workspace, table: str, form: str) -> HttpResponse:
    """Give a table of the page as a file."""
    choice = choice_of(request, workspace)
    if table == "days":
        totals, _ = queries.figures_of(workspace, choice)
        sheet = shown.days_sheet(_histogram(totals.of("access_frequency")))
    elif table in ("lifecycle", "active"):
        found = queries.frequency_of(workspace, choice)
        sheet = shown.lifecycle_sheet(found) if table == "lifecycle" else shown.reach_sheet(found)
    else:
        raise Http404(table)
    return files.answer(request, workspace, choice, form, sheet)


@require_safe
@member("see")
@with_choice
def features(request: HttpRequest, workspace: Workspace, choice: Choice) -> HttpResponse:
    """Show what customers use, and what nobody uses."""
    asked, known = Asked.read(request.GET), queries.told(workspace)
    ready = queries.is_ready(workspace, choice, queries.features_query(workspace, choice, known))
    return answer_page(
        request, workspace, choice, "engagement/usage/features", {"grain": choice.grain} | asked.link, ready,
        lambda: _around(request, workspace, choice, "usage_features", ("features", "adoption")),
        lambda: _features(workspace, choice, asked, known),
    )  # fmt: skip


def _features(workspace: Workspace, choice: Choice, asked: Asked, known: queries.Told) -> dict[str, Any]:
    """Return what customers use, as the page shows it."""
    found = queries.features_of(workspace, choice, known)
    used = [f for f in found.features if f.users]
    one = next((f for f in used if f.feature == asked.feature), used[0] if used else None)
    context = _steps(workspace, choice) | {
        "found": found,
        "known": known,
        "rows": ranking.rows(found),
        "unused": ranking.unused(found),
        "smaller": len(used) - ranking.MOST,
        "one": one,
        "one_name": ranking.name(one, found) if one else "",
        "chart": ranking.chart(one, found) if one else None,
        "picked": [(f.feature, ranking.name(f, found), f is one) for f in used if f.series],
        "sql": found.sql,
    }
    if used and known.column.startswith("properties."):
        context["breadth"] = cards(
            ("adoption_breadth",), queries.breadth_of(workspace, choice, known), None, choice.beside
        )
    return context


@require_safe
@member("analyse")
def features_file(request: HttpRequest, workspace: Workspace, table: str, form: str) -> HttpResponse:
    """Give a table of the page as a file."""
    choice = choice_of(request, workspace)
    if table not in ("features", "adoption"):
        raise Http404(table)
    found = queries.features_of(workspace, choice, queries.told(workspace))
    sheet = ranking.sheet(found) if table == "features" else ranking.series_sheet(found)
    return files.answer(request, workspace, choice, form, sheet)


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def features_choose(request: HttpRequest, workspace: Workspace) -> HttpResponseBase:
    """Choose which features matter, and how their use is told."""
    known = queries.told(workspace)
    usual = {"event": known.event, "column": known.column, "names": "\n".join(known.names)}
    form = FeatureListForm(request.POST or None, initial=usual)
    if request.method == "POST" and form.is_valid():
        change_feature_list(workspace, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The list of features is saved."))
        return redirect("usage_features", workspace.slug)
    context = {"form": form, "names": asking.names(workspace)}
    return render(request, "engagement/usage/choose.html", context)


def _steps(workspace: Workspace, choice: Choice) -> dict[str, Any]:
    """Return the menu of steps, the links of the choice, and whether there are events at all."""
    return {
        "choice": choice,
        "link": choice.link(),
        "beside": choice.beside,
        "grains": menu({g: STEPS[g] for g in STEPS if g != "hour"}, choice.grain or ""),
        "usual_grain": gettext(STEPS[queries.grain_of(choice)]),
        "ever": bool(asking.names(workspace)),
    }


def _around(
    request: HttpRequest, workspace: Workspace, choice: Choice, here: str, tables: tuple[str, ...]
) -> dict[str, Any]:
    """Return what both pages show around their figures."""
    titles = {
        "lifecycle": gettext("Lifecycle"),
        "active": gettext("Active customers by day"),
        "days": gettext("Active days"),
        "features": gettext("Features"),
        "adoption": gettext("Adoption over time"),
    }
    return bar(request, workspace, choice) | {
        "tabs": tabs(workspace, here, choice.link()),
        "downloads": {
            "name": f"{here}_file",
            "tables": [(table, titles[table]) for table in tables],
            "forms": files.links(),
            "query": choice.link(grain=choice.grain),
        },
    }
