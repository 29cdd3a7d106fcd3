"""The REST interface to retention."""

from datetime import date, timedelta
from typing import Any, Literal

from ninja import Router, Schema
from pydantic import Field

from percorso.accounts.bearer import READ, KeyRequest
from percorso.analytics.behaviour.retention import DAYS, KINDS, Retention, RetentionQuery
from percorso.base.rest import example
from percorso.engagement.rest import (
    BehaviourIn,
    Name,
    ShareOut,
    StepIn,
    period_given,
    rule_asked,
    share_out,
    step_given,
)
from percorso.engagement.retention import examples, queries
from percorso.engagement.retention.forms import MOST
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.api import MOST_CELLS

router = Router()


class RetentionIn(BehaviourIn):
    """A question about retention."""

    start: StepIn | Name = Field(description="the first of these events of all time puts a customer into a cohort")
    back: StepIn | Name | None = Field(
        None, alias="return", description="what counts as coming back; without it the same"
    )
    grain: Literal[tuple(DAYS)] = "week"  # type: ignore[valid-type]
    kind: Literal[tuple(KINDS)] = Field("n_day", description="in exactly that one, in it or later, or in brackets")  # type: ignore[valid-type]
    offsets: int = Field(8, ge=0, le=MOST, description="the last offset; for n_day and unbounded")
    brackets: list[tuple[int, int]] = Field(
        default_factory=list, max_length=MOST, description="first and last offset, both inside; for bracket"
    )


class CohortOut(Schema):
    """Customers who began in one day, week, month …; null until the bucket that a column needs is over."""

    start: date
    size: int
    returned: list[ShareOut | None]


class RetentionGroupOut(Schema):
    """The cohorts of all customers or of a group, and the share over all cohorts in which a column is complete."""

    by: dict[str, str]
    cohorts: list[CohortOut]
    average: list[ShareOut | None]


class RetentionOut(Schema):
    """The answer; `columns` are the first and the last offset of each column."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    time_zone: str
    columns: list[tuple[int, int]]
    total: RetentionGroupOut
    groups: list[RetentionGroupOut]
    sql: str | None


@router.post(
    "/behaviour/retention", auth=READ, response=RetentionOut, by_alias=True, summary="Retention",
    operation_id="ask_retention", openapi_extra=example(examples.RETENTION, asked=examples.RETENTION_ASKED),
)  # fmt: skip
def ask_retention(request: KeyRequest, asked: RetentionIn) -> dict[str, Any]:
    """Which share of customers comes back, by when they began and how long after, with intervals."""
    workspace = request.auth.workspace
    start = step_given(asked.start)
    back = None if asked.back is None else step_given(asked.back)
    rule = rule_asked(request, asked, tuple(step for step in (start, back) if step))
    period = period_given(asked, workspace)
    query = RetentionQuery(
        start, back, workspace.slug, period, asked.grain, asked.kind, asked.offsets, tuple(asked.brackets),
        tuple(dict.fromkeys(asked.by)), asked.as_of, asked.confidence, workspace.time_zone,
    )  # fmt: skip
    if (period.end - period.start).days / DAYS[asked.grain] * len(query.spans) > MOST_CELLS:
        raise BadQuestion(mark("The answer has {count} figures. Ask for less at once."), count=f"> {MOST_CELLS}")
    result = queries.answer(workspace, query, rule)
    return {
        "first": period.start,
        "last": period.end - timedelta(days=1),
        "time_zone": period.tz,
        "columns": list(query.spans),
        "total": _one(result.total),
        "groups": [_one(group) for group in result.groups],
        "sql": result.sql if asked.sql else None,
    }


def _one(found: Retention) -> dict[str, Any]:
    return {
        "by": dict(found.by),
        "cohorts": [
            {"start": c.start, "size": c.size, "returned": [share_out(share) for share in c.returned]}
            for c in found.cohorts
        ],
        "average": [share_out(share) for share in found.average],
    }
