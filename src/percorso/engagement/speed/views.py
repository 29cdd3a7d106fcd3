"""The page of slow and broken pages, and what they cost in scores."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.engagement import asking, files
from percorso.engagement.speed import queries, shown
from percorso.engagement.speed.forms import BY, VITALS, Asked
from percorso.engagement.tabs import tabs
from percorso.engagement.waiting import answer_page
from percorso.insights.cards import row
from percorso.insights.figures import chart_of, scale_for
from percorso.insights.forms import Choice
from percorso.insights.views.around import bar, choice_of, menu, with_choice
from percorso.insights.views.indicator import STEPS

TABLES = ("vitals", "scores", "errors", "places")


@require_safe
@member("see")
@with_choice
def speed(request: HttpRequest, workspace: Workspace, choice: Choice) -> HttpResponse:
    """Show how fast pages are, where they break, and what that goes with in scores."""
    asked = Asked.read(request.GET)
    return answer_page(
        request, workspace, choice, "engagement/speed/speed", {"grain": choice.grain} | asked.link,
        queries.is_ready(workspace, choice, asked.vital, asked.place),
        lambda: _around(request, workspace, choice, asked),
        lambda: _result(workspace, choice, asked),
    )  # fmt: skip


def _result(workspace: Workspace, choice: Choice, asked: Asked) -> dict[str, Any]:
    """Return how fast pages are, where they break, and what that goes with, as the page shows it."""
    context = {
        "choice": choice,
        "link": choice.link(),
        "beside": choice.beside,
        "ever": bool(asking.names(workspace)),
        "grains": menu(STEPS, choice.grain or ""),
        "usual_grain": gettext(STEPS[choice.steps]),
        "by_columns": shown.by_menu(asked.place),
        "by_name": gettext(BY[asked.place]),
    }
    context |= _vitals(workspace, choice, asked) | _errors(workspace, choice, asked)
    if context["any"] or context["broken"].errors:
        context |= _scores(workspace, choice, asked)
    context["sql"] = ";\n\n".join(context.pop("statements") + [one.sql for one in context.get("found", ())])
    return context


def _vitals(workspace: Workspace, choice: Choice, asked: Asked) -> dict[str, Any]:
    """Return the figures of the web vitals, and of the chosen one its series and its breakdown."""
    made, chosen, sql = [], None, []
    for name in VITALS:
        total, series = queries.vital(workspace, choice, name)
        link = choice.link(grain=choice.grain, **asked.link | {"vital": "" if name == "LCP" else name})
        made.append(shown.vital_card(name, total, series, choice.beside, link, name == asked.vital))
        if name == asked.vital:
            chosen, sql = (total, series), list(total.sql().values())
    assert chosen
    indicator = INDICATORS[chosen[0].rows[0].indicator]
    return {
        "vitals": made,
        "any": any(card["any"] for card in made),
        "missing": _missing([f"{c['name']} ({c['key']})" for c in made if not (c["any"] or c["chosen"])]),
        "vital": next(card for card in made if card["chosen"]),
        "series": {
            "id": "vital",
            "script": "vital-data",
            "label": "",
            "data": chart_of(indicator, chosen[1].rows, (), choice.steps, choice.period),
        },
        "groups": shown.groups(
            queries.vital_by(workspace, choice, asked.vital, asked.place), asked.place, choice.beside
        ),
        "statements": sql,
    }


def _missing(names: list[str]) -> str:
    return gettext("Not measured in this period: {names}").format(names=", ".join(names)) if names else ""


def _errors(workspace: Workspace, choice: Choice, asked: Asked) -> dict[str, Any]:
    broken, places = (queries.errors_of(workspace, choice, by) for by in (None, asked.place))
    rate = queries.error_rate(workspace, choice).rows[0]
    return {
        "broken": broken,
        "broken_told": shown.errors_told(broken) if broken.hit.n else "",
        "broken_rows": shown.errors(broken, None),
        "broken_places": shown.errors(places, asked.place),
        "rate": row(rate, scale_for(INDICATORS["error_rate"], [rate])) if rate.value is not None else None,
    }


def _scores(workspace: Workspace, choice: Choice, asked: Asked) -> dict[str, Any]:
    """Return what slow and broken pages go with."""
    found = queries.impacts_of(workspace, choice, asked.score)
    one = next(i for i in found if i.query.trouble == asked.vital)
    return {
        "found": found,
        "impact": shown.headline(found),
        "effects": shown.effects(found),
        "bands": shown.bands(one),
        "bands_any": any(group.n for group in one.bands),
        "unmeasured": one.unmeasured,
        "window": one.query.days,
        "scores": [(key, gettext(label), key == asked.score) for key, label in shown.SCORES.items()],
        "score_name": gettext(shown.SCORES[asked.score]),
    }


@require_safe
@member("analyse")
def file(request: HttpRequest, workspace: Workspace, table: str, form: str) -> HttpResponse:
    """Give a table of the page as a file."""
    choice, asked = choice_of(request, workspace), Asked.read(request.GET)
    if table not in TABLES:
        raise Http404(table)
    if table == "vitals":
        results = [(name, queries.vital_by(workspace, choice, name, asked.place)) for name in VITALS]
        cells = [(name, cell) for name, result in results for cell in result.rows if cell.status != "no_data"]
        return files.answer(request, workspace, choice, form, shown.vitals_sheet(cells, asked.place))
    if table == "scores":
        made = shown.impacts_table(queries.impacts_of(workspace, choice, asked.score))
    else:
        by = asked.place if table == "places" else None
        made = shown.errors_table(queries.errors_of(workspace, choice, by), by)
    return files.answer(request, workspace, choice, form, made.sheet)


def _around(request: HttpRequest, workspace: Workspace, choice: Choice, asked: Asked) -> dict[str, Any]:
    link = choice.link(grain=choice.grain, **asked.link)
    by = gettext(BY[asked.place])
    titles = {
        "vitals": gettext("Web vitals by {column}").format(column=by),
        "scores": gettext("Scores"),
        "errors": gettext("Errors"),
        "places": gettext("Errors by {column}").format(column=by),
    }
    return bar(request, workspace, choice) | {
        "tabs": tabs(workspace, "speed", choice.link()),
        "downloads": {
            "name": "speed_file",
            "tables": [(table, titles[table]) for table in TABLES],
            "forms": files.links(),
            "query": link,
        },
    }
