"""Reads of identities: why each one is a customer's, what would move, what waits for a person."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import ibis
import ibis.expr.types as ir
from django.db.models import Count, Q, QuerySet

from percorso.accounts.models import Workspace
from percorso.analytics.store import Store
from percorso.analytics.tables import TABLES
from percorso.base.owner import store
from percorso.customers.identity.belonging import MARKS, MOST_NEIGHBOURS, Decision, Rules, rank_of
from percorso.customers.identity.book import AT_ONCE, known_customers, rules_of, together
from percorso.customers.models import IdentityClaim, IdentityDecision

# More identities of one customer are not listed one by one.
MOST_IDENTITIES = 200
# So many identities are looked at to find a page of those that wait.
LOOKED_AT, ROUNDS = 200, 5


@dataclass(frozen=True)
class Moves:
    """What a decision would move: identities with the customer that they are and would be, and how many facts that is."""

    identities: dict[str, tuple[str, str]]
    facts: int


@dataclass(frozen=True)
class Waiting:
    """Something that waits for a person: customers that share an identity, or an identity that rules give to nobody."""

    identity: str
    customers: tuple[str, ...]

    @property
    def shared(self) -> bool:
        """Whether the question is if several customers are one; else whether the identity is the only customer's."""
        return len(self.customers) > 1


def claims_about(workspace: Workspace, identities: Collection[str]) -> QuerySet[IdentityClaim]:
    """Return what sources said of some identities, what was set aside too, the oldest first."""
    either = Q(one__in=identities) | Q(other__in=identities)
    return IdentityClaim.objects.filter(either, workspace=workspace).order_by("id")


def decisions_about(workspace: Workspace, identities: Collection[str]) -> QuerySet[IdentityDecision]:
    """Return what people decided of some identities, what was undone too, the newest first."""
    either = Q(one__in=identities) | Q(other__in=identities)
    return IdentityDecision.objects.filter(either, workspace=workspace)


def identities_of_facts(workspace: Workspace, customer: str) -> dict[str, int]:
    """Return the identities under which facts of a customer came, with how many facts, the most first."""
    facts = store()

    def each(name: str) -> ir.Table:
        t = facts.table(name, workspace.slug)
        return t.filter(t.customer == customer, t.identity.notnull()).select("identity")

    t = ibis.union(*(each(name) for name in TABLES if name != "customers"), distinct=False)
    t = t.group_by("identity").aggregate(n=t.count()).order_by(ibis.desc("n"), "identity").limit(MOST_IDENTITIES)
    return {row["identity"]: row["n"] for row in facts.engine.fetch(facts.engine.sql(t)).to_pylist()}


def moves(workspace: Workspace, also: Collection[Decision] = (), without: int = 0) -> Moves:
    """Return what would move if this was decided too, or the decision with the key `without` was undone."""
    named = {i for made in also for i in made[:2]}
    if without:
        row = IdentityDecision.objects.get(workspace=workspace, pk=without)
        named |= {row.one, row.other}
    found = together(workspace, named)
    made = found.customers(rules_of(workspace), also, without)
    before = known_customers(workspace, made)
    moved = {i: (before.get(i, i), customer) for i, customer in made.items() if before.get(i, i) != customer}
    return Moves(moved, _facts_of(workspace, moved))


def split_moves(workspace: Workspace, customer: str, identity: str) -> Moves:
    """Return what would move if an identity was split off a customer."""
    found = moves(workspace, [Decision(customer, identity, apart=True, turn=2**62)])
    if identity in found.identities:
        return found
    # Nobody has claimed it yet: facts came with it and the customer's id in one row.
    return Moves({identity: (customer, identity)}, identities_of_facts(workspace, customer).get(identity, 0))


def _facts_of(workspace: Workspace, identities: Collection[str]) -> int:
    facts, total = store(), 0
    listed = sorted(identities)
    for start in range(0, len(listed), AT_ONCE):
        total += _counted(facts, workspace, listed[start : start + AT_ONCE])
    return total


def _counted(facts: Store, workspace: Workspace, identities: Sequence[str]) -> int:
    each = []
    for name in TABLES:
        if name != "customers":
            t = facts.table(name, workspace.slug)
            each.append(t.filter(t.identity.isin(identities)).select("identity"))
    t = ibis.union(*each, distinct=False).count().name("n").as_table()
    return int(facts.engine.fetch(facts.engine.sql(t))["n"][0].as_py())


def waiting(workspace: Workspace, kind: str, limit: int, after: str = "") -> tuple[list[Waiting], str]:
    """Return identities of a kind (a mark without its colon) that wait for a person, and from where to go on (empty: the end).

    What a person has said of the customers is not asked again; what more than fifty share belongs to nobody.
    """
    rules, found = rules_of(workspace), list[Waiting]()
    for _ in range(ROUNDS):
        listed = _claimed(workspace, kind, rules, after)
        for one in _unsettled(workspace, listed):
            found.append(one)
            if len(found) == limit:
                return found, one.identity
        if len(listed) < LOOKED_AT:
            return found, ""
        after = listed[-1]
    return found, after


