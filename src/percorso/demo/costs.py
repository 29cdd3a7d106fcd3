"""What support costs: a booking a month and queue, in the currency of the company, for the contacts that ended in it."""

import numpy as np
import pyarrow as pa

from percorso.demo import company
from percorso.demo.arrays import SECOND, constant, ids, instants, pick
from percorso.demo.contacts import HELP, WAYS, Contacts
from percorso.demo.customers import Customers
from percorso.demo.world import Block

BOOKED = "Support Cost Booked"
QUEUED = WAYS[1:HELP]


def cost_bookings(block: Block, customers: Customers, contacts: Contacts) -> pa.Table:
    """Rows of `events` without a customer: the cost of each queue's handled contacts in each local month."""
    world, unit = block.world, np.array([block.world.truth.contact_costs[way] for way in QUEUED])
    handled = contacts.only((contacts.way < HELP) & (contacts.answered < world.end) & (contacts.ended < world.end))
    brazil = world.calendars[0]
    local = brazil.to_local(handled.ended).astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    queue = customers.country[handled.customer] * len(QUEUED) + handled.way - 1
    groups, counts = np.unique(local * 2 * len(QUEUED) + queue, return_counts=True)
    month, place = groups // (2 * len(QUEUED)), groups % (2 * len(QUEUED))
    over = (month + 1).astype("datetime64[M]").astype("datetime64[us]").astype(np.int64)
    at = np.minimum(brazil.to_utc(over) - 3_600 * SECOND, world.end - SECOND)
    way = place % len(QUEUED)
    queues = [f"{country} {name}" for country in company.COUNTRIES for name in QUEUED]
    told = [
        f'{{"amount": {amount}, "currency": "{company.CURRENCIES[0]}", "queue": "{queues[q]}"}}'
        for amount, q in zip((counts * unit[way]).tolist(), place.tolist(), strict=True)
    ]
    return pa.table(
        {
            "id": ids(block.prefix("XC"), np.arange(len(groups))),
            "at": instants(at, world.end),
            "received_at": instants(at, world.end),
            "channel": pick(QUEUED, way),
            "touchpoint": constant("support", len(groups)),
            "name": constant(BOOKED, len(groups)),
            "properties": pa.array(told, pa.string()),
        }
    )
