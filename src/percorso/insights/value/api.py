"""The REST interface to customers' value and to the sample-size calculator."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from percorso.accounts.bearer import READ, KeyRequest
from percorso.accounts.models import Workspace
from percorso.analytics.lifetime.groups import COLUMNS
from percorso.analytics.lifetime.loop import QUESTIONS, Band
from percorso.analytics.lifetime.rfm import SEGMENTS
from percorso.analytics.lifetime.summary import Curve
from percorso.analytics.statistics.power import group_size, sample_size
from percorso.base.rest import Strict, example
from percorso.customers.models import Segment
from percorso.customers.queries import rule_of
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.api import FIRST_YEAR, LAST_YEAR
from percorso.insights.value import examples, queries
from percorso.insights.value.queries import Terms, Whose

router = Router()
LARGEST = 1_000_000_000
Money = Annotated[float | None, Field(description="in minor units of `currency`")]


class WhoseIn(Strict):
    """Which customers, and what was known when."""

    segment: str | None = Field(None, max_length=60, description="slug of a segment; all customers without it")
    as_of: AwareDatetime | None = Field(
        None, description="facts before it count; without it those before today, in the workspace's time zone"
    )


class MoneyIn(WhoseIn):
    """Which customers, and in which currency their orders are."""

    currency: str | None = Field(None, max_length=8, description="ISO 4217; needed when orders are in several")


class ForecastIn(MoneyIn):
    """Which customers, and what the forecast supposes."""

    months: int = Field(12, ge=1, le=60)
    margin: float = Field(1.0, gt=0, le=1, description="share of a purchase's value that is left")
    monthly_discount: float = Field(0.01, ge=0, le=0.1)


class CurveIn(WhoseIn):
    """Which customers, and what they are followed to."""

    of: Literal["subscriptions", "purchases"] = Field(
        "subscriptions", description="staying subscribed, or buying for the second time"
    )
    by: Literal[COLUMNS] | None = Field(None, description="groups; `plan` is that of the first subscription")  # type: ignore[valid-type]


class LoopIn(WhoseIn):
    """Which customers, and which answers."""

    question: Literal[tuple(QUESTIONS)] = Field("nps", description="nps from 0 to 10, csat from 1 to 5")  # type: ignore[valid-type]


class SampleIn(Strict):
    """What is measured, and how exact it shall be."""

    kind: Literal["proportion", "nps", "mean"]
    margin: float = Field(ge=1e-4, le=1e6, description="half-width: a share, NPS points / 100, or in the mean's unit")
    share: float = Field(0.5, ge=0, le=1, description="expected share (proportion)")
    promoters: float | None = Field(None, ge=0, le=1)
    detractors: float | None = Field(None, ge=0, le=1)
    sd: float | None = Field(None, gt=0, le=1e6, description="expected standard deviation (mean), needed there")
    population: int | None = Field(None, ge=1, le=LARGEST)
    response_rate: float | None = Field(None, ge=1e-4, le=1)
    confidence: float = Field(0.95, ge=0.5, le=0.9999)
    power: float = Field(0.8, ge=0.5, le=0.9999, description="for `each_of_two_groups`")


class RfmGroupOut(Schema):
    """One of the nine segments; null where nobody is in it."""

    segment: Literal[tuple(SEGMENTS)]  # type: ignore[valid-type]
    customers: int
    share: float | None
    money: Money
    money_share: float | None
    recency_days: float | None = Field(description="median of the days since the last order")
    orders: float | None = Field(description="median")
    spent: float | None = Field(description="median, in minor units of `currency`")


class RfmOut(Schema):
    """The customers who ordered, by how lately, how often and for how much."""

    as_of: datetime
    currency: str | None
    customers: int
    money: Money
    groups: list[RfmGroupOut]


class PointOut(Schema):
    """The share after so many days, with its 95% interval; null where nobody is in view so long."""

    days: float
    at_risk: int = Field(description="customers in view")
    value: float | None
    low: float | None
    high: float | None


class CurveOut(Schema):
    """One curve; the test is the log-rank test against all other groups, p-values adjusted for their number."""

    group: str | None = Field(description="null for all customers")
    customers: int
    events: int = Field(description="how many have left, or bought again")
    median_days: float | None
    points: list[PointOut]
    p_value: float | None
    difference: Literal["sooner", "later", "none"] | None = Field(
        description="whether the event comes sooner or later than in the other groups; null when not tested"
    )


class CurvesOut(Schema):
    """Kaplan-Meier: the share still subscribed, or the share that has bought again."""

    as_of: datetime
    of: Literal["subscriptions", "purchases"]
    curves: list[CurveOut] = Field(description="all customers first, then the groups, the largest first")


class BandOut(Schema):
    """Buyers who are alike."""

    kind: Literal["buying", "unsure", "gone", "once"] = Field(
        description="more than 70%, 30 to 70%, less than 30% likely to go on buying; once: no repeat purchase yet"
    )
    customers: int
    expected: float | None
    value: Money


class WeekOut(Schema):
    """Repeat purchases since the hold-out began, as they came and as they were forecast."""

    week: int
    came: float
    expected: float | None


class ForecastOut(Schema):
    """What buyers will still buy; figures only when `status` is ok or low_sample."""

    as_of: datetime
    status: Literal["ok", "low_sample", "insufficient_data", "no_data"]
    currency: str | None
    customers: int
    repeating: int = Field(description="who bought again")
    months: int
    margin: float
    monthly_discount: float
    expected: float | None = Field(description="purchases within the months")
    value: Money
    top_share: float | None = Field(description="share of the value that the most valuable tenth brings")
    buying: dict[str, float] | None = Field(description="parameters of BG/NBD, in weeks")
    spending: dict[str, float] | None = Field(description="parameters of Gamma-Gamma, in minor units")
    buying_converged: bool
    spending_converged: bool
    correlation: float | None = Field(description="of the number of repeat purchases and their value")
    related: bool = Field(description="the correlation is so strong that the value is off")
    mean_value: Money
    bands: list[BandOut]
    hold_out: list[WeekOut] = Field(description="cumulative")
    error: float | None = Field(description="how far the hold-out forecast was off, as a share of what came")


class SideOut(Schema):
    """Those contacted, or the others; means of who answered twice, null without any."""

    customers: int
    answered: int = Field(description="who answered again, at least a day later")
    before: float | None
    after: float | None
    recovered: int = Field(description="no longer unhappy")
    recovered_share: float | None
    recovered_low: float | None
    recovered_high: float | None


class ComparedOut(Schema):
    """The unhappy customers with a first score in a band, ends inside."""

    first_from: float
    first_to: float
    status: Literal["ok", "low_sample", "no_data"] = Field(description="low_sample: under 30 answered twice on a side")
    effect: float | None = Field(description="change of those contacted minus that of the others, in points")
    low: float | None
    high: float | None
    p_value: float | None
    contacted: SideOut
    others: SideOut


class LoopOut(Schema):
    """Difference in differences of the next answer, with Welch's 95% interval."""

    as_of: datetime
    question: Literal[tuple(QUESTIONS)]  # type: ignore[valid-type]
    compared: list[ComparedOut] = Field(description="all who were unhappy first, then bands of equally unhappy ones")


