"""Who was unhappy, whom somebody got back to, and what each of them answered next: Ibis, for either engine.

The arrays of `closed_loop.difference_in_differences` (specification 5.19, 2) from the tables `answers` and `cases`.
"""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray

from percorso.analytics.lifetime.arrays import floats_of, integers_of
from percorso.analytics.lifetime.closed_loop import Difference, difference_in_differences
from percorso.analytics.lifetime.orders import DAY_US, Facts
from percorso.analytics.run import fill, written
from percorso.analytics.statistics.intervals import FloatArray, wilson

# With fewer who answered twice on a side an effect is unsure.
ENOUGH = 30


@dataclass(frozen=True)
class Asked:
    """A question: its scale, the highest score of the unhappy, and the bands of equally unhappy ones (ends inside)."""

    low: float
    high: float
    unhappy: float
    bands: tuple[tuple[float, float], ...]


QUESTIONS = {"nps": Asked(0, 10, 6, ((0, 3), (4, 6))), "csat": Asked(1, 5, 2, ((1, 1), (2, 2)))}


@dataclass(frozen=True, eq=False)
class Recontacts:
    """Customers by their first unhappy score and the next one, arrays of shape (k,); `customers` of each kind.

    `after` is NaN of those who have not answered again; `contacted` says whether somebody got back to them before they
    did. `sql` is what was asked.
    """

    contacted: NDArray[np.bool_]
    before: FloatArray
    after: FloatArray
    customers: NDArray[np.int64]
    sql: str


@dataclass(frozen=True)
class Side:
    """Those contacted, or the others: mean scores of who answered twice, and the share no longer unhappy (Wilson)."""

    customers: int
    answered: int
    before: float | None
    after: float | None
    recovered: int
    recovered_share: float | None
    recovered_low: float | None
    recovered_high: float | None


@dataclass(frozen=True)
class Band:
    """The unhappy whose first score lies in a band (ends inside), compared; `status` is ok, low_sample or no_data."""

    low: float
    high: float
    contacted: Side
    others: Side
    difference: Difference

    @property
    def status(self) -> str:
        fewest = min(self.difference.n_treated, self.difference.n_control)
        return "no_data" if self.difference.effect is None else "ok" if fewest >= ENOUGH else "low_sample"


@dataclass(frozen=True)
class LoopEffect:
    """The effect of getting back to unhappy customers: on all of them, and on those who were equally unhappy."""

    question: str
    whole: Band
    bands: tuple[Band, ...]
    sql: str


def recontacts_of(facts: Facts, question: str) -> Recontacts:
    """Return the customers whose answer to a question (a key of `QUESTIONS`) was unhappy, by what came after it.

    A customer counts once, with the first unhappy answer. The next answer is the first one given at least a day later; a
    contact counts when it is of a case raised after the unhappy answer, and came before the next one.
    """
    told = _contacted(_twice(facts, QUESTIONS[question], question), facts)
    t = told.group_by("contacted", "before", "after").aggregate(customers=told.count())
    engine = facts.store.engine
    sql = fill(engine.sql(t), written({"as_of": facts.as_of}))
    rows = engine.fetch(sql)
    return Recontacts(
        integers_of(rows, "contacted") > 0,
        floats_of(rows, "before"),
        floats_of(rows, "after"),
        integers_of(rows, "customers"),
        sql,
    )


