"""Reads of goals and benchmarks, and what the facts say about each goal."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from percorso.accounts.models import Workspace
from percorso.analytics.calendar import zone
from percorso.analytics.goals import Direction, Outlook, met, outlook, progress
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator
from percorso.analytics.query import Grain, Period, Query
from percorso.analytics.result import Cell
from percorso.customers.models import Segment
from percorso.customers.queries import rule_of
from percorso.insights.models import Benchmark, Goal
from percorso.insights.queries import answer

# The figure that a goal is about: that of the last 30 days, on the due day those that end with it.
WINDOW = timedelta(days=30)
# What is due within half a year follows the trend of the last 26 weeks, what is due later that of 18 months.
WEEKS, MONTHS = 26, 18
NEAR = timedelta(weeks=WEEKS)
# They shrink and grow by a share of themselves, and never below nothing.
DURATIONS = ("seconds", "milliseconds", "days")


@dataclass(frozen=True)
class Standing:
    """A goal and what the facts say: the figure of now, the series behind the trend, where it leads.

    `over`: its day has passed; then `met` says how it ended and there is no outlook.
    """

    goal: Goal
    now: Cell
    series: tuple[Cell, ...]
    grain: Grain
    period: Period
    wanted: Direction
    outlook: Outlook
    over: bool
    met: bool | None
    future: tuple[datetime, ...]

    @property
    def progress(self) -> float | None:
        """Share of the way from the baseline to the target; None without a baseline."""
        return progress(self.goal.baseline, self.now.value, self.goal.target)

    @property
    def indicator(self) -> Indicator:
        return INDICATORS[self.goal.indicator]


@dataclass(frozen=True)
class _Plan:
    """The questions that a goal needs; goals with the same ones are asked together."""

    period: Period
    grain: Grain
    steps: Period
    over: bool


def goals(workspace: Workspace, indicator: str | None = None) -> QuerySet[Goal]:
    """Return the goals of indicators that still exist, the next due first."""
    known = [indicator] if indicator else list(INDICATORS)
    return workspace.goals.filter(indicator__in=known).select_related("segment", "owner")


def benchmarks(workspace: Workspace, indicator: str | None = None) -> QuerySet[Benchmark]:
    """Return the benchmarks of indicators that still exist."""
    known = [indicator] if indicator else list(INDICATORS)
    return workspace.benchmarks.filter(indicator__in=known)


def can_have_goal(indicator: Indicator) -> bool:
    """Whether an indicator is one figure: those that are only shown by group cannot have one target."""
    return not indicator.always_by


def today(workspace: Workspace) -> date:
    """Return today in the workspace's time zone."""
    return datetime.now(UTC).astimezone(zone(workspace.time_zone)).date()


def figure_now(workspace: Workspace, key: str, segment: Segment | None = None, end: date | None = None) -> Cell:
    """Return the figure of the last 30 whole days, or of those before `end`."""
    return _asked(workspace, (key,), {}, segment, _window(workspace, end or today(workspace)))[key]


def figures_now(workspace: Workspace, keys: tuple[str, ...], segment: Segment | None = None) -> dict[str, Cell]:
    """Return the figures of the last 30 whole days, asked in one question."""
    return _asked(workspace, keys, {}, segment, _window(workspace, today(workspace))) if keys else {}


def standings(workspace: Workspace, chosen: Iterable[Goal]) -> list[Standing]:
    """Return what the facts say about goals; those that share segment, options and days are asked in one question."""
    together: dict[tuple[Any, ...], list[Goal]] = {}
    day = today(workspace)
    for goal in chosen:
        key = (json.dumps(goal.options, sort_keys=True), goal.segment_id, _plan(workspace, goal, day))
        together.setdefault(key, []).append(goal)
    found = {}
    for (_, _, plan), mine in together.items():
        keys = tuple(dict.fromkeys(goal.indicator for goal in mine))
        options, segment = mine[0].options, mine[0].segment
        now = _asked(workspace, keys, options, segment, plan.period)
        series = _series(workspace, keys, options, segment, plan)
        for goal in mine:
            found[goal.pk] = _standing(workspace, goal, plan, now[goal.indicator], series[goal.indicator])
    return sorted(found.values(), key=lambda standing: (standing.over, standing.goal.due, standing.goal.pk))


def standing(workspace: Workspace, goal: Goal) -> Standing:
    """Return what the facts say about one goal."""
    return standings(workspace, [goal])[0]


