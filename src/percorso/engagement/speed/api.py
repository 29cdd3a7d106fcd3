"""The REST interface to errors, and to what slow and broken pages go with."""

from datetime import date, datetime, timedelta
from typing import Any, Literal

from ninja import Router, Schema
from pydantic import Field

from percorso.accounts.bearer import READ, KeyRequest
from percorso.analytics.behaviour.errors import ErrorQuery
from percorso.analytics.behaviour.speed import SCORES, TROUBLES, Group, Impact, ImpactQuery
from percorso.base.columns import tells_who
from percorso.base.rest import Problem, example
from percorso.engagement.rest import Name, ShareOut, WhoseIn, period_given, rule_asked, share_out
from percorso.engagement.speed import examples, queries
from percorso.engagement.speed.forms import BY
from percorso.i18n import mark

router = Router()
ERROR = "Error Occurred"


class ImpactIn(WhoseIn):
    """A question about what slow and broken pages go with."""

    troubles: list[Literal[TROUBLES]] = Field(  # type: ignore[valid-type]
        default_factory=lambda: list(TROUBLES), min_length=1, max_length=6, description="web vitals, or errors"
    )
    score: Literal[SCORES] = "nps"  # type: ignore[valid-type]
    days: float = Field(28, gt=0, le=3660, description="how long before an answer the customer's visits count")


class SpeedGroupOut(Schema):
    """The scores of the customers of a band: NPS in points, or the share of the satisfied (CSAT)."""

    band: str = Field(
        description="good, needs_improvement, poor; none, one, several errors; or troubled, all but the first"
    )
    n: int
    value: float | None
    low: float | None
    high: float | None


class ImpactOut(Schema):
    """One trouble: the troubled less the untroubled, with interval, p-values adjusted for the number of troubles."""

    trouble: Literal[TROUBLES]  # type: ignore[valid-type]
    limit: float = Field(
        description="the highest value that is still good: milliseconds, CLS without a unit, or 0 errors"
    )
    bands: list[SpeedGroupOut]
    untroubled: SpeedGroupOut
    troubled: SpeedGroupOut
    unmeasured: int = Field(description="customers who answered, and of whose visits nothing is known")
    status: Literal["ok", "low_sample", "no_data"]
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    adjusted_p: float | None
    differs: bool


class ImpactsOut(Schema):
    """The answer."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    time_zone: str
    score: Literal[SCORES]  # type: ignore[valid-type]
    impacts: list[ImpactOut]
    sql: str | None


class ErrorsIn(WhoseIn):
    """A question about errors."""

    by: Name | None = Field(None, description="a column, customer.<trait>, properties.<key>; without it what they say")
    error: list[Name] = Field(default_factory=lambda: [ERROR], min_length=1, max_length=20, description="events")


class ErrorGroupOut(Schema):
    """The errors of one group; `hit` are the customers who met them, of all active ones."""

    value: str | None
    errors: int
    hit: ShareOut
    last_at: datetime


class ErrorsOut(Schema):
    """The answer: the groups of the most customers first, at most 100."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    time_zone: str
    errors: int
    hit: ShareOut
    groups: list[ErrorGroupOut]
    sql: str | None


@router.post(
    "/behaviour/speed-impact", auth=READ, response=ImpactsOut, by_alias=True, summary="What slow pages go with",
    operation_id="ask_speed_impact", openapi_extra=example(examples.IMPACT, asked=examples.IMPACT_ASKED),
)  # fmt: skip
def ask_speed_impact(request: KeyRequest, asked: ImpactIn) -> dict[str, Any]:
    """The scores of customers who had slow or broken pages before they answered, against those who had none."""
    workspace = request.auth.workspace
    rule, period = rule_asked(request, asked), period_given(asked, workspace)
    questions = [
        ImpactQuery(
            workspace.slug, period, trouble, asked.score, asked.days, as_of=asked.as_of, confidence=asked.confidence
        )
        for trouble in dict.fromkeys(asked.troubles)
    ]
    found = queries.impacts_in(workspace, questions, rule)
    return {
        "first": period.start,
        "last": period.end - timedelta(days=1),
        "time_zone": period.tz,
        "score": asked.score,
        "impacts": [_impact(one) for one in found],
        "sql": ";\n\n".join(one.sql for one in found) if asked.sql else None,
    }


def _impact(one: Impact) -> dict[str, Any]:
    test = {name: getattr(one.difference, name) for name in ("difference", "low", "high", "p_value")}
    return test | {
        "trouble": one.query.trouble,
        "limit": one.query.limit,
        "bands": [_group(group) for group in one.bands],
        "untroubled": _group(one.untroubled),
        "troubled": _group(one.troubled),
        "unmeasured": one.unmeasured,
        "status": one.status,
        "adjusted_p": one.adjusted_p,
        "differs": one.differs,
    }


def _group(group: Group) -> dict[str, Any]:
    return {"band": group.key, "n": group.n, "value": group.value, "low": group.value_low, "high": group.value_high}


@router.post(
    "/behaviour/errors", auth=READ, response=ErrorsOut, by_alias=True, summary="Errors",
    operation_id="ask_errors", openapi_extra=example(examples.ERRORS, asked=examples.ERRORS_ASKED),
)  # fmt: skip
def ask_errors(request: KeyRequest, asked: ErrorsIn) -> dict[str, Any]:
    """Which errors customers meet, or where, and how many customers meet them."""
    workspace = request.auth.workspace
    if asked.by and asked.by not in BY and not request.auth.personal and tells_who(asked.by):
        raise Problem(
            403, mark("{column} can tell who somebody is. Use a key that may read personal data."), column=asked.by
        )
    rule, period = rule_asked(request, asked), period_given(asked, workspace)
    query = ErrorQuery(
        workspace.slug, period, asked.by, tuple(asked.error), as_of=asked.as_of, confidence=asked.confidence
    )
    found = queries.errors_in(workspace, query, rule)
    return {
        "first": period.start,
        "last": period.end - timedelta(days=1),
        "time_zone": period.tz,
        "errors": found.errors,
        "hit": share_out(found.hit),
        "groups": [vars(group) | {"hit": share_out(group.hit)} for group in found.groups],
        "sql": found.sql if asked.sql else None,
    }