def _claimed(workspace: Workspace, kind: str, rules: Rules, after: str) -> list[str]:
    mark = f"{kind}:"
    alone = MARKS.index(mark) + 1 not in rules.belongs | rules.unites
    rows = IdentityClaim.objects.filter(workspace=workspace, joins=False, undone_at=None)
    rows = rows.filter(other__startswith=mark, other__gt=after).values("other").annotate(n=Count("pk"))
    rows = rows.filter(n__gte=1 if alone else 2, n__lte=MOST_NEIGHBOURS).order_by("other")
    return list(rows.values_list("other", flat=True)[:LOOKED_AT])


def _unsettled(workspace: Workspace, identities: Sequence[str]) -> Iterable[Waiting]:
    near: dict[str, set[str]] = {identity: set() for identity in identities}
    rows = IdentityClaim.objects.filter(workspace=workspace, joins=False, undone_at=None, other__in=identities)
    for one, other in rows.values_list("one", "other"):
        near[other].add(one)
    names = known_customers(workspace, {*identities, *(one for several in near.values() for one in several)})
    apart = apart_pairs(workspace, set(names.values()) | set(identities))
    for identity, several in near.items():
        own = names.get(identity, identity)
        meant = sorted({names.get(one, one) for one in several} - {own})
        meant = [one for one in meant if frozenset((own, one)) not in apart]
        told = len(meant) > 1 and all(frozenset(two) in apart for two in combinations(meant, 2))
        if meant and own == identity and not told:
            yield Waiting(identity, tuple(meant))


def apart_pairs(workspace: Workspace, customers: Collection[str]) -> set[frozenset[str]]:
    """Return the pairs among some customers of whom a person decided that they are not one."""
    either = Q(one__in=customers) | Q(other__in=customers)
    rows = IdentityDecision.objects.filter(either, workspace=workspace, undone_at=None, apart=True)
    pairs = list(rows.values_list("one", "other"))
    names = known_customers(workspace, {i for pair in pairs for i in pair})
    return {frozenset(names.get(i, i) for i in pair) for pair in pairs}


def alike(workspace: Workspace, trait: str, limit: int) -> list[Waiting]:
    """Return customers of whom the same is told as `email` or `phone` in their rows, and nobody said whether they are one."""
    facts = store()
    t = facts.table("customers", workspace.slug)
    t = t.select(customer=ibis.coalesce(t.customer, t.id), told=facts.engine.json_text(t.traits, trait).lower().strip())
    t = t.filter(t.told.notnull(), t.told != "").distinct()
    several = t.group_by("told").aggregate(n=t.count())
    # What is shared by all who come (a switchboard, a shop's own address) tells of nobody.
    several = several.filter(several.n > 1, several.n <= MOST_NEIGHBOURS).order_by("told").limit(LOOKED_AT)
    rows = facts.engine.fetch(facts.engine.sql(t.semi_join(several, "told"))).to_pylist()
    by_text: dict[str, set[str]] = {}
    for row in rows:
        by_text.setdefault(row["told"], set()).add(row["customer"])
    apart = apart_pairs(workspace, {customer for several in by_text.values() for customer in several})
    made = [
        Waiting(f"{trait}:{text}", tuple(sorted(customers)))
        for text, customers in sorted(by_text.items())
        if len(customers) > 1 and not all(frozenset(two) in apart for two in combinations(customers, 2))
    ]
    return made[:limit]


def aliases_waiting(workspace: Workspace, limit: int) -> list[Waiting]:
    """Return pairs that a source says are one and are not: the rules let them wait, or they lie between two who are apart."""
    rows = IdentityClaim.objects.filter(workspace=workspace, joins=True, undone_at=None).order_by("id")
    found: list[Waiting] = []
    for start in range(0, ROUNDS * LOOKED_AT, LOOKED_AT):
        pairs = list(rows.values_list("one", "other")[start : start + LOOKED_AT])
        names = known_customers(workspace, {i for pair in pairs for i in pair})
        customers = [tuple(sorted({names.get(i, i) for i in pair})) for pair in pairs]
        apart = apart_pairs(workspace, {c for pair in customers for c in pair})
        for pair in customers:
            # The same id may be one of a visitor that nobody ever saw.
            if len(pair) == 2 and frozenset(pair) not in apart and all(rank_of(i) == 0 for i in pair):
                found.append(Waiting("", pair))
        if len(pairs) < LOOKED_AT or len(found) >= limit:
            break
    return list(dict.fromkeys(found))[:limit]


def decided(workspace: Workspace) -> QuerySet[IdentityDecision]:
    """Return all decisions, the newest first."""
    return IdentityDecision.objects.filter(workspace=workspace)


def details(workspace: Workspace, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return name, e-mail address and company of a few customers by their ids; of those that have a row of their own."""
    if not ids:
        return {}
    facts = store()
    t = facts.table("customers", workspace.slug)
    t = t.filter(t.id.isin(sorted(ids)))
    t = t.select("id", "name", "company", "country", email=facts.engine.json_text(t.traits, "email"))
    return {row["id"]: row for row in facts.engine.fetch(facts.engine.sql(t)).to_pylist()}
