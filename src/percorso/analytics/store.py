"""The facts of all workspaces: append once, read as Ibis tables, move to another customer, forget."""

import secrets
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import reduce
from itertools import count
from operator import or_
from pathlib import Path
from types import TracebackType
from typing import Self

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from percorso.analytics.engine import open_engine
from percorso.analytics.engines.base import Appended, Engine
from percorso.analytics.rows import Rows, to_arrow
from percorso.analytics.statements import KeptRows, Statement, tables_of
from percorso.analytics.tables import FORGOTTEN, PERSONAL, TABLES, Table
from percorso.errors import BadQuestion
from percorso.i18n import mark

# A template is some kilobytes of SQL; rules of segments are part of it.
MOST_TEMPLATES = 3000
FREE = ("text", "topic", "properties")
WHOSE = ("workspace", "customer", "identity", "batch")
EVERY = "*"  # no slug: a change of all workspaces at once

_numbers = count()


class Store:
    """Fact tables on one engine. `version` rises with every change of a workspace's facts: until then answers hold.

    With `keep_rows` the rows of a statement are reused exactly as long as the tables that it reads are the same; only for
    a store that nobody else writes to.
    """

    def __init__(self, engine: Engine, readonly: bool = False) -> None:
        self.engine = engine
        # Tells stores apart for good; a place in memory is taken again by the next one.
        self.number = next(_numbers)
        self._versions: Counter[str] = Counter()
        self._tables: Counter[tuple[str, str]] = Counter()
        self._kept: KeptRows | None = None
        self._filling: Counter[str] = Counter()
        self._templates: dict[Hashable, list[Statement]] = {}
        # Looks at the rows of every append, and returns what of them is stored.
        self.entering: Callable[[Table, pa.Table, str], pa.Table] | None = None
        if not readonly:
            for table in TABLES.values():
                engine.create(table)

    @classmethod
    def open(cls, url: str | Path = ":memory:", memory_limit: str | None = None) -> Self:
        """Open the store at `url` (see `open_engine`) and create the fact tables that are missing."""
        return cls(open_engine(url, memory_limit), readonly=Path(str(url)).is_dir())

    def append(self, table: str, rows: Rows, *, workspace: str = "", batch: str | None = None) -> Appended:
        """Append facts; each `id` counts once for good.

        A row whose id is known replaces the earlier one (the last delivery counts, specification 1.3) and raises its
        count of deliveries, so an append that may or may not have arrived can be repeated. All rows of a call are
        stored or none is.

        Parameters
        ----------
        table : name of the fact table. rows : see `to_arrow`. workspace : the owner of the rows.
        batch : the import or sender, kept with each row.

        Raises
        ------
        BadRows : see `to_arrow`. BadQuestion : no such table.
        """
        spec = TABLES.get(table)
        if spec is None:
            raise BadQuestion(mark("There is no table {table}. Tables: {known}."), table=table, known=", ".join(TABLES))
        data = to_arrow(spec, rows, workspace, batch)
        if self.entering is not None:
            data = self.entering(spec, data, workspace)
        if data.num_rows == 0:
            return Appended(0, 0, 0)
        appended = self.engine.append(spec, data, workspace)
        self._changed(workspace, table)
        return appended

    def table(self, name: str, workspace: str | None = None) -> ir.Table:
        """Return a fact table as an Ibis table; with `workspace`, only its rows."""
        t = self.engine.table(name)
        return t if workspace is None else t.filter(t.workspace == workspace)

    def move(self, workspace: str, identity: str, customer: str) -> None:
        """Believe from now on that `identity` is `customer`: merging two customers, or undoing it, in every table.

        Who the source said it was stays in ``identity``, so a merge can always be undone.
        """
        for table in TABLES.values():
            self.engine.update(table, {"customer": customer}, {"workspace": workspace, "identity": identity})
        self._changed(workspace)

    def move_many(self, workspace: str, customers: Mapping[str, str]) -> None:
        """Believe from now on of many identities that they are these customers, as `move` does of one."""
        for table in TABLES.values():
            if self.engine.move(table, workspace, customers):
                self._changed(workspace, table.name)

    def forget(self, workspace: str, customer: str, identities: Collection[str] = ()) -> dict[str, int]:
        """Forget who a customer is (`identities`: by these too); return how many rows that were, by table.

        Personal columns are emptied in every table, the customer's own row is deleted. Scores and durations stay (LGPD art.
        18, GDPR art. 17); their customer becomes a random name, another one in each table: past figures that count the
        newest answer of each customer do not change, and nothing ties the rows of two tables together.
        """
        counts = {}
        for table in TABLES.values():
            if found := self._count_of(table, workspace, {customer, *identities}):
                counts[table.name] = found
                self._forget_in(table, workspace, customer, identities)
                self._changed(workspace, table.name)
        self._kept = KeptRows() if self._kept is not None else None
        return counts

    def _count_of(self, table: Table, workspace: str, own: Collection[str]) -> int:
        t = self.table(table.name, workspace)
        mine = t.customer.isin(list(own)) | t.identity.isin(list(own))
        mine = mine | t.id.isin(list(own)) if table.name == "customers" else mine
        return int(self.engine.fetch(self.engine.sql(t.filter(mine).count().name("n").as_table()))["n"][0].as_py())

    def _forget_in(self, table: Table, workspace: str, customer: str, identities: Collection[str]) -> None:
        if table.name == "customers":
            for own in {customer, *identities}:
                for column in ("id", "customer", "identity"):
                    self.engine.delete(table, {"workspace": workspace, column: own})
            return
        nobody = FORGOTTEN + secrets.token_hex(8)
        for own in {customer, *identities}:
            self.engine.update(table, {"customer": nobody}, {"workspace": workspace, "identity": own})
            self.engine.update(table, {"customer": nobody}, {"workspace": workspace, "customer": own})
        emptied = {c: None for c in PERSONAL if c in table.names and c != "customer"}
        self.engine.update(table, emptied, {"workspace": workspace, "customer": nobody})

    def rewrite(self, workspace: str, pattern: str, text: str, free: bool = False) -> None:
        """Replace what matches a pattern in every text of a workspace's facts, whoever they are about (see `Engine.rewrite`).

        With `free` only in what is written freely (`FREE`): other columns may name somebody of the same name.
        """
        for table in TABLES.values():
            named = [c.name for c in table.columns if c.kind in ("text", "json") and c.name not in WHOSE]
            named = [name for name in named if name in FREE] if free else named
            if named:
                self.engine.rewrite(table, named, workspace, pattern, text)
        self._changed(workspace)

    def old(self, workspace: str, table: str, before: str, deleted: bool) -> int:
        """Return how many rows `end` would change or delete."""
        t = self.table(table, workspace)
        t = t.filter(t["at"] < self.engine.instant(before))
        if not deleted:
            whose = ibis.coalesce(t.customer, t.identity)
            written = [t[name].notnull() for name in PERSONAL if name in t.columns and name not in WHOSE]
            t = t.filter(reduce(or_, written, whose.notnull()), ~whose.fill_null("").startswith(FORGOTTEN))
        return int(self.engine.fetch(self.engine.sql(t.count().name("n").as_table()))["n"][0].as_py())

    def end(self, workspace: str, table: str, before: str, deleted: bool) -> int:
        """Delete the rows of a table that are older than an instant (``2026-03-01 00:00:00.000000``), or make them nobody's.

        Who they were about becomes a hash that nobody can make again: rows that are ended together and were of one customer
        stay of one, so that figures of whole months do not change. Return how many rows it was.
        """
        found = self.old(workspace, table, before, deleted)
        if found:
            emptied = [c for c in PERSONAL if c in TABLES[table].names and c != "customer"]
            self.engine.end(TABLES[table], workspace, before, emptied, "" if deleted else secrets.token_hex(16))
            self._changed(workspace, table)
        return found

    def overwrite(self) -> None:
        """Leave nothing of rows that were changed or deleted in the file itself; takes as long as writing all facts anew."""
        self.compact()
        self.engine.overwrite()

    def withdraw(self, workspace: str, batch: str) -> int:
        """Delete the rows that `batch` delivered last, in every table; return how many there were.

        A row that replaced an earlier delivery goes too: the earlier one does not come back by itself.
        """
        removed = sum(self.delivered(workspace, batch).values())
        for table in TABLES.values():
            self.engine.withdraw(table, workspace, batch)
        self._changed(workspace)
        return removed

    def delivered(self, workspace: str, batch: str) -> dict[str, int]:
        """Return how many rows `batch` delivered last, by the tables that have some."""
        counts = {}
        for name in TABLES:
            t = self.table(name, workspace)
            rows = self.engine.fetch(self.engine.sql(t.filter(t.batch == batch).count().name("n").as_table()))
            counts[name] = int(rows["n"][0].as_py())
        return {name: n for name, n in counts.items() if n}

    def version(self, workspace: str) -> int:
        """Return a number that is another one after every change of the workspace's facts by this process."""
        return self._versions[workspace] + self._versions[EVERY]

    def compiled(self, shape: Hashable, make: Callable[[], Iterable[ir.Table]]) -> list[Statement]:
        """Return the SQL of what `make` returns, compiled once a shape: what it depends on but for instants and values."""
        if shape not in self._templates:
            if len(self._templates) >= MOST_TEMPLATES:
                self._templates.clear()
            self._templates[shape] = [Statement(self.engine.sql(expr), tables_of(expr)) for expr in make()]
        return self._templates[shape]

    def keep_rows(self) -> None:
        """Keep the rows of statements from now on, where the engine lets no other process write."""
        if self.engine.alone and self._kept is None:
            self._kept = KeptRows()

    def fetch(self, statement: Statement, workspace: str) -> pa.Table:
        """Return the rows of a statement about a workspace; kept ones while the tables that it reads stay as they are."""
        if self._kept is None:
            return self.engine.fetch(statement.sql)
        versions = [self._tables[owner, t] for owner in (workspace, EVERY) for t in sorted(statement.reads)]
        return self._kept.get(statement.sql, versions, lambda: self.engine.fetch(statement.sql))

    def _changed(self, workspace: str, *tables: str) -> None:
        """Count a change of some tables; of all, without naming one."""
        self._versions[workspace] += 1
        for table in tables or TABLES:
            self._tables[workspace, table] += 1
        if self._kept is not None and not tables:
            self._kept = KeptRows()  # what was forgotten is not kept either

    @contextmanager
    def filling(self, workspace: str) -> Iterator[None]:
        """Say that many appends follow each other: who shows figures need not follow every one of them."""
        self._filling[workspace] += 1
        try:
            yield
        finally:
            self._filling[workspace] -= 1
            self._versions[workspace] += 1

    def is_filling(self, workspace: str) -> bool:
        """Return whether many appends follow each other right now."""
        return self._filling[workspace] > 0

    def compact(self, out_of_order: float = 0.0) -> list[str]:
        """Rewrite tables in their order while others go on reading and appending; return the names of those rewritten.

        Parameters
        ----------
        out_of_order : only tables of which at least this share of the rows came since they were last put in order.
        """
        made = [t for t in TABLES.values() if self.engine.out_of_order(t) >= out_of_order]
        for table in made:
            self.engine.compact(table)
        return [table.name for table in made]

    def close(self) -> None:
        """Close the engine."""
        self.engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
