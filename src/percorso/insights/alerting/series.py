"""From the facts to the series of a watch: one question for all of its indicators."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

import numpy as np

from percorso.accounts.models import Workspace
from percorso.analytics.calendar import zone
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator
from percorso.analytics.query import Grain, Period, Query
from percorso.analytics.result import Cell
from percorso.customers.models import Segment
from percorso.customers.queries import rule_of
from percorso.insights.alerts import ALERTS, Aim, Series, fitting_grain, series_of, with_shares
from percorso.insights.cards import of_overview
from percorso.insights.models import Goal, Watch
from percorso.insights.queries import answer
from percorso.sources.models import Import

GRAINS: tuple[Grain, ...] = ("day", "week", "month")
# A year to look at, and before it what the baselines need: half a year, of months more than two years.
HISTORY = {"day": timedelta(days=547), "week": timedelta(days=547), "month": timedelta(days=1218)}
LEAST_USUAL = 10
# Key among the settings of a watch: the column whose parts make the mix.
BY = "by"
USUAL_BY = "channel"
# Is told how many of how many indicators are done; what it raises ends the work.
Tell = Callable[[int, int], None]
T = TypeVar("T")
# So many deliveries are needed to know how long the pauses between them are.
DELIVERIES = 4


@dataclass(frozen=True, eq=False)
class Watched:
    """One series, the cells that it was made of and the days that were asked for.

    `subject` tells it from another series of the same watch and indicator: the id of its goal.
    """

    series: Series
    cells: tuple[Cell, ...]
    period: Period
    segment: Segment | None = None
    subject: str = ""

    @property
    def indicator(self) -> Indicator:
        return INDICATORS[self.series.indicator]

    @property
    def currency(self) -> str | None:
        """The currency of its figures; None for those that are no money."""
        return next((cell.currency for cell in self.cells if cell.currency), None)


def can_be_watched(indicator: Indicator) -> bool:
    """Whether an indicator is one figure a day: those that are only shown by group cannot be watched as one."""
    return not indicator.always_by


def usual_keys(workspace: Workspace, alert: str) -> tuple[str, ...]:
    """Return what a watch looks at that names no indicators: those of the overview; customers lost for churn."""
    if alert == "churn":
        return ("churn_rate",)
    if alert == "goal":
        return tuple(
            key for key in dict.fromkeys(goal.indicator for goal in workspace.goals.all()) if key in INDICATORS
        )
    return tuple(key for key in of_overview(workspace.chosen_indicators) if can_be_watched(INDICATORS[key]))


def keys_of(watch: Watch) -> tuple[str, ...]:
    """Return the indicators of a watch that still exist; of a mix those that have its column."""
    keys = tuple(key for key in watch.indicators if key in INDICATORS and can_be_watched(INDICATORS[key]))
    keys = keys or usual_keys(watch.workspace, watch.alert)
    if ALERTS[watch.alert].needs == "shares":
        return tuple(key for key in keys if by_of(watch) in INDICATORS[key].segments)
    return keys


def by_of(watch: Watch) -> str:
    """Return the column whose parts make the mix."""
    return str(watch.config.get(BY) or USUAL_BY)


def silently(done: int, of: int) -> None:
    """Tell nobody."""


def watched(watch: Watch, end: date, tell: Tell = silently) -> list[Watched]:
    """Return the series of a watch as they are known at the first instant of the local day `end`.

    Each is as fine as the watch asks for, coarser when its buckets would hold too few facts. Only whole buckets count.

    Raises
    ------
    BadQuestion : its segment names what is gone.
    """
    keys = keys_of(watch)
    if not keys:
        return []
    if ALERTS[watch.alert].needs == "goal":
        return _of_goals(watch, keys, end, tell)
    shares = ALERTS[watch.alert].needs == "shares"
    first = (lambda _, of: tell(0, of)) if shares else tell
    found = _series(watch.workspace, keys, watch.segment, {}, watch.grain, end, first)
    if shares:
        found = [_with_parts(one, watch, end) for one in _telling(found, tell)]
    if watch.alert == "silence":
        found = [
            replace(one, series=replace(one.series, received_at=deliveries(watch.workspace, one))) for one in found
        ]
    return found


def _series(
    workspace: Workspace,
    keys: tuple[str, ...],
    segment: Segment | None,
    options: dict[str, Any],
    finest: str,
    end: date,
    tell: Tell = silently,
) -> list[Watched]:
    """Return the series of some indicators, each with its own grain: first by the finest, then those that need coarser ones.

    States (churn, MRR) are one whole count a bucket, so they are looked at by week.
    """
    found: dict[str, Watched] = {}
    wanted = {key: _coarser(finest, _finest(INDICATORS[key])) for key in keys}
    for grain in GRAINS:
        for mine in _together(key for key in keys if wanted[key] == grain):
            tell(sum(one.series.grain == wanted[key] for key, one in found.items()), len(keys))
            for one in _asked(workspace, mine, segment, options, grain, end):
                key = one.series.indicator
                found[key], wanted[key] = one, _coarser(grain, _fitting(one.series))
    return [found[key] for key in keys]


def _together(keys: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the indicators that are asked in one pass over a fact table."""
    tables: dict[str, list[str]] = {}
    for key in keys:
        tables.setdefault(INDICATORS[key].table, []).append(key)
    return [tuple(mine) for mine in tables.values()]


