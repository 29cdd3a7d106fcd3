"""How long customers stay: a daily hazard that plans, disposition, slow replies and the price rise act on."""

from dataclasses import dataclass

import numpy as np

from percorso.demo import company
from percorso.demo.arrays import DAY, NEVER, Flags, Floats, Ints, micros
from percorso.demo.customers import Customers
from percorso.demo.world import Block

DISPOSITION_EFFECT = -0.2  # log hazard for one standard deviation
NEW_DAYS = 90
NEW_RATIO = 1.5
RETURN_SHARE = 0.12
SLICE = 4_000  # customers whose days are in memory at once


@dataclass(frozen=True)
class Lifetimes:
    """When each customer left, came back (some do) and left again; NEVER where it did not happen."""

    joined: Ints
    left: Ints
    back: Ints
    left_again: Ints

    def active(self, customer: Ints, at: Ints) -> Flags:
        """Whether the customer is with us at each instant."""
        first = (at >= self.joined[customer]) & (at < self.left[customer])
        return first | (at >= self.back[customer]) & (at < self.left_again[customer])


def live(block: Block, customers: Customers, slow_customer: Ints, slow_due: Ints) -> Lifetimes:
    """Draw when customers leave, given the reply promises that were broken to them.

    The streams of orders, tickets and visits are drawn as if nobody left and are cut afterwards: what happens after a
    customer has left can not change when he left, so this is the same as going day by day.
    """
    world, rng, n = block.world, block.rng("lifetimes"), len(customers)
    threshold = rng.exponential(1, (2, n))
    fraction = micros(rng.random((2, n)) * 86_400)
    pause = micros((15 + rng.exponential(80, n)) * 86_400)
    returns = rng.random(n) < RETURN_SHARE
    left, back, again = (np.full(n, NEVER) for _ in range(3))
    slow_day = (slow_due - world.start) // DAY
    for low in range(0, n, SLICE):
        rows = np.arange(low, min(low + SLICE, n))
        mine = (slow_customer >= low) & (slow_customer < low + SLICE)
        hazard = _hazard(block, customers, rows, slow_customer[mine] - low, slow_day[mine])
        total = np.cumsum(hazard, axis=1)
        left[rows] = _crossing(world.start, total, threshold[0, rows], fraction[0, rows])
        left[rows] = np.where(left[rows] < NEVER, np.maximum(left[rows], customers.joined[rows] + DAY // 24), NEVER)
        gone = (left[rows] < NEVER) & returns[rows]
        back[rows] = np.where(gone, np.minimum(left[rows], world.end) + pause[rows], NEVER)
        again[rows] = _second(world.start, total, threshold[1, rows], fraction[1, rows], back[rows])
    return Lifetimes(customers.joined, left, back, again)


def _hazard(block: Block, customers: Customers, rows: Ints, slow_row: Ints, slow_day: Ints) -> Floats:
    truth, world = block.world.truth, block.world
    monthly = np.array([p.monthly_churn for p in company.PLANS] + [company.NO_PLAN_CHURN])[customers.plan[rows]]
    daily = monthly / 30.4 * np.exp(DISPOSITION_EFFECT * customers.disposition[rows])
    day = np.arange(world.days)
    # `created` of those who were there before is negative: they are past their first days, or still in them.
    age = day - ((customers.created[rows] - world.start) // DAY)[:, None]
    hazard = daily[:, None] * np.where(age < NEW_DAYS, NEW_RATIO, 1.0)
    hazard[day < ((customers.joined[rows] - world.start) // DAY)[:, None]] = 0.0
    price_day = world.days - truth.price_days_before
    raised = np.array([p.rises for p in company.PLANS] + [False])[customers.plan[rows]]
    window = slice(price_day, price_day + truth.price_window_days)
    hazard[:, window] *= np.where(raised, truth.price_hazard_ratio, 1.0)[:, None]
    exposed = np.zeros((len(rows), world.days + 1), dtype=np.int16)
    first = np.clip(slow_day + 1, 0, world.days)
    np.add.at(exposed, (slow_row, first), 1)
    np.add.at(exposed, (slow_row, np.clip(first + truth.slow_window_days, 0, world.days)), -1)
    slow = np.cumsum(exposed[:, :-1], axis=1) > 0
    return np.where(slow, hazard * truth.slow_hazard_ratio, hazard)


def _crossing(start: int, total: Floats, threshold: Floats, fraction: Ints) -> Ints:
    crossed = total >= threshold[:, None]
    day = crossed.argmax(axis=1)
    return np.where(crossed.any(axis=1), start + day * DAY + fraction, NEVER)


def _second(start: int, total: Floats, threshold: Floats, fraction: Ints, back: Ints) -> Ints:
    days = total.shape[1]
    here = back < start + days * DAY
    day = np.clip((back - start) // DAY, 0, days - 1)
    so_far = total[np.arange(len(back)), day]
    left = _crossing(start, total, np.where(here, so_far + threshold, np.inf), fraction)
    return np.where(here & (left < NEVER), np.maximum(left, back + DAY // 24), NEVER)
