"""The effect of closing the loop as a person reads it, and as a file."""

from collections.abc import Iterator
from typing import Any

from babel.numbers import format_decimal
from django.utils.translation import gettext, ngettext

from percorso.analytics.lifetime.loop import QUESTIONS, Band, LoopEffect, Side
from percorso.base import drawing, words
from percorso.i18n import mark
from percorso.insights.value.shown import share

Row = dict[str, Any]
NAMES = {
    "nps": mark("Recommendation (NPS, 0 to 10)"),
    "csat": mark("Satisfaction (CSAT, 1 to 5)"),
}
VERDICTS = {
    "better": (mark("getting back to them helped"), "good"),
    "worse": (mark("those contacted recovered less"), "bad"),
    "none": (mark("no effect beyond chance"), "quiet"),
    "low_sample": (mark("too few to rely on"), "quiet"),
    "no_data": (mark("nobody to compare with"), "quiet"),
}
COLUMNS = (
    "question", "first_score_from", "first_score_to", "effect", "low", "high", "p_value", "status",
    "contacted", "contacted_answered_again", "contacted_before", "contacted_after", "contacted_recovered",
    "others", "others_answered_again", "others_before", "others_after", "others_recovered",
)  # fmt: skip


def questions(chosen: str) -> list[tuple[str, str, bool]]:
    """Return the menu of questions."""
    return [(key, gettext(NAMES[key]), key == chosen) for key in QUESTIONS]


def verdict_of(band: Band) -> str:
    """Return the key of the verdict (`VERDICTS`) on a band."""
    found = band.difference
    if band.status == "no_data":
        return "no_data"
    if found.low is None or found.high is None or band.status != "ok":
        return "low_sample"
    return "better" if found.low > 0 else "worse" if found.high < 0 else "none"


def told(found: LoopEffect) -> Row:
    """Return the figure, the chart and the table; scores and changes in points of the question's scale."""
    every = (found.whole, *found.bands)
    ends = [v for b in every for v in (b.difference.effect, b.difference.low, b.difference.high) if v is not None]
    widest = max((abs(v) for v in ends), default=1.0) or 1.0
    rows = [
        _row(band, widest, _band_name(band) if i else gettext("All who were unhappy")) for i, band in enumerate(every)
    ]
    return {
        "whole": rows[0],
        "rows": rows,
        "chart": _chart(found),
        "dropped": _dropped(found.whole),
        "sql": found.sql,
    }


def _row(band: Band, widest: float, name: str) -> Row:
    found, key = band.difference, verdict_of(band)
    contacted = _side(band.contacted, found.mean_change_treated)
    others = _side(band.others, found.mean_change_control)
    return {
        "name": name,
        "effect": points(found.effect),
        "interval": _interval(found.low, found.high),
        "verdict": gettext(VERDICTS[key][0]),
        "tone": VERDICTS[key][1],
        "faint": band.status != "ok",
        # Zero stands in the middle, where an earlier value has its mark.
        "bar": drawing.bar(found.effect, found.low, found.high, 0.0, (-widest, widest)),
        "scale_low": points(-widest),
        "scale_high": points(widest),
        "contacted": contacted,
        "others": others,
        "sides": (contacted, others),
    }


def _side(side: Side, change: float | None) -> Row:
    return {
        "customers": words.count(side.customers),
        "answered": words.count(side.answered),
        "before": score(side.before),
        "after": score(side.after),
        "change": points(change),
        "recovered": share(side.recovered_share),
        "between": _shares(side),
    }


def _shares(side: Side) -> str:
    if side.recovered_low is None or side.recovered_high is None:
        return ""
    low, high = share(side.recovered_low), share(side.recovered_high)
    return gettext("{low} to {high}").format(low=low, high=high)


def _interval(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return gettext("{low} to {high}").format(low=points(low), high=points(high))


def _band_name(band: Band) -> str:
    if band.low == band.high:
        return gettext("First score {score}").format(score=score(band.low, "0"))
    return gettext("First score {low} to {high}").format(low=score(band.low, "0"), high=score(band.high, "0"))


def _dropped(band: Band) -> str:
    n = band.difference.dropped_treated + band.difference.dropped_control
    text = ngettext("{n} has not answered again.", "{n} have not answered again.", n)
    return text.format(n=words.count(n))


def _chart(found: LoopEffect) -> Row | None:
    """Return the mean scores of both sides, first and next; None when a side has none."""
    whole, asked = found.whole, QUESTIONS[found.question]
    sides = [(s.before, s.after) for s in (whole.contacted, whole.others)]
    if any(value is None for side in sides for value in side):
        return None
    names = (gettext("First, unhappy answer"), gettext("Next answer"))
    value, before = sides
    return {
        "id": "loop",
        "script": "loop-data",
        "label": "",
        "data": {
            "steps": list(names),
            "ticks": [[t, score(t, "0")] for t in range(int(asked.low), int(asked.high) + 1, 2 if asked.high > 5 else 1)],
            "value": list(value),
            "low": [None, None],
            "high": [None, None],
            "before": list(before),
            "faint": [whole.status != "ok"] * 2,
            "told": [
                {"step": name, "value": score(v), "interval": "", "sample": "", "note": "", "before": score(b)}
                for name, v, b in zip(names, value, before, strict=True)
            ],
            "marks": [],
        },
    }  # fmt: skip


def definition(found: LoopEffect) -> list[tuple[str, str]]:
    """Return what is compared, line by line."""
    asked = QUESTIONS[found.question]
    unhappy = gettext("Customers whose answer was {score} or lower; each counts once, with the first such answer.")
    return [
        (gettext("Unhappy"), unhappy.format(score=score(asked.unhappy, "0"))),
        (gettext("Contacted"), gettext("Somebody got back to them, in a case raised after that answer, before they answered again; all others were not contacted.")),
        (gettext("Next answer"), gettext("The first one to the same question at least a day later. Who has not answered again drops out and is counted.")),
        (gettext("Effect"), gettext("Mean change of those contacted minus mean change of the others (difference in differences).")),
        (gettext("Recovered"), gettext("Share of those who answered again that are no longer unhappy, with its 95% interval (Wilson).")),
        (gettext("Interval"), gettext("Welch's interval of the difference, 95%.")),
        (gettext("Too few"), gettext("Fewer than 30 who answered twice, on either side.")),
        (gettext("Trap"), gettext("Who is contacted is not drawn by lot. If the worst cases are contacted first, they also recover more by themselves: compare the rows of equally unhappy customers, or contact one in ten later, by lot.")),
    ]  # fmt: skip


def lines(found: LoopEffect) -> Iterator[tuple[Any, ...]]:
    """Give the rows of the file, all of `COLUMNS`: all who were unhappy first, then those who were equally unhappy."""
    for band in (found.whole, *found.bands):
        d = band.difference
        sides = [(s.customers, s.answered, s.before, s.after, s.recovered_share) for s in (band.contacted, band.others)]
        effect = (d.effect, d.low, d.high, d.p_value, band.status)
        yield (found.question, band.low, band.high, *effect, *sides[0], *sides[1])


def score(value: float | None, form: str = "0.0") -> str:
    """Return a score; an en dash where there is none."""
    return "–" if value is None else str(format_decimal(value, form, locale=words.locale()))


def points(value: float | None) -> str:
    """Return a change of a score, with its sign."""
    return "–" if value is None else str(format_decimal(value, "+0.0;−0.0", locale=words.locale()))