class SampleOut(Schema):
    """How many answers are needed."""

    n: int = Field(description="answers, at most the population")
    n_infinite: int = Field(description="answers from a very large population")
    invitations: int | None
    feasible: bool | None = Field(description="whether there are so many people to invite")
    each_of_two_groups: int = Field(description="answers of each of two groups, to see a difference of the margin")


@router.get(
    "/analyses/rfm", auth=READ, response=RfmOut, summary="Customer groups (RFM)", operation_id="analyse_rfm",
    openapi_extra=example(examples.RFM),
)  # fmt: skip
def analyse_rfm(request: KeyRequest, asked: Query[MoneyIn]) -> dict[str, Any]:
    """The nine segments by recency, frequency and money, with their size, their money and their medians."""
    whose = _whose(request.auth.workspace, asked, asked.currency)
    found = queries.rfm(whose)
    names = ("currency", "customers", "money")
    return {name: getattr(found, name) for name in names} | {
        "as_of": whose.as_of,
        "groups": [vars(group) for group in found.groups],
    }


@router.get(
    "/analyses/retention-curve", auth=READ, response=CurvesOut, summary="How long customers stay",
    operation_id="analyse_retention", openapi_extra=example(examples.RETENTION),
)  # fmt: skip
def analyse_retention(request: KeyRequest, asked: Query[CurveIn]) -> dict[str, Any]:
    """Kaplan-Meier curves with intervals, of all customers and of groups, compared by the log-rank test."""
    whose = _whose(request.auth.workspace, asked)
    everybody, groups = queries.staying(whose, asked.of, asked.by or "")
    return {"as_of": whose.as_of, "of": asked.of, "curves": [_curve(each) for each in (everybody, *groups)]}


