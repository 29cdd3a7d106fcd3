"""A customer's newest facts of all tables: of each table only the newest rows are read, however many there are."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir

from percorso.accounts.models import Workspace
from percorso.analytics.methods.base import marker
from percorso.analytics.store import Store
from percorso.base.owner import store
from percorso.customers.queries import Row, about, place_of, rows_of, written_at
from percorso.customers.sentences import TABLES

AT_ONCE = ThreadPoolExecutor(4, thread_name_prefix="percorso-customers")
# What is searched, beside where and how it happened.
EVERYWHERE = ("channel", "touchpoint", "properties")
SEARCHED = {
    "answers": ("survey", "question", "metric", "aspect", "option", "team", "agent"),
    "mentions": ("text", "source", "item"),
    "tickets": ("id", "topic", "team", "agent", "priority", "status"),
    "ticket_events": ("ticket", "kind", "actor"),
    "promises": ("ticket", "kind", "topic", "team", "agent"),
    "contacts": ("topic", "queue", "team", "agent"),
    "orders": ("id", "product", "carrier", "status"),
    "subscriptions": ("subscription", "plan"),
    "messages": ("campaign", "survey", "purpose"),
    "events": ("name", "page", "device"),
}


@dataclass(frozen=True)
class Wanted:
    """Which facts a timeline shows: of some tables, holding a text, of a period (until is not part of it)."""

    tables: tuple[str, ...] = tuple(TABLES)
    q: str = ""
    since: datetime | None = None
    until: datetime | None = None


def timeline(
    workspace: Workspace, key: str, wanted: Wanted, limit: int, after: tuple[datetime, str, str] | None = None
) -> list[tuple[str, Row]]:
    """Return a customer's facts, the newest first, as (table, row).

    `after` is (at, table, id) of the last one of the page before.
    """
    facts = store()
    found = AT_ONCE.map(lambda name: _latest(facts, workspace.slug, name, key, wanted, limit, after), wanted.tables)
    rows = [(name, row) for name, part in zip(wanted.tables, found, strict=True) for row in part]
    rows.sort(key=lambda told: (told[1]["at"], told[0], told[1]["id"]), reverse=True)
    return rows[:limit]


def _latest(
    facts: Store,
    workspace: str,
    name: str,
    key: str,
    wanted: Wanted,
    limit: int,
    after: tuple[datetime, str, str] | None,
) -> Sequence[Row]:
    # Of one instant, facts stand in the order of their tables' names, backwards too.
    place = "" if after is None else "before" if name > after[1] else "from" if name < after[1] else "behind"

    def make() -> ir.Table:
        t = about(facts, name)
        t = t.filter(t.customer == marker("id"), t["at"].notnull())
        t = _wanted(t, name, wanted, facts)
        edge = facts.engine.instant(marker("after"))
        inside = {
            "before": lambda: t["at"] < edge,
            "from": lambda: t["at"] <= edge,
            "behind": lambda: (t["at"] < edge) | ((t["at"] == edge) & (t.id < marker("after_id"))),
        }
        t = t.filter(inside[place]()) if place else t
        return t.order_by(ibis.desc("at"), ibis.desc("id")).limit(limit)

    values = {"workspace": workspace, "id": key, "q": wanted.q.lower()}
    values |= {name: written_at(at) for name, at in (("since", wanted.since), ("until", wanted.until)) if at}
    values |= place_of((after[0], after[2])) if after else {}
    shape = ("timeline", name, place, limit, bool(wanted.q), wanted.since is None, wanted.until is None)
    return rows_of(facts, shape, make, values)


def _wanted(t: ir.Table, name: str, wanted: Wanted, facts: Store) -> ir.Table:
    if wanted.since is not None:
        t = t.filter(t["at"] >= facts.engine.instant(marker("since")))
    if wanted.until is not None:
        t = t.filter(t["at"] < facts.engine.instant(marker("until")))
    if wanted.q:
        found = [t[column].lower().contains(marker("q")).fill_null(False) for column in (*SEARCHED[name], *EVERYWHERE)]
        t = t.filter(ibis.or_(*found))
    return t
