"""Writing on the time axis."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.calendar import zone
from percorso.analytics.indicators import INDICATORS
from percorso.insights import actions
from percorso.insights.forms import AnnotationForm
from percorso.insights.models import Annotation


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def annotate(request: HttpRequest, workspace: Workspace, key: str) -> HttpResponseBase:
    """Write an annotation on an indicator's time axis."""
    if key not in INDICATORS:
        raise Http404(key)
    today = timezone.now().astimezone(zone(workspace.time_zone)).date()
    form = AnnotationForm(request.POST or None, initial={"day": today})
    if form.is_valid():
        actions.make_annotation(workspace, **_values(form, key), by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The annotation stands on the time axis."))
        return redirect("indicator", workspace.slug, key)
    return _page(request, workspace, form, key)


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def annotation(request: HttpRequest, workspace: Workspace, key: str, pk: int) -> HttpResponseBase:
    """Change an annotation."""
    found = _found(workspace, key, pk)
    form = AnnotationForm(request.POST or None, instance=found, initial={"everywhere": not found.indicator})
    if form.is_valid():
        # The form has written into its instance already; the log tells what the row said.
        actions.change_annotation(_found(workspace, key, pk), **_values(form, key), by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The annotation was changed."))
        return redirect("indicator", workspace.slug, key)
    return _page(request, workspace, form, key, found)


@require_POST
@member("analyse")
def annotation_remove(request: HttpRequest, workspace: Workspace, key: str, pk: int) -> HttpResponseBase:
    """Take an annotation away."""
    actions.remove_annotation(_found(workspace, key, pk), by=request.user)  # type: ignore[arg-type]
    messages.success(request, gettext("The annotation was removed."))
    return redirect("indicator", workspace.slug, key)


def _found(workspace: Workspace, key: str, pk: int) -> Annotation:
    if key not in INDICATORS:
        raise Http404(key)
    return get_object_or_404(Annotation, workspace=workspace, pk=pk, indicator__in=(key, ""))


def _values(form: AnnotationForm, key: str) -> dict[str, Any]:
    told = form.cleaned_data
    return {"day": told["day"], "text": told["text"], "indicator": "" if told["everywhere"] else key}


def _page(
    request: HttpRequest, workspace: Workspace, form: AnnotationForm, key: str, found: Annotation | None = None
) -> HttpResponseBase:
    context = {
        "form": form,
        "name": gettext(INDICATORS[key].label),
        "key": key,
        "found": found,
        "back": reverse("indicator", args=[workspace.slug, key]),
    }
    return render(request, "insights/annotation.html", context, status=400 if form.errors else 200)
