"""Goals as pages show them: texts, and the coordinates of bars and charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_skeleton
from babel.numbers import format_percent
from django.utils.translation import gettext, ngettext

from percorso.accounts.models import Workspace
from percorso.analytics.goals import FEWEST_POINTS, At
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator
from percorso.base import drawing, words
from percorso.base.drawing import Bar
from percorso.customers.models import Segment
from percorso.insights.figures import Figure, chart_of, figure_of, scale_for
from percorso.insights.forms import Choice
from percorso.insights.goals.queries import Standing, benchmarks, can_have_goal, goals, standings
from percorso.insights.models import Benchmark, Goal

LIKELY, UNLIKELY = 0.75, 0.25


@dataclass(frozen=True)
class GoalLine:
    """One goal in a list or at the head of its page."""

    goal: Goal
    name: str
    target: str
    due: str
    now: Figure
    chance: str
    tone: str
    reason: str
    progress: str
    bar: Bar
    scale_low: str
    scale_high: str


def day(when: date) -> str:
    """Return a day as it is written in sentences."""
    return format_skeleton("yMMMd", when, locale=words.locale())


def percent(share: float) -> str:
    """Return a share in whole per cent."""
    return format_percent(share, "#,##0%", locale=words.locale())


def chance_of(standing: Standing) -> tuple[str, str, str]:
    """Return how a goal stands: in words, its tone (good, warn, bad, quiet), and why nothing better can be said."""
    if standing.over:
        if standing.met is None:
            return gettext("No figure"), "quiet", gettext("There are no facts in the 30 days up to the due day.")
        return (gettext("Reached"), "good", "") if standing.met else (gettext("Missed"), "bad", "")
    probability = standing.outlook.probability
    if probability is None:
        return gettext("No forecast yet"), "quiet", reason_of(standing)
    tone = "good" if probability >= LIKELY else "bad" if probability < UNLIKELY else "warn"
    bounded = min(0.99, max(0.01, probability))
    sign = {True: gettext("{chance} likely"), False: gettext("over {chance} likely")}
    if probability > bounded:
        return sign[False].format(chance=percent(bounded)), tone, ""
    if probability < bounded:
        return gettext("under {chance} likely").format(chance=percent(bounded)), tone, ""
    return sign[True].format(chance=percent(probability)), tone, ""


def reason_of(standing: Standing) -> str:
    """Return why there is no probability."""
    found = standing.outlook
    if found.status == "no_scatter":
        return gettext("All figures are the same, so nothing tells how far a forecast may be off.")
    given = (
        ngettext("{n} week with a figure", "{n} weeks with a figure", found.points)
        if standing.grain == "week"
        else ngettext("{n} month with a figure", "{n} months with a figure", found.points)
    ).format(n=words.count(found.points))
    return gettext("A trend needs at least {least} steps; there is: {given}.").format(
        least=words.count(FEWEST_POINTS), given=given
    )


def line_of(standing: Standing) -> GoalLine:
    """Return what a list shows of a goal."""
    goal, indicator = standing.goal, standing.indicator
    chance, tone, reason = chance_of(standing)
    numbers = [goal.target, goal.baseline, standing.now.value, standing.now.low, standing.now.high]
    there = [number for number in numbers if number is not None]
    at = drawing.ticks(min(there), max(there), indicator.unit, indicator.range)
    scale = (at[0], at[-1]) if len(at) > 1 else scale_for(indicator, [standing.now])
    share = standing.progress
    return GoalLine(
        goal=goal,
        name=gettext(indicator.label),
        target=value_of(standing, goal.target),
        due=day(goal.due),
        now=figure_of(standing.now, scale),
        chance=chance,
        tone=tone,
        reason=reason,
        progress=progress_of(share),
        bar=drawing.bar(standing.now.value, standing.now.low, standing.now.high, goal.target, scale),
        scale_low=words.mark_on_scale(scale[0], indicator, standing.now.currency),
        scale_high=words.mark_on_scale(scale[1], indicator, standing.now.currency),
    )


def progress_of(share: float | None) -> str:
    """Return how much of the way is done."""
    if share is None:
        return ""
    if share < 0:
        return gettext("further away than at the start")
    if share >= 1:
        return gettext("there already")
    return gettext("{share} of the way").format(share=percent(share))


def marks(workspace: Workspace) -> dict[str, str]:
    """Return, of each indicator with a goal for all customers that is still open, the next one in a few words."""
    chosen = [goal for goal in goals(workspace) if goal.segment_id is None]
    found: dict[str, str] = {}
    for standing in standings(workspace, chosen):
        if not standing.over:
            found.setdefault(standing.goal.indicator, mark_of(standing))
    return found


def goals_of(workspace: Workspace, indicator: Indicator, choice: Choice) -> dict[str, Any]:
    """Return what an indicator's page shows of its goals and of what others reach, and the lines in its chart.

    Lines are drawn for goals on the customers that the page shows: all of them, or the segment chosen.
    """
    found = standings(workspace, goals(workspace, indicator.key))
    others = list(benchmarks(workspace, indicator.key))
    shown_segment = choice.within.pk if choice.within else None
    here = [s.goal for s in found if s.goal.segment_id == shown_segment and not s.over]
    return {
        "goal_marks": [(standing.goal, mark_of(standing), about_segment(standing.goal.segment)) for standing in found],
        "benchmarks": [(b, reached(b)) for b in others],
        "lines": lines_of(indicator, here, others),
        "can_have_goal": can_have_goal(indicator),
    }


def mark_of(standing: Standing) -> str:
    """Return a goal in a few words: target, day, chance."""
    texts = {
        "target": value_of(standing, standing.goal.target),
        "day": format_skeleton("MMMd", standing.goal.due, locale=words.locale()),
        "chance": chance_of(standing)[0],
    }
    if standing.outlook.probability is None and not standing.over:
        return gettext("Goal {target} by {day}").format(**texts)
    return gettext("Goal {target} by {day}: {chance}").format(**texts)


def value_of(standing: Standing, number: float) -> str:
    """Return a figure of the goal's indicator in its unit; money in the currency of the figure of now."""
    return words.value(number, standing.indicator, None, standing.now.currency)


