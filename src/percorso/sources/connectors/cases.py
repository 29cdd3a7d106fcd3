"""Follow-ups with customers who were let down, from any tool: any file with one record a row."""

from percorso.i18n import mark
from percorso.sources.table_rows import RowsConnector


class Cases(RowsConnector):
    """One record a follow-up."""

    label = mark("Follow-ups")
    about = mark("Follow-ups with customers who were let down, from any tool.")
    table = "cases"
