"""Reads of scorecards: the figures of each piece of evidence, pillars, and what the facts would speak for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from percorso.accounts.models import Workspace
from percorso.analytics import scorecards as scores
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator
from percorso.analytics.query import Period, Query
from percorso.analytics.result import Cell
from percorso.analytics.scorecards import Score
from percorso.customers.queries import rule_of
from percorso.errors import BadQuestion, UserError
from percorso.insights.forms import Choice
from percorso.insights.models import Scorecard
from percorso.insights.queries import answer
from percorso.insights.scorecards.frameworks import ASKED, FRAMEWORKS, Evidence, Framework, Pillar

Given = Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """A piece of evidence, its figure, and its score; `reason` when it cannot be asked."""

    given: Given
    cell: Cell | None
    score: Score
    reason: UserError | None = None

    @property
    def indicator(self) -> Indicator:
        return INDICATORS[self.given["indicator"]]


@dataclass(frozen=True)
class Card:
    """A scorecard with its figures: (pillar, score of the pillar, its evidence) in the order of the framework."""

    framework: Framework
    pillars: tuple[tuple[Pillar, scores.Pillar, tuple[Told, ...]], ...]
    index: Score


def scorecards(workspace: Workspace) -> QuerySet[Scorecard]:
    """Return the scorecards of frameworks that still exist, by name."""
    return workspace.scorecards.filter(framework__in=FRAMEWORKS).select_related("segment")


def card_of(workspace: Workspace, found: Scorecard, choice: Choice) -> Card:
    """Return a scorecard's figures in the period and segment chosen."""
    framework = FRAMEWORKS[found.framework]
    told = _told(workspace, [e for e in found.evidence if e["indicator"] in INDICATORS], found, choice)
    pillars = []
    for pillar in framework.pillars:
        mine = tuple(each for each in told if each.given["pillar"] == pillar.key)
        pillars.append((pillar, scores.pillar([e.score for e in mine], [e.given["weight"] for e in mine]), mine))
    return Card(framework, tuple(pillars), scores.index([score for _, score, _ in pillars]))


def proposed(workspace: Workspace, key: str) -> list[dict[str, Any]]:
    """Return evidence for the pillars of a framework: what usually speaks for them, where the last 12 months have facts."""
    wanted: list[dict[str, Any]] = []
    for pillar in FRAMEWORKS[key].pillars:
        asked = tuple(Evidence(name, filter={"aspect": [pillar.key]}) for name in ASKED)
        wanted += [made for each in (*pillar.usual, *asked) if (made := _written(pillar.key, each)) is not None]
    found = _figures(workspace, wanted, {"period": Period.preset("last_12_months", workspace.time_zone)})
    return [
        given for given, (cell, _) in zip(wanted, found, strict=True) if cell is not None and cell.value is not None
    ]


def ends_of(indicator: Indicator) -> tuple[float | None, float | None]:
    """Return which values of an indicator count as 0 and as 100: the ends of its range, where it has them."""
    low, high = indicator.range
    return (high, low) if indicator.better == "lower" else (low, high)


def figure_of_evidence(workspace: Workspace, given: Given) -> Cell:
    """Return the figure of a piece of evidence in the last 12 months.

    Raises
    ------
    BadQuestion : its filter or options do not fit the indicator.
    """
    period = Period.preset("last_12_months", workspace.time_zone)
    return answer(_query(workspace, (given["indicator"],), given, {"period": period})).rows[0]


def _written(pillar: str, usual: Evidence) -> dict[str, Any] | None:
    """Return usual evidence as it is kept; None when the indicator, option or scale does not exist here."""
    indicator = INDICATORS.get(usual.indicator) if usual.indicator in INDICATORS else None
    if indicator is None or not set(usual.options) <= set(indicator.options):
        return None
    if set(indicator.always_by) - set(usual.filter):
        return None
    bad, good = ends_of(indicator)
    bad, good = (bad if usual.bad is None else usual.bad), (good if usual.good is None else usual.good)
    if bad is None or good is None:
        return None
    return {
        "pillar": pillar, "indicator": usual.indicator, "options": usual.options, "filter": usual.filter,
        "bad": bad, "good": good, "weight": 1.0,
    }  # fmt: skip


def _told(workspace: Workspace, evidence: Sequence[Given], found: Scorecard, choice: Choice) -> list[Told]:
    within = rule_of(found.segment) or rule_of(choice.within)
    figures = _figures(workspace, evidence, {"period": choice.period, "within": within}, choice.segment)
    return [_scored(given, cell, reason) for given, (cell, reason) in zip(evidence, figures, strict=True)]


def _scored(given: Given, cell: Cell | None, reason: UserError | None) -> Told:
    if cell is None:
        return Told(given, None, Score(), reason)
    return Told(
        given, cell, scores.on_scale(cell.value, cell.low, cell.high, bad=given["bad"], good=given["good"]), reason
    )


def _figures(
    workspace: Workspace, evidence: Sequence[Given], asked: Mapping[str, Any], segment: Mapping[str, Any] | None = None
) -> list[tuple[Cell | None, UserError | None]]:
    """Return each one's figure, or why there is none; what shares filter and options is asked in one question."""
    together: dict[str, list[int]] = {}
    for at, given in enumerate(evidence):
        together.setdefault(json.dumps([given["filter"], given["options"]], sort_keys=True), []).append(at)
    found: list[tuple[Cell | None, UserError | None]] = [(None, None)] * len(evidence)
    for places in together.values():
        for group in _askable(workspace, [(at, evidence[at]) for at in places], asked, segment or {}):
            for at, cell, reason in group:
                found[at] = (cell, reason)
    return found


def _askable(
    workspace: Workspace, evidence: list[tuple[int, Given]], asked: Mapping[str, Any], segment: Mapping[str, Any]
) -> list[list[tuple[int, Cell | None, UserError | None]]]:
    """Return the figures of evidence with one filter; where one of them cannot be asked so, each is asked alone."""
    keys = tuple(dict.fromkeys(given["indicator"] for _, given in evidence))
    try:
        result = answer(_query(workspace, keys, evidence[0][1], asked, segment))
    except BadQuestion as error:
        if len(evidence) == 1:
            return [[(evidence[0][0], None, error)]]
        return [part for one in evidence for part in _askable(workspace, [one], asked, segment)]
    return [[(at, (result.of(given["indicator"]) or [None])[0], None) for at, given in evidence]]  # type: ignore[list-item]


def _query(
    workspace: Workspace,
    keys: tuple[str, ...],
    given: Given,
    asked: Mapping[str, Any],
    segment: Mapping[str, Any] | None = None,
) -> Query:
    mine = {column: tuple(values) for column, values in given["filter"].items()}
    return Query(
        keys, workspace.slug, segment={**(segment or {}), **mine}, options=dict(given["options"]),
        schedule=workspace.schedule, tz=workspace.time_zone, **asked,
    )  # fmt: skip
