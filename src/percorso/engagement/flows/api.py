"""The REST interface to the ways that customers take."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Literal

from ninja import Router, Schema
from pydantic import Field

from percorso.accounts.bearer import READ, KeyRequest
from percorso.analytics.behaviour.lengths import seconds_of
from percorso.analytics.behaviour.path_query import FACTS, LONGEST, UNITS, PathQuery
from percorso.base.columns import tells_who
from percorso.base.rest import Problem, example
from percorso.customers.segments.api import refuse_personal
from percorso.customers.segments.queries import rule_given
from percorso.engagement.flows import examples, queries
from percorso.engagement.flows.forms import NODES
from percorso.engagement.rest import Name, ShareOut, WhoseIn, period_given, rule_asked, share_out
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.api import MOST_CELLS

router = Router()
MOST_NAMES = 100
Names = list[Name]


class PathsIn(WhoseIn):
    """A question about ways, and what they are compared with."""

    node: Name = Field(
        "name", description="what a touchpoint is: name, page, touchpoint, channel, device, properties.<key>"
    )
    by_channel: bool = Field(False, description="the same touchpoint on two channels is two: web · Order Completed")
    tables: list[Literal[FACTS]] = Field(  # type: ignore[valid-type]
        default_factory=lambda: ["events"],
        min_length=1,
        description="facts that ways lead over; those beside events are named (ticket), (order) and the like",
    )
    events: Names = Field(default_factory=list, max_length=MOST_NAMES, description="only of these names; empty: all")
    without: Names = Field(default_factory=list, max_length=MOST_NAMES, description="touchpoints that are passed over")
    start: Name | None = Field(None, description="ways begin at its first occurrence")
    end: Name | None = Field(None, description="ways end at its last occurrence")
    unit: Literal[tuple(UNITS)] = Field("session", description="one way a visit, or one a customer")  # type: ignore[valid-type]
    gap: str = Field("30m", max_length=20, description="so long without a fact and the next begins a new visit")
    repeats: bool = Field(False, description="touchpoints that follow themselves count each time")
    steps: int = Field(5, ge=1, le=LONGEST)
    top: int | None = Field(None, ge=1, le=1000, description="touchpoints a step, the rest is (other); null: all")
    compare: Literal["previous", "year", "rest"] | None = Field(
        None, description="rest: everybody outside of `segment`"
    )
    other: str | dict[str, Any] | None = Field(
        None, description="compare with these customers: a segment's slug, or a rule as POST /segments takes it"
    )


class LinkOut(Schema):
    """How many ways go from a touchpoint at a step (from 1) to one at the next; (exit): the way ends, (more): it goes on."""

    step: int
    source: str
    target: str
    ways: int
    share: ShareOut = Field(description="of the ways that are at the source there")


class TransitionOut(Schema):
    """How often one touchpoint directly follows another, anywhere on the way."""

    source: str
    target: str
    times: int
    share: ShareOut = Field(description="of what follows the source")
    median_seconds: float | None
    back: ShareOut = Field(description="of these, straight back to the source: a loop")


class TouchpointOut(Schema):
    """A touchpoint; `dead_end`: ways end here more often than at all others, beyond chance."""

    name: str
    visits: int
    begins: int
    ways: ShareOut
    ends: ShareOut
    returning: ShareOut = Field(description="of the ways that get there, those that come back to it")
    adjusted_p: float | None
    dead_end: bool


class WayOut(Schema):
    """A whole way, as far as it is shown."""

    touchpoints: list[str]
    share: ShareOut
    goes_on: int


class DifferenceOut(Schema):
    """One step in both groups; p adjusted for all steps that were tested (Benjamini-Hochberg, q = 0.1)."""

    source: str
    target: str
    one: ShareOut
    other: ShareOut
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    adjusted_p: float | None
    differs: bool


class PathsOut(Schema):
    """The answer; `from` and `to` are the first and the last day."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    time_zone: str
    ways: int
    different_ways: int
    links: list[LinkOut]
    transitions: list[TransitionOut] = Field(description="the 1,000 most frequent ones")
    touchpoints: list[TouchpointOut] = Field(description="the 1,000 most visited ones")
    frequent: list[WayOut]
    differences: list[DifferenceOut] = Field(description="empty without a comparison; those that differ first")
    sql: str | None


