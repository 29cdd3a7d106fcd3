"""Records on their way to facts: columns are read by name, records that cannot be read are set aside with the reason."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl

from percorso.i18n import mark
from percorso.sources.ids import Occurrences, record_ids
from percorso.sources.instants import INSTANT, Dates, instants
from percorso.sources.readers.base import Chunk
from percorso.sources.report import Message, Rejected
from percorso.sources.values import Decimal, Read, amounts, documents, durations, flags, numbers, text

# In JSON text a quote inside a value is escaped, so that this only ever finds names.
NULL_ENTRY = r'"(?:[^"\\]|\\.)*":null'


class Sieve:
    """The records of one chunk. Columns that the file does not have are null throughout.

    Every reading method returns one value a record; where something stands that cannot be read, the value is null and
    the record is set aside. `rows` gives what is left.
    """

    def __init__(self, chunk: Chunk, file: str) -> None:
        self.frame, self.lines, self.file = chunk.frame, chunk.lines, file
        self.height = chunk.frame.height
        self.good = pl.Series("good", [True], pl.Boolean).new_from_index(0, self.height)
        self.rejected: list[Rejected] = list(chunk.rejected)
        self.records = self.height + len(chunk.rejected)

    def has(self, column: str | None) -> bool:
        """Whether the file has this column."""
        return column is not None and column in self.frame.columns

    def column(self, name: str | None) -> pl.Series:
        """Return a column as the file has it."""
        return self.frame[name] if name is not None and self.has(name) else self.nulls(pl.String)

    def nulls(self, kind: Any = pl.String) -> pl.Series:
        """Return a column of nulls."""
        return pl.Series("null", [None], kind).new_from_index(0, self.height)

    def text(self, name: str | None) -> pl.Series:
        """Return a column as text; see `values.text`."""
        return text(self.column(name)) if self.has(name) else self.nulls()

    def numbers(
        self,
        name: str | None,
        decimal: Decimal = ".",
        blank: Collection[str] = (),
        labels: Mapping[str, float] | None = None,
        out_of: float | None = None,
    ) -> pl.Series:
        """Return a column as numbers; see `values.numbers`."""
        if not self.has(name):
            return self.nulls(pl.Float64)
        template = mark("{column}: {value} is not a number.")
        return self.taken(name, numbers(self.column(name), decimal, blank, labels, out_of), template)

    def amounts(self, name: str | None, decimal: Decimal, places: pl.Series) -> pl.Series:
        """Return a column of money in minor units; see `values.amounts`."""
        if not self.has(name):
            return self.nulls(pl.Int64)
        template = mark("{column}: {value} is not an amount. Write it as 1234.50, without words.")
        return self.taken(name, amounts(self.column(name), decimal, places), template)

    def documents(self, name: str | None, listed: bool) -> pl.Series:
        """Return a column as JSON text: lists when `listed`, else objects; see `values.documents`."""
        if not self.has(name):
            return self.nulls()
        template = mark("{column}: {value} is not JSON. Give an object such as {example}.")
        read = documents(self.column(name), listed)
        self.reject(read.bad, template, column=name, value=self.column(name), example='{"plan": "pro"}')
        return read.values

    def flags(self, name: str | None, blank: Collection[str] = ()) -> pl.Series:
        """Return a column as true and false; see `values.flags`."""
        if not self.has(name):
            return self.nulls(pl.Boolean)
        return self.taken(name, flags(self.column(name), blank), mark("{column}: {value} is neither yes nor no."))

    def durations(self, name: str | None, unit: str | None) -> pl.Series:
        """Return a column as seconds; see `values.durations`."""
        if not self.has(name):
            return self.nulls(pl.Float64)
        return self.taken(name, durations(self.column(name), unit), mark("{column}: {value} is not a length of time."))

    def instants(self, name: str | None, dates: Dates, blank: Collection[str] = ()) -> pl.Series:
        """Return a column as instants; see `instants.instants`."""
        if not self.has(name):
            return self.nulls(INSTANT)
        template = mark("{column}: {value} is not a date and time that can be read.")
        return self.taken(name, instants(self.column(name), dates, blank), template)

    def taken(self, name: str | None, read: Read, template: str) -> pl.Series:
        """Return what was read; records where that failed are set aside with `template` (column, value)."""
        self.reject(read.bad, template, column=name, value=self.column(name))
        return read.values

    def ids(self, name: str | None, seen: Occurrences) -> pl.Series:
        """Return the records' ids: a column of them, or hashes when the file has none."""
        if name is None:
            return record_ids(self.frame, seen)
        ids = self.text(name)
        self.reject(ids.is_null(), mark("{column}: the record has no id."), column=name)
        return ids

    def reject(self, where: pl.Series, template: str, **params: Any) -> None:
        """Set records aside. A parameter that is a Series gives each record its own value."""
        found = (where.fill_null(False) & self.good).arg_true()
        if not len(found):
            return
        self.good = self.good & ~where.fill_null(False)
        picked = {k: v.gather(found).to_list() if isinstance(v, pl.Series) else None for k, v in params.items()}
        records = self.frame[found].to_dicts()
        for number, (place, record) in enumerate(zip(found.to_list(), records, strict=True)):
            own = {k: params[k] if values is None else values[number] for k, values in picked.items()}
            self.rejected.append(Rejected(self.file, int(self.lines[place]), Message(template, own), record))

    def properties(self, columns: Sequence[str], **more: pl.Series) -> pl.Series:
        """Return columns as one JSON object a record, without those that are empty; null when all are."""
        kept = [self.frame[c].cast(pl.String) for c in columns if self.has(c)]
        kept += [series.rename(name) for name, series in more.items()]
        if not kept:
            return self.nulls()
        return json_of(pl.DataFrame(kept))

    def rows(self, where: pl.Series | None = None, **columns: Any) -> pl.DataFrame:
        """Return one row for each record that was not set aside (and is in `where`), from columns and fixed values."""
        keep = self.good if where is None else self.good & where.fill_null(False)
        values = [v.alias(k) if isinstance(v, pl.Series) else pl.lit(v).alias(k) for k, v in columns.items()]
        return self.frame.select(pl.lit(0).alias("")).select(values).filter(keep) if values else pl.DataFrame()


