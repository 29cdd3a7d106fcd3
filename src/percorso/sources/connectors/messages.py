"""Messages and invitations that were sent, and what became of them: any file with one record a row."""

from percorso.i18n import mark
from percorso.sources.table_rows import RowsConnector


class Messages(RowsConnector):
    """One record a message."""

    label = mark("Messages sent")
    about = mark("Messages and invitations that were sent, and what became of them.")
    table = "messages"
