"""What sources tell of customers (identify) and companies (group): kept with its history, and put into the customers' rows."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import ibis.expr.types as ir

from percorso.accounts.models import Workspace
from percorso.analytics.methods.base import marker
from percorso.analytics.run import fill
from percorso.analytics.store import Store
from percorso.base.owner import store
from percorso.customers.companies.told import keep_companies
from percorso.customers.identity.book import known_customers
from percorso.customers.identity.columns import row_with, traits_of
from percorso.customers.identity.histories import History, first_told, now, tell
from percorso.customers.models import TraitHistory

# A database takes so many values in one statement; so many identities are looked at in a turn.
AT_ONCE, A_TURN = 400, 5000
# Who wrote a row of `customers`: this, and no import.
BATCH = "told"
# Whoever is named by these has a row, whatever is told.
ROWS_OF = ("identify", "group")
Row = dict[str, Any]
_compiling = threading.Lock()


class Says(Protocol):
    """What a call says of who somebody is: `ids` of one customer, what is known of it (`traits`), or of its company."""

    @property
    def at(self) -> datetime: ...
    @property
    def ids(self) -> tuple[str, ...]: ...
    @property
    def kind(self) -> str: ...
    @property
    def traits(self) -> Mapping[str, Any]: ...
    @property
    def group(self) -> str: ...


def keep_told(workspace: Workspace, said: Iterable[Says]) -> None:
    """Keep what calls tell of customers and companies. Of each trait the last one told holds, by when it was so."""
    by_identity: dict[str, list[tuple[datetime, dict[str, Any]]]] = {}
    groups: list[tuple[datetime, str, Mapping[str, Any]]] = []
    for one in said:
        if not (one.traits or one.group or one.kind in ROWS_OF):
            continue  # most calls tell nothing of anybody
        if one.group:
            groups.append((one.at, one.group, one.traits if one.kind == "group" else {}))
        traits = traits_of({} if one.kind == "group" else one.traits, one.group)
        if one.ids and (traits or one.kind in ROWS_OF):
            by_identity.setdefault(one.ids[0], []).append((one.at, traits))
    if groups:
        keep_companies(workspace, groups)
    identities = sorted(by_identity)
    for start in range(0, len(identities), A_TURN):
        part = identities[start : start + A_TURN]
        _keep(workspace, {identity: by_identity[identity] for identity in part})


def _keep(workspace: Workspace, told: Mapping[str, list[tuple[datetime, dict[str, Any]]]]) -> None:
    histories = _histories(workspace, list(told))
    changed: dict[str, Row] = {}
    for identity, several in told.items():
        known = histories.get(identity)
        history = histories.setdefault(identity, {})
        before = now(history)
        for at, traits in several:
            tell(history, traits, at)
        after = now(history)
        if known is None or after != before:
            news = {name: after.get(name) for name in {*before, *after} if before.get(name) != after.get(name)}
            first = first_told(history) or min(at for at, _ in several)
            changed[identity] = {"news": news, "first": first}
    # The facts first: broken off here, all of it is done again.
    _write(workspace, changed)
    TraitHistory.objects.bulk_create(
        [TraitHistory(workspace=workspace, identity=identity, told=histories[identity]) for identity in told],
        update_conflicts=True,
        unique_fields=["workspace", "identity"],
        update_fields=["told"],
        batch_size=AT_ONCE,
    )


def _histories(workspace: Workspace, identities: Sequence[str]) -> dict[str, History]:
    made: dict[str, History] = {}
    for start in range(0, len(identities), AT_ONCE):
        rows = TraitHistory.objects.filter(workspace=workspace, identity__in=identities[start : start + AT_ONCE])
        made |= dict(rows.values_list("identity", "told"))
    return made


def _write(workspace: Workspace, changed: Mapping[str, Row]) -> None:
    """Put what has changed into the customers' rows; a customer that is called by another identity has a row of its own."""
    if not changed:
        return
    customers = known_customers(workspace, changed)
    also = {customers.get(identity, identity) for identity in changed} - set(changed)
    known = _rows(store(), workspace.slug, [*changed, *also])
    rows, first_of_all = [], min(each["first"] for each in changed.values())
    for identity in (*changed, *(key for key in sorted(also) if key not in known)):
        own = changed.get(identity, {"news": {}, "first": first_of_all})
        row = row_with(known.get(identity, {}), own["news"])
        row |= {"id": identity, "identity": identity, "customer": customers.get(identity, identity)}
        if "created_at" not in own["news"] and row.get("batch") in (None, BATCH):
            row["created_at"] = min(_utc(at) for at in (row.get("created_at"), own["first"]) if at is not None)
        rows.append({name: value for name, value in row.items() if name not in ("at", "batch", "deliveries")})
    store().append("customers", rows, workspace=workspace.slug, batch=BATCH)


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _rows(facts: Store, workspace: str, ids: Iterable[str]) -> dict[str, Row]:
    """Return the rows of `customers` of some ids, with who wrote them."""

    def make() -> Iterable[ir.Table]:
        t = facts.table("customers", marker("workspace"))
        return [t.filter(t.id.isin([marker("ids")]))]

    with _compiling:
        [template] = facts.compiled(("rows told",), make)
    # One constant becomes many: compiling thousands takes longer than reading them.
    listed = "', '".join(facts.engine.escaped(key) for key in ids)
    sql = fill(template.sql, {"workspace": workspace, "ids": listed})
    return {row["id"]: row for row in facts.engine.fetch(sql).to_pylist()}
