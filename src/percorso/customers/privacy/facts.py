"""Reads of one person's facts, over all tables; each question is compiled once."""

import json
import re
from collections.abc import Collection, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from percorso.accounts.models import Workspace
from percorso.analytics.methods.base import marker
from percorso.analytics.store import Store
from percorso.analytics.tables import TABLES
from percorso.base.owner import store
from percorso.customers.privacy.erased import plain
from percorso.customers.queries import rows_of

Row = dict[str, Any]
# Shorter texts are no address and no phone.
LEAST = 6
# Digits of a phone without its country and area; with fewer equal ones two are not said to be the same.
LOCAL = 8


def _values(workspace: Workspace, own: Sequence[str]) -> dict[str, str]:
    return {"workspace": workspace.slug} | {f"own_{i}": one for i, one in enumerate(own)}


def _mine(facts: Store, table: str, n: int) -> ir.Table:
    t = facts.table(table, marker("workspace"))
    own = [marker(f"own_{i}") for i in range(n)]
    whose = t.customer.isin(own) | t.identity.isin(own)
    return t.filter(whose | t.id.isin(own) if table == "customers" else whose)


def counts(workspace: Workspace, own: Collection[str]) -> dict[str, int]:
    """Return how many facts of each table are of any of some ids; of tables that have some."""
    facts, ids = store(), sorted(set(own))

    def make() -> ir.Table:
        each = [_mine(facts, name, len(ids)).select(name=ibis.literal(name)) for name in TABLES]
        return ibis.union(*each, distinct=False).group_by("name").aggregate(n=lambda t: t.count())

    found = {row["name"]: int(row["n"]) for row in rows_of(facts, ("person", len(ids)), make, _values(workspace, ids))}
    return {name: found[name] for name in TABLES if found.get(name)}


def rows(workspace: Workspace, own: Collection[str], table: str) -> list[Row]:
    """Return the facts of a table that are of any of some ids, the oldest first."""
    facts, ids = store(), sorted(set(own))

    def make() -> ir.Table:
        return _mine(facts, table, len(ids)).order_by(["at", "id"])

    return rows_of(facts, ("person", table, len(ids)), make, _values(workspace, ids))


def known_by(workspace: Workspace, ids: Collection[str]) -> list[str]:
    """Return the customers of the facts that some ids, as sources write them, are of."""
    facts, own = store(), sorted(set(ids))

    def make() -> ir.Table:
        each = []
        for name in TABLES:
            t = _mine(facts, name, len(own))
            each.append(t.select(whose=t.id if name == "customers" else t.customer))
        return ibis.union(*each, distinct=True)

    found = rows_of(facts, ("known by", len(own)), make, _values(workspace, own))
    return sorted(row["whose"] for row in found if row["whose"])


def at_address(workspace: Workspace, address: str) -> list[str]:
    """Return the customers whose row has an e-mail address or a phone, however that is written."""
    digits = re.sub(r"\D", "", address)
    by_phone = "@" not in address
    if len(address) < LEAST or (by_phone and (len(digits) < LEAST or not re.fullmatch(r"[\d\s()+./-]+", address))):
        return []
    facts = store()

    def make() -> ir.Table:
        t = facts.table("customers", marker("workspace"))
        text = t.traits.re_replace(r"[^0-9]", "") if by_phone else t.traits.lower()
        return t.filter(text.contains(marker("text"))).select("id", "traits")

    wanted = {"workspace": workspace.slug, "text": digits[-LOCAL:] if by_phone else address}
    found = rows_of(facts, ("at address", by_phone), make, wanted)
    return [row["id"] for row in found if any(_same(address, value) for value in traits_of(row).values())]


def _same(address: str, told: Any) -> bool:
    """Whether a trait is that address; of phones the end counts, with or without the country."""
    if "@" in address:
        return plain(str(told)) == address
    digits = re.sub(r"\D", "", str(told)) if isinstance(told, str | int) else ""
    plainly = len(digits) >= LOCAL and not re.search(r"[A-Za-z]", str(told))
    return plainly and re.sub(r"\D", "", address).endswith(digits[-LOCAL:])


def traits_of(row: Row) -> dict[str, Any]:
    """Return the traits of a customer's row."""
    try:
        found = json.loads(row["traits"]) if isinstance(row["traits"], str) else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
