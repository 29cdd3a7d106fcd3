"""A result on the terminal: table, JSON or CSV."""

import csv
import io
import json
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, gettext
from rich.console import Console
from rich.table import Table

from percorso.analytics.calendar import label
from percorso.analytics.format import format_count, format_value
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.reasons import REASONS
from percorso.analytics.result import Cell, Result
from percorso.i18n import mark

VERDICT = {
    "up": mark("▲ up"),
    "down": mark("▼ down"),
    "none": mark("● no evidence of change"),
    "untested": "",
    "running": mark("… still running"),
}


def draw(result: Result, console: Console) -> None:
    """Draw the cells as a table, figures aligned on the right."""
    names = list(dict.fromkeys(name for cell in result for name in cell.by))
    table = Table(header_style="bold", pad_edge=False)
    table.add_column(gettext("Indicator"))
    if result.query.grain:
        table.add_column(gettext("Start"))
    for name in names:
        table.add_column(name)
    for title in (mark("Value"), mark("Interval"), "n"):
        table.add_column(gettext(title), justify="right", no_wrap=True)
    table.add_column(gettext("Verdict"))
    for cell in result:
        table.add_row(*_texts(cell, names, result))
    console.print(table)
    console.print(_footnote(result), style="dim")


def _texts(cell: Cell, names: list[str], result: Result) -> list[str]:
    unit, language, currency = INDICATORS[cell.indicator].unit, get_language() or "en", cell.currency
    start = [_start(cell, result)] if result.query.grain else []
    groups = [cell.by.get(name) or "–" for name in names]
    interval = "–"
    if cell.low is not None and cell.high is not None:
        ends = (format_value(v, unit, language, cell.n, currency) for v in (cell.low, cell.high))
        interval = " … ".join(ends)
    value = format_value(cell.value, unit, language, cell.n, currency)
    n = "–" if cell.n is None else format_count(cell.n, language)
    return [cell.indicator, *start, *groups, value, interval, n, _verdict(cell, unit, language)]


def _start(cell: Cell, result: Result) -> str:
    tz = result.query.period.tz if result.query.period else result.query.tz
    return label(cell.start, tz, result.query.grain) if cell.start and result.query.grain else ""


def _verdict(cell: Cell, unit: str, language: str) -> str:
    notes = [gettext(REASONS[cell.status])] if cell.status in REASONS else []
    change = cell.change
    if change and change.verdict != "untested":
        text = gettext(VERDICT[change.verdict])
        colour = {True: "green", False: "red"}.get(change.good) if change.good is not None else None
        if change.before is not None and change.verdict in ("up", "down"):
            ends = (format_value(v, unit, language, currency=cell.currency) for v in (change.before, cell.value))
            text = f"{text} ({' → '.join(ends)})"
        notes.append(f"[{colour}]{text}[/]" if colour else text)
    return ", ".join(notes)


def _footnote(result: Result) -> str:
    q = result.query
    share = format_value(q.confidence, "share", get_language() or "en")
    parts = [gettext("Intervals: {share} confidence.").format(share=share)]
    if q.period:
        period = gettext("Period: {start} to {end}, {zone}.")
        parts.append(period.format(start=q.period.start, end=_last(q.period.end), zone=q.period.tz))
    if any(cell.change for cell in result):
        parts.append(gettext("Up or down only where chance is an unlikely explanation and the difference matters."))
    return " ".join(parts)


def _last(end: Any) -> Any:
    return end.fromordinal(end.toordinal() - 1)


def as_json(result: Result, console: Console) -> None:
    """Print the cells as a JSON array; None for no figure, never NaN."""
    text = json.dumps(result.to_dicts(), default=_plain, ensure_ascii=False, indent=1, allow_nan=False)
    console.file.write(text + "\n")


def as_csv(result: Result, console: Console) -> None:
    """Print the cells as CSV with a header; an empty field is no figure."""
    rows = result.to_arrow().to_pylist()
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=result.to_arrow().column_names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: _plain(v) if isinstance(v, datetime) else v for k, v in row.items()} for row in rows)
    console.file.write(out.getvalue())


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
