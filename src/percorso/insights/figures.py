"""What pages show of a cell: texts and coordinates, ready for a template."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext

from percorso.analytics.calendar import zone
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator
from percorso.analytics.query import Grain, Period
from percorso.analytics.reasons import REASONS
from percorso.analytics.result import Cell
from percorso.base import drawing, words
from percorso.base.drawing import Bar, Scale, Spark


@dataclass(frozen=True)
class VerdictMark:
    """A verdict as sign, word, tone (good, bad, plain, quiet) and sentence."""

    icon: str
    word: str
    tone: str
    sentence: str


@dataclass(frozen=True)
class Figure:
    """One figure with everything a card, a row or a headline shows of it."""

    key: str
    name: str
    value: str
    interval: str
    sample: str
    note: str
    faint: bool
    before: str
    difference: str
    verdict: VerdictMark | None
    bar: Bar
    scale_low: str
    scale_high: str
    spark: Spark | None
    cell: Cell
    label: str = ""


def verdict_of(cell: Cell, indicator: Indicator, name: str, beside: bool = False) -> VerdictMark | None:
    """Return the mark of a cell's verdict; None when it was compared with nothing or there is nothing to compare.

    `beside`: compared with another group of the same days, not with earlier days.
    """
    found = cell.change
    if found is None or found.before is None or cell.value is None:
        return None
    sentence = _beside(cell, indicator, name) if beside else words.change(cell, indicator, name)
    if found.verdict in ("up", "down"):
        icon = "arrow-up" if found.verdict == "up" else "arrow-down"
        if found.good is None:
            word = gettext("Higher") if found.verdict == "up" else gettext("Lower")
            return VerdictMark(icon, word, "plain", sentence)
        return VerdictMark(
            icon, gettext("Better") if found.good else gettext("Worse"), "good" if found.good else "bad", sentence
        )
    quiet = {
        "none": ("equal", gettext("No clear difference") if beside else gettext("No clear change")),
        "untested": ("minus", gettext("Not tested")),
        "running": ("clock", gettext("Still running")),
    }
    icon, word = quiet[found.verdict]
    return VerdictMark(icon, word, "quiet", sentence)


def _beside(cell: Cell, indicator: Indicator, name: str) -> str:
    """Return the verdict of a comparison with another group as one sentence."""
    assert cell.change is not None
    texts = {
        "up": gettext("{name}: {now}, higher than {other} in the compared group by more than chance explains."),
        "down": gettext("{name}: {now}, lower than {other} in the compared group by more than chance explains."),
        "none": gettext("{name}: {now}, no evidence of a difference from {other} in the compared group."),
        "untested": gettext("{name}: {now}, and {other} in the compared group; not tested."),
        "running": gettext("{name}: {now} so far, and {other} in the compared group; the period is still running."),
    }
    return texts[cell.change.verdict].format(
        name=name,
        now=words.value(cell.value, indicator, cell.n, cell.currency),
        other=words.value(cell.change.before, indicator, cell.change.before_n, cell.currency),
    )


def note_of(cell: Cell) -> str:
    """Return what has to be known about a figure that is not fully sound; empty for a sound one."""
    if cell.status == "ok":
        return ""
    return gettext(REASONS[cell.status]) if cell.status in REASONS else gettext("no figure")


def scale_for(indicator: Indicator, cells: Sequence[Cell]) -> Scale:
    """Return the scale on which all of `cells` are drawn."""
    numbers = [n for c in cells for n in (c.value, c.low, c.high)]
    numbers += [c.change.before for c in cells if c.change]
    return drawing.scale_of(indicator.range, numbers, indicator.unit)


def close_scale(indicator: Indicator, cells: Sequence[Cell]) -> Scale:
    """Return a scale that fits the cells closely, for comparing them with each other."""
    numbers = [n for c in cells for n in (c.value, c.low, c.high) if n is not None]
    numbers += [c.change.before for c in cells if c.change and c.change.before is not None]
    if not numbers:
        return scale_for(indicator, cells)
    at = drawing.ticks(min(numbers), max(numbers), indicator.unit, indicator.range)
    return (at[0], at[-1]) if len(at) > 1 else scale_for(indicator, cells)


def figure_of(
    cell: Cell, scale: Scale | None = None, series: Sequence[Cell] = (), label: str = "", beside: bool = False
) -> Figure:
    """Return what to show of a cell; `series` makes its sparkline, `beside` see `verdict_of`."""
    indicator = INDICATORS[cell.indicator]
    scale = scale or scale_for(indicator, [cell])
    before = cell.change.before if cell.change else None
    name = gettext(indicator.label)
    seen = [(c.value, c.low, c.high) if c.status != "no_data" else (None,) * 3 for c in series]
    return Figure(
        key=cell.indicator,
        name=name,
        value=words.value(cell.value, indicator, cell.n, cell.currency),
        interval=words.interval(cell, indicator),
        sample=words.sample(cell.n, indicator),
        note=note_of(cell),
        faint=cell.status != "ok",
        before=""
        if before is None
        else words.value(before, indicator, cell.change and cell.change.before_n, cell.currency),
        difference=words.difference(cell, indicator),
        verdict=verdict_of(cell, indicator, f"{name} · {label}" if label else name, beside),
        bar=drawing.bar(cell.value, cell.low, cell.high, before, scale),
        scale_low=words.mark_on_scale(scale[0], indicator, cell.currency),
        scale_high=words.mark_on_scale(scale[1], indicator, cell.currency),
        spark=drawing.spark([s[0] for s in seen], [s[1] for s in seen], [s[2] for s in seen]) if seen else None,
        cell=cell,
        label=label,
    )


def chart_of(
    indicator: Indicator,
    cells: Sequence[Cell],
    earlier: Sequence[Cell],
    grain: Grain,
    period: Period,
    marked: Sequence[date] = (),
) -> dict[str, Any]:
    """Return the data of a series chart: numbers to draw, and every text already written.

    `marked` are the days of annotations, numbered from 1 in their order; `marks` says on which step each number stands.
    """
    cut = cut_steps(len(cells), grain, period)
    currency = next((c.currency for c in cells if c.currency), None)
    shown = [n for c in [*cells, *earlier] for n in (c.value,) if n is not None]
    edges = [n for c in cells if c.status == "ok" for n in (c.low, c.high) if n is not None]
    numbers = [*shown, *edges]
    at = drawing.ticks(min(numbers), max(numbers), indicator.unit, indicator.range) if numbers else [0.0, 1.0]
    return {
        "steps": [words.tick(c.start, grain, period.tz) for c in cells if c.start],
        "ticks": [[tick, words.mark_on_scale(tick, indicator, currency)] for tick in at],
        "value": [c.value for c in cells],
        "low": [c.low for c in cells],
        "high": [c.high for c in cells],
        "before": [c.value for c in earlier][: len(cells)],
        "faint": [c.status != "ok" or i in cut for i, c in enumerate(cells)],
        "told": [
            _told(indicator, c, earlier[i] if i < len(earlier) else None, grain, period, i in cut)
            for i, c in enumerate(cells)
        ],
        "marks": _marks([c.start for c in cells if c.start], marked, period.tz),
        # Of amounts of money; empty for all else.
        "currency": currency or "",
    }


def _marks(starts: Sequence[datetime], days: Sequence[date], tz: str) -> list[list[int]]:
    """Return the step and the number of each mark; a day before the first step stands on it."""
    instants = [datetime.combine(day, time(12), zone(tz)) for day in days]
    return [[max(0, bisect_right(starts, at) - 1), i + 1] for i, at in enumerate(instants)] if starts else []


def cut_steps(steps: int, grain: Grain, period: Period) -> set[int]:
    """Return the steps of a series that the period covers only in part: the first, the last, both or none."""

    def begins_step(day: date) -> bool:
        return {
            "week": day.weekday() == 0,
            "month": day.day == 1,
            "quarter": day.day == 1 and day.month % 3 == 1,
            "year": day.day == 1 and day.month == 1,
        }.get(grain, True)

    cut = set() if begins_step(period.start) else {0}
    return cut if begins_step(period.end) else cut | {steps - 1}


def _told(
    indicator: Indicator, cell: Cell, before: Cell | None, grain: Grain, period: Period, cut: bool
) -> dict[str, str]:
    """Return the texts of one step of a series."""
    assert cell.start is not None
    tz = period.tz
    told = {
        "step": words.bucket(cell.start, grain, tz),
        "value": words.value(cell.value, indicator, cell.n, cell.currency),
        "interval": words.interval(cell, indicator),
        "sample": words.sample(cell.n, indicator) if cell.n else "",
        "note": note_of(cell) or (gettext("the period covers only a part of it") if cut else ""),
        "before": "",
    }
    if before is not None and before.start is not None and before.value is not None:
        told["before"] = gettext("{value} in {step}").format(
            value=words.value(before.value, indicator, before.n, before.currency),
            step=words.bucket(before.start, grain, tz),
        )
    return told
