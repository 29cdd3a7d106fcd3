"""The tables of the pages about use as files, for programs and for spreadsheets."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext

from percorso.accounts import audit
from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.shares import Share
from percorso.base import words
from percorso.base.cells import safe_text
from percorso.customers.words import instant
from percorso.insights.downloads import FORMS as EVERY
from percorso.insights.downloads import TYPES
from percorso.insights.forms import Choice
from percorso.insights.views.around import choice_of

# What a table can be downloaded as: pictures are of figures.
FORMS = {form: EVERY[form] for form in ("xlsx", "csv", "parquet")}
# The number formats of a spreadsheet, by what a column holds.
KINDS = {"text": "", "count": "#,##0", "share": "0.0%", "seconds": "#,##0.0", "number": "0.00", "p": "0.0000"}
Value = str | int | float | bool | date | datetime | None


@dataclass(frozen=True)
class Sheet:
    """A table: its name in the file's name, its columns for programs and for people, its rows, and what was asked.

    `forms` are the number formats of a spreadsheet by column, where there is one.
    """

    name: str
    columns: Sequence[str]
    headings: Sequence[str]
    rows: Sequence[Sequence[Value]]
    asked: Sequence[tuple[str, str]] = ()
    forms: Sequence[str] = ()


@dataclass(frozen=True)
class Column:
    """A column: its name for programs, its heading for people, and which of `KINDS` it holds."""

    name: str
    heading: str
    kind: str = "text"


@dataclass(frozen=True)
class Table:
    """A table by its columns; see `Sheet`."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    asked: Sequence[tuple[str, str]] = ()

    @property
    def sheet(self) -> Sheet:
        """The same by names, headings and number formats."""
        names, headings = [c.name for c in self.columns], [c.heading for c in self.columns]
        return Sheet(self.name, names, headings, self.rows, self.asked, [KINDS[c.kind] for c in self.columns])


def share_columns(name: str, heading: str) -> tuple[Column, Column, Column]:
    """Return the columns of a share and its interval; see `share_values`."""
    ends = (("low", gettext("Interval from")), ("high", gettext("Interval to")))
    return Column(name, heading, "share"), *(Column(f"{name}_{end}", text, "share") for end, text in ends)  # type: ignore[return-value]


def share_values(share: Share | None) -> tuple[float | None, float | None, float | None]:
    """Return a share and its interval."""
    return (None, None, None) if share is None else (share.value, share.low, share.high)


def download(request: HttpRequest, workspace: Workspace, table: Table, form: str) -> HttpResponse:
    """Give a table as a file in one of `FORMS`; period and group are those of the address."""
    return answer(request, workspace, choice_of(request, workspace), form, table.sheet)


def links() -> list[tuple[str, str, str]]:
    """Return what a table can be downloaded as: its form, its name, its picture."""
    return [(form, gettext(label), icon) for form, (label, icon) in FORMS.items()]


def answer(request: HttpRequest, workspace: Workspace, choice: Choice, form: str, sheet: Sheet) -> HttpResponse:
    """Give a table as a file in one of `FORMS`, and write down who took it."""
    if form not in FORMS:
        raise Http404(form)
    asked = [*sheet.asked, *_question(workspace, choice)]
    made = {"csv": csv_of, "parquet": parquet_of}[form](sheet) if form != "xlsx" else xlsx_of(sheet, asked)
    name = f"{workspace.slug}-{sheet.name}-{choice.period.start}-{words.last_day(choice.period)}.{form}"
    audit.record("downloaded", workspace, by=request.user, target=name)  # type: ignore[arg-type]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made, content_type=TYPES[form], headers=headers)


def _question(workspace: Workspace, choice: Choice) -> list[tuple[str, str]]:
    """Return the lines that tell whose facts of which days a file holds."""
    within = [(gettext("Segment"), choice.within.name)] if choice.within else []
    return [
        (gettext("Workspace"), workspace.name),
        (gettext("Period"), words.days(choice.period)),
        *within,
        *((name, ", ".join(str(v) for v in values)) for name, values in choice.segment.items()),
        (gettext("Time zone"), workspace.time_zone),
        (gettext("Asked at"), instant(datetime.now(UTC), workspace.time_zone)),
    ]


def csv_of(sheet: Sheet) -> bytes:
    """Return a table as CSV for programs: English headings, numbers unrounded; no cell runs as a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(sheet.columns)
    writer.writerows([[_plain(value) for value in row] for row in sheet.rows])
    return out.getvalue().encode()


def _plain(value: Value) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return safe_text(value) if isinstance(value, str) else value


def parquet_of(sheet: Sheet) -> bytes:
    """Return a table as Parquet."""
    columns = list(zip(*sheet.rows, strict=True)) or [()] * len(sheet.columns)
    out = io.BytesIO()
    pq.write_table(pa.table([pa.array(list(column)) for column in columns], names=list(sheet.columns)), out)
    return out.getvalue()


def xlsx_of(sheet: Sheet, asked: Sequence[tuple[str, str]]) -> bytes:
    """Return a workbook: the table, and a sheet that says what was asked. Texts are never taken for formulas."""
    out = io.BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(out, safe) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        page = book.add_worksheet(gettext("Figures")[:31])
        for place, text in enumerate(sheet.headings):
            page.write_string(0, place, text, bold)
        page.freeze_panes(1, 0)
        page.set_column(0, len(sheet.headings) - 1, 16)
        shapes = [book.add_format({"num_format": form or "General"}) for form in sheet.forms]
        for line, row in enumerate(sheet.rows, start=1):
            for place, value in enumerate(row):
                _write(page, line, place, value, shapes[place] if place < len(shapes) else None)
        told = book.add_worksheet(gettext("What was asked")[:31])
        told.set_column(0, 0, 20)
        told.set_column(1, 1, 80)
        for line, (name, text) in enumerate(asked):
            told.write_string(line, 0, name, book.add_format({"bold": True}))
            told.write_string(line, 1, text)
    return out.getvalue()


def _write(page: Any, line: int, place: int, value: Value, shape: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_boolean(line, place, value)
    elif isinstance(value, int | float):
        page.write_number(line, place, value, shape)
    elif isinstance(value, date | datetime):
        page.write_string(line, place, value.isoformat())
    else:
        page.write_string(line, place, str(value))
