"""Excel (.xlsx, .xlsb, .xls) and OpenDocument sheets."""

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from percorso.i18n import mark
from percorso.sources.readers.base import BadFile, Chunk, Reader, named, opened, without_empty

ROWS = 50_000


class SheetReader(Reader):
    """One sheet of a workbook: the one given, or the first that holds something. A record's line is its row in it."""

    def open(self) -> None:
        rows = self._rows()
        header = next((row for row in rows if any(cell not in ("", None) for cell in row)), None)
        if header is None:
            raise BadFile(mark("{file} is empty: export it again."), file=str(self.path))
        while header and header[-1] in ("", None):
            header.pop()
        self.columns = named([text_of(cell) or "" for cell in header])

    def _sheet(self) -> CalamineSheet:
        with opened(self.path) as (_, stream):
            data = stream.read()
        try:
            book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            if self.given.sheet is not None and self.given.sheet not in book.sheet_names:
                raise BadFile(
                    mark("{file} has no sheet {sheet}. Its sheets: {known}."),
                    file=str(self.path),
                    sheet=self.given.sheet,
                    known=", ".join(book.sheet_names),
                )
            names = [self.given.sheet] if self.given.sheet is not None else book.sheet_names
            sheets = [book.get_sheet_by_name(name) for name in names]
        except CalamineError as error:
            raise BadFile(
                mark("{file} cannot be read as a sheet ({reason}). Save it again as .xlsx or CSV, without a password."),
                file=str(self.path),
                reason=str(error),
            ) from error
        return next((s for s in sheets if s.height), sheets[0])

    def _rows(self) -> Iterator[list[Any]]:
        yield from self._sheet().iter_rows()

    def chunks(self) -> Iterator[Chunk]:
        width, header = len(self.columns), True
        rows: list[list[str | None]] = []
        lines: list[int] = []
        for number, row in enumerate(self._rows()):
            if header:
                header = not any(cell not in ("", None) for cell in row)
                continue
            rows.append([text_of(cell) for cell in row[:width]] + [None] * (width - len(row)))
            lines.append(number + 1)
            if len(rows) == ROWS:
                yield self._chunk(rows, lines, self.size // 2)
                rows, lines = [], []
        yield self._chunk(rows, lines, self.size)

    def _chunk(self, rows: list[list[str | None]], lines: list[int], position: int) -> Chunk:
        values = list(zip(*rows, strict=True)) or [()] * len(self.columns)
        frame = pl.DataFrame([pl.Series(n, v, pl.String) for n, v in zip(self.columns, values, strict=True)])
        return Chunk(*without_empty(frame, np.array(lines, np.int64)), position)


def text_of(cell: Any) -> str | None:
    """Return a cell as text: 9.0 is 9 (Excel knows no whole numbers), dates are ISO, empty is None."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, (dt.datetime, dt.date, dt.time)):
        return cell.isoformat()
    return str(cell)
