"""The REST interface to funnels."""

from datetime import date, datetime, timedelta
from typing import Any, Literal

from ninja import Router, Schema
from pydantic import Field

from percorso.accounts.bearer import READ, KeyRequest
from percorso.analytics.behaviour.funnel import ANCHORS, MODES, Exclusion, Funnel, FunnelQuery
from percorso.analytics.behaviour.lengths import seconds_of
from percorso.analytics.query import GRAINS
from percorso.base.rest import Strict, example
from percorso.engagement.funnels import examples, queries
from percorso.engagement.funnels.forms import MOST_STEPS, MOST_WITHOUT
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
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.api import GRAIN_DAYS
from percorso.insights.api import MOST_STEPS as MOST_BUCKETS

router = Router()


class ExclusionIn(Strict):
    """An event that must not happen between two steps (numbered from 1); the last step without `to_step`."""

    event: Name
    from_step: int = Field(1, ge=1, le=MOST_STEPS)
    to_step: int | None = Field(None, ge=2, le=MOST_STEPS)


class FunnelIn(BehaviourIn):
    """A question about a funnel."""

    steps: list[StepIn | Name] = Field(min_length=1, max_length=MOST_STEPS, description="events, in order")
    window: str = Field("7d", max_length=20, description="time from the first step to the last: 30m, 24h, 7d, 2w")
    mode: Literal[tuple(MODES)] = Field("ordered", description="strict: nothing in between")  # type: ignore[valid-type]
    anchor: Literal[tuple(ANCHORS)] = Field("first", description="which attempt of a customer counts")  # type: ignore[valid-type]
    exclude: list[ExclusionIn] = Field(default_factory=list, max_length=MOST_WITHOUT)
    grain: Literal[GRAINS] | None = Field(None, description="a series by when customers began; without it none")  # type: ignore[valid-type]


class StepOut(Schema):
    """A step: who got there, of the first and of the step before, and what became of those who did not go on."""

    step: int
    event: str
    customers: int
    of_first: ShareOut
    of_step_before: ShareOut | None
    dropped: int = Field(description="got here and no further before their window closed")
    on_the_way: int = Field(description="got here, and may still go on")


class GroupOut(Schema):
    """The funnel of all customers, of a group, or of those who began in one step of time."""

    by: dict[str, str]
    start: datetime | None
    status: Literal["ok", "low_sample", "no_data"] = Field(description="low_sample: under 30 began")
    steps: list[StepOut]
    conversion: ShareOut
    finished: ShareOut = Field(description="the same of those only whose window has closed")
    median_seconds: float | None
    median_low: float | None
    median_high: float | None
    p90_seconds: float | None
    km_median_seconds: float | None = Field(description="by Kaplan-Meier, those on the way counted as not there yet")


class FunnelOut(Schema):
    """The answer; `from` and `to` are the first and the last day on which attempts began."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    time_zone: str
    total: GroupOut
    groups: list[GroupOut]
    series: list[GroupOut]
    sql: str | None


@router.post(
    "/behaviour/funnel", auth=READ, response=FunnelOut, by_alias=True, summary="Funnel", operation_id="ask_funnel",
    openapi_extra=example(examples.FUNNEL, asked=examples.FUNNEL_ASKED),
)  # fmt: skip
def ask_funnel(request: KeyRequest, asked: FunnelIn) -> dict[str, Any]:
    """How many customers get from each step to the next, with intervals, and how long it takes."""
    workspace = request.auth.workspace
    steps = tuple(step_given(step) for step in asked.steps)
    rule, period = rule_asked(request, asked, steps), period_given(asked, workspace)
    if asked.grain and (period.end - period.start).days / GRAIN_DAYS[asked.grain] > MOST_BUCKETS:
        raise BadQuestion(mark("That is more than {count} steps. Choose a longer grain."), count=MOST_BUCKETS)
    exclusions = tuple(Exclusion(e.event, e.from_step, e.to_step or len(steps)) for e in asked.exclude)
    query = FunnelQuery(
        steps, seconds_of(asked.window), workspace.slug, period, asked.mode, asked.anchor, exclusions,
        tuple(dict.fromkeys(asked.by)), asked.grain, asked.as_of, asked.confidence,
    )  # fmt: skip
    result = queries.answer(workspace, query, rule)
    names = [step.label for step in steps]
    return {
        "first": period.start,
        "last": period.end - timedelta(days=1),
        "time_zone": period.tz,
        "total": _one(result.total, names),
        "groups": [_one(group, names) for group in result.groups],
        "series": [_one(each, names) for each in result.series],
        "sql": result.sql if asked.sql else None,
    }


def _one(found: Funnel, names: list[str]) -> dict[str, Any]:
    told = ("start", "status", "median_seconds", "median_low", "median_high", "p90_seconds", "km_median_seconds")
    return {name: getattr(found, name) for name in told} | {
        "by": dict(found.by),
        "conversion": share_out(found.overall),
        "finished": share_out(found.finished),
        "steps": [
            {
                "step": i + 1, "event": name, "customers": found.counts[i], "of_first": share_out(found.shares[i]),
                "of_step_before": share_out(found.step_rates[i]), "dropped": found.dropped[i],
                "on_the_way": found.on_the_way[i],
            }
            for i, name in enumerate(names)
        ],
    }  # fmt: skip