def _twice(facts: Facts, asked: Asked, metric: str) -> ir.Table:
    """Return `customer`, `before`, `after` (null) and the instants `first_us`, `next_us` (null) of unhappy customers."""
    t = facts.store.table("answers", facts.workspace)
    t = t.mutate(customer=ibis.coalesce(t.customer, t.identity), us=facts.store.engine.epoch_us(t["at"]))
    t = t.filter(
        t.metric == metric,
        t.customer.notnull(),
        t.us < ibis.literal(facts.end_us, "int64"),
        t.population.fill_null("customer") == "customer",
        t.aspect.fill_null("").isin(["", "company"]) if metric == "nps" else ibis.literal(True),
        # Null bounds are those of the question itself; scores of another scale are no such scores.
        t.scale_min.fill_null(asked.low) == asked.low,
        t.scale_max.fill_null(asked.high) == asked.high,
        (t.score >= asked.low) & (t.score <= asked.high) & (t.score % 1 == 0),
    )
    if facts.segment is not None:
        t = t.semi_join(facts.segment.select("customer"), "customer")
    nothing, whose = ibis.null("int64"), ibis.window(group_by="customer")
    t = t.select("customer", "score", us=t.us.cast("int64"), low=ibis.ifelse(t.score <= asked.unhappy, 1, 0))
    t = t.mutate(first_us=ibis.ifelse(t.low == 1, t.us, nothing).min().over(whose))
    t = t.filter(t.first_us.notnull())
    t = t.mutate(next_us=ibis.ifelse(t.us >= t.first_us + DAY_US, t.us, nothing).min().over(whose))
    no_score = ibis.null("float64")
    score = t.score.cast("float64")
    return t.group_by("customer").aggregate(
        first_us=t.first_us.min(),
        next_us=t.next_us.min(),
        before=ibis.ifelse((t.us == t.first_us) & (t.low == 1), score, no_score).min(),
        # Of several next answers at one instant none is the later one.
        after=ibis.ifelse((t.us == t.next_us).fill_null(False), score, no_score).mean(),
    )


def _contacted(t: ir.Table, facts: Facts) -> ir.Table:
    """Return the customers with 1 in `contacted` when somebody got back to them between the two answers."""
    engine = facts.store.engine
    cases = facts.store.table("cases", facts.workspace)
    cases = cases.select(
        _of=ibis.coalesce(cases.customer, cases.identity),
        opened_us=engine.epoch_us(cases.opened_at),
        back_us=engine.epoch_us(ibis.coalesce(cases.first_contact_at, cases.closed_at)),
    )
    cases = cases.filter(cases["_of"].notnull(), cases.back_us < ibis.literal(facts.end_us, "int64"))
    j = t.left_join(cases, t.customer == cases["_of"])
    between = (j.opened_us >= j.first_us) & (j.back_us >= j.first_us) & (j.next_us.isnull() | (j.back_us < j.next_us))
    flagged = j.mutate(back=ibis.ifelse(between.fill_null(False) & j["_of"].notnull(), 1, 0))
    return flagged.group_by("customer").aggregate(
        contacted=flagged.back.max(), before=flagged.before.min(), after=flagged.after.min()
    )


def loop_effect(facts: Facts, question: str, confidence: float = 0.95) -> LoopEffect:
    """Compare the next scores of unhappy customers whom somebody got back to with those of the others.

    Parameters
    ----------
    question
        A key of `QUESTIONS`.
    confidence
        Of Welch's intervals of the effects and Wilson's of the shares.
    """
    found, asked = recontacts_of(facts, question), QUESTIONS[question]
    whole = _band(found, asked, asked.low, asked.unhappy, confidence)
    bands = tuple(_band(found, asked, *ends, confidence) for ends in asked.bands)
    return LoopEffect(question, whole, bands, found.sql)


def _band(found: Recontacts, asked: Asked, low: float, high: float, confidence: float) -> Band:
    inside = (found.before >= low) & (found.before <= high)
    (t0, t1), (c0, c1) = (_scores(found, inside & rows) for rows in (found.contacted, ~found.contacted))
    difference = difference_in_differences(t0, t1, c0, c1, confidence)
    contacted, others = _side(t0, t1, asked, confidence), _side(c0, c1, asked, confidence)
    return Band(low, high, contacted, others, difference)


def _scores(found: Recontacts, rows: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Return first and next score of each customer of some kinds."""
    n = found.customers[rows]
    return np.repeat(found.before[rows], n), np.repeat(found.after[rows], n)


def _side(before: FloatArray, after: FloatArray, asked: Asked, confidence: float) -> Side:
    again = ~np.isnan(after)
    n = int(again.sum())
    if n == 0:
        return Side(before.size, 0, None, None, 0, None, None, None)
    recovered = int((after[again] > asked.unhappy).sum())
    share = wilson(recovered, n, confidence)
    means = float(before[again].mean()), float(after[again].mean())
    return Side(before.size, n, *means, recovered, float(share.value), float(share.low), float(share.high))
