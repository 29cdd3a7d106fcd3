"""What was claimed and decided of identities, kept; and the customer that each of them is by now, also in the facts."""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.base.owner import store
from percorso.customers.identity.belonging import (
    MARKS,
    MOST_NEIGHBOURS,
    Claim,
    Decision,
    Rules,
    belonging,
    rank_of,
)
from percorso.customers.models import Identity, IdentityClaim, IdentityDecision, IdentityRules, TraitHistory

# As claims name what no source of calls has said, but rows of files and programs.
FACTS = "facts"
# A database takes some times as many values in one statement (SQLite 32,766).
AT_ONCE = 5000
# One process loads facts; within it decisions of people and what sources say take turns.
_settling = threading.RLock()
# Half of what many new people cost is making statements of objects.
WRITE = (
    'INSERT INTO customers_identity (workspace_id, value, customer, "at") VALUES (%s, %s, %s, %s)'
    " ON CONFLICT (workspace_id, value) DO UPDATE SET customer = excluded.customer"
)
# By workspace, for the loader: most calls are of people who called before.
_remembered: dict[int, dict[str, str]] = {}
MOST_REMEMBERED = 500_000


@dataclass(frozen=True)
class Together:
    """Identities that hang together, and all that was said of them."""

    identities: set[str]
    claims: list[Claim]
    decisions: list[Decision]

    def customers(self, rules: Rules, also: Collection[Decision] = (), without: int = 0) -> dict[str, str]:
        """Return the customer of each; `also` if this was decided too, `without` the decision of that turn."""
        decisions = [made for made in self.decisions if made.turn != without] + list(also)
        # Of whom nothing was said, each is somebody by itself.
        made = belonging(self.claims, (), decisions, rules)
        return {identity: made.get(identity, identity) for identity in self.identities}


def believed(
    workspace: Workspace,
    claims: Collection[Claim],
    identities: Collection[str],
    said_by: Mapping[Claim, str] | None = None,
) -> dict[str, str]:
    """Keep claims, and return the customer that each of the identities is by now; facts follow where one has changed.

    `said_by` are the names of the sources that said them.
    """
    with _settling:
        known = remembered(workspace, {*identities, *(i for claim in claims for i in claim[:2])})
        added = _add(workspace, claims, said_by or {})
        unsettled = {i for claim in added for i in claim[:2]} | (set(identities) - set(known))
        if unsettled:
            known |= settle(workspace, unsettled, known=known)
        return {identity: known.get(identity, identity) for identity in identities}


