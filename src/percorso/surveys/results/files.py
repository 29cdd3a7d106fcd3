"""Exports as files: CSV, XLSX, SPSS and Parquet, written row by row where the format allows it."""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import xlsxwriter
from django.utils.translation import gettext

from percorso.base.cells import safe_text
from percorso.surveys.results.sheet import AT_ONCE, NOT_SHOWN, Field, Row, Sheet, Told

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "sav": "application/x-spss-sav",
    "parquet": "application/vnd.apache.parquet",
}
ARROW = {
    "number": pa.float64(),
    "text": pa.string(),
    "date": pa.date32(),
    "instant": pa.timestamp("us", tz="UTC"),
    "flag": pa.bool_(),
}
# What SPSS can hold, in bytes of UTF-8.
LONGEST_NAME, LONGEST_LABEL, LONGEST_VALUE_LABEL, LONGEST_TEXT = 64, 255, 120, 32_000
RESERVED = {"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"}
NO_ANSWER, NOT_ASKED = -99, -98
# Larger numbers lose whole digits as floats.
EXACT = 1e15
EXCEL_ROWS, EXCEL_TEXT = 1_048_575, 32_767


def write(sheet: Sheet, form: str, path: Path, zone: str, told: Told) -> None:
    """Write a table as a file.

    Parameters
    ----------
    form : a key of `TYPES`. zone : in which SPSS and spreadsheets, that know none, tell instants.
    told : is called with how far it is, 0 to 1.
    """
    WRITERS[form](sheet, path, ZoneInfo(zone), told)


def _rows(sheet: Sheet, told: Told) -> Iterator[Row]:
    for i, row in enumerate(sheet.rows()):
        if i % AT_ONCE == 0:
            told(i / max(1, sheet.count))
        yield row


def _csv(sheet: Sheet, path: Path, zone: ZoneInfo, told: Told) -> None:
    """For programs: names of columns, ids of options, instants in UTC; texts are never taken for formulas."""
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow([safe_text(field.name) for field in sheet.fields])
        for row in _rows(sheet, told):
            writer.writerow([_csv_cell(value, field) for value, field in zip(row, sheet.fields, strict=True)])


def _csv_cell(value: Any, field: Field) -> Any:
    if value is None or value is NOT_SHOWN:
        return ""
    if isinstance(value, bool):
        return int(value)
    if field.kind == "number":
        return int(value) if float(value).is_integer() and abs(value) < EXACT else value
    return value.isoformat() if isinstance(value, date) else safe_text(value)


