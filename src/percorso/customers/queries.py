"""Reads of customers and of one customer's facts, straight from the store; nothing of it is kept."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
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
# Of so many identities with a row of their own, what is known of a customer is put together.
MOST_ROWS = 50
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

    values = {"q": wanted.q.lower(), "country": wanted.country, "segment": wanted.segment} | place_of(after)
    rows = rows_of(facts, shape, make, {"workspace": workspace.slug} | values)
    seen = _seen(facts, workspace.slug, [row["id"] for row in rows])
    return [row | seen.get(row["id"], {"last_at": None, "n": 0}) | _traits(row) for row in rows]


def place_of(after: tuple[datetime, str] | None) -> dict[str, str]:
    return {"after": written_at(after[0]), "after_id": after[1]} if after else {}


def named(workspace: Workspace, q: str, limit: int) -> list[Row]:
    """Return the ids and names of customers that hold what was typed, the newest first."""
    facts = store()

    def make() -> ir.Table:
        t = _listed(facts)
        return t.filter(_says(t, facts)).order_by(ibis.desc("since"), "id").select("id", "name").limit(limit)

    return rows_of(facts, ("named", limit), make, {"workspace": workspace.slug, "q": q.lower()})


def names(workspace: Workspace, ids: Sequence[str]) -> dict[str, str]:
    """Return the names of a few customers by their ids; of those that have one."""
    if not ids:
        return {}
    facts = store()

    def make() -> ir.Table:
        t = _listed(facts)
        return t.filter(t.id.isin([marker(f"id_{i}") for i in range(len(ids))])).select("id", "name")

    rows = rows_of(facts, ("names", len(ids)), make, _of(workspace) | {f"id_{i}": key for i, key in enumerate(ids)})
    return {row["id"]: row["name"] for row in rows if row["name"]}


def _listed(facts: Store) -> ir.Table:
    t = facts.table("customers", marker("workspace"))
    columns = ("id", "name", "company", "country", "segment", "language", "plan", "identity", "traits")
    start = facts.engine.instant("1970-01-01 00:00:00.000000")
    return t.filter(has_own_place(t)).select(*columns, since=ibis.coalesce(t.at, start))


def has_own_place(t: ir.Table) -> ir.BooleanValue:
    """Return whether a row of `customers` is one customer by itself: its identity is not believed to be another one."""
    return ~((t.identity == t.id) & (t.customer != t.id)).fill_null(False)


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
        each = [about(facts, name).filter(lambda t: t.customer.isin(wanted)) for name in TOLD]
        t = ibis.union(*(part.select("customer", "at") for part in each), distinct=False)
        return t.group_by("customer").aggregate(last_at=t.at.max(), n=t.count())

    values = {"workspace": workspace} | {f"id_{i}": key for i, key in enumerate(ids)}
    rows = rows_of(facts, ("seen", len(ids)), make, values)
    return {row["customer"]: {"last_at": row["last_at"], "n": row["n"]} for row in rows}


def about(facts: Store, table: str) -> ir.Table:
    """Return the facts of a table that are about customers: what employees answer in private is nobody's to read."""
    t = facts.table(table, marker("workspace"))
    return t.filter(t.population.fill_null("customer") != "employee") if table == "answers" else t


def values(workspace: Workspace, column: str) -> list[str]:
    """Return the values of `country` or `segment`, in order."""
    facts = store()
    rows = rows_of(facts, ("values", column), lambda: _listed(facts).select(value=column).distinct(), _of(workspace))
    return sorted(row["value"] for row in rows if row["value"])


def has_any(workspace: Workspace) -> bool:
    """Whether the workspace knows any customer."""
    facts = store()
    return bool(rows_of(facts, ("any",), lambda: _listed(facts).select("id").limit(1), _of(workspace)))


def _of(workspace: Workspace) -> dict[str, str]:
    return {"workspace": workspace.slug}


def customer(workspace: Workspace, key: str) -> Row | None:
    """Return one customer: columns and traits, how many facts of each table; None for an unknown one.

    Facts are enough: a customer of whom nothing else is known is one too.
    """
    found = known(workspace, key)
    counted = counts(workspace, key)
    return (found or _unknown(key)) | {"counts": counted} if found or counted else None


def known(workspace: Workspace, key: str) -> Row | None:
    """Return the columns and traits of one customer; what its own row leaves open, those of its other identities fill in."""
    facts = store()

    def make() -> ir.Table:
        t = facts.table("customers", marker("workspace"))
        return t.filter((t.id == marker("id")) | (t.customer == marker("id"))).order_by("id").limit(MOST_ROWS)

    rows = rows_of(facts, ("customer",), make, _of(workspace) | {"id": key})
    rows = [row for row in rows if row["id"] == key or row["identity"] == row["id"]]
    if not rows:
        return None
    rows.sort(key=lambda row: row["id"] != key)
    found = {name: next((row[name] for row in rows if row[name] is not None), None) for name in rows[0]}
    traits: Row = {}
    for row in reversed(rows):
        traits |= _json(row["traits"])
    return found | {
        "id": key,
        "customer": rows[0]["customer"],
        "traits": traits,
        "email": str(traits.get("email") or ""),
    }


def _unknown(key: str) -> Row:
    """Return what is known of a customer who has facts only."""
    return dict.fromkeys(TABLES["customers"].names) | {"id": key, "customer": key, "traits": {}, "email": ""}


def shown(workspace: Workspace, key: str) -> Row | None:
    """Return one customer as `known` does, or as one who has facts only; None for an unknown one. Nothing is counted."""
    found = known(workspace, key)
    return found or (_unknown(key) if _has_facts(workspace, key) else None)


def _has_facts(workspace: Workspace, key: str) -> bool:
    facts = store()

    def make() -> ir.Table:
        each = [about(facts, name).filter(lambda t: t.customer == marker("id")) for name in TOLD]
        return ibis.union(*(t.select("customer").limit(1) for t in each), distinct=False).limit(1)

    return bool(rows_of(facts, ("has facts",), make, _of(workspace) | {"id": key}))


def counts(workspace: Workspace, key: str) -> dict[str, int]:
    """Return how many facts of each table a customer has, of the tables that have some."""
    facts = store()

    def make() -> ir.Table:
        each = []
        for name in TOLD:
            t = about(facts, name)
            each.append(t.filter(t.customer == marker("id")).select(table_name=ibis.literal(name)))
        t = ibis.union(*each, distinct=False)
        return t.group_by("table_name").aggregate(n=t.count())

    rows = rows_of(facts, ("counts",), make, _of(workspace) | {"id": key})
    return {row["table_name"]: row["n"] for row in rows if row["n"]}


def written_at(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def rows_of(facts: Store, shape: tuple[Any, ...], make: Callable[[], ir.Table], values: Mapping[str, str]) -> list[Row]:
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
