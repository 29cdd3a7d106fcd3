"""Live contacts: self-service first (a help centre, later a bot), then queues in which patience runs out."""

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
    Floats,
    Ints,
    Rows,
    ids,
    instants,
    lognormal,
    micros,
    numbers,
    pick,
)
from percorso.demo.calendars import PHONE_HOURS
from percorso.demo.customers import Customers
from percorso.demo.needs import CHAT, EMAIL, INVOICE, PHONE, PRODUCT, WHATSAPP, Needs
from percorso.demo.world import Block

HELP, BOT = 4, 5
WAYS = ("email", "phone", "chat", "whatsapp", "help centre", "bot")
SOLVED = (0.0, 0.76, 0.72, 0.70)  # by channel, when a person answers
NO_WAIT = (0.0, 0.62, 0.50, 0.46)
MEAN_WAIT = (0.0, 60.0, 100.0, 110.0)  # seconds, of those who have to wait, on an ordinary day
REDIAL_SHARE = 0.55
REPEAT_SHARE = 0.35


@dataclass(frozen=True)
class Contacts:
    """Contacts; `way` points into WAYS, `need` to the need they are about."""

    need: Ints
    customer: Ints
    topic: Ints
    way: Ints
    channel: Ints
    team: Ints
    agent: Ints
    queued: Ints
    answered: Ints
    abandoned: Ints
    ended: Ints
    talk: Floats
    hold: Floats
    wrap: Floats
    engaged: Flags
    handed_off: Flags
    solved: Flags

    def __len__(self) -> int:
        return len(self.queued)

    def only(self, keep: Rows) -> "Contacts":
        """The contacts that `keep` names."""
        return Contacts(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})


def make_contacts(block: Block, customers: Customers, needs: Needs) -> Contacts:
    """Lead every live need through self-service and queues, with redials and repeats."""
    helped = _self_service(block, customers, needs)
    direct = (needs.channel == PHONE) | (np.isin(needs.channel, (CHAT, WHATSAPP)) & ~np.isin(_all(needs), helped.need))
    passed = ~helped.solved | helped.handed_off
    again = np.concatenate([np.flatnonzero(direct), helped.need[passed]])
    at = np.concatenate([needs.at[direct], helped.ended[passed]])
    rng = block.rng("returns")
    comes_back = np.concatenate([np.zeros(int(direct.sum()), dtype=bool), ~helped.handed_off[passed]])
    at = at + np.where(comes_back, micros(np.minimum(rng.exponential(2.5, len(at)) * 3_600, 20 * 3_600.0)), 0)
    first = _queue(block, customers, needs, again, at, "first")
    waited_in_vain = (first.abandoned < NEVER) & (rng.random(len(first)) < REDIAL_SHARE)
    redials = _later(block, customers, needs, first, waited_in_vain, 0.04, "redial")
    unsolved = (first.answered < NEVER) & ~first.solved & (rng.random(len(first)) < REPEAT_SHARE)
    repeats = _later(block, customers, needs, first, unsolved, 1.8, "repeat")
    everything = [helped, first, redials, repeats]
    return Contacts(**{f.name: np.concatenate([getattr(c, f.name) for c in everything]) for f in fields(Contacts)})


def _all(needs: Needs) -> Ints:
    return np.arange(len(needs))


def _self_service(block: Block, customers: Customers, needs: Needs) -> Contacts:
    """Before the bot some read the help centre; after it all chats begin with the bot, and most talk to it."""
    rng, world, truth = block.rng("self-service"), block.world, block.world.truth
    bot = needs.at >= world.begins(truth.bot_days_before)[customers.country[needs.customer]]
    digital = np.isin(needs.channel, (CHAT, WHATSAPP))
    mine = np.flatnonzero(digital & (bot | (rng.random(len(needs)) < truth.help_use)))
    with_bot, n = bot[mine], len(mine)
    engaged = ~with_bot | (rng.random(n) < truth.bot_use)
    luck = rng.random(n)
    contained = np.where(with_bot, truth.bot_containment, truth.help_containment)
    solved = engaged & (luck < contained)
    gives_up = engaged & ~solved & (luck < contained + truth.bot_return_share)
    length = micros(lognormal(rng, np.where(engaged, np.where(with_bot, 170.0, 240.0), 20.0), 0.6, n))
    nobody, none = np.full(n, -1), np.zeros(n)
    return Contacts(
        need=mine,
        customer=needs.customer[mine],
        topic=needs.topic[mine],
        way=np.where(with_bot, BOT, HELP),
        channel=needs.channel[mine],
        team=nobody,
        agent=nobody,
        queued=needs.at[mine],
        answered=np.full(n, NEVER),
        abandoned=np.full(n, NEVER),
        ended=needs.at[mine] + length,
        talk=none,
        hold=none,
        wrap=none,
        engaged=engaged,
        handed_off=~solved & ~gives_up,
        solved=solved,
    )


