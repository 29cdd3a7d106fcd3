"""The REST interface to figures: which indicators there are, any question to them, annotations."""

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal, TypeAlias

from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import P, Path, Query, Router, Schema, Status
from pydantic import AwareDatetime, ConfigDict, Field

from percorso.accounts.bearer import READ, WRITE, KeyRequest
from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator
from percorso.analytics.query import GRAINS, PRESETS, Period
from percorso.analytics.query import Query as Question
from percorso.analytics.result import Cell
from percorso.analytics.segments import Rule
from percorso.base import columns
from percorso.base.rest import PAGE, Page, Paging, Problem, Strict, example, page_of
from percorso.customers.segments.api import refuse_personal as refuse_personal_rule
from percorso.customers.segments.queries import rule_given
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights import actions, examples, queries
from percorso.insights.models import Annotation

router = Router()
GRAIN_DAYS = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
MOST_STEPS, MOST_CELLS = 3_000, 20_000
UNITS = (
    "points −100…100, share 0…1, scale, score 0…100, stars, seconds, milliseconds, days, tickets, count, number, "
    "or money in minor units (cents) of the ISO 4217 code in the cell's details.currency"
)
FIRST_YEAR, LAST_YEAR = 1970, 2199
Segment: TypeAlias = dict[str, list[str | None]]


class OptionOut(Schema):
    name: str
    about: str
    default: Any
    choices: list[Any] | None


class EditionOut(Schema):
    """One version of a definition."""

    version: int
    since: date
    about: str


class IndicatorOut(Schema):
    """An indicator as it defines itself."""

    key: str
    label: str
    about: str
    formula: str
    table: str
    family: str
    unit: str = Field(description=UNITS)
    better: str | None
    minimum_n: int
    level: str
    kind: str
    nature: str
    signal: bool = Field(description="shown with a target wherever it has one")
    exclusions: list[str]
    traps: list[str]
    literature: list[str] = Field(description="as cited, not translated")
    breakdowns: list[str]
    options: list[OptionOut]
    version: int
    history: list[EditionOut] = Field(description="every version of the definition, the oldest first")


class QueryIn(Strict):
    """A question to the facts."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    indicators: list[str] = Field(
        min_length=1,
        max_length=50,
        description="keys, see GET /indicators",
        json_schema_extra={"items": {"type": "string", "enum": list(INDICATORS)}},
    )
    period: Literal[tuple(PRESETS)] | None = Field(None, description="without it and without days: last_12_months")  # type: ignore[valid-type]
    first: date | None = Field(None, alias="from", description="first day, in the workspace's time zone")
    last: date | None = Field(None, alias="to", description="last day, inside of the period")
    grain: Literal[GRAINS] | None = Field(None, description="one figure a step; without it one figure")  # type: ignore[valid-type]
    by: list[str] = Field(default_factory=list, max_length=3, description="columns, customer.<trait>, properties.<key>")
    segment: Segment = Field(default_factory=dict, description="column → values; null stands for empty")
    within: str | dict[str, Any] | None = Field(
        None, description="only these customers: a segment's slug, or a rule as POST /segments takes it"
    )
    compare: Literal["previous", "year", "rest"] | Segment | None = None
    as_of: AwareDatetime | None = Field(None, description="what was known then; without it now")
    confidence: float = Field(0.95, ge=0.5, le=0.9999)
    options: dict[str, str | float | int | bool | None] = Field(default_factory=dict)
    sql: bool = Field(False, description="answer the SQL that ran, too")


class ChangeOut(Schema):
    before: float | None
    before_n: int | None
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    adjusted_p: float | None
    method: str | None
    verdict: Literal["up", "down", "none", "untested", "running"]
    good: bool | None


class CellOut(Schema):
    """One figure; null means that there is none, never 0."""

    indicator: str
    start: datetime | None
    by: dict[str, str | None]
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    status: str
    details: dict[str, Any]
    change: ChangeOut | None


class QueryOut(Schema):
    """The answer; `from` and `to` are the first and the last day."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    time_zone: str
    cells: list[CellOut]
    sql: dict[str, str] | None


class AnnotationIn(Strict):
    day: date
    text: str = Field(min_length=1, max_length=200)
    indicator: str = Field("", max_length=64, description="key; empty for all")


class AnnotationOut(Schema):
    id: int
    day: date
    text: str
    indicator: str


def _page(keys: Sequence[str], limit: int) -> dict[str, Any]:
    return page_of(keys[: limit + 1], limit, lambda key: (key,))


