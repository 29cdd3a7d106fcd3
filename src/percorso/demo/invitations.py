"""Invitations to surveys: who is asked, and who starts, answers and finishes; unhappy people answer more often."""

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
    ids,
    instants,
    lognormal,
    micros,
    numbers,
    pick,
    thinned,
)
from percorso.demo.contacts import Contacts
from percorso.demo.customers import Customers
from percorso.demo.lifetimes import Lifetimes
from percorso.demo.needs import PHONE
from percorso.demo.orders import Orders
from percorso.demo.tickets import Tickets
from percorso.demo.world import Block

SURVEYS = ("order", "support", "relationship")
ORDER, SUPPORT, RELATIONSHIP = range(3)
WAYS = ("email", "whatsapp")
# Chance to answer of a person who is not unhappy, by survey and way.
ANSWERS = ((0.165, 0.235), (0.19, 0.27), (0.165, 0.24))
ASKED_ORDERS = 0.40
ASKED_SUPPORT = 0.75
NPS_EVERY = 182 * DAY
PARTIAL_SHARE = 0.08
OPENS_ONLY = 0.035


@dataclass(frozen=True)
class Invitations:
    """One element an invitation; `about` is the order, ticket or contact that is rated, -1 for the relationship."""

    survey: Ints
    customer: Ints
    about: Ints
    call: Flags  # about a call, not a ticket
    sent: Ints
    way: Ints

    def __len__(self) -> int:
        return len(self.sent)

    def only(self, keep: Rows) -> "Invitations":
        """The invitations that `keep` names."""
        return Invitations(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})


@dataclass(frozen=True)
class Responses:
    """What became of each invitation; NEVER where it did not."""

    delivered: Ints
    bounced: Flags
    started: Ints
    first_answer: Ints
    completed: Ints


def invite(
    block: Block, customers: Customers, life: Lifetimes, orders: Orders, tickets: Tickets, contacts: Contacts
) -> Invitations:
    """Choose who is asked: some orders, most tickets and solved calls, everyone twice a year; never too often."""
    rng, world = block.rng("invitations"), block.world
    asked = np.flatnonzero((orders.delivered < world.end) & (rng.random(len(orders)) < ASKED_ORDERS))
    done = np.flatnonzero((tickets.solved < world.end) & (rng.random(len(tickets)) < ASKED_SUPPORT))
    calls = np.flatnonzero(_rated_calls(contacts) & (rng.random(len(contacts)) < ASKED_SUPPORT))
    waves, wave_at = _waves(rng, block, customers)
    parts = (
        (ORDER, orders.customer[asked], asked, orders.delivered[asked] + DAY, 21 * DAY),
        (SUPPORT, tickets.customer[done], done, tickets.solved[done] + 2 * HOUR, 5 * DAY),
        (SUPPORT, contacts.customer[calls], calls, contacts.ended[calls] + 30 * MINUTE, 5 * DAY),
        (RELATIONSHIP, waves, np.full(len(waves), -1), wave_at, 60 * DAY),
    )
    kept = []
    for number, (survey, customer, about, at, gap) in enumerate(parts):
        sent = at + micros(rng.random(len(at)) * 1_200)
        keep = thinned(customer, sent, gap) & (sent < world.end)
        if survey == RELATIONSHIP:
            keep &= life.active(customer, sent)
        n = int(keep.sum())
        kept.append((np.full(n, survey), customer[keep], about[keep], np.full(n, number == 2), sent[keep]))
    surveys, customer, about, call, sent = (np.concatenate(values) for values in zip(*kept, strict=True))
    way = (rng.random(len(sent)) < np.where(customers.country[customer] == 0, 0.45, 0.08)).astype(np.int64)
    return Invitations(surveys, customer, about, call, sent, way)


def _rated_calls(contacts: Contacts) -> Flags:
    """Calls that were answered and solved: the others are rated through their ticket."""
    solved: Flags = (contacts.way == PHONE) & (contacts.answered < NEVER) & contacts.solved
    return solved


