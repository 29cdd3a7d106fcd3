"""Campaigns by e-mail: who was chosen, who was kept back, and the orders that the message itself causes."""

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from percorso.demo import company
from percorso.demo.arrays import (
    DAY,
    HOUR,
    MINUTE,
    NEVER,
    Flags,
    Ints,
    Rows,
    constant,
    ids,
    instants,
    lognormal,
    micros,
    numbers,
    pick,
)
from percorso.demo.customers import Customers
from percorso.demo.world import Block

CAMPAIGNS = (
    "new blends",
    "free delivery week",
    "moka season",
    "bring a friend",
    "tasting box",
    "cold brew",
    "grinder days",
)
UNSUBSCRIBE_SHARE = 0.004
CLICK_SHARE = 0.055


@dataclass(frozen=True)
class Sends:
    """One element a customer chosen for a campaign; `visit_at` is the visit that the message causes."""

    campaign: Ints
    customer: Ints
    at: Ints
    holdout: Flags
    causes: Flags
    visit_at: Ints
    unsubscribes: Flags

    def only(self, keep: Rows) -> "Sends":
        """The sends that `keep` names."""
        return Sends(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})


def choose_customers(block: Block, customers: Customers) -> Sends:
    """Draw for each campaign who gets it, who is kept back and whom it moves to an order."""
    rng, world, truth = block.rng("campaigns"), block.world, block.world.truth
    reached = np.flatnonzero(customers.newsletter)
    n, rounds = len(reached), len(CAMPAIGNS)
    campaign = np.repeat(np.arange(rounds), n)
    customer = np.tile(reached, rounds)
    begin = np.stack([world.begins(days) for days in truth.campaign_days_before])
    at = begin[campaign, customers.country[customer]] + 10 * HOUR + micros(rng.random(n * rounds) * 3_600)
    holdout = rng.random(n * rounds) < truth.campaign_holdout
    moved = rng.random(n * rounds) < truth.campaign_lift
    wait = micros(np.minimum(rng.exponential(1.6, n * rounds), truth.campaign_window_days - 0.2) * 86_400)
    leaves = ~holdout & (rng.random(n * rounds) < UNSUBSCRIBE_SHARE)
    sends = Sends(campaign, customer, at, holdout, ~holdout & moved, at + 5 * MINUTE + wait, leaves)
    first_leave = np.full(len(customers), NEVER)
    np.minimum.at(first_leave, customer[leaves], at[leaves])
    return sends.only((at > customers.joined[customer] + DAY) & (at <= first_leave[customer]))


def campaign_messages(block: Block, customers: Customers, sends: Sends) -> pa.Table:
    """Rows of `messages` for the sends; a customer kept back has a row without a delivery."""
    rng, end, n = block.rng("campaign messages"), block.world.end, len(sends.at)
    bounced = ~sends.holdout & ~sends.causes & (rng.random(n) < 0.012)
    delivered = sends.at + micros(lognormal(rng, 20, 0.8, n))
    clicks = sends.causes | sends.unsubscribes | (rng.random(n) < CLICK_SHARE)
    curious = np.minimum(delivered + micros(lognormal(rng, 5 * 3_600, 1.3, n)), sends.at + 6 * DAY)
    clicked = np.where(sends.causes, np.maximum(sends.visit_at - MINUTE, delivered), curious)
    arrived = ~sends.holdout & ~bounced
    return pa.table(
        {
            "id": ids(block.prefix("M"), sends.campaign * block.size + sends.customer),
            "customer": customers.ids.take(sends.customer),
            "at": instants(sends.at, end),
            "channel": constant("email", n),
            "touchpoint": constant("campaign", n),
            "campaign": pick(CAMPAIGNS, sends.campaign),
            "purpose": constant("campaign", n),
            "language": pick(company.LANGUAGES, customers.language[sends.customer]),
            "delivered_at": instants(delivered, end, arrived),
            "bounced": numbers(bounced),
            "clicked_at": instants(clicked, end, arrived & clicks),
            "unsubscribed_at": instants(clicked + MINUTE, end, arrived & sends.unsubscribes),
            "holdout": numbers(sends.holdout),
        }
    )