def about_segment(segment: Segment | None) -> str:
    """Return whom a goal is about."""
    return segment.name if segment else gettext("All customers")


def reached(benchmark: Benchmark) -> str:
    """Return the value of a benchmark in its unit; money in its currency."""
    return words.value(benchmark.value, INDICATORS[benchmark.indicator], None, benchmark.currency or None)


def lines_of(indicator: Indicator, chosen: Sequence[Goal], others: Sequence[Benchmark]) -> list[dict[str, Any]]:
    """Return the level lines of a chart: targets, and what others reach."""
    made = [
        {
            "at": goal.target,
            "kind": "goal",
            "label": gettext("Goal {target}").format(target=words.value(goal.target, indicator)),
        }
        for goal in chosen
    ]
    made += [
        {
            "at": b.value,
            "kind": "benchmark",
            "currency": b.currency,
            "label": gettext("{name}: {value}").format(name=b.name, value=reached(b)),
        }
        for b in others
    ]
    return made


def with_lines(data: dict[str, Any], indicator: Indicator, lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return a chart's data with level lines on it; the axis grows to show them. Amounts of other currencies are none."""
    lines = [line for line in lines if line.get("currency", "") in ("", data["currency"])]
    if not lines:
        return data
    return data | {"lines": lines, "ticks": _ticks(data, indicator, [line["at"] for line in lines])}


def chart_data(standing: Standing, others: Sequence[Benchmark]) -> dict[str, Any]:
    """Return the chart of a goal: series with its band, target, benchmarks, and the trend with its own band."""
    indicator, grain, tz = standing.indicator, standing.grain, standing.period.tz
    data = chart_of(indicator, standing.series, (), grain, standing.period)
    ahead = [None] * len(standing.future)
    for name in ("value", "low", "high"):
        data[name] = [*data[name], *ahead]
    data["faint"] = [*data["faint"], *(False for _ in ahead)]
    data["steps"] = [*data["steps"], *(words.tick(at, grain, tz) for at in standing.future)]
    empty = dict.fromkeys(("value", "interval", "sample", "note", "before"), "")
    data["told"] = [*data["told"], *(empty | {"step": words.bucket(at, grain, tz)} for at in standing.future)]
    if trend := standing.outlook.trend:
        data["trend"] = [_inside(indicator, at) for at in trend]
        data["told"] = [
            told | {"trend": trend_words(indicator, at, data["currency"] or None)}
            for told, at in zip(data["told"], trend, strict=True)
        ]
        data["ticks"] = _ticks(data, indicator, [number for at in data["trend"] for number in at])
    return with_lines(data, indicator, lines_of(indicator, [standing.goal], others))


def trend_words(indicator: Indicator, at: At, currency: str | None = None) -> str:
    """Return what the trend expects, with its range; money in a currency."""
    value, low, high = (words.value(number, indicator, None, currency) for number in _inside(indicator, at))
    return gettext("trend: {value} (between {low} and {high})").format(value=value, low=low, high=high)


def _inside(indicator: Indicator, at: At) -> list[float]:
    """Return value and range of the trend, no further than the figure can go."""
    low, high = indicator.range

    def held(number: float) -> float:
        number = number if low is None else max(low, number)
        return number if high is None else min(high, number)

    return [held(at.value), held(at.low), held(at.high)]


def _ticks(data: dict[str, Any], indicator: Indicator, more: Sequence[float]) -> list[list[Any]]:
    numbers = [data["ticks"][0][0], data["ticks"][-1][0], *more]
    at = drawing.ticks(min(numbers), max(numbers), indicator.unit, indicator.range)
    return [[tick, words.mark_on_scale(tick, indicator, data["currency"] or None)] for tick in at]
