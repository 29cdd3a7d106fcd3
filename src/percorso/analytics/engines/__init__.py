"""The engines: the only place that knows how DuckDB and ClickHouse differ."""