def _waves(rng: np.random.Generator, block: Block, customers: Customers) -> tuple[Ints, Ints]:
    world, n = block.world, len(customers)
    turns = (world.end - world.start) // NPS_EVERY + 1
    phase = micros(rng.random(n) * NPS_EVERY / 1e6)
    at = world.start + phase[:, None] + np.arange(turns) * NPS_EVERY
    wanted = at > customers.joined[:, None] + 30 * DAY
    customer, turn = np.nonzero(wanted)
    sent = at[customer, turn]
    morning = np.where(customers.country[customer] == 0, 12 * HOUR, 8 * HOUR)
    return customer, sent // DAY * DAY + morning + micros(rng.random(len(sent)) * 7 * 3_600)


def respond(block: Block, invitations: Invitations, unhappy: Flags) -> Responses:
    """Draw who answers: `response_bias` times as many of the unhappy."""
    rng, world, n = block.rng("responses"), block.world, len(invitations)
    chance = np.array(ANSWERS)[invitations.survey, invitations.way]
    chance = chance * np.where(unhappy, world.truth.response_bias, 1.0)
    bounced = rng.random(n) < np.where(invitations.way == 0, 0.018, 0.006)
    delivered = invitations.sent + micros(lognormal(rng, 9, 1.0, n))
    answers = ~bounced & (rng.random(n) < chance)
    opens = answers | ~bounced & (rng.random(n) < OPENS_ONLY)
    lag = np.minimum(lognormal(rng, 15 * 3_600, 1.6, n), 13.5 * 86_400)
    started = np.where(opens, delivered + micros(lag) + 10_000_000, NEVER)
    first = np.where(answers, started + micros(5 + rng.exponential(12, n)), NEVER)
    finishes = answers & (rng.random(n) > PARTIAL_SHARE)
    completed = np.where(finishes, first + micros(8 + rng.exponential(50, n)), NEVER)
    return Responses(delivered, bounced, started, first, completed)


def invitation_ids(block: Block, numbers: Ints) -> pa.Array:
    """The ids of invitations by their place in the block."""
    return ids(block.prefix("I"), numbers)


def invitation_messages(block: Block, customers: Customers, invitations: Invitations, responses: Responses) -> pa.Table:
    """Rows of `messages` for the invitations."""
    end, n = block.world.end, len(invitations)
    return pa.table(
        {
            "id": invitation_ids(block, np.arange(n)),
            "customer": customers.ids.take(invitations.customer),
            "at": instants(invitations.sent, end),
            "channel": pick(WAYS, invitations.way),
            "touchpoint": pick(("delivery", "support", "relationship"), invitations.survey),
            "survey": pick(SURVEYS, invitations.survey),
            "purpose": pick(("survey",), np.zeros(n, dtype=np.int64)),
            "language": pick(company.LANGUAGES, customers.language[invitations.customer]),
            "delivered_at": instants(responses.delivered, end, ~responses.bounced),
            "bounced": numbers(responses.bounced),
            "started_at": instants(responses.started, end),
            "first_answer_at": instants(responses.first_answer, end),
            "completed_at": instants(responses.completed, end),
        }
    )


def service_messages(block: Block, customers: Customers, life: Lifetimes) -> pa.Table:
    """Rows of `messages` for the letter that told subscribers of the new prices."""
    rng, world = block.rng("letters"), block.world
    raised = np.array([p.rises for p in company.PLANS] + [False])[customers.plan]
    at = world.begins(world.truth.price_days_before)[customers.country] - 14 * DAY + 10 * HOUR
    told = raised & (customers.subscribed < at) & life.active(np.arange(len(customers)), at)
    mine = np.flatnonzero(told)
    n = len(mine)
    return pa.table(
        {
            "id": ids(block.prefix("L"), mine),
            "customer": customers.ids.take(mine),
            "at": instants(at[mine], world.end),
            "channel": pick(("email",), np.zeros(n, dtype=np.int64)),
            "touchpoint": pick(("billing",), np.zeros(n, dtype=np.int64)),
            "campaign": pick(("new prices",), np.zeros(n, dtype=np.int64)),
            "purpose": pick(("service",), np.zeros(n, dtype=np.int64)),
            "language": pick(company.LANGUAGES, customers.language[mine]),
            "delivered_at": instants(at[mine] + micros(lognormal(rng, 30, 0.8, n)), world.end),
            "bounced": numbers(np.zeros(n, dtype=bool)),
        }
    )
