"""The headline figures: what the questions measure, from the facts, as cards show them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext

from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.measure import measure
from percorso.analytics.query import Query
from percorso.analytics.reasons import REASONS
from percorso.analytics.result import Cell
from percorso.analytics.segments import Rule, parse
from percorso.analytics.statistics.intervals import wilson
from percorso.base import columns, drawing, words
from percorso.base.drawing import Bar, Scale
from percorso.customers.models import Segment
from percorso.customers.segments.counting import remembered
from percorso.customers.segments.queries import resolved, rules_of
from percorso.i18n import mark
from percorso.surveys.models import Survey
from percorso.surveys.results.scope import Scope, safe_groups
from percorso.surveys.results.stored import rate_within

EMPLOYEE, PARTNER, CUSTOMER = Survey.Population.EMPLOYEE, Survey.Population.PARTNER, Survey.Population.CUSTOMER
COMPANY = ("", "company")
# Indicators of a whole questionnaire; their parts are shown question by question.
WHOLE = {
    "sus": "sus",
    "see": "see_index",
    "six_pillars": "six_pillars_index",
    "task_success": "task_success_rate",
    "task_time": "time_on_task",
    "servqual_expected": "servqual_gap",
    "servqual_perceived": "servqual_gap",
}
# By what figures can be broken down: columns of answers, then of customers.
OF_ANSWERS = ("channel", "language")
OF_CUSTOMERS = ("customer.country", "customer.region", "customer.plan", "customer.segment", "customer.language")
SEGMENTS = "segments"
MOST_GROUPS, MOST_SEGMENTS = 20, 12
HIDDEN = mark("too few answers to show")


@dataclass(frozen=True)
class Measured:
    """What is asked of the facts: an indicator with its options; of the answers about one aspect where one is named.

    apart : the survey asks the same about aspects too, and their answers are not meant.
    """

    key: str
    aspect: str = ""
    options: tuple[tuple[str, Any], ...] = ()
    apart: bool = False

    @property
    def name(self) -> str:
        key = "nps" if self.key == "nps_aspect" else self.key
        label = gettext(INDICATORS[key].label)
        return f"{label} · {columns.value_name('aspect', self.aspect)}" if self.aspect else label

    def query(self, scope: Scope, **more: Any) -> Query:
        """Return the question to the facts."""
        segment: dict[str, tuple[str | None, ...]] = {"survey": (scope.survey.slug,)}
        if self.aspect:
            segment["aspect"] = (self.aspect,)
        elif self.apart:
            segment["aspect"] = (None, *COMPANY)
        return Query(
            (self.key,), scope.survey.workspace.slug, None, segment=segment, options=dict(self.options),
            as_of=scope.until, **more,
        )  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """One figure as the component `figure.html` shows it."""

    name: str
    value: str
    interval: str
    sample: str
    note: str
    faint: bool
    bar: Bar
    scale_low: str
    scale_high: str
    measured: Measured | None = None
    spark: None = None
    verdict: None = None


@dataclass(frozen=True)
class Row:
    """A group with the figure of its answers and its response rate; None where there is none."""

    label: str
    figure: Shown | None
    rate: Shown | None


def measured_by(scope: Scope) -> list[Measured]:
    """Return what the survey's questions measure, each once, in the order of the questions."""
    found: list[Measured] = []
    for asked in scope.asked:
        question = asked.question
        if question.metric:
            rows = getattr(question.config, "rows", [])
            aspects = [row.aspect for row in rows if row.aspect] or [question.aspect]
            scale = getattr(asked.kind, "ends", lambda _: (0, 0))(question)
            found += [one for aspect in aspects if (one := _measured(question.metric, aspect, scope.survey, scale))]
    parted = {one.key for one in found if one.aspect}
    return list(dict.fromkeys(replace(one, apart=not one.aspect and one.key in parted) for one in found))


def _measured(metric: str, aspect: str, survey: Survey, scale: tuple[int, int]) -> Measured | None:
    """Return the indicator that a metric gives for those who were asked; None when there is none."""
    asked = survey.population
    about = "" if aspect in COMPANY else aspect
    if metric in WHOLE:
        return Measured(WHOLE[metric])
    if metric in ("nps", "enps") and asked == EMPLOYEE:
        return Measured("enps", about)
    if metric == "nps" and asked == CUSTOMER:
        return Measured("nps_aspect", about) if about else Measured("nps")
    if metric in ("csat", "sps") and asked == PARTNER:
        return Measured("sps", about)
    if metric == "csat" and asked == CUSTOMER:
        return Measured("csat", about)
    if metric == "ces" and asked == CUSTOMER:
        return Measured("ces", about, (("version", "ces1" if scale == (1, 5) else "ces2"),))
    return Measured("fcr", "", (("definition", "survey"),)) if metric == "fcr" else None


def figure_of(one: Measured, cell: Cell, scale: Scale | None = None) -> Shown:
    """Return what to show of a cell."""
    indicator = INDICATORS[cell.indicator]
    scale = scale or drawing.scale_of(indicator.range, [cell.value, cell.low, cell.high], indicator.unit)
    note = "" if cell.status == "ok" else gettext(REASONS.get(cell.status, mark("no figure")))
    return Shown(
        name=one.name,
        value=words.value(cell.value, indicator, cell.n, cell.currency),
        interval=words.interval(cell, indicator),
        sample=words.sample(cell.n, indicator),
        note=note,
        faint=cell.status != "ok",
        bar=drawing.bar(cell.value, cell.low, cell.high, None, scale),
        scale_low=words.mark_on_scale(scale[0], indicator),
        scale_high=words.mark_on_scale(scale[1], indicator),
        measured=one,
    )