@router.post(
    "/behaviour/paths", auth=READ, response=PathsOut, by_alias=True, summary="Ways (flows)", operation_id="ask_paths",
    openapi_extra=example(examples.PATHS, asked=examples.PATHS_ASKED),
)  # fmt: skip
def ask_paths(request: KeyRequest, asked: PathsIn) -> dict[str, Any]:
    """Which ways customers take, what follows what and how soon, loops, dead ends, and where two groups' ways differ."""
    workspace = request.auth.workspace
    query = _query(request, asked)
    other = _compared(request, asked, query)
    found = queries.flows(workspace, query)
    if len(found.paths.links) > MOST_CELLS:
        raise BadQuestion(mark("The answer has {count} figures. Ask for less at once."), count=len(found.paths.links))
    differ = queries.steps_that_differ(workspace, query, other) if other else ()
    period = period_given(asked, workspace)
    return {
        "first": period.start,
        "last": period.end - timedelta(days=1),
        "time_zone": period.tz,
        "ways": found.paths.n_paths,
        "different_ways": found.ways.n_ways,
        "links": [{**_ends(link), "step": link.step, "ways": link.count, "share": share_out(link.share)} for link in found.paths.links],
        "transitions": [
            {**_ends(t), "times": t.count, "share": share_out(t.share), "median_seconds": t.median_seconds, "back": share_out(t.back)}
            for t in found.moves.transitions
        ],
        "touchpoints": [
            {"name": s.node, "visits": s.visits, "begins": s.begins, "ways": share_out(s.paths), "ends": share_out(s.ends), "returning": share_out(s.returning), "adjusted_p": s.adjusted_p, "dead_end": s.dead_end}
            for s in found.moves.stops
        ],
        "frequent": [{"touchpoints": list(w.nodes), "share": share_out(w.share), "goes_on": w.goes_on} for w in found.ways.ways],
        "differences": [
            {**_ends(d), "one": share_out(d.one), "other": share_out(d.other), "difference": d.test.difference, "low": d.test.low, "high": d.test.high, "p_value": d.test.p_value, "adjusted_p": d.adjusted_p, "differs": d.differs}
            for d in differ
        ],
        "sql": found.sql if asked.sql else None,
    }  # fmt: skip


def _ends(found: Any) -> dict[str, str]:
    return {"source": found.source, "target": found.target}


def _query(request: KeyRequest, asked: PathsIn) -> PathQuery:
    """Return the question that a program asks.

    Raises
    ------
    Problem : touchpoints or customers are picked by personal data, and the key may not read that.
    """
    workspace = request.auth.workspace
    if asked.node not in NODES and tells_who(asked.node) and not request.auth.personal:
        raise Problem(
            403, mark("{column} can tell who somebody is. Use a key that may read personal data."), column=asked.node
        )
    rule = rule_asked(request, asked)
    return PathQuery(
        workspace.slug, period_given(asked, workspace), asked.node, tuple(asked.events), asked.unit,
        seconds_of(asked.gap), not asked.repeats, asked.start, asked.end, False, asked.steps, asked.top, asked.as_of,
        asked.confidence, tuple(dict.fromkeys(asked.tables)), tuple(asked.without), asked.by_channel, {}, rule,
        schedule=workspace.schedule,
    )  # fmt: skip


def _compared(request: KeyRequest, asked: PathsIn, query: PathQuery) -> PathQuery | None:
    """Return the question about what is compared with; None for nothing.

    Raises
    ------
    BadQuestion : two comparisons, or everybody else without a group.
    """
    if asked.other is not None:
        if asked.compare is not None:
            raise BadQuestion(
                mark("Compare either with other customers, or by one of: {known}."), known="previous, year, rest"
            )
        rule = rule_given(request.auth.workspace, asked.other)
        refuse_personal(request, rule)
        return replace(query, within=rule)
    if asked.compare == "rest":
        if query.within is None:
            raise BadQuestion(mark("Everybody else can be compared with a group only. Name a segment."))
        return replace(query, outside=True)
    if asked.compare is None or query.period is None:
        return None
    before = query.period.previous() if asked.compare == "previous" else query.period.year_before()
    return replace(query, period=before)
