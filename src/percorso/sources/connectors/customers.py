"""Customers of any CRM: since when, from where, with what traits: any file with one record a row."""

import polars as pl

from percorso.i18n import mark
from percorso.sources.mapped import Record
from percorso.sources.table_rows import RowsConnector


class Customers(RowsConnector):
    """One record a customer, as of now; what nothing else says is a trait."""

    label = mark("Customers")
    about = mark("Customers of any CRM: since when, from where, with what traits.")
    table = "customers"

    def value(self, record: Record, role: str) -> pl.Series:
        found = super().value(record, role)
        return pl.select(pl.coalesce(found, record.ids)).to_series() if role == "customer" else found
