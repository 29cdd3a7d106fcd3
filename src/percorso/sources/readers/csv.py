"""CSV of any delimiter, quoting and encoding.

Clean blocks go through Arrow's parser. A block with anything odd in it (too many or too few fields, stray quotes, bytes
that are no text) goes through Python's, which tells each record's line and lets the rest go on.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.csv

from percorso.i18n import mark
from percorso.sources.readers.base import BadFile, Chunk, Lines, Reader, named, opened, without_empty
from percorso.sources.readers.encodings import BLOCK, Pieces, Utf8
from percorso.sources.report import Rejected

DELIMITERS = ",;\t|"
LONGEST_TEXT = 1 << 24
ROWS = 50_000
csv.field_size_limit(LONGEST_TEXT)

NEWLINE, RETURN, QUOTE = 10, 13, 34
# How much may be read while looking for the end of one record before its quotes are called broken.
PATIENCE = 64 << 20


class CsvReader(Reader):
    """One CSV file. `delimiter` and `encoding` are what was given or found."""

    block = BLOCK

    def open(self) -> None:
        with opened(self.path) as (_, stream):
            source = Utf8(stream, self.given.encoding, min(self.block, 1 << 20))
            text = next(source.blocks(), b"").decode("utf-8", "surrogateescape")
        self.encoding = source.encoding
        self.before = 0  # records before the first of the data: blank ones, Excel's `sep=;`, the header
        if text[:4].lower() == "sep=" and text[4:5]:
            self.before, self.delimiter = 1, self.given.delimiter or text[4]
            text = text.partition("\n")[2]
        else:
            self.delimiter = self.given.delimiter or delimiter_of(text)
        self.escaped = bool(re.search(rf'\\"(?!["\r\n{re.escape(self.delimiter)}]|$)', text))
        self.old_mac = "\r" in text and "\n" not in text
        for header in self._parser(io.StringIO(text, newline="")):
            self.before += 1
            if header:
                self.columns = named(header)
                return
        raise BadFile(mark("{file} is empty: export it again."), file=str(self.path))

    def chunks(self) -> Iterator[Chunk]:
        with opened(self.path) as (raw, stream):
            blocks = Utf8(stream, self.given.encoding, self.block).blocks()
            if self.escaped or self.old_mac:
                yield from self._slow(blocks, 1, raw, header=True)
            else:
                yield from self._fast(blocks, raw)

    def _fast(self, blocks: Iterator[bytes], raw: Any) -> Iterator[Chunk]:
        """Cut the stream where records end; parse block by block."""
        line, data, header = 1, b"", True
        for block in blocks:
            data += block
            ends = record_ends(data, self.delimiter)
            if ends is None or (not ends.size and len(data) > PATIENCE):
                # From here on quotes cannot be trusted to tell where records end.
                yield from self._slow(_joined(data, blocks), line, raw, header)
                return
            if not ends.size:
                continue
            cut = int(ends[-1]) + 1
            yield from self._block(data[:cut], ends, line, raw, header)
            line, data, header = line + data.count(b"\n", 0, cut), data[cut:], False
        if data:
            yield from self._slow(iter([data]), line, raw, header)

    def _block(self, data: bytes, ends: Lines, line: int, raw: Any, header: bool) -> Iterator[Chunk]:
        starts = np.concatenate(([0], ends[:-1] + 1))
        skip = self.before if header else 0
        frame = self._arrow(data, int(starts[skip]) if skip < len(starts) else len(data))
        full = _not_blank(data, starts, ends)[skip:]
        if frame is None or frame.height != full.sum():
            yield from self._slow(iter([data]), line, raw, header)
            return
        lines = line + (np.arange(len(ends)) if not _breaks_inside(data, ends) else _lines_before(data, starts))
        clean, kept = without_empty(frame, lines[skip:][full])
        yield Chunk(clean, kept, raw.tell())

    def _arrow(self, data: bytes, start: int) -> pl.DataFrame | None:
        """Parse a block; None when a record has not the header's number of fields or is no text."""
        try:
            table = pyarrow.csv.read_csv(
                pa.BufferReader(pa.py_buffer(data).slice(start)),
                read_options=pyarrow.csv.ReadOptions(column_names=self.columns, block_size=len(data) + 1),
                parse_options=pyarrow.csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(self.columns, pa.string()),
                    null_values=[""],
                    strings_can_be_null=True,
                ),
            )
        except (pa.ArrowInvalid, UnicodeDecodeError):
            return None
        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)
        return frame

    def _parser(self, text: Any) -> Any:
        escape = "\\" if self.escaped else None
        return csv.reader(text, delimiter=self.delimiter, escapechar=escape, doublequote=not self.escaped)

    def _slow(self, blocks: Iterator[bytes], first: int, raw: Any, header: bool) -> Iterator[Chunk]:
        """Parse record by record, setting aside what does not fit."""
        text = io.TextIOWrapper(io.BufferedReader(Pieces(blocks)), "utf-8", "surrogateescape", newline="")
        parser = self._parser(text)
        skip = self.before if header else 0
        while True:
            rows, lines, rejected, more = self._some(parser, first, skip)
            skip = 0
            frame = pl.DataFrame(
                [pl.Series(n, v, pl.String) for n, v in zip(self.columns, zip(*rows, strict=True), strict=True)]
                if rows
                else {n: [] for n in self.columns},
                schema=dict.fromkeys(self.columns, pl.String),
            )
            if rows or rejected:
                frame, kept = without_empty(frame, np.array(lines, np.int64))
                yield Chunk(frame, kept, raw.tell(), rejected)
            if not more:
                return

    def _some(
        self, parser: Any, first: int, skip: int
    ) -> tuple[list[list[str | None]], list[int], list[Rejected], bool]:
        """Read up to `ROWS` records: (their fields, their lines, those that do not fit, whether there may be more)."""
        rows: list[list[str | None]] = []
        lines: list[int] = []
        rejected: list[Rejected] = []
        while len(rows) + len(rejected) < ROWS:
            line = first + parser.line_num
            try:
                fields = next(parser, None)
            except csv.Error:
                rejected.append(self.reject(line, mark("a text is too long: is a quote opened and never closed?"), ""))
                continue
            if fields is None:
                return rows, lines, rejected, False
            if skip:
                skip -= 1
            elif fields:
                if bad := self._fit(fields, line):
                    rejected.append(bad)
                else:
                    rows.append([f or None for f in fields])
                    lines.append(line)
        return rows, lines, rejected, True

    def _fit(self, fields: list[str], line: int) -> Rejected | None:
        """Cut empty fields beyond the header's; return the rejection of a record that does not fit."""
        width = len(self.columns)
        if len(fields) > width and not any(fields[width:]):
            del fields[width:]
        if len(fields) != width:
            return self.reject(
                line,
                mark("{found} fields where the header has {expected}. Is a delimiter or a quote missing or too many?"),
                self.delimiter.join(fields)[:2000],
                found=len(fields),
                expected=width,
            )
        if any(not f.isascii() and any("\ud800" <= c <= "\udfff" for c in f) for f in fields):
            return self.reject(
                line,
                mark("it holds bytes that are not {encoding}. Name the file's encoding, or export it as UTF-8."),
                dict(zip(self.columns, fields, strict=True)),
                encoding=self.encoding or "utf-8",
            )
        return None


