"""Price periods of subscriptions: what is paid a month, since when, until when: any file with one record a row."""

from percorso.i18n import mark
from percorso.sources.table_rows import RowsConnector


class Subscriptions(RowsConnector):
    """One record a price period."""

    label = mark("Subscriptions")
    about = mark("Price periods of subscriptions: what is paid a month, since when, until when.")
    table = "subscriptions"
