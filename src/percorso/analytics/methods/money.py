"""Money: amounts of one currency add up, amounts of several never do."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray

from percorso.analytics.methods.base import Array, Figures, Parts


def currency_code(currency: ir.StringValue) -> ir.IntegerValue:
    """Return an ISO 4217 code as a number, 0 for none: numbers have a smallest and a largest in every cell."""
    letters = [currency.substr(i, 1).ascii_str().cast("int64") for i in range(3)]
    code = (letters[0] * 256 + letters[1]) * 256 + letters[2]
    return ibis.ifelse(currency.isnull() | (currency.length() != 3), 0, code).cast("int64")


def currency_parts(code: ir.IntegerValue, counts: ir.BooleanValue, name: str = "currency") -> dict[str, ir.Scalar]:
    """Return the smallest and the largest currency code of the rows that count, null where none does."""
    # minIf of ClickHouse gives 0 for no rows, min of nulls gives null.
    told = ibis.ifelse(counts, code, ibis.null("int64"))
    return {f"min_{name}": told.min(), f"max_{name}": told.max()}


def in_one_currency(
    figures: Figures, p: Parts, amounts: Sequence[str] = (), names: Sequence[str] = ("currency",)
) -> Figures:
    """Return figures with `details["currency"]`; cells of several currencies have none, but a status that says why.

    Parameters
    ----------
    amounts : the details that are sums of money. names : the names given to `currency_parts`.
    """
    low, high = np.full(figures.value.shape, np.nan), np.full(figures.value.shape, np.nan)
    for name in names:
        low, high = np.fmin(low, p[f"min_{name}"]), np.fmax(high, p[f"max_{name}"])
    mixed = low < high
    told = [None if m else iso_code(v) for v, m in zip(high, mixed, strict=True)]
    details = dict(figures.details) | {"currency": np.array(told, dtype=object)}
    details |= {name: whole(np.where(mixed, np.nan, figures.details[name])) for name in amounts}
    value, below, above = (np.where(mixed, np.nan, a) for a in (figures.value, figures.low, figures.high))
    status = dict(figures.status) | {int(i): "mixed_currencies" for i in np.flatnonzero(mixed)}
    return replace(figures, value=value, low=below, high=above, details=details, status=status)


def iso_code(code: float) -> str | None:
    """Return the currency that `currency_code` made a number of."""
    if not code > 0:
        return None
    number = int(code)
    return "".join(chr(number >> shift & 255) for shift in (16, 8, 0))


def whole(amounts: Array) -> NDArray[Any]:
    """Return minor units as whole numbers, None where there is no amount."""
    listed = [None if np.isnan(v) else round(v) for v in np.asarray(amounts, dtype=np.float64).tolist()]
    return np.array(listed, dtype=object)
