"""What can be chosen for a column of a file, as one value each, and the mapping that the choices make."""

from collections.abc import Iterator, Mapping

from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.sources.mapping import ROLES, SEVERAL, Score, Unit
from percorso.sources.mapping import Mapping as ColumnMapping
from percorso.sources.words import DURATION_WORDS

PROPERTY, LEFT_OUT = "", "-"
UNITS: dict[Unit, str] = {
    "seconds": mark("in seconds"), "minutes": mark("in minutes"), "hours": mark("in hours"), "days": mark("in days"),
}  # fmt: skip
# Metric, lowest, highest, which end is good.
SCORES: tuple[tuple[str, float, float, str], ...] = (
    ("nps", 0, 10, "higher"), ("nps", 1, 10, "higher"),
    ("csat", 1, 5, "higher"), ("csat", 0, 5, "higher"), ("csat", 1, 3, "higher"), ("csat", 1, 4, "higher"),
    ("csat", 1, 7, "higher"), ("csat", 1, 10, "higher"), ("csat", 0, 10, "higher"), ("csat", 0, 100, "higher"),
    ("csat", 0, 1, "higher"),
    ("ces", 1, 7, "higher"), ("ces", 1, 5, "higher"), ("ces", 1, 5, "lower"), ("ces", 1, 7, "lower"),
    ("fcr", 0, 1, "higher"),
)  # fmt: skip


def score_value(score: Score) -> str:
    """Return a score as the value of a choice, e.g. ``score:csat:1:5:higher``."""
    return f"score:{score.metric}:{score.low:g}:{score.high:g}:{score.polarity}"


def scores_offered(mapping: ColumnMapping) -> list[Score]:
    """Return the scores to choose among: the usual ones, and those that the mapping has besides."""
    usual = [Score(column="", metric=m, low=low, high=high, polarity=p) for m, low, high, p in SCORES]  # type: ignore[arg-type]
    known = {score_value(score) for score in usual}
    return usual + [score for score in mapping.scores if score_value(score) not in known]


def chosen(mapping: ColumnMapping, column: str) -> str:
    """Return the choice that a mapping makes for a column."""
    for score in mapping.scores:
        if score.column == column:
            return score_value(score)
    if column in mapping.comments:
        return "comment"
    if column in mapping.leave_out:
        return LEFT_OUT
    role = next((role for role, name in mapping.columns.items() if name == column), PROPERTY)
    return f"{role}:{mapping.units[role]}" if role in mapping.units else role


def roles_offered(table: str) -> Iterator[tuple[str, str, Unit | None]]:
    """Yield the roles to choose among: value, role, unit of durations."""
    for role in ROLES[table]:
        if role in DURATION_WORDS:
            yield from ((f"{role}:{unit}", role, unit) for unit in UNITS)
        elif role != "score":
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
    return Score.model_validate(kept | {"metric": metric, "low": low, "high": high, "polarity": polarity})


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
