"""Names of columns and values; they live in `percorso.base.columns`, for customers name them too."""

from percorso.base.columns import COLUMNS, OPEN_TRAITS, TELLING, VALUES, column_name, tells_who, value_name

__all__ = ["COLUMNS", "OPEN_TRAITS", "TELLING", "VALUES", "column_name", "tells_who", "value_name"]
