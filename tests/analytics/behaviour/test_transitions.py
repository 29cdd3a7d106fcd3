"""What follows what, loops, dead ends, frequent ways, and where two groups differ: as told step by step, on both engines."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pytest

from percorso.analytics.behaviour.differences import differences
from percorso.analytics.behaviour.path_query import EXIT, PathQuery
from percorso.analytics.behaviour.paths import paths
from percorso.analytics.behaviour.transitions import touchpoints, transitions
from percorso.analytics.behaviour.ways import ways
from percorso.analytics.segments import parse
from percorso.analytics.store import Store
from percorso.notebook import Facts
from tests.analytics.behaviour.test_paths import AS_OF, EVENTS, MARCH, URLS

Walk = list[tuple[datetime, str]]
DAY = datetime(2025, 3, 10, 12, tzinfo=UTC)


def walks(asked: dict[str, Any]) -> list[Walk]:
    """Work the paths out one after the other: when each step was, and where."""
    of = defaultdict[str, list[dict[str, Any]]](list)
    for row in EVENTS:
        if "period" not in asked or MARCH.bounds[0] <= row["at"] < MARCH.bounds[1]:
            of[row.get("customer") or row["identity"]].append(row)
    found: list[Walk] = []
    for rows in of.values():
        before, walk = None, []
        for row in sorted(rows, key=lambda row: (row["at"], row["id"])):
            if before is None or (asked.get("unit") != "user" and (row["at"] - before).total_seconds() >= 1800):
                walk = []
                found.append(walk)
            before = row["at"]
            node = row["page"]
            if node and node not in asked.get("without", ()) and not (walk and walk[-1][1] == node):
                walk.append((row["at"], node))
    return [cut for walk in found if (cut := _cut(walk, asked.get("start_node"), asked.get("end_node")))]


def _cut(walk: Walk, start: str | None, end: str | None) -> Walk:
    nodes = [node for _, node in walk]
    if start is not None:
        walk = walk[nodes.index(start) :] if start in nodes else []
        nodes = [node for _, node in walk]
    return walk if end is None else walk[: len(nodes) - nodes[::-1].index(end)] if end in nodes else []


ASKED: dict[str, dict[str, Any]] = {
    "visits": {},
    "customers": {"unit": "user"},
    "from": {"start_node": "search"},
    "to": {"end_node": "pay", "unit": "user"},
    "from and to": {"start_node": "home", "end_node": "cart", "unit": "user"},
    "without": {"without": ("item",)},
    "some days": {"period": MARCH},
    "nobody": {"start_node": "nowhere"},
}


@pytest.fixture(scope="module", params=URLS)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with Store.open(request.param) as opened:
        opened.append("events", EVENTS, workspace="paths")
        opened.append("events", EVENTS[:40], workspace="other")
        yield opened


@pytest.mark.parametrize("asked", list(ASKED))
def test_what_follows_what_is_counted_on_whole_paths(store: Store, asked: str) -> None:
    found = transitions(store, PathQuery("paths", node="page", as_of=AS_OF, max_steps=2, top_k=1, **ASKED[asked]))
    expected = walks(ASKED[asked])
    taken, back = defaultdict[tuple[str, str], list[float]](list), Counter[tuple[str, str]]()
    for walk in expected:
        for i, (at, node) in enumerate(walk):
            then, target = walk[i + 1] if i + 1 < len(walk) else (at, EXIT)
            taken[node, target].append((then - at).total_seconds())
            back[node, target] += i + 2 < len(walk) and walk[i + 2][1] == node
    leaving = Counter(node for walk in expected for _, node in walk)
    assert found.n_paths == len(expected)
    assert {(t.source, t.target): (t.count, t.share.n, t.back.count) for t in found.transitions} == {
        pair: (len(times), leaving[pair[0]], back[pair]) for pair, times in taken.items()
    }
    for t in found.transitions:
        assert t.median_seconds == (None if t.target == EXIT else median(taken[t.source, t.target]))
    assert [t.count for t in found.transitions] == sorted((len(times) for times in taken.values()), reverse=True)


@pytest.mark.parametrize("asked", list(ASKED))
def test_touchpoints_tell_where_paths_begin_end_and_come_back(store: Store, asked: str) -> None:
    found = transitions(store, PathQuery("paths", node="page", as_of=AS_OF, **ASKED[asked]))
    expected = [[node for _, node in walk] for walk in walks(ASKED[asked])]
    told = {
        node: (
            sum(walk.count(node) for walk in expected),
            sum(node in walk for walk in expected),
            sum(walk[0] == node for walk in expected),
            sum(walk[-1] == node for walk in expected),
            sum(walk.count(node) > 1 for walk in expected),
        )
        for node in {node for walk in expected for node in walk}
    }
    assert {s.node: (s.visits, s.paths.count, s.begins, s.ends.count, s.returning.count) for s in found.stops} == told


@pytest.mark.parametrize("asked", list(ASKED))
def test_the_most_frequent_ways(store: Store, asked: str) -> None:
    found = ways(store, PathQuery("paths", node="page", as_of=AS_OF, max_steps=3, **ASKED[asked]), most=1000)
    counted, longer = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for walk in walks(ASKED[asked]):
        nodes = [node for _, node in walk]
        shown = tuple(nodes[-3:] if "end_node" in ASKED[asked] else nodes[:3])
        counted[shown] += 1
        longer[shown] += len(nodes) > 3 and "end_node" not in ASKED[asked]
    assert found.n_paths == counted.total()
    assert found.n_ways == len(counted)
    assert {w.nodes: (w.share.count, w.goes_on) for w in found.ways} == {k: (n, longer[k]) for k, n in counted.items()}


def test_only_some_of_the_most_frequent_ways(store: Store) -> None:
    found = ways(store, PathQuery("paths", node="page", as_of=AS_OF), most=2)
    assert len(found.ways) == 2
    assert found.ways[0].share.n == found.n_paths > found.n_ways


def test_touchpoints_to_choose_from(store: Store) -> None:
    counted = Counter(row["page"] for row in EVENTS if row["page"])
    assert dict(touchpoints(store, PathQuery("paths", node="page", as_of=AS_OF))) == counted


def test_a_group_and_everybody_outside_of_it(store: Store) -> None:
    whole = PathQuery("paths", node="page", as_of=AS_OF, unit="user")
    inside = PathQuery("paths", node="page", as_of=AS_OF, unit="user", segment={"device": ("d0",)})
    outside = PathQuery("paths", node="page", as_of=AS_OF, unit="user", segment={"device": ("d0",)}, outside=True)
    assert [paths(store, q).n_paths for q in (inside, outside)] == [75, 75]
    stops = [{s.node: s.visits for s in transitions(store, q).stops} for q in (inside, outside, whole)]
    assert {node: stops[0][node] + stops[1][node] for node in stops[2]} == stops[2]


@pytest.fixture(scope="module", params=URLS)
def shop(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A hundred customers of two countries, each with one visit on the site and then on other channels."""
    events, customers, tickets, answers, messages = [], [], [], [], []
    for i in range(100):
        who, italian = f"c{i}", i < 50
        customers.append({"id": who, "customer": who, "country": "IT" if italian else "BR"})
        steps = ["home", "search", "item", "search", "item"] if i % 10 else ["home", "help"]
        # Of the Italians four fifths buy, of the Brazilians a tenth.
        steps += ["pay"] if i % 10 and i % 5 < (4 if italian else 1) else []
        for k, name in enumerate(steps):
            at = DAY + timedelta(minutes=k, seconds=i)
            events.append(
                {"id": f"e{i}-{k}", "customer": who, "name": name, "at": at, "channel": "app" if i % 2 else "web"}
            )
        tickets.append({"id": f"t{i}", "customer": who, "opened_at": DAY + timedelta(days=1), "channel": "phone"})
        answers.append(
            {
                "id": f"a{i}",
                "customer": who,
                "at": DAY + timedelta(days=2),
                "channel": "email",
                "population": "employee" if i == 0 else None,
            }
        )
        messages.append(
            {"id": f"m{i}", "customer": who, "at": DAY + timedelta(days=3), "channel": "email", "holdout": i == 0}
        )
    with Store.open(request.param) as opened:
        for table, rows in {
            "events": events,
            "customers": customers,
            "tickets": tickets,
            "answers": answers,
            "messages": messages,
        }.items():
            opened.append(table, rows, workspace="shop")
        yield opened  # fmt: skip


