"""A mapping: what each column of a file is. Suggested, corrected by a person, kept and used again."""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from percorso.errors import UserError
from percorso.i18n import mark
from percorso.sources.instants import Order, check_zone
from percorso.sources.values import Decimal

Unit = Literal["seconds", "minutes", "hours", "days"]
METRICS = ("nps", "csat", "ces", "fcr")
SCALES: dict[str, tuple[float, float]] = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "fcr": (0, 1)}

ROLES: dict[str, dict[str, str]] = {
    "answers": {
        "id": mark("the id of the response"),
        "at": mark("when it was answered"),
        "customer": mark("who answered"),
        "score": mark("a score"),
        "comment": mark("a free text"),
        "channel": mark("how: e-mail, phone, chat, web, app, store …"),
        "touchpoint": mark("where customer and company met"),
        "survey": mark("the survey asked"),
        "interaction": mark("the order, ticket or visit that is rated"),
        "invitation": mark("the message that invited to it"),
        "language": mark("language of the questionnaire"),
        "population": mark("customer, employee or partner"),
        "team": mark("the team that is rated"),
        "agent": mark("the person who is rated"),
        "weight": mark("survey weight of the respondent"),
    },
    "tickets": {
        "id": mark("the id of the ticket"),
        "opened_at": mark("when it was created"),
        "customer": mark("whose ticket it is"),
        "first_reply_at": mark("first reply by a person"),
        "first_reply_after": mark("time until the first reply"),
        "resolved_at": mark("when it was resolved"),
        "resolved_after": mark("time until it was resolved"),
        "closed_at": mark("when it was closed for good"),
        "first_reply_due_at": mark("when the first reply is due"),
        "sla_due_at": mark("when the resolution is due"),
        "status": mark("its state"),
        "priority": mark("its priority"),
        "topic": mark("what it is about"),
        "channel": mark("how: e-mail, phone, chat, web, app, store …"),
        "touchpoint": mark("where customer and company met"),
        "team": mark("the team in charge"),
        "agent": mark("the person in charge"),
        "reopens": mark("how often it was reopened"),
        "replies": mark("public replies by a person"),
        "escalated": mark("whether it was escalated"),
        "initiated_by": mark("customer or agent"),
        "score": mark("a score"),
        "comment": mark("a free text"),
    },
}
TIME = {"answers": "at", "tickets": "opened_at"}
SEVERAL = ("score", "comment")


class Score(BaseModel):
    """A column that holds a score: what it measures and on which scale."""

    model_config = ConfigDict(extra="forbid")

    column: str
    metric: str = "csat"
    low: float = 1
    high: float = 5
    polarity: Literal["higher", "lower"] = "higher"
    question: str | None = None
    aspect: str | None = None
    labels: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _rising(self) -> "Score":
        if self.low >= self.high:
            raise ValueError("a scale that rises, such as 1-5")
        return self


class Mapping(BaseModel):
    """What each column of a file is.

    `columns` : the column of each role that has one. `scores`, `comments` : the columns that become answers and
    mentions. `constants` : roles that have one value throughout. `blank` : codes that mean "no answer". `dates`, `zone`,
    `decimal` : how dates and numbers are written. `units` : of roles that are durations. `leave_out` : columns that
    are not kept in `properties`; all others that have no role are.
    """

    model_config = ConfigDict(extra="forbid")

    table: Literal["answers", "tickets"]
    columns: dict[str, str] = Field(default_factory=dict)
    scores: list[Score] = Field(default_factory=list)
    comments: list[str] = Field(default_factory=list)
    constants: dict[str, str] = Field(default_factory=dict)
    blank: list[str] = Field(default_factory=list)
    dates: Order = "day"
    zone: str = "UTC"
    decimal: Decimal = "."
    units: dict[str, Unit] = Field(default_factory=dict)
    leave_out: list[str] = Field(default_factory=list)

    @field_validator("zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        return check_zone(name)

    @model_validator(mode="after")
    def _known_roles(self) -> "Mapping":
        for role in (*self.columns, *self.constants):
            check_role(self.table, role)
        return self

    def used(self) -> set[str]:
        """The columns that have a role."""
        return {*self.columns.values(), *self.comments, *(score.column for score in self.scores)}

    def missing(self, columns: Iterable[str]) -> list[str]:
        """The columns without which records of a file with these `columns` cannot be told apart, dated or scored."""
        have = set(columns)
        needed = [self.columns[role] for role in ("id", TIME[self.table]) if role in self.columns]
        needed += [score.column for score in self.scores] if self.table == "answers" else []
        return [column for column in needed if column not in have]


def check_role(table: str, role: str) -> str:
    """Return `role` when records of `table` have it.

    Raises
    ------
    UserError : they have not.
    """
    if role not in ROLES[table]:
        raise UserError(
            mark("{table} have no role {role}. Roles: {known}."), table=table, role=role, known=", ".join(ROLES[table])
        )
    return role


def fingerprint(columns: Iterable[str]) -> str:
    """Return what tells one kind of file from others: a hash of its column names in any order."""
    plain = sorted(re.sub(r"\s+", " ", column).strip().casefold() for column in columns)
    return sha256("\x1f".join(plain).encode()).hexdigest()[:32]
