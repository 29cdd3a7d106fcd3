"""From measured cells to the series that alerts see."""

from collections.abc import Iterable
from dataclasses import replace
from typing import cast, get_args

import numpy as np

from percorso.analytics.calendar import zone
from percorso.analytics.methods.base import Indicator
from percorso.analytics.result import Cell
from percorso.analytics.statistics.intervals import FloatArray
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.alerts._base import Grain, Series

# A bucket counts as complete when no more than this share of its facts waits for an outcome.
STILL_WAITING = 0.02


def fitting_grain(daily: Series, minimum_n: float = 10) -> Grain:
    """Return the finest grain at which an ordinary bucket has `minimum_n` facts."""
    usual = float(np.median(daily.n)) if len(daily) else 0.0
    return "day" if usual >= minimum_n else "week" if 7 * usual >= minimum_n else "month"


def series_of(indicator: Indicator, cells: Iterable[Cell], grain: str, tz: str, segment: str = "") -> Series:
    """Return the cells of one indicator and one group, measured with a grain, as a series.

    Ask for whole buckets only. Left out are those before the first facts, and the newest ones in which facts still wait
    for their outcome (``immature``, ``pending``): a response rate with two weeks to answer is watched two weeks later.

    Raises
    ------
    BadQuestion : alerts watch days, weeks and months only.
    """
    if grain not in get_args(Grain):
        raise BadQuestion(mark("Alerts watch days, weeks or months, not {grain}."), grain=grain)
    rows = [cell for cell in cells if cell.indicator == indicator.key and cell.start is not None]
    first = next((i for i, cell in enumerate(rows) if cell.n), len(rows))
    last = next((i for i in range(len(rows), first, -1) if _mature(rows[i - 1])), first)
    rows = rows[first:last]
    value, low, high, n = (
        np.array([getattr(c, name) for c in rows], dtype=np.float64) for name in ("value", "low", "high", "n")
    )
    return Series(
        indicator.key,
        tuple(c.start.astimezone(zone(tz)).date() for c in rows if c.start),
        value,
        low,
        high,
        np.nan_to_num(n),
        grain=cast(Grain, grain),
        binomial=indicator.method == "proportion",
        better=indicator.better,
        unit=indicator.unit,
        family=indicator.family,
        table=indicator.table,
        segment=segment,
    )


def with_shares(series: Series, cells: Iterable[Cell], by: str, tz: str) -> Series:
    """Return the series with the share of each part, from cells of the same question broken down by one column.

    n becomes the sum of the parts: facts that stand in several parts, or in none, would make another.
    """
    place = {start: i for i, start in enumerate(series.starts)}
    counts: dict[str, FloatArray] = {}
    for cell in cells:
        at = place.get(cell.start.astimezone(zone(tz)).date()) if cell.start else None
        if at is not None and cell.indicator == series.indicator:
            counts.setdefault(cell.by[by] or "", np.zeros(len(series)))[at] += cell.n or 0
    n = np.sum(list(counts.values()), axis=0) if counts else np.zeros(len(series))
    shares = {name: own / np.maximum(n, 1.0) for name, own in counts.items()}
    return replace(series, n=n, shares=shares)


def _mature(cell: Cell) -> bool:
    waiting = sum(float(cell.details.get(name) or 0) for name in ("immature", "pending"))
    return waiting <= STILL_WAITING * ((cell.n or 0) + waiting)
