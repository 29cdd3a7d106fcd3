"""All indicators, to be searched and filtered."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator
from percorso.analytics.result import Result
from percorso.i18n import mark
from percorso.insights import queries
from percorso.insights.cards import COMMANDS, FAMILIES, cards, is_empty, ordered
from percorso.insights.definition import NEEDS, TAGS, tag, tags_of
from percorso.insights.forms import CatalogueForm, Choice
from percorso.insights.search import matches
from percorso.insights.value.tabs import tabs
from percorso.insights.views.around import bar, page, with_choice

# So many are counted while the page is made; more are counted when it stands.
FEW = 5
ALL = "all"
FILTERS: dict[str, tuple[str, Mapping[str, str]]] = {"family": (mark("Where from"), FAMILIES), **TAGS}


@require_safe
@member("see")
@with_choice
def indicators(request: HttpRequest, workspace: Workspace, choice: Choice) -> HttpResponse:
    """List the indicators that fit the search, each with its figure in the period."""
    asked = CatalogueForm(request.GET).asked()
    keys = [key for key in ordered() if _fits(INDICATORS[key], asked)]
    only = request.GET.get("figures")
    joined = choice.link() or "?"
    query = f"{joined}{'&' if len(joined) > 1 else ''}{urlencode(asked)}" if asked else choice.link()
    families = [
        _family(workspace, choice, name, own, f"{request.path}{query or '?'}", at_once=only in (name, ALL))
        for name in FAMILIES
        if (own := [key for key in keys if INDICATORS[key].family == name]) and only in (None, name, ALL)
    ]
    context = bar(request, workspace, choice) | {
        "tabs": tabs(workspace, "indicators", choice.link()),
        "asked": asked,
        "q": asked.get("q", ""),
        "families": families,
        "shown": len(keys),
        "all": len(INDICATORS),
        "catalogue_filters": [_menu(name, asked) for name in FILTERS],
        # The period is named, so that the address is not a bare one.
        "everything": request.path + choice.link(period=choice.preset),
        "everything_at_once": f"{request.path}{query or '?'}&figures={ALL}",
    }
    if only in FAMILIES:
        return render(request, "insights/entries.html", context | {"family": families[0] if families else None})
    return page(request, "insights/indicators.html", context, query)


def _family(
    workspace: Workspace, choice: Choice, name: str, keys: list[str], address: str, at_once: bool
) -> dict[str, Any]:
    """Return a family's entries: with their figures, or without and the address that counts them."""
    asked = choice.query(workspace, tuple(keys))
    waits = not at_once and len(keys) > FEW and not queries.is_kept(asked)
    found: list[dict[str, Any]] = cards(
        keys, Result(asked, (), {}) if waits else queries.answer(asked), None, choice.beside
    )
    return {
        "key": name,
        "label": gettext(FAMILIES[name]),
        "waits": waits,
        "href": f"{address}&figures={name}",
        "found": [card | _words(INDICATORS[card["key"]], card) for card in found],
    }


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
