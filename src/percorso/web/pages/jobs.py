"""The jobs of a workspace: how they do, and stopping and repeating them."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from percorso.accounts import audit
from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.analytics.calendar import zone
from percorso.base import jobs, words
from percorso.base.models import Clock, Job

ON_A_PAGE = 50
STATES = ("running", "waiting", "failed", "stopped", "done")


def jobs_of(workspace: Workspace) -> QuerySet[Job]:
    """Return the jobs of a workspace, the newest first."""
    return Job.objects.filter(workspace=workspace.slug)


@require_safe
@member("edit")
def job_list(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Show jobs by state, with what can be done to them, and the schedule."""
    state = request.GET.get("state", "")
    rows = jobs_of(workspace).filter(state=state) if state in STATES else jobs_of(workspace)
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "tabs": _tabs(workspace, state), "state": state, "scheduled": _scheduled(workspace)}
    return render(request, "web/jobs.html", context)


def _tabs(workspace: Workspace, state: str) -> list[dict[str, Any]]:
    address = reverse("jobs", args=[workspace.slug])
    labels = {"": gettext("All"), **{value: Job.State(value).label for value in STATES}}
    return [
        {"label": label, "href": f"{address}?state={value}" if value else address, "current": value == state}
        for value, label in labels.items()
    ]


def _scheduled(workspace: Workspace) -> list[dict[str, Any]]:
    """Return what runs by the clock: its name, how often, when next (an instant)."""
    now = timezone.now()
    next_at = dict(Clock.objects.filter(workspace__in=("", workspace.slug)).values_list("name", "next_at"))
    rows = []
    for name, (rule, per_workspace) in jobs.SCHEDULE.items():
        own = workspace.time_zone if per_workspace else "UTC"
        at = next_at.get(name) or rule.after(now, own)
        rows.append({"label": gettext(jobs.KINDS[name].label), "rule": _rule(rule, at, own, workspace), "next_at": at})
    return sorted(rows, key=lambda row: (row["next_at"], row["label"]))


def _rule(rule: jobs.Rule, next_at: datetime, own: str, workspace: Workspace) -> str:
    """Return how often a job runs, in the workspace's time: what runs for all of them goes by another zone's, `own`."""
    if rule.at is None and rule.minutes % 60 == 0:
        hours = rule.minutes // 60
        return ngettext("every hour", "every {n} hours", hours).format(n=words.count(hours))
    if rule.at is None:
        return ngettext("every minute", "every {n} minutes", rule.minutes).format(n=words.count(rule.minutes))
    local = next_at.astimezone(zone(workspace.time_zone))
    at = words.clock(local.time())
    if len(rule.days) == 7:
        return gettext("daily at {time}").format(time=at)
    # Here it may be the day before or after.
    ahead = local.weekday() - next_at.astimezone(zone(own)).weekday()
    days = sorted((day + ahead) % 7 for day in rule.days)
    return gettext("{days} at {time}").format(days=", ".join(words.weekday(day) for day in days), time=at)


@require_safe
@member("edit")
def progress(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show how far a job is, for the progress component; when it is over the page is told to load again."""
    job = get_object_or_404(jobs_of(workspace), pk=pk)
    response = render(
        request, "base/components/progress.html", {"job": job, "here": request.headers.get("HX-Current-URL")}
    )
    if job.is_over:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@member("edit")
def stop(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseRedirect:
    """Stop a job."""
    job = get_object_or_404(jobs_of(workspace), pk=pk)
    if not job.is_over:
        with transaction.atomic():
            jobs.stop(job)
            audit.record("job_stopped", workspace, by=request.user, target=job.name, job=job.pk)
        messages.success(request, gettext("The job is told to stop."))
    return _back(request, workspace)


@require_POST
@member("edit")
def repeat(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseRedirect:
    """Run a job that is over once more."""
    job = get_object_or_404(jobs_of(workspace), pk=pk)
    if job.is_over:
        with transaction.atomic():
            jobs.repeat(job)
            audit.record("job_repeated", workspace, by=request.user, target=job.name, job=job.pk)
        messages.success(request, gettext("The job runs again."))
    return _back(request, workspace)


def _back(request: MemberRequest, workspace: Workspace) -> HttpResponseRedirect:
    """Go back to the page of ours that asked, else to the list."""
    asked = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(asked if safe else reverse("jobs", args=[workspace.slug]))
