"""All indicators, to be searched and filtered."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator
from percorso.i18n import mark
from percorso.insights import queries
from percorso.insights.cards import COMMANDS, FAMILIES, cards, is_empty, ordered
from percorso.insights.definition import NEEDS, TAGS, tag, tags_of
from percorso.insights.forms import CatalogueForm, Choice
from percorso.insights.search import matches
from percorso.insights.views.around import bar, page, with_choice

FILTERS: dict[str, tuple[str, Mapping[str, str]]] = {"family": (mark("Where from"), FAMILIES), **TAGS}


@require_safe
@member("see")
@with_choice
def indicators(request: HttpRequest, workspace: Workspace, choice: Choice) -> HttpResponse:
    """List the indicators that fit the search, each with its figure in the period."""
    asked = CatalogueForm(request.GET).asked()
    totals, _ = queries.overview(workspace, choice)
    keys = [key for key in ordered() if _fits(INDICATORS[key], asked)]
    found = [card | _words(INDICATORS[card["key"]], card) for card in cards(keys, totals, None, choice.beside)]
    context = bar(request, workspace, choice) | {
        "asked": asked,
        "q": asked.get("q", ""),
        "found": found,
        "all": len(INDICATORS),
        "catalogue_filters": [_menu(name, asked) for name in FILTERS],
        # The period is named, so that the address is not a bare one.
        "everything": request.path + choice.link(period=choice.preset),
    }
    joined = choice.link() or "?"
    query = f"{joined}{'&' if len(joined) > 1 else ''}{urlencode(asked)}" if asked else choice.link()
    return page(request, "insights/indicators.html", context, query)


def _fits(indicator: Indicator, asked: Mapping[str, str]) -> bool:
    own = {"family": indicator.family, **{name: tag(indicator, name) for name in TAGS}}
    return matches(indicator, asked.get("q", "")) and all(asked.get(name, own[name]) == own[name] for name in FILTERS)


def _words(indicator: Indicator, card: dict[str, Any]) -> dict[str, Any]:
    return {
        "badges": [label for _, _, label, _ in tags_of(indicator)],
        "empty": is_empty(card),
        "needs": gettext(NEEDS[indicator.table]),
        "command": COMMANDS[indicator.family],
    }


def _menu(name: str, asked: Mapping[str, str]) -> dict[str, Any]:
    label, entries = FILTERS[name]
    return {
        "name": name,
        "label": gettext(label),
        "entries": [(value, gettext(text), value == asked.get(name)) for value, text in entries.items()],
    }
