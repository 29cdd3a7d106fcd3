"""From a URL to an engine."""

from pathlib import Path

from percorso.analytics.engines.base import Engine
from percorso.errors import BadQuestion
from percorso.i18n import mark


def open_engine(url: str | Path, memory_limit: str | None = None) -> Engine:
    """Open the engine that `url` names.

    Parameters
    ----------
    url : a path of a DuckDB file (``facts.duckdb``, ``duckdb:///srv/facts.duckdb``, ``:memory:``), a folder of Parquet
        files named after the fact tables, ``clickhouse://user:password@host/database``, or ``chdb://memory/default``
        (ClickHouse's engine in this process).
    memory_limit : DuckDB only, e.g. ``"2GB"``.

    Raises
    ------
    BadQuestion : the scheme is unknown. StoreBusy : another process owns the DuckDB file.
    """
    text = str(url)
    scheme, _, rest = text.partition("://")
    if (not rest and scheme == text) or scheme == "duckdb":
        from percorso.analytics.engines.duckdb import DuckDBEngine  # an engine's driver is loaded when it is used

        path = Path(rest or text)
        return DuckDBEngine.over_files(path) if path.is_dir() else DuckDBEngine(path, memory_limit)
    if scheme in ("clickhouse", "clickhouses", "chdb"):
        from percorso.analytics.engines.clickhouse import (
            ClickHouseEngine,
        )  # an engine's driver is loaded when it is used

        return ClickHouseEngine(text)
    raise BadQuestion(
        mark(
            "No engine is called {scheme}. Give a DuckDB file, a folder of Parquet files, or clickhouse://host/database."
        ),
        scheme=scheme,
    )
