"""Reads of companies: who belongs to them, what is part of what, and a few figures of their customers."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from percorso.accounts.models import Workspace
from percorso.analytics.methods.base import marker
from percorso.analytics.store import Store
from percorso.base.owner import store
from percorso.customers.companies.told import above
from percorso.customers.models import Company
from percorso.customers.queries import Row, has_own_place, rows_of

# So deep a tree is shown, and so many companies of it.
DEPTH, MOST = 8, 200
ACTIVE = timedelta(days=30)


@dataclass(frozen=True)
class Node:
    """A company in a tree: how deep it stands, and how many customers belong to it alone."""

    company: Company
    depth: int
    customers: int


def companies(workspace: Workspace, q: str, limit: int, after: str = "") -> list[Row]:
    """Return companies with how many customers belong to each, in the order of their keys; `after` is the last one before."""
    facts, named = store(), _named(workspace, q)

    def make() -> ir.Table:
        t = _members(facts)
        t = t.group_by(key=t.company).aggregate(n=t.count())
        t = t.filter(t.key > marker("after"))
        if q:
            found = t.key.lower().contains(marker("q"))
            t = t.filter(found | t.key.isin([marker(f"k_{i}") for i in range(len(named))]) if named else found)
        return t.order_by("key").limit(limit)

    values = {"workspace": workspace.slug, "q": q.lower(), "after": after} | {
        f"k_{i}": key for i, key in enumerate(named)
    }
    rows = rows_of(facts, ("companies", bool(q), len(named), limit), make, values)
    counted = {row["key"]: row["n"] for row in rows}
    # In the order of the facts' engine, which is that of the characters; databases have orders of their own.
    own = named if q else Company.objects.filter(workspace=workspace).values_list("key", flat=True)
    keys = sorted({*counted, *(key for key in own if key > after)})[:limit]
    found = {c.key: c for c in Company.objects.filter(workspace=workspace, key__in=keys).select_related("parent")}
    return [
        {"key": key, "name": str(found.get(key, key)), "company": found.get(key), "n": counted.get(key, 0)}
        for key in keys
    ]


def _named(workspace: Workspace, q: str) -> list[str]:
    """Return the keys of companies whose name or key holds a text."""
    if not q:
        return []
    rows = Company.objects.filter(workspace=workspace)
    return sorted((rows.filter(name__icontains=q) | rows.filter(key__icontains=q)).values_list("key", flat=True)[:MOST])


def company(workspace: Workspace, key: str) -> Company | None:
    """Return a company; one that customers name and no source has told of is not kept (`pk` is None). None for an unknown one."""
    found = Company.objects.filter(workspace=workspace, key=key).select_related("parent").first()
    if found is None and members_of(workspace, [key]):
        return Company(workspace=workspace, key=key)
    return found


def tree(company: Company) -> list[Node]:
    """Return a company with all above and below it, from the top; those of one parent by name."""
    if company.pk is None:
        return [Node(company, 0, members_of(company.workspace, [company.key]).get(company.key, 0))]
    top = [company, *above(company)][-1]
    levels: list[tuple[Company, int]] = []
    below = _below(top)

    def walk(one: Company, depth: int) -> None:
        levels.append((one, depth))
        for part in sorted(below.get(one.pk, ()), key=str):
            if len(levels) < MOST and depth < DEPTH:
                walk(part, depth + 1)

    walk(top, 0)
    counted = members_of(company.workspace, [one.key for one, _ in levels])
    return [Node(one, depth, counted.get(one.key, 0)) for one, depth in levels]


def _below(top: Company) -> dict[int, list[Company]]:
    """Return the companies below one by their parents; a query for each level."""
    made: dict[int, list[Company]] = {}
    ahead: Sequence[int] = [top.pk]
    for _ in range(DEPTH):
        found = list(Company.objects.filter(parent__in=ahead)[:MOST])
        if not found:
            break
        for one in found:
            made.setdefault(one.parent_id, []).append(one)  # type: ignore[arg-type]
        ahead = [one.pk for one in found]
    return made


def whole(company: Company) -> list[str]:
    """Return the keys of a company and of all below it."""
    nodes = tree(company)
    start = next(i for i, node in enumerate(nodes) if node.company.key == company.key)
    depth = nodes[start].depth
    keys = [nodes[start].company.key]
    for node in nodes[start + 1 :]:
        if node.depth <= depth:
            break
        keys.append(node.company.key)
    return keys


def members_of(workspace: Workspace, keys: Collection[str]) -> dict[str, int]:
    """Return how many customers belong to each of some companies."""
    facts, listed = store(), list(keys)

    def make() -> ir.Table:
        t = _members(facts)
        t = t.filter(t.company.isin([marker(f"k_{i}") for i in range(len(listed))]))
        return t.group_by("company").aggregate(n=t.count())

    values = {"workspace": workspace.slug} | {f"k_{i}": key for i, key in enumerate(listed)}
    return {row["company"]: row["n"] for row in rows_of(facts, ("company members", len(listed)), make, values)}


def members(workspace: Workspace, key: str, limit: int, after: str = "") -> list[Row]:
    """Return the customers of a company by name, then id; `after` is the id of the last one before."""
    facts = store()
    t = _members(facts, workspace.slug)
    t = t.filter(t.company == key, t.id > after).order_by("id").limit(limit)
    return facts.engine.fetch(facts.engine.sql(t)).to_pylist()


def figures(workspace: Workspace, keys: Iterable[str]) -> dict[str, Any]:
    """Return a few figures of the customers of some companies: how many, active in 30 days, events, tickets, orders."""
    facts, listed = store(), sorted(keys)
    who = _members(facts, workspace.slug)
    who = who.filter(who.company.isin(listed)).select(customer=ibis.coalesce(who.customer, who.id))
    since = facts.engine.instant((datetime.now(UTC) - ACTIVE).strftime("%Y-%m-%d %H:%M:%S.%f"))
    made: dict[str, Any] = {"customers": int(_one(facts, who.aggregate(n=who.customer.nunique()))["n"])}
    events = facts.table("events", workspace.slug).semi_join(who, "customer")
    lately = events.filter(events["at"] >= since)
    made |= _one(facts, lately.aggregate(active=lately.customer.nunique(), events=lately.count()))
    for name in ("tickets", "orders"):
        t = facts.table(name, workspace.slug).semi_join(who, "customer")
        t = t.filter(t["at"] >= since)
        made[name] = int(_one(facts, t.aggregate(n=t.count()))["n"])
    return made


def _one(facts: Store, t: ir.Table) -> Row:
    row: Row = facts.engine.fetch(facts.engine.sql(t)).to_pylist()[0]
    return row


def _members(facts: Store, workspace: str = "") -> ir.Table:
    t = facts.table("customers", workspace or marker("workspace"))
    t = t.filter(has_own_place(t), t.company.notnull(), t.company != "")
    return t.select(
        "id", "customer", "name", "company", "country", "plan", email=facts.engine.json_text(t.traits, "email")
    )