def headlines(scope: Scope, measures: Sequence[Measured]) -> list[Shown]:
    """Return the survey's figures."""
    found = [(one, _cells(scope, one)) for one in measures]
    return [
        hidden_figure(one.name) if scope.hides(cells[0].n or 0) else figure_of(one, cells[0])
        for one, cells in found
        if cells
    ]


def _cells(scope: Scope, one: Measured, by: str = "") -> list[Cell]:
    """Return a figure, by the values of a column if wanted; kept while the facts stay the same."""
    query = one.query(scope, by=(by,) if by else ())
    question = f"{one} of {scope.survey.slug} by {by} until {scope.until}"
    found: list[Cell] = remembered(scope.survey.workspace, question, lambda facts: list(measure(facts, query)))
    return found


def hidden_figure(name: str) -> Shown:
    """Return what is shown of a figure of too few answers."""
    return Shown(name, "–", "", "", gettext(HIDDEN), True, Bar(None, None, None, None), "", "")


def rate_of(name: str, k: int, n: int, sample: str) -> Shown:
    """Return a share of `n` with its Wilson interval."""
    p, low, high = wilson(k, n)
    cell = Cell("response_rate", None, {}, float(p), float(low), float(high), n, "ok") if n else None
    indicator = INDICATORS["response_rate"]
    value, interval = (words.value(cell.value, indicator, n), words.interval(cell, indicator)) if cell else ("–", "")
    bar = drawing.bar(float(p), float(low), float(high), None, (0.0, 1.0)) if n else Bar(None, None, None, None)
    return Shown(name, value, interval, sample, "" if n else gettext(REASONS["no_data"]), not n, bar, "0%", "100%")


def by_group(scope: Scope, one: Measured | None, column: str, rates: Mapping[str | None, tuple[int, int]]) -> list[Row]:
    """Return a figure by the values of a column, the largest group first, with each one's response rate.

    one : None where the survey measures nothing; then the groups have only their rates.
    rates : answered and delivered invitations by value, where they are known.
    """
    if one is None:
        return [
            Row(columns.value_name(column, v), None, rate(rates[v])) for v in sorted(rates, key=lambda v: -rates[v][1])
        ]
    cells = {c.by.get(column): c for c in _cells(scope, one, column)}
    named = {value or "": (cell.n or 0) for value, cell in cells.items()}
    allowed = safe_groups(named.items(), scope.least) if scope.survey.anonymous else set(named)
    ranked = sorted(cells, key=lambda v: -(cells[v].n or 0))[:MOST_GROUPS]
    scale = _scale(one, [cells[v] for v in ranked if (v or "") in allowed])
    rows = []
    for value in [*ranked, *sorted((v for v in rates if v not in cells), key=str)]:
        cell = cells.get(value)
        label = columns.value_name(column, value)
        figure = None
        if cell is not None:
            figure = figure_of(one, cell, scale) if (value or "") in allowed else hidden_figure(one.name)
        rows.append(Row(label, figure, rate(rates.get(value))))
    return rows


def by_segment(scope: Scope, one: Measured | None, workspace: Workspace) -> list[Row]:
    """Return a figure and the response rate of the customers in each segment; one customer may be in several.

    one : None where the survey measures nothing.
    """
    known = rules_of(workspace)
    chosen = list(Segment.objects.filter(workspace=workspace)[:MOST_SEGMENTS])
    rules = [resolved(workspace, parse(s.rule), s.slug, known) for s in chosen]
    cells = [None if one is None else _within(scope, one, rule) for rule in rules]
    scale = None if one is None else _scale(one, [cell for cell in cells if cell is not None])
    figures = [figure_of(one, cell, scale) if one and cell and cell.n else None for cell in cells]
    rates = [rate(rate_within(scope, rule)) for rule in rules]
    rows = [Row(s.name, *told) for s, *told in zip(chosen, figures, rates, strict=True)]
    return [row for row in rows if row.figure or row.rate]


def _within(scope: Scope, one: Measured, rule: Rule) -> Cell | None:
    query, question = one.query(scope, within=rule), f"{one} of {scope.survey.slug} within {rule!r}"
    found: Cell | None = remembered(
        scope.survey.workspace, question, lambda facts: next(iter(measure(facts, query)), None)
    )
    return found


def _scale(one: Measured, cells: Iterable[Cell]) -> Scale:
    numbers = [n for c in cells for n in (c.value, c.low, c.high)]
    return drawing.scale_of(INDICATORS[one.key].range, numbers, INDICATORS[one.key].unit)


def rate(counts: tuple[int, int] | None) -> Shown | None:
    if counts is None or not counts[1]:
        return None
    answered, delivered = counts
    told = gettext("{answered} of {sent}").format(answered=words.count(answered), sent=words.count(delivered))
    return rate_of("", answered, delivered, told)
