"""Subscriptions as price periods: plan changes and the price rise each begin a new one."""

import numpy as np
import pyarrow as pa

from percorso.demo import company
from percorso.demo.arrays import NEVER, constant, ids, instants, pick
from percorso.demo.customers import Customers
from percorso.demo.lifetimes import Lifetimes
from percorso.demo.plans import monthly_price, plan_at, plan_changes
from percorso.demo.world import Block


def subscriptions_table(block: Block, customers: Customers, life: Lifetimes) -> pa.Table:
    """The table `subscriptions`; who came back has a second subscription."""
    changed, _ = plan_changes(block, customers)
    who = np.flatnonzero(customers.subscribed < np.minimum(life.left, block.world.end))
    again = np.flatnonzero((customers.plan >= 0) & (life.back < block.world.end))
    customer = np.concatenate([who, again])
    begin = np.concatenate([customers.subscribed[who], life.back[again]])
    ends = np.concatenate([life.left[who], life.left_again[again]])
    second = np.repeat([0, 1], [len(who), len(again)])
    rises = block.world.begins(block.world.truth.price_days_before)[customers.country[customer]]
    # A plan that keeps its price has no period that begins there.
    rises = np.where(np.array([p.rises for p in company.PLANS])[customers.plan[customer]], rises, begin)
    cuts = np.sort(
        np.stack([begin, np.clip(rises, begin, None), np.clip(changed[customer], begin, None), ends]), axis=0
    )
    starts, stops = np.minimum(cuts[:-1], ends), np.minimum(cuts[1:], ends)
    part, spell = np.nonzero((starts < stops) & (starts < block.world.end))
    started, ended = starts[part, spell], stops[part, spell]
    who = customer[spell]
    plan = plan_at(block, customers, who, started)
    amount = monthly_price(block, customers, who, plan, started)
    n, key = len(who), who * 2 + second[spell]
    return pa.table(
        {
            "id": ids(block.prefix("SP"), key * 3 + part),
            "customer": customers.ids.take(who),
            "at": instants(started, NEVER),
            "channel": constant("subscription", n),
            "touchpoint": constant("billing", n),
            "subscription": ids(block.prefix("S"), key),
            "plan": pick([p.name for p in company.PLANS], plan),
            "mrr": pa.array(amount),
            "currency": pick(company.CURRENCIES, customers.country[who]),
            "started_at": instants(started, NEVER),
            "ended_at": instants(ended, block.world.end),
        }
    )
