"""JSON (an array of objects, or an object that holds one) and JSON Lines, record by record."""

import io
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import polars as pl

from percorso.i18n import mark
from percorso.sources.readers.base import BadFile, Chunk, Reader, named, opened, without_empty
from percorso.sources.readers.encodings import Pieces, Utf8
from percorso.sources.report import Rejected

ROWS = 20_000
# Numbers stay as they are written: 9.50 is not 9.5 in an id.
DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
BLOCK = 1 << 20
SPACE = " \t\r\n\ufeff"
SAMPLE = 200
# A record longer than this is taken for text that is no JSON.
LONGEST = 64 << 20

Record = tuple[int, dict[str, Any] | None, Rejected | None]


class JsonReader(Reader):
    """One JSON document. `columns` are those of the first records; later ones may hold more."""

    def open(self) -> None:
        found: dict[str, None] = {}
        try:
            for _, record, _ in islice(self.records(), SAMPLE):
                found.update(dict.fromkeys(flat(record or {})))
        except BadFile:
            if not found:
                raise
        if not found:
            raise BadFile(
                mark("{file} holds no records: give a list of objects, or one object a line."), file=str(self.path)
            )
        self.columns = named(list(found))

    def records(self, position: list[int] | None = None) -> Iterator[Record]:
        """Yield (line, object, None), or (line, None, why not) where the text is no object.

        `position`, when given, holds the bytes read so far in its one place.
        """
        with opened(self.path) as (raw, stream):
            text = _Text(Utf8(stream, self.given.encoding, BLOCK).blocks())
            for record in self._walk(text):
                if position is not None:
                    position[0] = raw.tell()
                yield record

    def _walk(self, text: "_Text") -> Iterator[Record]:
        try:
            if text.peek() == "{":
                yield from self._object(text)
            else:
                text.expect("[")
                yield from self._elements(text)
        except ValueError as error:
            raise BadFile(
                mark("{file} is no JSON from line {line} on ({reason}): what came before is read. Export it again."),
                file=str(self.path),
                line=text.line,
                reason=str(error).partition(":")[0],
            ) from error

    def _object(self, text: "_Text") -> Iterator[Record]:
        """The list of objects in an object, whatever its key; an object without one is a record itself."""
        line, own, several = text.line, {}, False
        text.expect("{")
        while text.peek() != "}":
            key = text.value()
            text.expect(":")
            if text.peek() != "[":
                own[key] = text.value()
            else:
                text.take()
                if text.peek() == "{":
                    several = True
                    yield from self._elements(text)
                else:
                    own[key] = [value for _, value in text.elements()]
            text.comma("}")
        if not several:
            yield line, own, None

    def _elements(self, text: "_Text") -> Iterator[Record]:
        for line, value in text.elements():
            yield _record(self, line, value)

    def chunks(self) -> Iterator[Chunk]:
        position = [0]
        lines: list[int] = []
        values: list[dict[str, str | None]] = []
        rejected: list[Rejected] = []
        broken: BadFile | None = None
        try:
            for line, record, bad in self.records(position):
                if record is None:
                    rejected += [bad] if bad else []
                else:
                    lines.append(line)
                    values.append(flat(record))
                if len(values) + len(rejected) >= ROWS:
                    yield self._chunk(values, lines, rejected, position[0])
                    lines, values, rejected = [], [], []
        except BadFile as error:
            broken = error
        if values or rejected:
            yield self._chunk(values, lines, rejected, position[0])
        if broken:
            raise broken

    def _chunk(
        self, values: list[dict[str, str | None]], lines: list[int], rejected: list[Rejected], position: int
    ) -> Chunk:
        names = dict.fromkeys(self.columns) | dict.fromkeys(k for v in values for k in v)
        frame = pl.DataFrame([pl.Series(n, [v.get(n) for v in values], pl.String) for n in names])
        return Chunk(*without_empty(frame, np.array(lines, np.int64)), position, rejected)


class JsonLinesReader(JsonReader):
    """One JSON object a line. A line that is none is rejected, and the rest goes on."""

    def _walk(self, text: "_Text") -> Iterator[Record]:
        stream = io.TextIOWrapper(io.BufferedReader(Pieces(text.blocks)), "utf-8", "surrogateescape")
        for number, line in enumerate(stream, 1):
            if line.strip(SPACE):
                try:
                    yield _record(self, number, DECODER.decode(line.strip(SPACE)))
                except ValueError as error:
                    reason = str(error).partition(":")[0]
                    template = mark("the line is not JSON: {reason}.")
                    yield number, None, self.reject(number, template, line.strip()[:2000], reason=reason)


def _record(reader: Reader, line: int, value: Any) -> Record:
    if isinstance(value, dict):
        return line, value, None
    return line, None, reader.reject(line, mark("it is not an object with named values."), str(value)[:2000])


def flat(record: dict[str, Any], prefix: str = "") -> dict[str, str | None]:
    """Return the values of a record as text, those of inner objects under ``outer.inner``, lists as JSON."""
    result: dict[str, str | None] = {}
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            result.update(flat(value, f"{name}."))
        elif value is None or value == "":
            result[name] = None
        elif isinstance(value, bool):
            result[name] = "true" if value else "false"
        else:
            result[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return result


class _Text:
    """A stream of characters from which JSON values are taken one at a time, with the line where each starts."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.blocks, self.buffer, self.at, self.line = blocks, "", 0, 1
        self._bytes = b""

    def _more(self) -> bool:
        """Read another block, keeping what was not taken; False at the end."""
        block = next(self.blocks, None)
        if block is None:
            return False
        self._bytes += block
        cut = len(self._bytes)
        while cut > len(self._bytes) - 4 and cut and self._bytes[cut - 1] & 0xC0 == 0x80:
            cut -= 1
        cut = max(0, cut - 1) if cut and self._bytes[cut - 1] & 0x80 else cut
        self.buffer = self.buffer[self.at :] + self._bytes[:cut].decode("utf-8", "surrogateescape")
        self._bytes, self.at = self._bytes[cut:], 0
        return True

    def peek(self) -> str:
        """Return the next character that is no blank, '' at the end."""
        self._blanks()
        return self.buffer[self.at : self.at + 1]

    def _blanks(self) -> None:
        while True:
            while self.at < len(self.buffer) and self.buffer[self.at] in SPACE:
                self.line += self.buffer[self.at] == "\n"
                self.at += 1
            if self.at < len(self.buffer) or not self._more():
                return

    def take(self) -> None:
        self.at += 1

    def expect(self, character: str) -> None:
        if self.peek() != character:
            raise ValueError(mark("something is missing"))
        self.take()

    def comma(self, end: str) -> None:
        """Take the comma between two values; none stands before `end`."""
        if self.peek() == ",":
            self.take()
        elif self.peek() != end:
            raise ValueError(mark("a comma or the end is missing"))

    def elements(self) -> Iterator[tuple[int, Any]]:
        """Take the values of a list whose bracket was taken, each with its line."""
        while self.peek() != "]":
            yield self.line, self.value()
            self.comma("]")
        self.take()

    def value(self) -> Any:
        """Take one value. ValueError when there is none, also after the whole file was read."""
        self._blanks()
        while True:
            try:
                value, end = DECODER.raw_decode(self.buffer, self.at)
                # A number at the very end of the buffer may go on in the next block.
                if end < len(self.buffer) or not self._more():
                    break
            except ValueError:
                if len(self.buffer) - self.at > LONGEST or not self._more():
                    raise
        self.line += self.buffer.count("\n", self.at, end)
        self.at = end
        return value