def delimiter_of(text: str) -> str:
    """Return the delimiter that cuts the first records into the same number of fields, the most of them."""
    best = (0.0, 0, ",")
    for delimiter in DELIMITERS:
        rows = []
        try:
            for row in csv.reader(io.StringIO(text[: 1 << 18], newline=""), delimiter=delimiter):
                rows += [len(row)] if row else []
                if len(rows) == 200:
                    break
        except csv.Error:
            continue
        if not rows or rows[0] < 2:
            continue
        # The last record of the sample may be cut.
        counts = Counter(rows[:-1] if 2 < len(rows) < 200 else rows)
        best = max(best, (round(counts[rows[0]] / counts.total(), 2), rows[0], delimiter), key=lambda b: b[:2])
    return best[2]


def record_ends(data: bytes, delimiter: str) -> Lines | None:
    """Return where records end: newlines that no quotes enclose; None when quotes stand where none may.

    A newline lies outside quotes when an even number of them comes before it. That holds as long as quotes only open
    after a delimiter or a newline and only close before one.
    """
    view = np.frombuffer(data, np.uint8)
    newlines = np.flatnonzero(view == NEWLINE)
    if QUOTE not in data:
        return newlines
    quotes = np.flatnonzero(view == QUOTE)
    inside = np.searchsorted(quotes, newlines) % 2 == 1
    border = np.zeros(256, bool)
    border[[NEWLINE, RETURN, QUOTE, ord(delimiter)]] = True
    opening, closing = quotes[0::2], quotes[1::2]
    before = border[view[opening[opening > 0] - 1]]
    after = border[view[closing[closing < len(view) - 1] + 1]]
    return newlines[~inside] if before.all() and after.all() else None


def _not_blank(data: bytes, starts: Lines, ends: Lines) -> npt.NDArray[np.bool_]:
    view = np.frombuffer(data, np.uint8)
    length = ends - starts
    return ~((length == 0) | ((length == 1) & (view[starts] == RETURN)))


def _breaks_inside(data: bytes, ends: Lines) -> bool:
    return data.count(b"\n") != len(ends)


def _lines_before(data: bytes, starts: Lines) -> Lines:
    newlines = np.flatnonzero(np.frombuffer(data, np.uint8) == NEWLINE)
    return np.searchsorted(newlines, starts)


def _joined(data: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield data
    yield from blocks
