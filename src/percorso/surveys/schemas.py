"""What the REST interface to surveys takes and gives."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from percorso.base.rest import Paging, Strict
from percorso.surveys import examples
from percorso.surveys.definition import MOST_QUESTIONS

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Population = Literal["customer", "employee", "partner"]
Trait = Annotated[str, StringConstraints(max_length=500)] | float | int | bool
ABOUT_DEFINITION = "pages, questions, conditions, translations: see docs/surveys.md"


class TemplateOut(Schema):
    """A survey ready to send."""

    key: str
    label: str
    about: str
    population: Population = Field(description="who is asked")
    anonymous: bool
    indicators: list[str] = Field(description="keys of the indicators that count its answers")
    languages: list[str]


class SurveyChange(Strict):
    """What shall be different; what is not sent stays."""

    name: Name = ""
    touchpoint: str = Field("", max_length=120, description="where customer and company met")
    closes_at: datetime | None = Field(None, description="no answers from then on; null: until it is closed")
    least_answers: int = Field(5, ge=1, le=1000, description="of an anonymous survey: below it nothing is shown")
    gap_days: int = Field(90, ge=0, le=3650, description="days until the same person may be asked again")
    share: float = Field(1.0, gt=0, le=1, allow_inf_nan=False, description="share of people who are asked")
    priority: int = Field(5, ge=0, le=9, description="who goes first when the contact policy lets only one ask")
    expires_days: int = Field(30, ge=1, le=365, description="days that an invitation can be answered")


class SurveyIn(SurveyChange):
    """A survey to be made: from a template, from a definition, or empty."""

    name: Name = Field(description="it makes the slug, which stays")
    template: str | None = Field(None, max_length=40, description="key, see GET /survey-templates")
    definition: dict[str, Any] | None = Field(
        None, description=ABOUT_DEFINITION, json_schema_extra={"examples": [examples.DEFINITION]}
    )
    population: Population | None = Field(None, description="null: as the template says, or customers")
    anonymous: bool | None = Field(None, description="no identity is kept; null: as the template says, or false")


class SurveyOut(Schema):
    """A survey; `unpublished` says whether its draft differs from what respondents see."""

    slug: str
    name: str
    state: Literal["draft", "live", "paused", "closed"]
    population: Population
    anonymous: bool
    least_answers: int
    touchpoint: str
    language: str
    languages: list[str]
    version: int | None = Field(description="that respondents see; null before it is published")
    unpublished: bool
    open: bool = Field(description="whether it takes answers now")
    address: str = Field(description="where anybody may answer it")
    closes_at: datetime | None
    gap_days: int
    share: float
    priority: int
    expires_days: int
    created_at: datetime
    changed_at: datetime


class DefinitionIn(Strict):
    """What a survey shall ask, from the next version on."""

    definition: dict[str, Any] = Field(
        description=ABOUT_DEFINITION, json_schema_extra={"examples": [examples.DEFINITION]}
    )


class DefinitionOut(Schema):
    """What a survey asks."""

    version: int | None = Field(description="null: the draft")
    definition: dict[str, Any] = Field(description=ABOUT_DEFINITION)


class Which(Strict):
    """Which definition is wanted."""

    version: int | None = Field(None, ge=1, lt=2**31, description="a published one; without it the draft")


class ResponseIn(Strict):
    """What somebody answered in an app of yours."""

    answers: dict[str, Any] = Field(
        max_length=MOST_QUESTIONS,
        description="by question, in the form of docs/surveys.md; questions left out are not answered",
        json_schema_extra={"examples": [examples.RESPONSE_ASKED["answers"]]},
    )
    id: str = Field(
        "", max_length=200, description="your own id of the response: sent again, it is kept once, for good"
    )
    customer: str = Field("", max_length=254, description="id of the customer; not in an anonymous survey")
    traits: dict[str, Trait] = Field(
        default_factory=dict,
        max_length=100,
        description="what is known of the customer, for conditions; kept with the answers",
    )
    language: str = Field(
        "", max_length=20, pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$", description="BCP 47; empty: the survey's own"
    )
    channel: str = Field("app", min_length=1, max_length=40, pattern=r"^\S(.*\S)?$", description="how it was asked")
    started_at: datetime | None = Field(None, description="when it was begun; without it no time taken is kept")


class ResponseOut(Schema):
    """A response. Without the right to personal data `customer` and free texts are missing."""

    response: str = Field(description="its id, as in the properties of its facts")
    version: int = Field(description="that it was given to")
    customer: str | None
    language: str
    channel: str
    answers: dict[str, Any] = Field(description="by question")
    completed: bool
    started_at: datetime
    changed_at: datetime
    completed_at: datetime | None
    seconds: float | None = Field(description="time taken")
    marks: list[str] = Field(description="why it looks suspicious: duplicate, straight, fast, bot")
    left_out: bool = Field(description="of all figures")
    over_quota: str = Field(description="id of the quota that was full; empty for none")


class KeptOut(ResponseOut):
    """A response that was sent."""

    new: bool = Field(description="false: it was kept before, under the same id")


class Wanted(Paging):
    """Which responses are wanted."""

    completed: bool | None = Field(None, description="only those that were, or were not, answered to the end")
