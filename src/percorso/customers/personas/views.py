"""Personas: cards, one persona, making and changing them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.segments import parse
from percorso.customers.models import Persona
from percorso.customers.personas import actions, queries
from percorso.customers.personas.forms import PersonaForm
from percorso.customers.segments.queries import segments
from percorso.customers.segments.shown import line, tabs


@require_safe
@member("see")
def personas(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show the personas as cards, each with its live share of the customers."""
    context = {
        "lines": _lines(request, workspace, list(queries.personas(workspace))),
        "tabs": tabs(request.membership, "personas"),  # type: ignore[attr-defined]
        "has_segments": segments(workspace).exists(),
    }
    return render(request, "customers/personas.html", context)


@require_safe
@member("see")
def persona(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show one persona with the live share and figures of its segment."""
    found = _found(workspace, pk)
    shown = _lines(request, workspace, [found])[0]
    parts = ((gettext("Needs"), "needs"), (gettext("Pains"), "pains"), (gettext("Goals"), "goals"))
    lists = [(label, name, queries.lines(getattr(found, name))) for label, name in parts]
    return render(request, "customers/persona.html", {"found": found, "line": shown, "lists": lists})


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def persona_new(request: HttpRequest, workspace: Workspace) -> HttpResponseBase:
    """Make a persona of a segment (`?segment=` chooses it)."""
    mine = segments(workspace)
    if not mine.exists():
        return redirect("personas", workspace.slug)
    chosen = mine.filter(slug=request.GET.get("segment", "")).first()
    initial = {"segment": chosen, "face": Persona.Face.values[queries.personas(workspace).count() % 8]}
    form = PersonaForm(request.POST or None, workspace, initial=initial)
    if form.is_valid():
        made = actions.make_persona(workspace, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The persona stands. Its share and figures follow the facts."))
        return redirect("persona", workspace.slug, made.pk)
    return _form(request, form, reverse("personas", args=[workspace.slug]), None)


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def persona_change(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Change a persona."""
    found = _found(workspace, pk)
    form = PersonaForm(request.POST or None, workspace, instance=_found(workspace, pk))
    if form.is_valid():
        actions.change_persona(found, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The persona was changed."))
        return redirect("persona", workspace.slug, pk)
    return _form(request, form, reverse("persona", args=[workspace.slug, pk]), found)


@require_POST
@member("analyse")
def persona_remove(request: HttpRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Remove a persona."""
    actions.remove_persona(_found(workspace, pk), by=request.user)  # type: ignore[arg-type]
    messages.success(request, gettext("The persona was removed. Its segment stays."))
    return redirect("personas", workspace.slug)


def _found(workspace: Workspace, pk: int) -> Persona:
    return get_object_or_404(queries.personas(workspace), pk=pk)


def _lines(request: HttpRequest, workspace: Workspace, every: list[Persona]) -> list[dict[str, Any]]:
    """Return personas with the sentence, count and share of their segments."""
    rows = list(segments(workspace))
    known = {row.slug: parse(row.rule) for row in rows}
    names = {row.slug: row.name for row in rows}
    personal = bool(request.membership.may("personal"))  # type: ignore[attr-defined]
    return [{"persona": each} | line(each.segment, known, names, personal) for each in every]


def _form(request: HttpRequest, form: PersonaForm, back: str, found: Persona | None) -> HttpResponse:
    context = {"form": form, "back": back, "found": found}
    return render(request, "customers/persona_form.html", context, status=400 if form.errors else 200)
