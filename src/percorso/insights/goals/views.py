"""Goals and benchmarks: lists, one goal with its outlook, and what changes them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator
from percorso.insights.figures import figure_of
from percorso.insights.goals import actions, queries, shown
from percorso.insights.goals.forms import BenchmarkForm, GoalForm, IndicatorForm
from percorso.insights.models import Benchmark, Goal
from percorso.insights.programme import tabs


@require_safe
@member("see")
def goals(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List the goals: how far each is, and how probable."""
    found = [shown.line_of(each) for each in queries.standings(workspace, queries.goals(workspace))]
    return render(request, "insights/goals.html", {"lines": found, "tabs": tabs(workspace, "goals")})


@require_safe
@member("see")
def goal(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show one goal: figure, trend, what is worked on."""
    standing = queries.standing(workspace, _goal(workspace, pk))
    found, indicator = standing.goal, standing.indicator
    others = list(queries.benchmarks(workspace, found.indicator))
    drivers = tuple(key for key in found.drivers if key in INDICATORS)
    context = {
        "line": shown.line_of(standing),
        "indicator": indicator,
        "name": gettext(indicator.label),
        "segment": shown.about_segment(found.segment),
        "baseline": shown.value_of(standing, found.baseline) if found.baseline is not None else "",
        "started": shown.day(found.starts),
        "expected": shown.trend_words(indicator, standing.outlook.due, standing.now.currency)
        if standing.outlook.due
        else "",
        "standing": standing,
        "charts": _chart(standing, others),
        "benchmarks": [(b, shown.reached(b)) for b in others],
        "drivers": [figure_of(c) for c in queries.figures_now(workspace, drivers, found.segment).values()],
    }
    return render(request, "insights/goal.html", context)


def _chart(standing: queries.Standing, others: list[Benchmark]) -> list[dict[str, Any]]:
    if all(cell.value is None for cell in standing.series):
        return []
    return [{"id": "goal-series", "script": "goal-data", "label": "", "data": shown.chart_data(standing, others)}]


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def goal_new(request: HttpRequest, workspace: Workspace) -> HttpResponseBase:
    """Set a goal: first its indicator, then all else."""
    indicator = _chosen(request)
    if indicator is None:
        return _choose(request, gettext("Set a goal"), reverse("goals", args=[workspace.slug]))
    form = GoalForm(request.POST or None, workspace, indicator)
    if form.is_valid():
        made = actions.make_goal(workspace, indicator=indicator.key, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The goal is set."))
        return redirect("goal", workspace.slug, made.pk)
    return _form(request, workspace, form, indicator)


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def goal_change(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Change a goal."""
    found = _goal(workspace, pk)
    form = GoalForm(request.POST or None, workspace, INDICATORS[found.indicator], found)
    if form.is_valid():
        actions.change_goal(found, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The goal was changed."))
        return redirect("goal", workspace.slug, pk)
    return _form(request, workspace, form, INDICATORS[found.indicator], found)


@require_POST
@member("analyse")
def goal_remove(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Take a goal away."""
    actions.remove_goal(_goal(workspace, pk), by=request.user)  # type: ignore[arg-type]
    messages.success(request, gettext("The goal was removed."))
    return redirect("goals", workspace.slug)


def _goal(workspace: Workspace, pk: int) -> Goal:
    return get_object_or_404(queries.goals(workspace), pk=pk)


def _chosen(request: HttpRequest) -> Indicator | None:
    """Return the indicator that the address names; None when it names none that can have a goal."""
    key = request.GET.get("indicator", "")
    return INDICATORS[key] if key in INDICATORS and queries.can_have_goal(INDICATORS[key]) else None


def _choose(request: HttpRequest, heading: str, back: str) -> HttpResponse:
    """Ask for the indicator, on which the rest of the form depends."""
    return render(request, "insights/goals_choose.html", {"form": IndicatorForm(), "heading": heading, "back": back})


def _form(
    request: HttpRequest, workspace: Workspace, form: GoalForm, indicator: Indicator, found: Goal | None = None
) -> HttpResponse:
    now = queries.figure_now(workspace, indicator.key, found.segment if found else None)
    others = [(b, shown.reached(b)) for b in queries.benchmarks(workspace, indicator.key)]
    context = {
        "form": form,
        "indicator": indicator,
        "name": gettext(indicator.label),
        "about": gettext(indicator.about),
        "now": figure_of(now),
        "benchmarks": others,
        "found": found,
        "back": reverse("goal", args=[workspace.slug, found.pk]) if found else reverse("goals", args=[workspace.slug]),
    }
    return render(request, "insights/goals_form.html", context, status=400 if form.errors else 200)


@require_safe
@member("see")
def benchmarks(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List what others reach, beside the own figures."""
    found = list(queries.benchmarks(workspace))
    keys = tuple(dict.fromkeys(b.indicator for b in found))
    now = queries.figures_now(workspace, keys)
    rows = [
        {
            "benchmark": b,
            "name": gettext(INDICATORS[b.indicator].label),
            "value": shown.reached(b),
            "now": figure_of(now[b.indicator]),
        }
        for b in found
    ]
    return render(request, "insights/benchmarks.html", {"rows": rows, "tabs": tabs(workspace, "benchmarks")})


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def benchmark_new(request: HttpRequest, workspace: Workspace) -> HttpResponseBase:
    """Write down what others reach: first the indicator, then all else."""
    indicator, back = _chosen(request), reverse("benchmarks", args=[workspace.slug])
    if indicator is None:
        return _choose(request, gettext("Add a benchmark"), back)
    form = BenchmarkForm(request.POST or None, indicator)
    if form.is_valid():
        actions.make_benchmark(workspace, indicator=indicator.key, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The benchmark stands on the indicator's page."))
        return redirect("benchmarks", workspace.slug)
    return _benchmark_form(request, form, indicator, back)


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def benchmark_change(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Change a benchmark."""
    found = get_object_or_404(queries.benchmarks(workspace), pk=pk)
    indicator = INDICATORS[found.indicator]
    form = BenchmarkForm(request.POST or None, indicator, found)
    if form.is_valid():
        # The form has written into its instance already; the log tells what the row said.
        actions.change_benchmark(Benchmark.objects.get(pk=pk), **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The benchmark was changed."))
        return redirect("benchmarks", workspace.slug)
    return _benchmark_form(request, form, indicator, reverse("benchmarks", args=[workspace.slug]), found)


@require_POST
@member("analyse")
def benchmark_remove(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Take a benchmark away."""
    actions.remove_benchmark(get_object_or_404(Benchmark, workspace=workspace, pk=pk), by=request.user)  # type: ignore[arg-type]
    messages.success(request, gettext("The benchmark was removed."))
    return redirect("benchmarks", workspace.slug)


def _benchmark_form(
    request: HttpRequest, form: BenchmarkForm, indicator: Indicator, back: str, found: Benchmark | None = None
) -> HttpResponse:
    context = {"form": form, "indicator": indicator, "name": gettext(indicator.label), "found": found, "back": back}
    return render(request, "insights/benchmark_form.html", context, status=400 if form.errors else 200)
