"""What a notebook asks about behaviour: funnels, retention, ways, use, and what slow pages cost."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal, TypeAlias

import ibis.expr.types as ir

from percorso.analytics.behaviour.errors import ErrorQuery, ErrorResult, errors
from percorso.analytics.behaviour.events import Step
from percorso.analytics.behaviour.features import COLUMN, EVENT, FeatureQuery, FeatureResult, features
from percorso.analytics.behaviour.frequency import FrequencyQuery, FrequencyResult, frequency
from percorso.analytics.behaviour.funnel import Anchor, Exclusion, FunnelQuery, FunnelResult, Mode, funnel
from percorso.analytics.behaviour.lengths import seconds_of
from percorso.analytics.behaviour.path_query import PathQuery
from percorso.analytics.behaviour.paths import PathResult, paths
from percorso.analytics.behaviour.retention import Grain as RetentionGrain
from percorso.analytics.behaviour.retention import Kind, RetentionQuery, RetentionResult, retention
from percorso.analytics.behaviour.speed import TROUBLES, Impact, ImpactQuery, Score, Trouble, impacts
from percorso.analytics.behaviour.transitions import TransitionResult, transitions
from percorso.analytics.behaviour.ways import WayResult, ways
from percorso.analytics.calendar import Schedule, zone
from percorso.analytics.lifetime.groups import customers_of
from percorso.analytics.query import Grain, Period
from percorso.analytics.segments import parse
from percorso.analytics.store import Store

When: TypeAlias = datetime | None


class Behaviour:
    """The questions about behaviour of `percorso.notebook.Facts`."""

    def __init__(self, store: Store, workspace: str, tz: str, schedule: Schedule | None) -> None:
        self.store, self.workspace, self.tz, self.schedule = store, workspace, tz, schedule

    def funnel(
        self,
        *steps: Step | str,
        window: str = "7d",
        period: str | tuple[str | date, str | date] | None = None,
        mode: Mode = "ordered",
        anchor: Anchor = "first",
        without: Iterable[str] = (),
        by: str | tuple[str, ...] = (),
        grain: Grain | None = None,
        segment: Mapping[str, Any] | None = None,
        as_of: When = None,
    ) -> FunnelResult:
        """Follow customers from step to step.

        Parameters
        ----------
        steps : names of events, or ``Step("Page Viewed", (("page", "/prices"),))``. window : 30m, 24h, 7d, 2w.
        period : when attempts begin, see `measure`; None: ever. mode : ordered, strict (nothing in between) or any.
        anchor : whether the first or the best attempt of a customer counts. without : events that must not happen on the way.
        by : columns of the first event. grain : also a series. segment, as_of : see `rfm`.

        Returns
        -------
        FunnelResult : `.total.counts`, `.total.overall` (value, low, high), `.group("web")`, `.series`, `.sql`.
        """
        names = tuple(steps)
        query = FunnelQuery(
            names, seconds_of(window), self.workspace, self._period(period), mode, anchor,
            tuple(Exclusion(event, 1, len(names)) for event in without),
            (by,) if isinstance(by, str) else tuple(by), grain, self._instant(as_of),
        )  # fmt: skip
        return funnel(self.store, query, self._customers(segment, self._instant(as_of)))

    def retention(
        self,
        start: Step | str,
        back: Step | str | None = None,
        *,
        period: str | tuple[str | date, str | date] | None = None,
        grain: RetentionGrain = "week",
        kind: Kind = "n_day",
        offsets: int = 12,
        brackets: tuple[tuple[int, int], ...] = (),
        by: str | tuple[str, ...] = (),
        segment: Mapping[str, Any] | None = None,
        as_of: When = None,
    ) -> RetentionResult:
        """Tell which share of customers comes back, by when they began and how long after.

        Parameters
        ----------
        start : the event whose first of all time puts somebody into a cohort. back : what counts as coming back; None: the same.
        period : cohorts that began in it, see `measure`; None: all. grain : day, week, month, quarter or year.
        kind : n_day (in exactly that one), unbounded (in it or later) or bracket. offsets : the last column.
        brackets : first and last offset of each column. by : columns of the first event. segment, as_of : see `rfm`.

        Returns
        -------
        RetentionResult : `.total.cohorts` (start, size, returned), `.total.average`, `.groups`, `.sql`.
        """
        query = RetentionQuery(
            start, back, self.workspace, self._period(period), grain, kind, offsets, tuple(brackets),
            (by,) if isinstance(by, str) else tuple(by), self._instant(as_of), tz=self.tz,
        )  # fmt: skip
        return retention(self.store, query, self._customers(segment, self._instant(as_of)))

    def paths(self, **asked: Any) -> PathResult:
        """Follow the ways that customers take, step by step.

        Parameters
        ----------
        asked : ``start_node``, ``end_node``, ``node``, ``unit``, ``max_steps``, ``top_k`` and the like, see `PathQuery`; also
            period (see `measure`; None: ever), gap (``"30m"`` ends a visit), segment and as_of (see `rfm`).

        Returns
        -------
        PathResult : `.n_paths`, `.nodes` (how many are where), `.links` (how many go where, with intervals), `.sql`.
        """
        return paths(self.store, self._ways_asked(**asked))

    def transitions(self, **asked: Any) -> TransitionResult:
        """Tell what follows what and how soon, loops and dead ends; asked as `paths`.

        Returns
        -------
        TransitionResult : `.transitions` (share, median_seconds), `.stops`, `.loops`, `.dead_ends`, `.sql`. Where two groups
            differ is told by ``percorso.analytics.behaviour.differences.differences(one, other)``.
        """
        return transitions(self.store, self._ways_asked(**asked))

    def ways(self, most: int = 20, **asked: Any) -> WayResult:
        """Return the most frequent whole ways; asked as `paths`."""
        return ways(self.store, self._ways_asked(**asked), most)

    def _ways_asked(
        self,
        *,
        period: str | tuple[str | date, str | date] | None = None,
        gap: str = "30m",
        segment: Mapping[str, Any] | None = None,
        as_of: When = None,
        **asked: Any,
    ) -> PathQuery:
        return PathQuery(
            self.workspace,
            self._period(period),
            gap_seconds=seconds_of(gap),
            as_of=self._instant(as_of),
            within=None if segment is None else parse(dict(segment)),
            schedule=self.schedule,
            **asked,
        )

    def _instant(self, as_of: When) -> datetime:
        now = as_of or datetime.now(UTC)
        return now if now.tzinfo else now.replace(tzinfo=zone(self.tz))

    def _customers(self, segment: Mapping[str, Any] | None, as_of: datetime) -> ir.Table | None:
        rule = None if segment is None else parse(dict(segment))
        return customers_of(self.store, self.workspace, as_of, rule, self.schedule)

    def frequency(
        self,
        period: str | tuple[str | date, str | date] = "last_90_days",
        *,
        grain: Literal["day", "week", "month", "quarter", "year"] = "week",
        names: tuple[str, ...] = (),
        segment: Mapping[str, Any] | None = None,
        as_of: When = None,
    ) -> FrequencyResult:
        """Tell how often customers come.

        Parameters
        ----------
        period, as_of : see `measure`. grain : steps of the lifecycle. segment : see `rfm`.
        names : events that show that somebody was there; empty: any.

        Returns
        -------
        FrequencyResult : `.reach` active customers of each day, of 7 and of 28 days; `.lifecycle` new, returning,
        resurrected and dormant ones.
        """
        now = self._instant(as_of)
        query = FrequencyQuery(self.workspace, self._days(period), grain, names, as_of=now)
        return frequency(self.store, query, self._customers(segment, now))

    def features(
        self,
        period: str | tuple[str | date, str | date] = "last_90_days",
        *,
        grain: Grain | None = None,
        compare: Literal["previous", "year"] | None = "previous",
        core: tuple[str, ...] = (),
        event: str = EVENT,
        column: str = COLUMN,
        segment: Mapping[str, Any] | None = None,
        as_of: When = None,
    ) -> FeatureResult:
        """Tell which features are used by which share of the active customers, and which by nobody.

        Parameters
        ----------
        period, as_of : see `measure`. grain : steps of the series. compare : the days that adoption is compared with.
        core : features that are listed even when nobody ever used them. segment : see `rfm`.
        event, column : which event tells the use of a feature, and which of its columns names it.

        Returns
        -------
        FeatureResult : `.features`, the most used first; `.unused`; `.active` customers.
        """
        now, days = self._instant(as_of), self._days(period)
        before = {"previous": days.previous, "year": days.year_before}.get(compare or "")
        query = FeatureQuery(
            self.workspace, days, before() if before else None, grain, event, column, core, as_of=now
        )  # fmt: skip
        return features(self.store, query, self._customers(segment, now))

    def speed_impact(
        self,
        *troubles: Trouble,
        score: Score = "nps",
        period: str | tuple[str | date, str | date] = "last_90_days",
        days: float = 28,
        segment: Mapping[str, Any] | None = None,
        as_of: When = None,
    ) -> tuple[Impact, ...]:
        """Compare the scores of customers who had slow or broken pages with those of customers who had none.

        Parameters
        ----------
        troubles : web vitals (``"LCP"`` …) or ``"errors"``; none: all of them. score : nps or csat.
        period : when the answers were given. days : how long before an answer the customer's visits count.
        segment : see `rfm`. as_of : see `measure`.

        Returns
        -------
        Impact, one a trouble : `.difference` with its interval, `.adjusted_p`, `.bands`. What goes together, not a cause.
        """
        now, when = self._instant(as_of), self._days(period)
        queries = [
            ImpactQuery(self.workspace, when, trouble, score, days, as_of=now) for trouble in troubles or TROUBLES
        ]
        return impacts(self.store, queries, self._customers(segment, now))

    def errors(
        self,
        by: str | None = None,
        period: str | tuple[str | date, str | date] = "last_90_days",
        *,
        segment: Mapping[str, Any] | None = None,
        as_of: When = None,
    ) -> ErrorResult:
        """Tell which errors customers meet (by what they say), or where (`by` a column), and how many customers.

        Parameters
        ----------
        period, as_of : see `measure`. segment : see `rfm`.
        """
        now = self._instant(as_of)
        query = ErrorQuery(self.workspace, self._days(period), by, as_of=now)
        return errors(self.store, query, self._customers(segment, now))

    def _days(self, period: str | tuple[str | date, str | date]) -> Period:
        found = self._period(period)
        assert found is not None
        return found

    def _period(self, period: str | tuple[str | date, str | date] | None) -> Period | None:
        if period is None:
            return None
        if isinstance(period, str):
            return Period.preset(period, self.tz)
        start, end = (date.fromisoformat(d) if isinstance(d, str) else d for d in period)
        return Period(start, end, self.tz)


def segment_of(given: Mapping[str, Any]) -> dict[str, tuple[str | None, ...]]:
    """Return a segment as questions take it."""
    return {k: tuple(v) if isinstance(v, (list, tuple, set)) else (v,) for k, v in given.items()}
