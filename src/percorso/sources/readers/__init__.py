"""Files of any format as chunks of records, each with the line where it stands."""

from pathlib import Path

from percorso.sources.readers.base import BadFile, Chunk, Format, Reader
from percorso.sources.readers.csv import CsvReader
from percorso.sources.readers.json import JsonLinesReader, JsonReader
from percorso.sources.readers.kinds import kind_of
from percorso.sources.readers.parquet import ParquetReader
from percorso.sources.readers.sheet import SheetReader

READERS: dict[str, type[Reader]] = {
    "csv": CsvReader,
    "json": JsonReader,
    "jsonl": JsonLinesReader,
    "parquet": ParquetReader,
    "sheet": SheetReader,
}


def open_file(path: Path, given: Format | None = None) -> Reader:
    """Open a table in a CSV, JSON, JSON Lines, Parquet or Excel file, gzipped or not, told by its content.

    Parameters
    ----------
    path : the file. given : its encoding, delimiter or sheet, where guessing is not enough.

    Raises
    ------
    BadFile : the file is missing, empty, damaged or holds no table; the message says which.
    """
    return READERS[kind_of(path)](path, given or Format())


__all__ = ["BadFile", "Chunk", "Format", "Reader", "open_file"]
