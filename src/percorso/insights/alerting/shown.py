"""Alarms, watches and previews as pages show them."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from babel.numbers import format_decimal
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from percorso.accounts.models import Workspace
from percorso.analytics.calendar import zone
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.query import Period, Query
from percorso.analytics.result import Cell
from percorso.base import drawing, words
from percorso.base.drawing import Spark
from percorso.customers.queries import rule_of
from percorso.errors import UserError
from percorso.insights.alerting import sentences
from percorso.insights.alerting.expected import false_a_month
from percorso.insights.alerting.looking import Look, look, today
from percorso.insights.alerting.series import Tell, Watched, by_of, keys_of, silently
from percorso.insights.alerts import ALERTS, Flagged, Message
from percorso.insights.figures import chart_of
from percorso.insights.models import Alarm, Finding, Watch
from percorso.insights.queries import answer

# How much of a series stands before and after what was found, by its grain.
AROUND = {
    "day": (timedelta(days=84), timedelta(days=28)),
    "week": (timedelta(weeks=52), timedelta(weeks=12)),
    "month": (timedelta(days=731), timedelta(days=184)),
}
MOST_CHARTS = 6


@dataclass(frozen=True)
class Mini:
    """A small series with what was found marked: the point, and where the change began to its end in percent."""

    spark: Spark
    spot: str
    begun: float
    width: float


@dataclass(frozen=True)
class Line:
    """One finding as a page shows it."""

    finding: Finding
    name: str
    sentence: str
    sure: str
    causes: list[str]
    since: str
    tone: str
    icon: str
    href: str
    mini: Mini | None


@dataclass(frozen=True)
class AlarmCard:
    """One alarm: the finding to speak of first, and those that came with it."""

    alarm: Alarm
    day: str
    lead: Line
    others: list[Line]

    @property
    def over(self) -> bool:
        return self.alarm.closed_at is not None


def cards_of(workspace: Workspace, alarms: Iterable[Alarm], *, draw: bool = True) -> list[AlarmCard]:
    """Return alarms as cards, each with the small series of its first finding."""
    return [card_of(workspace, alarm, draw=draw) for alarm in alarms]


def card_of(workspace: Workspace, alarm: Alarm, *, draw: bool = True) -> AlarmCard:
    """Return one alarm as a card."""
    known = [f for f in alarm.findings.all() if f.indicator in INDICATORS and f.watch.alert in ALERTS]
    found = sorted(known, key=lambda f: (f.day > alarm.day, 1.0 if f.chance is None else f.chance, f.pk))
    lines = [line_of(workspace, finding, draw=draw and i == 0) for i, finding in enumerate(found)]
    return AlarmCard(alarm, sentences.day(alarm.day), lines[0], lines[1:])


def line_of(workspace: Workspace, finding: Finding, *, draw: bool = True) -> Line:
    """Return a finding as a page shows it."""
    tone = {True: "good", False: "bad", None: "plain"}[finding.good]
    silent = finding.watch.alert == "silence"
    return Line(
        finding=finding,
        name=gettext(INDICATORS[finding.indicator].label),
        sentence=sentences.sentence_of(finding),
        sure=sentences.sure(finding.watch.alert, finding.chance, _grain(finding)),
        causes=sentences.causes(finding),
        since=sentences.day(finding.since) if finding.since else "",
        tone=tone,
        icon="bell-off" if silent else "arrow-up" if finding.direction == "up" else "arrow-down",
        href=_address(workspace, finding),
        mini=_mini(workspace, finding) if draw else None,
    )


def _grain(finding: Finding) -> str:
    return str(finding.params.get("grain") or "day")


def _period(workspace: Workspace, finding: Finding) -> Period:
    """Return whole buckets around a finding, up to today."""
    grain = _grain(finding)
    before, after = AROUND[grain]
    start = (finding.since or finding.day) - before
    end = min(finding.day + after, today(workspace))
    if grain == "week":
        start, end = start - timedelta(days=start.weekday()), end - timedelta(days=end.weekday())
    if grain == "month":
        start, end = start.replace(day=1), end.replace(day=1)
    return Period(start, max(end, finding.day + timedelta(days=1)), workspace.time_zone)


def _cells(workspace: Workspace, finding: Finding) -> tuple[list[Cell], Period]:
    period = _period(workspace, finding)
    asked = Query(
        (finding.indicator,), workspace.slug, period=period, grain=_grain(finding),  # type: ignore[arg-type]
        within=rule_of(finding.watch.segment), schedule=workspace.schedule, tz=workspace.time_zone,
    )  # fmt: skip
    return answer(asked).of(finding.indicator), period


def _mini(workspace: Workspace, finding: Finding) -> Mini | None:
    try:
        cells, _ = _cells(workspace, finding)
    except UserError:
        return None
    value, low, high = ([getattr(c, name) for c in cells] for name in ("value", "low", "high"))
    spark = drawing.spark(value, low, high)
    if spark is None:
        return None
    days = [c.start.astimezone(zone(workspace.time_zone)).date() for c in cells if c.start]
    at, begun = (_place(days, when) for when in (finding.day, finding.since or finding.day))
    first = 2 + 96 * begun / (len(days) - 1)
    last = 2 + 96 * at / (len(days) - 1)
    return Mini(spark, drawing.spot(value, low, high, at), round(first - 0.5, 2), round(last - first + 1, 2))


def _place(days: Sequence[date], when: date) -> int:
    return max(0, bisect_right(days, when) - 1)


def _address(workspace: Workspace, finding: Finding) -> str:
    """Return the indicator's page at the days around a finding, broken down by what moved it most."""
    period = _period(workspace, finding)
    asked = {
        "period": "custom",
        "from": period.start.isoformat(),
        "to": words.last_day(period).isoformat(),
        "grain": _grain(finding),
        "segment": finding.watch.segment.slug if finding.watch.segment else "",
        "by": finding.contributors[0]["column"] if finding.contributors else "",
    }
    return reverse("indicator", args=[workspace.slug, finding.indicator]) + words_of(asked)