def _telling(of: Sequence[T], tell: Tell) -> Iterator[T]:
    for done, one in enumerate(of):
        tell(done, len(of))
        yield one


def _finest(indicator: Indicator) -> Grain:
    """Return how often an indicator is looked at: states (MRR) by week, what compares two states (NRR) by month.

    Each of their buckets is a whole count of all customers.
    """
    if not indicator.snapshot:
        return "day"
    return "month" if indicator.method == "ratio" else "week"


def _fitting(series: Series) -> Grain:
    """Return the finest grain at which an ordinary bucket has enough facts, for a series of any grain."""
    if series.grain == "day":
        return fitting_grain(series)
    usual = float(np.median(series.n)) if len(series) else 0.0
    return series.grain if usual >= LEAST_USUAL else "month"


def _coarser(one: str, other: str) -> Grain:
    return GRAINS[max(GRAINS.index(one) if one in GRAINS else 0, GRAINS.index(other))]  # type: ignore[arg-type]


def _asked(
    workspace: Workspace,
    keys: tuple[str, ...],
    segment: Segment | None,
    options: dict[str, Any],
    grain: Grain,
    end: date,
) -> list[Watched]:
    period = whole_buckets(grain, end, workspace.time_zone)
    result = answer(_query(workspace, keys, period, end, segment=segment, options=options, grain=grain))
    name = segment.name if segment else ""
    return [
        Watched(
            series_of(INDICATORS[key], result, grain, workspace.time_zone, name), tuple(result.of(key)), period, segment
        )
        for key in keys
    ]


def whole_buckets(grain: Grain, end: date, tz: str) -> Period:
    """Return the whole buckets that are over before `end`, with the history that alerts need."""
    start = end - HISTORY[grain]
    if grain == "week":
        start, end = start - timedelta(days=start.weekday()), end - timedelta(days=end.weekday())
    if grain == "month":
        start, end = start.replace(day=1), end.replace(day=1)
    return Period(start, end, tz)


def _query(
    workspace: Workspace, keys: tuple[str, ...], period: Period, end: date, *, segment: Segment | None,
    options: dict[str, Any] | None = None, grain: Grain | None = None, by: tuple[str, ...] = (),
) -> Query:  # fmt: skip
    # What was known when the last day was over: asked again on a later day, the answer is the same.
    known = datetime.combine(end, time(0), zone(workspace.time_zone)).astimezone(UTC)
    return Query(
        keys, workspace.slug, period=period, grain=grain, by=by, within=rule_of(segment), as_of=known,
        options=options or {}, schedule=workspace.schedule, tz=workspace.time_zone,
    )  # fmt: skip


def parts_of(
    workspace: Workspace, key: str, by: tuple[str, ...], period: Period, end: date, segment: Segment | None
) -> list[Cell]:
    """Return the figures of the parts of an indicator in a period, as known at the first instant of `end`."""
    return answer(_query(workspace, (key,), period, end, segment=segment, by=by)).of(key)


def _with_parts(one: Watched, watch: Watch, end: date) -> Watched:
    column, key = by_of(watch), one.series.indicator
    asked = _query(
        watch.workspace, (key,), one.period, end, segment=watch.segment, grain=one.series.grain, by=(column,)
    )  # fmt: skip
    return replace(one, series=with_shares(one.series, answer(asked), column, watch.workspace.time_zone))


def _of_goals(watch: Watch, keys: tuple[str, ...], end: date, tell: Tell) -> list[Watched]:
    """Return a series for each goal on the indicators, in the goal's segment."""
    goals = watch.workspace.goals.filter(indicator__in=keys).select_related("segment")
    if watch.segment is not None:
        goals = goals.filter(segment=watch.segment)
    return [_of_goal(watch, goal, end) for goal in _telling(list(goals), tell)]


def _of_goal(watch: Watch, goal: Goal, end: date) -> Watched:
    aim = Aim(goal.target, goal.due, goal.baseline, goal.starts)
    one = _series(watch.workspace, (goal.indicator,), goal.segment, goal.options, watch.grain, end)[0]
    return replace(one, series=replace(one.series, goal=aim), subject=str(goal.pk))


def deliveries(workspace: Workspace, one: Watched) -> tuple[datetime, ...] | None:
    """Return when the facts of a series were imported; None when they flow in by themselves.

    They come in deliveries when files were imported often enough to know the pauses, and no facts are of later days than
    the last of these files.
    """
    rows = Import.objects.filter(workspace=workspace, state=Import.State.DONE, new__gt=0, finished_at__isnull=False)
    arrived = sorted(at for table, at in _arrivals(rows) if table == one.series.table)
    if len(arrived) < DELIVERIES or _flows(one.series, arrived[-1].astimezone(zone(workspace.time_zone)).date()):
        return None
    return tuple(arrived)


def _arrivals(rows: Any) -> Sequence[tuple[str, datetime]]:
    return [
        (table, row.finished_at)
        for row in rows.only("tables", "finished_at")
        for table, counts in row.tables.items()
        if isinstance(counts, dict) and counts.get("new")
    ]


def _flows(series: Series, last: date) -> bool:
    later = np.array([start > last for start in series.starts], dtype=bool)
    return bool(np.any(series.n[later] > 0)) if len(series) else False
