"""Alerts: the alarms that are open and over, what is watched, and its preview on the past."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.base.models import Job
from percorso.errors import BadQuestion
from percorso.insights.alerting import actions, previews, queries, shown
from percorso.insights.alerting.forms import WatchForm
from percorso.insights.alerting.looking import today
from percorso.insights.alerting.previews import Draft, form_of
from percorso.insights.alerts import ALERTS
from percorso.insights.models import Alarm, Watch

CLOSED = 20
SNOOZES = {"day": 1, "week": 7, "month": 30}
# The usual one first, then by how often they are wanted.
ORDER = ("change", "threshold", "goal", "trend", "churn", "mix", "silence")
ICONS = {
    "change": "bolt", "threshold": "minus", "goal": "flag", "trend": "chart-dots", "churn": "users", "mix": "filter",
    "silence": "bell-off",
}  # fmt: skip


@require_safe
@member("see")
def alarms(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Show the alarms: open ones, those put aside, those that are over."""
    day = today(workspace)
    page = Paginator(queries.closed_alarms(workspace), CLOSED).get_page(request.GET.get("page"))
    watches = list(workspace.watches.values_list("active", flat=True))
    context = {
        "open": shown.cards_of(workspace, queries.open_alarms(workspace, day)),
        "snoozed": shown.cards_of(workspace, queries.snoozed_alarms(workspace, day), draw=False),
        "closed": shown.cards_of(workspace, page, draw=False),
        "page": page,
        "watches": len(watches),
        "active": sum(watches),
        "tabs": _tabs(workspace, "alerts"),
    }
    return render(request, "insights/alerts/alarms.html", context)


def _tabs(workspace: Workspace, here: str) -> list[dict[str, Any]]:
    tabs = (("alerts", gettext("Alarms")), ("alerts_watches", gettext("What is watched")))
    return [
        {"label": label, "href": reverse(name, args=[workspace.slug]), "current": name == here} for name, label in tabs
    ]


