"""Figures as files: tables for programs and spreadsheets, pictures for slides."""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq
import xlsxwriter
from django.utils.translation import gettext

from percorso.accounts.models import Workspace
from percorso.analytics.calendar import zone
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.result import Cell, Result
from percorso.base import words
from percorso.customers.words import instant
from percorso.i18n import mark
from percorso.insights import columns
from percorso.insights.figures import verdict_of
from percorso.insights.forms import Choice

# What can be downloaded: its name, its picture.
FORMS = {
    "xlsx": (mark("Spreadsheet (XLSX)"), "file-spreadsheet"),
    "csv": (mark("Table (CSV)"), "table"),
    "parquet": (mark("Parquet"), "database"),
    "png": (mark("Picture (PNG)"), "photo"),
    "svg": (mark("Drawing (SVG)"), "photo"),
}
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "png": "image/png",
    "svg": "image/svg+xml",
}
# A cell that begins so would run as a formula in a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Asked:
    """What a file holds, and what was asked: it says so itself."""

    result: Result
    workspace: Workspace
    choice: Choice

    @property
    def key(self) -> str:
        return self.result.query.indicators[0]

    @property
    def groups(self) -> list[str]:
        """The columns of the breakdown."""
        return list(dict.fromkeys(name for c in self.result for name in c.by))

    def name(self, form: str) -> str:
        """Return the name of the file."""
        grain, by = self.result.query.grain, "-".join(self.groups).replace(".", "-")
        what = grain or by or "all"
        period = self.choice.period
        return f"{self.workspace.slug}-{self.key}-{what}-{period.start}-{words.last_day(period)}.{form}"

    @property
    def segment(self) -> list[tuple[str, str]]:
        """The filters by their names, each with its values."""
        return [
            (columns.column_name(name), ", ".join(columns.value_name(name, v) for v in values))
            for name, values in self.result.query.segment.items()
        ]

    def question(self) -> list[tuple[str, str]]:
        """Return what was asked, line by line, in the person's language."""
        indicator = INDICATORS[self.key]
        return [
            (gettext("Indicator"), gettext(indicator.label)),
            (gettext("Question"), gettext(indicator.about)),
            (gettext("Formula"), gettext(indicator.formula)),
            (gettext("Workspace"), self.workspace.name),
            (gettext("Period"), words.days(self.choice.period)),
            *self.segment,
            (gettext("Breakdown"), " · ".join(map(columns.column_name, self.groups)) or "–"),
            (gettext("Interval"), gettext(indicator.interval)),
            (gettext("Time zone"), self.workspace.time_zone),
            (gettext("Asked at"), instant(datetime.now(UTC), self.workspace.time_zone)),
        ]


def csv_of(asked: Asked) -> bytes:
    """Return the cells as CSV for programs: English headings, numbers unrounded, instants in the workspace's zone."""
    out = io.StringIO()
    writer = csv.writer(out)
    figures = ["value", "low", "high", "n", "status", "before", "verdict", "time_zone"]
    writer.writerow(["indicator", "start", *map(_safe, asked.groups), *figures])
    for cell in asked.result:
        start, change = _local(cell, asked), cell.change
        texts = [_safe(cell.by.get(name)) for name in asked.groups]
        compared = [change.before, change.verdict] if change else [None, None]
        numbers = [cell.value, cell.low, cell.high, cell.n, cell.status]
        writer.writerow(
            [cell.indicator, start.isoformat() if start else "", *texts, *numbers, *compared, asked.workspace.time_zone]
        )
    return out.getvalue().encode()


def _safe(value: Any) -> str:
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(FORMULA) else text


def _local(cell: Cell, asked: Asked) -> datetime | None:
    return cell.start.astimezone(zone(asked.workspace.time_zone)) if cell.start else None


def parquet_of(asked: Asked) -> bytes:
    """Return the cells as Parquet."""
    out = io.BytesIO()
    pq.write_table(asked.result.to_arrow(), out)
    return out.getvalue()


def xlsx_of(asked: Asked) -> bytes:
    """Return a workbook: the figures, and a sheet that says what was asked. Texts are never taken for formulas."""
    out = io.BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(out, safe) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        sheet = book.add_worksheet(gettext("Figures")[:31])
        headings = _headings(asked)
        for column, text in enumerate(headings):
            sheet.write_string(0, column, text, bold)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(headings) - 1, 16)
        _cells(book, sheet, asked)
        told = book.add_worksheet(gettext("What was asked")[:31])
        told.set_column(0, 0, 20)
        told.set_column(1, 1, 80)
        for line, (name, text) in enumerate(asked.question()):
            told.write_string(line, 0, name, book.add_format({"bold": True}))
            told.write_string(line, 1, text)
    return out.getvalue()


def _headings(asked: Asked) -> list[str]:
    unit = INDICATORS[asked.key].unit
    value = gettext("Value in seconds") if unit == "seconds" else gettext("Value")
    start = [gettext("When")] if asked.result.query.grain else []
    compared = [gettext("Before"), gettext("Difference"), gettext("p-value"), gettext("Verdict")]
    if not any(c.change for c in asked.result):
        compared = []
    return [
        *start,
        *map(columns.column_name, asked.groups),
        *(value, gettext("Interval from"), gettext("Interval to"), "n", gettext("State")),
        *compared,
    ]


def _cells(book: Any, sheet: Any, asked: Asked) -> None:
    """Write a row a cell: numbers as numbers, in the form of their unit."""
    indicator = INDICATORS[asked.key]
    form = {"share": "0.0%", "seconds": "#,##0", "tickets": "#,##0"}.get(indicator.unit, "0.00")
    figure, whole, small = (book.add_format({"num_format": f}) for f in (form, "#,##0", "0.0000"))
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm" if asked.result.query.grain == "hour" else "yyyy-mm-dd"})
    compared = any(c.change for c in asked.result)
    for line, cell in enumerate(asked.result, start=1):
        column = 0
        if asked.result.query.grain:
            if local := _local(cell, asked):
                sheet.write_datetime(line, column, local.replace(tzinfo=None), day)
            column += 1
        for name in asked.groups:
            sheet.write_string(line, column, columns.value_name(name, cell.by.get(name)))
            column += 1
        change = cell.change if compared else None
        numbers = [(cell.value, figure), (cell.low, figure), (cell.high, figure), (cell.n, whole)]
        after = [(change.before, figure), (change.difference, figure), (change.p_value, small)] if change else []
        for at, (number, how) in enumerate(numbers):
            if number is not None:
                sheet.write_number(line, column + at, number, how)
        sheet.write_string(line, column + 4, cell.status)
        for at, (number, how) in enumerate(after):
            if number is not None:
                sheet.write_number(line, column + 5 + at, number, how)
        found = verdict_of(cell, indicator, gettext(indicator.label), asked.choice.beside) if change else None
        if found:
            sheet.write_string(line, column + 8, found.word)
