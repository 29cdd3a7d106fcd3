"""The figures of one segment beside everybody else: a part of the segments' and personas' pages."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.base import words
from percorso.customers.models import Segment
from percorso.insights import queries
from percorso.insights.cards import cards, is_empty
from percorso.insights.forms import Choice

# What is shown until a team chooses the indicators of its overview.
USUAL = (
    "nps",
    "csat",
    "ces",
    "fcr",
    "first_response_time",
    "average_resolution_time",
    "repeat_purchase_rate",
    "reopen_rate",
)


@require_safe
@member("see")
def segment_figures(request: HttpRequest, workspace: Workspace, segment: str) -> HttpResponse:
    """Return the chosen indicators of a segment, each compared with everybody else."""
    found = get_object_or_404(Segment, workspace=workspace, slug=segment)
    choice = Choice.read(QueryDict(urlencode({"segment": segment, "compare": "rest"})), workspace)
    keys = tuple(key for key in workspace.chosen_indicators or USUAL if key in INDICATORS)
    made = cards(keys, queries.answer(choice.query(workspace, keys)), None, True)
    context = {
        "workspace": workspace,
        "found": found,
        "cards": [card for card in made if not is_empty(card)],
        "link": choice.link(),
        "beside": True,
        "days": words.days(choice.period),
        "chosen": bool(workspace.chosen_indicators),
    }
    return render(request, "insights/segment_figures.html", context)
