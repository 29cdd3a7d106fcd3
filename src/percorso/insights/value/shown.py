"""Customers' value as a person reads it: segments, curves and forecasts in the language of the request."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from babel.dates import format_skeleton
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit
from django.utils.translation import gettext, ngettext

from percorso.analytics.calendar import zone
from percorso.analytics.format import format_money, format_short
from percorso.analytics.lifetime.forecast import Forecast
from percorso.analytics.lifetime.rfm import BY_SCORES, SEGMENTS
from percorso.analytics.lifetime.summary import ENOUGH, MONTH_DAYS, Cohorts, Curve, CurvePoint, RfmSummary
from percorso.base import drawing, words
from percorso.i18n import mark

# What the customers of each RFM segment have in common, and the colour that says how the team should feel about it.
ABOUT: dict[str, tuple[str, str]] = {
    "champions": (mark("bought lately, and often"), "good"),
    "loyal": (mark("buy often, and not long ago"), "good"),
    "potential_loyalist": (mark("bought lately, more than once"), "good"),
    "new": (mark("bought lately, for the first time or nearly so"), "busy"),
    "needs_attention": (mark("bought some time ago, not often"), "warn"),
    "cannot_lose": (mark("bought very often, but long ago"), "bad"),
    "at_risk": (mark("bought often, and have not for a while"), "bad"),
    "about_to_sleep": (mark("bought seldom, and have not for a while"), "warn"),
    "hibernating": (mark("bought seldom, and long ago"), "quiet"),
}
AFTER_MONTHS = (3, 6, 12, 24)
BANDS: dict[str, tuple[str, str]] = {
    "buying": (mark("Still buying"), mark("bought again; more than 70% likely to go on")),
    "unsure": (mark("Unsure"), mark("bought again; 30 to 70% likely to go on")),
    "gone": (mark("Probably gone"), mark("bought again; less than 30% likely to go on")),
    "once": (mark("No repeat purchase yet"), mark("whether they are still there nobody can know yet")),
}
PARAMETERS = {
    "buying": (mark("Purchases (BG/NBD, in weeks)"), {"r": "r", "alpha": "α", "a": "a", "b": "b"}),
    "spending": (mark("Value of a purchase (Gamma-Gamma)"), {"p": "p", "q": "q", "v": "v"}),
}
GOOD_ERROR, TOLERABLE_ERROR = 0.1, 0.2
SHADES = 5
Row = dict[str, Any]


def share(number: float | None, places: int = 0) -> str:
    """Return a share in per cent."""
    form = "0%" if places == 0 else "0." + "0" * places + "%"
    return "–" if number is None else str(format_percent(number, form, locale=words.locale()))


def money(amount: float | None, currency: str | None) -> str:
    """Return an amount in minor units: large ones short, small ones exactly."""
    if amount is None:
        return "–"
    # Ten thousand of the currency's units and more are not read to the cent.
    return (format_short if abs(amount) >= 1_000_000 else format_money)(amount, currency, words.language())


def number(value: float | None, form: str = "#,##0") -> str:
    """Return a number with the decimals of `form`."""
    return "–" if value is None else str(format_decimal(value, form, locale=words.locale()))


def duration(days: float | None) -> str:
    """Return a time in days, or in months when it is long."""
    if days is None:
        return "–"
    if days < 60:
        return ngettext("{n} day", "{n} days", round(days)).format(n=words.count(round(days)))
    months = round(days / MONTH_DAYS)
    return ngettext("{n} month", "{n} months", months).format(n=words.count(months))


def day_before(instant: datetime, tz: str) -> str:
    """Return the last whole day before an instant."""
    return format_skeleton("yMMMd", (instant - timedelta(hours=1)).astimezone(zone(tz)).date(), locale=words.locale())


def groups(found: RfmSummary) -> list[Row]:
    """Return a line for each RFM segment."""
    return [
        {
            "key": group.segment,
            "name": gettext(SEGMENTS[group.segment]),
            "about": gettext(ABOUT[group.segment][0]),
            "tone": ABOUT[group.segment][1],
            "customers": words.count(group.customers),
            "any": group.customers > 0,
            "share": share(group.share),
            "share_of_all": group.share or 0,
            "money": money(group.money, found.currency),
            "money_share": share(group.money_share),
            "money_of_all": group.money_share or 0,
            "recency": duration(group.recency_days),
            "orders": number(group.orders, "#,##0.#"),
            "spent": money(group.spent, found.currency),
        }
        for group in found.groups
    ]


def grid(found: RfmSummary) -> list[Row]:
    """Return the rows of the grid, those who bought last at the top; cells from seldom to often."""
    most = max((n for row in found.grid for n in row), default=0) or 1
    return [
        {
            "score": score,
            "cells": [
                {
                    "name": gettext(SEGMENTS[key]),
                    "tone": ABOUT[key][1],
                    "count": words.count(n),
                    "share": share(n / found.customers),
                    "shade": -(-n * SHADES // most),
                }
                for key, n in zip(BY_SCORES[score - 1], found.grid[score - 1], strict=True)
            ],
        }
        for score in range(len(found.grid), 0, -1)
    ]


def curve_chart(found: Curve, key: str, everybody: Curve | None = None) -> Row:
    """Return the data of a curve's chart; dashed beside it the curve of all customers."""
    beside = everybody.points if everybody is not None and everybody.step == found.step else ()
    before = [p.value for p in beside[: len(found.points)]]
    told = [_told(p, found.step, i, before) for i, p in enumerate(found.points)]
    return {
        "id": key,
        "script": f"{key}-data",
        "label": found.name or "",
        "data": {
            "steps": [_step(found.step, i, "short") for i in range(len(found.points))],
            "ticks": [[tick, share(tick)] for tick in (0, 0.25, 0.5, 0.75, 1)],
            "value": [p.value for p in found.points],
            "low": [p.low for p in found.points],
            "high": [p.high for p in found.points],
            "before": before,
            "faint": [p.at_risk < ENOUGH for p in found.points],
            "told": told,
            "marks": [],
        },
    }


