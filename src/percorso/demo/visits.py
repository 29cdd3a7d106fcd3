"""Visits to the shop and the account: how far each came in the funnel, drawn before anyone leaves."""

from dataclasses import dataclass, fields

import numpy as np

from percorso.demo import company
from percorso.demo.arrays import MINUTE, Flags, Floats, Ints, Rows, choose, lognormal, micros
from percorso.demo.campaigns import Sends
from percorso.demo.customers import Customers
from percorso.demo.world import Block

ACCOUNT_SHARE = 0.35  # visits of subscribers that are about their subscription
SIGNUP_ORDERS = 0.6
VIEWED, ADDED, CHECKOUT = 0.86, 0.45, 0.64
FEATURES = (
    ("change next delivery", 30.0),
    ("skip a delivery", 20.0),
    ("change blend", 16.0),
    ("track delivery", 40.0),
    ("update payment", 9.0),
    ("download invoice", 7.0),
    ("gift a box", 3.0),
    ("recommend a friend", 2.0),
    ("pause subscription", 5.0),
)


@dataclass(frozen=True)
class Visits:
    """Visits in (customer, at) order; `product` is the first product looked at."""

    customer: Ints
    at: Ints
    app: Flags
    mobile: Flags
    account: Flags
    signup: Flags
    campaign: Ints  # number of the campaign that caused the visit, -1 for none
    searched: Flags
    views: Ints
    product: Ints
    added: Flags
    checkout: Flags
    completed: Flags
    broken: Flags  # the checkout failed because of the broken release
    duration: Ints

    def __len__(self) -> int:
        return len(self.at)

    def only(self, keep: Rows) -> "Visits":
        """The visits that `keep` names."""
        return Visits(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})


def make_visits(block: Block, customers: Customers, sends: Sends) -> Visits:
    """Draw all visits: spontaneous ones, the one with which a new customer signs up, those that a campaign causes."""
    rng, world = block.rng("visits"), block.world
    owners, times = [], []
    for code, calendar in enumerate(world.calendars):
        mine = np.flatnonzero(customers.country == code)
        row, at = calendar.moments(rng, customers.joined[mine], world.end, customers.visits_a_day[mine])
        owners.append(mine[row])
        times.append(at)
    new = np.flatnonzero(customers.created >= world.start)
    caused = np.flatnonzero(sends.causes)
    customer = np.concatenate([*owners, new, sends.customer[caused]])
    at = np.concatenate([*times, customers.created[new], sends.visit_at[caused]])
    kind = np.repeat([0, 1, 2], [sum(map(len, owners)), len(new), len(caused)])
    campaign = np.full(len(at), -1)
    campaign[kind == 2] = sends.campaign[caused]
    order = np.lexsort((at, customer))
    return _walk(block, customers, customer[order], at[order], kind[order], campaign[order])


def _walk(block: Block, customers: Customers, customer: Ints, at: Ints, kind: Ints, campaign: Ints) -> Visits:
    rng, n, truth = block.rng("walk"), len(at), block.world.truth
    sure = (kind == 2) | (kind == 1) & (rng.random(n) < SIGNUP_ORDERS)
    subscribed = customers.subscribed[customer] < at
    account = subscribed & (kind == 0) & (rng.random(n) < ACCOUNT_SHARE)
    app = rng.random(n) < np.where(subscribed, 0.42, 0.2)
    viewed = sure | ~account & (rng.random(n) < VIEWED)
    added = sure | viewed & (rng.random(n) < ADDED)
    checkout = sure | added & (rng.random(n) < CHECKOUT)
    paid = sure | checkout & (rng.random(n) < truth.checkout_completion)
    in_week = _broken_week(block, customers.country[customer], at) & ~app
    broken = paid & in_week & (rng.random(n) > truth.broken_factor)
    views = np.where(viewed, np.minimum(rng.geometric(0.42, n), 6), 0)
    return Visits(
        customer=customer,
        at=at,
        app=app,
        mobile=app | (rng.random(n) < 0.58),
        account=account,
        signup=kind == 1,
        campaign=campaign,
        searched=~account & (rng.random(n) < 0.3),
        views=views,
        product=choose(rng, [p.share for p in company.PRODUCTS], n),
        added=added,
        checkout=checkout,
        completed=paid & ~broken,
        broken=broken,
        duration=_durations(rng, checkout, views),
    )


def _durations(rng: np.random.Generator, checkout: Flags, views: Ints) -> Ints:
    seconds: Floats = lognormal(rng, np.where(checkout, 330.0, 25.0 + 40.0 * views), 0.6, len(views))
    return np.minimum(micros(seconds), 25 * MINUTE)


def _broken_week(block: Block, country: Ints, at: Ints) -> Flags:
    truth = block.world.truth
    begin = block.world.begins(truth.broken_days_before)[country]
    end = block.world.begins(truth.broken_days_before - truth.broken_days)[country]
    return (at >= begin) & (at < end)


@dataclass(frozen=True)
class Strangers:
    """Visits of people who never became known."""

    visitor: Ints
    visits: Visits


def make_strangers(block: Block, country_share: float) -> Strangers:
    """Draw anonymous visits, one to three for each visitor; nobody buys without signing up."""
    rng, world = block.rng("strangers"), block.world
    people = int(block.size * 2.6)
    visitor = np.repeat(np.arange(people), rng.choice([1, 1, 1, 2, 3], people))
    n = len(visitor)
    brazil, italy = world.calendars
    first = rng.integers(0, world.days, people)[visitor] + np.where(np.diff(visitor, prepend=-1) > 0, 0, 1)
    day = np.minimum(first + rng.integers(0, 4, n), world.days - 1)
    hours = tuple(float(h) for h in (2, 1, 1, 1, 1, 1, 2, 3, 5, 7, 8, 8, 8, 7, 7, 7, 8, 8, 8, 8, 9, 9, 7, 5))
    at = np.where(
        rng.random(people)[visitor] < country_share,
        brazil.at_hours(rng, day, hours),
        italy.at_hours(rng, day, hours),
    )
    keep = (at >= world.start) & (at < world.end)
    order = np.lexsort((at[keep], visitor[keep]))
    visitor, at, n = visitor[keep][order], at[keep][order], int(keep.sum())
    viewed = rng.random(n) < 0.55
    views = np.where(viewed, np.minimum(rng.geometric(0.5, n), 6), 0)
    no = np.zeros(n, dtype=bool)
    visits = Visits(
        customer=np.full(n, -1),
        at=at,
        app=no,
        mobile=rng.random(n) < 0.7,
        account=no,
        signup=no,
        campaign=np.full(n, -1),
        searched=rng.random(n) < 0.2,
        views=views,
        product=choose(rng, [p.share for p in company.PRODUCTS], n),
        added=viewed & (rng.random(n) < 0.08),
        checkout=no,
        completed=no,
        broken=no,
        duration=_durations(rng, no, views),
    )
    return Strangers(visitor, visits)


def failed_at(visits: Visits) -> Ints:
    """When the checkout showed its error: just before the visit ended."""
    return visits.at + visits.duration
