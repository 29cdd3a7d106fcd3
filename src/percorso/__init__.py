"""percorso: customer experience, measured, and how sure each figure is.

In a notebook::

    import percorso

    facts = percorso.connect("percorso-data/facts.duckdb", workspace="demo")   # or a folder of Parquet files
    facts.measure("nps", "csat", period=("2025-01-01", "2026-01-01"), grain="month", by="channel").chart()
    facts.rfm().to_pandas()                               # customers by recency, frequency and money
    facts.retention_curve().median                        # days until half of the subscribers have left
    facts.lifetime_value(months=12, currency="BRL").total  # what buyers will still bring, in minor units
    facts.funnel("Product Added", "Order Completed", window="1d").total.overall  # share, with its interval
    facts.retention("Order Completed", grain="month").total.average
    facts.frequency("last_90_days").lifecycle             # new, returning, resurrected and dormant customers, by week
    facts.features().unused                               # what nobody uses
    facts.speed_impact("LCP")[0].difference               # NPS of customers with slow pages against that of the others
    percorso.sample_size("nps", 0.05, population=4000)    # answers needed for ± 5 points

Nothing here needs Django.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from percorso.notebook import Facts, connect, group_size, indicators, sample_size

__all__ = ["Facts", "connect", "group_size", "indicators", "sample_size"]


def __getattr__(name: str) -> Any:
    # The engines take a second to load; `import percorso.config` should not pay for them.
    if name in __all__:
        from percorso import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module 'percorso' has no attribute {name!r}")
