"""The steps of each path from columns in memory: the same as `walks.walked`, for engines in this process."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray

from percorso.analytics.behaviour.columns import Columns, Ints, Told, begins
from percorso.analytics.behaviour.events import answer
from percorso.analytics.behaviour.medians import Part, Rows, medians, part_of
from percorso.analytics.behaviour.path_query import EXIT, MORE, PathQuery
from percorso.analytics.behaviour.reading import Reading
from percorso.analytics.behaviour.walks import facts_of, is_at
from percorso.analytics.methods.base import Ask, marker

Bools = NDArray[np.bool_]
Counts = tuple[list[int], list[int]]
# What a fact is beside its touchpoint: where paths begin, where they end, what they pass over.
START, END, WITHOUT = 1, 2, 4
# Touchpoints are fetched as the rest of their hash by a number, at least this one, by which no two have the same.
LEAST_MODULUS = 1 << 20
NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Steps:
    """The steps of paths as wholes, in order: `path` (a number), `node` (its number in `names`), and `t`."""

    path: Ints
    node: Ints
    t: Ints
    names: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.node)

    def follows(self, by: int = 1) -> Bools:
        """Return of which steps there is another one so many steps later on the same path."""
        there = np.zeros(len(self), dtype=bool)
        there[:-by] = self.path[by:] == self.path[:-by]
        return there

    @property
    def begins(self) -> Bools:
        """Which steps are the first of their paths."""
        return begins(self.path)

    def take(self, kept: Bools) -> "Steps":
        return Steps(self.path[kept], self.node[kept], self.t[kept], self.names)


def stepped(
    query: PathQuery, ask: Ask, customers: ir.Table | None, kernel: Callable[[Steps], Told]
) -> tuple[list[Told], NDArray[np.object_], str]:
    """Return what a function tells of the steps of all paths, a value for some paths each, the names, and the SQL that ran."""
    key = None if customers is not None else ("stepped", *query.shape)
    moments, texts = query.moments(ask), query.texts(ask)
    found, said = answer(
        ask, None if key is None else ("named", *key), lambda: _names(query, ask, customers), moments, texts
    )
    modulus, place = _numbered(found["hash"].to_numpy())
    names = found["name"].to_numpy()
    told = {**texts, "modulus": str(modulus)}
    reading = Reading(ask, lambda ask: _facts(query, ask, customers), ("node", "bits"), key, moments, told)
    parts, ran = reading.told(lambda columns: kernel(_steps(columns, query, place, names)))
    return parts, names, f"{said};\n{ran}"


def _numbered(hashes: NDArray[np.uint64]) -> tuple[int, Ints]:
    """Return a number by which no two hashes have the same rest, and the place of each rest among them; `NOWHERE` of others."""
    modulus = LEAST_MODULUS
    while len(np.unique(rests := (hashes % np.uint64(modulus)).astype(np.int64))) < len(hashes):
        modulus += modulus // 2 + 1
    # The last one is that of no touchpoint.
    place = np.full(modulus + 1, NOWHERE, dtype=np.int64)
    place[rests] = np.arange(len(hashes))
    return modulus, place


def _facts(query: PathQuery, ask: Ask, customers: ir.Table | None) -> ir.Table:
    t = facts_of(query, ask, customers)
    told: list[tuple[int, list[str | None]]] = [
        (START, [query.start_node]),
        (END, [query.end_node]),
        (WITHOUT, list(query.without)),
    ]
    bits = ibis.literal(0, "int8")
    for bit, nodes in told:
        for node in nodes:
            if node is not None:
                bits = bits | ibis.ifelse(
                    is_at(t, node, query).fill_null(False), ibis.literal(bit, "int8"), ibis.literal(0, "int8")
                )
    modulus = ibis.literal(marker("modulus")).cast("uint64")
    rest = ibis.ifelse(t.node.isnull(), modulus, ask.engine.rest(ask.engine.hashed(t.node), modulus))
    return t.mutate(node=rest.cast("int32"), bits=bits)


def _names(query: PathQuery, ask: Ask, customers: ir.Table | None) -> ir.Table:
    t = facts_of(query, ask, customers)
    t = t.filter(t.node.notnull()).mutate(hash=ask.engine.hashed(t.node))
    return t.group_by("hash").aggregate(name=t.node.arbitrary())


def _steps(c: Columns, query: PathQuery, place: Ints, names: NDArray[np.object_]) -> Steps:
    opens = begins(c.user)
    if query.unit == "session":
        opens[1:] |= c.t[1:] - c.t[:-1] >= round(query.gap_seconds * 1_000_000)
    node, bits = place[c.others["node"]], c.others["bits"]
    kept = (node != NOWHERE) & (bits & WITHOUT == 0)
    path: Ints = np.cumsum(opens, dtype=np.int64)
    t = c.t
    if not kept.all():
        path, node, t, bits = path[kept], node[kept], t[kept], bits[kept]
    if query.collapse:
        other = begins(path) | begins(node)
        path, node, t, bits = path[other], node[other], t[other], bits[other]
    return _cut(Steps(path, node, t, names), bits, query)


def _cut(s: Steps, bits: Ints, query: PathQuery) -> Steps:
    """Return the part of each path that is asked about."""
    if query.start_node is not None and len(s):
        begun = np.flatnonzero(s.begins)
        here = np.where(bits & START != 0, np.arange(len(s)), len(s))
        since = np.repeat(np.minimum.reduceat(here, begun), np.diff(begun, append=len(s)))
        kept = np.arange(len(s)) >= since
        s, bits = s.take(kept), bits[kept]
    if query.end_node is not None and len(s):
        begun = np.flatnonzero(s.begins)
        here = np.where(bits & END != 0, np.arange(len(s)), -1)
        until = np.repeat(np.maximum.reduceat(here, begun), np.diff(begun, append=len(s)))
        s = s.take(np.arange(len(s)) <= until)
    return s


def _places(s: Steps, query: PathQuery) -> Ints:
    """Return the place of each step on its path, as in `walked`."""
    begun = np.flatnonzero(s.begins)
    lengths = np.diff(begun, append=len(s))
    place: Ints = np.arange(len(s)) - np.repeat(begun, lengths) + 1
    if query.end_node is not None:
        longer = np.repeat(lengths - query.max_steps, lengths)
        place -= longer if query.backwards else np.maximum(longer, 0)
    return place


def linked(parts: list[Counts], names: NDArray[np.object_]) -> Counter[tuple[int, str, str]]:
    """Return how many paths go from each touchpoint of each position to each next one; `parts` are of `links`."""
    counted, many, named = Counter[tuple[int, str, str]](), len(names), [*names, EXIT, MORE]
    for words in parts:
        for word, times in zip(*words, strict=True):
            way, to = divmod(word, many + 2)
            place, node = divmod(way, many)
            counted[place, named[node], named[to]] += times
    return counted


def links(whole: Steps, query: PathQuery) -> Counts:
    """Return a number for each place, touchpoint and what follows, of the steps that are shown, and how often each is there."""
    many, place = len(whole.names), _places(whole, query)
    there = whole.follows()
    target = np.where(there, np.append(whole.node[1:], 0)[: len(whole)], many)
    target[there & (place == query.max_steps)] = many + 1
    shown = (place >= 1) & (place <= query.max_steps)
    return _counts((place[shown] * many + whole.node[shown]) * (many + 2) + target[shown])


def _counts(words: Ints) -> Counts:
    """Return the different words and how often each is there."""
    if len(words) and int(words.max()) < len(words):
        times = np.bincount(words)
        found = np.flatnonzero(times)
        return found.tolist(), times[found].tolist()
    found, times = np.unique(words, return_counts=True)
    return found.tolist(), times.tolist()


class Moves(NamedTuple):
    """For each step a word for it and the one that follows, with what was taken until then (µs); words that lead `back`."""

    taken: Part | Rows
    back: Counts


def moves(made: list[Moves], names: NDArray[np.object_]) -> list[dict[str, Any]]:
    """Return each touchpoint with each that follows it (None: the end): `times`, `back`, and `taken`, the exact median in µs."""
    if not made:
        return []
    many = len(names) + 1
    backs, whole = Counter[int](), Counter[int]()
    for one in made:
        for word, count in zip(*one.back, strict=True):
            backs[word] += count
    found = [column.tolist() for column in medians([one.taken for one in made])]
    for word, count, _ in zip(*found, strict=True):
        whole[word // many] += count
    told = []
    for word, count, median in zip(*found, strict=True):
        node, target = divmod(word, many)
        end = target == many - 1
        more = {"target": None if end else names[target], "taken": None if end else median}
        told.append({"node": names[node], "times": count, "back": backs[word], "whole": whole[node]} | more)
    return told


def moved(s: Steps) -> Moves:
    """Return what follows what."""
    there = s.follows()
    target = np.where(there, np.append(s.node[1:], 0)[: len(s)], len(s.names))
    taken = np.where(there, np.append(s.t[1:], 0)[: len(s)] - s.t, 0)
    straight = s.follows(2)
    straight[:-2] &= s.node[2:] == s.node[:-2]
    words = s.node * (len(s.names) + 1) + target
    return Moves(part_of(words, taken), _counts(words[straight]))


def visited(made: list[Ints], names: NDArray[np.object_]) -> list[dict[str, Any]]:
    """Return each touchpoint: `times` (visits), `paths`, `begins`, `ends`, `returning`, and both sums over all of them."""
    sums = np.sum(made, axis=0) if made else np.zeros((5, len(names)), dtype=np.int64)
    columns = ("times", "paths", "begins", "ends", "returning")
    whole, n_paths = int(sums[0].sum()), int(sums[2].sum())
    return [
        {"node": names[i], "whole": whole, "n_paths": n_paths} | dict(zip(columns, sums[:, i].tolist(), strict=True))
        for i in np.flatnonzero(sums[0]).tolist()
    ]


def visits(s: Steps) -> Ints:
    """Return a row for each of the five columns of `visited`, with a number for each touchpoint."""
    many = len(s.names)
    words = s.path * many + s.node
    words.sort()
    first = np.flatnonzero(begins(words))
    often = np.diff(first, append=len(words))
    at = words[first] % many
    rows = (s.node, at, s.node[s.begins], s.node[~s.follows()], at[often > 1])
    return np.array([np.bincount(nodes, minlength=many) for nodes in rows], dtype=np.int64)
