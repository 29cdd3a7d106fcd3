"""What a text may name: the order with its product, carrier and delay, a person, minutes in a queue."""

import numpy as np

from percorso.demo import company
from percorso.demo.arrays import DAY, NEVER, SECOND, Ints
from percorso.demo.customers import Customers, given_names
from percorso.demo.orders import Orders, order_ids
from percorso.demo.world import Block

FIRST_NAMES = [name.split(" (")[0] for name in company.AGENT_NAMES]


def last_order(orders: Orders, customer: Ints, at: Ints) -> Ints:
    """The place of each customer's last order before an instant, -1 without one; orders are by (customer, at)."""
    if not len(orders):
        return np.full(len(at), -1)
    unit = (max(int(orders.at.max()), int(at.max(initial=0))) // SECOND) + 1
    place = np.searchsorted(orders.customer * unit + orders.at // SECOND, customer * unit + at // SECOND) - 1
    return np.where((place >= 0) & (orders.customer[place] == customer), place, -1)


def facts(
    block: Block,
    stage: str,
    customers: Customers,
    orders: Orders,
    customer: Ints,
    at: Ints,
    about: Ints,
    agent: Ints,
) -> list[dict[str, str]]:
    """Return the facts of each text: of the order `about`, else of the customer's last one, else invented ones."""
    rng, n = block.rng(f"facts {stage}"), len(at)
    about = np.where(about >= 0, about, last_order(orders, customer, at))
    known, country = about >= 0, customers.country[customer]
    no_order = np.zeros(n, dtype=np.int64)
    bought = orders.product[about] if len(orders) else no_order
    carrier = np.where(known, orders.carrier[about] if len(orders) else no_order, 2 * country)
    delay = (orders.delivered - orders.promised)[about] if len(orders) else no_order
    late = known & (delay > 0) & (delay < NEVER // 2)
    days = np.where(late, delay // DAY + 1, rng.integers(1, 5, n))
    product = np.where(known & (bought >= 0), bought, rng.integers(0, company.COFFEES, n))
    named = order_ids(block, np.where(known, about, rng.integers(0, 100_000, n))).to_pylist()
    people = given_names(customers)
    minutes = 3 + rng.integers(0, 9, n)
    rows = zip(
        *(column.tolist() for column in (product, carrier, days, agent, customer, minutes)),
        named,
        strict=True,
    )
    return [
        {
            "product": company.PRODUCTS[p].spoken,
            "coffee": "yes" if p < company.COFFEES else "",
            "carrier": company.CARRIERS[c].name,
            "days": str(d),
            "agent": FIRST_NAMES[a] if a >= 0 else "",
            "name": people[who],
            "minutes": str(m),
            "order": order,
        }
        for p, c, d, a, who, m, order in rows
    ]
