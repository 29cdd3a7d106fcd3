"""The question as a value: pages, API, command, alerts and notebooks all build the same `Query`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Self

from percorso.analytics.calendar import Schedule, period_bounds, zone
from percorso.errors import BadQuestion
from percorso.i18n import mark

if TYPE_CHECKING:
    from percorso.analytics.segments.rules import Rule

Grain = Literal["hour", "day", "week", "month", "quarter", "year"]
GRAINS: tuple[Grain, ...] = ("hour", "day", "week", "month", "quarter", "year")
Segment = Mapping[str, tuple[str | None, ...]]

PRESETS = {
    "last_7_days": mark("Last 7 days"),
    "last_30_days": mark("Last 30 days"),
    "last_90_days": mark("Last 90 days"),
    "last_12_months": mark("Last 12 months"),
    "this_month": mark("This month"),
    "last_month": mark("Last month"),
    "this_year": mark("This year"),
    "last_year": mark("Last year"),
}


@dataclass(frozen=True)
class Period:
    """Local calendar days ``[start, end)`` in a time zone (specification 1.4: half-open)."""

    start: date
    end: date
    tz: str = "UTC"

    def __post_init__(self) -> None:
        zone(self.tz)
        if self.end <= self.start:
            raise BadQuestion(
                mark(
                    "The period ends ({end}) before it starts ({start}): give the first day and the day after the last."
                ),
                start=self.start.isoformat(),
                end=self.end.isoformat(),
            )

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """First instant of the period and the first after it, in UTC."""
        return tuple(period_bounds(self.start, self.end, self.tz))  # type: ignore[return-value]

    @classmethod
    def preset(cls, name: str, tz: str = "UTC", now: datetime | None = None) -> Self:
        """Return the period that `name` means today (see `PRESETS`); ``last_*_days`` end with yesterday, whole."""
        today = (now or datetime.now(UTC)).astimezone(zone(tz)).date()
        month = today.replace(day=1)
        starts = {
            "last_7_days": (today - timedelta(days=7), today),
            "last_30_days": (today - timedelta(days=30), today),
            "last_90_days": (today - timedelta(days=90), today),
            "last_12_months": (_months_before(today, 12), today),
            "this_month": (month, _months_before(month, -1)),
            "last_month": (_months_before(month, 1), month),
            "this_year": (date(today.year, 1, 1), date(today.year + 1, 1, 1)),
            "last_year": (date(today.year - 1, 1, 1), date(today.year, 1, 1)),
        }
        if name not in starts:
            raise BadQuestion(
                mark("There is no period {name}. Choose one of: {known}."), name=name, known=", ".join(starts)
            )
        return cls(*starts[name], tz)

    def previous(self) -> Self:
        """Return the period of the same length before: whole months for whole months, else as many days."""
        if self.start.day == self.end.day == 1:
            months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
            return replace(self, start=_months_before(self.start, months), end=self.start)
        return replace(self, start=self.start - (self.end - self.start), end=self.start)

    def year_before(self) -> Self:
        """Return the same days one year earlier (29 February becomes the 28th)."""
        return replace(self, start=_months_before(self.start, 12), end=_months_before(self.end, 12))


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


@dataclass(frozen=True)
class Query:
    """One question to the facts.

    Parameters
    ----------
    indicators : keys of indicators. workspace : whose facts.
    period : None asks for all time. grain : one figure a bucket; None asks for one figure.
    by : breakdown columns: a column of the fact table, ``customer.<column or trait>`` or ``properties.<key>``.
    segment : column -> allowed values, all of them must hold.
    within : only the facts of customers of whom this rule holds at `as_of` (see `analytics.segments`).
    compare : ``"previous"`` period, the same days last ``"year"``, another segment (values of columns, or a rule), or the
        ``"rest"`` outside of the segment and the rule. With a grain, each bucket is compared with the bucket before, or the same one a year earlier.
    as_of : what was known at that instant; None means now. confidence : of the intervals. q : false discovery rate.
    options : variants of indicators, e.g. ``{"hours": "business"}``. schedule : business hours for those.
    """

    indicators: tuple[str, ...]
    workspace: str = ""
    period: Period | None = None
    grain: Grain | None = None
    by: tuple[str, ...] = ()
    segment: Segment = field(default_factory=dict)
    within: "Rule | None" = None
    compare: "str | Segment | Rule | None" = None
    as_of: datetime | None = None
    confidence: float = 0.95
    q: float = 0.05
    options: Mapping[str, Any] = field(default_factory=dict)
    schedule: Schedule | None = None
    tz: str = "UTC"

    def __post_init__(self) -> None:
        zone(self.tz)
        if self.grain is not None and self.grain not in GRAINS:
            raise BadQuestion(
                mark("There is no grain {grain}. Choose one of: {known}."), grain=self.grain, known=", ".join(GRAINS)
            )
        if isinstance(self.compare, str) and self.compare not in ("previous", "year", "rest"):
            raise BadQuestion(
                mark("A figure cannot be compared with {what}. Choose previous, year, rest, or another segment."),
                what=self.compare,
            )
        if self.compare in ("previous", "year") and self.period is None:
            raise BadQuestion(mark("Give a period: without one there is nothing earlier to compare with."))
        if self.compare == "rest" and not self.segment and self.within is None:
            raise BadQuestion(mark("Give a segment: without one there is no rest to compare with."))
        if not 0.5 <= self.confidence < 1:
            raise BadQuestion(mark("The confidence is a share between 0.5 and 1, e.g. 0.95."))
