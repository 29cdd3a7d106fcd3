"""Figures as files."""

import csv
import io
from typing import Any

from django.http import HttpResponse

from percorso.accounts.models import Workspace
from percorso.analytics.calendar import zone
from percorso.analytics.result import Result
from percorso.insights.forms import Choice

# A cell that begins so would run as a formula in a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(result: Result, workspace: Workspace, choice: Choice, what: str) -> HttpResponse:
    """Return the cells of a result as CSV: numbers unrounded, instants in the workspace's time zone."""
    groups = list(dict.fromkeys(name for c in result for name in c.by))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["indicator", "start", *groups, "value", "low", "high", "n", "status", "before", "verdict", "time_zone"]
    )
    for cell in result:
        start = cell.start.astimezone(zone(workspace.time_zone)).isoformat() if cell.start else ""
        change = cell.change
        texts = [_safe(cell.by.get(name)) for name in groups]
        figures = [cell.value, cell.low, cell.high, cell.n, cell.status]
        compared = [change.before, change.verdict] if change else [None, None]
        writer.writerow([cell.indicator, start, *texts, *figures, *compared, workspace.time_zone])
    key = result.query.indicators[0]
    name = f"{workspace.slug}-{key}-{what.replace('.', '-')}-{choice.period.start}-{choice.period.end}.csv"
    return HttpResponse(
        out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _safe(value: Any) -> str:
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(FORMULA) else text
