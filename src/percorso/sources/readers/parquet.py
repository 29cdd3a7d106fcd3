"""Parquet: typed columns, batch by batch."""

import gzip
import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from percorso.i18n import mark
from percorso.sources.readers.base import BadFile, Chunk, Reader, named, opened, without_empty

ROWS = 100_000


class ParquetReader(Reader):
    """One Parquet file. A record's line is its row, the first being 1."""

    def open(self) -> None:
        with opened(self.path) as (_, stream):
            self.columns = named(self._file(stream).schema_arrow.names)

    def _file(self, stream: Any) -> pq.ParquetFile:
        try:
            zipped = isinstance(stream, gzip.GzipFile)
            return pq.ParquetFile(io.BytesIO(stream.read()) if zipped else self.path)
        except pa.ArrowInvalid as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> BadFile:
        return BadFile(
            mark("{file} is a damaged Parquet file ({reason}). Export or copy it again."),
            file=str(self.path),
            reason=str(error).split("\n")[0],
        )

    def chunks(self) -> Iterator[Chunk]:
        with opened(self.path) as (_, stream):
            file, done = self._file(stream), 0
            total = file.metadata.num_rows
            try:
                for batch in file.iter_batches(ROWS):
                    lines = np.arange(done + 1, done + batch.num_rows + 1, dtype=np.int64)
                    done += batch.num_rows
                    frame = plain(pl.from_arrow(pa.Table.from_batches([batch]).rename_columns(self.columns)))
                    yield Chunk(*without_empty(frame, lines), self.size * done // max(total, 1))
            except (pa.ArrowInvalid, OSError) as error:
                raise self._damaged(error) from error


def plain(frame: Any) -> pl.DataFrame:
    """Return `frame` with text, numbers, flags and instants only: empty text is null, nested values are JSON."""
    columns = []
    for column in frame:
        kind = column.dtype
        if isinstance(kind, (pl.Categorical, pl.Enum, pl.Time, pl.Duration)):
            column = column.cast(pl.String)
        elif isinstance(kind, pl.Decimal):
            column = column.cast(pl.Float64)
        elif isinstance(kind, pl.Binary):
            column = column.cast(pl.String, strict=False)
        elif isinstance(kind, pl.Struct):
            column = column.struct.json_encode()
        elif isinstance(kind, (pl.List, pl.Array)):
            column = pl.Series(column.name, [None if v is None else _json(v.to_list()) for v in column], pl.String)
        elif isinstance(kind, pl.Null):
            column = column.cast(pl.String)
        if column.dtype == pl.String:
            column = column.replace("", None)
        columns.append(column)
    return pl.DataFrame(columns)


def _json(values: list[Any]) -> str:
    return json.dumps(values, ensure_ascii=False, default=str)