def words_of(asked: dict[str, str]) -> str:
    """Return a query string of what is not empty."""
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def charts_of(workspace: Workspace, findings: Sequence[Finding]) -> dict[int, dict[str, Any]]:
    """Return a chart for each finding, by its id: 1 marks where the change probably began, 2 where the alert came."""
    made = {}
    for finding in findings:
        try:
            cells, period = _cells(workspace, finding)
        except UserError:
            continue
        if any(cell.value is not None for cell in cells):
            days = list(dict.fromkeys([finding.since or finding.day, finding.day]))
            data = chart_of(INDICATORS[finding.indicator], cells, (), _grain(finding), period, days)  # type: ignore[arg-type]
            made[finding.pk] = _chart(f"finding-{finding.pk}", data)
    return made


def _chart(name: str, data: dict[str, Any], label: str = "") -> dict[str, Any]:
    return {"id": name, "script": f"{name}-data", "label": label, "data": data}


@dataclass(frozen=True)
class Told:
    """A message that an alert would have sent: its day, its sentence, how many other figures it would have named."""

    day: str
    sentence: str
    sure: str
    tone: str
    others: str


@dataclass(frozen=True)
class Rehearsal:
    """What an alert would have told in the last twelve months."""

    headline: str
    told: list[Told]
    charts: list[tuple[str, dict[str, Any]]]
    expected: str
    watched: list[tuple[str, str]]


def rehearse(watch: Watch, tell: Tell = silently) -> Rehearsal:
    """Return the preview of a watch on the past, as the daily run would have told it day by day.

    `tell` is told how many of how many indicators are done.

    Raises
    ------
    UserError : it cannot be looked at.
    """
    seen = look([watch], today(watch.workspace), tell)
    for _, error in seen.failed:
        raise error
    messages = seen.in_a_year()
    headline = ngettext(
        "In the last 12 months this alert would have come {n} time.",
        "In the last 12 months this alert would have come {n} times.",
        len(messages),
    ).format(n=words.count(len(messages)))
    if not messages:
        headline = gettext("In the last 12 months this alert would have stayed silent.")
    return Rehearsal(
        headline=headline,
        told=[_message(watch, seen, message) for message in reversed(messages)],
        charts=_charts(watch, seen, messages),
        expected=_expected(false_a_month(watch, seen)),
        watched=_watched(watch, seen),
    )


def said(watch: Watch, one: Watched, flagged: Flagged) -> str:
    """Return a firing as one sentence."""
    params = sentences.kept(
        flagged.firing.params, segment=one.series.segment, currency=one.currency, column=by_of(watch)
    )
    return sentences.sentence(flagged.firing.message, params, one.series.indicator)


