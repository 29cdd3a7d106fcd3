"""Deadlines that customers were given, and when they were kept: any file with one record a row."""

from percorso.i18n import mark
from percorso.sources.table_rows import RowsConnector


class Promises(RowsConnector):
    """One record a deadline."""

    label = mark("Promises and deadlines")
    about = mark("Deadlines that customers were given, and when they were kept.")
    table = "promises"
