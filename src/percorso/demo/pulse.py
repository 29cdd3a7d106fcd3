"""A short survey inside the account, now and then: three pillars, six pillars, items that employees answer too, and
what people expected beside what they got."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from percorso.demo import company, scores
from percorso.demo.arrays import Floats, Ints, constant, ids, instants, pick
from percorso.demo.customers import Customers
from percorso.demo.lifetimes import Lifetimes
from percorso.demo.truth import DISPOSITION_LOADING, SERVICE_SHARED, Truth
from percorso.demo.world import Block

SURVEY = "pulse"


@dataclass(frozen=True)
class Item:
    """A question: what it measures, its scale, the shares of its scores, and how far the feeling lies from the usual."""

    metric: str
    aspect: str
    shares: tuple[float, ...]
    shift: float
    later: float  # added from the day of the new account on

    @property
    def question(self) -> str:
        """Its name; employees answer the ones of `experience` by the same names."""
        return f"{self.metric}_{self.aspect}"


def items(truth: Truth) -> list[Item]:
    """Return the questions in their order."""
    ease = {"effort": truth.account_ease_shift}
    return [
        *(Item("see", name, scores.CES_SHARES, shift, ease.get(name, 0.0)) for name, shift in truth.see_shifts.items()),
        *(Item("six_pillars", name, scores.TEN_SHARES, shift, 0.0) for name, shift in truth.pillar_shifts.items()),
        *(Item("experience", name, scores.FIVE_SHARES, shift, 0.0) for name, shift in truth.perceived_shifts.items()),
        *(Item("servqual_expected", name, scores.CES_SHARES, 0.0, 0.0) for name in truth.servqual_shifts),
        *(
            Item("servqual_perceived", name, scores.CES_SHARES, shift, 0.0)
            for name, shift in truth.servqual_shifts.items()
        ),
    ]


def pulse_answers(block: Block, customers: Customers, life: Lifetimes) -> pa.Table:
    """Rows of `answers`: each customer who is asked answers once, at any time of the two years."""
    rng, world, n = block.rng("pulse"), block.world, len(customers)
    at = rng.integers(world.start, world.end, n)
    chosen = (rng.random(n) < world.truth.pulse_share) & life.active(np.arange(n), at)
    who = np.flatnonzero(chosen)
    mood = DISPOSITION_LOADING * customers.disposition[who] + SERVICE_SHARED * rng.standard_normal(len(who))
    country = customers.country[who]
    later = at[who] >= world.begins(world.truth.account_days_before)[country]
    tables = [
        _answers(block, customers, rng, item, number, who, at[who] + number, mood + item.later * later)
        for number, item in enumerate(items(world.truth))
    ]
    return pa.concat_tables(tables)


def _answers(
    block: Block,
    customers: Customers,
    rng: np.random.Generator,
    item: Item,
    number: int,
    who: Ints,
    at: Ints,
    mood: Floats,
) -> pa.Table:
    n, world = len(who), block.world
    rest = np.sqrt(1 - DISPOSITION_LOADING**2 - SERVICE_SHARED**2)
    score = scores.score(mood + item.shift + rest * rng.standard_normal(n), item.shares, 1)
    # The two sides of a pair carry one question.
    question = f"servqual_{item.aspect}" if item.metric.startswith("servqual") else item.question
    return pa.table(
        {
            "id": ids(block.prefix(f"AP{number}-"), who),
            "customer": customers.ids.take(who),
            "at": instants(np.minimum(at, world.end - 1), world.end),
            "channel": constant("web", n),
            "touchpoint": constant("account", n),
            "survey": constant(SURVEY, n),
            "question": constant(question, n),
            "metric": constant(item.metric, n),
            "aspect": constant(item.aspect, n),
            "score": pa.array(score.astype(np.float64)),
            "scale_min": pa.array(np.ones(n)),
            "scale_max": pa.array(np.full(n, float(len(item.shares)))),
            "polarity": constant("higher", n),
            "language": pick(company.LANGUAGES, customers.language[who]),
            "population": constant("customer", n),
        }
    )
