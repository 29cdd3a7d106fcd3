"""All help on one page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from percorso.accounts.access import signed_in
from percorso.web import guide


@require_safe
@signed_in
def help_page(request: HttpRequest) -> HttpResponse:
    """Show the help of every page, and what the words mean."""
    return render(request, "web/help.html", {"chapters": guide.chapters(), "glossary": guide.glossary()})
