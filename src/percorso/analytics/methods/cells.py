"""Which rows of an answer belong to which cell."""

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

Key = tuple[Any, ...]


def cells_of(rows: pa.Table, cells: list[str]) -> tuple[list[Key], NDArray[np.int64]]:
    """Return the distinct keys that the columns `cells` make, and for each row the place of its key."""
    if not cells:
        return ([()] if rows.num_rows else []), np.zeros(rows.num_rows, dtype=np.int64)
    if len(cells) == 1 and pa.types.is_integer(rows[cells[0]].type) and not rows[cells[0]].null_count:
        return _numbered(rows[cells[0]].to_numpy().astype(np.int64))
    frame = pd.DataFrame({name: _plain(rows[name]) for name in cells})
    index = frame.groupby(cells, dropna=False, sort=False).ngroup().to_numpy().astype(np.int64)
    first = np.unique(index, return_index=True)[1]
    columns = [_values(rows[name].take(pa.array(first))) for name in cells]
    return list(zip(*columns, strict=True)), index


def _numbered(numbers: NDArray[np.int64]) -> tuple[list[Key], NDArray[np.int64]]:
    """Return keys and places for buckets or sides alone, which are small numbers: no need to hash them."""
    there = np.flatnonzero(np.bincount(numbers)) if numbers.size else numbers
    place = np.zeros(int(numbers.max(initial=0)) + 1, dtype=np.int64)
    place[there] = np.arange(there.size)
    return [(number,) for number in there.tolist()], place[numbers]


def _plain(column: pa.ChunkedArray) -> Any:
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us")).to_numpy()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column.combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    return column.to_numpy()


def _values(column: pa.ChunkedArray) -> list[Any]:
    return [v.replace(tzinfo=None) if isinstance(v, datetime) else v for v in column.to_pylist()]


def per_cell(name: str, values: NDArray[Any], index: NDArray[np.int64], cells: int) -> NDArray[np.float64]:
    """Return a part of every cell from its rows: the smallest of ``min_…``, the largest of ``max_…``, else the sum."""
    if name.startswith(("min_", "max_")):
        made = np.full(cells, np.nan)
        (np.fmin if name.startswith("min_") else np.fmax).at(made, index, values)
        return made
    return np.bincount(index, weights=values, minlength=cells).astype(np.float64)
