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
    if all(pa.types.is_integer(rows[name].type) and not rows[name].null_count for name in cells):
        return _numbered([rows[name].to_numpy().astype(np.int64) for name in cells])
    frame = pd.DataFrame({name: _plain(rows[name]) for name in cells})
    index = frame.groupby(cells, dropna=False, sort=False).ngroup().to_numpy().astype(np.int64)
    first = np.unique(index, return_index=True)[1]
    columns = [_values(rows[name].take(pa.array(first))) for name in cells]
    return list(zip(*columns, strict=True)), index


def _numbered(columns: list[NDArray[np.int64]]) -> tuple[list[Key], NDArray[np.int64]]:
    """Return keys and places for buckets and sides alone, which are small numbers: no need to hash them."""
    most = [int(column.max(initial=0)) + 1 for column in columns]
    numbers = np.ravel_multi_index(tuple(columns), most)
    there = np.flatnonzero(np.bincount(numbers, minlength=1)) if numbers.size else numbers
    place = np.zeros(int(np.prod(most)), dtype=np.int64)
    place[there] = np.arange(there.size)
    return list(zip(*(column.tolist() for column in np.unravel_index(there, most)), strict=True)), place[numbers]


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
