"""The REST interface to frequency and to features."""

from datetime import date, datetime, timedelta
from typing import Any, Literal

from ninja import Router, Schema
from pydantic import Field

from percorso.accounts.bearer import READ, KeyRequest
from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.features import COLUMN, EVENT, FeatureQuery, FeatureUse
from percorso.analytics.behaviour.frequency import GRAINS, FrequencyQuery, Lifecycle
from percorso.analytics.behaviour.retention import DAYS
from percorso.base.columns import tells_who
from percorso.base.rest import Problem, example
from percorso.engagement.rest import Name, ShareOut, WhoseIn, period_given, rule_asked, share_out
from percorso.engagement.usage import examples, queries
from percorso.engagement.usage.forms import MOST_NAMES
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.api import MOST_CELLS, MOST_STEPS

router = Router()
Grain = Literal[GRAINS]  # type: ignore[valid-type]


class FrequencyIn(WhoseIn):
    """A question about how often customers come."""

    grain: Grain = Field("week", description="steps of the lifecycle")
    names: list[Name] = Field(
        default_factory=list, max_length=50, description="events that show that somebody was there; without it any"
    )


class ReachOut(Schema):
    """Active customers of a local day, of the 7 days that end with it, and of the 28."""

    day: date
    daily: int
    weekly: int
    monthly: int


class LifecycleOut(Schema):
    """Who was active in one step: active = new + returning + resurrected.

    `dormant` were active in the step before and are not in this one; `kept` is returning of the active of the step
    before. Both are null while the step is not over. `quick_ratio` is (new + resurrected) / dormant.
    """

    start: date
    active: int
    new: int
    returning: int
    resurrected: int
    dormant: int | None
    kept: ShareOut | None
    quick_ratio: float | None


class FrequencyOut(Schema):
    """The answer; stickiness and active days are the indicators `stickiness` and `access_frequency`."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    time_zone: str
    reach: list[ReachOut]
    lifecycle: list[LifecycleOut]
    sql: str | None


class FeaturesIn(WhoseIn):
    """A question about the use of features."""

    compare: Literal["previous", "year"] | None = None
    grain: Grain | None = Field(None, description="a series of each of the most used features; without it none")
    event: str = Field(EVENT, max_length=200, description="event that tells the use of a feature; empty: any")
    column: Name = Field(COLUMN, description="what names the feature: properties.<key>, name, page, touchpoint …")
    core: list[Name] = Field(
        default_factory=list, max_length=MOST_NAMES, description="features that are listed even when nobody used them"
    )
    top: int = Field(20, ge=1, le=50, description="how many features have a series")


class FeatureChangeOut(Schema):
    """Adoption now less adoption before, with Newcombe's interval; adjusted for the number of features."""

    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    adjusted_p: float | None
    differs: bool


class FeatureOut(Schema):
    """One feature; `first_at` and `last_at` are of everybody, until the end of the period."""

    feature: str
    users: int
    uses: int
    adoption: ShareOut
    before: ShareOut | None
    change: FeatureChangeOut | None
    first_at: datetime | None
    last_at: datetime | None
    series: list[ShareOut]


class FeaturesOut(Schema):
    """The answer: by users, uses, name; those that nobody used at the end."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    time_zone: str
    active: int = Field(description="customers who did anything in the period")
    active_before: int | None
    starts: list[date] = Field(description="first days of the steps of the series")
    features: list[FeatureOut]
    sql: str | None


@router.post(
    "/behaviour/frequency", auth=READ, response=FrequencyOut, by_alias=True, summary="Access frequency",
    operation_id="ask_frequency", openapi_extra=example(examples.FREQUENCY, asked=examples.FREQUENCY_ASKED),
)  # fmt: skip
def ask_frequency(request: KeyRequest, asked: FrequencyIn) -> dict[str, Any]:
    """How many customers are active day by day, and who is new, returning, resurrected or dormant step by step."""
    workspace = request.auth.workspace
    rule, period = rule_asked(request, asked), period_given(asked, workspace)
    if (period.end - period.start).days > MOST_STEPS:
        raise BadQuestion(mark("That is more than {count} steps. Choose a longer grain."), count=MOST_STEPS)
    query = FrequencyQuery(
        workspace.slug, period, asked.grain, tuple(asked.names), as_of=asked.as_of, confidence=asked.confidence
    )
    found = queries.frequency_in(workspace, query, rule)
    return {
        "first": period.start,
        "last": period.end - timedelta(days=1),
        "time_zone": period.tz,
        "reach": [vars(reach) for reach in found.reach],
        "lifecycle": [_turn(turn) for turn in found.lifecycle],
        "sql": found.sql if asked.sql else None,
    }


def _turn(turn: Lifecycle) -> dict[str, Any]:
    return vars(turn) | {"kept": share_out(turn.kept), "quick_ratio": turn.quick_ratio}


@router.post(
    "/behaviour/features", auth=READ, response=FeaturesOut, by_alias=True, summary="Features",
    operation_id="ask_features", openapi_extra=example(examples.FEATURES, asked=examples.FEATURES_ASKED),
)  # fmt: skip
def ask_features(request: KeyRequest, asked: FeaturesIn) -> dict[str, Any]:
    """Which features are used by which share of the active customers, and which by nobody."""
    workspace = request.auth.workspace
    if not request.auth.personal and asked.column not in _open(workspace) and tells_who(asked.column):
        raise Problem(
            403, mark("{column} can tell who somebody is. Use a key that may read personal data."), column=asked.column
        )
    rule, period = rule_asked(request, asked), period_given(asked, workspace)
    if asked.grain and (period.end - period.start).days / DAYS[asked.grain] * asked.top > MOST_CELLS:
        raise BadQuestion(mark("The answer has {count} figures. Ask for less at once."), count=f"> {MOST_CELLS}")
    before = {"previous": period.previous, "year": period.year_before}.get(asked.compare or "")
    query = FeatureQuery(
        workspace.slug, period, before() if before else None, asked.grain, asked.event, asked.column,
        tuple(asked.core), top=asked.top, as_of=asked.as_of, confidence=asked.confidence,
    )  # fmt: skip
    found = queries.features_in(workspace, query, rule)
    return {
        "first": period.start,
        "last": period.end - timedelta(days=1),
        "time_zone": period.tz,
        "active": found.active,
        "active_before": found.active_before,
        "starts": list(found.starts),
        "features": [_feature(feature) for feature in found.features],
        "sql": found.sql if asked.sql else None,
    }


def _open(workspace: Workspace) -> set[str]:
    """Return the columns that name features for everybody: the usual one, and the one that the workspace has chosen."""
    return {COLUMN, queries.told(workspace).column}


def _feature(f: FeatureUse) -> dict[str, Any]:
    names = ("difference", "low", "high", "p_value")
    change = None if f.change is None else {name: getattr(f.change, name) for name in names}
    return vars(f) | {
        "adoption": share_out(f.adoption),
        "before": share_out(f.before),
        "change": change and change | {"adjusted_p": f.adjusted_p, "differs": f.differs},
        "series": [share_out(share) for share in f.series],
    }
