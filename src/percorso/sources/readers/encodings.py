"""Bytes of unknown encoding to UTF-8, block by block."""

import codecs
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from charset_normalizer import from_bytes

BLOCK = 4 << 20
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What Portuguese, Italian, Spanish, French and English texts hold beyond ASCII; a guess that gives more is wrong.
WESTERN = set("áàâãäåéèêëíìîïóòôõöúùûüçñýÁÀÂÃÄÅÉÈÊËÍÌÎÏÓÒÔÕÖÚÙÛÜÇÑÝæœßÆŒ“”‘’«»–—…•·€£°ºª¿¡§²³½¼×®©™´¨\xa0")


# In the order in which equally good guesses are taken.
CODE_PAGES = ("cp1252", "iso-8859-15", "mac_roman", "cp850")


class Utf8:
    """The UTF-8 form of a stream. Until its first byte beyond ASCII a file is taken for UTF-8; that byte decides.

    Bytes that the encoding does not know stay as they are, so that whoever parses the text can find and reject them.
    """

    def __init__(self, stream: BinaryIO, encoding: str | None = None, block: int = BLOCK) -> None:
        self.stream, self.encoding, self.block = stream, encoding, block

    def blocks(self) -> Iterator[bytes]:
        """Yield blocks of UTF-8 without a byte order mark."""
        first = self.stream.read(self.block)
        given = self.encoding
        for mark, name in BOMS:
            if first.startswith(mark) and given in (None, name, f"{name}-sig"):
                self.encoding, given = name, name
                first = first[len(mark) :] if name == "utf-8" else first
                break
        else:
            self.encoding = given or _unmarked(first)
        decided, data = given is not None or self.encoding != "utf-8", first
        decoder = self._decoder()
        while data:
            if not decided and not data.isascii():
                decided, self.encoding = True, encoding_of(data)
                decoder = self._decoder()
            yield decoder.decode(data).encode("utf-8", "surrogateescape") if decoder else data
            data = self.stream.read(self.block)
        if decoder and (rest := decoder.decode(b"", True)):
            yield rest.encode("utf-8", "surrogateescape")

    def _decoder(self) -> codecs.IncrementalDecoder | None:
        name = self.encoding or "utf-8"
        if codecs.lookup(name).name in ("utf-8", "ascii"):
            return None
        wide = name.lower().startswith(("utf-16", "utf-32", "utf_16", "utf_32"))
        return codecs.getincrementaldecoder(name)("replace" if wide else "surrogateescape")


def _unmarked(start: bytes) -> str:
    """UTF-16 without a mark shows as a zero in nearly every second byte."""
    sample = start[:2000]
    if len(sample) > 3 and sample[1::2].count(0) > len(sample) * 0.4:
        return "utf-16-le"
    if len(sample) > 3 and sample[0::2].count(0) > len(sample) * 0.4:
        return "utf-16-be"
    return "utf-8"


def encoding_of(data: bytes) -> str:
    """Return the encoding that `data`, which is not ASCII, is most likely written in.

    UTF-8 when most of it is valid UTF-8, else the code page that gives only characters of western texts and the most
    letters, else the best guess of charset-normalizer.
    """
    if _is_utf8(data):
        return "utf-8"
    sample = b"\n".join(line for line in data[: 1 << 20].splitlines() if not line.isascii())[:100_000]
    if _mostly_utf8(sample):
        return "utf-8"
    if (western := max(((_letters(sample, name), name) for name in CODE_PAGES), key=lambda c: c[0]))[0]:
        return western[1]
    best = from_bytes(sample).best()
    return best.encoding if best is not None and best.encoding not in ("ascii", "utf_8") else "cp1252"


def _is_utf8(data: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _letters(sample: bytes, encoding: str) -> float:
    """Share of letters among the characters beyond ASCII; 0 when there is one that no western text holds."""
    try:
        beyond = [c for c in sample.decode(encoding) if not c.isascii()]
    except UnicodeDecodeError:
        return 0.0
    return sum(c.isalpha() for c in beyond) / len(beyond) if beyond and all(c in WESTERN for c in beyond) else 0.0


def _mostly_utf8(sample: bytes) -> bool:
    """A UTF-8 file with a few broken bytes: most characters beyond ASCII are valid sequences."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return broken * 4 < sum(not c.isascii() for c in text)


class Pieces(io.RawIOBase):
    """Blocks of bytes as one stream."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.blocks, self.rest = blocks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.rest:
            try:
                self.rest = next(self.blocks)
            except StopIteration:
                return 0
        part, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)
