"""Reads of collection plans, and what the facts say about each of their items."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from percorso.accounts.models import Workspace
from percorso.analytics import collection
from percorso.analytics.collection import Collecting, Experience, Reach, Who
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator
from percorso.analytics.query import Period, Query
from percorso.analytics.result import Cell
from percorso.analytics.sampling import Arrival, Group, Weighted, arrival, silent, spread_of, weighted
from percorso.analytics.statistics.power import Kind, SampleSize, sample_size
from percorso.base.owner import store
from percorso.customers.queries import rule_of
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.goals.queries import today
from percorso.insights.models import Plan, PlanItem
from percorso.insights.queries import answer, remembered

# The pace of the last four weeks says when the rest will be there.
RECENT = timedelta(days=28)
# Columns of a customer by whose groups figures can be weighted.
COLUMNS = ("segment", "country", "plan", "language", "region")
METHODS = ("net share", "proportion", "mean")


@dataclass(frozen=True)
class Progress:
    """An item of a plan and what the facts say of it.

    `needed` is None when `reason` says why it cannot be told. `state`: waiting (not begun), done, on_time, late, short
    (over without enough).
    """

    item: PlanItem
    cell: Cell
    reach: Reach
    population: int
    needed: SampleSize | None
    reason: BadQuestion | None
    arrival: Arrival | None
    state: str

    @property
    def indicator(self) -> Indicator:
        return INDICATORS[self.item.indicator]


@dataclass(frozen=True)
class Groups:
    """The groups of an item by columns of the customer: each one's reach and figure, who is silent, the weighted figure."""

    columns: tuple[str, ...]
    groups: tuple[Group, ...]
    silent: tuple[Group, ...]
    weighted: Weighted


def plans(workspace: Workspace) -> QuerySet[Plan]:
    """Return the plans, the newest first, with their items."""
    return workspace.plans.prefetch_related("items__segment")


def items(plan: Plan) -> list[PlanItem]:
    """Return the items of a plan whose indicator still exists."""
    return [item for item in plan.items.select_related("segment") if item.indicator in INDICATORS]


def plannable(indicator: Indicator) -> bool:
    """Whether a number of answers can be planned for an indicator: a share, net share or mean of customers' answers."""
    asked = indicator.table == "answers" and indicator.family in ("surveys", "research")
    return (
        asked
        and indicator.method in METHODS
        and not indicator.always_by
        and getattr(indicator, "population", "") != "employee"
    )


def experiences(workspace: Workspace) -> tuple[list[str], list[str]]:
    """Return the touchpoints and surveys that the facts know."""
    touchpoints, surveys = remembered(workspace, "experiences", lambda facts: collection.values(facts, workspace.slug))
    return touchpoints, surveys


def progress(workspace: Workspace, plan: Plan, item: PlanItem) -> Progress:
    """Return how far an item of a plan is."""
    cell = _figure(workspace, plan, item)
    whole = (*_reach(workspace, _collecting(workspace, plan, item)), Reach((), 0, 0, 0, 0))[0]
    population = item.population or whole.people
    needed, reason = _needed(plan, item, cell, population)
    coming = None if needed is None else _arrival(workspace, plan, item, needed.n, cell.n or 0)
    return Progress(item, cell, whole, population, needed, reason, coming, _state(workspace, plan, coming))


def groups(workspace: Workspace, plan: Plan, item: PlanItem, columns: tuple[str, ...], cell: Cell) -> Groups:
    """Return the groups of an item, and its figure weighted to their sizes."""
    reached = _reach(workspace, _collecting(workspace, plan, item), columns)
    by = tuple(f"customer.{column}" for column in columns)
    figures = {tuple(c.by[name] for name in by): c for c in answer(_query(workspace, plan, item, by)).rows}
    keys = list(dict.fromkeys([*(r.key for r in reached), *(k for k, c in figures.items() if c.n)]))
    reaches = {r.key: r for r in reached}
    made = tuple(_group(key, reaches.get(key), figures.get(key)) for key in keys)
    raw = (cell.value, cell.low, cell.high)
    return Groups(columns, made, tuple(silent(made)), weighted(made, columns, raw))


def not_heard(workspace: Workspace, plan: Plan, item: PlanItem, who: Who, limit: int, after: str) -> list[Any]:
    """Return customers who were not asked, or did not answer, by id."""
    return collection.listed(_collecting(workspace, plan, item), who, limit, after)


