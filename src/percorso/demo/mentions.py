"""What customers write: survey comments, reviews, first messages of tickets, social posts; the topic follows the cause."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from percorso.demo import company, reading, scores, texts
from percorso.demo.arrays import (
    DAY,
    NEVER,
    Flags,
    Floats,
    Ints,
    ids,
    instants,
    lognormal,
    micros,
    numbers,
    pick,
)
from percorso.demo.customers import Customers
from percorso.demo.facts import facts
from percorso.demo.needs import CHANNELS
from percorso.demo.orders import Orders
from percorso.demo.ticket_log import ticket_ids
from percorso.demo.tickets import Tickets
from percorso.demo.visits import Visits, failed_at
from percorso.demo.world import Block

REVIEW_SHARE = 0.02
SOCIAL_SHARE = 0.004
HAPPY_ORDER = ("taste_good", "fast", "easy", "fair_price", "brand")
NO_TASTE = {"taste": "damaged", "taste_good": "fair_price"}  # of what is not coffee
SOURCES = ("survey", "review", "ticket", "social")
SURVEY, REVIEW, TICKET, SOCIAL = range(4)


@dataclass
class Drafts:
    """Texts to be written: who, when, where and about what; facts are what a text may name."""

    source: int
    customer: Ints
    at: Ints
    topic: list[str]
    facts: list[dict[str, str]]
    ids: pa.Array
    channel: pa.Array
    touchpoint: str
    rating: Floats
    item: list[str | None]
    reply_at: Ints


def _pick_one(rng: np.random.Generator, pool: tuple[str, ...], n: int) -> list[str]:
    return [pool[i] for i in rng.integers(0, len(pool), n).tolist()]


def reviews(block: Block, customers: Customers, orders: Orders) -> Drafts:
    """Public reviews of products; the product's quality is in them, and some lateness."""
    rng, truth, n = block.rng("reviews"), block.world.truth, len(orders)
    quality = np.array([p.quality for p in company.PRODUCTS] + [0.05])[orders.product]
    feeling = 0.4 * customers.disposition[orders.customer] + 0.9165 * rng.standard_normal(n) + quality
    rating = scores.score(feeling + 0.4 * truth.late_shift * orders.late, scores.CSAT_SHARES, 1)
    share = REVIEW_SHARE * np.where(rating <= scores.CSAT_UNHAPPY, truth.response_bias, 1.0)
    at = orders.delivered + DAY + micros(rng.exponential(4, n) * 86_400) if n else orders.delivered
    rows = np.flatnonzero((orders.delivered < NEVER) & (rng.random(n) < share) & (at < block.world.end))
    low = rating[rows] <= 3
    unhappy = np.where(orders.late[rows] & (rng.random(len(rows)) < 0.4), 0, 1 + (rng.random(len(rows)) < 0.3))
    topic = [
        ("late", "taste", "damaged")[u] if bad else t
        for u, bad, t in zip(
            unhappy.tolist(),
            low.tolist(),
            _pick_one(rng, HAPPY_ORDER[:1] * 6 + HAPPY_ORDER, len(rows)),
            strict=True,
        )
    ]
    answered = rng.random(len(rows)) < np.where(low, 0.55, 0.18)
    names = [*(p.name for p in company.PRODUCTS), company.BOX]
    return Drafts(
        source=REVIEW,
        customer=orders.customer[rows],
        at=at[rows],
        topic=topic,
        facts=facts(block, "reviews", customers, orders, orders.customer[rows], at[rows], rows, np.full(len(rows), -1)),
        ids=ids(block.prefix("V"), rows),
        channel=pick(("web", "app"), orders.app[rows].astype(np.int64)),
        touchpoint="review",
        rating=rating[rows].astype(float),
        item=[names[p] for p in orders.product[rows].tolist()],
        reply_at=np.where(answered, at[rows] + micros(lognormal(rng, 20 * 3_600, 0.9, len(rows))), NEVER),
    )


