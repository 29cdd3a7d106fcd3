"""Paths are what the specification tells, on both engines, whatever is asked."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from percorso.analytics.behaviour.path_query import PathQuery
from percorso.analytics.behaviour.paths import PathResult, contrasts, paths
from percorso.analytics.query import Period
from percorso.analytics.store import Store
from percorso.errors import BadQuestion

URLS = (":memory:", "chdb://memory/default")
START = datetime(2025, 3, 1, tzinfo=UTC)
NODES = ("home", "search", "item", "cart", "pay", None)
MARCH = Period(date(2025, 3, 3), date(2025, 3, 20), "Europe/Rome")


def happened(seed: int = 3, users: int = 150) -> list[dict[str, Any]]:
    """Return page views of people; many follow themselves, some share an instant, some have no page."""
    r = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for i in range(users):
        at = START + timedelta(minutes=int(r.integers(0, 60 * 24 * 20)))
        for _ in range(int(r.integers(1, 25))):
            at += timedelta(seconds=int(r.choice([0, 30, 600, 1799, 1800, 90_000])))
            page = NODES[int(r.integers(len(NODES)))]
            known = {"customer": f"u{i}"} if i % 5 else {"identity": f"v{i}"}
            rows.append({"id": f"e{len(rows):05}", "name": "Page Viewed", "page": page, "at": at, "received_at": at, "device": f"d{i % 2}", **known})  # fmt: skip
    return rows


EVENTS = happened()
AS_OF = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module", params=URLS)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with Store.open(request.param) as opened:
        opened.append("events", EVENTS, workspace="paths")
        opened.append("events", EVENTS[:40], workspace="other")
        yield opened


def told(asked: dict[str, Any]) -> tuple[int, dict[int, dict[str, int]], dict[tuple[int, str, str], int]]:
    """Work paths out one after the other, as the specification tells them."""
    gap, most, top = asked.get("gap_seconds", 1800), asked.get("max_steps", 5), asked.get("top_k")
    period = asked.get("period")
    walked = defaultdict[str, list[tuple[datetime, str, str | None]]](list)
    for row in EVENTS:
        if period is None or period.bounds[0] <= row["at"] < period.bounds[1]:
            walked[row.get("customer") or row["identity"]].append((row["at"], row["id"], row["page"]))
    units: list[list[str]] = []
    for events in walked.values():
        before = None
        for at, _, node in sorted(events, key=lambda e: e[:2]):
            new = before is None or (asked.get("unit") != "user" and (at - before).total_seconds() >= gap)
            before = at
            if new:
                units.append([])
            if (
                node is not None
                and node not in asked.get("without", ())
                and not (asked.get("collapse", True) and units[-1][-1:] == [node])
            ):
                units[-1].append(node)
    ways, at_place = Counter[tuple[int, str, str]](), defaultdict[int, Counter[str]](Counter)
    for unit in units:
        if (start := asked.get("start_node")) is not None:
            unit = unit[unit.index(start) :] if start in unit else []
        if (end := asked.get("end_node")) is not None:
            unit = unit[: len(unit) - unit[::-1].index(end)][-most:] if end in unit else []
        first = most - len(unit) + 1 if asked.get("backwards") else 1
        for place, node in enumerate(unit[:most], first):
            at_place[place][node] += 1
            last = "(more)" if len(unit) > most else "(exit)"
            after = place - first + 1
            ways[place, node, last if after in (most, len(unit)) else unit[after]] += 1
    kept = {place: sorted(c, key=lambda n: (-c[n], n))[:top] for place, c in at_place.items()}
    named = Counter[tuple[int, str, str]]()
    for (place, node, target), count in ways.items():
        one = node if node in kept[place] else "(other)"
        other = target if target in ("(exit)", "(more)") or target in kept[place + 1] else "(other)"
        named[place, one, other] += count
    nodes: dict[int, dict[str, int]] = {place: {} for place in sorted(at_place)}
    for (place, node, _), count in named.items():
        nodes[place][node] = nodes[place].get(node, 0) + count
    return sum(nodes.get(most if asked.get("backwards") else 1, {}).values()), nodes, dict(named)


ASKED: dict[str, dict[str, Any]] = {
    "visits": {},
    "customers": {"unit": "user"},
    "with repeats": {"collapse": False, "max_steps": 8},
    "few touchpoints": {"top_k": 2},
    "from": {"start_node": "search", "max_steps": 3},
    "to": {"end_node": "pay", "max_steps": 4, "unit": "user"},
    "from and to": {"start_node": "home", "end_node": "cart", "unit": "user", "top_k": 3},
    "from and to the same": {"start_node": "home", "end_node": "home", "unit": "user", "max_steps": 2},
    "to, from the end": {"end_node": "pay", "max_steps": 4, "unit": "user", "backwards": True},
    "without one": {"without": ("search", "it's nowhere"), "top_k": 3},
    "some days": {"period": MARCH},
    "long visits": {"gap_seconds": 100_000, "max_steps": 1},
    "from nowhere": {"start_node": "it's nowhere"},
}


@pytest.mark.parametrize("asked", list(ASKED))
def test_paths_are_what_the_specification_tells(store: Store, asked: str) -> None:
    result = paths(store, PathQuery("paths", node="page", as_of=AS_OF, **ASKED[asked]))
    n, nodes, ways = told(ASKED[asked])
    assert result.n_paths == n
    assert {place: dict(c) for place, c in result.nodes.items()} == nodes
    assert {(w.step, w.source, w.target): w.count for w in result.links} == ways
    if n and not asked.endswith("from the end"):
        kept_together(result)


def kept_together(result: PathResult) -> None:
    """What comes into a touchpoint and what begins there is what leaves it."""
    for link in result.links:
        assert link.share.n == result.nodes[link.step][link.source]
    for place, nodes in result.nodes.items():
        for node, count in nodes.items():
            assert sum(w.count for w in result.links if (w.step, w.source) == (place, node)) == count
            if place > 1:
                assert sum(w.count for w in result.links if (w.step, w.target) == (place - 1, node)) == count


def test_what_was_not_known_yet_is_no_part(store: Store) -> None:
    assert paths(store, PathQuery("paths", node="page", as_of=START - timedelta(days=1))).n_paths == 0


def test_events_are_picked_by_their_names(store: Store) -> None:
    asked = PathQuery("paths", names=("Page Viewed",), as_of=AS_OF, unit="user")
    assert paths(store, asked).nodes == {1: {"Page Viewed": 150}}
    assert paths(store, PathQuery("paths", names=("No' such",), as_of=AS_OF)).n_paths == 0


def test_ways_of_two_groups_are_compared(store: Store) -> None:
    t = store.table("events", "paths")
    groups = [t.filter(t.device == device).select(customer=t.customer.fill_null(t.identity)) for device in ("d0", "d1")]
    one, other = (paths(store, PathQuery("paths", node="page", as_of=AS_OF), group) for group in groups)
    found = contrasts(one, other)
    assert {(c.step, c.source, c.target) for c in found} == {(w.step, w.source, w.target) for r in (one, other) for w in r.links}  # fmt: skip
    # Both walk by chance, in the same way.
    assert not any(c.differs for c in found)
    went = next(c for c in found if c.one.count and c.other.count)
    assert went.test.difference == pytest.approx((went.one.value or 0) - (went.other.value or 0))


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit": "day"},
        {"max_steps": 0},
        {"max_steps": 51},
        {"top_k": 0},
        {"gap_seconds": 0},
        {"backwards": True},
        {"tables": ("orders", "shoes")},
        {"tables": ()},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadQuestion):
        PathQuery("paths", **wrong)


def test_a_column_of_too_many_values_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("percorso.analytics.behaviour.paths.MOST_LINKS", 10)
    with pytest.raises(BadQuestion):
        paths(store, PathQuery("paths", node="page", max_steps=7, as_of=AS_OF))


def test_a_column_that_does_not_exist_is_refused(store: Store) -> None:
    with pytest.raises(BadQuestion):
        paths(store, PathQuery("paths", node="mood", as_of=AS_OF))
