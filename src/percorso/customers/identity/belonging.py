"""Which customer each identity is, worked out of everything that was claimed and decided: whatever came first, the result is the same.

Identities have ranks. Those of the first rank (the ids that a company gives its customers) are customers by themselves.
All others (an e-mail address, a phone, a device) belong to the customer that is claimed for them when there is exactly one:
a device with which two people signed in belongs to neither, and never makes one person of the two. Only claims that join
(the source says that two ids are one) make one customer of two, and what a workspace's rules let unite. What a person
decided stands above all that sources say; of decisions that contradict each other the later one holds.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

# With more people claimed for it, something is shared by all who come, and belongs to nobody.
MOST_NEIGHBOURS = 50
# Marks of identities by rank; without a mark it is an id that the company gave.
MARKS = ("email:", "phone:", "card:", "external:", "anonymous:")
RANKS = range(1, len(MARKS) + 1)


class Claim(NamedTuple):
    """Two identities that are said to be one customer's; `joins`: they are, and the customer is called `one` from now on."""

    one: str
    other: str
    joins: bool = False


class Decision(NamedTuple):
    """What a person decided of two identities: that they are one customer, called `one`, or that they are not (`apart`).

    `turn` rises with every decision that a person takes.
    """

    one: str
    other: str
    apart: bool = False
    turn: int = 0


class Rules(NamedTuple):
    """What happens without a person: whether an alias makes one of two, which ranks belong to their only customer, and which unite."""

    alias: bool = True
    belongs: frozenset[int] = frozenset(RANKS)
    unites: frozenset[int] = frozenset()


def rank_of(identity: str) -> int:
    """Return how much an identity tells by itself: 0 for an id that the company gave, more for less."""
    return next((rank for rank, mark in enumerate(MARKS, start=1) if identity.startswith(mark)), 0)


def belonging(
    claims: Collection[Claim],
    identities: Iterable[str] = (),
    decisions: Collection[Decision] = (),
    rules: Rules = Rules(),  # noqa: B008 - a value that nothing can change
) -> dict[str, str]:
    """Return the customer of every identity that is claimed, decided about or named.

    A customer is called after the identity of it that tells most: of several one that no other took the place of, then by
    the alphabet.
    """
    known = {*identities, *(i for claim in claims for i in claim[:2]), *(i for made in decisions for i in made[:2])}
    groups = Groups(known, _given_up(claims, decisions))
    _decide(groups, decisions)
    neighbours = _neighbours(claims)
    _join(groups, claims, neighbours, rules)
    for rank in RANKS:
        if rank in rules.belongs | rules.unites:
            _belong(groups, rank, neighbours)
    return groups.names()


def disputed(
    claims: Collection[Claim],
    decisions: Collection[Decision] = (),
    rules: Rules = Rules(),  # noqa: B008
) -> dict[str, list[str]]:
    """Return the identities that belong to none of the customers claimed for them, with these: a person may know more.

    Customers of whom a person decided that they are not the identity's, or that they are not one, are not asked about again.
    """
    names = belonging(claims, (), decisions, rules)
    apart = {frozenset((names[made.one], names[made.other])) for made in decisions if made.apart}
    found = {}
    for identity, near in _neighbours(claims).items():
        own = names[identity]
        meant = sorted({names[n] for n in near} - {own})
        meant = [one for one in meant if frozenset((own, one)) not in apart]
        # Of whom a person said that they are not one, they may share something.
        told = len(meant) > 1 and all(frozenset(two) in apart for two in combinations(meant, 2))
        if own == identity and meant and not told:
            found[identity] = meant
    return found


def _given_up(claims: Iterable[Claim], decisions: Iterable[Decision]) -> dict[str, int]:
    """Return the identities that another one took the place of: 1 where a source says so, 2 where a person does."""
    said = {claim.other: 1 for claim in claims if claim.joins and claim.one != claim.other}
    return said | {made.other: 2 for made in decisions if not made.apart and made.one != made.other}


def _decide(groups: "Groups", decisions: Iterable[Decision]) -> None:
    """Carry out decisions, the latest first: an earlier one that contradicts it does not hold."""
    for one, other, apart, _ in sorted(decisions, key=lambda made: (-made.turn, made.apart, made[:2])):
        if not apart and not groups.parted(one, other):
            groups.join(one, other)
        elif apart:
            groups.part(one, other)