def _queue(block: Block, customers: Customers, needs: Needs, need: Ints, at: Ints, stage: str) -> Contacts:
    """The wait offered depends on the day's load, patience does not: whichever ends first decides."""
    rng, truth, n = block.rng(f"queue {stage}"), block.world.truth, len(need)
    customer, channel, topic = needs.customer[need], needs.channel[need], needs.topic[need]
    load = block.world.daily(customers.country[customer], at, "load")
    must_wait = rng.random(n) > np.array(NO_WAIT)[channel] / load
    wait = np.where(must_wait, rng.exponential(1, n) * np.array(MEAN_WAIT)[channel] * load, 0.0)
    patience = rng.exponential(1, n) * np.where(channel == PHONE, truth.phone_patience, truth.chat_patience)
    patience = np.maximum(patience, 0.001)
    gives_up = patience < wait
    answered = np.where(gives_up, NEVER, at + micros(wait))
    talk = lognormal(rng, np.array([0.0, 215.0, 380.0, 460.0])[channel], 0.65, n)
    hold = (rng.random(n) < 0.25) * rng.exponential(40, n)
    left = at + np.maximum(micros(patience), 1_000)
    team = choose_teams(rng, customers, customer)
    solved = ~gives_up & (rng.random(n) < np.array(SOLVED)[channel] - 0.25 * (topic == PRODUCT))
    return Contacts(
        need=need,
        customer=customer,
        topic=topic,
        way=channel,
        channel=channel,
        team=team,
        agent=np.where(gives_up, -1, choose_agents(rng, team)),
        queued=at,
        answered=answered,
        abandoned=np.where(gives_up, left, NEVER),
        ended=np.where(gives_up, left, at + micros(wait) + micros(talk + hold)),
        talk=np.round(talk),
        hold=np.round(hold),
        wrap=np.round(rng.exponential(45, n)),
        engaged=np.zeros(n, dtype=bool),
        handed_off=np.zeros(n, dtype=bool),
        solved=solved,
    )


def _later(
    block: Block, customers: Customers, needs: Needs, first: Contacts, which: Flags, days: float, stage: str
) -> Contacts:
    """A second contact about the same need, `days` later on average, in opening hours."""
    rng, some = block.rng(f"later {stage}"), first.only(which)
    at = some.ended + 8 * MINUTE + micros(np.minimum(rng.exponential(days, len(some)), 6.0) * 86_400)
    country = customers.country[some.customer]
    for code, calendar in enumerate(block.world.calendars):
        mine = np.flatnonzero((country == code) & (at - some.ended > 3 * HOUR))
        at[mine] = calendar.next_open(rng, at[mine], calendar.phone_days, PHONE_HOURS)
    local = block.world.to_local(country, at) % DAY
    keep = (local >= 8 * HOUR) & (local < 20 * HOUR)
    return _queue(block, customers, needs, some.need[keep], at[keep], stage)


def choose_teams(rng: np.random.Generator, customers: Customers, customer: Ints) -> Ints:
    """Each country's two teams get work at random; companies have their own team."""
    n = len(customer)
    second = (rng.random(n) < 0.5).astype(np.int64)
    return np.where(customers.firm[customer] >= 0, 4, 2 * customers.country[customer] + second)


def choose_agents(rng: np.random.Generator, team: Ints) -> Ints:
    """A person of the team, by chance; the number points into `company.AGENT_NAMES`."""
    sizes = np.array([len(a) for a in company.AGENTS])
    starts = np.cumsum(sizes) - sizes
    place: Ints = starts[team] + (rng.random(len(team)) * sizes[team]).astype(np.int64)
    return place


def contact_ids(block: Block, numbers: Ints) -> pa.Array:
    """The ids of contacts by their place in the block."""
    return ids(block.prefix("K"), numbers)


def contacts_table(block: Block, customers: Customers, contacts: Contacts) -> pa.Table:
    """The table `contacts`."""
    end, n = block.world.end, len(contacts)
    by_bot = contacts.way >= HELP
    answered = contacts.answered < end
    country = customers.country[contacts.customer]
    queue = np.where(by_bot, -1, country * 4 + contacts.way)
    return pa.table(
        {
            "id": contact_ids(block, np.arange(n)),
            "customer": customers.ids.take(contacts.customer),
            "at": instants(contacts.queued, end),
            "channel": pick(WAYS, np.where(contacts.way == HELP, HELP, contacts.channel)),
            "touchpoint": pick(("support", "self-service"), by_bot.astype(np.int64)),
            "queue": pick([f"{c} {w}" for c in company.COUNTRIES for w in WAYS[:4]], queue),
            "topic": pick(company.TOPICS, contacts.topic),
            "team": pick(company.TEAMS, contacts.team),
            "agent": pick(company.AGENT_NAMES, contacts.agent),
            "priority": pick(("normal", "high"), (customers.firm[contacts.customer] >= 0).astype(np.int64)),
            "queued_at": instants(contacts.queued, end),
            "answered_at": instants(contacts.answered, end),
            "abandoned_at": instants(contacts.abandoned, end),
            "ended_at": instants(contacts.ended, end),
            "handled": numbers(answered),
            "talk_seconds": numbers(contacts.talk, answered),
            "hold_seconds": numbers(contacts.hold, answered),
            "wrap_seconds": numbers(contacts.wrap, answered),
            "by_bot": numbers(by_bot),
            "engaged": numbers(contacts.engaged, by_bot),
            "handed_off": numbers(contacts.handed_off, by_bot),
            "resolved": numbers(contacts.solved),
            "resolvable": numbers(~((contacts.topic == PRODUCT) | (contacts.topic == INVOICE)) | by_bot),
        }
    )


def live(contacts: Contacts) -> Contacts:
    """Contacts that a person answered."""
    return contacts.only((contacts.way < HELP) & (contacts.way > EMAIL) & (contacts.answered < NEVER))
