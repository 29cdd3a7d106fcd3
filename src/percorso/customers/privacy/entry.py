"""What happens to every row on its way into the facts: nothing of people who were erased, nothing personal in free text."""

import json
from collections.abc import Callable, Collection

import pyarrow as pa
import pyarrow.compute as pc

from percorso.analytics.tables import Table
from percorso.customers.identity.entering import as_believed
from percorso.customers.privacy.erased import Decided, decided
from percorso.customers.privacy.masking import HIDDEN, INSTANTS, MAYBE, mask, mask_values

# Columns in which people write what they like; of a page, what a form may have put into its address.
FREE = ("text", "topic", "option", "page")
# Traits are there to say who somebody is.
LEFT = ("customers",)
WHOSE = ("customer", "identity")


def entering(table: Table, rows: pa.Table, workspace: str) -> pa.Table:
    """Return what is stored of some rows: see `Store.entering`."""
    known = decided(workspace)
    rows = without_erased(table, rows, known)
    rows = as_believed(table, rows, workspace)
    return masked(table, rows, known.masked) if known.masked and rows.num_rows else rows


def without_erased(table: Table, rows: pa.Table, known: Decided) -> pa.Table:
    """Return rows without those of people who were erased: what is known of them without a name stays as it is."""
    if not known.marks:
        return rows
    columns = (*WHOSE, "id") if table.name in LEFT else WHOSE
    gone = known.erased({one for name in columns for one in pc.unique(rows[name]).to_pylist() if one})
    if not gone:
        return rows
    taken, values = None, pa.array(sorted(gone), pa.string())
    for name in columns:
        own = pc.invert(pc.is_in(rows[name], value_set=values))
        taken = own if taken is None else pc.and_(taken, own)
    return rows.filter(taken)


def masked(table: Table, rows: pa.Table, kinds: Collection[str]) -> pa.Table:
    """Return rows with their free texts masked; only texts that may hold something are read one by one."""
    if table.name in LEFT:
        return rows
    for name in FREE:
        if name in table.names:
            rows = _changed(rows, name, lambda text: mask(text, kinds))
    return _changed(rows, "properties", lambda text: _object(text, kinds))


def _changed(rows: pa.Table, name: str, change: Callable[[str], str]) -> pa.Table:
    column = rows[name]
    json_text = name == "properties"
    bare = pc.replace_substring_regex(column, INSTANTS, ":") if json_text else column
    looked_for = f"{MAYBE}|{HIDDEN}" if json_text else MAYBE
    maybe = pc.indices_nonzero(pc.fill_null(pc.match_substring_regex(bare, looked_for), False)).to_pylist()
    if not maybe:
        return rows
    texts = column.take(pa.array(maybe)).to_pylist()
    made = [change(text) for text in texts]
    if made == texts:
        return rows
    values = column.to_pylist()
    for place, text in zip(maybe, made, strict=True):
        values[place] = text
    return rows.set_column(rows.column_names.index(name), rows.schema.field(name), pa.array(values, pa.string()))


def _object(text: str, kinds: Collection[str]) -> str:
    try:
        found = json.loads(text)
    except ValueError:
        return mask(text, kinds)
    made = mask_values(found, kinds)
    return text if made == found else json.dumps(made, ensure_ascii=False)
