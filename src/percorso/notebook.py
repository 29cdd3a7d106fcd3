"""What a notebook uses: connect to facts, measure, chart."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from percorso.analytics.calendar import Schedule
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.measure import measure
from percorso.analytics.query import Grain, Period, Query
from percorso.analytics.result import Result
from percorso.analytics.store import Store


class Facts:
    """The facts of one workspace, ready to be measured. Made by `connect`."""

    def __init__(self, store: Store, workspace: str, tz: str, schedule: Schedule | None) -> None:
        self.store, self.workspace, self.tz, self.schedule = store, workspace, tz, schedule

    def measure(
        self,
        *indicators: str,
        period: str | tuple[str | date, str | date] | None = None,
        grain: Grain | None = None,
        by: str | tuple[str, ...] = (),
        segment: Mapping[str, Any] | None = None,
        compare: str | Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Result:
        """Measure indicators.

        Parameters
        ----------
        indicators : keys, see `indicators()`.
        period : a preset such as ``"last_90_days"``, or (first day, day after the last); None: all time.
        grain, by, segment, compare : see `Query`; one column or value may stand alone.
        options : variants of the indicators, e.g. ``hours="business"``; also as_of, confidence, q.

        Returns
        -------
        Result : shown as a table; `.chart()`, `.to_pandas()`, `.to_polars()`, `.to_arrow()`, `.sql()`.
        """
        own = {name: options.pop(name) for name in ("as_of", "confidence", "q") if name in options}
        query = Query(
            indicators=indicators,
            workspace=self.workspace,
            period=self._period(period),
            grain=grain,
            by=(by,) if isinstance(by, str) else tuple(by),
            segment=_segment(segment or {}),
            compare=_segment(compare) if isinstance(compare, Mapping) else compare,
            options=options,
            schedule=self.schedule,
            tz=self.tz,
            **own,
        )
        return measure(self.store, query)

    def _period(self, period: str | tuple[str | date, str | date] | None) -> Period | None:
        if period is None:
            return None
        if isinstance(period, str):
            return Period.preset(period, self.tz)
        start, end = (date.fromisoformat(d) if isinstance(d, str) else d for d in period)
        return Period(start, end, self.tz)

    def close(self) -> None:
        """Close the connection: another process can open the file then."""
        self.store.close()


def _segment(given: Mapping[str, Any]) -> dict[str, tuple[str | None, ...]]:
    return {k: tuple(v) if isinstance(v, (list, tuple, set)) else (v,) for k, v in given.items()}


def connect(
    where: str | Path, workspace: str = "", tz: str = "America/Sao_Paulo", schedule: Schedule | None = None
) -> Facts:
    """Connect to facts.

    Parameters
    ----------
    where : the DuckDB file of a data folder, the data folder, a folder of Parquet files named after the fact tables
        (``answers.parquet`` …; columns that are missing are empty), or the URL of a ClickHouse.
    workspace : whose facts; Parquet files without that column belong to ``""``.
    tz : reporting time zone. schedule : business hours, for ``hours="business"``.

    Raises
    ------
    StoreBusy : a server or command has the file open; stop it, or ask it with `percorso measure`.
    """
    path = Path(str(where))
    if (path / "facts.duckdb").is_file():
        where = path / "facts.duckdb"
    return Facts(Store.open(where), workspace, tz, schedule)


def indicators() -> pd.DataFrame:
    """Return what can be measured: key, name, what it answers, table, unit, direction, options."""
    rows = [
        {
            "key": i.key, "name": i.label, "about": i.about, "table": i.table, "unit": i.unit,
            "better": i.better, "options": ", ".join(i.options),
        }
        for i in INDICATORS.values()
    ]  # fmt: skip
    return pd.DataFrame(rows)
