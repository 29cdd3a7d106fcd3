"""One indicator: figure, series with annotations, breakdown, definition, SQL."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.query import GRAINS
from percorso.analytics.result import Cell, Result
from percorso.base import columns
from percorso.i18n import mark
from percorso.insights import queries
from percorso.insights.cards import COMMANDS, in_currency, row
from percorso.insights.definition import definition_of, details_of
from percorso.insights.downloads import FORMS
from percorso.insights.figures import Figure, chart_of, close_scale, scale_for
from percorso.insights.forms import FILTERS, Choice
from percorso.insights.goals.shown import goals_of, with_lines
from percorso.insights.models import Annotation
from percorso.insights.views.around import bar, menu, page, with_choice

STEPS = {
    "hour": mark("Hours"),
    "day": mark("Days"),
    "week": mark("Weeks"),
    "month": mark("Months"),
    "quarter": mark("Quarters"),
    "year": mark("Years"),
}
GROUPS = 100


@require_safe
@member("see")
@with_choice
def indicator(request: HttpRequest, workspace: Workspace, choice: Choice, key: str) -> HttpResponse:
    """Show one indicator."""
    if key not in INDICATORS:
        raise Http404(key)
    found = INDICATORS[key]
    usual = usual_column(key)
    total, series, earlier = queries.indicator(workspace, key, choice)
    scales = {c.currency: scale_for(found, in_currency(total.rows, c)) for c in total.rows}
    written = list(queries.annotations(workspace, key, choice))
    link = choice.page(usual)
    context = bar(request, workspace, choice) | {
        "indicator": found,
        "name": gettext(found.label),
        "about": gettext(found.about),
        "headline": [row(c, scales[c.currency], beside=choice.beside) for c in total.rows],
        "details": details_of(total.rows[0], found) if len(total.rows) == 1 else [],
        "charts": charts(found, series, earlier, choice, written),
        **goals_of(workspace, found, choice),
        "annotations": written,
        "grains": menu({g: STEPS[g] for g in GRAINS}, choice.grain or ""),
        "usual_grain": gettext(STEPS[choice.steps]),
        "download_forms": [(form, gettext(label), icon) for form, (label, icon) in FORMS.items()],
        "download_query": f"&{link[1:]}" if link else "",
        "personal": getattr(found, "population", "") != "employee",
        "definition": definition_of(found),
        "sql": "\n\n".join(total.sql().values()),
        "command": COMMANDS[found.family],
    }
    context["charts"] = [
        chart | {"data": with_lines(chart["data"], found, context["lines"])} for chart in context["charts"]
    ]
    return page(request, "insights/indicator.html", context | _breakdown(workspace, key, choice), link)


def usual_column(key: str) -> str | None:
    """Return the column by which an indicator is broken down unless another is asked for."""
    found = INDICATORS[key]
    return (found.always_by or found.segments or (None,))[0]


def by_of(key: str, choice: Choice) -> tuple[str, ...]:
    """Return the one or two columns of the breakdown that the page shows; none when the indicator has no column."""
    by = choice.by or usual_column(key)
    return tuple(dict.fromkeys(c for c in (by, choice.then) if c)) if by else ()


def _breakdown(workspace: Workspace, key: str, choice: Choice) -> dict[str, Any]:
    """Return the figures of a breakdown, the largest group first, and the columns to choose from."""
    found, by = INDICATORS[key], by_of(key, choice)
    known = list(dict.fromkeys([*found.always_by, *found.segments, *FILTERS, *by]))
    groups = _groups(workspace, key, choice, by) if by else []
    return {
        "by": by,
        "by_name": " · ".join(columns.column_name(c) for c in by),
        "by_columns": [(c, columns.column_name(c), c == by[0]) for c in known] if by else [],
        "then_columns": [(c, columns.column_name(c), c in by[1:]) for c in known if c not in by[:1]],
        "groups": groups[:GROUPS],
        # Amounts of several currencies are each drawn on a scale of their own.
        "several_scales": len({figure.cell.currency for figure in groups[:GROUPS]}) > 1,
        "smaller": len(groups) - GROUPS,
    }


def _groups(workspace: Workspace, key: str, choice: Choice, by: tuple[str, ...]) -> list[Figure]:
    """Return the figures of the groups that have any fact, the largest first."""
    cells = [c for c in queries.breakdown(workspace, key, choice, by).rows if c.status != "no_data"]
    scales = {c.currency: close_scale(INDICATORS[key], in_currency(cells, c)) for c in cells}
    return [row(c, scales[c.currency], beside=choice.beside) for c in sorted(cells, key=lambda c: -(c.n or -1))]


def charts(
    found: Any, series: Result, earlier: Result | None, choice: Choice, written: Sequence[Annotation]
) -> list[dict[str, Any]]:
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
            "data": chart_of(found, cells, before.get(k, []), choice.steps, choice.period, [a.day for a in written]),
        }
        for i, (k, cells) in enumerate(groups.items())
        if any(c.value is not None for c in cells)
    ]