@router.get(
    "/analyses/lifetime-value", auth=READ, response=ForecastOut, summary="Lifetime value",
    operation_id="analyse_lifetime_value", openapi_extra=example(examples.FORECAST),
)  # fmt: skip
def analyse_lifetime_value(request: KeyRequest, asked: Query[ForecastIn]) -> dict[str, Any]:
    """What buyers will still buy by BG/NBD and Gamma-Gamma, with its hold-out check."""
    whose = _whose(request.auth.workspace, asked, asked.currency)
    found = queries.forecast(whose, Terms(asked.months, asked.margin, asked.monthly_discount))
    weeks = [{"week": i, "came": came, "expected": e} for i, (came, e) in enumerate(found.hold_out, start=1)]
    sound = found.status in ("ok", "low_sample")
    unsure = {} if sound else dict.fromkeys(("expected", "value", "top_share"))
    bands = [vars(band) | ({} if sound else {"expected": None, "value": None}) for band in found.bands]
    return vars(found) | unsure | {"as_of": whose.as_of, "hold_out": weeks, "bands": bands}


@router.get(
    "/analyses/closed-loop", auth=READ, response=LoopOut, summary="Effect of closing the loop",
    operation_id="analyse_closed_loop", openapi_extra=example(examples.LOOP),
)  # fmt: skip
def analyse_closed_loop(request: KeyRequest, asked: Query[LoopIn]) -> dict[str, Any]:
    """Whether unhappy customers whom somebody got back to answer better next time than those nobody did."""
    whose = _whose(request.auth.workspace, asked)
    found = queries.loop(whose, asked.question)
    compared = [_compared(band) for band in (found.whole, *found.bands)]
    return {"as_of": whose.as_of, "question": found.question, "compared": compared}


@router.get(
    "/analyses/sample-size", auth=READ, response=SampleOut, summary="Answers needed", operation_id="analyse_sample_size",
    openapi_extra=example(examples.SAMPLE),
)  # fmt: skip
def analyse_sample_size(request: KeyRequest, asked: Query[SampleIn]) -> dict[str, Any]:
    """How many answers a figure needs to be as exact as wanted, and to tell two groups apart."""
    shared = {name: getattr(asked, name) for name in ("share", "promoters", "detractors", "sd", "confidence")}
    needed = sample_size(
        asked.kind, asked.margin, **shared, population=asked.population, response_rate=asked.response_rate
    )
    return vars(needed) | {"each_of_two_groups": group_size(asked.kind, asked.margin, **shared, power=asked.power)}


def _whose(workspace: Workspace, asked: WhoseIn, currency: str | None = None) -> Whose:
    """Return whose facts are asked for.

    Raises
    ------
    BadQuestion : there is no such segment, or the instant is out of reach.
    """
    if asked.as_of is not None and not FIRST_YEAR <= asked.as_of.year <= LAST_YEAR:
        raise BadQuestion(mark("{text} is out of reach. Give days from 1970 to 2199."), text=asked.as_of.isoformat())
    within = None
    if asked.segment is not None:
        within = Segment.objects.filter(workspace=workspace, slug=asked.segment).first()
        if within is None:
            raise BadQuestion(mark("There is no segment {segment}. It may have been removed."), segment=asked.segment)
    return Whose(workspace, rule_of(within), currency or None, asked.as_of or queries.today(workspace))


def _curve(found: Curve) -> dict[str, Any]:
    return vars(found) | {"group": found.name, "points": [vars(point) for point in found.points]}


def _compared(band: Band) -> dict[str, Any]:
    names = ("effect", "low", "high", "p_value")
    told = {name: getattr(band.difference, name) for name in names}
    sides = {"contacted": vars(band.contacted), "others": vars(band.others)}
    return told | sides | {"first_from": band.low, "first_to": band.high, "status": band.status}
