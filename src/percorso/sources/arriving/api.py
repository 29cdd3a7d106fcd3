"""The REST interface to sources of events, to what arrives, and to the tracking plan."""

from datetime import datetime
from typing import Any

from ninja import Query, Router, Schema, Status
from pydantic import Field

from percorso.accounts.bearer import READ, WRITE, KeyRequest
from percorso.base.rest import Page, Paging, Problem, Strict, example, page_of
from percorso.errors import BadQuestion
from percorso.sources.arriving import examples, plans, queries
from percorso.sources.arriving.plans import MOST_EVENTS, Planned
from percorso.sources.arriving.queries import Traffic
from percorso.sources.arriving.seen import seen_events
from percorso.sources.models import Source
from percorso.sources.tracking.actions import make_source

router = Router()


class EventSourceOut(Schema):
    """A site, app or system that sends events, and what became of its calls in the last seven days."""

    id: int
    name: str
    write_key: str = Field(description="it is no secret")
    state: str = Field(description="open, or revoked")
    heard_at: datetime | None
    taken: int = Field(description="calls taken in seven days, repeated deliveries among them")
    refused: dict[str, int] = Field(description="calls refused in seven days, by the code of the reason")


class EventSourceIn(Strict):
    """What sends."""

    name: str = Field(min_length=1, max_length=80)


class SeenEventOut(Schema):
    """A name of events."""

    name: str
    count: int
    week: int = Field(description="in the last seven days")
    first_at: datetime
    last_at: datetime
    planned: bool = Field(description="whether it is in the tracking plan")
    violations: dict[str, int] = Field(
        description="events of the last seven days that were not as planned: unknown_event, missing, unknown_property, wrong_type"
    )


class SeenEvents(Schema):
    """The names of events, those that come most first; at most a thousand."""

    counted_at: datetime = Field(description="with many events they are counted anew from time to time")
    items: list[SeenEventOut]


class TrackingPlan(Strict):
    """A tracking plan; without events there is none."""

    events: list[Planned] = Field(max_length=MOST_EVENTS)


@router.get(
    "/tracking/sources", auth=READ, response=Page[EventSourceOut], summary="Sources of events",
    operation_id="list_event_sources", openapi_extra=example({"items": [examples.SOURCE], "next": None}),
)  # fmt: skip
def list_event_sources(request: KeyRequest, paging: Query[Paging]) -> dict[str, Any]:
    """What sends events, with its write key."""
    workspace = request.auth.workspace
    rows = Source.objects.filter(workspace=workspace).order_by("pk")
    if after := paging.after():
        rows = rows.filter(pk__gt=after[0])
    told, page = queries.traffic(workspace), page_of(rows[: paging.limit + 1], paging.limit, lambda row: (row.pk,))
    return page | {"items": [_source(row, told.get(row.pk)) for row in page["items"]]}


@router.post(
    "/tracking/sources", auth=WRITE, response={201: EventSourceOut}, summary="Make a source of events",
    operation_id="make_event_source", openapi_extra=example(examples.SOURCE, 201, asked={"name": "Shop"}),
)  # fmt: skip
def make_event_source(request: KeyRequest, body: EventSourceIn) -> Status[Any]:
    """Make a source with a write key of its own."""
    try:
        made = make_source(request.auth.workspace, body.name, by=str(request.auth))
    except BadQuestion as error:
        raise Problem(409, error.message, **error.params) from error
    return Status(201, _source(made, None))


@router.get(
    "/tracking/events", auth=READ, response=SeenEvents, summary="Events seen", operation_id="list_seen_events",
    openapi_extra=example(examples.SEEN),
)  # fmt: skip
def list_seen_events(request: KeyRequest) -> dict[str, Any]:
    """Every name that events have, how often they came, and how many were not as planned."""
    workspace = request.auth.workspace
    seen = seen_events(workspace)
    planned = set(queries.planned_events(workspace).values_list("name", flat=True))
    wrong: dict[str, dict[str, int]] = {}
    for row in queries.violations(workspace):
        of = wrong.setdefault(str(row["event"]), {})
        of[str(row["kind"])] = of.get(str(row["kind"]), 0) + int(str(row["n"]))
    items = [
        {"name": e.name, "count": e.count, "week": e.week, "first_at": e.first, "last_at": e.last}
        | {"planned": e.name in planned, "violations": wrong.get(e.name, {})}
        for e in seen.events
    ]
    return {"counted_at": seen.as_of, "items": items}


@router.get(
    "/tracking/plan", auth=READ, response=TrackingPlan, summary="Tracking plan", operation_id="get_tracking_plan",
    openapi_extra=example(examples.PLAN),
)  # fmt: skip
def get_tracking_plan(request: KeyRequest) -> dict[str, Any]:
    """The events that are expected, by name, with their properties."""
    return {"events": [plans.planned(row).model_dump() for row in queries.planned_events(request.auth.workspace)]}


@router.put(
    "/tracking/plan", auth=WRITE, response=TrackingPlan, summary="Replace the tracking plan",
    operation_id="replace_tracking_plan", openapi_extra=example(examples.PLAN, asked=examples.PLAN),
)  # fmt: skip
def replace_tracking_plan(request: KeyRequest, body: TrackingPlan) -> dict[str, Any]:
    """Make these events the plan. Nothing is refused for it: what comes otherwise from now on is counted."""
    try:
        plans.replace_plan(request.auth.workspace, body.events, by=str(request.auth))
    except BadQuestion as error:
        raise Problem(422, error.message, **error.params) from error
    return get_tracking_plan(request)


def _source(row: Source, traffic: Traffic | None) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "write_key": row.key,
        "state": "revoked" if row.revoked_at else "open",
        "heard_at": row.heard_at,
        "taken": traffic.week if traffic else 0,
        "refused": dict(traffic.reasons) if traffic else {},
    }
