"""What a notebook uses: connect to facts, measure, chart."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

import ibis.expr.types as ir
import pandas as pd

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
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.lifetime import facts as lifetime_facts
from percorso.analytics.lifetime.facts import Scored
from percorso.analytics.lifetime.groups import customers_of
from percorso.analytics.lifetime.loop import LoopEffect, loop_effect
from percorso.analytics.lifetime.orders import Facts as LifetimeFacts
from percorso.analytics.lifetime.outlook import Outlook, outlook_of
from percorso.analytics.measure import measure
from percorso.analytics.query import Grain, Period, Query
from percorso.analytics.result import Result
from percorso.analytics.segments import parse
from percorso.analytics.statistics.power import group_size, sample_size
from percorso.analytics.statistics.survival import KaplanMeier, kaplan_meier
from percorso.analytics.store import Store

__all__ = ["Facts", "connect", "group_size", "indicators", "sample_size"]
When: TypeAlias = datetime | None


class Facts:
    """The facts of one workspace, ready to be measured. Made by `connect`."""

    def __init__(self, store: Store, workspace: str, tz: str, schedule: Schedule | None) -> None:
        self.store, self.workspace, self.tz, self.schedule = store, workspace, tz, schedule

    def measure(
        self,
        *indicators: str,
        period: str | tuple[str | date, str | date] | None = None,
        grain: Grain | None = None,
        by: str | tuple[str, ...] = (),
        segment: Mapping[str, Any] | None = None,
        compare: str | Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Result:
        """Measure indicators.

        Parameters
        ----------
        indicators : keys, see `indicators()`.
        period : a preset such as ``"last_90_days"``, or (first day, day after the last); None: all time.
        grain, by, segment, compare : see `Query`; one column or value may stand alone.
        options : variants of the indicators, e.g. ``hours="business"``; also as_of, confidence, q.

        Returns
        -------
        Result : shown as a table; `.chart()`, `.to_pandas()`, `.to_polars()`, `.to_arrow()`, `.sql()`.
        """
        own = {name: options.pop(name) for name in ("as_of", "confidence", "q") if name in options}
        query = Query(
            indicators=indicators,
            workspace=self.workspace,
            period=self._period(period),
            grain=grain,
            by=(by,) if isinstance(by, str) else tuple(by),
            segment=_segment(segment or {}),
            compare=_segment(compare) if isinstance(compare, Mapping) else compare,
            options=options,
            schedule=self.schedule,
            tz=self.tz,
            **own,
        )
        return measure(self.store, query)

    def rfm(
        self, *, segment: Mapping[str, Any] | None = None, currency: str | None = None, as_of: When = None
    ) -> Scored:
        """Score customers by how lately, how often and for how much they bought.

        Parameters
        ----------
        segment : a rule as the API takes it, such as ``{"trait": "country", "is": ["BR"]}``; None: all customers.
        currency : needed when orders are in several. as_of : orders before it count; None: now.

        Returns
        -------
        Scored : `.to_pandas()` has a row a customer with scores and segment.

        Raises
        ------
        BadQuestion : the orders are in several currencies and none was chosen.
        """
        asked = self._lifetime(segment, as_of)
        return lifetime_facts.rfm_of(*asked, currency)

    def retention_curve(
        self,
        of: Literal["subscriptions", "purchases"] = "subscriptions",
        *,
        segment: Mapping[str, Any] | None = None,
        as_of: When = None,
    ) -> KaplanMeier:
        """Estimate how long customers stay, by Kaplan-Meier.

        Parameters
        ----------
        of : subscriptions: the share still subscribed; purchases: the share that has not bought a second time yet.
        segment, as_of : see `rfm`.

        Returns
        -------
        KaplanMeier : `time` in days, `survival` with `low` and `high`; `.median`, `.at(days)`.
        """
        ask = {
            "subscriptions": lifetime_facts.subscription_durations,
            "purchases": lifetime_facts.repeat_durations,
        }
        return kaplan_meier(ask[of](*self._lifetime(segment, as_of)))

    def lifetime_value(
        self,
        months: int = 12,
        *,
        margin: float = 1.0,
        monthly_discount: float = 0.01,
        segment: Mapping[str, Any] | None = None,
        currency: str | None = None,
        as_of: When = None,
    ) -> Outlook:
        """Forecast what each buyer will still buy, by BG/NBD and Gamma-Gamma.

        Parameters
        ----------
        months : how far to look ahead. margin : share of a purchase's value that is left.
        monthly_discount : what comes in month k is divided by (1 + discount)^k.
        segment, currency, as_of : see `rfm`.

        Returns
        -------
        Outlook : `.status` first (ok, or what is wrong); `.total` in minor units, `.to_pandas()` a row a customer,
        `.buying` and `.spending` the fitted models. `alive` is 1 without a repeat purchase, which means "not known".
        """
        asked = self._lifetime(segment, as_of)
        return outlook_of(*asked, currency, months, monthly_discount, margin)

    def closed_loop(
        self,
        question: Literal["nps", "csat"] = "nps",
        *,
        segment: Mapping[str, Any] | None = None,
        as_of: When = None,
    ) -> LoopEffect:
        """Compare the next answers of unhappy customers whom somebody got back to with those of the others.

        Parameters
        ----------
        question : what they answered, nps from 0 to 10 or csat from 1 to 5.
        segment, as_of : see `rfm`.

        Returns
        -------
        LoopEffect : `.whole.difference` has `effect`, `low`, `high` in points; `.bands` are equally unhappy customers.
        """
        return loop_effect(LifetimeFacts(*self._lifetime(segment, as_of)), question)

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

    def _lifetime(
        self, segment: Mapping[str, Any] | None, as_of: When
    ) -> tuple[Store, str, datetime, str, ir.Table | None]:
        now = self._instant(as_of)
        return self.store, self.workspace, now, self.tz, self._customers(segment, now)

    def _period(self, period: str | tuple[str | date, str | date] | None) -> Period | None:
        if period is None:
            return None
        if isinstance(period, str):
            return Period.preset(period, self.tz)
        start, end = (date.fromisoformat(d) if isinstance(d, str) else d for d in period)
        return Period(start, end, self.tz)

    def close(self) -> None:
        """Close the connection: another process can open the file then."""
        self.store.close()


def _segment(given: Mapping[str, Any]) -> dict[str, tuple[str | None, ...]]:
    return {k: tuple(v) if isinstance(v, (list, tuple, set)) else (v,) for k, v in given.items()}


def connect(
    where: str | Path, workspace: str = "", tz: str = "America/Sao_Paulo", schedule: Schedule | None = None
) -> Facts:
    """Connect to facts.

    Parameters
    ----------
    where : the DuckDB file of a data folder, the data folder, a folder of Parquet files named after the fact tables
        (``answers.parquet`` …; columns that are missing are empty), or the URL of a ClickHouse.
    workspace : whose facts; Parquet files without that column belong to ``""``.
    tz : reporting time zone. schedule : business hours, for ``hours="business"``.

    Raises
    ------
    StoreBusy : a server or command has the file open; stop it, or ask it with `percorso measure`.
    """
    path = Path(str(where))
    if (path / "facts.duckdb").is_file():
        where = path / "facts.duckdb"
    return Facts(Store.open(where), workspace, tz, schedule)


def indicators() -> pd.DataFrame:
    """Return what can be measured: key, name, what it answers, table, unit, direction, options."""
    rows = [
        {
            "key": i.key, "name": i.label, "about": i.about, "table": i.table, "unit": i.unit,
            "better": i.better, "options": ", ".join(i.options),
        }
        for i in INDICATORS.values()
    ]  # fmt: skip
    return pd.DataFrame(rows)
