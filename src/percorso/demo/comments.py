"""Comments that are given with a finished survey: how often, and about what."""

import numpy as np

from percorso.demo.answers import Feelings
from percorso.demo.arrays import NEVER, ids, pick
from percorso.demo.customers import Customers
from percorso.demo.facts import facts
from percorso.demo.invitations import ORDER, SUPPORT, SURVEYS, WAYS, Invitations, Responses
from percorso.demo.mentions import HAPPY_ORDER, SURVEY, Drafts
from percorso.demo.orders import Orders
from percorso.demo.truth import NPS_ASPECTS
from percorso.demo.world import Block

COMMENT_SHARE = (0.72, 0.66, 0.44, 0.28, 0.33)  # by score of 1 to 5
UNHAPPY_ORDER = ("taste", "damaged", "price", "subscription")
BY_ASPECT = {
    "product": ("taste", "taste_good"),
    "service": ("not_solved", "support_good"),
    "after_sales": ("damaged", "fast"),
}


def survey_comments(
    block: Block,
    customers: Customers,
    invitations: Invitations,
    feelings: Feelings,
    responses: Responses,
    orders: Orders,
) -> Drafts:
    """Comments given with finished surveys."""
    rng = block.rng("comments")
    mood = np.where(
        invitations.survey <= SUPPORT,
        feelings.csat,
        1 + np.searchsorted((4, 7, 8, 9), feelings.nps[:, 0], side="right"),
    )
    luck = rng.random(len(invitations))
    rows = np.flatnonzero((responses.completed < block.world.end) & (luck < np.array(COMMENT_SHARE)[mood - 1]))
    topic = [_why(rng, feelings, int(r), int(invitations.survey[r]), int(mood[r])) for r in rows]
    about = np.where(invitations.survey[rows] == ORDER, invitations.about[rows], -1)
    return Drafts(
        source=SURVEY,
        customer=invitations.customer[rows],
        at=responses.completed[rows],
        topic=topic,
        facts=facts(
            block,
            "comments",
            customers,
            orders,
            invitations.customer[rows],
            responses.completed[rows],
            about,
            feelings.past.agent[rows],
        ),
        ids=ids(block.prefix("N"), rows),
        channel=pick(WAYS, invitations.way[rows]),
        touchpoint="survey",
        rating=np.full(len(rows), np.nan),
        item=[SURVEYS[s] for s in invitations.survey[rows].tolist()],
        reply_at=np.full(len(rows), NEVER),
    )


def _why(rng: np.random.Generator, feelings: Feelings, row: int, survey: int, mood: int) -> str:
    """The topic of a comment: what happened when something did, else what is talked about anyway."""
    if mood == 3 and rng.random() < 0.5:
        return ("fine", "suggestion")[int(rng.random() < 0.4)]
    if survey == ORDER:
        if mood <= 3:
            return "late" if feelings.past.late[row] else UNHAPPY_ORDER[int(rng.choice(4, p=(0.5, 0.22, 0.18, 0.1)))]
        return HAPPY_ORDER[
            int(
                rng.choice(
                    5, p=(0.45, 0.0 if feelings.past.late[row] else 0.3, 0.1, 0.05, 0.1 + 0.3 * feelings.past.late[row])
                )
            )
        ]
    if survey == SUPPORT:
        if mood > 3:
            return "support_good"
        if feelings.past.reopened[row] or not (feelings.past.slow[row] or feelings.past.waited[row] > 1.5):
            return "bot" if feelings.past.channel[row] >= 2 and rng.random() < 0.3 else "not_solved"
        return "slow_reply" if feelings.past.slow[row] else "phone_queue"
    if mood == 3:
        return "fine"
    return _why_loyal(rng, feelings, row, mood)


def _why_loyal(rng: np.random.Generator, feelings: Feelings, row: int, mood: int) -> str:
    if mood <= 3:
        happened = [
            t
            for t, flag in (
                ("late", feelings.past.late),
                ("slow_reply", feelings.past.slow),
                ("price", feelings.past.dear),
            )
            if flag[row]
        ]
        if happened and rng.random() < 0.8:
            return happened[int(rng.integers(len(happened)))]
    if rng.random() < 0.12:
        return "price" if mood <= 3 else "brand"
    aspects = feelings.nps[row, 1:]
    extreme = aspects.min() if mood <= 3 else aspects.max()
    aspect = NPS_ASPECTS[int(rng.choice(np.flatnonzero(aspects == extreme)))]
    return BY_ASPECT[aspect][int(mood > 3)]
