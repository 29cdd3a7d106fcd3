"""Why customers get in touch, and by which channel: each need has a cause in orders, visits, prices or daily life."""

from dataclasses import dataclass, fields

import numpy as np

from percorso.demo import company
from percorso.demo.arrays import DAY, HOUR, MINUTE, NEVER, Ints, Rows, choose, micros
from percorso.demo.calendars import CHAT_HOURS, PHONE_HOURS
from percorso.demo.customers import Customers
from percorso.demo.orders import Orders
from percorso.demo.visits import Visits, failed_at
from percorso.demo.world import Block

CHANNELS = ("email", "phone", "chat", "whatsapp")
EMAIL, PHONE, CHAT, WHATSAPP = range(4)
DELIVERY, PRODUCT, CHECKOUT, BILLING, SUBSCRIPTION, ACCOUNT, ADVICE, INVOICE = range(8)
WHERE_IS_IT_SHARE = 0.012
DEFECT_SHARE = 0.017
PRICE_SHARE = 0.05
BY_COUNTRY = ((0.30, 0.22, 0.20, 0.28), (0.40, 0.34, 0.16, 0.10))
BY_FIRM = (0.52, 0.36, 0.08, 0.04)


@dataclass(frozen=True)
class Needs:
    """One element a need; `order` is the order it is about, -1 for none."""

    customer: Ints
    at: Ints
    topic: Ints
    order: Ints
    channel: Ints

    def __len__(self) -> int:
        return len(self.at)

    def only(self, keep: Rows) -> "Needs":
        """The needs that `keep` names."""
        return Needs(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})


def make_needs(block: Block, customers: Customers, orders: Orders, visits: Visits) -> Needs:
    """Draw all needs, as if nobody left, ordered by customer and time."""
    parts = [
        _late(block, orders),
        _in_transit(block, orders),
        _defects(block, orders),
        _failed_checkouts(block, visits),
        _prices(block, customers),
        _daily_life(block, customers),
    ]
    customer, at, topic, order = (np.concatenate(values) for values in zip(*parts, strict=True))
    rng = block.rng("channels")
    country, firm = customers.country[customer], customers.firm[customer] >= 0
    at_home = np.where(country == 0, choose(rng, BY_COUNTRY[0], len(at)), choose(rng, BY_COUNTRY[1], len(at)))
    channel = np.where(firm, choose(rng, BY_FIRM, len(at)), at_home)
    at = _opening_time(block, country, channel, at)
    keep = at < block.world.end
    place = np.lexsort((at, customer))
    return Needs(customer, at, topic, order, channel).only(place[keep[place]])


Part = tuple[Ints, Ints, Ints, Ints]


def _about(orders: Orders, mine: Ints, at: Ints, topic: int) -> Part:
    return orders.customer[mine], at, np.full(len(mine), topic), mine


def _late(block: Block, orders: Orders) -> Part:
    rng = block.rng("late needs")
    mine = np.flatnonzero(orders.late & (rng.random(len(orders)) < block.world.truth.late_contact_share))
    wait = 9 * HOUR + micros(rng.exponential(0.9, len(mine)) * 86_400)
    return _about(orders, mine, orders.promised[mine] + wait, DELIVERY)


def _in_transit(block: Block, orders: Orders) -> Part:
    rng = block.rng("transit needs")
    going = ~orders.late & ~orders.cancelled
    mine = np.flatnonzero(going & (rng.random(len(orders)) < WHERE_IS_IT_SHARE))
    spent = (orders.delivered[mine] - orders.at[mine]) * rng.random(len(mine))
    return _about(orders, mine, orders.at[mine] + spent.astype(np.int64), DELIVERY)


def _defects(block: Block, orders: Orders) -> Part:
    rng = block.rng("defects")
    quality = np.array([p.quality for p in company.PRODUCTS] + [0.0])[orders.product]
    share = DEFECT_SHARE * np.exp(-quality)
    mine = np.flatnonzero(~orders.cancelled & (orders.returned | (rng.random(len(orders)) < share)))
    wait = HOUR + micros(rng.exponential(2.2, len(mine)) * 86_400)
    return _about(orders, mine, orders.delivered[mine] + wait, PRODUCT)


def _failed_checkouts(block: Block, visits: Visits) -> Part:
    rng = block.rng("checkout needs")
    mine = np.flatnonzero(visits.broken & (rng.random(len(visits)) < block.world.truth.broken_contact_share))
    at = failed_at(visits)[mine] + 2 * MINUTE + micros(rng.exponential(2_400, len(mine)))
    return visits.customer[mine], at, np.full(len(mine), CHECKOUT), np.full(len(mine), -1)


def _prices(block: Block, customers: Customers) -> Part:
    rng, world = block.rng("price needs"), block.world
    begin = world.begins(world.truth.price_days_before)[customers.country]
    raised = np.array([p.rises for p in company.PLANS] + [False])[customers.plan]
    told = raised & (customers.subscribed < begin) & (rng.random(len(customers)) < PRICE_SHARE)
    mine = np.flatnonzero(told)
    at = begin[mine] - 12 * DAY + micros(rng.exponential(14, len(mine)) * 86_400)
    return mine, at, np.full(len(mine), BILLING), np.full(len(mine), -1)


def _daily_life(block: Block, customers: Customers) -> Part:
    rng, world = block.rng("needs"), block.world
    owners, times = [], []
    for code, calendar in enumerate(world.calendars):
        mine = np.flatnonzero(customers.country == code)
        row, at = calendar.moments(rng, customers.joined[mine], world.end, customers.needs_a_day[mine])
        owners.append(mine[row])
        times.append(at)
    customer, at = np.concatenate(owners), np.concatenate(times)
    n = len(at)
    subscriber = customers.subscribed[customer] < NEVER
    home = np.where(
        subscriber, choose(rng, (8, 4, 0, 18, 38, 16, 16, 0), n), choose(rng, (14, 6, 0, 16, 0, 28, 36, 0), n)
    )
    firm = choose(rng, (12, 4, 0, 14, 16, 12, 8, 34), n)
    return customer, at, np.where(customers.firm[customer] >= 0, firm, home), np.full(n, -1)


def _opening_time(block: Block, country: Ints, channel: Ints, at: Ints) -> Ints:
    """Phones and chats are used when they are open; e-mail at any hour."""
    rng, moved = block.rng("opening"), at.copy()
    for code, calendar in enumerate(block.world.calendars):
        always = np.ones(len(calendar.dates), dtype=bool)
        for ways, days, hours in (
            ((PHONE,), calendar.phone_days, PHONE_HOURS),
            ((CHAT, WHATSAPP), always, CHAT_HOURS),
        ):
            mine = np.flatnonzero((country == code) & np.isin(channel, ways))
            moved[mine] = calendar.next_open(rng, at[mine], days, hours)
    return moved
