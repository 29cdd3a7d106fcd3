"""A mapping: what each column of a file is. Suggested, corrected by a person, kept and used again."""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from percorso.errors import UserError
from percorso.i18n import mark
from percorso.sources.instants import Order, check_zone
from percorso.sources.metrics import Bound, needs_scale
from percorso.sources.roles import COMMENT, NEEDED, ROLES, SCORE, Unit, units_of
from percorso.sources.values import Decimal

# A record of a file with one row an answer says itself what its score measures.
AS_TOLD = ""


class Score(BaseModel):
    """A column that holds a score: what it measures and on which scale.

    `metric` is empty when another column says it row by row. `low` and `high` are empty for values on no scale, and
    where the rows say it.
    """

    model_config = ConfigDict(extra="forbid")

    column: str
    metric: str = "csat"
    low: Bound = 1
    high: Bound = 5
    polarity: Literal["higher", "lower"] = "higher"
    question: str | None = None
    aspect: str | None = None
    labels: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _rising(self) -> "Score":
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("a scale that rises, such as 1-5")
        return self


class Mapping(BaseModel):
    """What each column of a file is.

    `columns` : the column of each role that has one. `scores`, `comments` : the columns that become answers and
    mentions. `constants` : roles that have one value throughout. `blank` : codes that mean "no answer". `dates`, `zone`,
    `decimal` : how dates and numbers are written. `units` : of roles that are durations or money. `leave_out` : columns
    that are not kept in `properties`; all others that have no role are.
    """

    model_config = ConfigDict(extra="forbid")

    table: str
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

    @field_validator("table")
    @classmethod
    def _table(cls, name: str) -> str:
        if name not in ROLES:
            raise ValueError(f"one of {', '.join(ROLES)}")
        return name

    @field_validator("zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        return check_zone(name)

    @model_validator(mode="after")
    def _known_roles(self) -> "Mapping":
        for role in (*self.columns, *self.constants):
            check_role(self.table, role)
        for role, unit in self.units.items():
            check_unit(self.table, role, unit)
        return self

    def unit(self, role: str) -> Unit | None:
        """The unit of a role's numbers; None where they have none."""
        return self.units.get(role) or next(iter(units_of(role)), None)

    def has(self, role: str) -> bool:
        """Whether a column or a fixed value gives the role."""
        return role in self.columns or role in self.constants

    def role(self, column: str) -> str | None:
        """The role of a column; None when it has none."""
        if any(score.column == column for score in self.scores):
            return SCORE
        return COMMENT if column in self.comments else next((r for r, c in self.columns.items() if c == column), None)

    def used(self) -> set[str]:
        """The columns that have a role."""
        return {*self.columns.values(), *self.comments, *(score.column for score in self.scores)}

    def missing(self, columns: Iterable[str]) -> list[str]:
        """The columns without which records of a file with these `columns` cannot be told apart, dated or scored."""
        have = set(columns)
        needed = [self.columns[role] for role in ("id", *NEEDED[self.table]) if role in self.columns]
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


def check_unit(table: str, role: str, unit: str) -> None:
    """Raise UserError when the numbers of a role cannot be in `unit`."""
    known = units_of(check_role(table, role))
    if unit not in known:
        template = (
            mark("{role} cannot be in {unit}. Choose one of: {known}.")
            if known
            else mark("{role} has no unit: leave it out.")
        )
        raise UserError(template, role=role, unit=unit, known=", ".join(known))


def without_scale(mapping: Mapping) -> Score | None:
    """Return the first score that means nothing because neither it nor the rows say its scale."""
    if mapping.has("scale_max") or mapping.has("metric"):
        return None
    return next((score for score in mapping.scores if needs_scale(score.metric) and score.high is None), None)


def fingerprint(columns: Iterable[str]) -> str:
    """Return what tells one kind of file from others: a hash of its column names in any order."""
    plain = sorted(re.sub(r"\s+", " ", column).strip().casefold() for column in columns)
    return sha256("\x1f".join(plain).encode()).hexdigest()[:32]
