"""One indicator's definition: what it means, leaves out and needs, and what to beware of."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.base.columns import column_name
from percorso.insights.cards import FAMILIES
from percorso.insights.definition import definition_of, facts_of, options_of, tags_of


@require_safe
@member("see")
def definition(request: HttpRequest, workspace: Workspace, key: str) -> HttpResponse:
    """Show the definition of one indicator."""
    if key not in INDICATORS:
        raise Http404(key)
    found = INDICATORS[key]
    catalogue = reverse("indicators", args=[workspace.slug])
    tags = [(f"{catalogue}?{name}={value}", label, about) for name, value, label, about in tags_of(found)]
    context = {
        "indicator": found,
        "name": gettext(found.label),
        "about": gettext(found.about),
        "family": (f"{catalogue}?family={found.family}", gettext(FAMILIES[found.family])),
        "tags": tags,
        "lines": definition_of(found),
        "exclusions": [gettext(text) for text in found.exclusions],
        "traps": [gettext(text) for text in found.traps],
        "options": options_of(found),
        "facts": facts_of(found),
        "columns": [column_name(name) for name in (*found.always_by, *found.segments)],
        "history": [(edition, gettext(edition.about)) for edition in reversed(found.history)],
    }
    return render(request, "insights/definition.html", context)
