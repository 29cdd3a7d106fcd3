"""Tickets as tables: their latest state, every change in order, and the promises made with them."""

import numpy as np
import pyarrow as pa

from percorso.demo import company
from percorso.demo.arrays import NEVER, SECOND, Flags, Ints, constant, ids, instants, micros, numbers, pick
from percorso.demo.customers import Customers
from percorso.demo.needs import CHANNELS, EMAIL
from percorso.demo.tickets import PRIORITIES, Tickets, closed_at
from percorso.demo.world import Block

KINDS = ("message", "assigned", "pending", "escalated", "resolved", "reopened")
MESSAGE, ASSIGNED, PENDING, ESCALATED, RESOLVED, REOPENED = range(6)
ACTORS = ("customer", "agent", "bot", "system")
CUSTOMER, AGENT, BOT, SYSTEM = range(4)
NOTE_SHARE = 0.2
ESCALATED_SHARE = 0.07

Change = tuple[Ints, Ints, int, int, bool]


def ticket_ids(block: Block, numbers: Ints) -> pa.Array:
    """The ids of tickets by their place in the block."""
    return ids(block.prefix("T"), numbers)


def _changes(block: Block, tickets: Tickets) -> list[Change]:
    """Every change as (tickets, instants, kind, actor, public)."""
    rng, n = block.rng("changes"), len(tickets)
    every = np.arange(n)
    mailed = np.flatnonzero(tickets.channel == EMAIL)
    own = np.flatnonzero(~tickets.by_agent)
    noted = np.flatnonzero(rng.random(n) < NOTE_SHARE)
    note_at = tickets.reply[noted] - np.minimum(40 * SECOND, (tickets.reply - tickets.opened)[noted] // 2)
    risen = np.flatnonzero((rng.random(n) < ESCALATED_SHARE) & (tickets.solved < NEVER))
    risen_at = tickets.reply[risen] + (
        (tickets.solved - tickets.reply)[risen] * rng.uniform(0.1, 0.9, len(risen))
    ).astype(np.int64)
    apart = np.flatnonzero(tickets.solution_apart & (tickets.solved < NEVER))
    back = np.flatnonzero(tickets.reopened < NEVER)
    changes: list[Change] = [
        (own, tickets.opened[own], MESSAGE, CUSTOMER, True),
        (mailed, tickets.opened[mailed] + micros(rng.uniform(5, 45, len(mailed))), MESSAGE, BOT, True),
        (every, tickets.opened + SECOND // 2, ASSIGNED, SYSTEM, False),
        (noted, note_at, MESSAGE, AGENT, False),
        (every, tickets.reply, MESSAGE, AGENT, True),
        (risen, risen_at, ESCALATED, AGENT, False),
        (apart, tickets.solved[apart] - SECOND, MESSAGE, AGENT, True),
        (
            np.flatnonzero(tickets.solved < NEVER),
            tickets.solved[tickets.solved < NEVER],
            RESOLVED,
            AGENT,
            False,
        ),
        (back, tickets.reopened[back], MESSAGE, CUSTOMER, True),
        (back, tickets.reopened[back] + SECOND // 10, REOPENED, SYSTEM, False),
        (back, tickets.solved_again[back] - SECOND, MESSAGE, AGENT, True),
        (back, tickets.solved_again[back], RESOLVED, AGENT, False),
    ]
    for turn in range(tickets.asked.shape[1]):
        on = np.flatnonzero(tickets.asked[:, turn] < NEVER)
        before = tickets.reply if turn == 0 else tickets.answered[:, turn - 1]
        waiting = on[tickets.channel[on] == EMAIL]
        changes += [
            (waiting, before[waiting] + SECOND, PENDING, AGENT, False),
            (on, tickets.asked[on, turn], MESSAGE, CUSTOMER, True),
            (on, tickets.answered[on, turn], MESSAGE, AGENT, True),
        ]
    return changes


def ticket_tables(block: Block, customers: Customers, tickets: Tickets) -> dict[str, pa.Table]:
    """The tables `tickets`, `ticket_events` and `promises`."""
    changes = _changes(block, tickets)
    ticket = np.concatenate([c[0] for c in changes])
    at = np.concatenate([c[1] for c in changes])
    kind, actor, public = (np.repeat([c[k] for c in changes], [len(c[0]) for c in changes]) for k in (2, 3, 4))
    order = np.lexsort((at, ticket))
    order = order[at[order] < block.world.end]
    log = tuple(column[order] for column in (ticket, at, kind, actor, public))
    return {
        "tickets": _tickets(block, customers, tickets, log),
        "ticket_events": _events(block, customers, tickets, log),
        "promises": _promises(block, customers, tickets),
    }


def _events(block: Block, customers: Customers, tickets: Tickets, log: tuple[Ints, ...]) -> pa.Table:
    ticket, at, kind, actor, public = log
    return pa.table(
        {
            "id": ids(block.prefix("TE"), np.arange(len(ticket))),
            "customer": customers.ids.take(tickets.customer[ticket]),
            "at": instants(at, block.world.end),
            "channel": pick(CHANNELS, tickets.channel[ticket]),
            "touchpoint": constant("support", len(ticket)),
            "ticket": ticket_ids(block, np.arange(len(tickets))).take(ticket),
            "kind": pick(KINDS, kind),
            "actor": pick(ACTORS, actor),
            "public": numbers(public.astype(bool)),
        }
    )


def _tickets(block: Block, customers: Customers, tickets: Tickets, log: tuple[Ints, ...]) -> pa.Table:
    end, n = block.world.end, len(tickets)
    ticket, _, kind, actor, public = log
    by_agent = (kind == MESSAGE) & (actor == AGENT) & public.astype(bool)
    replies = np.bincount(ticket[by_agent], minlength=n)
    reopens = np.bincount(ticket[kind == REOPENED], minlength=n)
    back = tickets.reopened < end
    solved = np.where(back, tickets.solved_again, tickets.solved)
    closed = np.where(back | (tickets.reopened == NEVER), closed_at(tickets), NEVER)
    status = np.select([closed < end, solved < end, tickets.reply < end], [3, 2, 1], 0)
    return pa.table(
        {
            "id": ticket_ids(block, np.arange(n)),
            "customer": customers.ids.take(tickets.customer),
            "at": instants(tickets.opened, end),
            "channel": pick(CHANNELS, tickets.channel),
            "touchpoint": constant("support", n),
            "opened_at": instants(tickets.opened, end),
            "first_reply_at": instants(tickets.reply, end, ~tickets.by_agent),
            "resolved_at": instants(solved, end),
            "closed_at": instants(closed, end),
            "reopens": pa.array(reopens),
            "replies": pa.array(replies),
            "team": pick(company.TEAMS, tickets.team),
            "agent": pick(company.AGENT_NAMES, tickets.agent),
            "priority": pick(PRIORITIES, tickets.priority),
            "topic": pick(company.TOPICS, tickets.topic),
            "status": pick(("new", "open", "solved", "closed"), status),
            "initiated_by": pick(("customer", "agent"), tickets.by_agent.astype(np.int64)),
            "sla_due_at": instants(tickets.solve_due, NEVER),
        }
    )


def _promises(block: Block, customers: Customers, tickets: Tickets) -> pa.Table:
    rng, end, n = block.rng("promises"), block.world.end, len(tickets)
    first = np.flatnonzero(tickets.reply_due < NEVER)
    ticket = np.concatenate([first, np.arange(n)])
    kind = np.repeat([0, 1], [len(first), n])
    due = np.concatenate([tickets.reply_due[first], tickets.solve_due])
    kept = np.concatenate([tickets.reply[first], tickets.solved])
    taken_back: Flags = (kind == 1) & (rng.random(len(ticket)) < 0.01)
    return pa.table(
        {
            "id": pa.concat_arrays(
                [
                    ids(block.prefix("PF"), first).cast(pa.string()),
                    ids(block.prefix("PR"), np.arange(n)).cast(pa.string()),
                ]
            ),
            "customer": customers.ids.take(tickets.customer[ticket]),
            "at": instants(due, NEVER),
            "channel": pick(CHANNELS, tickets.channel[ticket]),
            "touchpoint": constant("support", len(ticket)),
            "ticket": ticket_ids(block, np.arange(n)).take(ticket),
            "kind": pick(("first_reply", "resolution"), kind),
            "due_at": instants(due, NEVER),
            "kept_at": instants(kept, end),
            "cancelled": numbers(taken_back),
            "team": pick(company.TEAMS, tickets.team[ticket]),
            "agent": pick(company.AGENT_NAMES, tickets.agent[ticket]),
            "priority": pick(PRIORITIES, tickets.priority[ticket]),
            "topic": pick(company.TOPICS, tickets.topic[ticket]),
        }
    )
