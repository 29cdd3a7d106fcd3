"""Calls, chats and conversations with a bot: queued, answered, ended: any file with one record a row."""

from percorso.i18n import mark
from percorso.sources.table_rows import RowsConnector


class Contacts(RowsConnector):
    """One record a live contact."""

    label = mark("Calls and chats")
    about = mark("Calls, chats and conversations with a bot: queued, answered, ended.")
    table = "contacts"
