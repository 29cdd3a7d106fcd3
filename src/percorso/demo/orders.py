"""Orders and their delivery: what was promised, by whom it came, and whether it came late."""

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from percorso.demo import company
from percorso.demo.arrays import (
    DAY,
    HOUR,
    NEVER,
    SECOND,
    Flags,
    Ints,
    Rows,
    constant,
    ids,
    instants,
    lognormal,
    micros,
    pick,
)
from percorso.demo.customers import Customers
from percorso.demo.plans import monthly_price, plan_at
from percorso.demo.visits import Visits
from percorso.demo.world import Block, World

SKIP_SHARE = 0.06
MAX_LATE_DAYS = 25


@dataclass(frozen=True)
class Orders:
    """Orders by (customer, at); `visit` is the visit that made it, -1 for a subscription's box."""

    customer: Ints
    at: Ints
    visit: Ints
    product: Ints  # -1: the subscription's box
    amount: Ints
    carrier: Ints
    promised: Ints
    delivered: Ints
    late: Flags
    cancelled: Flags
    returned: Flags
    app: Flags

    def __len__(self) -> int:
        return len(self.at)

    def only(self, keep: Rows) -> "Orders":
        """The orders that `keep` names."""
        return Orders(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})


def make_orders(block: Block, customers: Customers, visits: Visits) -> Orders:
    """Draw every order, as if nobody left: boxes of the subscriptions and orders made in visits."""
    rng, world = block.rng("orders"), block.world
    box_customer, box_at = _boxes(rng, world, customers)
    bought = np.flatnonzero(visits.completed)
    customer = np.concatenate([box_customer, visits.customer[bought]])
    at = np.concatenate([box_at, visits.at[bought] + visits.duration[bought]])
    visit = np.concatenate([np.full(len(box_at), -1), bought])
    keep = at < world.end
    order = np.lexsort((at[keep], customer[keep]))
    customer, at, visit = customer[keep][order], at[keep][order], visit[keep][order]
    n, country = len(at), customers.country[customer]
    product = np.where(visit >= 0, visits.product[visit], -1)
    carrier = _carriers(rng, world, country, at)
    late_share = np.array([c.late for c in company.CARRIERS])[carrier] + world.daily(country, at, "late_points")
    late = rng.random(n) < late_share + company.FAR_LATE * customers.far[customer]
    promised, delivered = _delivery(rng, world, country, at, customers.far[customer], late)
    cancelled = rng.random(n) < 0.014
    return Orders(
        customer=customer,
        at=at,
        visit=visit,
        product=product,
        amount=_amounts(block, rng, customers, customer, product, at),
        carrier=carrier,
        promised=promised,
        delivered=np.where(cancelled, NEVER, delivered),
        late=late & ~cancelled,
        cancelled=cancelled,
        returned=~cancelled & (rng.random(n) < 0.012),
        app=np.where(visit >= 0, visits.app[visit], False),
    )


def _boxes(rng: np.random.Generator, world: World, customers: Customers) -> tuple[Ints, Ints]:
    who = np.flatnonzero(customers.subscribed < NEVER)
    every = np.array([p.every_days for p in company.PLANS])[customers.plan[who]] * DAY
    begin = customers.subscribed[who]
    first = np.maximum(0, -((begin - world.start) // every))
    count = np.maximum((world.end - begin - 1) // every - first + 1, 0)
    row = np.repeat(np.arange(len(who)), count)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + first[row]
    # Billing runs in the early morning: some minutes after the hour at which the subscription began.
    at = begin[row] + turn * every[row] + micros(rng.random(len(row)) * 900)
    keep = (rng.random(len(row)) > SKIP_SHARE) & (at >= world.start)
    return who[row[keep]], at[keep]


def _carriers(rng: np.random.Generator, world: World, country: Ints, at: Ints) -> Ints:
    truth, n = world.truth, len(at)
    new = (at >= world.begins(truth.carrier_days_before)[1]) & (rng.random(n) < truth.carrier_share)
    brazil = (rng.random(n) > 0.58).astype(np.int64)
    return np.where(country == 0, brazil, np.where(new, 3, 2))


def _delivery(
    rng: np.random.Generator, world: World, country: Ints, at: Ints, far: Flags, late: Flags
) -> tuple[Ints, Ints]:
    """The promise ends with a local day; on time is before it, late is in the daytime of a later day."""
    n = len(at)
    window = np.where(country == 0, 6, 3) + np.where(far, 3, 0) + rng.integers(0, 2, n)
    day = np.where(country == 0, world.calendars[0].day(at), world.calendars[1].day(at)) + window
    ends = np.empty(n, dtype=np.int64)
    hour = (8 + 12 * rng.beta(2.2, 2.4, n)) * 3_600
    delivered = np.empty(n, dtype=np.int64)
    days_late = np.minimum(np.ceil(lognormal(rng, 1.9, 0.85, n)), MAX_LATE_DAYS).astype(np.int64)
    days_early = np.minimum((rng.beta(1.3, 2.0, n) * window).astype(np.int64), window - 1)
    arrival = day + np.where(late, days_late, -days_early)
    for code, calendar in enumerate(world.calendars):
        mine = country == code
        ends[mine] = calendar.to_utc(calendar.origin + (day[mine] + 1) * DAY) - SECOND
        delivered[mine] = calendar.to_utc(calendar.origin + arrival[mine] * DAY + micros(hour[mine]))
    return ends, np.maximum(delivered, at + 6 * HOUR)


def _amounts(
    block: Block, rng: np.random.Generator, customers: Customers, customer: Ints, product: Ints, at: Ints
) -> Ints:
    country = customers.country[customer]
    price = np.array([p.price for p in company.PRODUCTS])[product, country]
    items = 1 + np.minimum(rng.poisson(1.1, len(product)), 8)
    basket = np.round(price * (1 + 0.8 * (items - 1) * rng.random(len(product)))).astype(np.int64)
    plan = plan_at(block, customers, customer, at)
    boxes_a_month = np.array([30.4 / p.every_days for p in company.PLANS])[customers.plan[customer]]
    box = monthly_price(block, customers, customer, plan, at) / np.maximum(boxes_a_month, 1.0)
    return np.where(product >= 0, basket, np.round(box).astype(np.int64))


def orders_table(block: Block, customers: Customers, orders: Orders) -> pa.Table:
    """The table `orders`."""
    end, n = block.world.end, len(orders)
    arrived = orders.delivered < end
    status = np.where(orders.cancelled, 2, np.where(arrived, np.where(orders.returned, 3, 0), 1))
    place = np.where(orders.product < 0, 2, orders.app.astype(np.int64))
    return pa.table(
        {
            "id": order_ids(block, np.arange(n)),
            "customer": customers.ids.take(orders.customer),
            "at": instants(orders.at, end),
            "channel": pick(("web", "app", "subscription"), place),
            "touchpoint": constant("order", n),
            "amount": pa.array(orders.amount),
            "currency": pick(company.CURRENCIES, customers.country[orders.customer]),
            "status": pick(("delivered", "shipped", "cancelled", "returned"), status),
            "product": pick(
                [*(p.name for p in company.PRODUCTS), company.BOX],
                orders.product % (len(company.PRODUCTS) + 1),
            ),
            "carrier": pick([c.name for c in company.CARRIERS], orders.carrier),
            "promised_at": instants(orders.promised, NEVER),
            "delivered_at": instants(orders.delivered, end),
        }
    )


def order_ids(block: Block, numbers: Ints) -> pa.Array:
    """The ids of orders by their place in the block."""
    return ids(block.prefix("O"), numbers)
