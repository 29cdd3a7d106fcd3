"""What people feel, and how they score it: satisfaction, effort, first contact, and the NPS with its aspects."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from percorso.demo import company, scores
from percorso.demo.arrays import DAY, NEVER, Flags, Floats, Ints, constant, count_recent, ids, instants, pick
from percorso.demo.contacts import Contacts, contact_ids
from percorso.demo.customers import Customers
from percorso.demo.invitations import ORDER, RELATIONSHIP, SUPPORT, Invitations, Responses, invitation_ids
from percorso.demo.needs import CHANNELS, PHONE
from percorso.demo.orders import Orders, order_ids
from percorso.demo.ticket_log import ticket_ids
from percorso.demo.tickets import Tickets
from percorso.demo.truth import (
    ASPECT_LOADING,
    DISPOSITION_LOADING,
    NPS_ASPECTS,
    NPS_DRIVER_GAIN,
    NPS_NOISE,
    SERVICE_SHARED,
)
from percorso.demo.world import Block

OLD_CES_DAYS = 120  # the survey asked CES 1.0 (1 to 5, low is good) at first
OLD_CES_SHARES = (0.06, 0.09, 0.15, 0.32, 0.38)
REOPENED_SHIFT = -0.7
WAIT_SHIFT = -0.12  # for each minute in the queue


@dataclass(frozen=True)
class Experience:
    """What happened to each invited person: with the thing that is rated, or in the weeks before."""

    late: Flags  # the order came late, or one did in the last weeks
    slow: Flags  # a reply promise was broken by e-mail
    dear: Flags  # the price rose in the last weeks
    reopened: Flags
    rounds: Flags  # more than one exchange was needed
    waited: Floats  # minutes in the queue
    team: Ints
    agent: Ints
    channel: Ints


@dataclass(frozen=True)
class Feelings:
    """What each invited person would answer, whether or not they do."""

    past: Experience
    csat: Ints  # order and support
    ces: Ints  # support, CES 2.0
    old_ces: Ints  # support, CES 1.0
    first_contact: Ints
    nps: Ints  # relationship: (invitations, 1 + aspects), the first is the overall one

    def unhappy(self, survey: Ints) -> Flags:
        """Whether the person would give one of the scores that make answering likelier."""
        return np.where(survey == RELATIONSHIP, self.nps[:, 0] <= scores.NPS_UNHAPPY, self.csat <= scores.CSAT_UNHAPPY)


def feel(
    block: Block, customers: Customers, invitations: Invitations, orders: Orders, tickets: Tickets, contacts: Contacts
) -> Feelings:
    """Let disposition, the moment and what happened make each score."""
    rng, truth, n = block.rng("feelings"), block.world.truth, len(invitations)
    past = _experience(block, customers, invitations, orders, tickets, contacts)
    z = customers.disposition[invitations.customer]
    rest = np.sqrt(1 - DISPOSITION_LOADING**2 - SERVICE_SHARED**2)
    mood = DISPOSITION_LOADING * z + SERVICE_SHARED * rng.standard_normal(n)
    service = truth.slow_shift * past.slow + REOPENED_SHIFT * past.reopened + np.maximum(WAIT_SHIFT * past.waited, -1.0)
    mood = mood + np.where(invitations.survey == ORDER, truth.late_shift * past.late, service)
    better = past.team == company.TEAMS.index(truth.better_team)
    ease = mood + rest * rng.standard_normal(n) + truth.better_ces_shift * better
    says_yes = np.where(past.reopened, 0.15, np.where(past.rounds, 0.5, 0.9))
    return Feelings(
        past=past,
        csat=scores.score(mood + rest * rng.standard_normal(n), scores.CSAT_SHARES, 1),
        ces=scores.score(ease, scores.CES_SHARES, 1),
        old_ces=6 - scores.score(ease, OLD_CES_SHARES, 1),
        first_contact=(rng.random(n) < says_yes).astype(np.int64),
        nps=_loyalty(block, z, past),
    )


def _experience(
    block: Block, customers: Customers, invitations: Invitations, orders: Orders, tickets: Tickets, contacts: Contacts
) -> Experience:
    truth, world = block.world.truth, block.world
    who, sent, about = invitations.customer, invitations.sent, invitations.about
    order = np.where(invitations.survey == ORDER, about, -1)
    ticket = np.where((invitations.survey == SUPPORT) & ~invitations.call, about, -1)
    call = np.where(invitations.call, about, -1)
    relation = invitations.survey == RELATIONSHIP
    late, slow = orders.late, tickets.slow
    recent_late = (
        count_recent(who, sent, orders.customer[late], orders.promised[late], truth.late_memory_days * DAY) > 0
    )
    recent_slow = (
        count_recent(who, sent, tickets.customer[slow], tickets.reply_due[slow], truth.slow_window_days * DAY) > 0
    )
    begin = world.begins(truth.price_days_before)[customers.country[who]]
    raised = np.array([p.rises for p in company.PLANS] + [False])[customers.plan[who]]
    in_window = (sent >= begin) & (sent < begin + truth.price_window_days * DAY)
    waited = (_at(contacts.answered, call) - _at(contacts.queued, call)) / 60e6
    return Experience(
        late=_at(late, order) | relation & recent_late,
        slow=_at(slow, ticket) | relation & recent_slow,
        dear=raised & in_window & (customers.subscribed[who] < begin),
        reopened=(ticket >= 0) & (_at(tickets.reopened, ticket) < sent),
        rounds=(ticket >= 0) & (_at(tickets.asked[:, 0], ticket) < NEVER),
        waited=np.where(call >= 0, waited, 0.0),
        team=np.where(ticket >= 0, _at(tickets.team, ticket), np.where(call >= 0, _at(contacts.team, call), -1)),
        agent=np.where(ticket >= 0, _at(tickets.agent, ticket), np.where(call >= 0, _at(contacts.agent, call), -1)),
        channel=np.where(ticket >= 0, _at(tickets.channel, ticket), np.where(call >= 0, PHONE, -1)),
    )


def _at(values: npt.NDArray[Any], places: Ints) -> npt.NDArray[Any]:
    """Values at places; 0 or false where the place is -1."""
    return np.append(values, np.zeros(1, dtype=values.dtype))[places]


def _loyalty(block: Block, z: Floats, past: Experience) -> Ints:
    """The overall score and one for each aspect; what happened acts on aspects, and through them on the whole."""
    rng, truth = block.rng("loyalty"), block.world.truth
    effects = {
        "product": np.zeros(len(z)),
        "service": truth.slow_service_shift * past.slow,
        "after_sales": truth.late_after_sales_shift * past.late,
    }
    columns, drivers = [], np.zeros(len(z))
    for aspect in NPS_ASPECTS:
        own = np.sqrt(1 - ASPECT_LOADING**2) * rng.standard_normal(len(z))
        feeling = ASPECT_LOADING * z + own + effects[aspect]
        columns.append(scores.score(feeling + truth.nps_shifts[aspect], scores.NPS_SHARES, 0))
        drivers = drivers + truth.nps_weights[aspect] * feeling
    overall = (NPS_DRIVER_GAIN * drivers + NPS_NOISE * rng.standard_normal(len(z))) / truth.overall_spread
    overall = overall + truth.price_nps_shift * past.dear
    return np.stack([scores.score(overall, scores.NPS_SHARES, 0), *columns], axis=1)


QUESTIONS = (
    # survey, question, metric, aspect, lowest, highest, polarity, place in the survey, questions in it
    (ORDER, "order_csat", "csat", None, 1, 5, "higher", 0, 1),
    (SUPPORT, "support_csat", "csat", None, 1, 5, "higher", 0, 3),
    (SUPPORT, "support_ces2", "ces", None, 1, 7, "higher", 1, 3),
    (SUPPORT, "support_ces1", "ces", None, 1, 5, "lower", 1, 3),
    (SUPPORT, "support_fcr", "fcr", None, 0, 1, "higher", 2, 3),
    (RELATIONSHIP, "nps", "nps", "company", 0, 10, "higher", 0, 4),
    *(
        (RELATIONSHIP, f"nps_{aspect}", "nps", aspect, 0, 10, "higher", 1 + k, 4)
        for k, aspect in enumerate(NPS_ASPECTS)
    ),
)


def answers_table(
    block: Block, customers: Customers, invitations: Invitations, feelings: Feelings, responses: Responses
) -> pa.Table:
    """Rows of `answers` by the customers; who stops early has answered the first question only."""
    world = block.world
    old = invitations.sent < world.start + OLD_CES_DAYS * DAY
    given = {
        "order_csat": feelings.csat,
        "support_csat": feelings.csat,
        "support_ces2": feelings.ces,
        "support_ces1": feelings.old_ces,
        "support_fcr": feelings.first_contact,
        "nps": feelings.nps[:, 0],
        **{f"nps_{aspect}": feelings.nps[:, 1 + k] for k, aspect in enumerate(NPS_ASPECTS)},
    }
    asked = {"support_ces1": old, "support_ces2": ~old}
    tables = []
    for number, (survey, question, *_, place, of) in enumerate(QUESTIONS):
        mine = (invitations.survey == survey) & asked.get(question, np.True_)
        reached = responses.first_answer if place == 0 else responses.completed
        rows = np.flatnonzero(mine & (reached < world.end))
        spent = np.where(place == 0, 0, (responses.completed - responses.first_answer)[rows]) * place // of
        at = responses.first_answer[rows] + spent
        tables.append(_rows(block, customers, invitations, feelings, number, rows, at, given[question][rows]))
    return pa.concat_tables(tables)


def _rows(
    block: Block,
    customers: Customers,
    invitations: Invitations,
    feelings: Feelings,
    number: int,
    rows: Ints,
    at: Ints,
    score: Ints,
) -> pa.Table:
    survey, question, metric, aspect, low, high, polarity, _, _ = QUESTIONS[number]
    who, n = invitations.customer[rows], len(rows)
    channel = np.where(
        feelings.past.channel[rows] >= 0, feelings.past.channel[rows], np.array([0, 3])[invitations.way[rows]]
    )
    return pa.table(
        {
            "id": ids(block.prefix(f"A{number}-"), rows),
            "customer": customers.ids.take(who),
            "at": instants(at, block.world.end),
            "channel": pick(CHANNELS, channel),
            "touchpoint": constant(("delivery", "support", "relationship")[survey], n),
            "survey": constant(("order", "support", "relationship")[survey], n),
            "question": constant(question, n),
            "invitation": invitation_ids(block, rows),
            "interaction": _interactions(block, invitations, rows),
            "metric": constant(metric, n),
            "aspect": constant(aspect, n) if aspect else pa.nulls(n, pa.string()),
            "score": pa.array(score.astype(np.float64)),
            "scale_min": pa.array(np.full(n, float(low))),
            "scale_max": pa.array(np.full(n, float(high))),
            "polarity": constant(polarity, n),
            "language": pick(company.LANGUAGES, customers.language[who]),
            "population": constant("customer", n),
            "team": pick(company.TEAMS, feelings.past.team[rows]),
            "agent": pick(company.AGENT_NAMES, feelings.past.agent[rows]),
        }
    )


def _interactions(block: Block, invitations: Invitations, rows: Ints) -> pa.Array:
    about, survey, call = invitations.about[rows], invitations.survey[rows], invitations.call[rows]
    if len(rows) == 0 or survey[0] == RELATIONSHIP:
        return pa.nulls(len(rows), pa.string())
    if survey[0] == ORDER:
        return order_ids(block, about)
    both = pa.concat_arrays([ticket_ids(block, about).cast(pa.string()), contact_ids(block, about).cast(pa.string())])
    return both.take(pa.array(np.arange(len(rows)) + np.where(call, len(rows), 0)))
