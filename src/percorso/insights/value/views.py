"""Pages about customers' value: groups by purchases, how long customers stay, what they will still bring."""

import csv
import io
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from percorso.accounts import audit
from percorso.accounts.access import member
from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.lifetime.groups import COLUMNS
from percorso.analytics.lifetime.rfm import SEGMENTS
from percorso.analytics.lifetime.summary import Curve
from percorso.base import columns, words
from percorso.base.cells import safe_text
from percorso.errors import BadQuestion
from percorso.insights import queries as figures
from percorso.insights.cards import row
from percorso.insights.figures import scale_for
from percorso.insights.forms import SEGMENT, Choice
from percorso.insights.value import loops, queries, shown
from percorso.insights.value.actions import start_forecast
from percorso.insights.value.forms import MARGINS, MONTHS, Asked
from percorso.insights.value.queries import COUNTRY, Terms, Whose
from percorso.insights.value.tabs import tabs
from percorso.insights.views.around import bar, choice_of, page, with_choice

# How long somebody stays and how happy somebody is have no currency.
NO_MONEY = ("value_staying", "value_loop")


@require_safe
@member("see")
@with_choice
def rfm(request: HttpRequest, workspace: Workspace, choice: Choice) -> HttpResponse:
    """Show the nine groups of customers by how recently, how often and for how much they bought."""
    asked = Asked.read(request.GET)
    whose = queries.whose(workspace, choice, asked.currency)
    found = queries.rfm(whose)
    context = _around(request, workspace, choice, asked, whose, "value") | {
        "found": found,
        "groups": shown.groups(found),
        "grid": shown.grid(found) if found.customers else [],
        "money": shown.money(found.money, found.currency),
    }
    return page(request, "insights/value/rfm.html", context, choice.link(**asked.link))


@require_safe
@member("personal")
def customers(request: HttpRequest, workspace: Workspace, segment: str) -> HttpResponse:
    """Give the customers of one group, or of all, with their scores, as CSV."""
    if segment not in SEGMENTS and segment != "all":
        raise Http404(segment)
    choice = choice_of(request, workspace)
    found = queries.scored(queries.whose(workspace, choice, Asked.read(request.GET).currency))
    frame = found.to_pandas()
    if segment != "all":
        frame = frame[frame["segment"] == segment]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*frame.columns, "currency"])
    for customer, *numbers in frame.itertuples(index=False):
        # What a spreadsheet would run as a formula is defused.
        writer.writerow([safe_text(customer), *numbers, found.currency or ""])
    name = f"{workspace.slug}-rfm-{segment}.csv"
    audit.record("downloaded", workspace, by=request.user, target=name)  # type: ignore[arg-type]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(out.getvalue().encode(), content_type="text/csv; charset=utf-8", headers=headers)


@require_safe
@member("see")
@with_choice
def staying(request: HttpRequest, workspace: Workspace, choice: Choice) -> HttpResponse:
    """Show how long subscribers stay and how soon buyers buy again, each with its interval, and by groups."""
    asked = Asked.read(request.GET)
    whose = queries.whose(workspace, choice, asked.currency)
    parts = [_part(whose, of, asked.by) for of in queries.DURATIONS]
    context = _around(request, workspace, choice, asked, whose, "value_staying") | {
        "parts": parts,
        "any": any(part["customers"] for part in parts),
        "compared": gettext("All customers"),
        "by": asked.by,
        "by_columns": [(name, columns.column_name(f"customer.{name}"), name == asked.by) for name in COLUMNS],
        "after_names": shown.after_names(),
    }
    return page(request, "insights/value/staying.html", context, choice.link(**asked.link))


def _part(whose: Whose, of: str, by: str) -> dict[str, Any]:
    """Return one of the two curves with its groups."""
    everybody, groups = queries.staying(whose, of, by)
    named = [_named(group, by) for group in groups]
    charts = [shown.curve_chart(group, f"{of}-{i}", everybody) for i, group in enumerate(named)]
    return {
        "of": of,
        "customers": everybody.customers,
        "rows": shown.curve_rows(everybody, named, of),
        "charts": charts or ([shown.curve_chart(everybody, of)] if everybody.customers else []),
        "grouped": bool(named),
        "median": shown.duration(everybody.median_days) if everybody.median_days is not None else "",
    }


def _named(group: Curve, by: str) -> Curve:
    return replace(group, name=columns.value_name(f"customer.{by}", group.name))


@require_safe
@member("see")
@with_choice
def forecast(request: HttpRequest, workspace: Workspace, choice: Choice) -> HttpResponse:
    """Show what buyers will still buy, how the forecast was checked, and what each month's customers have brought."""
    asked = Asked.read(request.GET)
    whose, terms = queries.whose(workspace, choice, asked.currency), _terms(asked)
    found = queries.forecast_now(whose, terms)
    cohorts = queries.cohorts(whose, terms.margin)
    context = _around(request, workspace, choice, asked, whose, "value_forecast") | {
        "asked": asked,
        "months": [(n, n == asked.months) for n in MONTHS],
        "margins": [(n, shown.share(n / 100), n == asked.margin) for n in sorted({*MARGINS, asked.margin})],
        "found": found,
        "job": queries.job_of(whose, terms) if found is None else None,
        "buyers": words.count(queries.tally(whose).customers),
        "cohorts": shown.cohort_table(cohorts) if cohorts.months else None,
        "formula": _formula(workspace, choice, whose, asked),
        "compared": gettext("Forecast"),
        "link_here": choice.link(**asked.link),
    }
    return page(request, "insights/value/forecast.html", context | _told(found), choice.link(**asked.link))


