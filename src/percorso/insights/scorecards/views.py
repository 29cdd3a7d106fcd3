"""Scorecards: the list, one with its pillars and their evidence, and what changes them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.base import words
from percorso.insights.forms import Choice
from percorso.insights.models import Scorecard
from percorso.insights.programme import tabs
from percorso.insights.scorecards import actions, queries, shown
from percorso.insights.scorecards.forms import EvidenceForm, ScorecardForm
from percorso.insights.scorecards.frameworks import FRAMEWORKS, Pillar
from percorso.insights.views.around import bar, page, with_choice


@require_safe
@member("see")
@with_choice
def scorecards(request: HttpRequest, workspace: Workspace, choice: Choice) -> HttpResponse:
    """List the scorecards with their pillars' scores."""
    rows = [
        {"scorecard": found, **shown.shown(queries.card_of(workspace, found, choice))}
        for found in queries.scorecards(workspace)
    ]
    context = bar(request, workspace, choice) | {"rows": rows, "tabs": tabs(workspace, "scorecards")}
    return page(request, "insights/scorecards.html", context, choice.link())


@require_safe
@member("see")
@with_choice
def scorecard(request: HttpRequest, workspace: Workspace, choice: Choice, pk: int) -> HttpResponse:
    """Show a scorecard: its radar, its pillars, and what speaks for each."""
    found = _scorecard(workspace, pk)
    card = shown.shown(queries.card_of(workspace, found, choice))
    return page(
        request, "insights/scorecard.html", bar(request, workspace, choice) | card | {"scorecard": found}, choice.link()
    )


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def scorecard_new(request: HttpRequest, workspace: Workspace) -> HttpResponseBase:
    """Make a scorecard by a framework."""
    form = ScorecardForm(request.POST or None, workspace)
    if form.is_valid():
        made = actions.make_scorecard(workspace, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The scorecard is made with the figures that the facts offer."))
        return redirect("scorecard", workspace.slug, made.pk)
    frameworks = [(gettext(f.label), gettext(f.about)) for f in FRAMEWORKS.values()]
    context = {"form": form, "frameworks": frameworks, "back": reverse("scorecards", args=[workspace.slug])}
    return render(request, "insights/scorecard_form.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def scorecard_change(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Change name and segment of a scorecard."""
    found = _scorecard(workspace, pk)
    form = ScorecardForm(request.POST or None, workspace, found)
    if form.is_valid():
        actions.change_scorecard(found, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The scorecard was changed."))
        return redirect("scorecard", workspace.slug, pk)
    context = {"form": form, "found": found, "back": reverse("scorecard", args=[workspace.slug, pk])}
    return render(request, "insights/scorecard_form.html", context, status=400 if form.errors else 200)


@require_POST
@member("analyse")
def scorecard_remove(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Take a scorecard away."""
    actions.remove_scorecard(_scorecard(workspace, pk), by=request.user)  # type: ignore[arg-type]
    messages.success(request, gettext("The scorecard was removed."))
    return redirect("scorecards", workspace.slug)


@require_POST
@member("analyse")
def propose(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Add the figures that the facts offer and the scorecard lacks."""
    n = actions.add_proposed(_scorecard(workspace, pk), by=request.user)  # type: ignore[arg-type]
    told = ngettext("{n} figure was added.", "{n} figures were added.", n).format(n=words.count(n))
    messages.success(request, told if n else gettext("The facts offer nothing that is not there already."))
    return redirect("scorecard", workspace.slug, pk)


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def evidence_new(request: HttpRequest, workspace: Workspace, pk: int, pillar: str) -> HttpResponseBase:
    """Add a figure that speaks for a pillar."""
    found = _scorecard(workspace, pk)
    mine = _pillar(found, pillar)
    form = EvidenceForm(request.POST or None, found, pillar)
    if form.is_valid():
        actions.add_evidence(found, form.cleaned_data["given"], by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The figure speaks for the pillar now."))
        return redirect("scorecard", workspace.slug, pk)
    return _evidence_form(request, form, found, mine)


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def evidence_change(request: HttpRequest, workspace: Workspace, pk: int, id: str) -> HttpResponseBase:
    """Change a piece of evidence."""
    found = _scorecard(workspace, pk)
    given = _evidence(found, id)
    form = EvidenceForm(request.POST or None, found, given["pillar"], given)
    if form.is_valid():
        actions.change_evidence(found, id, form.cleaned_data["given"], by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The scorecard was changed."))
        return redirect("scorecard", workspace.slug, pk)
    return _evidence_form(request, form, found, _pillar(found, given["pillar"]), id)


@require_POST
@member("analyse")
def evidence_remove(request: HttpRequest, workspace: Workspace, pk: int, id: str) -> HttpResponseBase:
    """Take a piece of evidence away."""
    found = _scorecard(workspace, pk)
    actions.remove_evidence(found, _evidence(found, id)["id"], by=request.user)  # type: ignore[arg-type]
    messages.success(request, gettext("The scorecard was changed."))
    return redirect("scorecard", workspace.slug, pk)


def _scorecard(workspace: Workspace, pk: int) -> Scorecard:
    return get_object_or_404(queries.scorecards(workspace), pk=pk)


def _pillar(found: Scorecard, key: str) -> Pillar:
    pillar = FRAMEWORKS[found.framework].pillar(key)
    if pillar is None:
        raise Http404(key)
    return pillar


def _evidence(found: Scorecard, id: str) -> dict[str, Any]:
    given = next((each for each in found.evidence if each["id"] == id), None)
    if given is None:
        raise Http404(id)
    return given


def _evidence_form(
    request: HttpRequest, form: EvidenceForm, found: Scorecard, pillar: Pillar, id: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "scorecard": found,
        "pillar": gettext(pillar.label),
        "about": gettext(pillar.about),
        "id": id,
        "back": reverse("scorecard", args=[found.workspace.slug, found.pk]),
    }
    return render(request, "insights/scorecard_evidence.html", context, status=400 if form.errors else 200)
