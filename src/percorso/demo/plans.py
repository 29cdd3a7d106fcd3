"""Plans over time: who changes to which, and what each costs a month before and after the price rise."""

import numpy as np

from percorso.demo import company
from percorso.demo.arrays import DAY, NEVER, Ints, micros
from percorso.demo.customers import Customers
from percorso.demo.world import Block

CHANGES_A_YEAR = 0.14
UPGRADE_SHARE = 0.66


def plan_changes(block: Block, customers: Customers) -> tuple[Ints, Ints]:
    """When each customer changes the home plan (NEVER for most), and to which."""
    rng, n = block.rng("plan changes"), len(customers)
    movable = (customers.plan >= 0) & (customers.plan != company.OFFICE)
    begin = np.where(movable, np.maximum(customers.subscribed, block.world.start), 0)
    at = begin + 20 * DAY + micros(rng.exponential(1 / CHANGES_A_YEAR, n) * 365 * 86_400)
    up = np.where(customers.plan == 0, True, (customers.plan == 1) & (rng.random(n) < UPGRADE_SHARE))
    to = np.where(up, customers.plan + 1, customers.plan - 1)
    return np.where(movable & (at < block.world.end), at, NEVER), to


def plan_at(block: Block, customers: Customers, who: Ints, at: Ints) -> Ints:
    """The plan of each customer at an instant, as if nobody left; -1 without one."""
    changed, new_plan = plan_changes(block, customers)
    return np.where(at >= changed[who], new_plan[who], customers.plan[who])


def monthly_price(block: Block, customers: Customers, who: Ints, plan: Ints, at: Ints) -> Ints:
    """The price of a month in cents; companies pay for several seats, home plans rise with the price rise."""
    base = np.array([p.price for p in company.PLANS])[plan, customers.country[who]]
    seats = np.where(plan == company.OFFICE, 1 + customers.firm[who] % 4, 1)
    dear = at >= block.world.begins(block.world.truth.price_days_before)[customers.country[who]]
    rises = dear & np.array([p.rises for p in company.PLANS])[plan]
    price = base * seats * np.where(rises, 1 + block.world.truth.price_rise, 1.0)
    return np.round(price / 10).astype(np.int64) * 10
