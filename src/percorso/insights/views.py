"""The overview of a workspace and one page an indicator."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from percorso.accounts.access import member, signed_in
from percorso.accounts.models import Workspace
from percorso.accounts.queries import workspaces_of
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.query import GRAINS, PRESETS
from percorso.analytics.result import Cell, Result
from percorso.base import words
from percorso.i18n import mark
from percorso.insights import columns, downloads, queries
from percorso.insights.definition import definition_of, details_of
from percorso.insights.figures import Figure, chart_of, close_scale, figure_of, scale_for
from percorso.insights.forms import FILTERS, NOT_KNOWN, Choice

FAMILIES = {"surveys": mark("Asked in surveys"), "service": mark("Measured in service")}
ORDER = ("strategic", "tactical", "managerial", "impact", "product", "process", "input")
COMMANDS = {"surveys": "percorso import answers FILE.csv", "service": "percorso import tickets FILE.csv"}
COMPARED = {
    "previous": mark("Previous period"),
    "year": mark("Same days last year"),
    "none": mark("Nothing"),
}
STEPS = {
    "hour": mark("Hours"),
    "day": mark("Days"),
    "week": mark("Weeks"),
    "month": mark("Months"),
    "quarter": mark("Quarters"),
    "year": mark("Years"),
}


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
def overview(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show what changed, then every indicator."""
    choice = Choice.read(request.GET, workspace)
    totals, series = queries.overview(workspace, choice)
    families = [_family(family, totals, series) for family in FAMILIES]
    changed, steady = _changes(totals)
    context = _frame(request, workspace, choice) | {
        "families": families,
        "changed": changed,
        "steady": steady,
        "running": any(c.change and c.change.verdict == "running" for c in totals),
        "empty": all(c.n == 0 for c in totals),
    }
    return _page(request, "insights/overview.html", context, choice.link())


def _family(family: str, totals: Result, series: Result) -> dict[str, Any]:
    """Return a family's cards, and apart from them the indicators without data."""
    cards = _cards(family, totals, series)
    return {
        "key": family,
        "heading": gettext(FAMILIES[family]),
        "cards": [card for card in cards if not _is_empty(card)],
        "without": [card for card in cards if _is_empty(card)],
        "command": COMMANDS[family],
    }


def _cards(family: str, totals: Result, series: Result) -> list[dict[str, Any]]:
    """Return the cards of a family; an indicator with a figure for each of several groups lists them in one card."""
    cards = []
    for key, indicator in _ordered(family):
        cells = totals.of(key)
        scale = scale_for(indicator, cells)
        if not cells:
            cards.append({"key": key, "name": gettext(indicator.label), "about": gettext(indicator.about)})
        elif cells[0].by:
            rows = [_row(c, scale) for c in cells]
            cards.append(
                {"key": key, "name": gettext(indicator.label), "rows": rows, "about": gettext(indicator.about)}
            )
        else:
            figure = figure_of(cells[0], scale, series.of(key))
            cards.append({"key": key, "name": figure.name, "figure": figure, "about": gettext(indicator.about)})
    return cards


def _ordered(family: str) -> list[tuple[str, Any]]:
    """Return a family's indicators: strategic ones first, impact before process, then by name in the reader's language."""

    def rank(entry: tuple[str, Any]) -> tuple[int, int, str]:
        level, kind = (ORDER.index(w) if w in ORDER else len(ORDER) for w in (entry[1].level, entry[1].kind))
        return level, kind, gettext(entry[1].label).casefold()

    return sorted(((k, i) for k, i in INDICATORS.items() if i.family == family), key=rank)


def _is_empty(card: dict[str, Any]) -> bool:
    return "rows" not in card and ("figure" not in card or card["figure"].cell.status == "no_data")


def _row(cell: Cell, scale: tuple[float, float], series: Sequence[Cell] = ()) -> Figure:
    label = " · ".join(columns.value_name(column, value) for column, value in cell.by.items())
    return figure_of(cell, scale, series, label)


def _changes(totals: Result) -> tuple[list[Figure], int]:
    """Return what changed, the bad first and the surest first, and how many were tested without a change."""
    moved = [c for c in totals if c.change and c.change.verdict in ("up", "down")]
    steady = sum(1 for c in totals if c.change and c.change.verdict == "none")

    def order(cell: Cell) -> tuple[bool, bool, float]:
        assert cell.change
        p = cell.change.adjusted_p
        return cell.change.good is True, cell.change.good is None, 1.0 if p is None else p

    return [_row(c, (0.0, 1.0)) for c in sorted(moved, key=order)], steady


@require_safe
@member("see")
def indicator(request: HttpRequest, workspace: Workspace, key: str) -> HttpResponse:
    """Show one indicator: figure, series, breakdown, definition, SQL."""
    if key not in INDICATORS:
        raise Http404(key)
    found = INDICATORS[key]
    choice = Choice.read(request.GET, workspace)
    usual = (found.always_by or found.segments or (None,))[0]
    by = choice.by or usual
    total, series, earlier = queries.indicator(workspace, key, choice)
    scale = scale_for(found, total.rows)
    headline = [_row(c, scale) for c in total.rows]
    groups = _breakdown(workspace, key, choice, by) if by else None
    context = _frame(request, workspace, choice, key) | {
        "indicator": found,
        "name": gettext(found.label),
        "about": gettext(found.about),
        "headline": headline,
        "details": details_of(total.rows[0], found) if len(total.rows) == 1 else [],
        "charts": _charts(found, series, earlier, choice),
        "grains": _menu({g: STEPS[g] for g in GRAINS}, choice.grain or ""),
        "usual_grain": gettext(STEPS[choice.steps]),
        "page_link": choice.page(usual),
        "by": by,
        "by_name": columns.column_name(by) if by else "",
        "by_columns": [(c, columns.column_name(c), c == by) for c in _columns(found, by)],
        "groups": groups,
        "definition": definition_of(found),
        "sql": "\n\n".join(total.sql().values()),
        "command": COMMANDS[found.family],
    }
    return _page(request, "insights/indicator.html", context, choice.page(usual))


