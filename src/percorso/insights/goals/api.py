"""The REST interface to goals and benchmarks: what they are, how goals stand, and changing them."""

from datetime import date
from typing import Any, Literal

from ninja import Query, Router, Schema, Status
from pydantic import Field

from percorso.accounts.bearer import READ, WRITE, KeyRequest
from percorso.accounts.models import Person, Workspace
from percorso.base.rest import Page, Paging, Problem, Strict, example, page_of
from percorso.customers.models import Segment
from percorso.i18n import mark
from percorso.insights.api import FIRST_YEAR, LAST_YEAR
from percorso.insights.goals import actions, examples, queries
from percorso.insights.goals.queries import Standing
from percorso.insights.models import Benchmark, Goal

router = Router()
LARGEST = 1e15
Option = str | float | int | bool | None


def _number(**more: Any) -> Any:
    return Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False, **more)


class GoalIn(Strict):
    """A goal; values are in the indicator's unit."""

    indicator: str = Field(max_length=64, description="key, see GET /indicators")
    target: float = _number()
    starts: date
    due: date
    baseline: float | None = _number(default=None, description="null: the figure of the 30 days before the start")
    segment: str | None = Field(None, max_length=60, description="slug of a segment; null: all customers")
    owner: str | None = Field(None, max_length=254, description="e-mail address of a member")
    drivers: list[str] = Field(
        default_factory=list,
        max_length=50,
        description="keys of leading indicators that move it; at least one for a lagging indicator",
    )
    note: str = Field("", max_length=300)
    options: dict[str, Option] = Field(default_factory=dict)


class GoalChange(Strict):
    """What shall be different; what is not sent stays."""

    target: float = _number(default=0.0)
    starts: date = Field(default=date(1970, 1, 1))
    due: date = Field(default=date(1970, 1, 1))
    baseline: float | None = _number(default=None)
    segment: str | None = Field(None, max_length=60)
    owner: str | None = Field(None, max_length=254)
    drivers: list[str] = Field(default_factory=list, max_length=50)
    note: str = Field("", max_length=300)
    options: dict[str, Option] = Field(default_factory=dict)


class NowOut(Schema):
    """The figure of the last 30 whole days; of a goal that is over, of those that end with its due day."""

    value: float | None
    low: float | None
    high: float | None
    n: int | None
    status: str


class ExpectedOut(Schema):
    """What the trend expects on the due day, and where 95% of such figures will lie."""

    value: float
    low: float
    high: float


class GoalOut(Schema):
    """A goal and how it stands."""

    id: int
    indicator: str
    options: dict[str, Option]
    segment: str | None
    target: float
    baseline: float | None
    starts: date
    due: date
    owner: str | None
    drivers: list[str]
    note: str
    state: Literal["open", "reached", "missed", "unknown"] = Field(description="open until the due day has passed")
    now: NowOut
    progress: float | None = Field(description="share of the way from the baseline to the target")
    probability: float | None = Field(description="of meeting the target on the present trend; null with a reason")
    reason: Literal["too_few", "no_scatter", "over"] | None
    expected: ExpectedOut | None


class BenchmarkIn(Strict):
    """What others reach, as it was read somewhere."""

    indicator: str = Field(max_length=64, description="key, see GET /indicators")
    name: str = Field(min_length=1, max_length=80, description="who reaches it")
    value: float = _number(description="in the indicator's unit; money in minor units of `currency`")
    currency: str = Field("", max_length=3, description="ISO 4217; needed for money, for nothing else")
    source: str = Field(min_length=1, max_length=200, description="where it was read")
    link: str = Field("", max_length=200, pattern=r"^(https?://[^\s]+)?$")
    day: date | None = None


class BenchmarkOut(Schema):
    """A benchmark."""

    id: int
    indicator: str
    name: str
    value: float
    currency: str = Field(description="of money; empty for all else")
    source: str
    link: str
    day: date | None


@router.get(
    "/benchmarks", auth=READ, response=Page[BenchmarkOut], summary="Benchmarks", operation_id="list_benchmarks",
    openapi_extra=example({"items": [examples.BENCHMARK], "next": None}),
)  # fmt: skip
def list_benchmarks(request: KeyRequest, paging: Query[Paging]) -> dict[str, Any]:
    """What others reach, the newest first."""
    rows = queries.benchmarks(request.auth.workspace).order_by("-id")
    if after := paging.after():
        rows = rows.filter(pk__lt=after[0])
    return page_of(rows[: paging.limit + 1], paging.limit, lambda row: (row.pk,))


@router.post(
    "/benchmarks", auth=WRITE, response={201: BenchmarkOut}, summary="Add a benchmark", operation_id="make_benchmark",
    openapi_extra=example(examples.BENCHMARK, 201, asked=examples.BENCHMARK_ASKED),
)  # fmt: skip
def make_benchmark(request: KeyRequest, benchmark: BenchmarkIn) -> Status[Benchmark]:
    """Write down what others reach, with its source."""
    _refuse_far(benchmark.day)
    return Status(201, actions.make_benchmark(request.auth.workspace, **benchmark.dict(), by=str(request.auth)))