def test_loops_and_dead_ends(shop: Store) -> None:
    found = transitions(shop, PathQuery("shop", as_of=AS_OF))
    loops = {(t.source, t.target): (t.back.count, t.back.n) for t in found.loops}
    # From search to item and back to search, and from there to item: the second item leads back nowhere.
    assert loops == {("search", "item"): (90, 180), ("item", "search"): (90, 90)}
    ends = {s.node: s.ends for s in found.dead_ends}
    assert set(ends) == {"pay", "help", "item"}
    assert (ends["help"].count, ends["help"].n) == (10, 10)


def test_the_end_that_was_asked_for_is_no_dead_end(shop: Store) -> None:
    assert transitions(shop, PathQuery("shop", as_of=AS_OF, end_node="pay")).dead_ends == ()


def test_steps_of_two_countries_that_differ(shop: Store) -> None:
    whole = PathQuery("shop", as_of=AS_OF)
    rule = parse({"trait": "country", "is": ["IT"]})
    italy = PathQuery("shop", as_of=AS_OF, within=rule)
    brazil = PathQuery("shop", as_of=AS_OF, within=rule, outside=True)
    assert paths(shop, whole).n_paths == 100
    found = differences(transitions(shop, italy), transitions(shop, brazil))
    differ = {(d.source, d.target): (d.one.count, d.one.n, d.other.count, d.other.n) for d in found if d.differs}
    # Each sees the item twice: 90 visits of 45 people, of whom 35 and 5 pay at last.
    assert differ == {("item", "pay"): (35, 90, 5, 90), ("item", EXIT): (10, 90, 40, 90)}
    assert found[0].test.difference == pytest.approx(30 / 90)
    assert all(d.one.count + d.other.count >= 10 for d in found)