@require_safe
@member("see")
def alarm(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show one alarm: what moved, since when, how sure, and which groups moved it."""
    found = _alarm(workspace, pk)
    card = shown.card_of(workspace, found, draw=False)
    lines = [card.lead, *card.others]
    charts = shown.charts_of(workspace, [line.finding for line in lines[: shown.MOST_CHARTS]])
    context = {
        "card": card,
        "rows": [(line, charts.get(line.finding.pk)) for line in lines],
        "snoozed": found.closed_at is None
        and found.snoozed_until is not None
        and found.snoozed_until > today(workspace),
        "snoozes": _snoozes(),
    }
    return render(request, "insights/alerts/alarm.html", context)


def _snoozes() -> list[tuple[str, str]]:
    return [("day", gettext("For a day")), ("week", gettext("For a week")), ("month", gettext("For a month"))]


def _alarm(workspace: Workspace, pk: int) -> Alarm:
    return get_object_or_404(queries.alarms(workspace), pk=pk)


def _until(request: HttpRequest, workspace: Workspace) -> date | None:
    """Return until when something is snoozed; None ends a snooze."""
    days = SNOOZES.get(request.POST.get("for", ""))
    return today(workspace) + timedelta(days=days) if days else None


@require_POST
@member("analyse")
def alarm_snooze(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Put an alarm aside for a day, a week or a month, or bring it back."""
    until = _until(request, workspace)
    actions.snooze_alarm(_alarm(workspace, pk), until, by=request.user)
    messages.success(request, gettext("The alarm comes back then.") if until else gettext("The alarm is back."))
    return redirect("alerts", workspace.slug)


@require_POST
@member("analyse")
def alarm_close(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Close an alarm whose cause is known."""
    actions.close_alarm(_alarm(workspace, pk), by=request.user)
    messages.success(request, gettext("The alarm is closed."))
    return redirect("alerts", workspace.slug)


@require_safe
@member("see")
def watches(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """List what is watched."""
    lines = [shown.watch_line(watch) for watch in queries.watches(workspace)]
    return render(request, "insights/alerts/watches.html", {"lines": lines, "tabs": _tabs(workspace, "alerts_watches")})


@require_POST
@member("analyse")
def start(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Make the usual watch by one press, unless there is one."""
    if not workspace.watches.exists():
        actions.usual_watch(workspace, by=request.user)
        messages.success(request, gettext("The indicators of the overview are watched from now on."))
    return redirect("alerts_watches", workspace.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def watch_new(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Watch something: first the kind of alert, then all else, with a preview before it is switched on."""
    alert = request.GET.get("alert", "")
    if alert not in ALERTS:
        return _choose(request)
    given: dict[str, Any] = {
        "people": [] if request.user.is_demo else [request.user],
        "indicators": request.GET.getlist("indicator"),
    }
    job, draft = _tried(request, workspace, form_of(alert, None))
    form = WatchForm(request.POST or None, workspace, alert, draft=draft, **given)
    if form.is_valid() and "preview" in request.POST:
        return _try(request, form)
    if form.is_valid():
        active = "on" in request.POST
        actions.make_watch(workspace, alert=alert, by=request.user, active=active, **form.values())
        messages.success(
            request, gettext("The alert is on.") if active else gettext("The alert is kept, switched off.")
        )
        return redirect("alerts_watches", workspace.slug)
    return _form(request, workspace, form, job)


def _choose(request: HttpRequest) -> HttpResponse:
    """Show the kinds of alerts."""
    keys = sorted(ALERTS, key=lambda key: ORDER.index(key) if key in ORDER else len(ORDER))
    kinds = [
        {
            "key": key,
            "label": gettext(ALERTS[key].label),
            "about": gettext(ALERTS[key].about),
            "icon": ICONS.get(key, "bell"),
            "usual": key == actions.USUAL,
        }
        for key in keys
    ]
    return render(request, "insights/alerts/choose.html", {"kinds": kinds})


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def watch(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Change a watch, with its preview."""
    found = _watch(workspace, pk)
    job, draft = _tried(request, workspace, form_of(found.alert, found.pk))
    form = WatchForm(request.POST or None, workspace, found.alert, found, draft)
    if form.is_valid() and "preview" in request.POST:
        return _try(request, form)
    if form.is_valid():
        given = form.values() | ({"active": True} if "on" in request.POST else {})
        actions.change_watch(found, by=request.user, **given)
        messages.success(request, gettext("The alert was changed."))
        return redirect("alerts_watches", workspace.slug)
    return _form(request, workspace, form, job)


def _watch(workspace: Workspace, pk: int) -> Watch:
    return get_object_or_404(queries.watches(workspace), pk=pk)


def _form(request: HttpRequest, workspace: Workspace, form: WatchForm, job: Job | None) -> HttpResponse:
    """Show the form; with the preview when one was asked for, and the form was not sent since."""
    alert = ALERTS[form.alert]
    job = None if form.is_bound else job
    context = {
        "form": form,
        "found": form.found,
        "kind": gettext(alert.label),
        "about": gettext(alert.about),
        "chance": gettext(alert.chance),
        "busy": job is not None and not job.is_over,
        "rehearsal": job.result if job and job.state == Job.State.DONE else None,
        "state": shown.state_of(form.found) if form.found else None,
        "snoozes": _snoozes(),
    }
    context |= _progress(workspace, job) if job else {}
    return render(request, "insights/alerts/form.html", context, status=400 if form.errors else 200)


def _tried(request: MemberRequest, workspace: Workspace, form: str) -> tuple[Job | None, Draft | None]:
    """Return the preview that the address names, and what it tries; nothing of another form or of what is gone."""
    pk = request.GET.get("tried", "")
    job = previews.tried(workspace, request.user, int(pk)) if pk.isdecimal() and pk.isascii() and len(pk) < 20 else None
    if job is None or job.arguments["form"] != form:
        return None, None
    try:
        return job, Draft.read(workspace, job.arguments["draft"])
    except BadQuestion:
        return None, None


def _try(request: MemberRequest, form: WatchForm) -> HttpResponseBase:
    """Have a preview made, and show it when it is there."""
    return redirect(_page(actions.start_preview(form.draft, by=request.user)))


def _page(job: Job) -> str:
    """Return the address of the form that a preview belongs to, with the preview."""
    told, slug = job.arguments["draft"], job.workspace
    if told["changes"] is not None:
        return f"{reverse('alerts_watch', args=[slug, told['changes']])}?tried={job.pk}"
    return f"{reverse('alerts_watch_new', args=[slug])}?alert={told['alert']}&tried={job.pk}"


def _progress(workspace: Workspace, job: Job) -> dict[str, Any]:
    where = [workspace.slug, job.pk]
    stop = reverse("alerts_preview_stop", args=where)
    return {"job": job, "progress_href": reverse("alerts_preview", args=where), "stop_href": stop}


@require_safe
@member("analyse")
def preview(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show how far a preview is, for the progress component; when it is over the page is told to load again."""
    job = _preview(request, workspace, pk)
    response = render(request, "base/components/progress.html", _progress(workspace, job))
    if job.is_over:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@member("analyse")
def preview_stop(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Stop a preview."""
    job = _preview(request, workspace, pk)
    actions.stop_preview(job, workspace, by=request.user)
    return redirect(_page(job))


def _preview(request: MemberRequest, workspace: Workspace, pk: int) -> Job:
    job = previews.tried(workspace, request.user, pk)
    if job is None:
        raise Http404
    return job


@require_POST
@member("analyse")
def watch_switch(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Switch a watch on or off."""
    found = _watch(workspace, pk)
    active = not found.active
    actions.change_watch(found, by=request.user, active=active)
    messages.success(request, gettext("The alert is on.") if active else gettext("The alert is off."))
    return redirect("alerts_watches", workspace.slug)


@require_POST
@member("analyse")
def watch_snooze(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Tell nothing of a watch for a day, a week or a month; or tell again."""
    until = _until(request, workspace)
    actions.snooze_watch(_watch(workspace, pk), until, by=request.user)
    said = (
        gettext("Until then its alarms are kept, and nobody is told.") if until else gettext("The alert tells again.")
    )
    messages.success(request, said)
    return redirect("alerts_watches", workspace.slug)


@require_POST
@member("analyse")
def watch_remove(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Take a watch away."""
    actions.remove_watch(_watch(workspace, pk), by=request.user)
    messages.success(request, gettext("The alert was removed."))
    return redirect("alerts_watches", workspace.slug)