def _told(point: CurvePoint, step: str, i: int, before: Sequence[float | None]) -> Row:
    return {
        "step": _step(step, i, "long"),
        "value": share(point.value, 1),
        "interval": _between(point),
        "sample": ngettext("{n} customer in view", "{n} customers in view", point.at_risk).format(
            n=words.count(point.at_risk)
        ),
        "note": gettext("too few to rely on") if point.at_risk < ENOUGH else "",
        "before": share(before[i], 1) if i < len(before) else "",
    }


def _step(step: str, i: int, length: Literal["short", "long"]) -> str:
    """Return the time since the beginning at the i-th point of a curve."""
    n = i * (3 if step == "quarter" else 1)
    unit = "duration-week" if step == "week" else "duration-month"
    told = format_unit(n, unit, length=length, locale=words.locale())
    # Not every language has a long form of every unit: Babel then writes the unit's key.
    return str(format_unit(n, unit, length="short", locale=words.locale()) if unit in told else told)


def _between(point: CurvePoint | None) -> str:
    if point is None or point.low is None or point.high is None:
        return ""
    return gettext("{low} to {high}").format(low=share(point.low, 1), high=share(point.high, 1))


VERDICTS = {
    ("subscriptions", "sooner"): (mark("leave sooner than the other groups"), "bad"),
    ("subscriptions", "later"): (mark("stay longer than the other groups"), "good"),
    ("purchases", "sooner"): (mark("buy again sooner than the other groups"), "good"),
    ("purchases", "later"): (mark("buy again later than the other groups"), "bad"),
}


def curve_rows(everybody: Curve, found: Sequence[Curve], of: str) -> list[Row]:
    """Return a line for all customers and one for each group."""
    rows = []
    for each in (everybody, *found):
        after = [each.after(months * MONTH_DAYS) for months in AFTER_MONTHS]
        verdict, tone = VERDICTS.get((of, each.difference or ""), (mark("no difference beyond chance"), "quiet"))
        rows.append({
            "name": each.name or gettext("All customers"),
            "customers": words.count(each.customers),
            "events": words.count(each.events),
            "median": duration(each.median_days),
            "after": [(share(p.value if p else None), _between(p)) for p in after],
            "verdict": gettext(verdict) if each.difference else "",
            "tone": tone,
        })  # fmt: skip
    return rows


def after_names() -> list[str]:
    """Return the headings of the columns of `curve_rows`."""
    return [gettext("After {time}").format(time=_step("month", months, "long")) for months in AFTER_MONTHS]


def bands(found: Forecast) -> list[Row]:
    """Return a line for each kind of buyers."""
    return [
        {
            "name": gettext(BANDS[band.kind][0]),
            "about": gettext(BANDS[band.kind][1]),
            "customers": words.count(band.customers),
            "share": share(band.customers / found.customers),
            "expected": number(band.expected),
            "value": money(band.value, found.currency),
            "each": money(band.value / band.customers if band.value is not None and band.customers else None, found.currency),
            "value_share": (band.value or 0) / found.value if found.value else 0,
            "value_percent": share((band.value or 0) / found.value if found.value else None),
        }
        for band in found.bands
    ]  # fmt: skip


