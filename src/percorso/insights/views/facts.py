"""The rows behind a figure."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.base import words
from percorso.customers.cursor import pack, unpack
from percorso.insights import queries
from percorso.insights.facts import columns_of, line_of
from percorso.insights.forms import Choice
from percorso.insights.views.around import bar, page, with_choice

ROWS = 50


@require_safe
@member("personal")
@with_choice
def facts_behind(request: HttpRequest, workspace: Workspace, choice: Choice, key: str) -> HttpResponse:
    """Show the facts that an indicator counts in the period and segment, the newest first."""
    if key not in INDICATORS or getattr(INDICATORS[key], "population", "") == "employee":
        raise Http404(key)
    found = INDICATORS[key]
    after = unpack(request.GET.get("after", ""), 2)
    rows = queries.behind(workspace, key, choice, ROWS + 1, (after[0], str(after[1])) if after else None)
    shown = rows[:ROWS]
    names = columns_of(found.table, shown)
    more = pack(shown[-1]["moment"], shown[-1]["id"]) if len(rows) > ROWS else ""
    context = bar(request, workspace, choice) | {
        "indicator": found,
        "name": gettext(found.label),
        "days": words.days(choice.period),
        "headings": [label for _, label in names],
        "rows": [line_of(found.table, r, [n for n, _ in names], workspace.time_zone) for r in shown],
        "more": request.path + choice.link(after=more) if more else "",
        "first": request.path + choice.link(period=choice.preset) if after else "",
    }
    return page(request, "insights/facts.html", context, choice.link(after=request.GET.get("after")))
