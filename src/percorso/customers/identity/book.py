"""What was claimed of identities, kept; and the customer that each of them is by now, also in the facts."""

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence

from django.db.models import Count, Q

from percorso.accounts.models import Workspace
from percorso.base.owner import store
from percorso.customers.identity.belonging import MOST_NEIGHBOURS, Claim, belonging, rank_of
from percorso.customers.models import Identity, IdentityClaim

# A database takes so many values in one statement.
AT_ONCE = 400
# One process loads facts; within it decisions of people and what sources say take turns.
_settling = threading.RLock()


def believed(workspace: Workspace, claims: Collection[Claim], identities: Collection[str]) -> dict[str, str]:
    """Keep claims, and return the customer that each of the identities is by now; facts follow where one has changed."""
    with _settling:
        known = _known(workspace, {*identities, *(i for claim in claims for i in claim[:2])})
        added = _add(workspace, claims)
        unsettled = {i for claim in added for i in claim[:2]} | (set(identities) - set(known))
        if unsettled:
            known |= settle(workspace, unsettled)
        return {identity: known.get(identity, identity) for identity in identities}


def settle(workspace: Workspace, identities: Iterable[str]) -> dict[str, str]:
    """Work out anew which customers some identities, and all that hang together with them, are; return them."""
    with _settling:
        reached, claims = _together(workspace, set(identities))
        made = {identity: customer for identity, customer in belonging(claims, reached).items() if identity in reached}
        before = _known(workspace, made)
        moved = {
            identity: customer for identity, customer in made.items() if before.get(identity, identity) != customer
        }
        new = [Identity(workspace=workspace, value=i, customer=c) for i, c in made.items() if before.get(i) != c]
        # The facts first: broken off here, it is done again with the next claim or by the same one coming again.
        if moved:
            store().move_many(workspace.slug, moved)
        Identity.objects.bulk_create(
            new,
            update_conflicts=True,
            unique_fields=["workspace", "value"],
            update_fields=["customer"],
            batch_size=AT_ONCE,
        )
        return made


def forget_identities(workspace: Workspace, customer: str) -> None:
    """Empty what is kept of who a customer was: its identities, and everything that was claimed of them."""
    own = [customer, *Identity.objects.filter(workspace=workspace, customer=customer).values_list("value", flat=True)]
    for part in _parts(own):
        IdentityClaim.objects.filter(Q(one__in=part) | Q(other__in=part), workspace=workspace).delete()
        Identity.objects.filter(workspace=workspace, value__in=part).delete()


def _add(workspace: Workspace, claims: Collection[Claim]) -> list[Claim]:
    """Keep the claims that are new; those that were undone stay undone."""
    wanted = {_ordered(claim) for claim in claims if claim.one != claim.other}
    have: set[Claim] = set()
    for part in _parts(sorted({claim.one for claim in wanted})):
        rows = IdentityClaim.objects.filter(workspace=workspace, one__in=part).values_list("one", "other", "joins")
        have |= {Claim(*row) for row in rows}
    new = sorted(wanted - have)
    rows = [IdentityClaim(workspace=workspace, one=c.one, other=c.other, joins=c.joins) for c in new]
    IdentityClaim.objects.bulk_create(rows, ignore_conflicts=True, batch_size=AT_ONCE)
    return new


def _ordered(claim: Claim) -> Claim:
    if claim.joins:
        return claim  # which of the two remains is part of it
    one, other = sorted(claim[:2], key=lambda i: (rank_of(i), i))
    return Claim(one, other, claim.joins)


def _together(workspace: Workspace, start: set[str]) -> tuple[set[str], list[Claim]]:
    """Return the identities that hang together with some, and all claims about them.

    What is shared by all who come belongs to nobody: nothing hangs together by it, however many have claimed it.
    """
    reached, ahead, found, shared = set(start), set(start), set[Claim](), set[str]()
    while ahead:
        shared |= _shared(workspace, ahead)
        near: set[Claim] = set()
        for part in _parts(sorted(ahead)):
            own = Q(one__in=part) | Q(other__in=[i for i in part if i not in shared]) | Q(other__in=part, joins=True)
            about = IdentityClaim.objects.filter(own, workspace=workspace, undone_at=None)
            near |= {Claim(*row) for row in about.values_list("one", "other", "joins")}
        found |= near
        ahead = {i for claim in near for i in claim[:2]} - reached
        reached |= ahead
    return reached, sorted(c for c in found if c.joins or c.other not in shared)


def _shared(workspace: Workspace, identities: set[str]) -> set[str]:
    made: set[str] = set()
    for part in _parts(sorted(i for i in identities if rank_of(i))):
        rows = IdentityClaim.objects.filter(workspace=workspace, other__in=part, joins=False, undone_at=None)
        counted = rows.values("other").annotate(n=Count("pk")).filter(n__gt=MOST_NEIGHBOURS)
        made |= set(counted.values_list("other", flat=True))
    return made


def _known(workspace: Workspace, identities: Iterable[str]) -> dict[str, str]:
    made: dict[str, str] = {}
    for part in _parts(sorted(identities)):
        made |= dict(Identity.objects.filter(workspace=workspace, value__in=part).values_list("value", "customer"))
    return made


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[i : i + AT_ONCE] for i in range(0, len(values), AT_ONCE))
