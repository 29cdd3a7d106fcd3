"""The search: a page of its own, and the list inside the command palette."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.web import guide
from percorso.web.frame import navigation

LONGEST = 100


@require_safe
@member("see")
def find_page(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Show what fits `q`; the palette asks for the list alone (`list=1`)."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    found = guide.find(request.membership, text, navigation("find", request.membership))
    template = "web/find_list.html" if request.GET.get("list") else "web/find.html"
    return render(request, template, {"found": found, "text": text})
