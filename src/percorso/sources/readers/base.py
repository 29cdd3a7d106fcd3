"""What every reader gives: chunks of records with the line where each starts, in constant memory."""

import codecs
import gzip
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import BaseModel, ConfigDict, field_validator

from percorso.errors import UserError
from percorso.i18n import mark
from percorso.sources.report import Message, Rejected

Lines = npt.NDArray[np.int64]


class BadFile(UserError):
    """A file that is not what it should be, or cannot be read."""


class Format(BaseModel):
    """How files are to be read, where guessing is not enough."""

    model_config = ConfigDict(extra="forbid")

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None

    @field_validator("encoding")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        try:
            return None if name is None else codecs.lookup(name).name
        except LookupError as error:
            raise ValueError("a name such as utf-8, cp1252, iso-8859-1 or utf-16") from error

    @field_validator("delimiter")
    @classmethod
    def _single(cls, text: str | None) -> str | None:
        text = {"tab": "\t", "\\t": "\t"}.get(text or "", text)
        if text is not None and (len(text) != 1 or not text.isascii() or text in '"\r\n'):
            raise ValueError("one character such as , ; | or tab")
        return text


@dataclass(frozen=True)
class Chunk:
    """Some records of a file.

    `frame` holds one row a record; its columns are text (empty is null) unless the file has types (Parquet). `lines`
    holds the line (CSV, JSON) or row (Excel, Parquet) where each record starts. `position` is how many of the file's
    bytes were read so far.
    """

    frame: pl.DataFrame
    lines: Lines
    position: int
    rejected: list[Rejected] = field(default_factory=list)


class Reader(ABC):
    """One file as a table.

    Parameters
    ----------
    path : the file, perhaps gzipped. given : encoding, delimiter and sheet, where the caller knows them.

    Raises
    ------
    BadFile : the file cannot be opened, is empty or is not of this kind.
    """

    columns: list[str]
    encoding: str | None = None

    def __init__(self, path: Path, given: Format) -> None:
        self.path, self.given = path, given
        self.size = path.stat().st_size
        self.open()

    @abstractmethod
    def open(self) -> None:
        """Look at the start of the file and set `columns`."""

    @abstractmethod
    def chunks(self) -> Iterator[Chunk]:
        """Yield the records from the first to the last."""

    def reject(self, line: int, template: str, values: dict[str, object] | str, **params: object) -> Rejected:
        """A record of this file that cannot be read."""
        return Rejected(str(self.path), line, Message(template, params), values)


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Open `path` as (its bytes, what they are when unzipped); turns read errors into `BadFile`."""
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            yield raw, gzip.GzipFile(fileobj=raw) if zipped else raw  # type: ignore[misc]
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadFile(
            mark("{file} is damaged: its compressed data end too early or do not add up. Export or copy it again."),
            file=str(path),
        ) from error
    except OSError as error:
        raise BadFile(
            mark("{file} cannot be read: {reason}."), file=str(path), reason=error.strerror or str(error)
        ) from error


def named(names: list[str]) -> list[str]:
    """Return column names made unique and not empty: blanks around them go, the second `a` is `a.2`."""
    result: list[str] = []
    for number, name in enumerate(names, 1):
        base = name.strip() or f"column {number}"
        times, unique = 1, base
        while unique in result:
            times += 1
            unique = f"{base}.{times}"
        result.append(unique)
    return result


def without_empty(frame: pl.DataFrame, lines: Lines) -> tuple[pl.DataFrame, Lines]:
    """Leave out records in which nothing stands, such as the empty rows at the end of a sheet."""
    if not frame.width or not frame.height:
        return frame, lines
    empty = frame.select(pl.all_horizontal(pl.all().is_null())).to_series().to_numpy()
    return (frame.filter(~empty), lines[~empty]) if empty.any() else (frame, lines)
