"""Promoters who do as they said: some recommend the company in the weeks after their answer, and some of those buy."""

import numpy as np
import pyarrow as pa

from percorso.demo.answers import Feelings
from percorso.demo.arrays import constant, ids, instants, micros, pick
from percorso.demo.customers import Customers
from percorso.demo.invitations import RELATIONSHIP, Invitations, Responses
from percorso.demo.lifetimes import Lifetimes
from percorso.demo.world import Block

SENT = "Referral Sent"
PROMOTER = 9
MEAN_DAYS, MOST_DAYS = 10.0, 80.0


def referrals(
    block: Block,
    customers: Customers,
    life: Lifetimes,
    invitations: Invitations,
    feelings: Feelings,
    responses: Responses,
) -> pa.Table:
    """Rows of `events`: recommendations that promoters send after their answer."""
    rng, world, n = block.rng("referrals"), block.world, len(invitations)
    promoter = (invitations.survey == RELATIONSHIP) & (feelings.nps[:, 0] >= PROMOTER)
    acts = promoter & (responses.first_answer < world.end) & (rng.random(n) < world.truth.referral_share)
    rows = np.flatnonzero(acts)
    wait = np.minimum(rng.exponential(MEAN_DAYS, len(rows)), MOST_DAYS)
    at = responses.first_answer[rows] + micros(wait * 86_400)
    bought = rng.random(len(rows)) < world.truth.referral_conversion
    customer = invitations.customer[rows]
    keep = np.flatnonzero((at < world.end) & life.active(customer, at))
    return pa.table(
        {
            "id": ids(block.prefix("XR"), rows[keep]),
            "customer": customers.ids.take(customer[keep]),
            "at": instants(at[keep], world.end),
            "received_at": instants(at[keep], world.end),
            "channel": constant("web", len(keep)),
            "touchpoint": constant("account", len(keep)),
            "name": constant(SENT, len(keep)),
            "properties": pick(('{"converted": false}', '{"converted": true}'), bought[keep].astype(np.int64)),
        }
    )