@router.delete(
    "/benchmarks/{id}", auth=WRITE, response={204: None}, summary="Remove a benchmark", operation_id="remove_benchmark"
)
def remove_benchmark(request: KeyRequest, id: int) -> Status[None]:
    """Take a benchmark away."""
    found = request.auth.workspace.benchmarks.filter(pk=id).first() if abs(id) < 2**63 else None
    if found is None:
        raise Problem(404, mark("There is no benchmark {id}."), id=id)
    actions.remove_benchmark(found, by=str(request.auth))
    return Status(204, None)


@router.get(
    "/goals", auth=READ, response=Page[GoalOut], summary="Goals", operation_id="list_goals",
    openapi_extra=example({"items": [examples.GOAL], "next": None}),
)  # fmt: skip
def list_goals(request: KeyRequest, paging: Query[Paging]) -> dict[str, Any]:
    """The goals, the newest first, each with the probability of reaching it on the present trend."""
    workspace = request.auth.workspace
    rows = queries.goals(workspace).order_by("-id")
    if after := paging.after():
        rows = rows.filter(pk__lt=after[0])
    found = page_of(rows[: paging.limit + 1], paging.limit, lambda row: (row.pk,))
    told = sorted(queries.standings(workspace, found["items"]), key=lambda standing: -standing.goal.pk)
    return found | {"items": [_told(standing) for standing in told]}


@router.post(
    "/goals", auth=WRITE, response={201: GoalOut}, summary="Set a goal", operation_id="make_goal",
    openapi_extra=example(examples.GOAL, 201, asked=examples.ASKED),
)  # fmt: skip
def make_goal(request: KeyRequest, goal: GoalIn) -> Status[dict[str, Any]]:
    """Set a goal on an indicator; one on a lagging indicator names leading ones that move it."""
    workspace = request.auth.workspace
    made = actions.make_goal(workspace, **_values(workspace, goal.dict()), by=str(request.auth))
    return Status(201, _told(queries.standing(workspace, made)))


@router.get(
    "/goals/{id}", auth=READ, response=GoalOut, summary="One goal", operation_id="get_goal",
    openapi_extra=example(examples.GOAL),
)  # fmt: skip
def get_goal(request: KeyRequest, id: int) -> dict[str, Any]:
    """One goal and how it stands."""
    return _told(queries.standing(request.auth.workspace, _goal(request, id)))


@router.patch(
    "/goals/{id}", auth=WRITE, response=GoalOut, summary="Change a goal", operation_id="change_goal",
    openapi_extra=example(examples.GOAL | {"target": 0.9}, asked={"target": 0.9}),
)  # fmt: skip
def change_goal(request: KeyRequest, id: int, change: GoalChange) -> dict[str, Any]:
    """Change what is sent; all else stays."""
    workspace, found = request.auth.workspace, _goal(request, id)
    given = _values(workspace, change.dict(exclude_unset=True))
    return _told(queries.standing(workspace, actions.change_goal(found, **given, by=str(request.auth))))


@router.delete("/goals/{id}", auth=WRITE, response={204: None}, summary="Remove a goal", operation_id="remove_goal")
def remove_goal(request: KeyRequest, id: int) -> Status[None]:
    """Take a goal away."""
    actions.remove_goal(_goal(request, id), by=str(request.auth))
    return Status(204, None)


def _goal(request: KeyRequest, id: int) -> Goal:
    found = queries.goals(request.auth.workspace).filter(pk=id).first() if abs(id) < 2**63 else None
    if found is None:
        raise Problem(404, mark("There is no goal {id}."), id=id)
    return found


def _values(workspace: Workspace, given: dict[str, Any]) -> dict[str, Any]:
    """Return what was sent with the segment and the person that it names.

    Raises
    ------
    Problem : there is no such segment or member.
    """
    for name in ("starts", "due"):
        _refuse_far(given.get(name))
    if slug := given.get("segment"):
        given["segment"] = Segment.objects.filter(workspace=workspace, slug=slug).first()
        if given["segment"] is None:
            raise Problem(422, mark("There is no segment {segment}. It may have been removed."), segment=slug)
    if email := given.get("owner"):
        given["owner"] = Person.objects.filter(memberships__workspace=workspace, email=email.lower()).first()
        if given["owner"] is None:
            raise Problem(422, mark("{email} is not a member of this workspace."), email=email)
    # Empty texts name nobody and nothing.
    return {name: value or None if name in ("segment", "owner") else value for name, value in given.items()}


def _refuse_far(day: date | None) -> None:
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Problem(422, mark("{text} is out of reach. Give days from 1970 to 2199."), text=day.isoformat())


def _told(standing: Standing) -> dict[str, Any]:
    goal, now, found = standing.goal, standing.now, standing.outlook
    names = ("id", "indicator", "options", "target", "baseline", "starts", "due", "drivers", "note")
    ended = {True: "reached", False: "missed", None: "unknown"}[standing.met]
    return {name: getattr(goal, name) for name in names} | {
        "segment": goal.segment.slug if goal.segment else None,
        "owner": goal.owner.email if goal.owner else None,
        "state": ended if standing.over else "open",
        "now": {name: getattr(now, name) for name in ("value", "low", "high", "n", "status")},
        "progress": standing.progress,
        "probability": found.probability,
        "reason": "over" if standing.over else None if found.status == "ok" else found.status,
        "expected": vars(found.due) if found.due else None,
    }
