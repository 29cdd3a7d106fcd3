"""A funnel as a person reads it: steps, times, series and groups, in the language of the request."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext, ngettext

from percorso.analytics.behaviour.contrasts import Contrast, contrasts
from percorso.analytics.behaviour.funnel import ANCHORS, MODES, Funnel, FunnelResult
from percorso.analytics.behaviour.lengths import seconds_of
from percorso.analytics.behaviour.shares import Share, share_of
from percorso.analytics.query import Grain
from percorso.base import columns, words
from percorso.base.drawing import bar
from percorso.engagement.figures import chart, customers, interval, of_how_many, percent, time
from percorso.engagement.files import Column, Table, share_columns, share_values
from percorso.engagement.funnels.forms import WINDOWS, Asked
from percorso.insights.forms import NOT_KNOWN

GROUPS = 30
Row = dict[str, Any]


def labels(asked: Asked) -> list[str]:
    """Return what the steps are called."""
    return [row.step.label for row in asked.steps]


def steps(found: Funnel, asked: Asked) -> list[Row]:
    """Return a line for each step: how many got there, and what became of those who did not go on."""
    named = labels(asked)
    made = []
    for i, (label, count, share, rate) in enumerate(
        zip(named, found.counts, found.shares, found.step_rates, strict=True)
    ):
        last = i == len(named) - 1
        dropped, waiting = found.dropped[i], found.on_the_way[i]
        on = None if last else found.step_rates[i + 1]
        made.append({
            "number": i + 1,
            "label": label if asked.mode != "any" else _any_label(i + 1),
            "count": words.count(count),
            "customers": customers(count),
            "share": percent(share),
            "interval": interval(share) if i else "",
            "place": _place(share, i == 0),
            "rate": percent(rate) if i else "",
            "rate_interval": interval(rate) if i else "",
            "rate_of": of_how_many(rate) if rate else "",
            "last": last,
            "on": percent(on),
            "on_interval": interval(on),
            "dropped": words.count(dropped),
            "dropped_n": dropped,
            "dropped_share": percent(_share_of(dropped, count)),
            "waiting": words.count(waiting) if waiting else "",
            "stops": found.counts[-1] if last else dropped,
            "segment": _segment_name(asked, named, i, last),
        })  # fmt: skip
    return made


def _any_label(n: int) -> str:
    return ngettext("{n} of these steps", "{n} of these steps", n).format(n=words.count(n))


def _share_of(count: int, n: int) -> Share | None:
    return Share(count, n, count / n, None, None) if n else None


def _place(share: Share, whole: bool) -> Row:
    """Return where the bar and its interval lie, in per cent of the width."""
    low, high = (None, None) if whole else (share.low, share.high)
    at = bar(share.value, low, high, None, (0.0, 1.0))
    return {"value": at.value or 0, "low": at.low, "high": at.high}


def _segment_name(asked: Asked, named: Sequence[str], i: int, last: bool) -> str:
    """Return what a segment of who stopped at a step is called at first."""
    if last:
        text = gettext("Got to {step}").format(step=named[-1])
    elif asked.mode == "any":
        text = gettext("Stopped after {n} of {all} steps").format(n=i + 1, all=len(named))
    else:
        text = gettext("{step}, then not {next}").format(step=named[i], next=named[i + 1])
    return text[:80]


def headline(found: Funnel, asked: Asked) -> Row:
    """Return the conversion as figure, interval and sentence."""
    named = labels(asked)
    gone = share_of(found.finished.n - found.finished.count, found.finished.n)
    if len(named) == 1:
        sentence = gettext("did “{event}”").format(event=named[0])
    elif asked.mode == "any":
        sentence = gettext("did all {n} steps within {time}").format(n=len(named), time=window(asked))
    else:
        sentence = gettext("got from “{first}” to “{last}” within {time}").format(
            first=named[0], last=named[-1], time=window(asked)
        )
    return {
        "value": percent(found.overall),
        "interval": _sure(found.overall),
        "sentence": sentence,
        "sample": of_how_many(found.overall),
        "began": customers(found.n),
        "few": found.status == "low_sample",
        "waiting": customers(found.in_progress) if found.in_progress else "",
        "finished": percent(found.finished),
        "finished_interval": interval(found.finished),
        "dropped": percent(gone),
        "dropped_interval": _sure(gone),
        "dropped_of": of_how_many(gone),
    }


def _sure(share: Share) -> str:
    if share.low is None:
        return ""
    ends = interval(share)
    return gettext("{ends}, 95% sure").format(ends=ends)


def window(asked: Asked) -> str:
    """Return the window in words."""
    return words.length(seconds_of(asked.window))


def times(found: Funnel) -> list[tuple[str, str, str]]:
    """Return how long it took: label, time, what is to be known of it."""
    if found.median_seconds is None:
        return []
    between = ""
    if found.median_low is not None and found.median_high is not None:
        between = gettext("{low} to {high}").format(low=time(found.median_low), high=time(found.median_high))
    rows = [
        (gettext("Half of those who got there needed at most"), time(found.median_seconds), between),
        (gettext("Nine in ten of them at most"), time(found.p90_seconds), ""),
    ]
    if found.km_median_seconds is not None:
        about = gettext("those still on their way counted as not there yet (Kaplan-Meier)")
        rows.append((gettext("Half of all who began are there after"), time(found.km_median_seconds), about))
    else:
        about = gettext("fewer than half get there (Kaplan-Meier)")
        rows.append((gettext("Half of all who began are there after"), "–", about))
    return rows


def series(result: FunnelResult, grain: Grain, tz: str) -> Row:
    """Return the chart of conversion over time."""
    found = [each for each in result.series if each.start is not None]
    names = [(words.tick(each.start, grain, tz), words.bucket(each.start, grain, tz)) for each in found]  # type: ignore[arg-type]
    notes = [gettext("some are still on their way") if each.in_progress else "" for each in found]
    return chart("funnel-series", names, [each.overall for each in found], notes)


def groups(result: FunnelResult) -> list[Row]:
    """Return a line for each group, the largest first, with where it differs from all others beyond chance."""
    if not result.query.by:
        return []
    [column] = result.query.by
    told = contrasts(result)
    found = sorted(result.groups, key=lambda group: -group.n)[:GROUPS]
    highest = max((g.overall.high or 0.0 for g in found), default=1.0) or 1.0
    return [
        {
            "name": columns.value_name(column, None if (value := group.by[column]) == NOT_KNOWN else value),
            "n": words.count(group.n),
            "overall": percent(group.overall),
            "interval": interval(group.overall),
            "bar": bar(group.overall.value, group.overall.low, group.overall.high, None, (0.0, highest)),
            "rates": [
                {"value": percent(rate), "interval": interval(rate), **_difference(told, group, step)}
                for step, rate in enumerate(group.step_rates[1:], start=2)
            ],
            "median": time(group.median_seconds),
            "few": group.status == "low_sample",
        }
        for group in found
    ]


def _difference(told: Sequence[Contrast], group: Funnel, step: int) -> Row:
    found = next(c for c in told if c.by == group.by and c.step == step)
    if not found.differs or found.difference is None:
        return {"word": "", "tone": "quiet"}
    higher = found.difference > 0
    return {
        "word": gettext("higher than others") if higher else gettext("lower than others"),
        "tone": "good" if higher else "bad",
    }


def smaller(result: FunnelResult) -> int:
    """Return how many groups are not shown."""
    return max(0, len(result.groups) - GROUPS)


def windows(asked: Asked) -> list[Row]:
    """Return the menu of windows, the one asked for among them."""
    known = sorted({*WINDOWS, asked.window}, key=seconds_of)
    return [{"value": each, "label": words.length(seconds_of(each)), "chosen": each == asked.window} for each in known]


def question(asked: Asked) -> list[tuple[str, str]]:
    """Return what was asked of a funnel, line by line."""
    lines = [(gettext("Step {n}").format(n=i), row.step.label) for i, row in enumerate(asked.steps, start=1)]
    lines += [
        (gettext("Window"), window(asked)),
        (gettext("Order"), gettext(MODES[asked.mode])),
        (gettext("Which attempt"), gettext(ANCHORS[asked.anchor])),
    ]
    lines += [
        (
            gettext("Without"),
            gettext("{event} between steps {low} and {high}").format(event=e.event, low=e.from_step, high=e.to_step),
        )
        for e in asked.exclusions
    ]
    return [*lines, *([(gettext("Breakdown"), columns.column_name(asked.by))] if asked.by else [])]


def table(result: FunnelResult, asked: Asked, which: str) -> Table:
    """Return the figures as a table: of all customers, of each group (``groups``) or over time (``series``)."""
    found = {"groups": result.groups, "series": result.series}.get(which, (result.total,))
    by = [Column(name, columns.column_name(name)) for name in (result.query.by if which == "groups" else ())]
    when = [Column("start", gettext("When"))] if which == "series" else []
    made = (
        *by,
        *when,
        Column("step", gettext("Step"), "count"),
        Column("event", gettext("Event")),
        Column("customers", gettext("Customers"), "count"),
        *share_columns("of_first", gettext("Of the first")),
        *share_columns("of_step_before", gettext("Of the step before")),
        Column("dropped", gettext("Dropped off"), "count"),
        Column("on_the_way", gettext("On the way"), "count"),
        Column("median_seconds", gettext("Median time"), "seconds"),
    )
    rows = [line for one in found for line in _lines(one, labels(asked), bool(by), bool(when))]
    return Table(f"funnel-{which}", made, rows, question(asked))


def _lines(one: Funnel, named: Sequence[str], by: bool, when: bool) -> list[list[Any]]:
    first = [*(one.by.values() if by else ()), *([one.start.isoformat()] if when and one.start else [])]
    last = len(named) - 1
    return [
        [
            *first, i + 1, name, one.counts[i], *share_values(one.shares[i]), *share_values(one.step_rates[i]),
            one.dropped[i], one.on_the_way[i], one.median_seconds if i == last else None,
        ]
        for i, name in enumerate(named)
    ]  # fmt: skip