def _plan(workspace: Workspace, goal: Goal, day: date) -> _Plan:
    over = goal.due < day
    end = goal.due + timedelta(days=1) if over else day
    if goal.due - day <= NEAR:
        monday = end - timedelta(days=end.weekday())
        steps = Period(monday - timedelta(weeks=WEEKS), monday, workspace.time_zone)
        return _Plan(_window(workspace, end), "week", steps, over)
    first = end.replace(day=1)
    months = first.year * 12 + first.month - 1 - MONTHS
    steps = Period(date(months // 12, months % 12 + 1, 1), first, workspace.time_zone)
    return _Plan(_window(workspace, end), "month", steps, over)


def _window(workspace: Workspace, end: date) -> Period:
    return Period(end - WINDOW, end, workspace.time_zone)


def _asked(
    workspace: Workspace, keys: tuple[str, ...], options: dict[str, Any], segment: Segment | None, period: Period
) -> dict[str, Cell]:
    result = answer(_query(workspace, keys, options, segment, period, None))
    return {key: result.of(key)[0] for key in keys}


def _series(
    workspace: Workspace, keys: tuple[str, ...], options: dict[str, Any], segment: Segment | None, plan: _Plan
) -> dict[str, list[Cell]]:
    result = answer(_query(workspace, keys, options, segment, plan.steps, plan.grain))
    return {key: result.of(key) for key in keys}


def _query(
    workspace: Workspace,
    keys: tuple[str, ...],
    options: dict[str, Any],
    segment: Segment | None,
    period: Period,
    grain: Grain | None,
) -> Query:
    return Query(
        keys, workspace.slug, period=period, grain=grain, options=options, within=rule_of(segment),
        schedule=workspace.schedule, tz=workspace.time_zone,
    )  # fmt: skip


def _standing(workspace: Workspace, goal: Goal, plan: _Plan, now: Cell, series: Sequence[Cell]) -> Standing:
    indicator = INDICATORS[goal.indicator]
    wanted = direction(goal, indicator)
    future = () if plan.over else _future(plan, goal.due, workspace.time_zone)
    starts = [cell.start for cell in series if cell.start is not None]
    middle = _middle(plan.grain, indicator)
    due = datetime.combine(goal.due, time(12), zone(workspace.time_zone))
    found = outlook(
        [_day(at) + middle for at in starts],
        [cell.value for cell in series],
        [cell.low for cell in series],
        [cell.high for cell in series],
        due=_day(due) + (0.5 if _is_state(indicator) else 0.5 - WINDOW.days / 2),
        target=goal.target,
        wanted=wanted,
        share_of_step=7 / WINDOW.days if plan.grain == "week" and not _is_state(indicator) else 1.0,
        shown=[_day(at) + middle for at in (*starts, *future)],
        by_ratio=indicator.unit in DURATIONS,
    )
    return Standing(
        goal=goal,
        now=now,
        series=tuple(series),
        grain=plan.grain,
        period=plan.steps,
        wanted=wanted,
        outlook=Outlook("too_few", 0) if plan.over else found,
        over=plan.over,
        met=None if now.value is None or not plan.over else met(now.value, goal.target, wanted),
        future=future,
    )


def direction(goal: Goal, indicator: Indicator) -> Direction:
    """Return which direction meets a goal: the indicator's own; without one, that from the baseline to the target."""
    if indicator.better is not None:
        return indicator.better
    return "lower" if goal.baseline is not None and goal.target < goal.baseline else "higher"


def _is_state(indicator: Indicator) -> bool:
    return indicator.cumulative or indicator.snapshot


def _middle(grain: Grain, indicator: Indicator) -> float:
    """Return how many days after its start a step's figure stands: in the middle, a state's at the end."""
    length = 7.0 if grain == "week" else 30.4
    return length if _is_state(indicator) else length / 2


def _day(at: datetime) -> float:
    return at.timestamp() / 86400


def _future(plan: _Plan, due: date, tz: str) -> tuple[datetime, ...]:
    """Return the starts of the steps from the end of the series to the due day."""
    day, found = plan.steps.end, []
    while day <= due:
        found.append(datetime.combine(day, time(0), zone(tz)))
        day = day + timedelta(weeks=1) if plan.grain == "week" else (day + timedelta(days=32)).replace(day=1)
    return tuple(found)
