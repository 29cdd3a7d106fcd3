"""Tickets: who asked what, when a person replied, and when it was solved."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from percorso.demo.arrays import (
    DAY,
    HOUR,
    MINUTE,
    NEVER,
    SECOND,
    Flags,
    Floats,
    Ints,
    Rows,
    choose,
    lognormal,
    micros,
)
from percorso.demo.contacts import Contacts, choose_agents, choose_teams, live
from percorso.demo.customers import Customers
from percorso.demo.needs import CHECKOUT, EMAIL, PHONE, PRODUCT, Needs
from percorso.demo.world import Block

PRIORITIES = ("low", "normal", "high", "urgent")
REPLY_MEDIAN = 36 * 60.0  # seconds of business time, ordinary day and priority
REPLY_SIGMA = 1.4
REPLY_FACTOR = (1.5, 1.0, 0.75, 0.4)
REPLY_PROMISE = (6, 3, 2, 1)  # business hours, by e-mail
LIVE_PROMISE = (110, 160)  # seconds: chat, WhatsApp
SOLVE_PROMISE = (18, 11, 8, 5)  # business hours
ROUND_SHARE = (0.42, 0.35, 0.3)  # one more exchange after the first, second, third reply
FOLLOW_UP_SHARE = 0.6  # calls that were answered, not solved, and get a ticket
REOPEN_SHARE = 0.055
STUCK_SHARE = 0.012  # tickets that lie for weeks


@dataclass(frozen=True)
class Tickets:
    """Tickets with their own milestones; `rounds` holds (customer message, agent reply) of each further exchange."""

    need: Ints
    customer: Ints
    topic: Ints
    channel: Ints
    team: Ints
    agent: Ints
    priority: Ints
    opened: Ints
    by_agent: Flags
    reply: Ints
    reply_due: Ints  # NEVER without a promise
    asked: Ints  # (tickets, rounds): the customer's further messages; NEVER where there is none
    answered: Ints  # (tickets, rounds): the agent's replies to them
    solved: Ints  # first resolution
    solution_apart: Flags  # the solution came in a message of its own
    solve_due: Ints
    reopened: Ints
    solved_again: Ints

    def __len__(self) -> int:
        return len(self.opened)

    @property
    def last_solved(self) -> Ints:
        """The last resolution; NEVER while it is open."""
        return np.where(self.reopened < NEVER, self.solved_again, self.solved)

    @property
    def slow(self) -> Flags:
        """By e-mail, and the first reply came after its promise."""
        late: Flags = (self.channel == EMAIL) & (self.reply_due < NEVER) & (self.reply > self.reply_due)
        return late

    def only(self, keep: Rows) -> "Tickets":
        """The tickets that `keep` names."""
        return Tickets(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})


def make_tickets(block: Block, customers: Customers, needs: Needs, contacts: Contacts) -> Tickets:
    """Draw all tickets, ordered by customer and time."""
    written = np.flatnonzero(needs.channel == EMAIL)
    spoken = live(contacts)
    rng = block.rng("follow-ups")
    chats = spoken.only(spoken.way != PHONE)
    calls = spoken.only((spoken.way == PHONE) & ~spoken.solved & (rng.random(len(spoken)) < FOLLOW_UP_SHARE))
    parts = [
        _by_mail(block, customers, needs.only(written), written),
        _by_chat(block, customers, chats),
        _by_phone(block, customers, calls),
    ]
    together = Tickets(**{f.name: np.concatenate([getattr(t, f.name) for t in parts]) for f in fields(Tickets)})
    order = np.lexsort((together.opened, together.customer))
    return together.only(order[together.opened[order] < block.world.end])


def _priority(rng: np.random.Generator, customers: Customers, customer: Ints, topic: Ints) -> Ints:
    home, office = choose(rng, (15, 66, 15, 4), len(topic)), choose(rng, (5, 50, 35, 10), len(topic))
    drawn = np.where(customers.firm[customer] >= 0, office, home)
    return np.where(topic == CHECKOUT, np.maximum(drawn, 2), drawn)


def _by_mail(block: Block, customers: Customers, needs: Needs, number: Ints) -> Tickets:
    rng, world, n = block.rng("mail"), block.world, len(needs)
    country = customers.country[needs.customer]
    priority = _priority(rng, customers, needs.customer, needs.topic)
    team = choose_teams(rng, customers, needs.customer)
    load = world.daily(country, needs.at, "load")
    median = REPLY_MEDIAN * load * np.array(REPLY_FACTOR)[priority]
    delay = np.maximum(lognormal(rng, median, REPLY_SIGMA, n), 70.0)
    reply = world.after_open(country, needs.at, micros(delay))
    asked, answered, pause = _rounds(block, rng, country, reply, load)
    last = np.maximum(reply, np.where(answered < NEVER, answered, 0).max(axis=1))
    apart = rng.random(n) < np.where(needs.topic == PRODUCT, 0.6, 0.4)
    work = np.where(apart, lognormal(rng, 3.2 * 3_600 * load, 1.2, n), rng.exponential(240, n) + 20)
    solved = np.where(apart, world.after_open(country, last, micros(work)), last + micros(work))
    return _finish(
        block,
        rng,
        country,
        need=number,
        customer=needs.customer,
        topic=needs.topic,
        channel=needs.channel,
        team=team,
        agent=choose_agents(rng, team),
        priority=priority,
        opened=needs.at,
        by_agent=np.zeros(n, dtype=bool),
        reply=reply,
        reply_due=world.after_open(country, needs.at, np.array(REPLY_PROMISE)[priority] * HOUR),
        asked=asked,
        answered=answered,
        solved=solved,
        solution_apart=apart,
        solve_due=world.after_open(country, needs.at, np.array(SOLVE_PROMISE)[priority] * HOUR + pause),
    )


def _rounds(
    block: Block, rng: np.random.Generator, country: Ints, reply: Ints, load: Floats
) -> tuple[Ints, Ints, Ints]:
    """Further exchanges, and the business time that the customer took in them (the promise is paused)."""
    world, n = block.world, len(reply)
    asked, answered = np.full((n, len(ROUND_SHARE)), NEVER), np.full((n, len(ROUND_SHARE)), NEVER)
    goes_on, last, pause = np.ones(n, dtype=bool), reply, np.zeros(n, dtype=np.int64)
    for turn, share in enumerate(ROUND_SHARE):
        goes_on &= rng.random(n) < share
        message = last + 2 * MINUTE + micros(np.minimum(rng.exponential(4.5, n), 40) * 3_600)
        back = world.after_open(country, message, micros(np.maximum(lognormal(rng, 2_700 * load, 1.1, n), 60)))
        waited = world.open_time(country, message) - world.open_time(country, last)
        pause += np.where(goes_on, waited, 0)
        asked[:, turn] = np.where(goes_on, message, NEVER)
        answered[:, turn] = np.where(goes_on, back, NEVER)
        last = np.where(goes_on, back, last)
    return asked, answered, pause


def _by_chat(block: Block, customers: Customers, chats: Contacts) -> Tickets:
    rng, world, n = block.rng("chat"), block.world, len(chats)
    country = customers.country[chats.customer]
    reply = chats.answered + micros(4 + rng.exponential(18, n))
    # One exchange inside the chat, well before its end; a second thought when it was not solved.
    turn = reply + ((np.maximum(chats.ended - reply, 2 * SECOND)) * rng.uniform(0.2, 0.6, n)).astype(np.int64)
    asked = np.stack([turn, np.full(n, NEVER), np.full(n, NEVER)], axis=1)
    answered = np.where(asked < NEVER, asked + micros(8 + rng.exponential(25, n))[:, None], NEVER)
    ends = np.maximum(chats.ended, answered[:, 0] + SECOND)
    work = micros(lognormal(rng, 4 * 3_600, 1.1, n))
    solved = np.where(chats.solved, ends, world.after_open(country, ends, work))
    priority = _priority(rng, customers, chats.customer, chats.topic)
    promise = np.where(chats.channel == 2, LIVE_PROMISE[0], LIVE_PROMISE[1]) * SECOND
    return _finish(
        block,
        rng,
        country,
        need=chats.need,
        customer=chats.customer,
        topic=chats.topic,
        channel=chats.channel,
        team=chats.team,
        agent=chats.agent,
        priority=priority,
        opened=chats.queued,
        by_agent=np.zeros(n, dtype=bool),
        reply=reply,
        reply_due=chats.queued + promise,
        asked=asked,
        answered=answered,
        solved=solved,
        solution_apart=~chats.solved,
        solve_due=world.after_open(country, chats.queued, np.array(SOLVE_PROMISE)[priority] * HOUR),
    )


def _by_phone(block: Block, customers: Customers, calls: Contacts) -> Tickets:
    """Opened by the agent after an unsolved call; the first message is the agent's own."""
    rng, world, n = block.rng("phone"), block.world, len(calls)
    country = customers.country[calls.customer]
    priority = _priority(rng, customers, calls.customer, calls.topic)
    none = np.full((n, len(ROUND_SHARE)), NEVER)
    opened = calls.ended + 30 * SECOND
    solved = world.after_open(country, opened, micros(lognormal(rng, 6 * 3_600, 1.1, n)))
    return _finish(
        block,
        rng,
        country,
        need=calls.need,
        customer=calls.customer,
        topic=calls.topic,
        channel=calls.channel,
        team=calls.team,
        agent=calls.agent,
        priority=priority,
        opened=opened,
        by_agent=np.ones(n, dtype=bool),
        reply=opened,
        reply_due=np.full(n, NEVER),
        asked=none,
        answered=none,
        solved=solved,
        solution_apart=np.ones(n, dtype=bool),
        solve_due=world.after_open(country, opened, np.array(SOLVE_PROMISE)[priority] * HOUR),
    )


def _finish(block: Block, rng: np.random.Generator, country: Ints, **known: Any) -> Tickets:
    n = len(known["solved"])
    stuck = known["solution_apart"] & (rng.random(n) < STUCK_SHARE)
    weeks = block.world.after_open(country, known["solved"], micros((8 + rng.exponential(12, n)) * 9 * 3_600))
    solved = np.where(stuck, weeks, known["solved"])
    comes_back = rng.random(n) < REOPEN_SHARE
    reopened = solved + 10 * MINUTE + micros(np.minimum(rng.exponential(1.6, n), 20) * 86_400)
    again = block.world.after_open(country, reopened, micros(lognormal(rng, 3 * 3_600, 1.0, n)))
    return Tickets(
        **known | {"solved": solved},
        reopened=np.where(comes_back, reopened, NEVER),
        solved_again=np.where(comes_back, again, NEVER),
    )


def closed_at(tickets: Tickets) -> Ints:
    """Three days after the last resolution nothing can reopen it any more."""
    solved = tickets.last_solved
    return np.where(solved < NEVER, solved + 3 * DAY, NEVER)
