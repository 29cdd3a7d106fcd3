"""Free texts: reviews, posts, comments, with their stars where they have some: any file with one record a row."""

import polars as pl

from percorso.i18n import mark
from percorso.sources.mapped import Record
from percorso.sources.table_rows import RowsConnector


class Mentions(RowsConnector):
    """One record a text; with stars and nothing else said, it is a review."""

    label = mark("Reviews and texts")
    about = mark("Free texts: reviews, posts, comments, with their stars where they have some.")
    table = "mentions"

    def value(self, record: Record, role: str) -> pl.Series:
        found = super().value(record, role)
        if role != "source":
            return found
        reviewed = pl.when(record.number("rating").is_not_null()).then(pl.lit("review"))
        return pl.select(pl.coalesce(found, reviewed)).to_series()