def test_ways_lead_across_channels(shop: Store) -> None:
    asked = PathQuery(
        "shop", as_of=AS_OF, unit="user", tables=("events", "tickets", "answers", "messages"), node="channel"
    )
    found = {w.nodes: w.share.count for w in ways(shop, asked).ways}
    # The first one answered as an employee and was sent nothing.
    assert found == {("app", "phone", "email"): 50, ("web", "phone", "email"): 49, ("web", "phone"): 1}
    named = PathQuery("shop", as_of=AS_OF, unit="user", tables=("tickets", "answers", "messages"))
    assert {w.nodes: w.share.count for w in ways(shop, named).ways} == {
        ("(ticket)", "(answer)", "(message)"): 99,
        ("(ticket)",): 1,
    }


def test_other_facts_are_picked_by_their_names(shop: Store) -> None:
    asked = PathQuery(
        "shop", as_of=AS_OF, unit="user", tables=("events", "tickets", "orders"), names=("home", "(ticket)")
    )
    assert {w.nodes for w in ways(shop, asked).ways} == {("home", "(ticket)")}
    pages = PathQuery("shop", as_of=AS_OF, unit="user", tables=("events", "tickets"), node="page")
    assert paths(shop, pages).n_paths == 0


def test_channels_are_told_apart_and_ends_still_have_their_names(shop: Store) -> None:
    asked = PathQuery(
        "shop", as_of=AS_OF, by_channel=True, end_node="pay", without=("search",), max_steps=2, backwards=True
    )
    found = paths(shop, asked)
    assert set(found.nodes[2]) == {"app · pay", "web · pay"}
    assert found.n_paths == 40
    assert not any("search" in node for nodes in found.nodes.values() for node in nodes)
    only = PathQuery("shop", as_of=AS_OF, by_channel=True, end_node="web · pay")
    assert 0 < paths(shop, only).n_paths < 40


def test_a_notebook_asks_the_same(shop: Store) -> None:
    facts = Facts(shop, "shop", "Europe/Rome", None)
    italy, brazil = (
        facts.transitions(segment={"trait": "country", "is": [code]}, as_of=AS_OF) for code in ("IT", "BR")
    )
    assert {(d.source, d.target) for d in differences(italy, brazil) if d.differs} == {("item", "pay"), ("item", EXIT)}
    assert facts.paths(start_node="item", as_of=AS_OF).n_paths == 90
    assert facts.ways(1, as_of=AS_OF, gap="2h", period=("2025-03-01", "2025-04-01")).ways[0].share.count == 90
