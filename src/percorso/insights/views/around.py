"""What the figures' pages share: the choice of period and segment that stays, and the bar that shows it."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from percorso.accounts.models import Workspace
from percorso.analytics.query import PRESETS
from percorso.base import columns, words
from percorso.customers.models import Segment
from percorso.i18n import mark
from percorso.insights import queries
from percorso.insights.forms import FILTERS, NOT_KNOWN, OTHER, SEGMENT, STAYING, Choice

COMPARED = {
    "previous": mark("Previous period"),
    "year": mark("Same days last year"),
    "none": mark("Nothing"),
    "rest": mark("Everybody else"),
    "segment": mark("Another group"),
}
KEPT = "choices"


def with_choice(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a view that takes a `choice`: an address without one goes on to the address with the last choice.

    So every address tells everything and can be shared, and nobody chooses twice. Choosing the defaults forgets it.
    """

    @wraps(view)
    def chosen(request: HttpRequest, workspace: Workspace, **more: Any) -> HttpResponseBase:
        kept = request.session.get(KEPT, {})
        # Going back to an address without a choice means what it meant then: the defaults.
        bare = not request.GET.keys() & set(STAYING) and "HX-History-Restore-Request" not in request.headers
        if bare and (last := kept.get(workspace.slug)):
            rest = request.GET.urlencode()
            return redirect(f"{request.path}?{last}&{rest}" if rest else f"{request.path}?{last}")
        choice = choice_of(request, workspace)
        now = urlencode(choice.asked, doseq=True)
        if now != kept.get(workspace.slug, ""):
            request.session[KEPT] = {slug: asked for slug, asked in (kept | {workspace.slug: now}).items() if asked}
        return view(request, workspace, choice=choice, **more)

    return chosen


def choice_of(request: HttpRequest, workspace: Workspace) -> Choice:
    """Return the choice in the address; one that would tell who customers are is refused to whom that is not for."""
    choice = Choice.read(request.GET, workspace)
    asked = (choice.by, choice.then, *choice.segment, *choice.other)
    personal = request.membership.may("personal")  # type: ignore[attr-defined]
    if not personal and any(columns.tells_who(name) for name in asked if name):
        raise PermissionDenied
    return choice


def bar(request: HttpRequest, workspace: Workspace, choice: Choice) -> dict[str, Any]:
    """Return what the bar of period, comparison and filters shows, and the links that keep the choice."""
    filters = [_filter(workspace, choice.segment, name) for name in FILTERS]
    segments = list(workspace.segments.values_list("slug", "name"))
    return {
        "choice": choice,
        "link": choice.link(),
        "presets": menu(PRESETS, choice.preset),
        "preset": gettext(PRESETS[choice.preset]) if choice.preset in PRESETS else gettext("Chosen days"),
        "days": words.days(choice.period),
        "before_days": words.days(choice.before) if choice.before else "",
        "first_day": choice.period.start.isoformat(),
        "last_day": words.last_day(choice.period).isoformat(),
        "comparisons": menu(_comparisons(choice), choice.compare or "none"),
        "others": [_filter(workspace, choice.other, name, OTHER) for name in FILTERS],
        "compared": compared_with(choice),
        "beside": choice.beside,
        "filters": filters,
        "segments": _segments(segments, choice.within),
        "other_segments": _segments(segments, choice.beside_of),
        "within": choice.within,
        "filtered": bool(choice.segment or choice.within),
        # The period is always named: an address without any choice would bring the last one back.
        "unfiltered": request.path + choice.link(**dict.fromkeys((*FILTERS, SEGMENT)), period=choice.preset),
    }


def _segments(every: list[tuple[str, str]], chosen: Segment | None) -> list[dict[str, Any]]:
    """Return the entries of a menu of saved segments; empty where there are none."""
    entries = [
        {"value": slug, "label": name, "chosen": chosen is not None and slug == chosen.slug} for slug, name in every
    ]
    return [{"value": "", "label": gettext("All customers"), "chosen": chosen is None}, *entries] if every else []


def _comparisons(choice: Choice) -> dict[str, str]:
    """Return what can be compared with; everybody else only when somebody is picked out."""
    left_out = {"segment"} if choice.segment or choice.within else {"rest", "segment"}
    return {name: label for name, label in COMPARED.items() if name not in left_out}


def compared_with(choice: Choice) -> str:
    """Return what figures are compared with, by its name."""
    if choice.beside_of is not None:
        return choice.beside_of.name
    if choice.compare != "segment":
        return gettext(COMPARED[choice.compare or "none"])
    return " · ".join(columns.value_name(name, value) for name, values in choice.other.items() for value in values)


def menu(entries: Any, chosen: str) -> list[dict[str, Any]]:
    """Return the entries of a menu: value, translated label, whether chosen."""
    return [{"value": k, "label": gettext(label), "chosen": k == chosen} for k, label in entries.items()]


def _filter(workspace: Workspace, segment: Any, name: str, prefix: str = "") -> dict[str, Any]:
    """Return a filter's menu: the values that the facts have, and those that the address asks for."""
    asked = segment.get(name, ())
    values = list(dict.fromkeys([*queries.values(workspace, name), *asked]))
    entries = [
        {"value": NOT_KNOWN if v is None else v, "label": columns.value_name(name, v), "chosen": v in asked}
        for v in values
    ]
    chosen = [e["label"] for e in entries if e["chosen"]]
    return {
        "name": prefix + name,
        "label": columns.column_name(name),
        "entries": entries,
        "chosen": ", ".join(map(str, chosen)),
    }


def page(request: HttpRequest, template: str, context: dict[str, Any], query: str) -> HttpResponse:
    """Return a page; the address in the browser keeps only what differs from the defaults (`query`)."""
    response = render(request, template, context)
    if getattr(request, "htmx", False):
        response["HX-Push-Url"] = request.path + query
    return response