def settle(
    workspace: Workspace, identities: Collection[str], anew: bool = False, known: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Work out anew which customers some identities, and all that hang together with them, are; return them.

    With `anew` the facts of all of them follow, not only of those that have changed. `known`: what `remembered` told just now
    of all of `identities`, and of others.
    """
    with _settling:
        made = together(workspace, identities).customers(rules_of(workspace))
        asked = made.keys() if known is None else made.keys() - known.keys() - set(identities)
        before = {**(known or {}), **known_customers(workspace, asked)}
        moved = {i: customer for i, customer in made.items() if anew or before.get(i, i) != customer}
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        new = [(workspace.pk, i, c, now) for i, c in made.items() if before.get(i) != c]
        # Until this is committed another thread still reads what was so before.
        transaction.on_commit(lambda: forget_remembered(workspace, made))
        # The facts first: broken off here, it is done again with the next claim or by the same one coming again.
        if moved:
            store().move_many(workspace.slug, moved)
        if new:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.executemany(WRITE, new)
        return made


def settle_all(workspace: Workspace, told: Callable[[float], None]) -> int:
    """Work out anew who everybody is, from all that was claimed and decided; return how many identities that were.

    `told` is called with the share that is done.
    """
    rows = Identity.objects.filter(workspace=workspace)
    count, total, last = 0, rows.count(), 0
    while part := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", "value")[:AT_ONCE]):
        settle(workspace, [value for _, value in part], anew=True)
        last, count = part[-1][0], count + len(part)
        told(min(1.0, count / max(total, 1)))
    return count


def rules_of(workspace: Workspace) -> Rules:
    """Return what a workspace lets happen to identities without a person."""
    row = IdentityRules.objects.filter(workspace=workspace).first()
    if row is None:
        return Rules()
    chosen = {rank: getattr(row, mark.rstrip(":")) for rank, mark in enumerate(MARKS, start=1)}
    kinds = IdentityRules.Rule
    return Rules(
        row.alias,
        frozenset(rank for rank, rule in chosen.items() if rule == kinds.BELONGS),
        frozenset(rank for rank, rule in chosen.items() if rule == kinds.UNITES),
    )


def forget_identities(workspace: Workspace, customer: str) -> None:
    """Empty what is kept of who a customer was: its identities, what was claimed and decided of them, its traits."""
    own = [customer, *identities_of(workspace, customer)]
    for part in _parts(own):
        either = Q(one__in=part) | Q(other__in=part)
        IdentityClaim.objects.filter(either, workspace=workspace).delete()
        IdentityDecision.objects.filter(either, workspace=workspace).delete()
        TraitHistory.objects.filter(workspace=workspace, identity__in=part).delete()
        Identity.objects.filter(workspace=workspace, value__in=part).delete()
    # Last, and without holding the database: who remembers waits for it.
    transaction.on_commit(lambda: forget_remembered(workspace, own))


def identities_of(workspace: Workspace, customer: str) -> list[str]:
    """Return the identities that are believed to be a customer, in order."""
    rows = Identity.objects.filter(workspace=workspace, customer=customer)
    return sorted(rows.values_list("value", flat=True), key=lambda value: (rank_of(value), value))


def known_customers(workspace: Workspace, identities: Iterable[str]) -> dict[str, str]:
    """Return the customers of the identities that are known."""
    made: dict[str, str] = {}
    for part in _parts(sorted(identities)):
        made |= dict(Identity.objects.filter(workspace=workspace, value__in=part).values_list("value", "customer"))
    return made


def remembered(workspace: Workspace, identities: Collection[str]) -> dict[str, str]:
    """Return the customers of the identities that are known: from memory, where nobody else can change them."""
    if not store().engine.alone or connection.in_atomic_block:
        return known_customers(workspace, identities)
    with _settling:
        own = _remembered.setdefault(workspace.pk, {})
        if len(own) > MOST_REMEMBERED:
            own.clear()
        own |= known_customers(workspace, [i for i in identities if i not in own])
        return {i: own[i] for i in identities if i in own}


def forget_remembered(workspace: Workspace, identities: Iterable[str]) -> None:
    """Look the customers of some identities up anew the next time."""
    with _settling:
        own = _remembered.get(workspace.pk, {})
        for identity in identities:
            own.pop(identity, None)


def together(workspace: Workspace, identities: Iterable[str]) -> Together:
    """Return all that hangs together with some identities.

    What is shared by all who come belongs to nobody: nothing hangs together by it, however many have claimed it.
    """
    start = set(identities)
    reached, ahead, found, shared, decided = set(start), start, set[Claim](), set[str](), set[Decision]()
    if not any(told.objects.filter(workspace=workspace).exists() for told in (IdentityClaim, IdentityDecision)):
        ahead = set()
    while ahead:
        shared |= _shared(workspace, ahead)
        near: set[Claim] = set()
        told: set[Decision] = set()
        for part in _parts(sorted(ahead)):
            own = Q(one__in=part) | Q(other__in=[i for i in part if i not in shared]) | Q(other__in=part, joins=True)
            about = IdentityClaim.objects.filter(own, workspace=workspace, undone_at=None)
            near |= {Claim(*row) for row in about.values_list("one", "other", "joins")}
            told |= _decided(workspace, part)
        found, decided = found | near, decided | told
        ahead = {i for said in (*near, *told) for i in said[:2]} - reached
        reached |= ahead
    return Together(reached, sorted(c for c in found if c.joins or c.other not in shared), sorted(decided))


def _decided(workspace: Workspace, identities: Sequence[str]) -> set[Decision]:
    either = Q(one__in=identities) | Q(other__in=identities)
    rows = IdentityDecision.objects.filter(either, workspace=workspace, undone_at=None)
    return {Decision(*row) for row in rows.values_list("one", "other", "apart", "pk")}


def _add(workspace: Workspace, claims: Collection[Claim], said_by: Mapping[Claim, str]) -> list[Claim]:
    """Keep the claims that are new; those that were set aside stay so."""
    wanted = {_ordered(claim): said_by.get(claim, "")[:100] for claim in claims if claim.one != claim.other}
    have: set[Claim] = set()
    for part in _parts(sorted({claim.one for claim in wanted})):
        rows = IdentityClaim.objects.filter(workspace=workspace, one__in=part).values_list("one", "other", "joins")
        have |= {Claim(*row) for row in rows}
    new = sorted(wanted.keys() - have)
    rows = [IdentityClaim(workspace=workspace, **claim._asdict(), source=wanted[claim]) for claim in new]
    IdentityClaim.objects.bulk_create(rows, ignore_conflicts=True, batch_size=AT_ONCE)
    return new


def _ordered(claim: Claim) -> Claim:
    if claim.joins:
        return claim  # which of the two remains is part of it
    one, other = sorted(claim[:2], key=lambda i: (rank_of(i), i))
    return Claim(one, other, claim.joins)


def _shared(workspace: Workspace, identities: set[str]) -> set[str]:
    made: set[str] = set()
    for part in _parts(sorted(i for i in identities if rank_of(i))):
        rows = IdentityClaim.objects.filter(workspace=workspace, other__in=part, joins=False, undone_at=None)
        counted = rows.values("other").annotate(n=Count("pk")).filter(n__gt=MOST_NEIGHBOURS)
        made |= set(counted.values_list("other", flat=True))
    return made


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[i : i + AT_ONCE] for i in range(0, len(values), AT_ONCE))
