"""The pages of sources of events: all of them, a new one, one of them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.config import setting
from percorso.errors import BadQuestion
from percorso.sources.arriving import actions, queries
from percorso.sources.arriving.drawing import bars
from percorso.sources.arriving.forms import ChangeForm, SourceForm
from percorso.sources.arriving.shown import reason_of
from percorso.sources.arriving.tabs import tabs
from percorso.sources.models import Source
from percorso.sources.tracking.actions import make_source, revoke_source

NOTHING = queries.Traffic((0,) * queries.DAYS, 0, 0, queries.Counter())


@require_safe
@member("edit")
def sources(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """List the sources of events with what they sent lately."""
    traffic = queries.traffic(workspace)
    rows = [_row(source, traffic.get(source.pk, NOTHING)) for source in queries.sources(workspace)]
    context = {"rows": rows, "tabs": tabs(request.membership, "event_sources"), "nobodys": queries.nobodys_today()}
    return render(request, "sources/arriving/sources.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def new(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Make a source."""
    form = SourceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = make_source(workspace, form.cleaned_data["name"], by=request.user)
        except BadQuestion as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, gettext("The source is there. Put its key into what shall send."))
            return redirect("event_source", workspace.slug, made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "sources/arriving/source_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def source(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show one source: its key, how to send with it, what came; change its name and limit."""
    row = _source(workspace, pk)
    form = ChangeForm(request.POST if request.method == "POST" else None, initial={"name": row.name, "rate": row.rate})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_source(row, form.cleaned_data["name"], form.cleaned_data["rate"], by=request.user)
        except BadQuestion as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, gettext("The source is changed."))
            return redirect("event_source", workspace.slug, row.pk)
    told = queries.traffic(workspace).get(row.pk, NOTHING)
    reasons = [(reason, reason_of(reason), n) for reason, n in told.reasons.most_common()]
    days = list(zip(queries.last_days(workspace), told.days, strict=True))
    context = _row(row, told) | {
        "form": form,
        "reasons": reasons,
        "days": days,
        "origin": str(setting("URL")) or request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "sources/arriving/source.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@member("edit")
def revoke(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Let the key of a source open nothing any more."""
    row = _source(workspace, pk)
    revoke_source(row, by=request.user)
    messages.success(request, gettext("The key of {name} opens nothing any more.").format(name=row.name))
    return redirect("event_sources", workspace.slug)


def _source(workspace: Workspace, pk: int) -> Source:
    return get_object_or_404(queries.sources(workspace), pk=pk)


def _row(source: Source, traffic: queries.Traffic) -> dict[str, Any]:
    return {"source": source, "traffic": traffic, "bars": bars(traffic.days)}