def usual_column(workspace: Workspace) -> str | None:
    """Return the first column of the customer that tells groups apart; None when none does."""
    question = Collecting(store(), workspace.slug, Experience(), Period(date(2000, 1, 1), date(2000, 1, 2)))
    for column in COLUMNS:
        if len(_reach(workspace, question, (column,))) > 1:
            return column
    return None


def kind_of(indicator: Indicator) -> Kind:
    """Return what kind of figure the calculator takes an indicator for."""
    return {"net share": "nps", "proportion": "proportion"}.get(indicator.method, "mean")  # type: ignore[return-value]


def worst_spread(indicator: Indicator) -> float | None:
    """Return the largest standard deviation that answers can have: half of them at each end of the scale."""
    low, high = indicator.range
    return None if low is None or high is None else (high - low) / 2


def _needed(plan: Plan, item: PlanItem, cell: Cell, population: int) -> tuple[SampleSize | None, BadQuestion | None]:
    indicator = INDICATORS[item.indicator]
    kind = kind_of(indicator)
    given: dict[str, Any] = {}
    if kind == "proportion" and item.expected is not None:
        given["share"] = item.expected
    if kind == "mean":
        given["sd"] = item.expected or spread_of(cell.low, cell.high, cell.n) or worst_spread(indicator)
    try:
        margin = item.precision / 100 if kind == "nps" else item.precision
        found = sample_size(
            kind, margin, population=population or None, response_rate=plan.response_rate,
            confidence=item.confidence, **given,
        )  # fmt: skip
    except BadQuestion as error:
        return None, error
    if population == 0:
        return None, BadQuestion(mark("There is no customer in this segment."))
    return found, None


def _arrival(workspace: Workspace, plan: Plan, item: PlanItem, needed: int, answered: int) -> Arrival | None:
    """Return when the answers will be there; None for a plan that has not begun."""
    day = today(workspace)
    if plan.starts >= day:
        return None
    end = min(day, plan.ends + timedelta(days=1))
    start = max(plan.starts, end - RECENT)
    recent = answer(_query(workspace, plan, item, (), Period(start, end, workspace.time_zone))).rows[0].n or 0
    return arrival(needed, answered, recent, (end - start).days, day)


def _state(workspace: Workspace, plan: Plan, coming: Arrival | None) -> str:
    if coming is None:
        return "waiting"
    if coming.done:
        return "done"
    if plan.ends < today(workspace):
        return "short"
    return "on_time" if coming.expected is not None and coming.expected <= plan.ends else "late"


def _reach(workspace: Workspace, question: Collecting, by: tuple[str, ...] = ()) -> tuple[Reach, ...]:
    what = (question.experience, question.period, question.rule, by)
    return remembered(workspace, f"reach {what!r}", lambda facts: tuple(collection.reach(question, by)))


def _period(workspace: Workspace, plan: Plan) -> Period:
    return Period(plan.starts, plan.ends + timedelta(days=1), workspace.time_zone)


def _collecting(workspace: Workspace, plan: Plan, item: PlanItem) -> Collecting:
    return Collecting(
        store(), workspace.slug, Experience(item.touchpoint, item.survey), _period(workspace, plan),
        rule_of(item.segment), workspace.schedule,
    )  # fmt: skip


def _figure(workspace: Workspace, plan: Plan, item: PlanItem) -> Cell:
    return answer(_query(workspace, plan, item, ())).rows[0]


def _query(workspace: Workspace, plan: Plan, item: PlanItem, by: Sequence[str], period: Period | None = None) -> Query:
    return Query(
        (item.indicator,), workspace.slug, period=period or _period(workspace, plan), by=tuple(by),
        segment=Experience(item.touchpoint, item.survey).segment, within=rule_of(item.segment),
        confidence=item.confidence, schedule=workspace.schedule, tz=workspace.time_zone,
    )  # fmt: skip


def _group(key: tuple[str | None, ...], reached: Reach | None, cell: Cell | None) -> Group:
    people, asked, both = (reached.people, reached.asked, reached.asked_and_responded) if reached else (0, 0, 0)
    if cell is None:
        return Group(key, people, asked, both, 0, None, None, None)
    return Group(key, people, asked, both, cell.n or 0, cell.value, cell.low, cell.high)
