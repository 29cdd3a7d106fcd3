"""From NumPy arrays to Arrow columns, and the units of time: instants are microseconds since 1970 in UTC."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.bool_] | npt.NDArray[np.integer]  # which rows: a flag each, or their places

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NEVER = int(np.iinfo(np.int64).max)


def ids(prefix: str, numbers: Ints) -> pa.Array:
    """Return `prefix` + number as text, e.g. ``O000-17``."""
    return pc.binary_join_element_wise(pa.scalar(prefix), pa.array(numbers).cast(pa.string()), "")


def pick(pool: Sequence[str | None] | pa.Array, codes: npt.NDArray[np.integer]) -> pa.Array:
    """Return the text at each code; a negative code is null."""
    texts = pool if isinstance(pool, (pa.Array, pa.ChunkedArray)) else pa.array(list(pool), pa.string())
    return texts.take(pa.array(codes, mask=codes < 0))


def constant(text: str, n: int) -> pa.Array:
    """Return `text` n times."""
    return pa.repeat(pa.scalar(text), n)


def instants(values: Ints, end: int, where: Flags | None = None) -> pa.Array:
    """Return timestamps; null where the instant is not reached before `end`, or where `where` is false."""
    empty = values >= end
    if where is not None:
        empty |= ~where
    return pa.array(values, pa.int64(), mask=empty).cast(pa.timestamp("us"))


def numbers(values: npt.NDArray[np.generic], where: Flags | None = None) -> pa.Array:
    """Return numbers or flags; null where `where` is false."""
    return pa.array(values, mask=None if where is None else ~where)


def micros(seconds: Floats) -> Ints:
    """Seconds as whole microseconds, rounded to milliseconds as clocks write them."""
    return np.round(seconds * 1000).astype(np.int64) * 1000


def lognormal(rng: np.random.Generator, median: float | Floats, sigma: float, n: int) -> Floats:
    """Draw n positive numbers whose logarithm is normal; `median` in the unit wanted."""
    return median * np.exp(sigma * rng.standard_normal(n))


def choose(rng: np.random.Generator, shares: Sequence[float] | Floats, n: int) -> Ints:
    """Draw n codes 0, 1, 2 … with the given shares (they are scaled to 1)."""
    steps = np.cumsum(np.asarray(shares, dtype=float))
    return np.minimum(np.searchsorted(steps / steps[-1], rng.random(n), side="right"), len(steps) - 1).astype(np.int64)


def thinned(customer: Ints, at: Ints, gap: int) -> Flags:
    """Return which candidates stay when each must be `gap` after the one before it of the same customer."""
    order = np.lexsort((at, customer))
    close = np.zeros(len(at), dtype=bool)
    same = customer[order][1:] == customer[order][:-1]
    close[order[1:]] = same & (at[order][1:] - at[order][:-1] < gap)
    return ~close


def count_recent(customer: Ints, at: Ints, past_customer: Ints, past_at: Ints, window: int) -> Ints:
    """For each (customer, at), count that customer's past instants in (at - window, at]."""
    order = np.lexsort((past_at, past_customer))
    low = min(int(at.min(initial=0)), int(past_at.min(initial=0))) - window
    span = max(int(at.max(initial=0)), int(past_at.max(initial=0))) - low + 1
    # One sortable key for the pair: float64 would lose microseconds, so seconds are enough and exact.
    unit = span // SECOND + 1
    past = past_customer[order] * unit + (past_at[order] - low) // SECOND
    now = customer * unit + (at - low) // SECOND
    return np.searchsorted(past, now, side="right") - np.searchsorted(past, now - window // SECOND, side="right")
