"""The page of funnels: a builder whose address says everything, and what it gives."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.funnel import ANCHORS, MODES
from percorso.analytics.segments import to_json
from percorso.base import columns
from percorso.customers.segments.actions import make_segment
from percorso.customers.segments.builder import told
from percorso.customers.segments.queries import columns as columns_of_events
from percorso.engagement import asking, files, steps
from percorso.engagement.funnels import queries, shown
from percorso.engagement.funnels.actions import remove_funnel, save_funnel
from percorso.engagement.funnels.forms import BY, Asked, SavedForm, SegmentForm
from percorso.engagement.funnels.ready import ready_for
from percorso.engagement.models import SavedFunnel
from percorso.engagement.steps import NOTHING, Row
from percorso.engagement.tabs import tabs
from percorso.engagement.waiting import answer_page
from percorso.errors import BadQuestion
from percorso.insights.forms import Choice
from percorso.insights.views.around import bar, choice_of, menu, with_choice

SHORTEST = 2


@require_safe
@member("see")
@with_choice
def funnels(request: HttpRequest, workspace: Workspace, choice: Choice) -> HttpResponseBase:
    """Show the builder and what the funnel gives."""
    asked = _asked(request)
    if do := request.GET.get("do"):
        return redirect(request.path + choice.link(**asked.changed(do).whole_link, period=choice.preset))
    return answer_page(
        request,
        workspace,
        choice,
        "engagement/funnels/funnels",
        asked.link,
        not asked.steps or _is_kept(workspace, choice, asked),
        lambda: _builder(request, workspace, choice, asked),
        lambda: _result(workspace, choice, asked),
    )


@require_safe
@member("analyse")
def file(request: HttpRequest, workspace: Workspace, table: str, form: str) -> HttpResponse:
    """Give a table of the page as a file."""
    choice, asked = choice_of(request, workspace), _asked(request)
    result = queries.answer(workspace, queries.question(workspace, choice, asked), asking.rule_in(choice))
    return files.download(request, workspace, shown.table(result, asked, table), form)


@require_POST
@member("edit")
def save(request: HttpRequest, workspace: Workspace) -> HttpResponseBase:
    """Keep the funnel of the address by a name."""
    choice, asked, form = choice_of(request, workspace), _asked(request), SavedForm(request.POST)
    back = reverse("funnels", args=[workspace.slug]) + choice.link(**asked.link, period=choice.preset)
    if not form.is_valid():
        messages.error(request, gettext("Give a name of at most 80 characters."))
        return redirect(back)
    try:
        save_funnel(workspace, name=form.cleaned_data["name"], asked=asked, by=request.user)  # type: ignore[arg-type]
    except BadQuestion as error:
        messages.error(request, told(error))
        return redirect(back)
    messages.success(request, gettext("The funnel is kept for everybody in this workspace."))
    return redirect(back)


@require_POST
@member("edit")
def remove(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Keep a funnel no longer."""
    found = get_object_or_404(SavedFunnel.objects.select_related("workspace"), workspace=workspace, pk=pk)
    remove_funnel(found, by=request.user)  # type: ignore[arg-type]
    messages.success(request, gettext("The funnel was removed. Segments that were made of it stay."))
    return redirect("funnels", workspace.slug)


@require_POST
@member("analyse")
def segment(request: HttpRequest, workspace: Workspace) -> HttpResponseBase:
    """Make a segment of who stopped at a step of the funnel of the address."""
    choice, asked, form = choice_of(request, workspace), _asked(request), SegmentForm(request.POST)
    back = reverse("funnels", args=[workspace.slug]) + choice.link(**asked.link, period=choice.preset)
    if not form.is_valid() or form.cleaned_data["stopped_at"] > len(asked.steps):
        messages.error(request, gettext("Give the segment a name and choose a step."))
        return redirect(back)
    days = (choice.period.end - choice.period.start).days
    since, before = choice.period.bounds
    span = {"days": days} if form.cleaned_data["days"] == "last" else {"days": None, "since": since, "before": before}
    rule = asking.rule_named(choice, asked.went(form.cleaned_data["stopped_at"], **span))
    try:
        made = make_segment(workspace, name=form.cleaned_data["name"], rule=to_json(rule), by=request.user)  # type: ignore[arg-type]
    except BadQuestion as error:
        messages.error(request, told(error))
        return redirect(back)
    messages.success(request, gettext("The segment stands. Every figure can be seen for it."))
    return redirect("segment", workspace.slug, made.slug)