def _told(found: Any) -> dict[str, Any]:
    """Return the texts of a forecast."""
    if found is None or not found.customers:
        return {}
    sound = found.status in ("ok", "low_sample")
    return {
        "sound": sound,
        "value": shown.money(found.value, found.currency) if sound else "–",
        "expected": shown.number(found.expected) if sound else "–",
        "customers": words.count(found.customers),
        "repeating": words.count(found.repeating),
        "top_share": shown.share(found.top_share) if sound else "",
        "mean_value": shown.money(found.mean_value, found.currency),
        "bands": shown.bands(found) if sound else [],
        "check": shown.check(found),
        "warnings": shown.warnings(found),
        "parameters": shown.parameters(found),
    }


@require_safe
@member("see")
@with_choice
def loop(request: HttpRequest, workspace: Workspace, choice: Choice) -> HttpResponse:
    """Show what getting back to unhappy customers changed, against customers who were not contacted."""
    asked = Asked.read(request.GET)
    whose = queries.whose(workspace, choice, asked.currency)
    found = queries.loop(whose, asked.question)
    context = _around(request, workspace, choice, asked, whose, "value_loop") | {
        "questions": loops.questions(asked.question),
        "found": found,
        "told": loops.told(found) if found.whole.contacted.customers else None,
        "unhappy": words.count(found.whole.contacted.customers + found.whole.others.customers),
        "definition": loops.definition(found),
        "link_here": choice.link(**asked.link),
    }
    return page(request, "insights/value/loop.html", context, choice.link(**asked.link))


@require_safe
@member("analyse")
def loop_file(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Give the table of the page as CSV."""
    asked, choice = Asked.read(request.GET), choice_of(request, workspace)
    found = queries.loop(queries.whose(workspace, choice, asked.currency), asked.question)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(loops.COLUMNS)
    writer.writerows(loops.lines(found))
    name = f"{workspace.slug}-closed-loop-{asked.question}.csv"
    audit.record("downloaded", workspace, by=request.user, target=name)  # type: ignore[arg-type]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(out.getvalue().encode(), content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
@member("analyse")
def start(request: HttpRequest, workspace: Workspace) -> HttpResponseBase:
    """Start the forecast of very many customers."""
    choice, asked = choice_of(request, workspace), Asked.read(request.GET)
    start_forecast(queries.whose(workspace, choice, asked.currency), _terms(asked), by=request.user)  # type: ignore[arg-type]
    return redirect(reverse("value_forecast", args=[workspace.slug]) + choice.link(**asked.link, period=choice.preset))


def _terms(asked: Asked) -> Terms:
    return Terms(asked.months, asked.margin / 100)


def _formula(workspace: Workspace, choice: Choice, whose: Whose, asked: Asked) -> dict[str, Any] | None:
    """Return the value of a subscriber by formula in the currency of the page; None when there are no subscriptions."""
    options = {"gross_margin": asked.margin / 100}
    question = choice.query(workspace, ("clv",), compare=None, by=("currency",), options=options)
    try:
        cells = [c for c in figures.answer(question).rows if c.status != "no_data"]
    except BadQuestion:
        return None
    cell = next((c for c in cells if c.by.get("currency") == whose.currency), cells[0] if len(cells) == 1 else None)
    if cell is None:
        return None
    return {"figure": row(cell, scale_for(INDICATORS["clv"], [cell])), "margin": shown.share(asked.margin / 100)}


def _around(
    request: HttpRequest, workspace: Workspace, choice: Choice, asked: Asked, whose: Whose, here: str
) -> dict[str, Any]:
    """Return what every page of customers' value shows: tabs, and the bar of segment, country and currency."""
    around = bar(request, workspace, choice)
    return around | {
        "tabs": tabs(workspace, here, choice.link(currency=asked.currency)),
        "filters": [entry for entry in around["filters"] if entry["name"] == COUNTRY],
        "filtered": bool(choice.within or choice.segment.get(COUNTRY)),
        "staying": [*_staying(choice), *([("currency", asked.currency)] if here in NO_MONEY else [])],
        "currencies": [] if here in NO_MONEY else _currencies(whose),
        "link_all": choice.link(**asked.link),
        "until": shown.day_before(whose.as_of, workspace.time_zone),
    }


def _currencies(whose: Whose) -> list[tuple[str, bool]]:
    """Return the menu of currencies; empty with only one."""
    known = whose.currencies
    return [(name, name == whose.currency) for name in known] if len(known) > 1 else []


def _staying(choice: Choice) -> list[tuple[str, str]]:
    """Return the parameters of other pages' choices, so that they stay when the form of these pages is sent.

    The period is always among them: an address without any choice would bring the last one back.
    """
    every = {"period": choice.preset} | {k: v for k, v in choice.asked.items() if k not in (SEGMENT, COUNTRY)}
    return [(k, v) for k, value in every.items() for v in ([value] if isinstance(value, str) else value)]
