"""Whom a rule holds of now: how many, what share, who. Counts are kept while the facts stay the same."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from percorso.accounts.models import Workspace
from percorso.analytics.methods.base import Ask
from percorso.analytics.run import fill, written
from percorso.analytics.segments import AllOf, Rule, customers_in
from percorso.analytics.store import Store
from percorso.base.owner import store

# Rules look back from now on, so an answer grows old even when no fact comes; while an import fills, it is followed.
FRESH = timedelta(minutes=5)
FOLLOW = timedelta(seconds=20)
KEPT = 500
EVERYBODY = AllOf()


@dataclass(frozen=True)
class _Kept:
    state: tuple[int, int]
    made: datetime
    answer: Any

    def holds(self, state: tuple[int, int], filling: bool) -> bool:
        age = datetime.now(UTC) - self.made
        return (self.state == state and age < FRESH) or (filling and self.state[0] == state[0] and age < FOLLOW)


@dataclass(frozen=True)
class Size:
    """How many customers a rule holds of, and how many there are."""

    count: int
    everybody: int

    @property
    def share(self) -> float | None:
        """The share of all customers, 0 to 1; None when there are none."""
        # Who is known from events alone is in a segment, but not among everybody.
        return min(1.0, self.count / self.everybody) if self.everybody else None


_kept: OrderedDict[str, _Kept] = OrderedDict()
_making: dict[str, threading.Lock] = {}
_lock = threading.Lock()
_compiling = threading.Lock()


def size(workspace: Workspace, rule: Rule) -> Size:
    """Return how many customers a resolved rule holds of now.

    Raises
    ------
    BadQuestion : it names a table, column or indicator that does not exist or cannot be asked of one customer.
    """
    return Size(_count(workspace, rule), _count(workspace, EVERYBODY))


def compilable(workspace: Workspace, rule: Rule) -> None:
    """Check that a resolved rule can be asked.

    Raises
    ------
    BadQuestion : see `size`.
    """
    _sql(workspace, rule, lambda t: t.limit(1))


def ids(workspace: Workspace, rule: Rule, limit: int, after: str = "") -> list[str]:
    """Return the ids of customers a resolved rule holds of, in their order; those behind `after`. Never kept."""

    def some(t: ir.Table) -> ir.Table:
        t = t.filter(t.customer > ibis.literal(after)) if after else t
        return t.order_by("customer").limit(limit)

    return [str(key) for key in store().engine.fetch(_sql(workspace, rule, some))["customer"].to_pylist()]


def of_customers(workspace: Workspace, rule: Rule, change: Callable[[ir.Table], ir.Table]) -> list[dict[str, Any]]:
    """Return the rows that `change` makes of the customers (column `customer`) a resolved rule holds of. Never kept."""
    rows: list[dict[str, Any]] = store().engine.fetch(_sql(workspace, rule, change)).to_pylist()
    return rows


def remembered(workspace: Workspace, question: str, make: Callable[[Store], Any]) -> Any:
    """Return what the facts say to a question, made once and kept while they stay the same, five minutes at most."""
    facts, key = store(), f"{workspace.slug}: {question}"
    state = (id(facts), facts.version(workspace.slug))
    with _made_once(key):
        found = _kept.get(key)
        if found is None or not found.holds(state, facts.is_filling(workspace.slug)):
            found = _Kept(state, datetime.now(UTC), make(facts))
            _keep(key, found)
        return found.answer


@contextmanager
def _made_once(key: str) -> Iterator[None]:
    with _lock:
        making = _making.setdefault(key, threading.Lock())
    try:
        with making:
            yield
    finally:
        with _lock:
            if key not in _kept:  # it failed
                _making.pop(key, None)


def _keep(key: str, found: _Kept) -> None:
    with _lock:
        _kept[key] = found
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _making.pop(_kept.popitem(last=False)[0], None)


def _count(workspace: Workspace, rule: Rule) -> int:
    def make(facts: Store) -> int:
        sql = _sql(workspace, rule, lambda t: t.aggregate(n=t.count()))
        return int(facts.engine.fetch(sql)["n"][0].as_py())

    return int(remembered(workspace, f"count of {rule!r}", make))


def _sql(workspace: Workspace, rule: Rule, change: Callable[[ir.Table], ir.Table]) -> str:
    facts, now = store(), datetime.now(UTC).replace(second=0, microsecond=0)
    with _compiling:
        ask = Ask(facts, workspace.slug, now, {}, 0.95, workspace.schedule)
        sql = facts.engine.sql(change(customers_in(ask, rule)))
    return fill(sql, written({"as_of": now}))