def _xlsx(sheet: Sheet, path: Path, zone: ZoneInfo, told: Told) -> None:
    """For people: wordings as headings, options by their labels; a second sheet explains the columns."""
    safe = {
        "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True,
    }  # fmt: skip
    with xlsxwriter.Workbook(str(path), safe) as book:
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        forms = {
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        page = book.add_worksheet(gettext("Answers")[:31])
        page.freeze_panes(1, 0)
        page.set_column(0, max(0, len(sheet.fields) - 1), 18)
        for column, field in enumerate(sheet.fields):
            page.write_string(0, column, field.label[:EXCEL_TEXT], bold)
        for line, row in enumerate(_rows(sheet, told), start=1):
            if line > EXCEL_ROWS:
                break
            for column, (value, field) in enumerate(zip(row, sheet.fields, strict=True)):
                _xlsx_cell(page, line, column, value, field, zone, forms)
        _codebook(book, sheet, bold)


def _xlsx_cell(
    page: Any, line: int, column: int, value: Any, field: Field, zone: ZoneInfo, forms: Mapping[str, Any]
) -> None:
    if value is None or value is NOT_SHOWN:
        return
    if field.kind == "number":
        page.write_number(line, column, value)
    elif field.kind == "flag":
        page.write_boolean(line, column, value)
    elif field.kind == "instant":
        page.write_datetime(line, column, value.astimezone(zone).replace(tzinfo=None), forms["instant"])
    elif field.kind == "date":
        page.write_datetime(line, column, datetime(value.year, value.month, value.day), forms["date"])  # noqa: DTZ001
    else:
        page.write_string(line, column, safe_text(_in_words(value, field))[:EXCEL_TEXT])


def _in_words(value: str, field: Field) -> str:
    """Return a text's label; of several ids with blanks between them each one's."""
    if value in field.labels or field.question or not field.labels:
        return field.labels.get(value, value)
    return "; ".join(field.labels.get(one, one) for one in value.split())


def _codebook(book: Any, sheet: Sheet, bold: Any) -> None:
    """Add the sheet that says what each column is."""
    page = book.add_worksheet(gettext("Columns")[:31])
    page.set_column(0, 0, 24)
    page.set_column(1, 2, 60)
    for column, text in enumerate((gettext("Name"), gettext("Question"), gettext("Values"))):
        page.write_string(0, column, text, bold)
    for line, field in enumerate(sheet.fields, start=1):
        values = "; ".join(f"{_key(key)} = {label}" for key, label in field.labels.items())
        for column, text in enumerate((field.name, field.label, values)):
            page.write_string(line, column, safe_text(text)[:EXCEL_TEXT])


def _key(key: Any) -> str:
    return f"{key:g}" if isinstance(key, int | float) else str(key)


def _parquet(sheet: Sheet, path: Path, zone: ZoneInfo, told: Told) -> None:
    """For programs: labels stand in the metadata of each column."""
    schema = pa.schema([pa.field(f.name, ARROW[f.kind], metadata=_metadata(f)) for f in sheet.fields])
    with pq.ParquetWriter(path, schema) as out:
        held: list[Row] = []
        for row in _rows(sheet, told):
            held.append([None if value is NOT_SHOWN else value for value in row])
            if len(held) == AT_ONCE * 10:
                out.write_table(_arrow(held, schema))
                held = []
        if held or not sheet.count:
            out.write_table(_arrow(held, schema))


def _metadata(field: Field) -> dict[str, str]:
    labels = {"values": json.dumps({_key(k): v for k, v in field.labels.items()}, ensure_ascii=False)}
    return {"label": field.label} | (labels if field.labels else {})


def _arrow(rows: list[Row], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _sav(sheet: Sheet, path: Path, zone: ZoneInfo, told: Told) -> None:
    """For SPSS: options are numbers with labels, in the order in which they were first offered."""
    names = spss_names(field.name for field in sheet.fields)
    columns: list[list[Any]] = [[] for _ in sheet.fields]
    codes = [{key: float(i) for i, key in enumerate(f.labels, 1)} if f.kind == "text" else {} for f in sheet.fields]
    for row in _rows(sheet, told):
        for column, value, field, known in zip(columns, row, sheet.fields, codes, strict=True):
            column.append(_sav_cell(value, field, known, zone))
    frame = pd.DataFrame(
        {name: _series(column, field) for name, column, field in zip(names, columns, sheet.fields, strict=True)}
    )
    known = list(zip(names, sheet.fields, strict=True))
    pyreadstat.write_sav(
        frame,
        str(path),
        file_label=_cut(sheet.title, 60),
        column_labels=[_cut(field.label, LONGEST_LABEL) for field in sheet.fields],
        variable_value_labels={
            n: _value_labels(f, c) for (n, f), c in zip(known, codes, strict=True) if _coded(f) or f.kind == "flag"
        },
        missing_ranges={n: [NO_ANSWER, NOT_ASKED] for n, f in known if _coded(f)},
        variable_measure={n: _measure(f) for n, f in known},
        variable_format={n: form for n, f in known if (form := _format(f))},
    )


FORMATS = {"date": "DATE11", "instant": "DATETIME20"}
WHOLE = "F8.0"


def _coded(field: Field) -> bool:
    """Whether its values are few numbers with labels, so that two more of them can say why one is missing."""
    few = bool(field.labels) or field.kind == "flag" or (field.kind == "number" and not field.scale)
    return bool(field.question) and few


def _format(field: Field) -> str:
    """Return how SPSS shows a column; empty for its usual form."""
    return WHOLE if _coded(field) or field.kind == "flag" or field.name == "version" else FORMATS.get(field.kind, "")


def _measure(field: Field) -> str:
    if field.scale or field.kind in FORMATS:
        return "scale"
    return "ordinal" if field.kind == "number" else "nominal"


def _value_labels(field: Field, codes: Mapping[Any, float]) -> dict[float, str]:
    if field.kind == "flag":
        labels: dict[float, str] = {0.0: gettext("No"), 1.0: gettext("Yes")}
    elif field.kind == "text":
        labels = {codes[key]: label for key, label in field.labels.items()}
    else:
        labels = {float(key): label for key, label in field.labels.items()}
    if field.question:
        labels |= {float(NO_ANSWER): gettext("No answer"), float(NOT_ASKED): gettext("Not shown")}
    return {value: _cut(label, LONGEST_VALUE_LABEL) for value, label in labels.items()}


def _sav_cell(value: Any, field: Field, codes: Mapping[Any, float], zone: ZoneInfo) -> Any:
    if _coded(field):
        if value is None or value is NOT_SHOWN:
            return float(NO_ANSWER if value is None else NOT_ASKED)
        return codes.get(value, float(NO_ANSWER)) if field.kind == "text" else float(value)
    if value is None or value is NOT_SHOWN:
        return "" if field.kind == "text" else None
    if field.kind == "instant":
        local = value.astimezone(zone).replace(tzinfo=None)
        # SPSS tells whole seconds.
        return local.replace(microsecond=0) + timedelta(seconds=local.microsecond >= 500_000)
    if field.kind == "text":
        return _cut(value, LONGEST_TEXT)
    return float(value) if field.kind in ("number", "flag") else value


def _series(column: list[Any], field: Field) -> "pd.Series[Any]":
    if field.kind == "instant":
        return pd.Series(column, dtype="datetime64[ns]")
    if field.kind == "date" or (field.kind == "text" and not _coded(field)):
        return pd.Series(column, dtype="object")
    return pd.Series(column, dtype="float64")


def _cut(text: str, most: int) -> str:
    """Return a text of at most so many bytes of UTF-8."""
    return text.encode()[:most].decode("utf-8", "ignore")


def spss_names(names: Iterator[str]) -> list[str]:
    """Return names that SPSS takes: letters, figures, points and underscores, all different in capitals too."""
    made: list[str] = []
    taken: set[str] = set()
    for name in names:
        base = re.sub(r"[^A-Za-z0-9_.]", "_", name).rstrip("._") or "v"
        base = base if base[0].isalpha() and base.lower() not in RESERVED else f"v_{base}"
        base, chosen, i = base[: LONGEST_NAME - 4], base[: LONGEST_NAME - 4], 1
        while chosen.lower() in taken:
            i += 1
            chosen = f"{base}_{i}"
        taken.add(chosen.lower())
        made.append(chosen)
    return made


WRITERS: dict[str, Callable[[Sheet, Path, ZoneInfo, Told], None]] = {
    "xlsx": _xlsx,
    "csv": _csv,
    "sav": _sav,
    "parquet": _parquet,
}
