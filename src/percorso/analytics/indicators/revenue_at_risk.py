from typing import Any

import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.money import in_one_currency
from percorso.analytics.methods.price_periods import PricePeriods
from percorso.analytics.methods.recurring import Recurring, coded, paid_at
from percorso.analytics.statistics.intervals import z_value
from percorso.i18n import mark


class RevenueAtRisk(Recurring):
    label = mark("Revenue at risk")
    about = mark("How much recurring revenue may leave?")
    formula = mark("sum over customers of what they pay a month × the probability that they leave")
    unit = "money"
    better = "lower"
    method = "expected sum"
    time = mark("state just before the end of the period; probabilities as they are now")
    interval = mark("normal, customers leaving independently of each other; inside of 0 and the revenue")
    test = mark("none: the probabilities are of a model; watch the figure over time")
    minimum_n = 1
    materiality = 0.05
    relative_materiality = True
    range = (0.0, None)
    nature = "leading"
    options = {
        "trait": Option(mark("the trait of customers that holds the probability, 0 to 1"), default="churn_probability"),
        "threshold": Option(mark("from this probability on the whole revenue of a customer is at risk"), default=0.5),
    }
    exclusions = (mark("Customers whose probability nobody has told; they are counted beside."),)
    traps = (
        mark(
            "It means nothing with probabilities that are not calibrated: of those with 20 %, one in five must leave."
        ),
        mark("Probabilities are those of today, also for periods that are over."),
        *Recurring.traps,
    )
    literature = ("Niculescu-Mizil, Caruana (2005) Predicting good probabilities with supervised learning, ICML",)

    def rows(self, ask: Ask) -> ir.Table:
        t = super().rows(ask)
        customers = ask.table("customers")
        told = ask.engine.json_text(customers.traits, str(ask.options["trait"])).try_cast("float64")
        people = customers.select(_risk_of=customers.id, told=told)
        return t.left_join(people, t.customer == people._risk_of).drop("_risk_of")

    def numbers(self, t: ir.Table, ask: Ask) -> dict[str, ir.Value]:
        return {**super().numbers(t, ask), "told": t.told}

    def counted(self, p: PricePeriods, start_us: int, end_us: int, ask: Ask) -> dict[str, Any]:
        last, told = paid_at(p, end_us, ask), p.numbers["told"]
        chance = p.most(np.where((told >= 0) & (told <= 1), told, np.nan))
        paid, pays, known = last.amount, last.amount > 0, ~np.isnan(chance)
        chance = np.where(known, chance, 0.0)
        mrr, untold = np.where(pays & known, paid, 0.0), pays & ~known
        return {
            "n": pays & known,
            "value": mrr * chance,
            "hard": np.where(chance >= float(ask.options["threshold"]), mrr, 0.0),
            "mrr": mrr,
            "variance": mrr * mrr * chance * (1 - chance),
            "untold": untold,
            "untold_mrr": np.where(untold, paid, 0.0),
            **coded(last, pays),
        }

    def figures(self, p: Parts, ask: Ask) -> Figures:
        there = p["n"] > 0
        value, mrr, hard = (np.where(there, p[name], np.nan) for name in ("value", "mrr", "hard"))
        half = z_value(ask.confidence) * np.sqrt(np.maximum(p["variance"], 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(mrr > 0, value / mrr, np.nan)
        details = {"hard": hard, "mrr": mrr, "untold_mrr": p["untold_mrr"], "share": share}
        details["untold"] = p["untold"].astype(np.int64)
        status = {int(i): "incomplete" for i in np.flatnonzero(there & (p["untold"] > 0))}
        status |= {int(i): "no_probabilities" for i in np.flatnonzero(~there & (p["untold"] > 0))}
        low, high = np.maximum(value - half, 0), np.minimum(value + half, mrr)
        made = Figures(value, low, high, p["n"], details, status)
        return in_one_currency(made, p, ("hard", "mrr", "untold_mrr"), ("low", "high"))
