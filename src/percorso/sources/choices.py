"""What can be chosen for a column of a file, as one value each, and the mapping that the choices make."""

from collections.abc import Iterator, Mapping

from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.sources.mapping import AS_TOLD, Score
from percorso.sources.mapping import Mapping as ColumnMapping
from percorso.sources.metrics import METRICS
from percorso.sources.roles import ROLES, SCORE, SEVERAL, Unit, units_of

PROPERTY, LEFT_OUT = "", "-"
OF_TICKETS = ("csat", "ces", "nps", "fcr")
UNITS: dict[Unit, str] = {
    "seconds": mark("in seconds"), "minutes": mark("in minutes"), "hours": mark("in hours"), "days": mark("in days"),
    "major": mark("such as 49.90"), "minor": mark("in cents, such as 4990"),
}  # fmt: skip


def score_value(score: Score) -> str:
    """Return a score as the value of a choice, e.g. ``score:csat:1:5:higher``; a bound that there is not is empty."""
    low, high = ("" if bound is None else f"{bound:g}" for bound in (score.low, score.high))
    return f"score:{score.metric}:{low}:{high}:{score.polarity}"


def scores_offered(mapping: ColumnMapping) -> list[Score]:
    """Return the scores to choose among: the usual ones, and those that the mapping has besides."""
    usual = [*_usual()] if mapping.table == "answers" else [s for s in _usual() if s.metric in OF_TICKETS]
    known = {score_value(score) for score in usual}
    return usual + [score for score in mapping.scores if score_value(score) not in known]


def _usual() -> Iterator[Score]:
    for key, metric in METRICS.items():
        if metric.unscaled:
            yield Score(column="", metric=key, low=None, high=None)
        scales = [(metric.low, metric.high)] if metric.high is not None else []
        for low, high in (*scales, *metric.scales):
            yield Score(column="", metric=key, low=low, high=high)
            if key == "ces":
                yield Score(column="", metric=key, low=low, high=high, polarity="lower")
    yield Score(column="", metric=AS_TOLD, low=None, high=None)


def chosen(mapping: ColumnMapping, column: str) -> str:
    """Return the choice that a mapping makes for a column."""
    for score in mapping.scores:
        if score.column == column:
            return score_value(score)
    if column in mapping.leave_out:
        return LEFT_OUT
    role = mapping.role(column) or PROPERTY
    return f"{role}:{unit}" if role and (unit := mapping.unit(role)) else role


def roles_offered(table: str) -> Iterator[tuple[str, str, Unit | None]]:
    """Yield the roles to choose among: value, role, unit of durations."""
    for role in ROLES[table]:
        if units := units_of(role):
            yield from ((f"{role}:{unit}", role, unit) for unit in units)
        elif role != SCORE:
            yield role, role, None


def mapping_of(base: ColumnMapping, choices: Mapping[str, str]) -> ColumnMapping:
    """Return `base` with what a person chose for each column.

    Raises
    ------
    BadQuestion : two columns have a role that only one can have.
    """
    made = base.model_copy(
        deep=True, update={"columns": {}, "scores": [], "comments": [], "leave_out": [], "units": {}}
    )
    before = {score.column: score for score in base.scores}
    for column, choice in choices.items():
        if choice.startswith("score:"):
            made.scores.append(_score(column, choice, before.get(column)))
        elif choice == "comment":
            made.comments.append(column)
        elif choice == LEFT_OUT:
            made.leave_out.append(column)
        elif choice != PROPERTY:
            _give(made, column, choice)
    made.constants = {role: value for role, value in made.constants.items() if role not in made.columns}
    return made


def _score(column: str, choice: str, before: Score | None) -> Score:
    _, metric, low, high, polarity = choice.split(":")
    kept = before.model_dump() if before else {"column": column}
    return Score.model_validate(
        kept | {"metric": metric, "low": low or None, "high": high or None, "polarity": polarity}
    )


def _give(mapping: ColumnMapping, column: str, choice: str) -> None:
    role, _, unit = choice.partition(":")
    assert role not in SEVERAL
    if role in mapping.columns:
        raise BadQuestion(
            mark("Two columns, {first} and {second}, are {role}: only one can be. Choose something else for one of them."),
            first=mapping.columns[role], second=column, role=role,
        )  # fmt: skip
    mapping.columns[role] = column
    if unit:
        mapping.units[role] = unit  # type: ignore[assignment]
