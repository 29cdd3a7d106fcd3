"""Collection plans, one of their items with its groups, who was not heard, and the sample-size calculator."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.format import format_value
from percorso.base import columns, words
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.goals.queries import today
from percorso.insights.goals.shown import day
from percorso.insights.models import Plan, PlanItem
from percorso.insights.plans import actions, queries, shown
from percorso.insights.plans.forms import CalculatorForm, ItemForm, PlanForm
from percorso.insights.programme import tabs

ROWS = 50
WHO = {"not_asked": mark("Not asked"), "silent": mark("Asked, not answered")}


@require_safe
@member("see")
def plans(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List the plans."""
    now = today(workspace)
    rows = [
        {
            "plan": plan,
            "days": (day(plan.starts), day(plan.ends)),
            "count": words.count(len(plan.items.all())),
            "running": plan.starts <= now <= plan.ends,
            "over": plan.ends < now,
        }
        for plan in queries.plans(workspace)
    ]
    return render(request, "insights/plans.html", {"rows": rows, "tabs": tabs(workspace, "plans")})


@require_safe
@member("see")
def plan(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show what a plan asks, how many answers there are, and when there will be enough."""
    found = _plan(workspace, pk)
    by = _columns(request, workspace)[:1]
    lines = []
    for item in queries.items(found):
        made = queries.progress(workspace, found, item)
        lines.append(shown.line_of(made, queries.groups(workspace, found, item, by, made.cell) if by else None))
    context = {
        "plan": found,
        "days": (day(found.starts), day(found.ends)),
        "rate": format_value(found.response_rate, "share", words.language()),
        "lines": lines,
        "by": by,
        "by_name": columns.column_name(f"customer.{by[0]}") if by else "",
        "by_columns": _menu(by[0] if by else ""),
        "warnings": [(line.name, line.warning) for line in lines if line.warning],
    }
    return render(request, "insights/plan.html", context)


@require_safe
@member("see")
def item(request: HttpRequest, workspace: Workspace, pk: int, item: int) -> HttpResponse:
    """Show one item by groups of customers: who is asked, who answers, and the figure weighted to their sizes."""
    found = _plan(workspace, pk)
    mine = _item(found, item)
    by = _columns(request, workspace)
    made = queries.progress(workspace, found, mine)
    groups = queries.groups(workspace, found, mine, by, made.cell) if by else None
    context = {
        "plan": found,
        "line": shown.line_of(made, groups),
        "rows": shown.rows_of(made, groups) if groups else [],
        "silent": shown.silent_words(groups) if groups else "",
        "by_name": " · ".join(columns.column_name(f"customer.{name}") for name in by),
        "by_columns": _menu(by[0] if by else ""),
        "then_columns": [entry for entry in _menu(by[1] if len(by) > 1 else "") if entry[0] not in by[:1]],
        "not_asked": words.count(made.reach.people - made.reach.asked),
        "not_answered": words.count(made.reach.asked - made.reach.asked_and_responded),
        "who": [(key, gettext(label)) for key, label in WHO.items()],
    }
    return render(request, "insights/plan_item.html", context)


@require_safe
@member("personal")
def customers(request: HttpRequest, workspace: Workspace, pk: int, item: int) -> HttpResponse:
    """List the customers who were not asked, or did not answer."""
    found = _plan(workspace, pk)
    mine = _item(found, item)
    who = request.GET.get("who", "not_asked")
    if who not in WHO:
        raise Http404(who)
    rows = queries.not_heard(workspace, found, mine, who, ROWS + 1, request.GET.get("after", ""))  # type: ignore[arg-type]
    more = urlencode({"who": who, "after": rows[ROWS - 1]["customer"]}) if len(rows) > ROWS else ""
    here = reverse("plan_customers", args=[workspace.slug, pk, item])
    context = {
        "plan": found,
        "item": mine,
        "experience": shown.experience_of(mine),
        "heading": gettext(WHO[who]),
        "rows": [{"id": row["customer"], "name": row["name"] or row["customer"]} for row in rows[:ROWS]],
        "more": more,
        "first": f"?{urlencode({'who': who})}" if "after" in request.GET else "",
        "tabs": [
            {"label": gettext(label), "href": f"{here}?{urlencode({'who': key})}", "current": key == who}
            for key, label in WHO.items()
        ],
    }
    return render(request, "insights/plan_customers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def plan_new(request: HttpRequest, workspace: Workspace) -> HttpResponseBase:
    """Make a plan."""
    now = today(workspace)
    form = PlanForm(request.POST or None, starts=now, ends=now + timedelta(days=90), rate=20)
    if form.is_valid():
        made = actions.make_plan(workspace, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The plan is made. Add what it shall measure."))
        return redirect("plan", workspace.slug, made.pk)
    return _plan_form(request, form, reverse("plans", args=[workspace.slug]))


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def plan_change(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Change name, days and expected response rate of a plan."""
    found = _plan(workspace, pk)
    form = PlanForm(request.POST or None, found)
    if form.is_valid():
        actions.change_plan(found, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The plan was changed."))
        return redirect("plan", workspace.slug, pk)
    return _plan_form(request, form, reverse("plan", args=[workspace.slug, pk]), found)


@require_POST
@member("analyse")
def plan_remove(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Take a plan away."""
    actions.remove_plan(_plan(workspace, pk), by=request.user)  # type: ignore[arg-type]
    messages.success(request, gettext("The plan was removed. The answers stay."))
    return redirect("plans", workspace.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def item_new(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Add an indicator of an experience to a plan."""
    found = _plan(workspace, pk)
    form = ItemForm(request.POST or None, workspace, queries.experiences(workspace))
    if form.is_valid():
        actions.add_item(found, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("It is in the plan."))
        return redirect("plan", workspace.slug, pk)
    return _item_form(request, form, found)


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def item_change(request: HttpRequest, workspace: Workspace, pk: int, item: int) -> HttpResponseBase:
    """Change an item of a plan."""
    found = _plan(workspace, pk)
    mine = _item(found, item)
    form = ItemForm(request.POST or None, workspace, queries.experiences(workspace), mine)
    if form.is_valid():
        actions.change_item(mine, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The plan was changed."))
        return redirect("plan_item", workspace.slug, pk, item)
    return _item_form(request, form, found, mine)


@require_POST
@member("analyse")
def item_remove(request: HttpRequest, workspace: Workspace, pk: int, item: int) -> HttpResponseBase:
    """Take an item out of its plan."""
    actions.remove_item(_item(_plan(workspace, pk), item), by=request.user)  # type: ignore[arg-type]
    messages.success(request, gettext("The plan was changed."))
    return redirect("plan", workspace.slug, pk)


@require_safe
@member("see")
def calculator(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Say how many answers a precision needs, without any plan."""
    form = CalculatorForm(request.GET if "kind" in request.GET else None)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        try:
            needed, each = form.answered()
            context |= {"needed": needed, "each": words.count(each)}
        except BadQuestion as error:
            form.add_error(None, gettext(error.message).format(**error.params))
    return render(request, "insights/calculator.html", context, status=400 if form.errors else 200)


def _plan(workspace: Workspace, pk: int) -> Plan:
    return get_object_or_404(Plan, workspace=workspace, pk=pk)


def _item(plan: Plan, pk: int) -> PlanItem:
    found = next((each for each in queries.items(plan) if each.pk == pk), None)
    if found is None:
        raise Http404(pk)
    return found


def _columns(request: HttpRequest, workspace: Workspace) -> tuple[str, ...]:
    """Return the one or two columns of the customer that make the groups; none when no column tells groups apart."""
    asked = [request.GET.get(name, "") for name in ("by", "then")]
    known = tuple(dict.fromkeys(name for name in asked if name in queries.COLUMNS))
    if known:
        return known
    usual = queries.usual_column(workspace)
    return (usual,) if usual else ()


def _menu(chosen: str) -> list[tuple[str, str, bool]]:
    return [(name, columns.column_name(f"customer.{name}"), name == chosen) for name in queries.COLUMNS]


def _plan_form(request: HttpRequest, form: PlanForm, back: str, found: Plan | None = None) -> HttpResponse:
    context = {"form": form, "back": back, "found": found}
    return render(request, "insights/plan_form.html", context, status=400 if form.errors else 200)


def _item_form(request: HttpRequest, form: ItemForm, plan: Plan, found: PlanItem | None = None) -> HttpResponse:
    slug = plan.workspace.slug
    back = reverse("plan_item", args=[slug, plan.pk, found.pk]) if found else reverse("plan", args=[slug, plan.pk])
    context = {"form": form, "plan": plan, "found": found, "back": back}
    return render(request, "insights/plan_item_form.html", context, status=400 if form.errors else 200)
