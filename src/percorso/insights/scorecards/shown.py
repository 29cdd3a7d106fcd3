"""Scorecards as pages show them."""

from typing import Any

from django.utils.translation import gettext, ngettext

from percorso.analytics.format import format_value
from percorso.analytics.scorecards import Score
from percorso.base import columns, drawing, words
from percorso.insights.figures import figure_of
from percorso.insights.scorecards.queries import Card, Told
from percorso.insights.scorecards.radar import radar

WHOLE = (0.0, 100.0)


def number(score: float | None) -> str:
    """Return a score in whole points."""
    return "–" if score is None else words.count(round(score))


def interval(score: Score) -> str:
    """Return the interval of a score as words; empty when there is none."""
    if score.low is None or score.high is None:
        return ""
    return gettext("between {low} and {high}").format(low=number(score.low), high=number(score.high))


def bar(score: Score) -> dict[str, Any]:
    """Return what the interval component draws of a score."""
    return {
        "bar": drawing.bar(score.value, score.low, score.high, None, WHOLE),
        "scale_low": words.count(0),
        "scale_high": words.count(100),
    }


def shown(card: Card) -> dict[str, Any]:
    """Return everything a scorecard's page shows: index, radar, pillars with their evidence."""
    pillars = [
        {
            "key": pillar.key,
            "name": gettext(pillar.label),
            "about": gettext(pillar.about),
            "score": number(found.score.value),
            "interval": interval(found.score),
            "bar": bar(found.score),
            "none": found.score.value is None,
            "used": used_words(found.used, found.given),
            "evidence": [evidence_of(told) for told in mine],
        }
        for pillar, found, mine in card.pillars
    ]
    drawn = radar([found.score for _, found, _ in card.pillars])
    return {
        "framework": gettext(card.framework.label),
        "about": gettext(card.framework.about),
        "index": number(card.index.value),
        "index_interval": interval(card.index),
        "index_bar": bar(card.index),
        "complete": card.index.value is not None,
        "pillars": pillars,
        "radar": drawn,
        "axes": list(zip(drawn.axes, pillars, strict=True)),
    }


def used_words(used: int, given: int) -> str:
    """Return how much of the evidence has a figure."""
    if given == 0:
        return gettext("no evidence")
    if used == 0:
        return gettext("no facts in this period")
    if used == given:
        return ngettext("from {n} figure", "from {n} figures", used).format(n=words.count(used))
    return gettext("from {used} of {given} figures; the others have no facts in this period").format(
        used=words.count(used), given=words.count(given)
    )


def evidence_of(told: Told) -> dict[str, Any]:
    """Return a line of a pillar's evidence."""
    indicator, given = told.indicator, told.given
    return {
        "id": given["id"],
        "key": indicator.key,
        "name": gettext(indicator.label),
        "filter": filter_words(given),
        "figure": figure_of(told.cell) if told.cell else None,
        "reason": gettext(told.reason.message).format(**told.reason.params) if told.reason else "",
        "ends": gettext("{bad} counts as 0, {good} as 100").format(
            bad=words.value(given["bad"], indicator), good=words.value(given["good"], indicator)
        ),
        "weight": format_value(given["weight"], "number", words.language()).rstrip("0").rstrip(".,"),
        "score": number(told.score.value),
        "interval": interval(told.score),
    }


def filter_words(given: Any) -> str:
    """Return which facts count, in words: values of columns, and options that differ from the usual."""
    picked = [
        gettext("{column}: {values}").format(
            column=columns.column_name(column), values=", ".join(columns.value_name(column, v) for v in values)
        )
        for column, values in given["filter"].items()
    ]
    return " · ".join([*picked, *(str(value) for value in given["options"].values())])
