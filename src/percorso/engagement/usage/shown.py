"""How often customers come, as a person reads it: texts and coordinates in the language of the request."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from babel.dates import format_skeleton
from babel.numbers import format_decimal, format_percent
from django.utils.translation import gettext, ngettext, pgettext

from percorso.analytics.behaviour.frequency import FrequencyResult, Lifecycle
from percorso.analytics.behaviour.shares import Share, share_of
from percorso.analytics.calendar import zone
from percorso.base import drawing, words
from percorso.engagement.files import Sheet
from percorso.engagement.usage.forms import WINDOWS
from percorso.i18n import mark

Row = dict[str, Any]
# Upwards from the line: who stayed, who came back, who came first; downwards who stayed away.
TURNS = {
    "returning": (mark("Returning"), mark("active in the step before, too")),
    "resurrected": (mark("Resurrected"), mark("back after at least one whole step away")),
    "new": (mark("New"), mark("active for the first time")),
    "dormant": (mark("Dormant"), mark("active in the step before, and not in this one")),
}
FEW_DAYS = 14
POINTS = 60
HEIGHT, GAP = 100.0, 0.24


def percent(number: float | None, places: int = 1) -> str:
    """Return a share in per cent, an en dash for none."""
    form = "0." + "0" * places + "%" if places else "0%"
    return "–" if number is None else str(format_percent(number, form, locale=words.locale()))


def between(share: Share | None) -> str:
    """Return the interval of a share; empty where there is none."""
    if share is None or share.low is None:
        return ""
    return gettext("{low} to {high}").format(low=percent(share.low), high=percent(share.high))


def decimal(number: float | None, form: str = "#,##0.0") -> str:
    """Return a number with the decimals of `form`, an en dash for none."""
    return "–" if number is None else str(format_decimal(number, form, locale=words.locale()))


def day(at: date) -> str:
    """Return a day with its month and year."""
    return str(format_skeleton("yMMMd", at, locale=words.locale()))


def step(start: date, grain: Any, tz: str) -> str:
    """Return the name of a step of a series that begins on a local day."""
    return words.bucket(_noon(start, tz), grain, tz)


def tick(start: date, grain: Any, tz: str) -> str:
    """Return the short name of a step, for an axis."""
    return words.tick(_noon(start, tz), grain, tz)


def _noon(start: date, tz: str) -> datetime:
    return datetime.combine(start, time(12), zone(tz))


def headline(found: FrequencyResult) -> list[Row]:
    """Return the active customers at the end of the period in each sense, with how they went."""
    last = found.reach[-1] if found.reach else None
    if last is None:
        return []
    daily = sum(r.daily for r in found.reach) / len(found.reach)
    texts = {
        "daily": (decimal(daily, "#,##0.#"), gettext("a day, on average over the period")),
        "weekly": (words.count(last.weekly), gettext("in the 7 days until {day}").format(day=day(last.day))),
        "monthly": (words.count(last.monthly), gettext("in the 28 days until {day}").format(day=day(last.day))),
    }
    names = {"daily": "DAU", "weekly": "WAU", "monthly": "MAU"}
    made = []
    for window, (value, about) in texts.items():
        numbers = _thinned([getattr(r, window) for r in found.reach])
        spark = drawing.spark(numbers, [None] * len(numbers), [None] * len(numbers))
        made.append({"key": window, "name": names[window], "value": value, "about": about, "spark": spark})
    return made


def _thinned(numbers: Sequence[int]) -> list[float]:
    """Return at most `POINTS` means of numbers that follow each other: more points are a smear."""
    size = -(-len(numbers) // POINTS)
    chunks = [numbers[i : i + size] for i in range(0, len(numbers), size)]
    return [sum(chunk) / len(chunk) for chunk in chunks]


def signed(number: float, percent_points: bool = True) -> str:
    """Return a difference with its sign; of shares in percentage points."""
    text = decimal(abs(number) * (100 if percent_points else 1))
    return ("−" if number < 0 else "+") + text


def reach_chart(found: FrequencyResult, window: str) -> Row:
    """Return the chart of active customers: of each step the mean over its days."""
    grain, tz = found.query.grain, found.query.period.tz
    steps: dict[date, list[int]] = {}
    starts = [turn.start for turn in found.lifecycle]
    for reach in found.reach:
        start = max((s for s in starts if s <= reach.day), default=reach.day)
        steps.setdefault(start, []).append(getattr(reach, window))
    value = [sum(numbers) / len(numbers) for numbers in steps.values()]
    ticks = drawing.ticks(0.0, max(value, default=1.0), "count", (0.0, None))
    return {
        "id": "reach",
        "script": "reach-data",
        "label": "",
        "data": {
            "steps": [tick(start, grain, tz) for start in steps],
            "ticks": [[at, words.count(round(at))] for at in ticks],
            "value": value,
            "low": [None] * len(value),
            "high": [None] * len(value),
            "before": [],
            "faint": [False] * len(value),
            "told": [
                {
                    "step": step(start, grain, tz),
                    "value": decimal(mean, "#,##0.#"),
                    **dict.fromkeys(("interval", "sample", "note", "before"), ""),
                }
                for start, mean in zip(steps, value, strict=True)
            ],
            "marks": [],
        },
    }


def windows(chosen: str) -> list[tuple[str, str, bool]]:
    """Return the menu of what "active" means."""
    return [(window, gettext(label), window == chosen) for window, label in WINDOWS.items()]


def lifecycle(found: FrequencyResult) -> Row:
    """Return the picture of who is new, back, still there or away, and the same as rows of a table."""
    turns = found.lifecycle
    above = max((t.active for t in turns), default=0) or 1
    below = max((t.dormant or 0 for t in turns), default=0)
    scale = HEIGHT / (above + below)
    width = 100 / max(1, len(turns))
    line = above * scale
    return {
        "line": round(line, 3),
        "columns": [_column(t, i, width, line, scale, found) for i, t in enumerate(turns)],
        "ends": [tick(t.start, found.query.grain, found.query.period.tz) for t in (turns[0], turns[-1])]
        if turns
        else [],
        "above": words.count(above),
        "below": words.count(below),
        "legend": [(key, _turn_name(key), gettext(about)) for key, (_, about) in TURNS.items()],
        "rows": [_turn(t, found) for t in reversed(turns)],
        "any": any(t.active for t in turns),
    }


def _turn_name(key: str) -> str:
    return pgettext("customers", "New") if key == "new" else gettext(TURNS[key][0])


def _column(t: Lifecycle, place: int, width: float, line: float, scale: float, found: FrequencyResult) -> Row:
    """Return the pieces of one column: x, y, width and height of each on a field of 100 × 100."""
    left, wide = place * width + width * GAP / 2, width * (1 - GAP)
    pieces, top = [], line
    for key in ("returning", "resurrected", "new"):
        height = getattr(t, key) * scale
        top -= height
        pieces.append((key, round(left, 3), round(top, 3), round(wide, 3), round(height, 3)))
    gone = (t.dormant or 0) * scale
    pieces.append(("dormant", round(left, 3), round(line, 3), round(wide, 3), round(gone, 3)))
    told = _turn(t, found)
    title = gettext(
        "{step}: {active} active, {new} new, {returning} returning, {resurrected} resurrected, {dormant} dormant"
    )
    return {"pieces": [p for p in pieces if p[4] > 0], "title": title.format(**told)}


def _turn(t: Lifecycle, found: FrequencyResult) -> Row:
    return {
        "step": step(t.start, found.query.grain, found.query.period.tz),
        **{key: words.count(getattr(t, key)) for key in ("active", "new", "returning", "resurrected")},
        "dormant": "–" if t.dormant is None else words.count(t.dormant),
        "kept": percent(t.kept.value if t.kept else None),
        "kept_between": between(t.kept),
        "quick": decimal(t.quick_ratio, "#,##0.00"),
        "open": t.dormant is None,
    }


def active_days(histogram: Sequence[Row], confidence: float = 0.95) -> list[Row]:
    """Return on how many days customers came: a row a number of days, or a span of numbers when there are many."""
    counted = {int(entry["days"]): int(entry["users"]) for entry in histogram}
    n, most = sum(counted.values()), max(counted, default=0)
    shares = [
        (low, high, share_of(sum(counted.get(d, 0) for d in range(low, high + 1)), n, confidence))
        for low, high in _spans(most)
    ]
    largest = max((s.value or 0.0 for *_, s in shares), default=0.0) or 1.0
    return [
        {
            "days": _days(low, high),
            "customers": words.count(share.count),
            "share": percent(share.value),
            "interval": between(share),
            "bar": drawing.bar(share.value, share.low, share.high, None, (0.0, min(1.0, largest * 1.25))),
        }
        for low, high, share in shares
    ]


def _spans(most: int) -> list[tuple[int, int]]:
    """Return spans of days: each by itself while there are few, else each twice as long as the one before."""
    if most <= FEW_DAYS:
        return [(d, d) for d in range(1, most + 1)]
    spans, low = [], 1
    while low <= most:
        spans.append((low, min(most, 2 * low - 1)))
        low *= 2
    return spans


def _days(low: int, high: int) -> str:
    if low == high:
        return ngettext("{n} day", "{n} days", low).format(n=low)
    return gettext("{low} to {high} days").format(low=low, high=high)


def reach_sheet(found: FrequencyResult) -> Sheet:
    """Return the active customers day by day."""
    rows = [(r.day, r.daily, r.weekly, r.monthly) for r in found.reach]
    names = [gettext("Day"), *(gettext(WINDOWS[w]) for w in ("daily", "weekly", "monthly"))]
    return Sheet("active-customers", ("day", "dau", "wau_7_days", "mau_28_days"), names, rows)


def lifecycle_sheet(found: FrequencyResult) -> Sheet:
    """Return who is new, back, still there or away, step by step."""
    rows = [
        (
            *(t.start, t.active, t.new, t.returning, t.resurrected, t.dormant),
            *((t.kept.value, t.kept.low, t.kept.high) if t.kept else (None,) * 3),
            t.quick_ratio,
        )
        for t in found.lifecycle
    ]
    columns = ("start", "active", "new", "returning", "resurrected", "dormant", "kept", "low", "high", "quick_ratio")
    headings = [
        gettext("When"),
        gettext("Active"),
        *(_turn_name(key) for key in ("new", "returning", "resurrected", "dormant")),
        *(
            pgettext("customers who came again", "Kept"),
            gettext("Interval from"),
            gettext("Interval to"),
            gettext("Won for each lost"),
        ),
    ]
    forms = ("", *["#,##0"] * 5, *["0.0%"] * 3, "0.00")
    return Sheet("lifecycle", columns, headings, rows, forms=forms)


def days_sheet(histogram: Sequence[Row]) -> Sheet:
    """Return on how many days customers came."""
    rows = [(int(entry["days"]), int(entry["users"])) for entry in histogram]
    return Sheet("active-days", ("active_days", "customers"), [gettext("Active days"), gettext("Customers")], rows)


def is_empty(found: FrequencyResult) -> bool:
    """Whether nobody came in the period or in the month before it."""
    return not any(r.monthly for r in found.reach) and not any(t.active for t in found.lifecycle)
