"""A result as the table that a notebook shows."""

from html import escape

from percorso.analytics.calendar import label
from percorso.analytics.format import format_count, format_value
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.result import Cell, Result

VERDICT = {"up": "▲ up", "down": "▼ down", "none": "● no evidence of change", "running": "… still running"}


def html_table(result: Result) -> str:
    """Return the cells as an HTML table: value, interval, n, verdict; figures aligned on the right."""
    names = list(dict.fromkeys(name for cell in result for name in cell.by))
    start = ["start"] if result.query.grain else []
    head = ["indicator", *start, *names, "value", "interval", "n", "verdict"]
    rows = "".join(f"<tr>{''.join(_cells(cell, names, result))}</tr>" for cell in result)
    return (
        f"<table><thead><tr>{''.join(f'<th>{escape(h)}</th>' for h in head)}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _cells(cell: Cell, names: list[str], result: Result) -> list[str]:
    unit, currency = INDICATORS[cell.indicator].unit, cell.currency
    tz = result.query.period.tz if result.query.period else result.query.tz
    grain = result.query.grain
    texts = [cell.indicator]
    if grain:
        texts.append(label(cell.start, tz, grain) if cell.start else "")
    texts += [cell.by.get(name) or "–" for name in names]
    interval = "–"
    if cell.low is not None and cell.high is not None:
        interval = " … ".join(format_value(v, unit, n=cell.n, currency=currency) for v in (cell.low, cell.high))
    verdict = VERDICT.get(cell.change.verdict, "") if cell.change else ""
    if cell.status != "ok":
        verdict = f"{cell.status.replace('_', ' ')} {verdict}".strip()
    value = format_value(cell.value, unit, n=cell.n, currency=currency)
    figures = [value, interval, "–" if cell.n is None else format_count(cell.n)]
    left = "".join(f"<td style='text-align:left'>{escape(t)}</td>" for t in texts)
    right = "".join(f"<td style='text-align:right'>{escape(t)}</td>" for t in figures)
    return [left, right, f"<td style='text-align:left'>{escape(verdict)}</td>"]