def ticket_texts(block: Block, customers: Customers, tickets: Tickets, orders: Orders, order_of: Ints) -> Drafts:
    """The first message of every ticket that a customer opened; `order_of` is the order it is about, or -1."""
    rows = np.flatnonzero(~tickets.by_agent)
    topic = [f"ask_{company.TOPICS[t]}" for t in tickets.topic[rows].tolist()]
    return Drafts(
        source=TICKET,
        customer=tickets.customer[rows],
        at=tickets.opened[rows],
        topic=topic,
        facts=facts(
            block,
            "tickets",
            customers,
            orders,
            tickets.customer[rows],
            tickets.opened[rows],
            order_of[rows],
            tickets.agent[rows],
        ),
        ids=ids(block.prefix("NT"), rows),
        channel=pick(CHANNELS, tickets.channel[rows]),
        touchpoint="support",
        rating=np.full(len(rows), np.nan),
        item=ticket_ids(block, rows).to_pylist(),
        reply_at=np.full(len(rows), NEVER),
    )


def social_posts(block: Block, customers: Customers, orders: Orders, visits: Visits) -> Drafts:
    """Posts about late parcels, good coffee, and in one week about a checkout that does not work."""
    rng, truth = block.rng("social"), block.world.truth
    broken = np.flatnonzero(visits.broken & (rng.random(len(visits)) < truth.broken_mention_share))
    some = np.flatnonzero((orders.delivered < block.world.end) & (rng.random(len(orders)) < SOCIAL_SHARE))
    n = len(some)
    customer = np.concatenate([visits.customer[broken], orders.customer[some]])
    spent = micros(rng.exponential(5_400, len(broken))), micros(rng.exponential(1.5, n) * 86_400)
    at = np.concatenate([failed_at(visits)[broken] + spent[0], orders.delivered[some] + spent[1]])
    usual = _pick_one(rng, ("taste_good", "taste_good", "brand", "fast", "taste", "price", "easy"), n)
    late = orders.late[some].tolist()
    topic = ["checkout"] * len(broken) + ["late" if is_late else t for is_late, t in zip(late, usual, strict=True)]
    about = np.concatenate([np.full(len(broken), -1), some])
    keep = at < block.world.end
    rows = np.flatnonzero(keep)
    return Drafts(
        source=SOCIAL,
        customer=customer[rows],
        at=at[rows],
        topic=[topic[r] for r in rows.tolist()],
        facts=facts(block, "social", customers, orders, customer[rows], at[rows], about[rows], np.full(len(rows), -1)),
        ids=ids(block.prefix("Q"), rows),
        channel=pick(("social",), np.zeros(len(rows), dtype=np.int64)),
        touchpoint="social",
        rating=np.full(len(rows), np.nan),
        item=[None] * len(rows),
        reply_at=np.where(rng.random(len(rows)) < 0.4, at[rows] + micros(rng.exponential(14_400, len(rows))), NEVER),
    )


def mentions_table(block: Block, customers: Customers, drafts: Drafts) -> pa.Table:
    """Write the drafts; `properties` keeps the topic that the text was made from, as the truth for text analysis."""
    rng, end, n = block.rng(f"writing {drafts.source}"), block.world.end, len(drafts.at)
    topic = [t if f["coffee"] else NO_TASTE.get(t, t) for t, f in zip(drafts.topic, drafts.facts, strict=True)]
    language = customers.language[drafts.customer]
    marks: Flags = ~np.isnan(drafts.rating)
    codes = np.array([texts.TOPICS.index(t) for t in topic], dtype=np.int64)
    truths = [f'{{"true_topic": "{t}", "true_tone": "{texts.TONES[t]}"}}' for t in texts.TOPICS]
    return pa.table(
        {
            "id": drafts.ids,
            "customer": customers.ids.take(drafts.customer),
            "at": instants(drafts.at, end),
            "channel": drafts.channel,
            "touchpoint": pick((drafts.touchpoint,), np.zeros(n, dtype=np.int64)),
            "source": pick(SOURCES, np.full(n, drafts.source)),
            "item": pa.array(drafts.item, pa.string()),
            "text": pa.array(texts.sentences(rng, language, topic, drafts.facts), pa.string()),
            "language": pick(company.LANGUAGES, language),
            "rating": numbers(np.nan_to_num(drafts.rating), marks),
            "reply_at": instants(drafts.reply_at, end),
            "sentiment": pa.array(reading.sentiment(block.rng(f"reading {drafts.source}"), block.world.truth, codes)),
            "themes": reading.themes(codes),
            "properties": pick(truths, codes),
        }
    )
