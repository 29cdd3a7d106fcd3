"""Cells of tables that are opened in spreadsheets."""

# A text that begins so would run as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_text(value: object) -> str:
    """Return a value as the text of a cell that no spreadsheet takes for a formula; empty for None."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(FORMULA) else text
