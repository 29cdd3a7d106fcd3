"""Visits as events, in pieces small enough for memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from percorso.demo import company
from percorso.demo.arrays import DAY, Ints, ids, instants, lognormal, micros, pick
from percorso.demo.campaigns import CAMPAIGNS
from percorso.demo.customers import Customers
from percorso.demo.orders import Orders, order_ids
from percorso.demo.steps import CODE, NAMES, PAGES, REFERRERS, VITALS, walk
from percorso.demo.visits import FEATURES, Strangers, Visits
from percorso.demo.world import Block

SEARCHES = (
    "descafeinado",
    "cápsulas",
    "moka",
    "presente",
    "moedor",
    "decaffeinato",
    "capsule",
    "macinato",
    "regalo",
    "espresso",
)
SLICE = 60_000  # visits whose events are in memory at once


@dataclass(frozen=True)
class Pool:
    """All texts of `properties`, and where each group of them begins."""

    texts: pa.Array
    begins: dict[str, int]


def _releases(block: Block) -> tuple[list[str], Ints]:
    """A release every three weeks, around the one that broke the checkout; and the one that mended it."""
    truth, world = block.world.truth, block.world
    major, minor, _ = (int(part) for part in truth.broken_release.split("."))
    broken = world.end - truth.broken_days_before * DAY
    turns = np.arange(-minor, truth.broken_days_before // 21 + 1)
    names = [f"{major}.{minor + turn}.0" for turn in turns.tolist()]
    times = broken + turns * 21 * DAY
    mended = int(np.searchsorted(times, broken, side="right"))
    names.insert(mended, f"{major}.{minor}.1")
    return names, np.insert(times, mended, broken + truth.broken_days * DAY)


def _pool(block: Block, orders: Orders, country: Ints, releases: list[str]) -> Pool:
    groups = {
        "product": [
            f'{{"product": "{p.name}", "category": "{p.category}", "price": {p.price[c]}, "currency": "{company.CURRENCIES[c]}"}}'
            for c in (0, 1)
            for p in company.PRODUCTS
        ],
        "search": [f'{{"query": "{q}"}}' for q in SEARCHES],
        "step": ['{"step": 1, "name": "address"}', '{"step": 2, "name": "payment"}'],
        "coupon": ['{"coupon": "BEMVINDO10"}', '{"coupon": "BENVENUTO10"}'],
        "feature": [f'{{"feature": "{name}"}}' for name, _ in FEATURES],
        "release": [f'{{"release": "{r}"}}' for r in releases],
        "broken": [f'{{"code": "payment_timeout", "handled": true, "release": "{r}"}}' for r in releases],
        "error": [f'{{"code": "image_missing", "handled": true, "release": "{r}"}}' for r in releases],
        "campaign": [f'{{"utm_campaign": "{c}", "utm_medium": "email"}}' for c in CAMPAIGNS],
        "referrer": [f'{{"referrer": "{r}"}}' for r in REFERRERS],
    }
    begins: dict[str, int] = {}
    texts: list[str] = []
    for group, values in groups.items():
        begins[group] = len(texts)
        texts += values
    begins["order"] = len(texts)
    bought = np.flatnonzero(orders.visit >= 0)
    made = pc.binary_join_element_wise(
        '{"order_id": "',
        order_ids(block, bought),
        '", "total": ',
        pa.array(orders.amount[bought]).cast(pa.string()),
        ', "currency": "',
        pick(company.CURRENCIES, country[orders.customer[bought]]),
        '"}',
        "",
    )
    return Pool(pa.concat_arrays([pa.array(texts, pa.string()), made]), begins)


def event_tables(
    block: Block,
    customers: Customers,
    visits: Visits,
    order_of_visit: Ints,
    orders: Orders,
    strangers: Strangers,
) -> Iterator[pa.Table]:
    """Yield the table `events` in pieces, in (customer, at) order within each.

    `order_of_visit` is the place of the order that a visit made among `orders`, -1 for none.
    """
    names, times = _releases(block)
    pool = _pool(block, orders, customers.country, names)
    # Pool entries follow the orders made in visits, in their order.
    place = np.cumsum(orders.visit >= 0) - 1
    made = (
        np.where(order_of_visit >= 0, pool.begins["order"] + place[order_of_visit], -1)
        if len(orders)
        else order_of_visit
    )
    number, rng = 0, block.rng("events")
    for some, known in ((visits, True), (strangers.visits, False)):
        for low in range(0, len(some), SLICE):
            rows = np.arange(low, min(low + SLICE, len(some)))
            part = some.only(rows)
            country = customers.country[part.customer] * known
            office = known & (customers.firm[part.customer] >= 0)
            release = np.clip(np.searchsorted(times, part.at, side="right") - 1, 0, None)
            order = made[rows] if known else np.full(len(part), -1)
            steps = walk(rng, part, pool.begins, country, office, release, order)
            who = _known(block, rng, customers, part) if known else _unknown(block, strangers, rows)
            prefix = block.prefix("Z") + ("v" if known else "s")
            table = _table(block, rng, part, steps, pool, who, (prefix, low, number))
            number += table.num_rows
            yield table


def _known(block: Block, rng: np.random.Generator, customers: Customers, visits: Visits) -> tuple[pa.Array, pa.Array]:
    """Customer and identity of each visit: the identity is a device while nobody has signed in."""
    hidden = ~visits.account & ~visits.app & ~visits.completed & (rng.random(len(visits)) < 0.3)
    devices = ids(block.prefix("W"), np.arange(len(customers)))
    either = pa.concat_arrays([customers.ids, devices])
    identity = either.take(pa.array(visits.customer + len(customers) * hidden))
    return customers.ids.take(visits.customer), identity


def _unknown(block: Block, strangers: Strangers, rows: Ints) -> tuple[pa.Array, pa.Array]:
    visitor = ids(block.prefix("Y"), strangers.visitor[rows])
    return visitor, visitor


def _table(
    block: Block,
    rng: np.random.Generator,
    v: Visits,
    steps: tuple[Ints, Ints, Ints, Ints],
    pool: Pool,
    who: tuple[pa.Array, pa.Array],
    numbering: tuple[str, int, int],
) -> pa.Table:
    visit, name, page, properties = steps
    prefix, low, number = numbering
    at = _times(rng, v, visit, name)
    received = at + micros(lognormal(rng, 0.6, 0.8, len(at)))
    keep = at < block.world.end
    visit, name, page, properties, at, received = (x[keep] for x in (visit, name, page, properties, at, received))
    device = np.where(v.app, 0, np.where(v.mobile, 1, 2))
    return pa.table(
        {
            "id": ids(block.prefix("X"), np.arange(number, number + len(at))),
            "customer": who[0].take(visit),
            "identity": who[1].take(visit),
            "at": instants(at, block.world.end),
            "channel": pick(("web", "app"), v.app.astype(np.int64)[visit]),
            "touchpoint": pick(("shop", "account"), v.account.astype(np.int64)[visit]),
            "name": pick(NAMES, name),
            "session": ids(prefix, np.arange(low, low + len(v))).take(visit),
            "page": pick(PAGES, page),
            "device": pick(("mobile app", "mobile", "desktop"), device[visit]),
            "received_at": instants(np.minimum(received, block.world.end - 1), block.world.end),
            "properties": _properties(rng, pool, properties),
        }
    )


def _times(rng: np.random.Generator, v: Visits, visit: Ints, name: Ints) -> Ints:
    """Spread a visit's steps over its duration; an order is the moment at its end."""
    count = np.bincount(visit, minlength=len(v))
    first = np.cumsum(count) - count
    place = np.arange(len(visit)) - first[visit]
    inner = (place > 0) & (place < count[visit] - 1)
    share = (place + inner * (rng.random(len(visit)) - 0.5) * 0.6) / np.maximum(count[visit] - 1, 1)
    at = v.at[visit] + (v.duration[visit] * share).astype(np.int64)
    return np.where(name == CODE["Order Completed"], v.at[visit] + v.duration[visit], at)


def _properties(rng: np.random.Generator, pool: Pool, codes: Ints) -> pa.Array:
    """Properties by their place in the pool; below -1 a measured web vital, of which each value is its own."""
    texts, codes = [pool.texts], codes.copy()
    for turn, (metric, median, sigma) in enumerate(VITALS):
        mine = np.flatnonzero(codes == -2 - turn)
        values = np.round(lognormal(rng, median, sigma, len(mine)), 3 if metric == "CLS" else 0)
        number = pa.array(values if metric == "CLS" else values.astype(np.int64)).cast(pa.string())
        codes[mine] = sum(map(len, texts)) + np.arange(len(mine))
        texts.append(pc.binary_join_element_wise(f'{{"metric": "{metric}", "value": ', number, "}", ""))
    return pick(pa.concat_arrays(texts), codes)
