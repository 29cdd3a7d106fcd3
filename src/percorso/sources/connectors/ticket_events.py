"""What happened to tickets, change by change, from any help desk: any file with one record a row."""

from percorso.i18n import mark
from percorso.sources.table_rows import RowsConnector


class TicketEvents(RowsConnector):
    """One record a change of a ticket."""

    label = mark("Changes of tickets")
    about = mark("What happened to tickets, change by change, from any help desk.")
    table = "ticket_events"
