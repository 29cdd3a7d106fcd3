"""Simulate the company block by block and append its facts; constant memory whatever the scale."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from percorso.analytics.store import Store
from percorso.demo import mentions
from percorso.demo.answers import answers_table, feel
from percorso.demo.arrays import Flags, Ints
from percorso.demo.campaigns import Sends, campaign_messages, choose_customers
from percorso.demo.closing import cases_table
from percorso.demo.comments import survey_comments
from percorso.demo.contacts import Contacts, contacts_table, make_contacts
from percorso.demo.costs import cost_bookings
from percorso.demo.customers import BRAZIL_SHARE, Customers, customers_table, make_customers
from percorso.demo.invitations import invitation_messages, invite, respond, service_messages
from percorso.demo.lifetimes import Lifetimes, live
from percorso.demo.needs import Needs, make_needs
from percorso.demo.orders import Orders, make_orders, orders_table
from percorso.demo.people import people_answers
from percorso.demo.plans import plan_at
from percorso.demo.pulse import pulse_answers
from percorso.demo.referrals import referrals
from percorso.demo.research import research_answers
from percorso.demo.subscriptions import subscriptions_table
from percorso.demo.ticket_log import ticket_tables
from percorso.demo.tickets import Tickets, make_tickets
from percorso.demo.truth import Truth
from percorso.demo.usage import SLICE, event_tables
from percorso.demo.visits import Visits, make_strangers, make_visits
from percorso.demo.world import Block, World
from percorso.errors import BadQuestion
from percorso.i18n import mark

BLOCK = 20_000
BATCH = "demo"
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class History:
    """What happened to one block of customers, cut to the time in which they were with us."""

    customers: Customers
    life: Lifetimes
    sends: Sends
    visits: Visits
    order_of_visit: Ints
    orders: Orders
    contacts: Contacts
    tickets: Tickets
    order_of_ticket: Ints


def fill(
    store: Store,
    workspace: str = "demo",
    *,
    scale: float = 1.0,
    seed: int = 2026,
    until: date,
    progress: Progress | None = None,
) -> Truth:
    """Fill a workspace with two years of the demo company's facts.

    The same `scale`, `seed` and `until` make the same rows with the same ids, so filling again adds nothing.

    Parameters
    ----------
    store : where the facts go.
    workspace : who owns them.
    scale : 1 makes about 20,000 customers and 2 million rows; memory does not grow with it.
    seed : of the random numbers.
    until : the first day after the data, in São Paulo; the data begin two years before.
    progress : called with the table that was written and the share done, 0 to 1.

    Returns
    -------
    Truth : the effects that made the data, with their sizes; `docs/demo.md` explains each.

    Raises
    ------
    BadQuestion : the scale makes less than one customer.
    """
    total = round(BLOCK * scale)
    if total < 1:
        raise BadQuestion(
            mark("A scale of {scale} makes no customer. Give a number above 0, e.g. 1 or 0.1."),
            scale=str(scale),
        )
    world = World(Truth(until=until, seed=seed, scale=scale))
    sizes = [min(BLOCK, total - begin) for begin in range(0, total, BLOCK)]
    for answers in (people_answers(world), research_answers(world)):
        store.append("answers", answers, workspace=workspace, batch=BATCH)
    for number, size in enumerate(sizes):
        for name, part, table in tables(Block(world, number, size)):
            store.append(name, table, workspace=workspace, batch=BATCH)
            if progress:
                progress(name, (number + part) / len(sizes))
    return world.truth


def tables(block: Block) -> Iterator[tuple[str, float, pa.Table]]:
    """Yield (fact table, share of the block done, rows) for one block; a fact table may come in several pieces."""
    h = _history(block)
    customers, life, orders, tickets = h.customers, h.life, h.orders, h.tickets
    now = np.full(len(customers), block.world.end - 1)
    plan, active = _plan_now(block, customers, life, now)
    yield "customers", 0.30, customers_table(block, customers, plan, active)
    yield "subscriptions", 0.32, subscriptions_table(block, customers, life)
    yield "orders", 0.38, orders_table(block, customers, orders)
    yield "contacts", 0.40, contacts_table(block, customers, h.contacts)
    for part, (name, table) in enumerate(ticket_tables(block, customers, tickets).items()):
        yield name, 0.42 + 0.03 * part, table
    yield "messages", 0.50, campaign_messages(block, customers, h.sends)
    yield "messages", 0.51, service_messages(block, customers, life)
    invitations = invite(block, customers, life, orders, tickets, h.contacts)
    feelings = feel(block, customers, invitations, orders, tickets, h.contacts)
    responses = respond(block, invitations, feelings.unhappy(invitations.survey))
    yield "messages", 0.54, invitation_messages(block, customers, invitations, responses)
    yield "answers", 0.57, answers_table(block, customers, invitations, feelings, responses)
    yield "answers", 0.58, pulse_answers(block, customers, life)
    yield "cases", 0.59, cases_table(block, customers, invitations, feelings, responses, tickets)
    drafts = (
        survey_comments(block, customers, invitations, feelings, responses, orders),
        mentions.reviews(block, customers, orders),
        mentions.ticket_texts(block, customers, tickets, orders, h.order_of_ticket),
        mentions.social_posts(block, customers, orders, h.visits),
    )
    for draft in drafts:
        yield "mentions", 0.65, mentions.mentions_table(block, customers, draft)
    yield "events", 0.65, cost_bookings(block, customers, h.contacts)
    yield "events", 0.65, referrals(block, customers, life, invitations, feelings, responses)
    strangers = make_strangers(block, BRAZIL_SHARE)
    pieces = event_tables(block, customers, h.visits, h.order_of_visit, orders, strangers)
    expected = 1 + (len(h.visits) + len(strangers.visits)) // SLICE
    for number, table in enumerate(pieces):
        yield "events", min(0.65 + 0.35 * (number + 1) / expected, 1.0), table


def _history(block: Block) -> History:
    """Draw all streams as if nobody left, then when everyone left, then cut."""
    customers = make_customers(block)
    sends = choose_customers(block, customers)
    visits = make_visits(block, customers, sends)
    orders = make_orders(block, customers, visits)
    needs = make_needs(block, customers, orders, visits)
    contacts = make_contacts(block, customers, needs)
    tickets = make_tickets(block, customers, needs, contacts)
    life = live(block, customers, tickets.customer[tickets.slow], tickets.reply_due[tickets.slow])
    stays = life.active(visits.customer, visits.at)
    began = np.where(orders.visit >= 0, visits.at[orders.visit], orders.at)
    remain = life.active(orders.customer, began)
    orders = orders.only(remain)
    order_of_visit = np.full(len(visits), -1)
    of_visit = np.flatnonzero(orders.visit >= 0)
    order_of_visit[orders.visit[of_visit]] = of_visit
    heard = life.active(needs.customer, needs.at)
    tickets = tickets.only(heard[tickets.need])
    return History(
        customers=customers,
        life=life,
        sends=sends.only(life.active(sends.customer, sends.at)),
        visits=visits.only(stays),
        order_of_visit=order_of_visit[stays],
        orders=orders,
        contacts=_by_time(contacts.only(heard[contacts.need] & (contacts.queued < block.world.end))),
        tickets=tickets,
        order_of_ticket=_renumbered(needs, remain)[tickets.need],
    )


def _by_time(contacts: Contacts) -> Contacts:
    return contacts.only(np.lexsort((contacts.queued, contacts.customer)))


def _renumbered(needs: Needs, remain: Flags) -> Ints:
    """The order of each need by its place among the orders that remain; -1 for none."""
    place = np.append(np.where(remain, np.cumsum(remain) - 1, -1), -1)
    return place[needs.order]


def _plan_now(block: Block, customers: Customers, life: Lifetimes, now: Ints) -> tuple[Ints, Flags]:
    active = life.active(np.arange(len(customers)), now)
    plan = plan_at(block, customers, np.arange(len(customers)), now)
    return np.where(active & (customers.subscribed <= now), plan, -1), active
