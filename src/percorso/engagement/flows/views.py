"""The page of flows: which ways customers take from touchpoint to touchpoint, and where two groups' ways differ."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.lengths import seconds_of
from percorso.analytics.behaviour.path_query import UNITS, PathQuery
from percorso.base import columns, words
from percorso.engagement import files
from percorso.engagement.flows import queries, sheets, shown
from percorso.engagement.flows.forms import GAPS, NODES, STEPS, TOPS, Asked
from percorso.engagement.flows.queries import Flows
from percorso.engagement.tabs import tabs
from percorso.insights.forms import Choice
from percorso.insights.views.around import bar, choice_of, compared_with, menu, page, with_choice

# The parameter by which a page asks for its result alone, or for everything at once.
PART, RESULT, WHOLE = "part", "result", "all"
# Of so many touchpoints one is chosen by a menu.
LISTED = 60


@require_safe
@member("see")
@with_choice
def flows(request: HttpRequest, workspace: Workspace, choice: Choice) -> HttpResponse:
    """Show what can be chosen, and the ways of a group; what takes long comes after the page."""
    asked = _asked(request)
    query = queries.question(workspace, choice, asked)
    other = queries.compared(query, choice)
    link, part = choice.link(**asked.link), request.GET.get(PART)
    context: dict[str, Any] = {"link_here": link, "here": choice.link(**asked.changed(start="", end=""))}
    ready = part in (RESULT, WHOLE) or queries.is_kept(workspace, query, other)
    if ready:
        context |= _result(workspace, choice, asked, query, other)
    if part == RESULT:
        return render(request, "engagement/flows/result.html", {"workspace": workspace} | context)
    offered = queries.offered(workspace, query)
    context |= bar(request, workspace, choice) | {
        "tabs": tabs(workspace, "flows", choice.link()),
        "asked": asked,
        "any": bool(offered),
        "ready": ready,
        "result_href": _with(request, choice, asked, RESULT),
        "whole_href": _with(request, choice, asked, WHOLE),
        "beside": other is not None,
        "downloads": [(table, gettext(label)) for table, label in sheets.TABLES.items()],
        "download_forms": files.links(),
        **_choices(asked, query, offered),
    }
    return page(request, "engagement/flows/flows.html", context, link)


def _with(request: HttpRequest, choice: Choice, asked: Asked, part: str) -> str:
    # Comparison and period are named, so that the address is not a bare one.
    kept = {"period": choice.preset, "compare": choice.compare or "none"}
    return request.path + choice.link(**asked.link, **kept, **{PART: part})


def _result(
    workspace: Workspace, choice: Choice, asked: Asked, query: PathQuery, other: PathQuery | None
) -> dict[str, Any]:
    """Return the ways step by step, what follows what, loops, dead ends, and how another group's ways differ."""
    found = queries.flows(workspace, query)
    drawing = shown.drawing(found.paths)
    for box in drawing["boxes"] if drawing else ():
        box["href"] = choice.link(**asked.changed(start=box["node"], end="")) if box["node"] else ""
    return {
        "n": found.paths.n_paths,
        "told": _headline(found),
        "drawing": drawing,
        "steps": shown.steps(found.paths),
        "links": shown.links(found.paths),
        "moves": shown.moves(found.moves, asked.sort),
        "matrix": shown.matrix(found.moves),
        "loops": shown.loops(found.moves),
        "dead_ends": shown.dead_ends(found.moves),
        "ways": shown.ways(found.ways),
        "more_moves": max(len(found.moves.transitions) - shown.MOST_ROWS, 0),
        "sorts": _sorts(choice, asked),
        "sql": found.sql,
        **_beside(workspace, choice, query, other),
    }


@require_safe
@member("analyse")
def file(request: HttpRequest, workspace: Workspace, table: str, form: str) -> HttpResponse:
    """Give one of the tables of the page as a file."""
    if table not in sheets.TABLES:
        raise Http404(table)
    choice, asked = choice_of(request, workspace), _asked(request)
    query = queries.question(workspace, choice, asked)
    other = queries.compared(query, choice)
    different = queries.steps_that_differ(workspace, query, other) if other and table == "differences" else ()
    return files.answer(
        request, workspace, choice, form, sheets.sheet_of(table, queries.flows(workspace, query), different)
    )