def _columns(found: Any, by: str | None) -> list[str]:
    known = [*found.always_by, *found.segments, *FILTERS]
    return list(dict.fromkeys([*known, by] if by else known))


def _breakdown(workspace: Workspace, key: str, choice: Choice, by: str) -> list[Figure]:
    """Return the figures of a breakdown, largest group first; hidden and empty ones last."""
    found = INDICATORS[key]
    cells = [c for c in queries.breakdown(workspace, key, choice, by).rows if c.status != "no_data"]
    scale = close_scale(found, cells)
    return [_row(c, scale) for c in sorted(cells, key=lambda c: -(c.n or -1))]


def _charts(found: Any, series: Result, earlier: Result | None, choice: Choice) -> list[dict[str, Any]]:
    """Return the data of one chart for each group of the series that has any figure."""
    groups: dict[tuple[Any, ...], list[Cell]] = {}
    for cell in series.rows:
        groups.setdefault(tuple(cell.by.items()), []).append(cell)
    before = {k: [c for c in earlier.rows if tuple(c.by.items()) == k] for k in groups} if earlier else {}
    return [
        {
            "id": f"series-{i}",
            "script": f"series-{i}-data",
            "label": " · ".join(columns.value_name(column, value) for column, value in k),
            "data": chart_of(found, cells, before.get(k, []), choice.steps, choice.period),
        }
        for i, (k, cells) in enumerate(groups.items())
        if any(c.value is not None for c in cells)
    ]


@require_safe
@member("analyse")
def download(request: HttpRequest, workspace: Workspace, key: str) -> HttpResponse:
    """Give the series or the breakdown that the page shows as a CSV file."""
    if key not in INDICATORS:
        raise Http404(key)
    choice = Choice.read(request.GET, workspace)
    if request.GET.get("table") == "breakdown" and choice.by:
        return downloads.csv_of(queries.breakdown(workspace, key, choice, choice.by), workspace, choice, choice.by)
    _, series, _ = queries.indicator(workspace, key, choice)
    return downloads.csv_of(series, workspace, choice, choice.steps)


def _frame(request: HttpRequest, workspace: Workspace, choice: Choice, current: str = "") -> dict[str, Any]:
    """Return what every page of a workspace shows around its content: navigation, period, filters."""
    home_href = reverse("overview", args=[workspace.slug])
    first = _entry(gettext("Overview"), home_href + choice.link(), not current, "layout-dashboard")
    groups: list[dict[str, Any]] = [{"heading": "", "entries": [first]}]
    for family, label in FAMILIES.items():
        entries = [
            _entry(gettext(i.label), reverse("indicator", args=[workspace.slug, k]) + choice.link(), k == current)
            for k, i in _ordered(family)
        ]
        groups.append({"heading": gettext(label), "entries": entries})
    return {
        "workspace": workspace,
        "choice": choice,
        "link": choice.link(),
        "overview_href": home_href + choice.link(),
        "navigation": groups,
        "presets": _menu(PRESETS, choice.preset),
        "preset": gettext(PRESETS[choice.preset]) if choice.preset in PRESETS else gettext("Chosen days"),
        "days": words.days(choice.period),
        "before_days": words.days(_before(choice)) if choice.compare else "",
        "first_day": choice.period.start.isoformat(),
        "last_day": words.last_day(choice.period).isoformat(),
        "comparisons": _menu(COMPARED, choice.compare or "none"),
        "compared": gettext(COMPARED[choice.compare or "none"]),
        "filters": [_filter(workspace, choice, name) for name in FILTERS],
        "filtered": bool(choice.segment),
        "unfiltered": request.path + choice.link(**dict.fromkeys(FILTERS)),
    }


def _before(choice: Choice) -> Any:
    return choice.period.previous() if choice.compare == "previous" else choice.period.year_before()


def _entry(label: str, href: str, current: bool, icon: str = "") -> dict[str, Any]:
    return {"label": label, "href": href, "current": current, "icon": icon}


def _menu(entries: Any, chosen: str) -> list[dict[str, Any]]:
    return [{"value": k, "label": gettext(label), "chosen": k == chosen} for k, label in entries.items()]


def _filter(workspace: Workspace, choice: Choice, name: str) -> dict[str, Any]:
    """Return a filter's menu: the values that the facts have, and those that the address asks for."""
    asked = choice.segment.get(name, ())
    values = list(dict.fromkeys([*queries.values(workspace, name), *asked]))
    entries = [
        {"value": NOT_KNOWN if v is None else v, "label": columns.value_name(name, v), "chosen": v in asked}
        for v in values
    ]
    chosen = [e["label"] for e in entries if e["chosen"]]
    return {"name": name, "label": columns.column_name(name), "entries": entries, "chosen": ", ".join(map(str, chosen))}


def _page(request: HttpRequest, template: str, context: dict[str, Any], query: str) -> HttpResponse:
    response = render(request, template, context)
    if getattr(request, "htmx", False):
        # The form sends every field; the address in the browser keeps only what differs from the defaults.
        response["HX-Push-Url"] = request.path + query
    return response