def check(found: Forecast) -> Row | None:
    """Return the hold-out check as a sentence and a chart; None without one."""
    if not found.hold_out or found.hold_out[-1][1] is None:
        return None
    came, expected = found.hold_out[-1]
    sentence = gettext(
        "Fitted without the last {weeks} weeks, the model forecast {expected} of the {came} repeat purchases that came in them."
    ).format(weeks=len(found.hold_out), expected=number(expected), came=number(came))
    off = found.error
    if off is None:
        word, tone = gettext("nothing came to compare with"), "quiet"
    else:
        text = gettext("{percent} too many") if off > 0 else gettext("{percent} too few")
        word, tone = text.format(percent=share(abs(off))), tone_of(off)
    return {"sentence": sentence, "word": word, "tone": tone, "chart": _check_chart(found)}


def tone_of(error: float) -> str:
    """Return how good a hold-out check is, as the colour of its badge."""
    return "good" if abs(error) <= GOOD_ERROR else "quiet" if abs(error) <= TOLERABLE_ERROR else "warn"


def _check_chart(found: Forecast) -> Row:
    weeks = found.hold_out
    highest = max(max(came, expected or 0.0) for came, expected in weeks)
    empty = [None] * len(weeks)
    return {
        "id": "hold-out",
        "script": "hold-out-data",
        "label": "",
        "data": {
            "steps": [gettext("week {n}").format(n=i + 1) for i in range(len(weeks))],
            "ticks": [[t, number(t)] for t in drawing.ticks(0.0, highest or 1.0, "count", (0.0, None))],
            "value": [came for came, _ in weeks],
            "low": empty,
            "high": empty,
            "before": [expected for _, expected in weeks],
            "faint": [False] * len(weeks),
            "told": [
                {"step": gettext("week {n}").format(n=i + 1), "value": number(came), "interval": "", "sample": "", "note": "", "before": number(expected)}
                for i, (came, expected) in enumerate(weeks)
            ],
            "marks": [],
        },
    }  # fmt: skip


def warnings(found: Forecast) -> list[str]:
    """Return what a reader must know before trusting the forecast."""
    said = []
    if found.status == "low_sample":
        said.append(
            gettext("There are fewer than 100 buyers, or fewer than 30 who bought again: the forecast is unsure.")
        )
    if not found.buying_converged:
        said.append(
            gettext(
                "No stable model of the purchases was found, so there is no forecast. It needs customers who bought again and customers who did not."
            )
        )
    elif not found.spending_converged:
        said.append(
            gettext(
                "No stable model of the value of purchases was found, so there is no forecast. It needs repeat purchases of different values."
            )
        )
    if found.related and found.correlation is not None:
        said.append(
            gettext(
                "Customers who buy often spend other amounts than the rest (correlation {r}). The model supposes that they do not, so the value of the best customers is off."
            ).format(r=number(found.correlation, "0.00"))
        )
    if found.error is not None and abs(found.error) > TOLERABLE_ERROR:
        said.append(
            gettext(
                "The check below was off by {percent}: something changed that the model cannot know, such as a season or a campaign."
            ).format(percent=share(abs(found.error)))
        )
    return said  # fmt: skip


def parameters(found: Forecast) -> list[Row]:
    """Return the parameters of both models."""
    return [
        {"name": gettext(name), "values": [(sign, number(values[key], "#,##0.000")) for key, sign in signs.items()]}
        for model, (name, signs) in PARAMETERS.items()
        if (values := getattr(found, model)) is not None
    ]


def cohort_table(found: Cohorts) -> Row:
    """Return the cohorts' table; of one column, the shade tells which cohorts brought more by the same age."""
    columns = list(zip(*found.values, strict=True))
    ends = [(min(known), max(known)) if (known := [v for v in c if v is not None]) else (0.0, 0.0) for c in columns]
    rows = [
        {
            "month": format_skeleton("yMMM", month, locale=words.locale()),
            "customers": words.count(customers),
            "values": [_cell(v, low, high, found.currency) for v, (low, high) in zip(values, ends, strict=True)],
        }
        for month, customers, values in zip(found.months, found.customers, found.values, strict=True)
    ]
    return {
        "ages": [gettext("Month {n}").format(n=age) for age in found.ages],
        "mean": [money(value, found.currency) for value in found.mean],
        "rows": rows[::-1],
        "left_out": found.all_months - len(rows),
    }


def _cell(value: float | None, low: float, high: float, currency: str | None) -> Row:
    if value is None:
        return {"text": "", "shade": 0}
    shade = 0 if high <= low else min(SHADES, int((value - low) / (high - low) * (SHADES + 1)))
    return {"text": money(value, currency), "shade": shade}