def _asked(request: HttpRequest) -> Asked:
    """Return what the address asks for; touchpoints that tell who somebody is are refused to whom that is not for."""
    asked = Asked.read(request.GET)
    personal = request.membership.may("personal")  # type: ignore[attr-defined]
    if asked.of not in NODES and not personal and columns.tells_who(asked.of):
        raise PermissionDenied
    return asked


def _headline(found: Flows) -> str:
    """Return in a sentence how many ways there are and how different they are."""
    n, query = found.paths.n_paths, found.paths.query
    texts = {
        "n": words.count(n), "ways": words.count(found.ways.n_ways),
        "start": shown.name_of(query.start_node or "", query), "end": shown.name_of(query.end_node or "", query),
    }  # fmt: skip
    if query.start_node and query.end_node:
        return gettext("{n} ways from {start} to {end}, {ways} different ones").format(**texts)
    if query.start_node:
        return gettext("{n} ways from {start} on, {ways} different ones").format(**texts)
    if query.end_node:
        return gettext("{n} ways to {end}, {ways} different ones").format(**texts)
    return gettext("{n} ways, {ways} different ones").format(**texts)


def _choices(asked: Asked, query: PathQuery, offered: tuple[tuple[str, int], ...]) -> dict[str, Any]:
    """Return the menus of the page."""
    known = dict(offered[:LISTED])
    named = [*known, *(node for node in (asked.start, asked.end) if node and node not in known)]
    nodes = [{"value": node, "label": shown.name_of(node, query), "count": known.get(node)} for node in named]
    others = [*known, *(node for node in asked.without if node not in known and known)]
    numbers = {number: words.count(number) for number in (*STEPS, *TOPS, asked.steps, asked.top)}
    return {
        "kinds": menu(NODES if asked.of in NODES else NODES | {asked.of: asked.of}, asked.of),
        "starts": [{**node, "chosen": node["value"] == asked.start} for node in nodes],
        "ends": [{**node, "chosen": node["value"] == asked.end} for node in nodes],
        "lengths": [(n, numbers[n], n == asked.steps) for n in sorted({*STEPS, asked.steps})],
        "tops": [(n, numbers[n], n == asked.top) for n in sorted({*TOPS, asked.top})],
        "units": menu(UNITS, asked.unit),
        "gaps": [(gap, words.length(seconds_of(gap)), gap == asked.gap) for gap in dict.fromkeys((*GAPS, asked.gap))],
        "tables": [
            {"value": name, "label": gettext(label), "chosen": name in asked.facts}
            for name, label in shown.FACTS.items()
        ],
        "left_out": [
            {"value": node, "label": shown.name_of(node, query), "chosen": node in asked.without} for node in others
        ],
        "left_out_told": ", ".join(shown.name_of(node, query) for node in asked.without if node in known),
    }


def _sorts(choice: Choice, asked: Asked) -> dict[str, dict[str, Any]]:
    """Return the links that sort the table of what follows what."""
    return {
        name: {"href": choice.link(**asked.changed(sort=name)) + "#transitions", "here": name == asked.sort}
        for name in ("count", "share", "time", "back")
    }


def _beside(workspace: Workspace, choice: Choice, query: PathQuery, other: PathQuery | None) -> dict[str, Any]:
    """Return how the ways of the group differ from those of what it is compared with."""
    if other is None:
        return {"compared_ways": False}
    found = queries.steps_that_differ(workspace, query, other)
    one, beside = gettext("This period") if choice.before else _group(choice), compared_with(choice)
    return {
        "compared_ways": True,
        "one": one,
        "beside_name": beside,
        "one_days": words.days(choice.period) if choice.before else "",
        "other_days": words.days(choice.before) if choice.before else "",
        "other_n": queries.moves(workspace, other).n_paths,
        "summary": shown.summary(found, query, one, beside),
        "different": shown.different(found, query),
        "tested": len(found),
    }


def _group(choice: Choice) -> str:
    """Return the group that was chosen by its name."""
    named = [choice.within.name] if choice.within else []
    named += [columns.value_name(name, value) for name, values in choice.segment.items() for value in values]
    return " · ".join(named) or gettext("All customers")
