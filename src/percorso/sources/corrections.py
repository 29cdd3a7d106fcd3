"""What a person says about the columns, on top of what was suggested or kept."""

import re
from typing import Literal

from pydantic import Field, field_validator

from percorso.errors import UserError
from percorso.i18n import mark
from percorso.sources.instants import Order, check_zone
from percorso.sources.mapping import Mapping, Score, check_role, check_unit
from percorso.sources.metrics import METRICS, scale_of_metric
from percorso.sources.readers.base import Format
from percorso.sources.roles import Unit
from percorso.sources.values import Decimal


class Corrections(Format):
    """What a person says about the columns, on top of a mapping."""

    map: dict[str, str | list[str]] = Field(default_factory=dict, description="what columns are: their by our name")
    set: dict[str, str] = Field(default_factory=dict, description="values that hold for all rows, by our name")
    unit: dict[str, Unit] = Field(
        default_factory=dict, description="what numbers are in, by our name: minor, minutes …"
    )
    metric: str | None = Field(None, description="what the scores measure")
    scale: str | None = Field(None, description="the scale of the scores, such as 1-5")
    polarity: Literal["higher", "lower"] | None = Field(None, description="which scores are good")
    blank: list[str] = Field(default_factory=list, description="codes that mean no answer")
    zone: str | None = Field(None, description="the time zone of local times; default: the workspace's")
    dates: Order | None = Field(None, description="what comes first in dates like 03/04/2025; default: found out")
    decimal: Decimal | None = Field(None, description="the decimal sign; default: found out")

    @field_validator("metric")
    @classmethod
    def _metric(cls, metric: str | None) -> str | None:
        if metric is not None and metric not in METRICS:
            raise ValueError(f"one of {', '.join(METRICS)}")
        return metric

    @field_validator("zone")
    @classmethod
    def _zone(cls, name: str | None) -> str | None:
        return name if name is None else check_zone(name)

    @field_validator("scale")
    @classmethod
    def _scale(cls, text: str | None) -> str | None:
        if text is not None and scale_of(text) is None:
            raise ValueError("two numbers, the lower first, such as 1-5 or 0-10")
        return text


def scale_of(text: str) -> tuple[float, float] | None:
    """Return the scale that a text such as ``1-5`` or ``0 to 10`` names.

    Examples
    --------
    >>> scale_of("0-10"), scale_of("de 1 a 5"), scale_of("5-1")
    ((0.0, 10.0), (1.0, 5.0), None)
    """
    match = re.search(r"(?<!\d)(-?\d+)\s*(?:-|–|to|a|até|al|e|\.\.)\s*(\d+)(?!\d)", text)
    if match is None or float(match[1]) >= float(match[2]):
        return None
    return float(match[1]), float(match[2])


def corrected(mapping: Mapping, given: Corrections, columns: list[str]) -> Mapping:
    """Return `mapping` with a person's corrections.

    Raises
    ------
    UserError : a column or role that does not exist.
    """
    change = mapping.model_copy(deep=True)
    for role, named in given.map.items():
        check_role(change.table, role)
        wanted = [find_column(name, columns) for name in ([named] if isinstance(named, str) else named) if name]
        _free(change, wanted)
        _assign(change, role, wanted, given)
    for role, value in given.set.items():
        change.columns.pop(check_role(change.table, role), None)
        change.constants[role] = value
    for role, unit in given.unit.items():
        check_unit(change.table, role, unit)
        change.units[role] = unit
    for score in change.scores:
        _rescale(score, given)
    change.blank = [*dict.fromkeys([*change.blank, *given.blank])]
    for name in ("zone", "dates", "decimal"):
        if getattr(given, name) is not None:
            setattr(change, name, getattr(given, name))
    return change


def find_column(name: str, columns: list[str]) -> str:
    """Return the column called `name`, without regard to case and blanks around it.

    Raises
    ------
    UserError : there is none.
    """
    if name in columns:
        return name
    for column in columns:
        if column.strip().casefold() == name.strip().casefold():
            return column
    raise UserError(mark("There is no column {column}. Columns: {known}."), column=name, known=", ".join(columns))


def _free(mapping: Mapping, columns: list[str]) -> None:
    """Take columns out of the roles that they have."""
    mapping.columns = {role: column for role, column in mapping.columns.items() if column not in columns}
    mapping.comments = [column for column in mapping.comments if column not in columns]
    mapping.constants = dict(mapping.constants)


def _assign(mapping: Mapping, role: str, columns: list[str], given: Corrections) -> None:
    if role == "score":
        before = {score.column: score for score in mapping.scores}
        mapping.scores = [before.get(column) or _score(column, given) for column in columns]
        return
    mapping.scores = [score for score in mapping.scores if score.column not in columns]
    if role == "comment":
        mapping.comments = columns
    elif len(columns) > 1:
        raise UserError(mark("Only one column can be {role}; give one."), role=role)
    else:
        mapping.constants.pop(role, None)
        mapping.columns.pop(role, None)
        mapping.columns.update((role, column) for column in columns)


def _score(column: str, given: Corrections) -> Score:
    metric = given.metric or "csat"
    low, high = scale_of_metric(metric)
    return Score(column=column, metric=metric, low=low, high=high)


def _rescale(score: Score, given: Corrections) -> None:
    if given.metric is not None and given.metric != score.metric:
        score.metric = given.metric
        score.low, score.high = scale_of_metric(given.metric)
        score.polarity = "higher"
    if given.scale is not None and (scale := scale_of(given.scale)):
        score.low, score.high = scale
    if given.polarity is not None:
        score.polarity = given.polarity
