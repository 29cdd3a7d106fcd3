"""Which customer each identity is, worked out of everything that was claimed: whatever came first, the result is the same.

Identities have ranks. Those of the first rank (the ids that a company gives its customers) are customers by themselves.
All others (an e-mail address, a phone, a device) belong to the customer that is claimed for them when there is exactly one:
a device with which two people signed in belongs to neither, and never makes one person of the two. Only claims that join
(the source says that two ids are one, or a person decided it) make one customer of two.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

# Marks of identities by rank; without a mark it is an id that the company gave.
# With more people claimed for it, something is shared by all who come, and belongs to nobody.
MOST_NEIGHBOURS = 50
MARKS = ("email:", "phone:", "card:", "external:", "anonymous:")


class Claim(NamedTuple):
    """Two identities that are said to be one customer's; `joins`: they are, and the customer is called `one` from now on."""

    one: str
    other: str
    joins: bool = False


def rank_of(identity: str) -> int:
    """Return how much an identity tells by itself: 0 for an id that the company gave, more for less."""
    return next((rank for rank, mark in enumerate(MARKS, start=1) if identity.startswith(mark)), 0)


def belonging(claims: Collection[Claim], identities: Iterable[str] = ()) -> dict[str, str]:
    """Return the customer of every identity that is claimed or named.

    A customer is called after the identity of it that tells most: of several one that no other took the place of, then by
    the alphabet.
    """
    given_up = {claim.other for claim in claims if claim.joins and claim.one != claim.other}
    groups = Groups({*identities, *(i for claim in claims for i in claim[:2])}, given_up)
    for claim in claims:
        if claim.joins:
            groups.join(claim.one, claim.other)
    neighbours = _neighbours(claims)
    for rank in range(1, len(MARKS) + 1):
        # All of a rank look at the same groups: none of them sees what another one of its rank has become.
        for group, meant in _meant(groups, rank, neighbours).items():
            if len(meant) == 1:
                groups.join(group, next(iter(meant)))
    return groups.names()


def disputed(claims: Collection[Claim]) -> dict[str, list[str]]:
    """Return the identities for which several customers are claimed, with these customers: a person may know more."""
    names = belonging(claims)
    found = {i: sorted({names[n] for n in near}) for i, near in _neighbours(claims).items()}
    return {identity: near for identity, near in found.items() if len(near) > 1 and names[identity] == identity}


def _neighbours(claims: Iterable[Claim]) -> Mapping[str, set[str]]:
    """Return for each identity those that tell more, and are said to be the same customer's."""
    made: defaultdict[str, set[str]] = defaultdict(set)
    for one, other, joins in claims:
        low, high = sorted((one, other), key=rank_of)
        if not joins and rank_of(low) < rank_of(high):
            made[high].add(low)
    return made


def _meant(groups: "Groups", rank: int, neighbours: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return for each group with identities of a rank the groups that they may belong to.

    A group that has something that tells more means itself too.
    """
    made: defaultdict[str, set[str]] = defaultdict(set)
    for identity in groups.of_rank(rank):
        own, near = groups.root(identity), neighbours[identity]
        if len(near) <= MOST_NEIGHBOURS:
            made[own] |= {groups.root(n) for n in near}
        if rank_of(groups.name(own)) < rank:
            made[own].add(own)
    return made


class Groups:
    """Disjoint sets of identities, each called after the one that tells most."""

    def __init__(self, identities: Iterable[str], given_up: Collection[str] = ()) -> None:
        self._above = {identity: identity for identity in identities}
        self._name = dict(self._above)
        self._given_up = given_up

    def root(self, identity: str) -> str:
        """Return what stands for the group of an identity."""
        while self._above[identity] != identity:
            self._above[identity] = self._above[self._above[identity]]
            identity = self._above[identity]
        return identity

    def name(self, root: str) -> str:
        """Return what a group is called."""
        return self._name[root]

    def join(self, one: str, other: str) -> None:
        """Make one group of two."""
        a, b = self.root(one), self.root(other)
        if a != b:
            self._above[b] = a
            self._name[a] = min(self._name[a], self._name[b], key=lambda i: (rank_of(i), i in self._given_up, i))

    def of_rank(self, rank: int) -> list[str]:
        """Return the identities of a rank."""
        return [identity for identity in self._above if rank_of(identity) == rank]

    def names(self) -> dict[str, str]:
        """Return what the group of each identity is called."""
        return {identity: self._name[self.root(identity)] for identity in self._above}
