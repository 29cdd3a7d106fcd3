"""What a file is, by its content: names lie."""

from pathlib import Path

from percorso.i18n import mark
from percorso.sources.readers.base import BadFile, opened

MAGIC = (
    (b"PAR1", "parquet"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "sheet"),
    (b"PK\x03\x04", "zip"),
    (b"%PDF", mark("a PDF document")),
    (b"\x89PNG", mark("a picture")),
    (b"\xff\xd8\xff", mark("a picture")),
    (b"GIF8", mark("a picture")),
    (b"{\\rtf", mark("a text document")),
    (b"SQLite format 3\x00", mark("a database")),
    (b"BZh", mark("a compressed archive")),
    (b"\xfd7zXZ", mark("a compressed archive")),
    (b"7z\xbc\xaf", mark("a compressed archive")),
    (b"\x28\xb5\x2f\xfd", mark("a compressed archive")),
)
WIDE = (b"\xff\xfe", b"\xfe\xff")


def kind_of(path: Path) -> str:
    """Return ``csv``, ``json``, ``jsonl``, ``parquet`` or ``sheet``.

    Raises
    ------
    BadFile : the file cannot be read, is empty, or holds something that is no table.
    """
    if path.is_dir():
        raise BadFile(mark("{file} is a folder: give the files in it."), file=str(path))
    with opened(path) as (_, stream):
        start = stream.read(1 << 16)
    for magic, kind in MAGIC:
        if start.startswith(magic):
            return _sheet_in(path, start) if kind == "zip" else _table(path, kind)
    text = start.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        raise BadFile(mark("{file} is empty: export it again."), file=str(path))
    if text[:200].lower().startswith((b"<!doctype html", b"<html")):
        _refuse(path, mark("a web page, perhaps an error message or a sign-in page"))
    if text.startswith((b"<?xml", b"<")):
        _refuse(path, mark("an XML document"))
    if b"\x00" in start and not start.startswith(WIDE) and not _wide(start):
        _refuse(path, mark("not text"))
    if text.startswith((b"{", b"[")):
        return "jsonl" if text.startswith(b"{") and _is_lines(path, text) else "json"
    return "csv"


def _table(path: Path, kind: str) -> str:
    if kind not in ("parquet", "sheet"):
        _refuse(path, kind)
    return kind


def _sheet_in(path: Path, start: bytes) -> str:
    if any(name in start for name in (b"xl/", b"[Content_Types].xml", b"mimetype")):
        return "sheet"
    return _refuse(path, mark("a compressed archive"))


def _wide(start: bytes) -> bool:
    few, many = sorted((start[0:2000:2].count(0), start[1:2000:2].count(0)))
    # A program has zeros everywhere; text has them in one half of each pair.
    return many > len(start[:2000]) * 0.4 and few < len(start[:2000]) * 0.02


def _is_lines(path: Path, text: bytes) -> bool:
    """JSON Lines when the first line is a whole object; one object over all lines is JSON."""
    first, _, rest = text.partition(b"\n")
    if ".jsonl" in path.name.lower() or ".ndjson" in path.name.lower():
        return True
    return first.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{")


def _refuse(path: Path, found: str) -> str:
    raise BadFile(
        mark("{file} is {found}, not a table. Give a CSV, JSON, JSON Lines, Parquet or Excel file."),
        file=str(path),
        found=found,
    )
