"""Reads of customers and of one customer's facts, straight from the store; nothing of it is kept."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from percorso.accounts.models import Workspace
from percorso.analytics.methods.base import marker
from percorso.analytics.run import fill
from percorso.analytics.segments import Rule, members, parse, resolve
from percorso.analytics.store import Store
from percorso.analytics.tables import TABLES
from percorso.base.owner import store
from percorso.customers.models import Segment
from percorso.customers.sentences import TABLES as TOLD

Row = dict[str, Any]
AT_ONCE = ThreadPoolExecutor(4, thread_name_prefix="percorso-customers")
_compiling = threading.Lock()


@dataclass(frozen=True)
class Wanted:
    """Which customers a list shows; empty texts ask for all."""

    q: str = ""
    country: str = ""
    segment: str = ""


def rule_of(segment: Segment | None) -> Rule | None:
    """Return the rule of a segment with the segments that it names resolved; None for none.

    Raises
    ------
    BadQuestion : it names a segment that is gone, or itself.
    """
    if segment is None:
        return None
    rule = parse(segment.rule)
    if not members(rule):
        return rule
    rows = Segment.objects.filter(workspace_id=segment.workspace_id).values_list("slug", "rule")
    return resolve(rule, {slug: parse(given) for slug, given in rows}, (segment.slug,))


def customers(workspace: Workspace, wanted: Wanted, limit: int, after: tuple[datetime, str] | None = None) -> list[Row]:
    """Return customers, the newest first, each with when it was last seen and how many facts there are.

    `after` is (at, id) of the last row of the page before.
    """
    facts = store()
    columns = [c for c in ("country", "segment") if getattr(wanted, c)]
    shape = ("customers", bool(wanted.q), *columns, limit, after is not None)

    def make() -> ir.Table:
        t = _listed(facts)
        if wanted.q:
            t = t.filter(_says(t, facts))
        for column in columns:
            t = t.filter(t[column] == marker(column))
        if after is not None:
            edge = facts.engine.instant(marker("after"))
            t = t.filter((t.since < edge) | ((t.since == edge) & (t.id < marker("after_id"))))
        return t.order_by(ibis.desc("since"), ibis.desc("id")).limit(limit)

    values = {"q": wanted.q.lower(), "country": wanted.country, "segment": wanted.segment} | _after(after)
    rows = _rows(facts, shape, make, {"workspace": workspace.slug} | values)
    seen = _seen(facts, workspace.slug, [row["id"] for row in rows])
    return [row | seen.get(row["id"], {"last_at": None, "n": 0}) | _traits(row) for row in rows]


def _after(after: tuple[datetime, str] | None) -> dict[str, str]:
    return {"after": _written(after[0]), "after_id": after[1]} if after else {}


def named(workspace: Workspace, q: str, limit: int) -> list[Row]:
    """Return the ids and names of customers that hold what was typed, the newest first."""
    facts = store()

    def make() -> ir.Table:
        t = _listed(facts)
        return t.filter(_says(t, facts)).order_by(ibis.desc("since"), "id").select("id", "name").limit(limit)

    return _rows(facts, ("named", limit), make, {"workspace": workspace.slug, "q": q.lower()})


def names(workspace: Workspace, ids: Sequence[str]) -> dict[str, str]:
    """Return the names of a few customers by their ids; of those that have one."""
    if not ids:
        return {}
    facts = store()

    def make() -> ir.Table:
        t = _listed(facts)
        return t.filter(t.id.isin([marker(f"id_{i}") for i in range(len(ids))])).select("id", "name")

    rows = _rows(facts, ("names", len(ids)), make, _of(workspace) | {f"id_{i}": key for i, key in enumerate(ids)})
    return {row["id"]: row["name"] for row in rows if row["name"]}


def _listed(facts: Store) -> ir.Table:
    t = facts.table("customers", marker("workspace"))
    columns = ("id", "name", "company", "country", "segment", "language", "plan", "identity", "traits")
    start = facts.engine.instant("1970-01-01 00:00:00.000000")
    return t.select(*columns, since=ibis.coalesce(t.at, start))


def _says(t: ir.Table, facts: Store) -> ir.BooleanValue:
    """Return whether a customer's name, id or e-mail address holds what was typed."""
    email = facts.engine.json_text(t.traits, "email")
    texts = (t.name, t.id, t.identity, email)
    found = [text.lower().contains(marker("q")).fill_null(False) for text in texts]
    return found[0] | found[1] | found[2] | found[3]


def _seen(facts: Store, workspace: str, ids: Sequence[str]) -> dict[str, Row]:
    """Return when each of a few customers was last seen and how many facts there are of it."""
    if not ids:
        return {}

    def make() -> ir.Table:
        wanted = [marker(f"id_{i}") for i in range(len(ids))]
        each = [_about(facts, name).filter(lambda t: t.customer.isin(wanted)) for name in TOLD]
        t = ibis.union(*(part.select("customer", "at") for part in each), distinct=False)
        return t.group_by("customer").aggregate(last_at=t.at.max(), n=t.count())

    values = {"workspace": workspace} | {f"id_{i}": key for i, key in enumerate(ids)}
    rows = _rows(facts, ("seen", len(ids)), make, values)
    return {row["customer"]: {"last_at": row["last_at"], "n": row["n"]} for row in rows}


