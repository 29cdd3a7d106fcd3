"""Connectors for files in which one record is one row of one fact table."""

from typing import Any

import polars as pl

from percorso.analytics.tables import TABLES
from percorso.i18n import mark
from percorso.sources.mapped import MappedConnector, Record
from percorso.sources.roles import MONEY, NEEDED, ROLES
from percorso.sources.sieve import merged


class RowsConnector(MappedConnector):
    """One record is one row of `table`. Columns that nobody mapped go to its properties, a customer's to the traits."""

    def facts(self, record: Record) -> dict[str, pl.DataFrame]:
        columns = {role: self.value(record, role) for role in ROLES[self.table] if role not in ("id", "properties")}
        rest = "traits" if "traits" in columns else "properties"
        told = columns[rest] if rest == "traits" else record.document(rest)
        columns[rest] = merged(record.properties(rest), told)
        for role in NEEDED[self.table]:
            record.sieve.reject(
                columns[role].is_null(),
                mark("{column}: nothing stands here, and without it the row counts nowhere."),
                column=record.mapping.columns.get(role),
            )
        return {self.table: record.sieve.rows(id=record.ids, **columns)}

    def value(self, record: Record, role: str) -> pl.Series:
        """Return a role's values as the kind of its column."""
        kind = TABLES[self.table].column(role).kind
        read: dict[str, Any] = {"number": record.number, "flag": record.flag, "instant": record.instant}
        if role in MONEY:
            return record.amount(role)
        if kind == "json":
            return record.document(role, listed=role == "themes")
        return record.currency() if role == "currency" else read.get(kind, record.text)(role)
