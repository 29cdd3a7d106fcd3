"""Orders of any shop or ERP: any file with one record a row."""

from percorso.i18n import mark
from percorso.sources.table_rows import RowsConnector


class Orders(RowsConnector):
    """One record an order."""

    label = mark("Orders")
    about = mark("Orders of any shop or ERP.")
    table = "orders"