def _about(facts: Store, table: str) -> ir.Table:
    """Return the facts of a table that are about customers: what employees answer in private is nobody's to read."""
    t = facts.table(table, marker("workspace"))
    return t.filter(t.population.fill_null("customer") != "employee") if table == "answers" else t


def values(workspace: Workspace, column: str) -> list[str]:
    """Return the values of `country` or `segment`, in order."""
    facts = store()
    rows = _rows(facts, ("values", column), lambda: _listed(facts).select(value=column).distinct(), _of(workspace))
    return sorted(row["value"] for row in rows if row["value"])


def has_any(workspace: Workspace) -> bool:
    """Whether the workspace knows any customer."""
    facts = store()
    return bool(_rows(facts, ("any",), lambda: _listed(facts).select("id").limit(1), _of(workspace)))


def _of(workspace: Workspace) -> dict[str, str]:
    return {"workspace": workspace.slug}


def customer(workspace: Workspace, key: str) -> Row | None:
    """Return one customer: columns and traits, when last seen, how many facts of each table; None for an unknown one.

    Facts are enough: a customer of whom nothing else is known is one too.
    """
    facts = store()

    def make() -> ir.Table:
        t = facts.table("customers", marker("workspace"))
        return t.filter(t.id == marker("id")).limit(1)

    found = _rows(facts, ("customer",), make, _of(workspace) | {"id": key})
    counts = _counts(facts, workspace.slug, key)
    if not found and not counts:
        return None
    row = found[0] if found else dict.fromkeys(TABLES["customers"].names)
    return row | {"id": key, "counts": counts, "traits": _json(row.get("traits"))} | _traits(row)


def _counts(facts: Store, workspace: str, key: str) -> dict[str, int]:
    def make() -> ir.Table:
        each = []
        for name in TOLD:
            t = _about(facts, name)
            each.append(t.filter(t.customer == marker("id")).select(table_name=ibis.literal(name)))
        t = ibis.union(*each, distinct=False)
        return t.group_by("table_name").aggregate(n=t.count())

    rows = _rows(facts, ("counts",), make, {"workspace": workspace, "id": key})
    return {row["table_name"]: row["n"] for row in rows if row["n"]}


def timeline(
    workspace: Workspace, key: str, tables: Sequence[str], limit: int, after: tuple[datetime, str, str] | None = None
) -> list[tuple[str, Row]]:
    """Return a customer's facts of some tables, the newest first, as (table, row).

    `after` is (at, table, id) of the last one of the page before.
    """
    facts = store()
    found = AT_ONCE.map(lambda name: _latest(facts, workspace.slug, name, key, limit, after), tables)
    rows = [(name, row) for name, part in zip(tables, found, strict=True) for row in part]
    rows.sort(key=lambda told: (told[1]["at"], told[0], told[1]["id"]), reverse=True)
    return rows[:limit]


def _latest(
    facts: Store, workspace: str, name: str, key: str, limit: int, after: tuple[datetime, str, str] | None
) -> list[Row]:
    # Of one instant, facts stand in the order of their tables' names, backwards too.
    place = "" if after is None else "before" if name > after[1] else "from" if name < after[1] else "behind"

    def make() -> ir.Table:
        t = _about(facts, name)
        t = t.filter(t.customer == marker("id"), t["at"].notnull())
        edge = facts.engine.instant(marker("after"))
        inside = {
            "before": lambda: t["at"] < edge,
            "from": lambda: t["at"] <= edge,
            "behind": lambda: (t["at"] < edge) | ((t["at"] == edge) & (t.id < marker("after_id"))),
        }
        t = t.filter(inside[place]()) if place else t
        return t.order_by(ibis.desc("at"), ibis.desc("id")).limit(limit)

    values = {"workspace": workspace, "id": key} | (_after((after[0], after[2])) if after else {})
    return _rows(facts, ("timeline", name, place, limit), make, values)


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def _rows(facts: Store, shape: tuple[Any, ...], make: Callable[[], ir.Table], values: Mapping[str, str]) -> list[Row]:
    """Return the rows of a question. Its SQL is compiled once a shape, with markers in place of what people typed."""
    with _compiling:
        [template] = facts.compiled(("customers", *shape), lambda: [make()])
    sql = fill(template.sql, {k: facts.engine.escaped(v) for k, v in values.items()})
    rows: list[Row] = facts.engine.fetch(sql).to_pylist()
    return rows


def _traits(row: Row) -> Row:
    """Return what a list shows of the traits."""
    return {"email": str(_json(row.get("traits")).get("email") or "")}


def _json(text: Any) -> dict[str, Any]:
    try:
        found = json.loads(text) if isinstance(text, str) else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