@router.get(
    "/indicators", auth=READ, response=Page[IndicatorOut], summary="All indicators", operation_id="list_indicators",
    openapi_extra=example({"items": [examples.INDICATOR], "next": _page(tuple(INDICATORS), PAGE)["next"]}),
)  # fmt: skip
def list_indicators(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Every indicator with its definition, by key; texts in the language of Accept-Language."""
    after = paging.after((str,))
    keys = [key for key in INDICATORS if after is None or key > after[0]]
    found = _page(keys, paging.limit)
    return found | {"items": [_indicator(INDICATORS[key]) for key in found["items"]]}


@router.get(
    "/indicators/{key}", auth=READ, response=IndicatorOut, summary="One indicator", operation_id="get_indicator",
    openapi_extra=example(examples.INDICATOR),
)  # fmt: skip
def get_indicator(request: HttpRequest, key: Path[str, P(example="csat")]) -> dict[str, Any]:
    """One indicator with its definition."""
    if key not in INDICATORS:
        raise Problem(404, mark("There is no indicator {key}. See GET /indicators."), key=key)
    return _indicator(INDICATORS[key])


@router.post(
    "/query", auth=READ, response=QueryOut, by_alias=True, summary="Ask for figures", operation_id="query",
    openapi_extra=example(examples.ANSWER, asked=examples.QUESTION),
)  # fmt: skip
def query(request: KeyRequest, question: QueryIn) -> dict[str, Any]:
    """Figures with their intervals, samples and verdicts: the same question and the same answer as the pages."""
    workspace = request.auth.workspace
    if not request.auth.personal:
        _refuse_personal(question)
    within = rule_given(workspace, question.within) if question.within is not None else None
    if within is not None:
        refuse_personal_rule(request, within)
    asked = _question(question, workspace, within)
    result = queries.answer(asked)
    if len(result) > MOST_CELLS:
        raise BadQuestion(mark("The answer has {count} figures. Ask for less at once."), count=len(result))
    assert asked.period is not None
    return {
        "first": asked.period.start,
        "last": asked.period.end - timedelta(days=1),
        "time_zone": asked.tz,
        "cells": [_cell(cell) for cell in result],
        "sql": result.sql() if question.sql else None,
    }


@router.get(
    "/annotations", auth=READ, response=Page[AnnotationOut], summary="Annotations", operation_id="list_annotations",
    openapi_extra=example({"items": [examples.ANNOTATION], "next": None}),
)  # fmt: skip
def list_annotations(request: KeyRequest, paging: Query[Paging]) -> dict[str, Any]:
    """What people wrote on the time axis, the newest entry first."""
    rows = request.auth.workspace.annotations.order_by("-id")
    if after := paging.after():
        rows = rows.filter(pk__lt=after[0])
    return page_of(rows[: paging.limit + 1], paging.limit, lambda row: (row.pk,))


@router.post(
    "/annotations", auth=WRITE, response={201: AnnotationOut}, summary="Annotate a day", operation_id="make_annotation",
    openapi_extra=example(examples.ANNOTATION, 201, asked={k: v for k, v in examples.ANNOTATION.items() if k != "id"}),
)  # fmt: skip
def make_annotation(request: KeyRequest, annotation: AnnotationIn) -> Status[Annotation]:
    """Write on a day of one indicator's time axis, or of all."""
    _in_reach(annotation.day)
    return Status(201, actions.make_annotation(request.auth.workspace, **annotation.dict(), by=str(request.auth)))


def _indicator(indicator: Indicator) -> dict[str, Any]:
    names = ("key", "table", "family", "unit", "better", "minimum_n", "version", "signal")
    return {name: getattr(indicator, name) for name in names} | {
        "label": gettext(indicator.label),
        "about": gettext(indicator.about),
        "formula": gettext(indicator.formula),
        "level": indicator.level,
        "kind": indicator.kind,
        "nature": indicator.nature,
        "exclusions": [gettext(text) for text in indicator.exclusions],
        "traps": [gettext(text) for text in indicator.traps],
        "literature": list(indicator.literature),
        "history": [{"version": e.version, "since": e.since, "about": gettext(e.about)} for e in indicator.history],
        "breakdowns": list(indicator.segments),
        "options": [
            {
                "name": name,
                "about": gettext(option.about),
                "default": option.default,
                "choices": list(option.choices) if option.choices is not None else None,
            }
            for name, option in indicator.options.items()
        ],
    }


def _question(question: QueryIn, workspace: Workspace, within: Rule | None) -> Question:
    """Return the question to the facts.

    Raises
    ------
    BadQuestion : names that do not exist, or more steps than anybody reads.
    """
    for key in question.indicators:
        if key not in INDICATORS:
            raise BadQuestion(mark("There is no indicator {key}. See GET /indicators."), key=key)
    period = _period(question, workspace.time_zone)
    if question.grain and (period.end - period.start).days / GRAIN_DAYS[question.grain] > MOST_STEPS:
        raise BadQuestion(mark("That is more than {count} steps. Choose a longer grain."), count=MOST_STEPS)
    if question.as_of:
        _in_reach(question.as_of.date())
    compare = question.compare
    return Question(
        tuple(dict.fromkeys(question.indicators)),
        workspace.slug,
        period=period,
        grain=question.grain,
        by=tuple(dict.fromkeys(question.by)),
        segment=_segment(question.segment),
        within=within,
        compare=_segment(compare) if isinstance(compare, dict) else compare,
        as_of=question.as_of,
        confidence=question.confidence,
        options=question.options,
        schedule=workspace.schedule,
        tz=workspace.time_zone,
    )


def _segment(given: Segment) -> dict[str, tuple[str | None, ...]]:
    return {name: tuple(values) for name, values in given.items()}


def _period(question: QueryIn, tz: str) -> Period:
    if question.first is None and question.last is None:
        return Period.preset(question.period or "last_12_months", tz)
    if question.period is not None or question.first is None or question.last is None:
        raise BadQuestion(mark("Give either a period, or the days from and to."))
    _in_reach(question.first)
    _in_reach(question.last)
    return Period(question.first, question.last + timedelta(days=1), tz)


def _in_reach(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadQuestion(mark("{text} is out of reach. Give days from 1970 to 2199."), text=day.isoformat())


def _refuse_personal(question: QueryIn) -> None:
    other = list(question.compare) if isinstance(question.compare, dict) else []
    for name in [*question.by, *question.segment, *other]:
        if columns.tells_who(name):
            raise Problem(
                403, mark("{column} can tell who somebody is. Use a key that may read personal data."), column=name
            )


def _cell(cell: Cell) -> dict[str, Any]:
    told: dict[str, Any] = _finite(vars(cell) | {"change": vars(cell.change) if cell.change else None})
    return told


def _finite(value: Any) -> Any:
    """Return `value` as JSON can say it: without NaN and infinity."""
    if isinstance(value, dict) or hasattr(value, "items"):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
