"""What is asked of the facts about customers' value: groups, curves and forecasts, kept as figures are."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cached_property
from threading import RLock
from typing import Any

import ibis.expr.types as ir

from percorso.accounts.models import Workspace
from percorso.analytics.calendar import zone
from percorso.analytics.lifetime import facts, orders
from percorso.analytics.lifetime.facts import Scored
from percorso.analytics.lifetime.forecast import Forecast, forecast_of
from percorso.analytics.lifetime.groups import customers_of, customers_with, values_of
from percorso.analytics.lifetime.loop import LoopEffect, loop_effect
from percorso.analytics.lifetime.summary import (
    Cohorts,
    Curve,
    RfmSummary,
    cohort_summary,
    curve,
    curves,
    rfm_summary,
)
from percorso.analytics.segments import AllOf, AnyOf, Rule, Trait, parse, to_json
from percorso.analytics.store import Store
from percorso.base.models import Job
from percorso.base.owner import store as open_store
from percorso.customers.queries import rule_of
from percorso.insights.forms import Choice
from percorso.insights.queries import remembered

# With more buyers than this a forecast is made by a job.
MANY = 200_000
COUNTRY = "customer.country"
JOB = "forecast_value"
# Each takes much of the machine: one after the other, however many ask.
_one = RLock()


@dataclass(frozen=True)
class Terms:
    """What a forecast supposes: the months to look ahead, the share that is left, and the monthly discount."""

    months: int = 12
    margin: float = 1.0
    monthly_discount: float = 0.01


@dataclass(frozen=True)
class Whose:
    """Whose facts: the customers of a rule (None: all), the currency of their orders, and until when (not inside)."""

    workspace: Workspace
    rule: Rule | None
    currency: str | None
    as_of: datetime

    @property
    def question(self) -> str:
        """What tells it from others within the workspace."""
        return f"{self.rule!r} in {self.currency} until {self.as_of.isoformat()} {self.workspace.time_zone}"

    def facts(self, store: Store) -> orders.Facts:
        """Return what the lifetime analyses take."""
        return orders.Facts(store, *self.asked, self.segment(store), self.currency)

    def segment(self, store: Store) -> ir.Table | None:
        """Return the customers of the rule."""
        return customers_of(store, self.workspace.slug, self.as_of, self.rule, self.workspace.schedule)

    @property
    def asked(self) -> tuple[str, datetime, str]:
        """The workspace, the instant and the time zone, as the lifetime analyses take them."""
        return self.workspace.slug, self.as_of, self.workspace.time_zone

    def answer(self, what: str, make: Callable[[Store], Any]) -> Any:
        """Return what `make` makes of the facts, kept until they change."""

        def made(store: Store) -> tuple[Any, ...]:
            with _one:
                return (make(store),)

        return remembered(self.workspace, f"{what} of {self.question}", made)[0]

    @cached_property
    def currencies(self) -> list[str]:
        """The currencies of these customers' orders, the most used first."""
        anything = Whose(self.workspace, self.rule, None, self.as_of)
        found: list[str] = anything.answer("currencies", lambda store: orders.currencies(anything.facts(store)))
        return found

    def in_currency(self, wanted: str) -> "Whose":
        """Return the same in a currency, if there is such; of several in the one used most."""
        known = self.currencies
        chosen = wanted if wanted in known else known[0] if len(known) > 1 else None
        return Whose(self.workspace, self.rule, chosen, self.as_of)


def whose(workspace: Workspace, choice: Choice, currency: str = "") -> Whose:
    """Return whose facts a page is about; what is known is what was before the day that is not over."""
    rules = [r for r in (rule_of(choice.within), _in_countries(choice.segment.get(COUNTRY, ()))) if r is not None]
    rule = rules[0] if len(rules) == 1 else AllOf(tuple(rules)) if rules else None
    return Whose(workspace, rule, None, today(workspace)).in_currency(currency)


def today(workspace: Workspace) -> datetime:
    """Return the first instant of the day that is not over, in the workspace's time zone."""
    here = zone(workspace.time_zone)
    return datetime.combine(datetime.now(here).date(), time(), here).astimezone(UTC)


def _in_countries(values: tuple[str | None, ...]) -> Rule | None:
    told = tuple(v for v in values if v is not None)
    rules = [
        *([Trait("country", "is", told)] if told else []),
        *([Trait("country", "empty")] if None in values else []),
    ]
    return AnyOf(tuple(rules)) if rules else None


def scored(whose: Whose) -> Scored:
    """Return the RFM scores of each customer; never kept, as they tell about people."""
    store = open_store()
    return facts.rfm_of(store, *whose.asked, whose.segment(store), whose.currency)