def _message(watch: Watch, seen: Look, message: Message) -> Told:
    lead = message.lead
    others = len(message.members) - 1
    text = ngettext("{n} other figure moved with it.", "{n} other figures moved with it.", others) if others else ""
    return Told(
        sentences.day(message.told),
        said(watch, seen.owners[lead][1], lead),
        sentences.sure(watch.alert, lead.firing.chance, lead.series.grain),
        {True: "good", False: "bad", None: "plain"}[lead.firing.good],
        text.format(n=words.count(others)),
    )


def _expected(a_month: float | None) -> str:
    if a_month is None:
        return gettext("What you set is told whenever it happens; none of it is a false alarm by chance.")
    if a_month < 0.1:
        return gettext("Estimated from these limits: by chance alone fewer than one false alarm in about ten months.")
    return gettext("Estimated from these limits: by chance alone about {n} false alarms a month.").format(
        n=format_decimal(a_month, "#,##0.0", locale=words.locale())
    )


def _charts(watch: Watch, seen: Look, messages: Sequence[Message]) -> list[tuple[str, dict[str, Any]]]:
    """Return the series that would have fired, each with its firings marked, those of the newest messages first."""
    days: dict[Watched, list[date]] = {}
    for message in reversed(messages):
        for _, flagged in message.members:
            days.setdefault(seen.owners[flagged][1], []).append(flagged.firing.at)
    if not days and len(seen.series) == 1:
        days = {seen.series[0][1]: []}
    made = []
    for i, (one, marked) in enumerate(list(days.items())[:MOST_CHARTS]):
        period, cells = _last_year(one, watch.workspace)
        name = gettext(one.indicator.label)
        label = f"{name} · {one.series.segment}" if one.series.segment else name
        data = chart_of(one.indicator, cells, (), one.series.grain, period, sorted(marked))
        made.append((name, _chart(f"past-{i}", data, label)))
    return [entry for entry in made if any(v is not None for v in entry[1]["data"]["value"])]


def _last_year(one: Watched, workspace: Workspace) -> tuple[Period, list[Cell]]:
    begin = one.period.end - timedelta(days=365)
    cells = [c for c in one.cells if c.start and c.start.astimezone(zone(workspace.time_zone)).date() >= begin]
    first = cells[0].start.astimezone(zone(workspace.time_zone)).date() if cells and cells[0].start else begin
    return Period(first, one.period.end, workspace.time_zone), cells


def _watched(watch: Watch, seen: Look) -> list[tuple[str, str]]:
    """Return how each figure is watched: by day, week or month, or not at all."""
    grains = {"day": gettext("by day"), "week": gettext("by week"), "month": gettext("by month")}
    labels = dict.fromkeys((*grains.values(), gettext("no figures yet")))
    groups: dict[str, list[str]] = {label: [] for label in labels}
    for _, one in seen.series:
        there = len(one.series) and (one.series.n > 0).any()
        groups[grains[one.series.grain] if there else gettext("no figures yet")].append(gettext(one.indicator.label))
    return [(label, ", ".join(dict.fromkeys(names))) for label, names in groups.items() if names]


@dataclass(frozen=True)
class WatchLine:
    """One watch in the list."""

    watch: Watch
    kind: str
    about: str
    people: str
    state: str
    tone: str


def watch_line(watch: Watch) -> WatchLine:
    """Return a watch as the list shows it."""
    label, tone = state_of(watch)
    return WatchLine(
        watch,
        gettext(ALERTS[watch.alert].label),
        about_watch(watch),
        ", ".join(str(person) for person in watch.people.all()),
        label,
        tone,
    )


def about_watch(watch: Watch) -> str:
    """Return what a watch looks at, in a few words."""
    if not watch.indicators:
        usual = {"goal": gettext("All goals"), "churn": gettext("Customers lost")}
        return usual.get(watch.alert, gettext("The indicators of the overview"))
    names = [gettext(INDICATORS[key].label) for key in keys_of(watch)]
    if len(names) > 3:
        more = ngettext("and {n} more", "and {n} more", len(names) - 3).format(n=words.count(len(names) - 3))
        return ", ".join(names[:3]) + " " + more
    return ", ".join(names)


def state_of(watch: Watch) -> tuple[str, str]:
    """Return whether a watch is on, in words, and the tone of its badge."""
    if not watch.active:
        return gettext("Off"), "quiet"
    if watch.snoozed_until and watch.snoozed_until > today(watch.workspace):
        return gettext("Snoozed until {day}").format(day=sentences.day(watch.snoozed_until)), "warn"
    return gettext("On"), "good"
