"""Slow and broken pages, as a person reads them: texts and coordinates in the language of the request."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext, ngettext

from percorso.analytics.behaviour.errors import ErrorGroup, ErrorResult
from percorso.analytics.behaviour.speed import Group, Impact
from percorso.analytics.format import format_value
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.vitals import LIMITS
from percorso.analytics.result import Cell, Result
from percorso.base import columns, drawing, words
from percorso.engagement.files import Column, Sheet, Table, share_columns, share_values
from percorso.engagement.speed.forms import BY
from percorso.engagement.usage.shown import between, day, decimal, percent, signed
from percorso.i18n import mark
from percorso.insights.cards import row
from percorso.insights.figures import close_scale

Row = dict[str, Any]
VITALS = {
    "LCP": (mark("Largest paint"), mark("when the largest part of the page is there")),
    "INP": (mark("Response"), mark("how long the page takes to react to a click or key")),
    "CLS": (mark("Layout shift"), mark("how much the page jumps while it is read")),
    "FCP": (mark("First paint"), mark("when the first text or picture is there")),
    "TTFB": (mark("First byte"), mark("when the server begins to answer")),
}
RATINGS = {
    "good": (mark("Good"), "good"),
    "needs_improvement": (mark("Needs improvement"), "warn"),
    "poor": (mark("Poor"), "bad"),
}
BANDS = {
    **{key: label for key, (label, _) in RATINGS.items()},
    "none": mark("No error"),
    "one": mark("One error"),
    "several": mark("Several errors"),
}
SCORES = {"nps": mark("NPS"), "csat": mark("CSAT")}
GROUPS = 50


def rating(cell: Cell) -> Row | None:
    """Return how good a web vital is, as a word and a tone."""
    found = cell.details.get("rating")
    return {"word": gettext(RATINGS[found][0]), "tone": RATINGS[found][1]} if found in RATINGS else None


def vital_card(name: str, total: Result, series: Result, beside: bool, link: str, chosen: bool) -> Row:
    """Return the card of a web vital: figure, rating, and how many measurements were good."""
    cell = total.rows[0]
    indicator = INDICATORS[cell.indicator]
    label, about = VITALS[name]
    return {
        "key": name,
        "name": gettext(label),
        "about": gettext(about),
        "figure": row(cell, close_scale(indicator, [cell]), series.rows, beside=beside),
        "rating": rating(cell),
        "good": gettext("{share} good, {poor} poor").format(
            share=percent(cell.details.get("good_share"), 0), poor=percent(cell.details.get("poor_share"), 0)
        )
        if cell.n
        else "",
        "limit": limit(name, LIMITS[name][0]),
        "href": link,
        "chosen": chosen,
        "any": bool(cell.n),
    }


def limit(name: str, number: float) -> str:
    """Return a limit of a web vital in its unit: seconds from one on."""
    if name == "CLS":
        return decimal(number, "#,##0.##")
    if number >= 1000:
        return gettext("{n} s").format(n=decimal(number / 1000, "#,##0.##"))
    return format_value(number, "milliseconds", words.language())


def groups(result: Result, by: str, beside: bool) -> list[Row]:
    """Return a row for each value of a column, the most measured first."""
    cells = sorted((c for c in result.rows if c.status != "no_data"), key=lambda c: -(c.n or 0))[:GROUPS]
    if not cells:
        return []
    scale = close_scale(INDICATORS[cells[0].indicator], cells)
    return [
        {
            "figure": row(cell, scale, beside=beside),
            "rating": rating(cell),
            "good": percent(cell.details.get("good_share"), 0),
            "name": columns.value_name(by, cell.by.get(by)),
        }
        for cell in cells
    ]


def by_menu(chosen: str) -> list[tuple[str, str, bool]]:
    """Return the menu of columns."""
    return [(name, gettext(label), name == chosen) for name, label in BY.items()]


def trouble(one: Impact) -> str:
    """Return the name of a group of customers by what they lived through."""
    if not one.query.vital:
        return gettext("Customers who met an error")
    return gettext("Customers with {vital} above {limit}").format(
        vital=one.query.trouble, limit=limit(one.query.trouble, one.query.limit)
    )


def score(group: Group, of: str) -> str:
    """Return the score of a group; an en dash of nobody."""
    return format_value(group.value, "points" if of == "nps" else "share", words.language(), group.n)


def points(number: float | None, of: str) -> str:
    """Return a difference of two scores with its sign: in points, of shares in percentage points."""
    if number is None:
        return "–"
    text = signed(number, of != "nps")
    return text if of == "nps" else gettext("{points} pp").format(points=text)


def sentence(one: Impact) -> str:
    """Return what a trouble goes with, as one sentence."""
    of, test = one.query.score, one.difference
    if test.difference is None:
        return gettext("{customers}: nobody to compare with.").format(customers=trouble(one))
    told = {
        "customers": trouble(one),
        "score": gettext(SCORES[of]),
        "difference": points(test.difference, of),
        "low": points(test.low, of),
        "high": points(test.high, of),
    }
    return gettext("{customers}: {score} {difference} (between {low} and {high})").format(**told)


def effects(found: Sequence[Impact]) -> list[Row]:
    """Return a row for each trouble that can be compared, those that differ for sure first."""
    there = [one for one in found if one.difference.difference is not None]
    ends = [n for one in there for n in (one.difference.low, one.difference.high) if n is not None]
    span = max((abs(n) for n in ends), default=1.0) or 1.0
    order = sorted(there, key=lambda one: (not one.differs, one.adjusted_p if one.adjusted_p is not None else 1.0))
    return [_effect(one, span) for one in order]


def _effect(one: Impact, span: float) -> Row:
    of, test = one.query.score, one.difference
    worse = test.difference is not None and test.difference < 0
    return {
        "name": trouble(one),
        "sentence": sentence(one),
        "difference": points(test.difference, of),
        "between": gettext("{low} to {high}").format(low=points(test.low, of), high=points(test.high, of)),
        "bar": drawing.bar(test.difference, test.low, test.high, 0.0, (-span, span)),
        "bad": score(one.troubled, of),
        "bad_n": words.count(one.troubled.n),
        "good": score(one.untroubled, of),
        "good_n": words.count(one.untroubled.n),
        "tone": ("bad" if worse else "good") if one.differs else "quiet",
        "word": (gettext("Lower") if worse else gettext("Higher")) if one.differs else gettext("No clear difference"),
        "note": gettext("too few to rely on") if one.status == "low_sample" else "",
    }


def bands(one: Impact) -> list[Row]:
    """Return a row for each band of one trouble, with its score."""
    numbers = [n for g in one.bands for n in (g.value_low, g.value_high) if n is not None]
    ends = (-100.0, 100.0) if one.query.score == "nps" else (0.0, 1.0)
    at = drawing.ticks(min(numbers), max(numbers), "points", ends) if numbers else [0.0, 1.0]
    scale = (at[0], at[-1]) if len(at) > 1 else ends
    return [
        {
            "name": gettext(BANDS[group.key]),
            "customers": words.count(group.n),
            "value": score(group, one.query.score),
            "interval": _interval(group, one.query.score),
            "bar": drawing.bar(group.value, group.value_low, group.value_high, None, scale),
            "note": gettext("too few to rely on") if group.status == "low_sample" else "",
        }
        for group in one.bands
    ]


def _interval(group: Group, of: str) -> str:
    if group.value_low is None or group.value_high is None:
        return ""
    unit = "points" if of == "nps" else "share"
    low, high = (format_value(n, unit, words.language(), group.n) for n in (group.value_low, group.value_high))
    return gettext("{low} to {high}").format(low=low, high=high)


def headline(found: Sequence[Impact]) -> Row:
    """Return the sentence of the surest trouble, and how sure it is."""
    shown = effects(found)
    sure = [one for one in shown if one["tone"] != "quiet"]
    first = next((one for one in sure if one["tone"] == "bad"), sure[0] if sure else shown[0] if shown else None)
    faint = first is not None and bool(first["note"])
    return {"sentence": first["sentence"] if first else "", "sure": bool(sure), "any": bool(shown), "faint": faint}


def errors(found: ErrorResult, by: str | None) -> list[Row]:
    """Return a row for each group of errors, that of the most customers first."""
    largest = max((g.hit.high or 0.0 for g in found.groups), default=0.0) or 1.0
    return [_error(g, by, largest) for g in found.groups[:GROUPS]]


def _error(group: ErrorGroup, by: str | None, largest: float) -> Row:
    return {
        "name": columns.value_name(by or "message", group.value),
        "errors": words.count(group.errors),
        "customers": words.count(group.hit.count),
        "share": percent(group.hit.value, 2),
        "interval": between(group.hit),
        "bar": drawing.bar(group.hit.value, group.hit.low, group.hit.high, None, (0.0, largest)),
        "last": day(group.last_at.date()),
    }


def errors_told(found: ErrorResult) -> str:
    """Return how many customers met errors, as one sentence."""
    return ngettext(
        "{share} of {n} active customer met an error ({interval}).",
        "{share} of {n} active customers met an error ({interval}).",
        found.hit.n,
    ).format(share=percent(found.hit.value), n=words.count(found.hit.n), interval=between(found.hit))


def vitals_sheet(found: Sequence[tuple[str, Cell]], by: str) -> Sheet:
    """Return web vitals by the values of a column."""
    names = ("metric", by, "p75", "low", "high", "n", "rating", "good_share", "poor_share")
    headings = [gettext("Measurement"), gettext(BY[by]), gettext("75th percentile"), gettext("Interval from")]
    headings += [gettext("Interval to"), "n", gettext("Rating"), gettext("Share good"), gettext("Share poor")]
    rows = [
        (
            *(name, cell.by.get(by), cell.value, cell.low, cell.high, cell.n),
            *(cell.details.get(key) for key in ("rating", "good_share", "poor_share")),
        )
        for name, cell in found
    ]
    forms = ("", "", *["#,##0.###"] * 3, "#,##0", "", "0.0%", "0.0%")
    return Sheet("web-vitals", names, headings, rows, forms=forms)


def impacts_table(found: Sequence[Impact]) -> Table:
    """Return what each trouble goes with: a row a band, and the difference of the troubled to the others."""
    made = [
        Column("trouble", gettext("Trouble")),
        Column("score", gettext("Score")),
        Column("band", gettext("Customers")),
        Column("n", "n", "count"),
        Column("value", gettext("Value"), "number"),
        Column("low", gettext("Interval from"), "number"),
        Column("high", gettext("Interval to"), "number"),
        Column("p_value", gettext("p-value"), "p"),
        Column("adjusted_p", gettext("Adjusted p-value"), "p"),
    ]
    rows: list[tuple[Any, ...]] = []
    for one in found:
        key = one.query.trouble, one.query.score
        rows += [(*key, g.key, g.n, g.value, g.value_low, g.value_high, None, None) for g in one.bands]
        test = one.difference
        values = test.difference, test.low, test.high, test.p_value, one.adjusted_p
        rows.append((*key, "difference", one.untroubled.n + one.troubled.n, *values))
    return Table("speed-and-scores", made, rows)


def errors_table(found: ErrorResult, by: str | None) -> Table:
    """Return the errors of each group."""
    name = by or "error"
    made = (
        Column(name, gettext(BY[by]) if by else gettext("Error")),
        Column("errors", gettext("Errors"), "count"),
        Column("customers", gettext("Customers"), "count"),
        *share_columns("share", gettext("Share of active customers")),
        Column("last_at", gettext("Last time")),
    )
    rows = [(g.value, g.errors, g.hit.count, *share_values(g.hit), g.last_at) for g in found.groups]
    return Table("errors", made, rows)
