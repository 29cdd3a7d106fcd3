"""percorso: customer experience, measured, and how sure each figure is.

In a notebook::

    import percorso

    facts = percorso.connect("percorso-data/facts.duckdb", workspace="demo")   # or a folder of Parquet files
    facts.measure("nps", "csat", period=("2025-01-01", "2026-01-01"), grain="month", by="channel").chart()

Nothing here needs Django.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from percorso.notebook import Facts, connect, indicators

__all__ = ["Facts", "connect", "indicators"]


def __getattr__(name: str) -> Any:
    # The engines take a second to load; `import percorso.config` should not pay for them.
    if name in __all__:
        from percorso import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module 'percorso' has no attribute {name!r}")
