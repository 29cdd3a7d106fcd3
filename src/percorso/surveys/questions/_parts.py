"""What settings of several types are made of: texts by language, options, and how options are told apart."""

from collections.abc import Iterable
from typing import Annotated, Any

from django.utils.translation import gettext
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from percorso.errors import Unfit
from percorso.i18n import mark
from percorso.surveys.question import Tell

LONGEST_LABEL = 1000
MOST_OPTIONS = 300
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Text = dict[Language, Annotated[str, StringConstraints(max_length=LONGEST_LABEL)]]

# Labels of options that everybody has, where a survey gives them no texts of its own.
KNOWN = {"yes": mark("Yes"), "no": mark("No"), "other": mark("Other"), "none": mark("None of these")}
OTHER = "other"


class Piece(BaseModel):
    """Something with an id and a text: an option, a row, a column."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    id: Key = Field(description="Never changes; answers name it.")
    text: Text = Field(default_factory=dict, description="What people read, by language.")

    def named(self, tell: Tell) -> str:
        """Return the label in the respondent's language; the id where nobody wrote one."""
        return tell(self.text) or (gettext(KNOWN[self.id]) if self.id in KNOWN else self.id)


class Option(Piece):
    """One thing to choose."""

    score: float | None = Field(
        None, description="What choosing it counts for the metric: 1 for yes and 0 for no, or its place on a scale."
    )


def different(pieces: Iterable[Piece], *more: str) -> None:
    """Refuse settings in which two pieces have one id.

    Raises
    ------
    ValueError : two of them have.
    """
    ids = [piece.id for piece in pieces] + list(more)
    twice = sorted({key for key in ids if ids.count(key) > 1})
    if twice:
        raise Unfit(mark("Ids must differ: {ids}."), ids=", ".join(twice))


def scale_of(options: Iterable[Option]) -> tuple[float, float] | None:
    """Return the lowest and the highest score of options; None when fewer than two have one."""
    scores = [option.score for option in options if option.score is not None]
    return (min(scores), max(scores)) if len(scores) > 1 else None


def found(pieces: Iterable[Piece], text: str) -> str | None:
    """Return the id of the piece that a text names: by its id, or by its label in any language; None for none."""
    pieces = list(pieces)
    wanted = text.strip().casefold()
    exact = next((piece.id for piece in pieces if piece.id == text.strip()), None)
    return exact or next((piece.id for piece in pieces if wanted in _names(piece)), None)


def _names(piece: Piece) -> set[str]:
    known = {KNOWN[piece.id], gettext(KNOWN[piece.id])} if piece.id in KNOWN else set()
    return {name.strip().casefold() for name in (*piece.text.values(), *known, piece.id)}


def labels(pieces: Iterable[Piece], tell: Tell) -> dict[str | float, str]:
    """Return the labels of pieces by id."""
    return {piece.id: piece.named(tell) for piece in pieces}


def as_map(value: Any) -> dict[str, Any]:
    """Return the texts, numbers and ticks of an answer that should be an object; empty when it is none."""
    told = value.items() if isinstance(value, dict) else ()
    return {key: one for key, one in told if isinstance(one, str | int | float)}


def as_ids(value: Any) -> list[str]:
    """Return the ids of an answer that should be a list; empty when it is none."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
