"""The use of features, as a person reads it: texts and coordinates in the language of the request."""

from typing import Any

from django.utils.translation import gettext, ngettext

from percorso.analytics.behaviour.features import FeatureResult, FeatureUse
from percorso.base import columns, drawing, words
from percorso.engagement.files import Sheet
from percorso.engagement.usage.shown import between, day, decimal, percent, signed, step, tick
from percorso.insights.figures import VerdictMark

Row = dict[str, Any]
MOST = 100


def rows(found: FeatureResult) -> list[Row]:
    """Return a row for each feature that anybody used, the most used first."""
    used = [f for f in found.features if f.users][:MOST]
    numbers = [n for f in used for n in (f.adoption.high, f.before.value if f.before else None) if n is not None]
    scale = drawing.scale_of((0.0, None), numbers, "share")
    scale = (0.0, min(1.0, scale[1]))
    return [_row(f, found, scale) for f in used]


def _row(f: FeatureUse, found: FeatureResult, scale: drawing.Scale) -> Row:
    before = f.before.value if f.before else None
    series = [s.value for s in f.series]
    lows, highs = [s.low for s in f.series], [s.high for s in f.series]
    return {
        "key": f.feature,
        "name": name(f, found),
        "users": words.count(f.users),
        "uses": words.count(f.uses),
        "each": decimal(f.uses / f.users),
        "adoption": percent(f.adoption.value),
        "interval": between(f.adoption),
        "bar": drawing.bar(f.adoption.value, f.adoption.low, f.adoption.high, before, scale),
        "scale_low": percent(scale[0], 0),
        "scale_high": percent(scale[1], 0),
        "before": percent(before) if before is not None else "–",
        "verdict": verdict(f),
        "spark": drawing.spark(series, lows, highs) if len(series) > 1 else None,
        "last": day(f.last_at.date()) if f.last_at else "–",
    }


def name(f: FeatureUse, found: FeatureResult) -> str:
    """Return what a feature is called; known words are in the reader's language."""
    return columns.value_name(found.query.column, f.feature)


def verdict(f: FeatureUse) -> VerdictMark | None:
    """Return whether more or fewer of the active customers use a feature than before."""
    test = f.change
    if test is None or test.difference is None or test.low is None or test.high is None:
        return None
    sentence = gettext("{difference} pp ({low} to {high})").format(
        difference=signed(test.difference), low=signed(test.low), high=signed(test.high)
    )
    if not f.differs:
        return VerdictMark("equal", gettext("No clear change"), "quiet", sentence)
    if test.difference > 0:
        return VerdictMark("arrow-up", gettext("More use it"), "good", sentence)
    return VerdictMark("arrow-down", gettext("Fewer use it"), "bad", sentence)


def unused(found: FeatureResult) -> list[Row]:
    """Return the features that nobody used in the period, with when somebody did the last time."""
    return [
        {
            "name": name(f, found),
            "when": gettext("last used on {day}").format(day=day(f.last_at.date()))
            if f.last_at
            else gettext("never used by anybody"),
            "before": ngettext("{n} customer before", "{n} customers before", f.before.count).format(n=f.before.count)
            if f.before and f.before.count
            else "",
        }
        for f in found.unused[:MOST]
    ]


def chart(f: FeatureUse, found: FeatureResult) -> Row | None:
    """Return the chart of a feature's adoption over time; None where it has no series."""
    if len(f.series) < 2:
        return None
    grain, tz = found.query.grain, found.query.period.tz
    edges = [n for s in f.series for n in (s.value, s.low, s.high) if n is not None]
    ticks = drawing.ticks(0.0, max(edges, default=1.0), "share", (0.0, 1.0))
    return {
        "id": "adoption",
        "script": "adoption-data",
        "label": "",
        "data": {
            "steps": [tick(start, grain, tz) for start in found.starts],
            "ticks": [[at, percent(at, 0 if round(at * 100, 6).is_integer() else 1)] for at in ticks],
            "value": [s.value for s in f.series],
            "low": [s.low for s in f.series],
            "high": [s.high for s in f.series],
            "before": [],
            "faint": [s.n < 30 for s in f.series],
            "told": [
                {
                    "step": step(start, grain, tz),
                    "value": percent(s.value),
                    "interval": between(s),
                    "sample": ngettext(
                        "{users} of {n} active customer", "{users} of {n} active customers", s.n
                    ).format(users=words.count(s.count), n=words.count(s.n)),
                    "note": gettext("too few to rely on") if s.n < 30 else "",
                    "before": "",
                }
                for start, s in zip(found.starts, f.series, strict=True)
            ],
            "marks": [],
        },
    }  # fmt: skip


def sheet(found: FeatureResult) -> Sheet:
    """Return the features as a table."""
    names = ("feature", "users", "uses", "active", "adoption", "low", "high", "before", "difference", "difference_low")
    names += ("difference_high", "p_value", "adjusted_p", "first_used", "last_used")
    headings = [
        *(gettext("Feature"), gettext("Customers"), gettext("Uses"), gettext("Active customers"), gettext("Adoption")),
        *(gettext("Interval from"), gettext("Interval to"), gettext("Before"), gettext("Difference")),
        *(gettext("Difference from"), gettext("Difference to"), gettext("p-value"), gettext("Adjusted p-value")),
        *(gettext("First used"), gettext("Last used")),
    ]
    made = []
    for f in found.features:
        test = (f.change.difference, f.change.low, f.change.high, f.change.p_value) if f.change else (None,) * 4
        own = f.feature, f.users, f.uses, f.adoption.n, f.adoption.value, f.adoption.low, f.adoption.high
        made.append((*own, f.before.value if f.before else None, *test, f.adjusted_p, f.first_at, f.last_at))
    forms = ("", *["#,##0"] * 3, *["0.0%"] * 7, "0.0000", "0.0000")
    return Sheet("features", names, headings, made, forms=forms)


def series_sheet(found: FeatureResult) -> Sheet:
    """Return the adoption of each feature over time as a table."""
    rows = [
        (start, f.feature, s.count, s.n, s.value, s.low, s.high)
        for f in found.features
        if f.series
        for start, s in zip(found.starts, f.series, strict=True)
    ]
    headings = [gettext("When"), gettext("Feature"), gettext("Customers"), gettext("Active customers")]
    headings += [gettext("Adoption"), gettext("Interval from"), gettext("Interval to")]
    forms = ("", "", "#,##0", "#,##0", *["0.0%"] * 3)
    return Sheet(
        "adoption", ("start", "feature", "users", "active", "adoption", "low", "high"), headings, rows, forms=forms
    )