def rfm(whose: Whose) -> RfmSummary:
    """Return what each RFM segment is like."""

    def make(store: Store) -> RfmSummary:
        return rfm_summary(facts.rfm_of(store, *whose.asked, whose.segment(store), whose.currency))

    found: RfmSummary = whose.answer("rfm", make)
    return found


DURATIONS = {"subscriptions": facts.subscription_durations, "purchases": facts.repeat_durations}


def staying(whose: Whose, of: str, by: str = "") -> tuple[Curve, tuple[Curve, ...]]:
    """Return how long all stay (subscriptions) or until they buy again (purchases), and the same of each group."""

    def make(store: Store) -> tuple[Curve, tuple[Curve, ...]]:
        ask, happened = DURATIONS[of], of == "purchases"
        everybody, known = ask(store, *whose.asked, whose.segment(store)), whose.facts(store)
        # Renewals of a subscription are orders: by its plan only staying tells something.
        values = values_of(known, by) if by and (by, of) != ("plan", "purchases") else []
        groups = [(value, ask(store, *whose.asked, customers_with(known, by, value))) for value in values]
        told = [(value, found) for value, found in groups if found.n]
        whole = curve(everybody, happened=happened)
        return whole, curves(told, happened=happened, step=whole.step)

    found: tuple[Curve, tuple[Curve, ...]] = whose.answer(f"staying by {of} and {by}", make)
    return found


def cohorts(whose: Whose, margin: float) -> Cohorts:
    """Return what the customers acquired in each month have brought."""

    def make(store: Store) -> Cohorts:
        segment = whose.segment(store)
        return cohort_summary(facts.cohort_values_of(store, *whose.asked, segment, whose.currency, margin))

    found: Cohorts = whose.answer(f"cohorts at {margin}", make)
    return found


def loop(whose: Whose, question: str) -> LoopEffect:
    """Return what getting back to unhappy customers changed in their next answer to a question."""
    found: LoopEffect = whose.answer(
        f"closed loop by {question}", lambda store: loop_effect(whose.facts(store), question)
    )
    return found


def tally(whose: Whose) -> orders.Tally:
    """Return how many buyers and orders there are."""
    found: orders.Tally = whose.answer("tally", lambda store: orders.tally(whose.facts(store)))
    return found


def forecast(whose: Whose, terms: Terms) -> Forecast:
    """Return what buyers will still buy, however long it takes."""
    job = job_of(whose, terms) if tally(whose).customers > MANY else None
    if job is not None and job.state == Job.State.DONE:
        return Forecast.of_json(job.result)
    found: Forecast = whose.answer(f"forecast with {terms}", lambda store: _forecast(store, whose, terms))
    return found


def forecast_now(whose: Whose, terms: Terms) -> Forecast | None:
    """Return what buyers will still buy; None when there are so many that a job has to find out first."""
    if tally(whose).customers <= MANY:
        return forecast(whose, terms)
    job = job_of(whose, terms)
    return Forecast.of_json(job.result) if job is not None and job.state == Job.State.DONE else None


def _forecast(
    store: Store, whose: Whose, terms: Terms, progress: Callable[[float], None] = lambda share: None
) -> Forecast:
    segment = whose.segment(store)
    return forecast_of(store, *whose.asked, segment, whose.currency, **vars(terms), progress=progress)


def job_of(whose: Whose, terms: Terms) -> Job | None:
    """Return the job that makes a forecast, if there is one."""
    return Job.objects.filter(key=key_of(whose, terms)).first()


def key_of(whose: Whose, terms: Terms) -> str:
    """Return the key of the job of a forecast: other orders are another job."""
    told = f"{whose.question} {terms!r} {tally(whose)!r}"
    return f"{JOB}:{whose.workspace.slug}:{hashlib.sha256(told.encode()).hexdigest()}"


def arguments_of(whose: Whose, terms: Terms) -> dict[str, Any]:
    """Return what the job needs to know, as JSON."""
    rule = None if whose.rule is None else to_json(whose.rule)
    return {"rule": rule, "currency": whose.currency, "as_of": whose.as_of.isoformat(), "terms": vars(terms)}


def carried_out(workspace: Workspace, told: Mapping[str, Any], progress: Callable[[float], None]) -> Forecast:
    """Make the forecast that `arguments_of` describes; `progress` is told how much is done, 0 to 1."""
    rule = None if told["rule"] is None else parse(told["rule"])
    about = Whose(workspace, rule, told["currency"], datetime.fromisoformat(told["as_of"]))
    return _forecast(open_store(), about, Terms(**told["terms"]), progress)
