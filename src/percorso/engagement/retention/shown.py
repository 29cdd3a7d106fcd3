"""Retention as a person reads it: a table of cohorts, a curve, groups, in the language of the request."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

from django.utils.translation import gettext, ngettext

from percorso.analytics.behaviour.retention import KINDS, Cohort, Grain, Retention, RetentionResult
from percorso.analytics.behaviour.shares import Share
from percorso.base import columns, words
from percorso.engagement.figures import chart, interval, of_how_many, percent
from percorso.engagement.files import Column, Table, share_columns, share_values
from percorso.engagement.retention.forms import Asked
from percorso.i18n import mark
from percorso.insights.forms import NOT_KNOWN

SHADES = 5
GROUPS = 30
GRAINS: dict[Grain, str] = {
    "day": mark("Days"), "week": mark("Weeks"), "month": mark("Months"), "quarter": mark("Quarters"), "year": mark("Years"),
}  # fmt: skip
NAMES: dict[Grain, str] = {
    "day": mark("Day {n}"), "week": mark("Week {n}"), "month": mark("Month {n}"), "quarter": mark("Quarter {n}"),
    "year": mark("Year {n}"),
}  # fmt: skip
Row = dict[str, Any]


def offsets(result: RetentionResult) -> list[str]:
    """Return the headings of the columns."""
    query = result.query
    made = []
    for low, high in query.spans:
        n = words.count(low)
        if query.kind == "bracket" and high != low:
            n = gettext("{low} to {high}").format(low=n, high=words.count(high))
        name = gettext(NAMES[query.grain]).format(n=n)
        made.append(gettext("{offset} or later").format(offset=name) if query.kind == "unbounded" else name)
    return made


def table_of(found: Retention, result: RetentionResult) -> Row:
    """Return the rows of the cohorts, the newest first, and the share over all of them."""
    return {
        "average": [_cell(share) for share in found.average],
        "size": words.count(sum(cohort.size for cohort in found.cohorts)),
        "rows": [_cohort(cohort, result.query.grain) for cohort in reversed(found.cohorts)],
    }


def _cohort(cohort: Cohort, grain: Grain) -> Row:
    return {
        # The heading says that it is when they began; of a week its first day is enough.
        "name": words.bucket(datetime.combine(cohort.start, time(), UTC), "day" if grain == "week" else grain, "UTC"),
        "size": words.count(cohort.size),
        "cells": [_cell(share) for share in cohort.returned],
        "few": cohort.size < 30,
    }


def _cell(share: Share | None) -> Row:
    """Return a cell: its text, its shade (0 to 5, a fifth each), and how sure it is."""
    if share is None or share.value is None:
        return {"text": "", "shade": 0, "told": "", "interval": ""}
    told = gettext("{interval}; {count}").format(interval=interval(share), count=of_how_many(share))
    shade = min(SHADES, int(share.value * SHADES) + 1) if share.value else 0
    return {"text": percent(share), "shade": shade, "told": told, "interval": interval(share)}


def curve(result: RetentionResult) -> Row:
    """Return the chart of the share over all cohorts by how long after."""
    short = [words.count(low) if low == high else f"{low}–{high}" for low, high in result.query.spans]
    steps, shares = list(zip(short, offsets(result), strict=True)), result.total.average
    start, back = result.query.steps
    if start == back and result.query.spans[0] == (0, 0) and len(steps) > 1:
        # Everybody is there when they begin: that would press all else together at the bottom.
        steps, shares = steps[1:], shares[1:]
    return chart("retention-curve", steps, shares, [""] * len(steps))


def headline(result: RetentionResult, asked: Asked) -> Row | None:
    """Return the last column that is known, as a sentence; None when none is."""
    known = [
        (name, share)
        for (low, _), name, share in zip(result.query.spans, offsets(result), result.total.average, strict=True)
        if share is not None and low > 0
    ]
    first = next(iter(known), None)
    if first is None or first[1].value is None:
        return None
    (early, start), (late, end) = first, known[-1]
    return {
        "early": early, "early_value": percent(start), "early_interval": interval(start), "early_of": of_how_many(start),
        "late": late, "late_value": percent(end), "late_interval": interval(end), "late_of": of_how_many(end),
        "several": len(known) > 1,
    }  # fmt: skip


def groups(result: RetentionResult) -> list[Row]:
    """Return a line for each group, the largest first."""
    found = [(sum(c.size for c in group.cohorts), group) for group in result.groups]
    return [
        {
            "name": " · ".join(
                columns.value_name(column, None if value == NOT_KNOWN else value) for column, value in group.by.items()
            ),
            "size": words.count(size),
            "few": size < 30,
            "cells": [_cell(share) for share in group.average],
        }
        for size, group in sorted(found, key=lambda each: -each[0])[:GROUPS]
    ]


def question(asked: Asked) -> list[tuple[str, str]]:
    """Return what was asked, line by line."""
    back = asked.back.step.label if asked.back.event else asked.start.step.label
    return [
        (gettext("Began with"), gettext("the first “{event}” of all time").format(event=asked.start.step.label)),
        (gettext("Came back with"), gettext("any “{event}”, also later in the same cohort").format(event=back)),
        (gettext("Counted as back"), gettext(KINDS[asked.kind])),
        (gettext("Cohorts and columns"), gettext(GRAINS[asked.grain])),
        (
            gettext("Not known yet"),
            gettext("A cell stays empty until its last day is over, so that the newest cohorts do not look worse than they are."),
        ),
    ]  # fmt: skip


def table(result: RetentionResult, asked: Asked) -> Table:
    """Return the cohorts as a table: a row for each cohort and column."""
    by = [Column(name, columns.column_name(name)) for name in result.query.by]
    made = (
        *by,
        Column("cohort", gettext("Began")),
        Column("size", gettext("Customers"), "count"),
        Column("from_offset", gettext("From"), "count"),
        Column("to_offset", gettext("To"), "count"),
        Column("returned", gettext("Came back"), "count"),
        *share_columns("share", gettext("Share of customers")),
    )
    rows = [line for found in (result.groups if by else (result.total,)) for line in _lines(found, result)]
    return Table("retention", made, rows, question(asked))


def _lines(found: Retention, result: RetentionResult) -> list[Sequence[Any]]:
    return [
        (*found.by.values(), cohort.start.isoformat(), cohort.size, low, high, share.count, *share_values(share))
        for cohort in found.cohorts
        for (low, high), share in zip(result.query.spans, cohort.returned, strict=True)
        if share is not None
    ]


def cohorts(result: RetentionResult) -> str:
    """Return how many customers began in the period."""
    n = sum(cohort.size for cohort in result.total.cohorts)
    return ngettext("{n} customer began in these days", "{n} customers began in these days", n).format(n=words.count(n))
