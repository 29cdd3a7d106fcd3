"""What questions about use have in common in the REST interface: events as steps, days, whose, shares."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field

from percorso.accounts.bearer import KeyRequest
from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.events import Step
from percorso.analytics.behaviour.shares import Share
from percorso.analytics.query import PRESETS, Period
from percorso.analytics.segments import Rule
from percorso.base.columns import tells_who
from percorso.base.rest import Problem, Strict
from percorso.customers.segments.api import refuse_personal
from percorso.customers.segments.queries import rule_given
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.api import FIRST_YEAR, LAST_YEAR

Name = Annotated[str, Field(min_length=1, max_length=200)]


class StepIn(Strict):
    """An event, and columns (or properties.<key>) that must have a value."""

    event: Name
    where: dict[str, Name] = Field(default_factory=dict, max_length=10)


class WhoseIn(Strict):
    """Which days, whose events, and what was known when."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    period: Literal[tuple(PRESETS)] | None = Field(None, description="without it and without days: last_12_months")  # type: ignore[valid-type]
    first: date | None = Field(None, alias="from", description="first day, in the workspace's time zone")
    last: date | None = Field(None, alias="to", description="last day, inside of the period")
    segment: str | dict[str, Any] | None = Field(
        None, description="only these customers: a segment's slug, or a rule as POST /segments takes it"
    )
    as_of: AwareDatetime | None = Field(None, description="what was known then; without it now")
    confidence: float = Field(0.95, ge=0.5, le=0.9999)
    sql: bool = Field(False, description="answer the SQL that ran, too")


class BehaviourIn(WhoseIn):
    """Which days, whose events, by which columns, and what was known when."""

    by: list[Name] = Field(
        default_factory=list, max_length=2, description="columns, customer.<trait>, properties.<key>"
    )


class ShareOut(Schema):
    """A share of customers with its Wilson interval; null of nobody."""

    count: int
    n: int
    value: float | None
    low: float | None
    high: float | None


def step_given(step: StepIn | str) -> Step:
    """Return the step that a program gives: a text names its event."""
    return Step(step) if isinstance(step, str) else Step(step.event, tuple(step.where.items()))


def period_given(asked: WhoseIn, workspace: Workspace) -> Period:
    """Return the days that a program asks for.

    Raises
    ------
    BadQuestion : they are given twice, half, or out of reach.
    """
    if asked.first is None and asked.last is None:
        return Period.preset(asked.period or "last_12_months", workspace.time_zone)
    if asked.period is not None or asked.first is None or asked.last is None:
        raise BadQuestion(mark("Give either a period, or the days from and to."))
    for day in (asked.first, asked.last):
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise BadQuestion(mark("{text} is out of reach. Give days from 1970 to 2199."), text=day.isoformat())
    return Period(asked.first, asked.last + timedelta(days=1), workspace.time_zone)


def rule_asked(request: KeyRequest, asked: WhoseIn, steps: tuple[Step, ...] = ()) -> Rule | None:
    """Return the resolved rule of the customers asked about; None for everybody.

    Raises
    ------
    Problem : it, a step or a breakdown picks by personal data, and the key may not read that.
    BadQuestion : there is no such segment, or the instant is out of reach.
    """
    if asked.as_of is not None and not FIRST_YEAR < asked.as_of.year <= LAST_YEAR:
        raise BadQuestion(mark("{text} is out of reach. Give days from 1970 to 2199."), text=asked.as_of.isoformat())
    by = asked.by if isinstance(asked, BehaviourIn) else ()
    for name in (*by, *(column for step in steps for column, _ in step.where)):
        if not request.auth.personal and tells_who(name):
            raise Problem(
                403, mark("{column} can tell who somebody is. Use a key that may read personal data."), column=name
            )
    rule = None if asked.segment is None else rule_given(request.auth.workspace, asked.segment)
    if rule is not None:
        refuse_personal(request, rule)
    return rule


def share_out(share: Share | None) -> dict[str, Any] | None:
    """Return a share as JSON says it."""
    return None if share is None else vars(share)
