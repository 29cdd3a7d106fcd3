"""What the address of a page asks for: period, comparison, segment, grain, breakdown."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django.http import QueryDict

from percorso.accounts.models import Workspace
from percorso.analytics.query import GRAINS, Grain, Period, Query
from percorso.errors import BadQuestion
from percorso.i18n import mark

PRESET = "last_12_months"
FILTERS = ("customer.country", "channel")
COMPARISONS = ("previous", "year", "none")
NOT_KNOWN = "(none)"


@dataclass(frozen=True)
class Choice:
    """What a person chose on a page; `asked` are the parameters that differ from the defaults."""

    period: Period
    preset: str
    compare: str | None
    segment: dict[str, tuple[str | None, ...]]
    grain: Grain | None
    by: str | None
    asked: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, given: QueryDict, workspace: Workspace) -> Self:
        """Return the choice in an address.

        Raises
        ------
        BadQuestion : a date, period, comparison or grain that does not exist; the message says what does.
        """
        preset = given.get("period") or PRESET
        tz = workspace.time_zone
        period = _days(given, tz) if preset == "custom" else Period.preset(preset, tz)
        compare = _one_of(given.get("compare") or "previous", COMPARISONS)
        grain = given.get("grain") or None
        segment = {name: tuple(v for v in given.getlist(name) if v) for name in FILTERS}
        segment = {name: values for name, values in segment.items() if values}
        asked: dict[str, Any] = {} if preset == PRESET else {"period": preset}
        if preset == "custom":
            asked |= {"from": period.start.isoformat(), "to": (period.end - timedelta(days=1)).isoformat()}
        if compare != "previous":
            asked["compare"] = compare
        return cls(
            period=period,
            preset=preset,
            compare=None if compare == "none" else compare,
            segment={name: tuple(None if v == NOT_KNOWN else v for v in vs) for name, vs in segment.items()},
            grain=None if grain is None else _one_of(grain, GRAINS),  # type: ignore[arg-type]
            by=given.get("by") or None,
            asked=asked | segment,
        )

    @property
    def steps(self) -> Grain:
        """The grain asked for, or one that gives a readable number of steps."""
        if self.grain:
            return self.grain
        length = (self.period.end - self.period.start).days
        limits: tuple[tuple[int, Grain], ...] = ((2, "hour"), (45, "day"), (200, "week"), (1200, "month"))
        return next((grain for limit, grain in limits if length <= limit), "quarter")

    def query(self, workspace: Workspace, indicators: tuple[str, ...], **changes: Any) -> Query:
        """Return the question to the facts."""
        asked: dict[str, Any] = {
            "period": self.period, "segment": self.segment, "compare": self.compare,
            "schedule": workspace.schedule, "tz": workspace.time_zone,
        }  # fmt: skip
        return Query(indicators, workspace.slug, **(asked | changes))

    def link(self, **changes: Any) -> str:
        """Return the query string of this choice with `changes`; empty when nothing differs from the defaults."""
        kept = {name: value for name, value in (self.asked | changes).items() if value not in (None, "", ())}
        return "?" + urlencode(kept, doseq=True) if kept else ""

    def page(self, usual_by: str | None) -> str:
        """Return the query string of an indicator's page: with the grain, and a breakdown other than the usual one."""
        return self.link(grain=self.grain, by=None if self.by == usual_by else self.by)


def _one_of(name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise BadQuestion(
            mark("There is no choice {name} here. Choose one of: {known}."), name=name, known=", ".join(known)
        )
    return name


def _days(given: QueryDict, tz: str) -> Period:
    """Return the period from and to, both days inside."""
    first, last = _day(given.get("from")), _day(given.get("to"))
    if last < first:
        raise BadQuestion(
            mark("The period ends on {last}, before it starts on {first}. Swap the two days."),
            first=first.isoformat(),
            last=last.isoformat(),
        )
    return Period(first, last + timedelta(days=1), tz)


def _day(text: str | None) -> date:
    try:
        day = date.fromisoformat(text or "")
    except ValueError as error:
        raise BadQuestion(
            mark("{text} is no day. Give the first and the last day like 2025-12-31."), text=repr(text or "")
        ) from error
    if not 1970 <= day.year < 2200:
        raise BadQuestion(mark("{text} is out of reach. Give days from 1970 to 2199."), text=day.isoformat())
    return day
