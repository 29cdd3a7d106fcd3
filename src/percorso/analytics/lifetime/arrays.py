"""Columns of an answer as arrays, and arrays as a data frame."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from percorso.analytics.statistics.intervals import FloatArray

if TYPE_CHECKING:
    import pandas

Names = NDArray[np.object_]
NOBODY: FloatArray = np.empty(0)
NO_NAMES: Names = np.empty(0, dtype=object)


def floats_of(rows: pa.Table, name: str) -> FloatArray:
    """Return a column as float64."""
    return np.asarray(rows[name].cast(pa.float64()).to_numpy(), dtype=np.float64)


def integers_of(rows: pa.Table, name: str) -> NDArray[np.int64]:
    """Return a column without nulls as int64."""
    return np.asarray(rows[name].cast(pa.int64()).to_numpy(), dtype=np.int64)


def names_of(rows: pa.Table, name: str = "customer") -> Names:
    """Return a column of text."""
    return np.asarray(rows[name].to_numpy(), dtype=object)


def frame_of(columns: Mapping[str, Any]) -> "pandas.DataFrame":
    """Return arrays as a data frame."""
    import pandas as pd

    return pd.DataFrame(dict(columns))