def _asked(request: HttpRequest) -> Asked:
    """Return the funnel of the address.

    Raises
    ------
    PermissionDenied : it tells steps or groups apart by personal data, which the role may not see.
    """
    asked = Asked.read(request.GET)
    personal = request.membership.may("personal")  # type: ignore[attr-defined]
    if not personal and (steps.personal(asked.rows) or (asked.by and columns.tells_who(asked.by))):
        raise PermissionDenied
    return asked


def _is_kept(workspace: Workspace, choice: Choice, asked: Asked) -> bool:
    return queries.is_kept(workspace, queries.question(workspace, choice, asked), asking.rule_in(choice))


def _builder(request: HttpRequest, workspace: Workspace, choice: Choice, asked: Asked) -> dict[str, Any]:
    """Return what stands above the result: bar, tabs, ready and kept funnels, the steps and what they offer."""
    known = asking.names(workspace, choice.period)
    personal = bool(request.membership.may("personal"))  # type: ignore[attr-defined]
    around = bar(request, workspace, choice)
    kept = [(row, choice.link(**row.asked)) for row in queries.saved(workspace)]
    rows = [*asked.rows, *[NOTHING] * (SHORTEST - len(asked.rows))]
    return around | {
        "asked": asked,
        "link_here": choice.link(**asked.link),
        "tabs": tabs(workspace, "funnels", choice.link()),
        "filters": [entry for entry in around["filters"] if entry["name"] == asking.COUNTRY],
        "link": choice.link(),
        "names": known,
        "ever": bool(known) or bool(asking.names(workspace)),
        "ready": [
            {"name": gettext(r.name), "about": gettext(r.about), "href": choice.link(**r.link)}
            for r in ready_for([name for name, _ in known])
        ],
        "kept": [{"row": row, "href": href, "current": href == choice.link(**asked.link)} for row, href in kept],
        "rows": _rows(rows, _columns(workspace, personal, rows)),
        "numbers": [(i, row.event) for i, row in enumerate(asked.steps, start=1)],
        "without": asked.without,
        "windows": shown.windows(asked),
        "modes": menu(MODES, asked.mode),
        "anchors": menu(ANCHORS, asked.anchor),
        "by_columns": [
            (name, columns.column_name(name), name == asked.by)
            for name in dict.fromkeys((*BY, *filter(None, [asked.by])))
        ],
        "details": asked.anchor != "first" or bool(asked.without),
        "days_long": (choice.period.end - choice.period.start).days,
    }


def _columns(workspace: Workspace, personal: bool, rows: list[Row]) -> list[str]:
    every = [*columns.STEP_COLUMNS, *(columns_of_events(workspace, "events", True) if personal else ())]
    return list(dict.fromkeys([*every, *(row.column for row in rows if row.column)]))


def _rows(rows: list[Row], known: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "index": i,
            "number": i + 1,
            "row": row,
            "first": i == 0,
            "last": i == len(rows) - 1,
            "columns": [(name, columns.column_name(name), name == row.column) for name in known],
        }
        for i, row in enumerate(rows)
    ]


def _result(workspace: Workspace, choice: Choice, asked: Asked) -> dict[str, Any]:
    """Return what the funnel gives; nothing while no step is chosen."""
    if not asked.steps:
        return {}
    query = queries.question(workspace, choice, asked)
    result = queries.answer(workspace, query, asking.rule_in(choice))
    found = result.total
    if not found.n:
        return {"found": found, "empty": True}
    assert query.grain is not None
    return {
        "found": found,
        "steps": shown.steps(found, asked),
        "headline": shown.headline(found, asked),
        "times": shown.times(found),
        "series": shown.series(result, query.grain, workspace.time_zone),
        "groups": shown.groups(result),
        "smaller": shown.smaller(result),
        "by_name": columns.column_name(asked.by) if asked.by else "",
        "step_names": shown.labels(asked)[1:],
        "definition": shown.question(asked),
        "sql": result.sql,
        "downloads": _downloads(workspace, choice, asked),
        "days_long": (choice.period.end - choice.period.start).days,
        "link_here": choice.link(**asked.link, period=choice.preset),
        "several": len(asked.steps) > 1,
    }


def _downloads(workspace: Workspace, choice: Choice, asked: Asked) -> list[dict[str, Any]]:
    """Return the menu of files: each table in each form."""
    tables = [("steps", gettext("Steps")), ("series", gettext("Over time"))]
    if asked.by:
        name = gettext("Breakdown by {column}").format(column=columns.column_name(asked.by))
        tables.append(("groups", name))
    query = choice.link(**asked.link, period=choice.preset)
    return [
        {
            "label": label,
            "forms": [
                (reverse("funnels_file", args=[workspace.slug, table, form]) + query, gettext(text), icon)
                for form, (text, icon) in files.FORMS.items()
            ],
        }
        for table, label in tables
    ]