def _join(groups: "Groups", claims: Iterable[Claim], neighbours: Mapping[str, set[str]], rules: Rules) -> None:
    """Make one of two where sources say so, or the rules. What links two who are apart does not hold: nobody knows whose it is."""
    links = {claim[:2] for claim in claims if claim.joins and rules.alias}
    for identity, near in neighbours.items():
        if rank_of(identity) in rules.unites and len(near) <= MOST_NEIGHBOURS:
            links |= {(identity, n) for n in near}
    ways = {link: frozenset((groups.root(link[0]), groups.root(link[1]))) for link in links}
    void = [_between(ways.values(), one, other) for one, other in groups.pairs_apart()]
    for link in sorted(link for link, way in ways.items() if not any(way <= inside for inside in void)):
        groups.join(*link)


def _between(ways: Iterable[frozenset[str]], one: str, other: str) -> set[str]:
    """Return all that lies on a way from one to another, with both; nothing when no way leads there."""
    near: defaultdict[str, set[str]] = defaultdict(set)
    for way in ways:
        for here in way:
            near[here] |= way - {here}
    inside = _reached(near, one, other) & _reached(near, other, one)
    if not inside:
        return set()
    inside |= {one, other}
    while ends := {i for i in inside - {one, other} if len(near[i] & inside) < 2}:
        inside -= ends
    return inside


def _reached(near: Mapping[str, set[str]], start: str, end: str) -> set[str]:
    """Return what is reached from a start without going on behind the end; nothing when the end is not."""
    reached, ahead = {start}, {start}
    while ahead:
        ahead = {n for here in ahead - {end} for n in near.get(here, ())} - reached
        reached |= ahead
    return reached if end in reached else set()


def _belong(groups: "Groups", rank: int, neighbours: Mapping[str, set[str]]) -> None:
    """Let the groups of a rank join the only customer that is claimed for them.

    All of a rank look at the same groups: none of them sees what another one of its rank has become. Of two that are apart
    and claimed for the same customer, neither is its.
    """
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for group, meant in _meant(groups, rank, neighbours).items():
        left = {one for one in meant if not groups.parted(group, one)}
        if len(left) == 1 and left != {group}:
            wanted[left.pop()].add(group)
    for customer, several in wanted.items():
        alone = {one for one in several if any(groups.parted(one, other) for other in several)}
        for group in sorted(several - alone):
            groups.join(customer, group)


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
        own, near = groups.root(identity), neighbours.get(identity, set())
        if len(near) <= MOST_NEIGHBOURS:
            made[own] |= {groups.root(n) for n in near}
        if rank_of(groups.name(own)) < rank:
            made[own].add(own)
    return made


class Groups:
    """Disjoint sets of identities, each called after the one that tells most; some are apart for good."""

    def __init__(self, identities: Iterable[str], given_up: Mapping[str, int]) -> None:
        self._above = {identity: identity for identity in identities}
        self._name = dict(self._above)
        self._given_up = given_up
        self._apart: defaultdict[str, set[str]] = defaultdict(set)

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
        if a == b:
            return
        self._above[b] = a
        self._name[a] = min(self._name[a], self._name[b], key=self._telling)
        for far in self._apart.pop(b, set()):
            self._apart[far] = (self._apart[far] - {b}) | {a}
            self._apart[a].add(far)

    def _telling(self, identity: str) -> tuple[int, int, str]:
        return rank_of(identity), self._given_up.get(identity, 0), identity

    def part(self, one: str, other: str) -> None:
        """Keep two groups apart from now on; of one group nothing is taken apart."""
        a, b = self.root(one), self.root(other)
        if a != b:
            self._apart[a].add(b)
            self._apart[b].add(a)

    def parted(self, one: str, other: str) -> bool:
        """Whether two identities must not come into one group."""
        return self.root(other) in self._apart.get(self.root(one), ())

    def pairs_apart(self) -> list[tuple[str, str]]:
        """Return what stands for the groups that are apart, two by two."""
        return sorted((one, other) for one, several in self._apart.items() for other in several if one < other)

    def of_rank(self, rank: int) -> list[str]:
        """Return the identities of a rank."""
        return [identity for identity in self._above if rank_of(identity) == rank]

    def names(self) -> dict[str, str]:
        """Return what the group of each identity is called."""
        return {identity: self._name[self.root(identity)] for identity in self._above}
