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
from percorso.analytics.format import exponent
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.result import Cell, Result
from percorso.base import columns, words
from percorso.base.cells import safe_text
from percorso.customers.words import instant
from percorso.i18n import mark
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
    def money(self) -> bool:
        """Whether some of the figures are amounts of money, whose currency no group tells."""
        amounts = any(INDICATORS[key].unit == "money" for key in self.result.query.indicators)
        return amounts and "currency" not in self.groups

    @property
    def groups(self) -> list[str]:
        """The columns of the breakdown."""
        return list(dict.fromkeys(name for c in self.result for name in c.by))

    def name(self, form: str) -> str:
        """Return the name of the file."""
        grain, by = self.result.query.grain, "-".join(self.groups).replace(".", "-")
        what = grain or by or "all"
        period = self.choice.period
        keys = "-".join(self.result.query.indicators[:3])
        return f"{self.workspace.slug}-{keys}-{what}-{period.start}-{words.last_day(period)}.{form}"

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
            *(line for key in self.result.query.indicators for line in _defined(key)),
            (gettext("Workspace"), self.workspace.name),
            (gettext("Period"), words.days(self.choice.period)),
            *self.segment,
            (gettext("Breakdown"), " · ".join(map(columns.column_name, self.groups)) or "–"),
            (gettext("Interval"), gettext(indicator.interval)),
            (gettext("Time zone"), self.workspace.time_zone),
            (gettext("Asked at"), instant(datetime.now(UTC), self.workspace.time_zone)),
        ]


def _defined(key: str) -> list[tuple[str, str]]:
    """Return what an indicator is."""
    indicator = INDICATORS[key]
    return [
        (gettext("Indicator"), gettext(indicator.label)),
        (gettext("Question"), gettext(indicator.about)),
        (gettext("Formula"), gettext(indicator.formula)),
    ]


def csv_of(asked: Asked) -> bytes:
    """Return the cells as CSV for programs: English headings, numbers unrounded, instants in the workspace's zone."""
    out = io.StringIO()
    writer = csv.writer(out)
    figures = ["value", "low", "high", "n", "status", "before", "verdict", "time_zone"]
    # Amounts are in minor units.
    figures += ["currency"] if asked.money else []
    writer.writerow(["indicator", "start", *map(safe_text, asked.groups), *figures])
    for cell in asked.result:
        start, change = _local(cell, asked), cell.change
        texts = [safe_text(cell.by.get(name)) for name in asked.groups]
        compared = [change.before, change.verdict] if change else [None, None]
        numbers = [cell.value, cell.low, cell.high, cell.n, cell.status]
        last = [asked.workspace.time_zone, *([cell.currency] if asked.money else [])]
        writer.writerow([cell.indicator, start.isoformat() if start else "", *texts, *numbers, *compared, *last])
    return out.getvalue().encode()


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
    units = {INDICATORS[key].unit for key in asked.result.query.indicators}
    value = gettext("Value in seconds") if units == {"seconds"} else gettext("Value")
    several = [gettext("Indicator")] if len(asked.result.query.indicators) > 1 else []
    start = [gettext("When")] if asked.result.query.grain else []
    compared = [gettext("Before"), gettext("Difference"), gettext("p-value"), gettext("Verdict")]
    if not any(c.change for c in asked.result):
        compared = []
    return [
        *several,
        *start,
        *map(columns.column_name, asked.groups),
        *(value, gettext("Interval from"), gettext("Interval to"), "n", gettext("State")),
        *compared,
        *([gettext("Currency")] if asked.money else []),
    ]


def _form(unit: str, currency: str | None) -> str:
    """Return the number format of a spreadsheet for a unit."""
    if unit == "money":
        places = exponent(currency)
        return "#,##0." + "0" * places if places else "#,##0"
    whole = dict.fromkeys(("seconds", "milliseconds", "tickets", "count"), "#,##0")
    return {"share": "0.0%", "score": "0.0", "days": "0.0", "number": "#,##0.###", **whole}.get(unit, "0.00")


def _shown(number: float | None, unit: str, currency: str | None) -> float | None:
    """Return a number as people calculate with it: money in units of its currency."""
    return float(number) / 10 ** exponent(currency) if number is not None and unit == "money" else number


def _cells(book: Any, sheet: Any, asked: Asked) -> None:
    """Write a row a cell: numbers as numbers, in the form of their unit."""
    kinds = {(INDICATORS[cell.indicator].unit, cell.currency) for cell in asked.result}
    forms = {kind: book.add_format({"num_format": _form(*kind)}) for kind in kinds}
    whole, small = (book.add_format({"num_format": f}) for f in ("#,##0", "0.0000"))
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm" if asked.result.query.grain == "hour" else "yyyy-mm-dd"})
    compared = any(c.change for c in asked.result)
    for line, cell in enumerate(asked.result, start=1):
        column, indicator = 0, INDICATORS[cell.indicator]
        unit = indicator.unit
        if len(asked.result.query.indicators) > 1:
            sheet.write_string(line, column, gettext(indicator.label))
            column += 1
        if asked.result.query.grain:
            if local := _local(cell, asked):
                sheet.write_datetime(line, column, local.replace(tzinfo=None), day)
            column += 1
        for name in asked.groups:
            sheet.write_string(line, column, columns.value_name(name, cell.by.get(name)))
            column += 1
        change, figure = cell.change if compared else None, forms[unit, cell.currency]
        value, low, high = (_shown(v, unit, cell.currency) for v in (cell.value, cell.low, cell.high))
        numbers = [(value, figure), (low, figure), (high, figure), (cell.n, whole)]
        after: list[tuple[float | None, Any]] = []
        if change:
            before, difference = (_shown(v, unit, cell.currency) for v in (change.before, change.difference))
            after = [(before, figure), (difference, figure), (change.p_value, small)]
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
        if asked.money:
            sheet.write_string(line, column + (9 if compared else 5), cell.currency or "")
