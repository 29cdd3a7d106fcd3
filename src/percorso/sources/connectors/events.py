"""What happened in a shop, app or site, from any tracking tool: any file with one record a row."""

from percorso.i18n import mark
from percorso.sources.table_rows import RowsConnector


class Events(RowsConnector):
    """One record an event."""

    label = mark("Events")
    about = mark("What happened in a shop, app or site, from any tracking tool.")
    table = "events"
