"""The page of retention: who comes back, by when they began and how long after."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.retention import KINDS
from percorso.analytics.segments import AllOf, Did, NotIn, Where, to_json
from percorso.base import columns
from percorso.customers.segments.actions import make_segment
from percorso.customers.segments.builder import told
from percorso.customers.segments.queries import columns as columns_of_events
from percorso.engagement import asking, files, steps
from percorso.engagement.funnels.forms import BY
from percorso.engagement.retention import queries, shown
from percorso.engagement.retention.forms import BRACKETS, Asked, SegmentForm
from percorso.engagement.steps import Row
from percorso.engagement.tabs import tabs
from percorso.engagement.waiting import answer_page
from percorso.errors import BadQuestion
from percorso.insights.forms import Choice
from percorso.insights.views.around import bar, choice_of, menu, with_choice

QUIET_DAYS = {"day": 7, "week": 28, "month": 90, "quarter": 180, "year": 365}


@require_safe
@member("see")
@with_choice
def retention(request: HttpRequest, workspace: Workspace, choice: Choice) -> HttpResponseBase:
    """Show what can be chosen and the table of cohorts."""
    asked = _asked(request)
    intervals = "1" if request.GET.get("intervals") else ""
    return answer_page(
        request,
        workspace,
        choice,
        "engagement/retention/retention",
        asked.link | {"intervals": intervals},
        not asked.start.event or _is_kept(workspace, choice, asked),
        lambda: _chosen(request, workspace, choice, asked),
        lambda: _result(workspace, choice, asked) | {"intervals": intervals},
    )


@require_safe
@member("analyse")
def file(request: HttpRequest, workspace: Workspace, form: str) -> HttpResponse:
    """Give the cohorts as a file."""
    choice, asked = choice_of(request, workspace), _asked(request)
    result = queries.answer(workspace, _question(workspace, choice, asked), asking.rule_in(choice))
    return files.download(request, workspace, shown.table(result, asked), form)


@require_POST
@member("analyse")
def segment(request: HttpRequest, workspace: Workspace) -> HttpResponseBase:
    """Make a segment of who once began and has not come back for so many days."""
    choice, asked, form = choice_of(request, workspace), _asked(request), SegmentForm(request.POST)
    back = reverse("retention", args=[workspace.slug]) + choice.link(**asked.link, period=choice.preset)
    if not form.is_valid() or not asked.start.event:
        messages.error(request, gettext("Give the segment a name, and a number of days from 1 to 3,650."))
        return redirect(back)
    gone = NotIn(
        Did("events", _where(asked.back if asked.back.event else asked.start), 1, None, form.cleaned_data["days"])
    )
    rule = asking.rule_named(choice, AllOf((Did("events", _where(asked.start)), gone)))
    try:
        made = make_segment(workspace, name=form.cleaned_data["name"], rule=to_json(rule), by=request.user)  # type: ignore[arg-type]
    except BadQuestion as error:
        messages.error(request, told(error))
        return redirect(back)
    messages.success(request, gettext("The segment stands. Every figure can be seen for it."))
    return redirect("segment", workspace.slug, made.slug)


def _where(row: Row) -> tuple[Where, ...]:
    step = row.step
    return (Where("name", (step.event,)), *(Where(column, (value,)) for column, value in step.where))


def _asked(request: HttpRequest) -> Asked:
    """Return the retention of the address.

    Raises
    ------
    PermissionDenied : it tells events or groups apart by personal data, which the role may not see.
    """
    asked = Asked.read(request.GET)
    personal = request.membership.may("personal")  # type: ignore[attr-defined]
    if not personal and (steps.personal((asked.start, asked.back)) or (asked.by and columns.tells_who(asked.by))):
        raise PermissionDenied
    return asked


def _question(workspace: Workspace, choice: Choice, asked: Asked) -> Any:
    return asked.question(workspace.slug, choice.period, workspace.time_zone)


def _is_kept(workspace: Workspace, choice: Choice, asked: Asked) -> bool:
    return queries.is_kept(workspace, _question(workspace, choice, asked), asking.rule_in(choice))


def _chosen(request: HttpRequest, workspace: Workspace, choice: Choice, asked: Asked) -> dict[str, Any]:
    """Return what stands above the result: bar, tabs, and what can be chosen."""
    known = asking.names(workspace, choice.period)
    personal = bool(request.membership.may("personal"))  # type: ignore[attr-defined]
    every = [*columns.STEP_COLUMNS, *(columns_of_events(workspace, "events", True) if personal else ())]
    around = bar(request, workspace, choice)
    return around | {
        "asked": asked,
        "intervals": request.GET.get("intervals"),
        "tabs": tabs(workspace, "retention", choice.link()),
        "filters": [entry for entry in around["filters"] if entry["name"] == asking.COUNTRY],
        "names": known,
        "ever": bool(known) or bool(asking.names(workspace)),
        "offered": [(name, choice.link(start=name)) for name, _ in known[:6]],
        "events": [_event(asked.start, "start", every), _event(asked.back, "return", every)],
        "grains": menu(shown.GRAINS, asked.grain),
        "kinds": menu(KINDS, asked.kind),
        "brackets": ", ".join(f"{low}-{high}" for low, high in asked.brackets) or BRACKETS[asked.grain],
        "by_columns": [
            (name, columns.column_name(name), name == asked.by)
            for name in dict.fromkeys((*BY, *filter(None, [asked.by])))
        ],
    }


def _event(row: Row, name: str, every: list[str]) -> dict[str, Any]:
    known = dict.fromkeys([*every, *filter(None, [row.column])])
    return {
        "name": name,
        "start": name == "start",
        "row": row,
        "columns": [(column, columns.column_name(column), column == row.column) for column in known],
    }


def _result(workspace: Workspace, choice: Choice, asked: Asked) -> dict[str, Any]:
    """Return what the retention gives; nothing while no event is chosen."""
    if not asked.start.event:
        return {}
    result = queries.answer(workspace, _question(workspace, choice, asked), asking.rule_in(choice))
    if not result.total.cohorts:
        return {"empty": True}
    query = choice.link(**asked.link, period=choice.preset)
    return {
        "began": shown.cohorts(result),
        "headline": shown.headline(result, asked),
        "offsets": shown.offsets(result),
        "table": shown.table_of(result.total, result),
        "curve": shown.curve(result),
        "groups": shown.groups(result),
        "more_groups": max(0, len(result.groups) - shown.GROUPS),
        "by_name": columns.column_name(asked.by) if asked.by else "",
        "definition": shown.question(asked),
        "sql": result.sql,
        "quiet_days": QUIET_DAYS[asked.grain],
        "back": asked.back.step.label if asked.back.event else asked.start.step.label,
        "downloads": [
            (reverse("retention_file", args=[workspace.slug, form]) + query, gettext(text), icon)
            for form, (text, icon) in files.FORMS.items()
        ],
        "link_post": query,
    }
