"""Cases: unhappy answers and reopened tickets that somebody follows up; a loop team makes it faster from one day on."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from percorso.demo import company, scores
from percorso.demo.answers import QUESTIONS, Feelings
from percorso.demo.arrays import HOUR, MINUTE, NEVER, Flags, Ints, ids, instants, lognormal, micros, pick
from percorso.demo.contacts import choose_teams
from percorso.demo.customers import Customers
from percorso.demo.invitations import ORDER, RELATIONSHIP, Invitations, Responses
from percorso.demo.ticket_log import ticket_ids
from percorso.demo.tickets import Tickets
from percorso.demo.truth import CASE_WINDOW_HOURS, CLOSE_SIGMA
from percorso.demo.world import Block

KINDS = ("low_csat", "low_csat", "detractor", "complaint")  # by survey; the last is a reopened ticket
COMPLAINT = 3
TOUCHPOINTS = ("delivery", "support", "relationship", "support")
TOPICS = ("product", "service", "relationship", "service", "delivery")
OUTCOMES = ("solved", "explained", "compensated", "not solved")
FIRST_QUESTIONS = ("order_csat", "support_csat", "nps")


def cases_table(
    block: Block,
    customers: Customers,
    invitations: Invitations,
    feelings: Feelings,
    responses: Responses,
    tickets: Tickets,
) -> pa.Table:
    """The table `cases`: who was unhappy in an answer, or came back with a ticket, and when somebody got back to them."""
    rng, world = block.rng("cases"), block.world
    unhappy = feelings.unhappy(invitations.survey) & (responses.first_answer < world.end)
    answers = np.flatnonzero(unhappy & (rng.random(len(unhappy)) < world.truth.case_share))
    again = np.flatnonzero(tickets.reopened < world.end)
    kind = np.concatenate([invitations.survey[answers], np.full(len(again), COMPLAINT)])
    customer = np.concatenate([invitations.customer[answers], tickets.customer[again]])
    opened = np.concatenate([responses.first_answer[answers], tickets.reopened[again]]) + MINUTE
    late = np.concatenate([feelings.past.late[answers], np.zeros(len(again), dtype=bool)])
    contacted, closed, n = *_followed_up(block, rng, customers.country[customer], opened), len(opened)
    asked = np.concatenate([feelings.past.team[answers], tickets.team[again]])
    keep = np.flatnonzero(opened < world.end)
    table = pa.table(
        {
            "id": ids(block.prefix("H"), np.arange(n)),
            "customer": customers.ids.take(customer),
            "at": instants(opened, world.end),
            "opened_at": instants(opened, world.end),
            "first_contact_at": instants(contacted, world.end),
            "closed_at": instants(closed, world.end),
            "channel": pick(("email", "phone"), (rng.random(n) < 0.4).astype(np.int64)),
            "touchpoint": pick(TOUCHPOINTS, kind),
            "response": pa.concat_arrays([_answer_ids(block, invitations, answers), _texts(ticket_ids(block, again))]),
            "kind": pick(KINDS, kind),
            "outcome": pick(OUTCOMES, np.where(closed < world.end, rng.choice(4, n, p=(0.58, 0.2, 0.14, 0.08)), -1)),
            "team": pick(company.TEAMS, np.where(asked >= 0, asked, choose_teams(rng, customers, customer))),
            "priority": pick(("normal", "high"), _urgent(feelings, invitations, answers, len(again)).astype(np.int64)),
            "topic": pick(TOPICS, np.where(late & (kind == ORDER), len(TOPICS) - 1, kind)),
        }
    )
    return table.take(pa.array(keep))


def _followed_up(block: Block, rng: np.random.Generator, country: Ints, opened: Ints) -> tuple[Ints, Ints]:
    """When somebody first got back to each customer and when the case was closed; NEVER without a contact before it."""
    truth, n = block.world.truth, len(opened)
    team = opened >= block.world.begins(truth.loop_days_before)[country]
    median = np.where(team, truth.loop_close_hours, truth.loop_close_hours_before)
    hours = lognormal(rng, median, CLOSE_SIGMA, n)
    in_time = rng.random(n) < np.where(team, truth.loop_in_time, truth.loop_in_time_before)
    soon = np.minimum(hours, CASE_WINDOW_HOURS) * (0.05 + 0.9 * rng.random(n))
    wait = np.where(in_time, soon, CASE_WINDOW_HOURS + 0.5 + rng.exponential(40, n))
    contacted = np.where(wait < hours, opened + micros(wait * 3_600), NEVER)
    return contacted, opened + micros(hours * (HOUR // 1_000_000))


def _urgent(feelings: Feelings, invitations: Invitations, answers: Ints, complaints: int) -> Flags:
    loyal = invitations.survey[answers] == RELATIONSHIP
    worst = np.where(loyal, feelings.nps[answers, 0] <= scores.NPS_UNHAPPY // 2, feelings.csat[answers] == 1)
    return np.concatenate([worst, np.ones(complaints, dtype=bool)])


def _answer_ids(block: Block, invitations: Invitations, rows: Ints) -> pa.Array:
    """The ids of the first answers of surveys, as `answers_table` gives them."""
    numbers = [next(k for k, q in enumerate(QUESTIONS) if q[1] == name) for name in FIRST_QUESTIONS]
    prefixes = pick([block.prefix(f"A{k}-") for k in numbers], invitations.survey[rows])
    return _texts(pc.binary_join_element_wise(prefixes, pa.array(rows).cast(pa.string()), ""))


def _texts(found: pa.Array | pa.ChunkedArray) -> pa.Array:
    return (found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found).cast(pa.string())