def merged(first: pl.Series, second: pl.Series) -> pl.Series:
    """Return two columns of JSON objects as one; what both say, the second says."""

    def both(a: str | None, b: str | None) -> str | None:
        return json.dumps(json.loads(a) | json.loads(b), ensure_ascii=False) if a and b else a or b

    if first.null_count() == len(first) or second.null_count() == len(second):
        return pl.select(pl.coalesce(second, first)).to_series()
    return pl.Series(first.name, [both(a, b) for a, b in zip(first, second, strict=True)], pl.String)


def looked_up(keys: pl.Series, frame: pl.DataFrame, key: str, *columns: str) -> list[pl.Series]:
    """Return columns of `frame` for each of `keys`; null where there is no such row or column."""
    have = [c for c in columns if c in frame.columns] if key in frame.columns else []
    small = frame.select(key, *have).unique(key, keep="last") if have else pl.DataFrame(schema={key: pl.String})
    joined = pl.DataFrame({key: keys}).join(small, on=key, how="left", maintain_order="left")
    return [joined[c] if c in have else pl.Series(c, [None], pl.String).new_from_index(0, len(keys)) for c in columns]


def json_of(frame: pl.DataFrame) -> pl.Series:
    """Return each row as a JSON object without its nulls; null when nothing is left."""
    encoded = frame.to_struct("properties").struct.json_encode()
    if any(frame.null_count().row(0)):
        encoded = encoded.str.replace(r"^\{", "{,").str.replace_all(rf",{NULL_ENTRY}", "").str.replace(r"^\{,", "{")
        encoded = pl.select(pl.when(encoded != "{}").then(encoded)).to_series()
    return encoded.rename("properties")


def columns_like(names: Collection[str], pattern: str) -> dict[str, str]:
    """Return the names that match `pattern` as a whole, without regard to case and blanks: {plain name: name}."""
    found = {re.sub(r"[\s*]+", "", name).upper(): name for name in names}
    return {plain: name for plain, name in found.items() if re.fullmatch(pattern, plain, re.IGNORECASE)}
